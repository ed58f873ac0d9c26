import Foundation
import SnugKit

extension TransferReader {
  /// What is read at once.
  static let chunk: UInt64 = 1 << 20

  /// All of it. For what fits memory twice.
  func whole() async throws -> Data {
    var bytes = Data(capacity: Int(clamping: size))
    try await chunks { bytes.append($0) }
    return bytes
  }

  /// Writes it into a new file, a piece at a time.
  func write(to file: URL) async throws {
    guard FileManager.default.createFile(atPath: file.path(percentEncoded: false), contents: nil)
    else { throw CocoaError(.fileWriteUnknown) }
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    try await chunks { try handle.write(contentsOf: $0) }
  }

  private func chunks(_ take: (Data) throws -> Void) async throws {
    var at: UInt64 = 0
    while at < size {
      try Task.checkCancellation()
      let piece = try await read(at..<min(size, at + Self.chunk))
      guard !piece.isEmpty else { throw CocoaError(.fileReadUnknown) }
      try take(piece)
      at += UInt64(piece.count)
    }
  }
}
