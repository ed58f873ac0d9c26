/// iOS 16.0
public struct NavigationStack<Data, Root: View>: Drawn {
  public init(@ViewBuilder root: () -> Root) where Data == NavigationPath {}
}

/// iOS 16.0
public struct NavigationPath {}

/// iOS 14.0
public protocol ToolbarContent {
  associatedtype Body: ToolbarContent
  @ToolbarContentBuilder @MainActor var body: Body { get }
}
extension Never: ToolbarContent {}

/// iOS 14.0
public struct ToolbarItem<ID, Content: View>: ToolbarContent {
  public init(
    placement: ToolbarItemPlacement = .automatic, @ViewBuilder content: () -> Content
  ) where ID == () {}
  public var body: Never { fatalError() }
}

/// iOS 14.0
public struct ToolbarItemPlacement {
  public static var automatic: ToolbarItemPlacement { ToolbarItemPlacement() }
  public static var cancellationAction: ToolbarItemPlacement { ToolbarItemPlacement() }
  public static var confirmationAction: ToolbarItemPlacement { ToolbarItemPlacement() }
  public static var primaryAction: ToolbarItemPlacement { ToolbarItemPlacement() }
}

/// iOS 14.0
@resultBuilder
public struct ToolbarContentBuilder {
  public static func buildExpression<Content: ToolbarContent>(_ content: Content) -> Content {
    content
  }
  public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content {
    content
  }
  public static func buildBlock<C0: ToolbarContent, C1: ToolbarContent>(_ c0: C0, _ c1: C1)
    -> some ToolbarContent
  {
    c0
  }
}

/// iOS 13.0
public struct List<SelectionValue: Hashable, Content: View>: Drawn {
  public init(@ViewBuilder content: () -> Content) where SelectionValue == Never {}
}

/// iOS 13.0
public struct Section<Parent, Content, Footer> {}
extension Section: View where Parent: View, Content: View, Footer: View {
  public var body: Never { fatalError() }
  /// iOS 15.0
  public init(
    @ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent,
    @ViewBuilder footer: () -> Footer
  ) {}
}
extension Section where Parent == Text, Content: View, Footer == EmptyView {
  /// iOS 15.0
  public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: () -> Content) {}
}

extension View {
  /// iOS 14.0
  public func navigationTitle(_ titleKey: LocalizedStringKey) -> some View { self }
  /// iOS 14.0
  public func navigationBarTitleDisplayMode(_ displayMode: NavigationBarItem.TitleDisplayMode)
    -> some View
  { self }
  /// iOS 14.0
  public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content)
    -> some View
  { self }
  /// iOS 13.0
  public func listRowBackground<V: View>(_ view: V?) -> some View { self }
  /// iOS 15.0
  public func swipeActions<T: View>(
    edge: HorizontalEdge = .trailing, allowsFullSwipe: Bool = true, @ViewBuilder content: () -> T
  ) -> some View { self }
  /// iOS 13.0
  public func contextMenu<MenuItems: View>(@ViewBuilder menuItems: () -> MenuItems) -> some View {
    self
  }
}

/// iOS 14.0
public struct NavigationBarItem: Sendable {
  public enum TitleDisplayMode: Sendable {
    case automatic
    case inline
    case large
  }
}

/// iOS 15.0
public enum HorizontalEdge: Int8, CaseIterable, Sendable {
  case leading
  case trailing
}
