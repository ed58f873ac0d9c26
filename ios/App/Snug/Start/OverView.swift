import SnugKit
import SnugShared
import SwiftUI

/// The room is over: why, and what to do now.
struct OverView: View {
  @Environment(Whereabouts.self) private var whereabouts
  let visit: Visit
  let ending: Ending

  private var hasLeft: Bool { ending == .left }

  var body: some View {
    Page {
      VStack(alignment: .leading, spacing: Space.near) {
        Image(systemName: hasLeft ? "checkmark.circle" : "exclamationmark.triangle")
          .font(.largeTitle)
          .foregroundStyle(hasLeft ? Palette.good : Palette.warn)
          .accessibilityHidden(true)
        Heading(title: ending.title, text: ending.text)
        if let detail = ending.detail {
          DisclosureGroup("What happened") {
            Text(verbatim: detail).font(.footnote).foregroundStyle(Palette.inkSecond)
              .frame(maxWidth: .infinity, alignment: .leading)
          }
          .tint(Palette.accent)
        }
      }
      ways
    }
  }

  private var ways: some View {
    VStack(spacing: Space.near) {
      if hasLeft {
        Button("To the start") { whereabouts.start() }.buttonStyle(.filled)
        Button("Come in again") { whereabouts.again(visit) }.buttonStyle(.outline)
      } else {
        if ending.remedy == .allowNearby {
          Button("Open Settings") { SystemSettings.open() }.buttonStyle(.outline)
        }
        Button("Try again") { whereabouts.again(visit) }.buttonStyle(.filled)
        Button("To the start") { whereabouts.start() }.buttonStyle(.outline)
      }
    }
  }
}
