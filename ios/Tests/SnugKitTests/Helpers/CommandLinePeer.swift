import Foundation

/// Somebody at a command line: a `snug` process that speaks JSON.
@MainActor
final class CommandLinePeer {
  private let program: Program

  /// Starts `snug` with these arguments.
  init(_ server: String, _ arguments: [String]) throws {
    program = try Program("SNUG_BINARY", arguments + ["--json", "--server", server])
  }

  /// Gives it a command.
  func does(_ command: [String: Any]) throws {
    let bytes = try JSONSerialization.data(withJSONObject: command)
    try program.type(String(decoding: bytes, as: UTF8.self))
  }

  /// Waits for an event of that name, for which something holds.
  func until(
    _ name: String, _ isWanted: ([String: Any]) -> Bool = { _ in true }
  ) async throws -> [String: Any] {
    for await line in program.lines {
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let event, event["event"] as? String == name, isWanted(event) else { continue }
      return event
    }
    throw Ended(before: name)
  }

  struct Ended: Error {
    let before: String
  }
}
