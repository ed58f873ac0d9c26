import AVFoundation
import Foundation
import ImageIO
import UIKit
import UniformTypeIdentifiers

/// Makes pictures of a bounded size out of bytes that nobody vouches for.
enum Thumbnail {
  /// A picture out of bytes; nothing if they are none.
  static func of(_ bytes: Data, pixels: Int) async -> UIImage? {
    let options = [kCGImageSourceShouldCache: false] as CFDictionary
    guard let source = CGImageSourceCreateWithData(bytes as CFData, options) else { return nil }
    return shrunk(source, pixels)
  }

  /// A picture of a file of one's own: itself, or the beginning of a video.
  static func ofFile(_ file: URL, pixels: Int) async -> UIImage? {
    let type = UTType(filenameExtension: file.pathExtension)
    if type?.conforms(to: .movie) == true { return await frame(of: file, pixels) }
    guard type?.conforms(to: .image) == true,
      let source = CGImageSourceCreateWithURL(file as CFURL, nil)
    else { return nil }
    return shrunk(source, pixels)
  }

  /// Scaled while it is unpacked: the whole never is in memory.
  private static func shrunk(_ source: CGImageSource, _ pixels: Int) -> UIImage? {
    let options =
      [
        kCGImageSourceCreateThumbnailFromImageAlways: true,
        kCGImageSourceCreateThumbnailWithTransform: true,
        kCGImageSourceShouldCacheImmediately: true,
        kCGImageSourceThumbnailMaxPixelSize: pixels,
      ] as CFDictionary
    return CGImageSourceCreateThumbnailAtIndex(source, 0, options).map(UIImage.init(cgImage:))
  }

  private static func frame(of file: URL, _ pixels: Int) async -> UIImage? {
    let generator = AVAssetImageGenerator(asset: AVURLAsset(url: file))
    generator.appliesPreferredTrackTransform = true
    generator.maximumSize = CGSize(width: pixels, height: pixels)
    return try? await UIImage(cgImage: generator.image(at: .zero).image)
  }
}
