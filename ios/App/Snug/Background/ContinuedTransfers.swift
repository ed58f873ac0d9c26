import BackgroundTasks
import Foundation

/// Running transfers as a task that the system continues in the background and shows, with a way
/// to stop it.
@available(iOS 26.0, *)
@MainActor
final class ContinuedTransfers: ContinuedWork {
  private let identifier: String
  private var task: BGContinuedProcessingTask?
  private var isFinished = false

  var isRunning: Bool { task != nil }

  init() {
    let bundle = Bundle.main.bundleIdentifier ?? "snug"
    identifier = "\(bundle).transfers.\(UUID().uuidString)"
    let isRegistered = BGTaskScheduler.shared.register(
      forTaskWithIdentifier: identifier, using: .main
    ) { [weak self] task in
      // The queue given for it is the main one.
      nonisolated(unsafe) let task = task
      MainActor.assumeIsolated { Self.begin(task, of: self) }
    }
    guard isRegistered else { return }
    let request = BGContinuedProcessingTaskRequest(
      identifier: identifier, title: Self.title, subtitle: String(localized: "On the way"))
    // Later is of no use: the people are here now.
    request.strategy = .fail
    try? BGTaskScheduler.shared.submit(request)
  }

  func update(_ tally: Tally) {
    guard let task else { return }
    task.progress.totalUnitCount = Int64(clamping: tally.total)
    task.progress.completedUnitCount = Int64(clamping: tally.bytes)
    task.updateTitle(
      Self.title,
      subtitle: String(
        localized:
          "\(Words.size(tally.bytes)) of \(Words.size(tally.total)) · \(Words.rate(tally.rate))"))
  }

  func finish(success: Bool) {
    isFinished = true
    BGTaskScheduler.shared.cancel(taskRequestWithIdentifier: identifier)
    task?.setTaskCompleted(success: success)
    task = nil
  }

  private static func begin(_ task: BGTask, of work: ContinuedTransfers?) {
    guard let work, !work.isFinished, let continued = task as? BGContinuedProcessingTask else {
      task.setTaskCompleted(success: true)
      return
    }
    work.task = continued
    // It comes on a queue of the system's.
    continued.expirationHandler = { @Sendable [weak work] in
      Task { @MainActor in work?.finish(success: false) }
    }
  }

  private static var title: String { String(localized: "Passing files") }
}
