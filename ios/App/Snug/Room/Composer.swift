import SnugKit
import SnugShared
import SwiftUI

/// Where one writes, and offers files.
struct Composer: View {
  let visit: Visit
  @FocusState private var isFocused: Bool

  private var draft: Draft { visit.draft }
  private var isEmpty: Bool {
    draft.text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty
  }
  private var isTooLong: Bool { draft.text.utf8.count > Self.mostBytes }

  var body: some View {
    @Bindable var draft = visit.draft
    VStack(alignment: .leading, spacing: Space.tight) {
      if draft.purpose != .new { DraftPurpose(room: visit.room, draft: draft) }
      if isTooLong {
        Text("This is too long for one message.").font(.footnote).foregroundStyle(Palette.bad)
      }
      HStack(alignment: .bottom, spacing: Space.tight) {
        AttachMenu(visit: visit)
        TextField("Say something", text: $draft.text, axis: .vertical)
          .lineLimit(1...6)
          .focused($isFocused)
          .padding(.vertical, Space.tight)
          .field()
          .accessibilityLabel("Message")
        send
      }
    }
    .padding(.horizontal, Space.middle)
    .padding(.vertical, Space.tight)
    .background(Palette.surface)
    .overlay(alignment: .top) { Rectangle().fill(Palette.line).frame(height: 1) }
    .onChange(of: draft.wanted) { isFocused = true }
    .onChange(of: draft.text) { visit.room.typing(!isEmpty) }
    .onChange(of: isFocused) { if !isFocused { visit.room.typing(false) } }
  }

  private var isEditing: Bool {
    if case .edit = draft.purpose { true } else { false }
  }

  private var send: some View {
    Button(action: say) {
      Image(systemName: isEditing ? "checkmark.circle.fill" : "arrow.up.circle.fill")
        .font(.title)
        .foregroundStyle(isEmpty || isTooLong ? Palette.edge : Palette.accent)
        .frame(minWidth: fingertip, minHeight: fingertip)
    }
    .disabled(isEmpty || isTooLong)
    .accessibilityLabel(isEditing ? "Save the change" : "Send")
    .keyboardShortcut(.return, modifiers: .command)
  }

  /// What the engine takes as one message.
  private static let mostBytes = 16 << 10

  private func say() {
    let room = visit.room
    switch draft.purpose {
    case .new: room.say(draft.text)
    case .answer(let id): room.say(draft.text, replyingTo: room.message(id))
    case .edit(let id): if let message = room.message(id) { room.edit(message, draft.text) }
    }
    draft.clear()
    room.typing(false)
  }
}

/// What the draft is about, if it is not a new message.
private struct DraftPurpose: View {
  let room: RoomModel
  let draft: Draft

  var body: some View {
    HStack(spacing: Space.tight) {
      Image(systemName: symbol).accessibilityHidden(true)
      words.font(.footnote)
      Spacer()
      Button("Cancel", systemImage: "xmark") { draft.cancel() }
        .labelStyle(.iconOnly)
        .frame(minWidth: fingertip, minHeight: fingertip)
    }
    .foregroundStyle(Palette.inkSecond)
  }

  private var symbol: String {
    if case .edit = draft.purpose { "pencil" } else { "arrowshape.turn.up.left" }
  }

  private var words: Text {
    switch draft.purpose {
    case .new: Text(verbatim: "")
    case .answer(let id):
      Text("Answering \(room.message(id).map { room.name(of: $0.author) } ?? "")")
    case .edit: Text("Changing your message")
    }
  }
}
