import Foundation

/// iOS 14.0
public struct UTType: Hashable, Sendable {
  public static var item: UTType { fatalError() }
  public static var folder: UTType { fatalError() }
  public static var image: UTType { fatalError() }
  public static var movie: UTType { fatalError() }
  public static var utf8PlainText: UTType { fatalError() }
  public var identifier: String { "" }
  public var preferredMIMEType: String? { nil }
  public init?(filenameExtension: String, conformingTo supertype: UTType = .item) { nil }
  public init?(mimeType: String, conformingTo supertype: UTType = .item) { nil }
  public func conforms(to type: UTType) -> Bool { false }
}
