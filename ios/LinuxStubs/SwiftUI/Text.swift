/// iOS 13.0
public struct LocalizedStringKey: Equatable, ExpressibleByStringInterpolation {
  public init(_ value: String) {}
  public init(stringLiteral value: String) {}
  public init(stringInterpolation: StringInterpolation) {}

  public struct StringInterpolation: StringInterpolationProtocol {
    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) {}
    public mutating func appendInterpolation(_ string: String) {}
    public mutating func appendInterpolation<T: _FormatSpecifiable>(_ value: T) {}
  }
}

/// iOS 13.0
public struct Text: Drawn, Equatable, Sendable {
  public nonisolated init(verbatim content: String) {}
  public nonisolated init(
    _ key: LocalizedStringKey, tableName: String? = nil, bundle: Bundle? = nil,
    comment: StaticString? = nil
  ) {}
  @_disfavoredOverload
  public nonisolated init<S: StringProtocol>(_ content: S) {}
  /// iOS 15.0
  public nonisolated init(_ attributedContent: AttributedString) {}
  /// iOS 15.0
  public nonisolated init<F: FormatStyle>(_ input: F.FormatInput, format: F)
  where F.FormatInput: Equatable, F.FormatOutput == String {}
}

extension Text {
  /// iOS 13.0
  public nonisolated func font(_ font: Font?) -> Text { self }
  /// iOS 17.0
  public nonisolated func foregroundStyle<S: ShapeStyle>(_ style: S) -> Text { self }
  /// iOS 13.0
  public nonisolated func fontWeight(_ weight: Font.Weight?) -> Text { self }
  /// iOS 13.0
  public nonisolated func bold() -> Text { self }
  /// iOS 13.0
  public nonisolated func italic() -> Text { self }
  /// iOS 16.0
  public nonisolated func tracking(_ tracking: CGFloat) -> Text { self }
  /// iOS 15.0
  public nonisolated func monospacedDigit() -> Text { self }
  /// iOS 13.0
  public nonisolated static func + (lhs: Text, rhs: Text) -> Text { lhs }
}

/// iOS 13.0
public struct Font: Hashable, Sendable {
  public static let largeTitle = Font()
  public static let title = Font()
  /// iOS 14.0
  public static let title2 = Font()
  /// iOS 14.0
  public static let title3 = Font()
  public static let headline = Font()
  public static let subheadline = Font()
  public static let body = Font()
  public static let footnote = Font()
  public static let caption = Font()
  public func weight(_ weight: Weight) -> Font { self }

  public struct Weight: Hashable, Sendable {
    public static let medium = Weight()
    public static let semibold = Weight()
  }

  public enum TextStyle: CaseIterable, Sendable {
    case body
  }
}

extension View {
  /// iOS 13.0
  public func font(_ font: Font?) -> some View { self }
  /// iOS 15.0
  public func monospacedDigit() -> some View { self }
  /// iOS 13.0
  public func lineLimit(_ number: Int?) -> some View { self }
  /// iOS 16.0
  public func lineLimit(_ limit: ClosedRange<Int>) -> some View { self }
  /// iOS 13.0
  public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { self }
  /// iOS 15.0
  public func textSelection<S: TextSelectability>(_ selectability: S) -> some View { self }
}

/// iOS 13.0
public enum TextAlignment: Hashable, CaseIterable, Sendable {
  case leading
  case center
  case trailing
}

/// iOS 15.0
public protocol TextSelectability {}

/// iOS 15.0
public struct EnabledTextSelectability: TextSelectability {}
extension TextSelectability where Self == EnabledTextSelectability {
  public static var enabled: EnabledTextSelectability { EnabledTextSelectability() }
}
