import Foundation

/// A program that runs beside the test. It is killed when nobody refers to it any more.
final class Program: @unchecked Sendable {
  /// What it writes, line by line, to its end. For one reader.
  let lines: AsyncStream<String>
  private let process = Process()
  private let input = Pipe()

  /// Starts the program that an environment variable names; `scripts/ios` builds it and sets that.
  init(_ variable: String, _ arguments: [String]) throws {
    let environment = ProcessInfo.processInfo.environment
    guard let path = environment[variable] else { throw NotBuilt(variable: variable) }
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    self.lines = lines
    let cutter = LineCutter()
    output.fileHandleForReading.readabilityHandler = { handle in
      let bytes = handle.availableData
      for line in cutter.add(bytes) { continuation.yield(line) }
      if bytes.isEmpty {
        handle.readabilityHandler = nil
        continuation.finish()
      }
    }
    try process.run()
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
  }

  /// Gives it a line.
  func type(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  struct NotBuilt: Error, CustomStringConvertible {
    let variable: String
    var description: String { "\(variable) is not set: run scripts/ios test" }
  }
}

/// Cuts what a program writes into lines. Its handler is called by one thread at a time.
private final class LineCutter: @unchecked Sendable {
  private var rest = Data()

  func add(_ bytes: Data) -> [String] {
    rest.append(bytes)
    var lines: [String] = []
    while let end = rest.firstIndex(of: 0x0a) {
      lines.append(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
      rest = Data(rest[rest.index(after: end)...])
    }
    return lines
  }
}
