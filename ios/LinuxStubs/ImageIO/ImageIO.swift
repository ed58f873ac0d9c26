@_exported import CoreGraphics

/// iOS 4.0
public final class CGImageSource {}

/// iOS 4.0
// swift-format-ignore: AlwaysUseLowerCamelCase
public func CGImageSourceCreateWithData(_ data: CFData, _ options: CFDictionary?) -> CGImageSource?
{ nil }
/// iOS 4.0
// swift-format-ignore: AlwaysUseLowerCamelCase
public func CGImageSourceCreateWithURL(_ url: CFURL, _ options: CFDictionary?) -> CGImageSource? {
  nil
}
/// iOS 4.0
// swift-format-ignore: AlwaysUseLowerCamelCase
public func CGImageSourceCreateThumbnailAtIndex(
  _ isrc: CGImageSource, _ index: Int, _ options: CFDictionary?
) -> CGImage? { nil }

/// iOS 4.0
public let kCGImageSourceShouldCache: CFString = ""
/// iOS 7.0
public let kCGImageSourceShouldCacheImmediately: CFString = ""
/// iOS 4.0
public let kCGImageSourceCreateThumbnailFromImageAlways: CFString = ""
/// iOS 4.0
public let kCGImageSourceCreateThumbnailWithTransform: CFString = ""
/// iOS 4.0
public let kCGImageSourceThumbnailMaxPixelSize: CFString = ""
