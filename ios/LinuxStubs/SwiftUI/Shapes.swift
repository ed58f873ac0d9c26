import UIKit

/// iOS 13.0
public protocol ShapeStyle: Sendable {}

/// iOS 13.0
public struct Color: Drawn, ShapeStyle, Hashable, Sendable {
  /// iOS 15.0
  public nonisolated init(uiColor: UIColor) {}
  public nonisolated static let clear = Color(uiColor: UIColor())
  public nonisolated static let black = Color(uiColor: UIColor())
  public nonisolated static let white = Color(uiColor: UIColor())
  public nonisolated func opacity(_ opacity: Double) -> Color { self }
}
extension ShapeStyle where Self == Color {
  public static var clear: Color { .clear }
  public static var black: Color { .black }
  public static var white: Color { .white }
}

/// iOS 15.0
public struct Material: ShapeStyle {}
extension ShapeStyle where Self == Material {
  public static var ultraThinMaterial: Material { Material() }
}

/// iOS 13.0
public protocol Shape: View, Sendable {
  nonisolated func path(in rect: CGRect) -> Path
}
extension Shape {
  public var body: some View { EmptyView() }
  /// iOS 13.0
  public nonisolated func fill<S: ShapeStyle>(_ content: S) -> some View { EmptyView() }
  /// iOS 17.0
  public nonisolated func stroke<S: ShapeStyle>(
    _ content: S, style: StrokeStyle, antialiased: Bool = true
  ) -> some View { EmptyView() }
}

/// iOS 13.0
public protocol InsettableShape: Shape {}
extension InsettableShape {
  /// iOS 17.0
  public func strokeBorder<S: ShapeStyle>(
    _ content: S, lineWidth: CGFloat = 1, antialiased: Bool = true
  ) -> some View { EmptyView() }
}

/// iOS 13.0
public struct StrokeStyle: Equatable, Sendable {
  public init(
    lineWidth: CGFloat = 1, lineCap: CGLineCap = .butt, lineJoin: CGLineJoin = .miter,
    miterLimit: CGFloat = 10, dash: [CGFloat] = [], dashPhase: CGFloat = 0
  ) {}
}

/// iOS 13.0
public struct Path: Equatable, Sendable {
  public init() {}
  public mutating func move(to end: CGPoint) {}
  public mutating func addLine(to end: CGPoint) {}
  public mutating func addRect(_ rect: CGRect) {}
}

/// iOS 13.0
public struct Rectangle: InsettableShape {
  public init() {}
  public nonisolated func path(in rect: CGRect) -> Path { Path() }
}

/// iOS 13.0
public struct RoundedRectangle: InsettableShape {
  public init(cornerRadius: CGFloat, style: RoundedCornerStyle = .continuous) {}
  public nonisolated func path(in rect: CGRect) -> Path { Path() }
}

/// iOS 13.0
public enum RoundedCornerStyle: Sendable {
  case circular
  case continuous
}

/// iOS 13.0
public struct Circle: InsettableShape {
  public init() {}
  public nonisolated func path(in rect: CGRect) -> Path { Path() }
}

/// iOS 13.0
public struct Capsule: InsettableShape {
  public init(style: RoundedCornerStyle = .continuous) {}
  public nonisolated func path(in rect: CGRect) -> Path { Path() }
}

/// iOS 15.0
public struct Canvas<Symbols: View>: Drawn {
  public init(
    opaque: Bool = false, rendersAsynchronously: Bool = false,
    renderer: @escaping (inout GraphicsContext, CGSize) -> Void
  ) where Symbols == EmptyView {}
}

/// iOS 15.0
public struct GraphicsContext {
  public struct Shading: Sendable {
    public static func color(_ color: Color) -> Shading { Shading() }
  }
  public func fill(_ path: Path, with shading: Shading, style: FillStyle = FillStyle()) {}
}

/// iOS 13.0
public struct FillStyle: Equatable, Sendable {
  public init(eoFill: Bool = false, antialiased: Bool = true) {}
}

extension View {
  /// iOS 15.0
  public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { self }
  /// iOS 15.0
  public func tint(_ tint: Color?) -> some View { self }
  /// iOS 15.0
  public func background<S: ShapeStyle>(_ style: S, ignoresSafeAreaEdges edges: Edge.Set = .all)
    -> some View
  { self }
  /// iOS 15.0
  public func background<S: ShapeStyle, T: InsettableShape>(
    _ style: S, in shape: T, fillStyle: FillStyle = FillStyle()
  ) -> some View { self }
  /// iOS 15.0
  public func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V)
    -> some View
  { self }
  /// iOS 13.0
  public func overlay<Overlay: View>(_ overlay: Overlay, alignment: Alignment = .center)
    -> some View
  { self }
  /// iOS 13.0
  public func clipShape<S: Shape>(_ shape: S, style: FillStyle = FillStyle()) -> some View { self }
  /// iOS 13.0
  public func opacity(_ opacity: Double) -> some View { self }
}
