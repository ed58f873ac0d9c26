/// iOS 13.0
public struct HStack<Content: View>: Drawn {
  public init(
    alignment: VerticalAlignment = .center, spacing: CGFloat? = nil,
    @ViewBuilder content: () -> Content
  ) {}
}

/// iOS 13.0
public struct VStack<Content: View>: Drawn {
  public init(
    alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
    @ViewBuilder content: () -> Content
  ) {}
}

/// iOS 13.0
public struct ZStack<Content: View>: Drawn {
  public init(alignment: Alignment = .center, @ViewBuilder content: () -> Content) {}
}

/// iOS 14.0
public struct LazyVStack<Content: View>: Drawn {
  public init(
    alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
    pinnedViews: PinnedScrollableViews = .init(), @ViewBuilder content: () -> Content
  ) {}
}

/// iOS 14.0
public struct PinnedScrollableViews: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// iOS 14.0
public struct LazyVGrid<Content: View>: Drawn {
  public init(
    columns: [GridItem], alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
    pinnedViews: PinnedScrollableViews = .init(), @ViewBuilder content: () -> Content
  ) {}
}

/// iOS 14.0
public struct GridItem: Sendable {
  public enum Size: Sendable {
    case adaptive(minimum: CGFloat, maximum: CGFloat = .infinity)
  }
  public init(
    _ size: Size = .adaptive(minimum: 10), spacing: CGFloat? = nil, alignment: Alignment? = nil
  ) {}
}

/// iOS 13.0
public struct Spacer: Drawn {
  public init(minLength: CGFloat? = nil) {}
}

/// iOS 13.0
public enum Axis: CaseIterable, Sendable {
  case horizontal
  case vertical

  public struct Set: OptionSet, Sendable {
    public let rawValue: Int8
    public init(rawValue: Int8) { self.rawValue = rawValue }
    public static let vertical = Set(rawValue: 2)
  }
}

/// iOS 13.0
public struct ScrollView<Content: View>: Drawn {
  public init(
    _ axes: Axis.Set = .vertical, showsIndicators: Bool = true, @ViewBuilder content: () -> Content
  ) {}
}

/// iOS 14.0
public struct ScrollViewReader<Content: View>: Drawn {
  public init(@ViewBuilder content: @escaping (ScrollViewProxy) -> Content) {}
}

/// iOS 14.0
public struct ScrollViewProxy {
  public func scrollTo<ID: Hashable>(_ id: ID, anchor: UnitPoint? = nil) {}
}

/// iOS 13.0
public struct UnitPoint: Hashable, Sendable {
  public static let topLeading = UnitPoint()
  public static let bottom = UnitPoint()
}

/// iOS 13.0
public struct Alignment: Equatable, Sendable {
  public static let center = Alignment()
  public static let leading = Alignment()
  public static let top = Alignment()
  public static let bottom = Alignment()
}

/// iOS 13.0
public struct HorizontalAlignment: Equatable, Sendable {
  public static let leading = HorizontalAlignment()
  public static let center = HorizontalAlignment()
  public static let trailing = HorizontalAlignment()
}

/// iOS 13.0
public struct VerticalAlignment: Equatable, Sendable {
  public static let top = VerticalAlignment()
  public static let center = VerticalAlignment()
  public static let bottom = VerticalAlignment()
  public static let firstTextBaseline = VerticalAlignment()
}

/// iOS 13.0
public enum Edge: Int8, CaseIterable, Sendable {
  case top
  case leading
  case bottom
  case trailing

  public struct Set: OptionSet, Sendable {
    public let rawValue: Int8
    public init(rawValue: Int8) { self.rawValue = rawValue }
    public static let top = Set(rawValue: 1)
    public static let bottom = Set(rawValue: 4)
    public static let all = Set(rawValue: 15)
    public static let horizontal = Set(rawValue: 10)
    public static let vertical = Set(rawValue: 5)
  }
}

