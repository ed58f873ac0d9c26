extension View {
  /// iOS 14.0
  public func accessibilityLabel(_ labelKey: LocalizedStringKey) -> some View { self }
  /// iOS 14.0
  @_disfavoredOverload
  public func accessibilityLabel<S: StringProtocol>(_ label: S) -> some View { self }
  /// iOS 14.0
  public func accessibilityHint(_ hintKey: LocalizedStringKey) -> some View { self }
  /// iOS 14.0
  @_disfavoredOverload
  public func accessibilityValue<S: StringProtocol>(_ value: S) -> some View { self }
  /// iOS 14.0
  public func accessibilityHidden(_ hidden: Bool) -> some View { self }
  /// iOS 14.0
  public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { self }
  /// iOS 13.0
  public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View {
    self
  }
  /// iOS 16.0
  public func accessibilityActions<Content: View>(@ViewBuilder _ content: () -> Content)
    -> some View
  { self }
}

/// iOS 13.0
public struct AccessibilityTraits: SetAlgebra, Sendable {
  public static let isHeader = AccessibilityTraits()
  public static let isImage = AccessibilityTraits()
  public static let updatesFrequently = AccessibilityTraits()
  public init() {}
  public typealias Element = AccessibilityTraits
  public func contains(_ member: Self) -> Bool { false }
  public func union(_ other: Self) -> Self { self }
  public func intersection(_ other: Self) -> Self { self }
  public func symmetricDifference(_ other: Self) -> Self { self }
  public mutating func insert(_ newMember: Self) -> (inserted: Bool, memberAfterInsert: Self) {
    (false, self)
  }
  public mutating func remove(_ member: Self) -> Self? { nil }
  public mutating func update(with newMember: Self) -> Self? { nil }
  public mutating func formUnion(_ other: Self) {}
  public mutating func formIntersection(_ other: Self) {}
  public mutating func formSymmetricDifference(_ other: Self) {}
}

/// iOS 13.0
public struct AccessibilityChildBehavior: Hashable, Sendable {
  public static let ignore = AccessibilityChildBehavior()
  public static let contain = AccessibilityChildBehavior()
  public static let combine = AccessibilityChildBehavior()
}

/// iOS 17.0
public enum AccessibilityNotification {
  /// iOS 17.0
  public struct Announcement: Sendable {
    public init(_ announcement: String) {}
    public func post() {}
  }
}
