/// iOS 13.0
public protocol DynamicProperty {}

/// iOS 13.0
@propertyWrapper
public struct State<Value>: DynamicProperty {
  public init(wrappedValue value: Value) { fatalError() }
  public init(initialValue value: Value) { fatalError() }
  public var wrappedValue: Value {
    get { fatalError() }
    nonmutating set {}
  }
  public var projectedValue: Binding<Value> { fatalError() }
}
extension State where Value: ExpressibleByNilLiteral {
  public init() { fatalError() }
}
extension State: Sendable where Value: Sendable {}

/// iOS 13.0
@propertyWrapper @dynamicMemberLookup
public struct Binding<Value> {
  public init(get: @escaping () -> Value, set: @escaping (Value) -> Void) {}
  public var wrappedValue: Value {
    get { fatalError() }
    nonmutating set {}
  }
  public var projectedValue: Binding<Value> { self }
  public subscript<Subject>(
    dynamicMember keyPath: WritableKeyPath<Value, Subject>
  ) -> Binding<Subject> { fatalError() }
}
extension Binding: @unchecked Sendable where Value: Sendable {}
extension Binding: DynamicProperty {}

/// iOS 17.0
@propertyWrapper @dynamicMemberLookup
public struct Bindable<Value> {
  public var wrappedValue: Value
  public var projectedValue: Bindable<Value> { self }
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}
extension Bindable where Value: AnyObject & Observable {
  public init(_ wrappedValue: Value) { self.wrappedValue = wrappedValue }
  public subscript<Subject>(
    dynamicMember keyPath: ReferenceWritableKeyPath<Value, Subject>
  ) -> Binding<Subject> { fatalError() }
}

/// iOS 13.0
@propertyWrapper
public struct Environment<Value>: DynamicProperty {
  public init(_ keyPath: KeyPath<EnvironmentValues, Value>) {}
  public var wrappedValue: Value { fatalError() }
}
extension Environment {
  /// iOS 17.0
  public init(_ objectType: Value.Type) where Value: AnyObject & Observable {}
}

/// iOS 13.0
public struct EnvironmentValues {
  /// iOS 13.0
  public var isEnabled: Bool { fatalError() }
  /// iOS 13.0
  public var accessibilityReduceMotion: Bool { fatalError() }
  /// iOS 14.0
  public var scenePhase: ScenePhase { fatalError() }
  /// iOS 15.0
  public var dismiss: DismissAction { fatalError() }
}

/// iOS 15.0
@MainActor @preconcurrency
public struct DismissAction {
  public func callAsFunction() {}
}

/// iOS 15.0
@propertyWrapper
public struct FocusState<Value: Hashable>: DynamicProperty {
  public init() where Value == Bool {}
  public var wrappedValue: Value {
    get { fatalError() }
    nonmutating set {}
  }
  public var projectedValue: Binding { fatalError() }

  @propertyWrapper
  public struct Binding {
    public init() {}
    public var wrappedValue: Value {
      get { fatalError() }
      nonmutating set {}
    }
  }
}

/// iOS 14.0
@propertyWrapper
public struct ScaledMetric<Value: BinaryFloatingPoint>: DynamicProperty {
  public init(wrappedValue: Value, relativeTo textStyle: Font.TextStyle) {}
  public var wrappedValue: Value { fatalError() }
}

extension View {
  /// iOS 17.0
  public func environment<T: AnyObject & Observable>(_ object: T?) -> some View { self }
  /// iOS 15.0
  public func focused(_ condition: FocusState<Bool>.Binding) -> some View { self }
}
