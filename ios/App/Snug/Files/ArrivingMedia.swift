import AVFoundation
import SnugKit
import UniformTypeIdentifiers

/// Gives a player the bytes that it asks for, as they arrive and are verified. What it wants is
/// asked for before all others, so one can jump ahead in a film that is not here yet.
final class ArrivingMedia: NSObject, Sendable {
  let asset: AVURLAsset
  private let reader: TransferReader
  private let reads = Reads()

  init(_ reader: TransferReader) {
    self.reader = reader
    // No loader of the system knows this scheme, so the player asks here.
    asset = AVURLAsset(url: URL(string: "snug-media://\(UUID().uuidString)/")!)
    super.init()
    asset.resourceLoader.setDelegate(self, queue: DispatchQueue(label: "snug.media"))
  }
}

extension ArrivingMedia: AVAssetResourceLoaderDelegate {
  func resourceLoader(
    _ loader: AVAssetResourceLoader,
    shouldWaitForLoadingOfRequestedResource request: AVAssetResourceLoadingRequest
  ) -> Bool {
    if let about = request.contentInformationRequest {
      about.contentType = UTType(mimeType: reader.mediaType)?.identifier
      about.contentLength = Int64(clamping: reader.size)
      about.isByteRangeAccessSupported = true
    }
    guard let wanted = request.dataRequest else {
      request.finishLoading()
      return true
    }
    let range = Self.range(from: wanted.currentOffset, to: wanted.end, size: reader.size)
    reads.start(Asked(request: request), from: reader, range)
    return true
  }

  func resourceLoader(
    _ loader: AVAssetResourceLoader, didCancel request: AVAssetResourceLoadingRequest
  ) {
    reads.cancel(request)
  }

  /// What is asked for, within the file: from an offset on, so much of it or all.
  static func range(from offset: Int64, to end: Int64?, size: UInt64) -> Range<UInt64> {
    let start = min(size, UInt64(clamping: offset))
    let end = end.map { min(size, UInt64(clamping: $0)) } ?? size
    return start..<max(start, end)
  }
}

extension AVAssetResourceLoadingDataRequest {
  /// Where it ends; nothing for the end of the file.
  fileprivate var end: Int64? {
    if requestsAllDataToEndOfResource { return nil }
    let (end, isTooFar) = requestedOffset.addingReportingOverflow(Int64(requestedLength))
    return isTooFar ? nil : end
  }
}

/// A request, which may be answered from any thread but is not marked so.
private struct Asked: @unchecked Sendable {
  let request: AVAssetResourceLoadingRequest

  /// A piece at a time, so that the player begins before all of it is here.
  func answer(from reader: TransferReader, _ range: Range<UInt64>) async {
    var at = range.lowerBound
    do {
      while at < range.upperBound {
        let bytes = try await reader.read(at..<min(range.upperBound, at + Self.piece))
        if Task.isCancelled || request.isCancelled { return }
        guard !bytes.isEmpty else { throw CocoaError(.fileReadUnknown) }
        request.dataRequest?.respond(with: bytes)
        at += UInt64(bytes.count)
      }
      request.finishLoading()
    } catch {
      if !request.isCancelled { request.finishLoading(with: error) }
    }
  }

  private static let piece: UInt64 = 256 << 10
}

/// The reads that are under way, by request.
private final class Reads: @unchecked Sendable {
  private let lock = NSLock()
  private var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]

  func start(_ asked: Asked, from reader: TransferReader, _ range: Range<UInt64>) {
    let id = ObjectIdentifier(asked.request)
    // Under the lock, so that it is not forgotten before it is known.
    lock.withLock {
      tasks[id] = Task {
        await asked.answer(from: reader, range)
        forget(id)
      }
    }
  }

  func cancel(_ request: AVAssetResourceLoadingRequest) {
    forget(ObjectIdentifier(request))?.cancel()
  }

  @discardableResult
  private func forget(_ id: ObjectIdentifier) -> Task<Void, Never>? {
    lock.withLock { tasks.removeValue(forKey: id) }
  }
}
