@_exported import Foundation

// What Foundation has on Apple's systems and not on Linux: texts in the language of the person.

extension String {
  /// iOS 15.0
  public struct LocalizationValue: Equatable, Sendable, ExpressibleByStringInterpolation {
    public init(_ value: String) {}
    public init(stringLiteral value: String) {}
    public init(stringInterpolation: StringInterpolation) {}

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
      public init(literalCapacity: Int, interpolationCount: Int) {}
      public mutating func appendLiteral(_ literal: String) {}
      public mutating func appendInterpolation(_ string: @autoclosure () -> String) {}
      public mutating func appendInterpolation<T: _FormatSpecifiable>(_ value: @autoclosure () -> T)
      {}
    }
  }

  /// iOS 15.0
  public init(
    localized keyAndValue: String.LocalizationValue, table: String? = nil, bundle: Bundle? = nil,
    locale: Locale = .current, comment: StaticString? = nil
  ) {
    self.init()
  }
}

/// iOS 13.0
public protocol _FormatSpecifiable: Equatable {}
extension Int: _FormatSpecifiable {}

extension AttributedString {
  /// iOS 15.0
  public struct MarkdownParsingOptions: Sendable {
    /// iOS 15.0
    public enum InterpretedSyntax: Sendable {
      case full
      case inlineOnly
      case inlineOnlyPreservingWhitespace
    }
    /// iOS 15.0
    public enum FailurePolicy: Sendable {
      case throwError
      case returnPartiallyParsedIfPossible
    }
    /// iOS 15.0
    public init(
      allowsExtendedAttributes: Bool = false, interpretedSyntax: InterpretedSyntax = .full,
      failurePolicy: FailurePolicy = .throwError, languageCode: String? = nil
    ) {}
  }

  /// iOS 15.0
  public init(
    markdown: String, options: MarkdownParsingOptions = .init(), baseURL: URL? = nil
  ) throws {
    self.init(markdown)
  }
}