/// iOS 15.0
public enum VerticalEdge: Int8, CaseIterable, Sendable {
  case top
  case bottom
}

extension View {
  /// iOS 13.0
  public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { self }
  /// iOS 13.0
  public func padding(_ length: CGFloat) -> some View { self }
  /// iOS 13.0
  public func frame(width: CGFloat? = nil, height: CGFloat? = nil, alignment: Alignment = .center)
    -> some View
  { self }
  /// iOS 13.0
  public func frame(
    minWidth: CGFloat? = nil, idealWidth: CGFloat? = nil, maxWidth: CGFloat? = nil,
    minHeight: CGFloat? = nil, idealHeight: CGFloat? = nil, maxHeight: CGFloat? = nil,
    alignment: Alignment = .center
  ) -> some View { self }
  /// iOS 13.0
  public func position(x: CGFloat = 0, y: CGFloat = 0) -> some View { self }
  /// iOS 13.0
  public func fixedSize() -> some View { self }
  /// iOS 13.0
  public func fixedSize(horizontal: Bool, vertical: Bool) -> some View { self }
  /// iOS 13.0
  public func aspectRatio(_ aspectRatio: CGFloat? = nil, contentMode: ContentMode) -> some View {
    self
  }
  /// iOS 13.0
  public func scaledToFit() -> some View { self }
  /// iOS 13.0
  public func scaledToFill() -> some View { self }
  /// iOS 14.0
  public func ignoresSafeArea(_ regions: SafeAreaRegions = .all, edges: Edge.Set = .all)
    -> some View
  { self }
  /// iOS 15.0
  public func safeAreaInset<V: View>(
    edge: VerticalEdge, alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
    @ViewBuilder content: () -> V
  ) -> some View { self }
  /// iOS 17.0
  public func defaultScrollAnchor(_ anchor: UnitPoint?) -> some View { self }
  /// iOS 16.0
  public func scrollDismissesKeyboard(_ mode: ScrollDismissesKeyboardMode) -> some View { self }
  /// iOS 16.0
  public func scrollContentBackground(_ visibility: Visibility) -> some View { self }
}

/// iOS 13.0
public enum ContentMode: Hashable, CaseIterable, Sendable {
  case fit
  case fill
}

/// iOS 14.0
public struct SafeAreaRegions: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let all = SafeAreaRegions(rawValue: .max)
}

/// iOS 16.0
public struct ScrollDismissesKeyboardMode: Sendable {
  public static var interactively: ScrollDismissesKeyboardMode { ScrollDismissesKeyboardMode() }
}

/// iOS 15.0
public enum Visibility: Hashable, CaseIterable, Sendable {
  case automatic
  case visible
  case hidden
}

/// iOS 16.0
public protocol Layout {
  associatedtype Cache = Void
  typealias Subviews = LayoutSubviews
  func sizeThatFits(proposal: ProposedViewSize, subviews: Subviews, cache: inout Cache) -> CGSize
  func placeSubviews(
    in bounds: CGRect, proposal: ProposedViewSize, subviews: Subviews, cache: inout Cache)
}
extension Layout {
  public func callAsFunction<V: View>(@ViewBuilder _ content: () -> V) -> some View { EmptyView() }
}

/// iOS 16.0
public struct ProposedViewSize: Equatable, Sendable {
  public var width: CGFloat?
  public var height: CGFloat?
  public init(width: CGFloat?, height: CGFloat?) {}
  public init(_ size: CGSize) {}
}

/// iOS 16.0
public struct LayoutSubviews: RandomAccessCollection, Sendable {
  public var startIndex: Int { 0 }
  public var endIndex: Int { 0 }
  public subscript(index: Int) -> LayoutSubview { fatalError() }
}

/// iOS 16.0
public struct LayoutSubview: Equatable {
  public func sizeThatFits(_ proposal: ProposedViewSize) -> CGSize { .zero }
  public func place(
    at position: CGPoint, anchor: UnitPoint = .topLeading, proposal: ProposedViewSize
  ) {}
}
