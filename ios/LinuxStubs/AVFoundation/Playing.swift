import Foundation

/// iOS 4.0
@MainActor
open class AVPlayer: NSObject {
  public nonisolated init(playerItem item: AVPlayerItem?) {}
  open func play() {}
  open func pause() {}
  /// iOS 10.0
  open var automaticallyWaitsToMinimizeStalling = true
  /// iOS 6.0
  open var allowsExternalPlayback = true
}

/// iOS 4.0
@MainActor
open class AVPlayerItem: NSObject {
  public nonisolated init(asset: AVAsset) {}
}

/// iOS 4.0
open class AVAsset: NSObject, @unchecked Sendable {
  /// iOS 15.0
  open func load<T>(_ property: AVAsyncProperty<AVAsset, T>) async throws -> T { fatalError() }
}

/// iOS 15.0
public struct AVAsyncProperty<Root, Value>: Sendable {}
extension AVAsyncProperty where Root == AVAsset, Value == Bool {
  public static var isPlayable: AVAsyncProperty<AVAsset, Bool> { AVAsyncProperty() }
}

/// iOS 4.0
open class AVURLAsset: AVAsset, @unchecked Sendable {
  public init(url: URL, options: [String: Any]? = nil) {}
  /// iOS 6.0
  open var resourceLoader: AVAssetResourceLoader { fatalError() }
}

/// iOS 6.0
open class AVAssetResourceLoader: NSObject {
  open func setDelegate(
    _ delegate: (any AVAssetResourceLoaderDelegate)?, queue delegateQueue: DispatchQueue?
  ) {}
}

/// iOS 6.0
public protocol AVAssetResourceLoaderDelegate: NSObjectProtocol {
  func resourceLoader(
    _ resourceLoader: AVAssetResourceLoader,
    shouldWaitForLoadingOfRequestedResource loadingRequest: AVAssetResourceLoadingRequest
  ) -> Bool
  /// iOS 7.0
  func resourceLoader(
    _ resourceLoader: AVAssetResourceLoader,
    didCancel loadingRequest: AVAssetResourceLoadingRequest)
}

/// iOS 6.0
open class AVAssetResourceLoadingRequest: NSObject {
  /// iOS 7.0
  open var contentInformationRequest: AVAssetResourceLoadingContentInformationRequest? { nil }
  /// iOS 7.0
  open var dataRequest: AVAssetResourceLoadingDataRequest? { nil }
  /// iOS 7.0
  open var isCancelled: Bool { false }
  /// iOS 7.0
  open func finishLoading() {}
  open func finishLoading(with error: (any Error)?) {}
}

/// iOS 7.0
open class AVAssetResourceLoadingContentInformationRequest: NSObject {
  open var contentType: String?
  open var contentLength: Int64 = 0
  open var isByteRangeAccessSupported = false
}

/// iOS 7.0
open class AVAssetResourceLoadingDataRequest: NSObject {
  open var requestedOffset: Int64 { 0 }
  open var requestedLength: Int { 0 }
  /// iOS 9.0
  open var requestsAllDataToEndOfResource: Bool { false }
  open var currentOffset: Int64 { 0 }
  open func respond(with data: Data) {}
}

/// iOS 4.0
open class AVAssetImageGenerator: NSObject {
  public init(asset: AVAsset) {}
  open var appliesPreferredTrackTransform = false
  open var maximumSize = CGSize.zero
  /// iOS 16.0
  open func image(at time: CMTime) async throws -> (image: CGImage, actualTime: CMTime) {
    fatalError()
  }
}

/// iOS 4.0
public struct CMTime: Sendable {
  public static let zero = CMTime()
}

/// iOS 3.0
open class AVAudioSession: NSObject, @unchecked Sendable {
  open class func sharedInstance() -> AVAudioSession { fatalError() }
  /// iOS 10.0
  open func setCategory(_ category: Category, mode: Mode, options: CategoryOptions = []) throws {}

  public struct Category: Hashable, Sendable {
    public static let playback = Category()
  }
  public struct Mode: Hashable, Sendable {
    /// iOS 6.0
    public static let moviePlayback = Mode()
  }
  public struct CategoryOptions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
  }
}
