import SnugKit
import SnugShared
import SwiftUI

/// One message: who said it, what, and what became of it.
struct MessageRow: View {
  let visit: Visit
  let message: Message
  @State private var isWhole = false

  private var room: RoomModel { visit.room }

  var body: some View {
    HStack(alignment: .top, spacing: Space.tight) {
      if message.isMine {
        Spacer(minLength: Space.screen)
      } else {
        Avatar(id: message.author, name: room.name(of: message.author))
      }
      VStack(alignment: message.isMine ? .trailing : .leading, spacing: Space.hair) {
        if !message.isMine { author }
        bubble
        Reactions(room: room, message: message)
        Footnote(room: room, message: message)
      }
      if !message.isMine { Spacer(minLength: Space.wide) }
    }
    .accessibilityElement(children: .combine)
    .accessibilityActions {
      if !message.isDeleted { MessageActions(visit: visit, message: message) }
    }
  }

  private var author: some View {
    Text(verbatim: room.name(of: message.author))
      .font(.footnote.weight(.semibold))
      .foregroundStyle(Palette.hues[message.author.hue])
  }

  private var bubble: some View {
    VStack(alignment: .leading, spacing: Space.tight) {
      if let id = message.replyTo { Answered(room: room, id: id) }
      if let text = message.text {
        Text(MessageText.styled(text))
          .lineLimit(isWhole ? nil : Self.foldedLines)
          .foregroundStyle(Palette.ink)
          .tint(Palette.accent)
        if MessageText.isLong(text) {
          Button(isWhole ? "Show less" : "Show all") { isWhole.toggle() }
            .font(.footnote)
            .frame(minHeight: fingertip)
        }
      } else {
        Text("taken back").italic().foregroundStyle(Palette.inkSecond)
      }
    }
    .padding(.horizontal, Space.near)
    .padding(.vertical, Space.tight)
    .background(
      message.isMine ? Palette.accentSoft : Palette.surface,
      in: RoundedRectangle(cornerRadius: Radius.middle)
    )
    .contextMenu { if !message.isDeleted { MessageActions(visit: visit, message: message) } }
  }

  /// Nobody has to scroll past what is endless.
  private static let foldedLines = 24
}

/// What a message answers.
private struct Answered: View {
  let room: RoomModel
  let id: MessageID

  var body: some View {
    HStack(spacing: Space.tight) {
      Capsule().fill(Palette.accent).frame(width: 3)
      VStack(alignment: .leading) {
        if let message = room.message(id) {
          Text(verbatim: room.name(of: message.author)).fontWeight(.semibold)
          if let text = message.text {
            Text(verbatim: Tame.text(String(text.prefix(140)))).lineLimit(2)
          } else {
            Text("taken back").italic()
          }
        } else {
          Text("a message that is not here").italic()
        }
      }
    }
    .font(.footnote)
    .foregroundStyle(Palette.inkSecond)
    .fixedSize(horizontal: false, vertical: true)
  }
}

/// When it was said, and how far it has got.
private struct Footnote: View {
  let room: RoomModel
  let message: Message

  var body: some View {
    HStack(spacing: Space.hair) {
      if message.isEdited { Text("edited") }
      Text(message.sentAt, format: .dateTime.hour().minute())
      if message.isMine {
        let reach = room.reach(of: message)
        Image(systemName: reach.symbol)
          .foregroundStyle(reach == .read ? Palette.good : Palette.inkSecond)
          .accessibilityLabel(reach.words)
      }
    }
    .font(.caption)
    .foregroundStyle(Palette.inkSecond)
  }
}

extension Reach {
  fileprivate var symbol: String {
    switch self {
    case .sent: "checkmark"
    case .delivered: "checkmark.circle"
    case .read: "checkmark.circle.fill"
    }
  }

  fileprivate var words: LocalizedStringKey {
    switch self {
    case .sent: "Sent"
    case .delivered: "Arrived at everyone"
    case .read: "Read by everyone"
    }
  }
}
