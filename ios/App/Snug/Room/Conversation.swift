import SnugKit
import SnugShared
import SwiftUI

/// What was said and shown, oldest first. It stays at its end while the reader is there.
struct Conversation: View {
  let visit: Visit
  /// Whether the newest is on the screen.
  @State private var isAtEnd = true
  @State private var shown = page
  @Environment(\.accessibilityReduceMotion) private var reduceMotion
  @Environment(\.scenePhase) private var scenePhase

  private var room: RoomModel { visit.room }
  private var entries: ArraySlice<TimelineEntry> { room.timeline.suffix(shown) }

  var body: some View {
    ScrollViewReader { reader in
      ScrollView {
        LazyVStack(alignment: .leading, spacing: Space.near) {
          if room.timeline.count > shown {
            Button("Show earlier") { shown += Self.page }.buttonStyle(.small)
              .frame(maxWidth: .infinity)
          }
          ForEach(entries) { entry in
            EntryView(visit: visit, entry: entry).arriving()
          }
          if !hasTalk { Alone(room: room) }
          MissingLines(room: room)
          TypingLine(room: room)
          end
        }
        .padding(Space.middle)
        .settling(room.timeline.count)
      }
      .defaultScrollAnchor(.bottom)
      .scrollDismissesKeyboard(.interactively)
      .overlay(alignment: .bottom) { if !isAtEnd { toEnd(reader) } }
      .onChange(of: room.timeline.last?.id) { follow(reader) }
      .onChange(of: scenePhase) { look() }
    }
    .accessibilityLabel("Messages")
  }

  /// Nothing to be seen, but it tells whether the end is looked at.
  private var end: some View {
    Color.clear.frame(height: 1).id(Self.endID)
      .onAppear {
        isAtEnd = true
        look()
      }
      .onDisappear { isAtEnd = false }
  }

  private var hasTalk: Bool {
    room.timeline.contains { if case .note = $0.content { false } else { true } }
  }

  private func toEnd(_ reader: ScrollViewProxy) -> some View {
    Button {
      scroll(reader)
    } label: {
      if room.unread > 0 {
        Label("\(room.unread) new messages", systemImage: "arrow.down")
      } else {
        Label("To the newest", systemImage: "arrow.down")
      }
    }
    .buttonStyle(.smallFilled)
    .padding(Space.tight)
  }

  /// Who reads further up stays there, unless they said something themselves.
  private func follow(_ reader: ScrollViewProxy) {
    if isAtEnd || isMine(room.timeline.last) { scroll(reader) }
    look()
  }

  private func scroll(_ reader: ScrollViewProxy) {
    withAnimation(reduceMotion ? nil : .easeOut(duration: Motion.slow)) {
      reader.scrollTo(Self.endID, anchor: .bottom)
    }
  }

  private func isMine(_ entry: TimelineEntry?) -> Bool {
    switch entry?.content {
    case .message(let id): room.message(id)?.isMine == true
    case .transfer(let id): room.transfer(id)?.isMine == true
    case .note, nil: false
    }
  }

  /// Only what is on a screen that is on counts as seen.
  private func look() {
    if isAtEnd, scenePhase == .active { room.markRead() }
  }

  private static let endID = "end"
  /// Entries that are drawn at once; more on demand.
  private static let page = 120
}

/// One thing in the conversation.
private struct EntryView: View {
  let visit: Visit
  let entry: TimelineEntry

  var body: some View {
    switch entry.content {
    case .message(let id):
      if let message = visit.room.message(id) {
        MessageRow(visit: visit, message: message)
      }
    case .transfer(let id):
      if let transfer = visit.room.transfer(id) {
        TransferCard(visit: visit, transfer: transfer, at: entry.at)
      }
    case .note(let note): NoteLine(room: visit.room, note: note, at: entry.at)
    }
  }
}
