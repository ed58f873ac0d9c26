import SnugShared
import SwiftUI

/// Covers the screen while nobody looks at it. The system takes a picture of every app that goes to
/// the background, and keeps it on disk: nothing of a room may be in it.
private struct Curtain: ViewModifier {
  @Environment(\.scenePhase) private var scenePhase

  func body(content: Content) -> some View {
    content.overlay {
      if scenePhase != .active {
        ZStack {
          Palette.ground.ignoresSafeArea()
          Mark(size: 72)
        }
      }
    }
  }
}

extension View {
  /// For everything that lies over all else: the app itself and its sheets.
  func curtained() -> some View { modifier(Curtain()) }
}
