/// Names a member of a room for as long as they are in it.
public struct PersonID: RawRepresentable, Hashable, Sendable, Codable, Comparable {
  /// As the engine writes it.
  public let rawValue: String

  /// Takes it as the engine writes it.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// An order that every member shares.
  public static func < (one: Self, other: Self) -> Bool {
    one.rawValue < other.rawValue
  }
}

/// Names a message: its author and number.
public struct MessageID: RawRepresentable, Hashable, Sendable, Codable {
  /// As the engine writes it: `author/number`.
  public let rawValue: String

  /// Takes it as the engine writes it.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}

/// Names what is offered, the same for every member.
public struct TransferID: RawRepresentable, Hashable, Sendable, Codable {
  /// As the engine writes it.
  public let rawValue: String

  /// Takes it as the engine writes it.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}
