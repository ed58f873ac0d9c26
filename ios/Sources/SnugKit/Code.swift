import SnugFFI

/// What a code says, or what is wrong with it.
public enum CodeReading: Sendable, Equatable {
  /// It is complete.
  case complete(Code)
  /// It is not: not yet, or something is wrong.
  case incomplete(CodeHelp)
}

/// A code that is complete.
public struct Code: Sendable, Equatable, Hashable {
  /// The code as it is written: `K7Q4X9-otter-lemon-cloud-ferry`.
  public let text: String
  /// The room in it.
  public let room: String
  /// What it has besides the room.
  public let secrecy: Secrecy
  /// The server in front of it, if it came as a link.
  public let server: String?

  /// What proves that one was invited.
  public enum Secrecy: String, Sendable, CaseIterable {
    /// Four words.
    case words
    /// A long token, to be pasted.
    case token
    /// Nothing: nobody in such a room can be verified.
    case open
  }
}

/// What is wrong with a code, for the person who types it.
public struct CodeHelp: Sendable, Equatable {
  /// What is wrong.
  public let problem: CodeProblem
  /// The word that is not clear.
  public let word: String?
  /// What may have been meant by it; at most three.
  public let candidates: [String]
}

/// What is wrong with a code.
public enum CodeProblem: String, Sendable, CaseIterable {
  /// Nothing was typed.
  case empty
  /// A link without a code.
  case bareLink
  /// A character that is in no code.
  case character
  /// It does not begin with a room.
  case room
  /// Too few words, or too many.
  case wordCount
  /// A word that is not on the list.
  case unknownWord
  /// A word that is cut too short.
  case ambiguousWord
  /// Neither words nor a token.
  case other
}

extension Code {
  /// Reads a code as it is typed, or the link that ends in it. Case, spaces and words cut short
  /// are forgiven.
  public static func read(_ typed: String) -> CodeReading {
    CodeReading(readCode(typed: typed))
  }

  /// The link that opens the room in a browser or in the app; nothing if that is no address of a
  /// server.
  public func link(server: String) -> String? {
    try? inviteLink(server: server, code: text)
  }
}

/// A QR code.
public struct QRPicture: Sendable, Equatable {
  /// Modules in a row, and rows. A margin of four light ones belongs around them.
  public let size: Int
  /// Row after row, whether a module is dark.
  public let modules: [Bool]

  /// Draws a text; nothing if it is too long.
  public init?(of text: String) {
    guard let drawn = qrCode(link: text) else { return nil }
    size = Int(drawn.size)
    modules = drawn.modules.map { $0 != 0 }
  }

  /// Whether the module in this column and row is dark.
  public func isDark(_ x: Int, _ y: Int) -> Bool {
    modules[y * size + x]
  }
}

extension CodeReading {
  init(_ reading: SnugFFI.CodeReading) {
    switch reading {
    case .complete(let code):
      self = .complete(
        Code(
          text: code.code, room: code.room, secrecy: Code.Secrecy(code.secrecy),
          server: code.server))
    case .incomplete(let reason, _, let word, let candidates):
      self = .incomplete(
        CodeHelp(problem: CodeProblem(reason), word: word, candidates: candidates))
    }
  }
}

extension CodeProblem {
  init(_ problem: SnugFFI.CodeProblem) {
    switch problem {
    case .empty: self = .empty
    case .bareLink: self = .bareLink
    case .character: self = .character
    case .room: self = .room
    case .wordCount: self = .wordCount
    case .unknownWord: self = .unknownWord
    case .ambiguousWord: self = .ambiguousWord
    case .other: self = .other
    }
  }
}
