import SnugKit
import SnugShared
import SwiftUI

/// Snug on a phone: a room for a few people that leaves nothing behind.
@main
struct SnugApp: App {
  @Environment(\.scenePhase) private var scenePhase
  @State private var whereabouts = Whereabouts()

  var body: some Scene {
    WindowGroup {
      RootView()
        .environment(whereabouts)
        .tint(Palette.accent)
        .onOpenURL { whereabouts.knock(with: $0.absoluteString) }
        .onContinueUserActivity(NSUserActivityTypeBrowsingWeb) { activity in
          if let link = activity.webpageURL { whereabouts.knock(with: link.absoluteString) }
        }
    }
    .onChange(of: scenePhase) { _, phase in
      switch phase {
      case .active: whereabouts.visit?.enteredForeground()
      case .background: whereabouts.visit?.enteredBackground()
      default: break
      }
    }
  }
}
