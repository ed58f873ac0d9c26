import SnugKit
import SnugShared
import SwiftUI
import UIKit

/// What can be done with a message: in its menu, and as actions of VoiceOver.
struct MessageActions: View {
  let visit: Visit
  let message: Message

  var body: some View {
    ControlGroup {
      ForEach(Self.emoji, id: \.self) { emoji in
        Button {
          visit.room.react(to: message, emoji)
        } label: {
          Text(verbatim: emoji)
        }
        .accessibilityLabel("React with \(emoji)")
      }
    }
    .controlGroupStyle(.compactMenu)
    Button("Reply", systemImage: "arrowshape.turn.up.left") { visit.draft.answer(message) }
    Button("Copy", systemImage: "doc.on.doc") {
      UIPasteboard.general.string = message.text ?? ""
    }
    if message.isMine {
      Button("Edit", systemImage: "pencil") { visit.draft.edit(message) }
      Button("Take back", systemImage: "trash", role: .destructive) { visit.room.delete(message) }
    }
  }

  /// What people answer with most.
  private static let emoji = ["👍", "❤️", "😂", "😮", "😢", "🎉"]
}

/// The reactions under a message. A tap sets one's own, or takes it back.
struct Reactions: View {
  let room: RoomModel
  let message: Message

  var body: some View {
    if !message.reactions.isEmpty {
      Flow(spacing: Space.hair) {
        ForEach(message.reactions) { reaction in
          Button {
            room.react(to: message, reaction.emoji)
          } label: {
            HStack(spacing: Space.hair) {
              Text(verbatim: Tame.text(String(reaction.emoji.prefix(8))))
              Text(reaction.by.count, format: .number)
            }
          }
          .buttonStyle(ReactionButton(isMine: isMine(reaction)))
          .accessibilityLabel("\(reaction.emoji) from \(room.names(of: reaction.by))")
        }
      }
    }
  }

  private func isMine(_ reaction: Reaction) -> Bool {
    room.me.map(reaction.by.contains) ?? false
  }
}

private struct ReactionButton: ButtonStyle {
  let isMine: Bool

  func makeBody(configuration: Configuration) -> some View {
    configuration.label
      .font(.footnote)
      .padding(.horizontal, Space.tight)
      .frame(minWidth: fingertip, minHeight: fingertip)
      .background(isMine ? Palette.accentSoft : Palette.raised, in: Capsule())
      .overlay(Capsule().strokeBorder(isMine ? Palette.accent : Palette.line))
      .opacity(configuration.isPressed ? 0.7 : 1)
  }
}
