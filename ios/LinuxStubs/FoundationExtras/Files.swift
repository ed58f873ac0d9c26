import Foundation

// What Foundation has on Apple's systems and not on Linux: files that are protected, and files of
// other apps.

extension URL {
  /// iOS 16.0
  public static var applicationSupportDirectory: URL { fatalError() }
  /// iOS 8.0
  public func startAccessingSecurityScopedResource() -> Bool { false }
  /// iOS 8.0
  public func stopAccessingSecurityScopedResource() {}
  /// iOS 4.0
  public func bookmarkData(
    options: BookmarkCreationOptions = [],
    includingResourceValuesForKeys keys: Set<URLResourceKey>? = nil,
    relativeTo url: URL? = nil
  ) throws -> Data { Data() }
  /// iOS 4.0
  public init(
    resolvingBookmarkData data: Data, options: BookmarkResolutionOptions = [],
    relativeTo url: URL? = nil, bookmarkDataIsStale: inout Bool
  ) throws { fatalError() }

  /// iOS 4.0
  public struct BookmarkCreationOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
  }
  /// iOS 4.0
  public struct BookmarkResolutionOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
  }
}

/// iOS 8.0
open class NSUserActivity: NSObject {
  /// iOS 8.0
  open var webpageURL: URL?
}

/// iOS 8.0
// swift-format-ignore: AlwaysUseLowerCamelCase
public let NSUserActivityTypeBrowsingWeb = "NSUserActivityTypeBrowsingWeb"
