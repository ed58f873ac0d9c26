import Foundation
import SnugKit
import UIKit

/// Lets transfers go on when the app is not looked at, for as long as the system allows: as a
/// task that it shows by itself where it can, else for half a minute with a Live Activity.
@MainActor
final class BackgroundTransfers {
  private let activity = TransferActivity()
  private var continued: (any ContinuedWork)?
  private var grace = UIBackgroundTaskIdentifier.invalid
  private var isInBackground = false
  private var last = Tally([])

  /// Looks at what is on its way, until the task is cancelled.
  func follow(_ room: RoomModel) async {
    while !Task.isCancelled {
      await look(at: Tally(room.running))
      try? await Task.sleep(for: Self.pace)
    }
  }

  func enter() {
    isInBackground = true
    guard grace == .invalid, !last.isEmpty else { return }
    grace = UIApplication.shared.beginBackgroundTask(withName: "transfers") { [weak self] in
      Task { @MainActor in await self?.expire() }
    }
  }

  func leave() {
    isInBackground = false
    endGrace()
  }

  /// The visit is over.
  func end() async {
    endGrace()
    continued?.finish(success: true)
    continued = nil
    await activity.end()
  }

  private func look(at tally: Tally) async {
    let began = last.isEmpty && !tally.isEmpty
    let ended = !last.isEmpty && tally.isEmpty
    last = tally
    if ended { return await end() }
    if tally.isEmpty { return }
    // The system takes such a task only while somebody looks at the app.
    if began, !isInBackground, #available(iOS 26.0, *) { continued = ContinuedTransfers() }
    continued?.update(tally)
    // The system shows its own task; two of them would be one too many.
    if continued?.isRunning == true {
      await activity.end()
    } else {
      await activity.show(tally.state(isWaiting: false))
    }
  }

  /// The system will stop the app now. What was saved when it went to the background is enough to
  /// go on later.
  private func expire() async {
    await activity.show(last.state(isWaiting: true))
    endGrace()
  }

  private func endGrace() {
    guard grace != .invalid else { return }
    UIApplication.shared.endBackgroundTask(grace)
    grace = .invalid
  }

  private static let pace = Duration.seconds(1)
}

/// Work that the system keeps going in the background.
@MainActor
protocol ContinuedWork: AnyObject {
  /// Whether the system has begun to show it.
  var isRunning: Bool { get }
  func update(_ tally: Tally)
  func finish(success: Bool)
}
