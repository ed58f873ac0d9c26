import Foundation

/// iOS 16.1
public protocol ActivityAttributes: Decodable, Encodable {
  associatedtype ContentState: Decodable, Encodable, Hashable
}

/// iOS 16.2
public struct ActivityContent<State: Decodable & Encodable & Hashable & Sendable>: Sendable {
  public init(state: State, staleDate: Date?, relevanceScore: Double = 0.0) {}
}

/// iOS 16.1
public final class Activity<Attributes: ActivityAttributes>: Identifiable, @unchecked Sendable
where Attributes.ContentState: Sendable {
  /// iOS 16.2
  public static func request(
    attributes: Attributes, content: ActivityContent<Attributes.ContentState>,
    pushType: PushType? = nil
  ) throws -> Activity<Attributes> { fatalError() }
  /// iOS 16.2
  public func update(_ content: ActivityContent<Attributes.ContentState>) async {}
  /// iOS 16.2
  public func end(
    _ content: ActivityContent<Attributes.ContentState>?,
    dismissalPolicy: ActivityUIDismissalPolicy = .default
  ) async {}
}

/// iOS 16.1
public struct PushType: Equatable, Sendable {}

/// iOS 16.1
public struct ActivityUIDismissalPolicy: Equatable, Sendable {
  public static let `default` = ActivityUIDismissalPolicy()
  public static let immediate = ActivityUIDismissalPolicy()
}

/// iOS 16.1
public final class ActivityAuthorizationInfo: Sendable {
  public init() {}
  public var areActivitiesEnabled: Bool { false }
}
