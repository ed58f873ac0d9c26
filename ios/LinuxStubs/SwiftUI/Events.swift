extension View {
  /// iOS 13.0
  public func onAppear(perform action: (() -> Void)? = nil) -> some View { self }
  /// iOS 13.0
  public func onDisappear(perform action: (() -> Void)? = nil) -> some View { self }
  /// iOS 17.0
  public func onChange<V: Equatable>(
    of value: V, initial: Bool = false, _ action: @escaping () -> Void
  ) -> some View { self }
  /// iOS 17.0
  public func onChange<V: Equatable>(
    of value: V, initial: Bool = false, _ action: @escaping (_ oldValue: V, _ newValue: V) -> Void
  ) -> some View { self }
  /// iOS 15.0
  public func task(
    priority: TaskPriority = .userInitiated,
    @_inheritActorContext _ action: @escaping @Sendable () async -> Void
  ) -> some View { self }
  /// iOS 15.0
  public func task<T: Equatable>(
    id value: T, priority: TaskPriority = .userInitiated,
    @_inheritActorContext _ action: @escaping @Sendable () async -> Void
  ) -> some View { self }
  /// iOS 17.0
  public func sensoryFeedback<T: Equatable>(_ feedback: SensoryFeedback, trigger: T) -> some View {
    self
  }
  /// iOS 17.0
  public func sensoryFeedback<T: Equatable>(
    _ feedback: SensoryFeedback, trigger: T,
    condition: @escaping (_ oldValue: T, _ newValue: T) -> Bool
  ) -> some View { self }
  /// iOS 17.0
  public func sensoryFeedback<T: Equatable>(
    trigger: T, _ feedback: @escaping (_ oldValue: T, _ newValue: T) -> SensoryFeedback?
  ) -> some View { self }
}

/// iOS 17.0
public struct SensoryFeedback: Equatable, Sendable {
  public static let success = SensoryFeedback()
  public static let warning = SensoryFeedback()
  public static let error = SensoryFeedback()
  public static let selection = SensoryFeedback()
  public static func impact(weight: Weight = .medium, intensity: Double = 1.0) -> SensoryFeedback {
    SensoryFeedback()
  }

  public struct Weight: Equatable, Sendable {
    public static let light = Weight()
    public static let medium = Weight()
  }
}

/// iOS 13.0
public struct Animation: Equatable, Sendable {
  public static func easeOut(duration: TimeInterval) -> Animation { Animation() }
  public static func easeInOut(duration: TimeInterval) -> Animation { Animation() }
  public func repeatForever(autoreverses: Bool = true) -> Animation { self }
  public func delay(_ delay: TimeInterval) -> Animation { self }
}

/// iOS 13.0
public func withAnimation<Result>(
  _ animation: Animation? = nil, _ body: () throws -> Result
) rethrows -> Result { try body() }

/// iOS 13.0
public struct AnyTransition {
  public static let opacity = AnyTransition()
  public static func offset(x: CGFloat = 0, y: CGFloat = 0) -> AnyTransition { AnyTransition() }
  public func combined(with other: AnyTransition) -> AnyTransition { self }
}
extension AnyTransition: @unchecked Sendable {}

extension View {
  /// iOS 13.0
  public func transition(_ t: AnyTransition) -> some View { self }
  /// iOS 13.0
  public func animation<V: Equatable>(_ animation: Animation?, value: V) -> some View { self }
}

/// iOS 15.0
public struct TimelineView<Schedule: TimelineSchedule, Content> {
  public struct Context {
    public let date: Date
  }
}
extension TimelineView: View where Content: View {
  public var body: Never { fatalError() }
  public init(
    _ schedule: Schedule, @ViewBuilder content: @escaping (TimelineViewDefaultContext) -> Content
  ) {}
}

/// iOS 15.0
public typealias TimelineViewDefaultContext = TimelineView<EveryMinuteTimelineSchedule, Never>
  .Context

/// iOS 15.0
public protocol TimelineSchedule {}

/// iOS 15.0
public struct EveryMinuteTimelineSchedule: TimelineSchedule {}

/// iOS 15.0
public struct PeriodicTimelineSchedule: TimelineSchedule {}
extension TimelineSchedule where Self == PeriodicTimelineSchedule {
  public static func periodic(from startDate: Date, by interval: TimeInterval)
    -> PeriodicTimelineSchedule
  { PeriodicTimelineSchedule() }
}
