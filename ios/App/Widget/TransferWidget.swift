import ActivityKit
import SnugShared
import SwiftUI
import WidgetKit

/// Running transfers on the lock screen and in the Dynamic Island.
struct TransferWidget: Widget {
  var body: some WidgetConfiguration {
    ActivityConfiguration(for: TransferAttributes.self) { context in
      LockScreen(state: context.state, isStale: context.isStale)
        .activityBackgroundTint(Palette.surface)
        .activitySystemActionForegroundColor(Palette.accent)
    } dynamicIsland: { context in
      DynamicIsland {
        DynamicIslandExpandedRegion(.leading) { Direction(state: context.state) }
        DynamicIslandExpandedRegion(.trailing) { Percent(state: context.state) }
        DynamicIslandExpandedRegion(.bottom) {
          Far(state: context.state, isStale: context.isStale)
        }
      } compactLeading: {
        Image(systemName: context.state.symbol).foregroundStyle(Palette.accent)
      } compactTrailing: {
        Percent(state: context.state)
      } minimal: {
        Image(systemName: context.state.symbol).foregroundStyle(Palette.accent)
      }
      .keylineTint(Palette.accent)
    }
  }
}

private struct LockScreen: View {
  let state: TransferAttributes.ContentState
  let isStale: Bool

  var body: some View {
    VStack(alignment: .leading, spacing: Space.tight) {
      HStack {
        Direction(state: state)
        Spacer()
        Percent(state: state)
      }
      .font(.headline)
      .foregroundStyle(Palette.ink)
      Far(state: state, isStale: isStale)
    }
    .padding(Space.middle)
    .accessibilityElement(children: .combine)
  }
}

/// How many files go which way. Never what they are, nor to whom.
private struct Direction: View {
  let state: TransferAttributes.ContentState

  var body: some View {
    Label("\(state.incoming + state.outgoing) files", systemImage: state.symbol)
      .accessibilityHint(state.words)
  }
}

private struct Percent: View {
  let state: TransferAttributes.ContentState

  var body: some View {
    Text(state.fraction, format: .percent.precision(.fractionLength(0))).monospacedDigit()
  }
}

private struct Far: View {
  let state: TransferAttributes.ContentState
  let isStale: Bool

  var body: some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      ProgressView(value: state.fraction).tint(Palette.accent)
      Group {
        if state.waiting || isStale {
          Text("Waiting. Open Snug to go on.")
        } else if let left = state.secondsLeft {
          Text(
            "\(Duration.seconds(left).formatted(.units(width: .abbreviated, maximumUnitCount: 1))) left"
          )
        } else {
          Text("On the way")
        }
      }
      .font(.footnote)
      .foregroundStyle(Palette.inkSecond)
    }
  }
}

extension TransferAttributes.ContentState {
  fileprivate var symbol: String {
    switch (incoming > 0, outgoing > 0) {
    case (true, false): "arrow.down.circle"
    case (false, true): "arrow.up.circle"
    default: "arrow.up.arrow.down.circle"
    }
  }

  fileprivate var words: LocalizedStringKey {
    switch (incoming > 0, outgoing > 0) {
    case (true, false): "To this device"
    case (false, true): "From this device"
    default: "In both directions"
    }
  }
}
