import ActivityKit
import SwiftUI

/// iOS 14.0
@MainActor @preconcurrency
public protocol Widget {
  associatedtype Body: WidgetConfiguration
  @MainActor @preconcurrency var body: Body { get }
  @MainActor @preconcurrency init()
}

/// iOS 14.0
@MainActor @preconcurrency
public protocol WidgetConfiguration {}

/// iOS 14.0
@MainActor @preconcurrency
public protocol WidgetBundle {
  associatedtype Body: Widget
  @WidgetBundleBuilder @MainActor @preconcurrency var body: Body { get }
  @MainActor @preconcurrency init()
}
extension WidgetBundle {
  public static func main() { fatalError() }
}

/// iOS 14.0
@resultBuilder
public struct WidgetBundleBuilder {
  public static func buildBlock<Content: Widget>(_ content: Content) -> Content { content }
}

/// iOS 16.1
public struct ActivityConfiguration<Attributes: ActivityAttributes>: WidgetConfiguration {
  public init<Content: View>(
    for attributesType: Attributes.Type,
    @ViewBuilder content: @escaping (ActivityViewContext<Attributes>) -> Content,
    dynamicIsland: @escaping (ActivityViewContext<Attributes>) -> DynamicIsland
  ) {}
}

/// iOS 16.1
public struct ActivityViewContext<Attributes: ActivityAttributes> {
  public let state: Attributes.ContentState
  /// iOS 16.2
  public let isStale: Bool
}

/// iOS 16.1
@MainActor @preconcurrency
public struct DynamicIsland {
  public init<Expanded, CompactLeading: View, CompactTrailing: View, Minimal: View>(
    @DynamicIslandExpandedContentBuilder expanded: @escaping () -> DynamicIslandExpandedContent<
      Expanded
    >,
    @ViewBuilder compactLeading: @escaping () -> CompactLeading,
    @ViewBuilder compactTrailing: @escaping () -> CompactTrailing,
    @ViewBuilder minimal: @escaping () -> Minimal
  ) where Expanded: View {}
  public func keylineTint(_ color: Color?) -> DynamicIsland { self }
}

/// iOS 16.1
public struct DynamicIslandExpandedContent<Content: View> {}

/// iOS 16.1
public struct DynamicIslandExpandedRegion<Content: View> {
  public init(
    _ position: DynamicIslandExpandedRegionPosition, priority: Double = 0,
    @ViewBuilder content: @escaping () -> Content
  ) {}
}

/// iOS 16.1
public struct DynamicIslandExpandedRegionPosition: Sendable {
  public static let leading = DynamicIslandExpandedRegionPosition()
  public static let trailing = DynamicIslandExpandedRegionPosition()
  public static let bottom = DynamicIslandExpandedRegionPosition()
}

/// iOS 16.1
@resultBuilder
public struct DynamicIslandExpandedContentBuilder {
  public static func buildBlock<each Content: View>(
    _ content: repeat DynamicIslandExpandedRegion<each Content>
  ) -> DynamicIslandExpandedContent<TupleView<(repeat each Content)>> {
    DynamicIslandExpandedContent()
  }
}

extension View {
  /// iOS 16.1
  public func activityBackgroundTint(_ color: Color?) -> some View { self }
  /// iOS 16.1
  public func activitySystemActionForegroundColor(_ color: Color?) -> some View { self }
}
