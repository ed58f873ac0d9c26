import Observation

/// One of the others in a room.
@MainActor @Observable
public final class Person: Identifiable {
  /// Names them.
  public nonisolated let id: PersonID
  /// As they call themselves; empty for no name. Theirs to choose: show it as text, never alone
  /// as proof of who they are.
  public internal(set) var nickname = ""
  /// Whether they are in the room now.
  public internal(set) var isHere = true
  /// Whether there ever was a connection to them.
  public internal(set) var wasMet = false
  /// How the link to them is.
  public internal(set) var link: LinkState = .connecting
  /// Whether they are typing.
  public internal(set) var isTyping = false
  /// What both sides see if nobody is in between, once the handshake is done.
  public internal(set) var check: EmojiCheck?
  /// Whether this person said that both see the same emoji.
  public internal(set) var isCompared = false
  /// All of this member's own entries up to this number have arrived there.
  public internal(set) var delivered: UInt64 = 0
  /// All of this member's own entries up to this number were seen by a person there.
  public internal(set) var read: UInt64 = 0
  /// Messages of theirs that are known to exist but have not come.
  public internal(set) var missing: UInt64 = 0
  /// Bytes a second to and from them.
  public internal(set) var rate = 0.0
  /// When they came, in arrivals: only what was said later is theirs to read.
  var since = 0

  init(id: PersonID) {
    self.id = id
  }

  /// What may be shown of who they are. Only what is not in doubt is shown as sure.
  public var trust: Trust {
    switch link {
    case .connected(let verified, _):
      if !verified { return .unverified }
      return isCompared ? .compared : .verified
    case .verifying: return .verifying
    case .refused: return .refused
    case .connecting, .reconnecting, .failed: return .unknown
    }
  }

  /// How what is said travels to them; nothing while it does not.
  public var path: Path? {
    if case .connected(_, let path) = link { path } else { nil }
  }
}

/// How sure it is that a person knows the words of the code.
public enum Trust: String, Sendable, CaseIterable {
  /// There is no link now.
  case unknown
  /// It is being checked.
  case verifying
  /// The room has no words, so nobody can tell.
  case unverified
  /// They proved it.
  case verified
  /// They proved it, and two people compared the emoji.
  case compared
  /// They did not, and nothing is taken from them.
  case refused
}

/// The link to one member.
public enum LinkState: Sendable, Equatable {
  /// On the way.
  case connecting
  /// In reach; whether they know the words is being checked.
  case verifying
  /// Open for everything.
  case connected(verified: Bool, path: Path)
  /// Interrupted; on the way back.
  case reconnecting
  /// Given up for now; another try follows later.
  case failed
  /// Nothing is taken from them, nor sent to them.
  case refused(Refusal)
}

/// How frames travel to a member.
public enum Path: String, Sendable, CaseIterable {
  /// Straight to them.
  case direct
  /// Through a TURN server.
  case turn
  /// Sealed, through the server that introduced the two. Slow.
  case relay
  /// From one phone to the other, without any network.
  case nearby
}

/// What both sides of a link see if nobody is in between, for people to compare.
public struct EmojiCheck: Sendable, Equatable {
  /// The emoji, in order.
  public let emoji: [String]
  /// Their names in English, in the same order.
  public let names: [String]
  /// Their places in the list that all clients share, to look names up in other languages.
  public let places: [Int]

  /// Takes what the engine tells.
  public init(emoji: [String], names: [String], places: [Int]) {
    self.emoji = emoji
    self.names = names
    self.places = places
  }
}
