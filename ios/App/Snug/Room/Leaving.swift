import SnugKit
import SwiftUI

/// Asks before a room is left: everything of it will be gone.
private struct Leaving: ViewModifier {
  let visit: Visit
  @Binding var isPresented: Bool
  let leave: @MainActor () -> Void

  func body(content: Content) -> some View {
    content.confirmationDialog(
      "Leave this room?", isPresented: $isPresented, titleVisibility: .visible
    ) {
      Button("Leave", role: .destructive, action: leave)
      Button("Stay", role: .cancel) {}
    } message: {
      warning
    }
  }

  private var warning: Text {
    let all = Text(
      "Everything will be gone: what was said, and every file you have not saved. The others keep what they have until they leave."
    )
    let unsaved = visit.unsaved.reduce(0) { $0 + $1.offer.fileCount }
    let running = visit.room.running.count
    var text = all
    if unsaved > 0 {
      text = text + Text(verbatim: "\n\n") + Text("\(unsaved) files are here and not saved.")
    }
    if running > 0 {
      text =
        text + Text(verbatim: "\n\n") + Text("\(running) transfers are on their way and would end.")
    }
    return text
  }
}

extension View {
  func leaving(
    _ visit: Visit, isPresented: Binding<Bool>, leave: @escaping @MainActor () -> Void
  ) -> some View {
    modifier(Leaving(visit: visit, isPresented: isPresented, leave: leave))
  }
}
