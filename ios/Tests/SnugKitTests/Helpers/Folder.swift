import Foundation

/// A folder for one test, removed after it.
final class Folder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "snug-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// Makes a file of so many bytes, which do not repeat.
  func file(_ name: String, bytes count: Int, seed: UInt64 = 1) throws -> URL {
    var bytes = [UInt64](repeating: 0, count: (count + 7) / 8)
    // A linear congruential generator (Knuth, MMIX).
    var state = seed
    for at in bytes.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes[at] = state ^ (state >> 29)
    }
    let file = url.appending(path: name)
    try Data(bytes.withUnsafeBytes { Data($0) }.prefix(count)).write(to: file)
    return file
  }
}
