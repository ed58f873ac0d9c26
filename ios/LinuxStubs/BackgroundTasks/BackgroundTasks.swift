import Foundation

/// iOS 13.0
open class BGTaskScheduler: NSObject, @unchecked Sendable {
  open class var shared: BGTaskScheduler { fatalError() }
  open func register(
    forTaskWithIdentifier identifier: String, using queue: DispatchQueue?,
    launchHandler: @escaping (BGTask) -> Void
  ) -> Bool { false }
  open func submit(_ taskRequest: BGTaskRequest) throws {}
  open func cancel(taskRequestWithIdentifier identifier: String) {}
}

/// iOS 13.0
open class BGTask: NSObject {
  open var identifier: String { "" }
  open var expirationHandler: (() -> Void)?
  open func setTaskCompleted(success: Bool) {}
}

/// iOS 13.0
open class BGTaskRequest: NSObject {}

/// iOS 26.0
open class BGContinuedProcessingTaskRequest: BGTaskRequest {
  public init(identifier: String, title: String, subtitle: String) {}
  open var strategy: SubmissionStrategy = .queue

  /// iOS 26.0
  public enum SubmissionStrategy: Int, Sendable {
    case fail
    case queue
  }
}

/// iOS 26.0
open class BGContinuedProcessingTask: BGTask {
  open var progress: Progress { fatalError() }
  open func updateTitle(_ title: String, subtitle: String) {}
}
