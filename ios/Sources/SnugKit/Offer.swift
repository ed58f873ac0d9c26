import Foundation

/// What is offered, before anything of it was taken. All of it is what the one who offers says,
/// but for the names, which are safe.
public struct Offer: Sendable, Equatable {
  /// What it is called.
  public let name: String
  /// Bytes of all files.
  public let size: UInt64
  /// Media type of a single file; empty when unknown.
  public let mediaType: String
  /// Pixels of a picture or a video.
  public let dimensions: Dimensions?
  /// How long it plays.
  public let duration: Duration?
  /// A small picture of it, as JPEG or PNG.
  public let thumbnail: Data?
  /// Whether it is one file, and no folder.
  public let isSingleFile: Bool
  /// Files in it.
  public let fileCount: Int
  /// The files and empty folders in it, as far as they are told.
  public let items: [OfferItem]
  /// Items that are not told.
  public let moreItems: Int

  /// How it is best shown.
  public var kind: Kind {
    guard isSingleFile else { return .folder }
    switch mediaType.prefix(while: { $0 != "/" }) {
    case "image": return .picture
    case "video": return .video
    case "audio": return .sound
    default: return .file
    }
  }

  /// How an offer is best shown.
  public enum Kind: String, Sendable, CaseIterable {
    /// A picture.
    case picture
    /// A video, which can be played while it arrives.
    case video
    /// Something to listen to.
    case sound
    /// Any other single file.
    case file
    /// A folder, or several files.
    case folder
  }

  /// Describes an offer.
  public init(
    name: String, size: UInt64, mediaType: String = "", dimensions: Dimensions? = nil,
    duration: Duration? = nil, thumbnail: Data? = nil, isSingleFile: Bool = true,
    fileCount: Int = 1, items: [OfferItem] = [], moreItems: Int = 0
  ) {
    self.name = name
    self.size = size
    self.mediaType = mediaType
    self.dimensions = dimensions
    self.duration = duration
    self.thumbnail = thumbnail
    self.isSingleFile = isSingleFile
    self.fileCount = fileCount
    self.items = items
    self.moreItems = moreItems
  }
}

/// Pixels across and down.
public struct Dimensions: Sendable, Equatable {
  /// Pixels across.
  public let width: Int
  /// Pixels down.
  public let height: Int

  /// Takes both.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// A file or an empty folder of an offer.
public struct OfferItem: Sendable, Equatable {
  /// Where it goes, with slashes.
  public let path: String
  /// Bytes of a file; nothing of a folder.
  public let size: UInt64?

  /// Describes an item.
  public init(path: String, size: UInt64?) {
    self.path = path
    self.size = size
  }
}
