import Foundation

/// A real server on a port of its own.
final class TestServer: Sendable {
  /// Where it serves: `http://127.0.0.1:port`.
  let address: String
  /// Its port.
  let port: UInt16
  private let program: Program

  init() async throws {
    let key = String(repeating: "07", count: 32)
    program = try Program(
      "SNUG_SERVER_BINARY",
      [
        "--listen", "127.0.0.1:0", "--stun", "127.0.0.1:0", "--metrics", "off", "--key", key,
      ])
    // "snug-server 1.0.0 serves http://127.0.0.1:4711, STUN on …"
    for await line in program.lines {
      let words = line.split(whereSeparator: { " ,".contains($0) })
      guard let address = words.first(where: { $0.hasPrefix("http://") }),
        let port = address.split(separator: ":").last.flatMap({ UInt16($0) })
      else { continue }
      self.address = String(address)
      self.port = port
      return
    }
    throw Silent()
  }

  struct Silent: Error {}
}
