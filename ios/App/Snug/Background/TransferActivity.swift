import ActivityKit
import Foundation
import SnugShared

/// The Live Activity of running transfers.
@MainActor
final class TransferActivity {
  private var activity: Activity<TransferAttributes>?
  /// Whether the system or the person does not want one.
  private var isRefused = false

  func show(_ state: TransferAttributes.ContentState) async {
    let content = ActivityContent(state: state, staleDate: Date.now.addingTimeInterval(Self.fresh))
    if let activity {
      await activity.update(content)
    } else if !isRefused, ActivityAuthorizationInfo().areActivitiesEnabled {
      activity = try? Activity.request(attributes: TransferAttributes(), content: content)
      isRefused = activity == nil
    }
  }

  func end() async {
    await activity?.end(nil, dismissalPolicy: .immediate)
    activity = nil
    isRefused = false
  }

  /// Without news for that long, it says that it waits.
  private static let fresh: TimeInterval = 30
}
