import SnugKit
import SnugShared
import SwiftUI

/// A quiet line: who came and went.
struct NoteLine: View {
  let room: RoomModel
  let note: TimelineEntry.Note
  let at: Date

  var body: some View {
    HStack(spacing: Space.tight) {
      words
      Text(at, format: .dateTime.hour().minute())
    }
    .font(.footnote)
    .foregroundStyle(Palette.inkSecond)
    .multilineTextAlignment(.center)
    .frame(maxWidth: .infinity)
    .accessibilityElement(children: .combine)
  }

  private var words: Text {
    switch note {
    case .joined(let id): Text("\(room.name(of: id)) came in")
    case .left(let id, saidGoodbye: true): Text("\(room.name(of: id)) has left")
    case .left(let id, saidGoodbye: false):
      Text("\(room.name(of: id)) is gone. The connection was lost.")
    case .misbehaved(let id):
      Text("\(room.name(of: id)) sent something that breaks the rules. It was thrown away.")
    }
  }
}

/// Messages that are known to exist and have not come.
struct MissingLines: View {
  let room: RoomModel

  var body: some View {
    ForEach(room.people.filter { $0.missing > 0 }) { person in
      missing(Int(clamping: person.missing), of: room.name(of: person.id))
        .font(.footnote)
        .foregroundStyle(Palette.warn)
        .frame(maxWidth: .infinity)
    }
  }

  private func missing(_ count: Int, of name: String) -> Text {
    count == 1
      ? Text("A message of \(name) is still missing")
      : Text("\(count) messages of \(name) are still missing")
  }
}

/// Who is typing.
struct TypingLine: View {
  let room: RoomModel

  var body: some View {
    let typing = room.typing
    HStack(spacing: Space.tight) {
      if !typing.isEmpty {
        Dots(size: 6)
        words(room.names(of: typing.map(\.id)), isOne: typing.count == 1)
          .font(.footnote)
          .foregroundStyle(Palette.inkSecond)
      }
    }
    .frame(minHeight: Space.wide, alignment: .leading)
    .settling(typing.isEmpty)
  }

  private func words(_ names: String, isOne: Bool) -> Text {
    isOne ? Text("\(names) is typing") : Text("\(names) are typing")
  }
}

/// An empty room: its code, large, and how others come in. And what to do once somebody is here.
struct Alone: View {
  let room: RoomModel

  var body: some View {
    VStack(spacing: Space.middle) {
      if !room.present.isEmpty {
        sentence(
          "You are together", "Say something, or show a file. Only those who are here get it.")
      } else if let code = room.code {
        sentence(
          "Say this code to someone", "Whoever types it is in. Read it out, or send the link.")
        SpokenCode(code: code)
        QRCodeView(text: room.link ?? code.text).frame(maxWidth: 220)
        ShareActions(code: code, link: room.link)
        if case .on = room.connection.nearby {
          Text("Looking for phones beside you that know this code.")
            .font(.footnote)
            .foregroundStyle(Palette.inkSecond)
        }
      }
    }
    .padding(.vertical, Space.wide)
    .frame(maxWidth: .infinity)
  }

  private func sentence(_ title: LocalizedStringKey, _ text: LocalizedStringKey) -> some View {
    VStack(spacing: Space.tight) {
      Text(title).font(.title2.weight(.semibold)).foregroundStyle(Palette.ink)
        .accessibilityAddTraits(.isHeader)
      Text(text).foregroundStyle(Palette.inkSecond)
    }
    .multilineTextAlignment(.center)
  }
}
