import Foundation

/// Where a room stands for this member.
public enum RoomPhase: Sendable, Equatable {
  /// Nothing was asked for yet.
  case idle
  /// On the way in; nobody has been met.
  case connecting
  /// Inside.
  case inRoom
  /// Inside, but the way to the server is down. Links to people may live on.
  case reconnecting(Outage)
  /// It is over, and why. Nothing follows; another visit takes another ``RoomModel``.
  case ended(Ending)
}

/// The way to the server is down.
public struct Outage: Sendable, Equatable {
  /// What happened, in English, for whoever looks into it.
  public let detail: String
  /// When the next try starts.
  public let retryAt: Date

  /// Says that it is down.
  public init(detail: String, retryAt: Date) {
    self.detail = detail
    self.retryAt = retryAt
  }
}

/// Why a visit is over.
public enum Ending: Sendable, Equatable {
  /// This member left.
  case left
  /// The room never was, has expired, or is full.
  case roomNotFound
  /// The server refuses for a reason that trying again does not mend; in English, as it says.
  case serverRefused(detail: String)
  /// The members do not let this one in, or it does not trust them.
  case keptOut(Refusal)
  /// The server was not reached, and the room was never entered.
  case serverUnreachable(detail: String)
  /// Another phone could not be looked for: nearby is not allowed or not there.
  case nearbyUnavailable(detail: String)
  /// What was given to begin with is not usable: the address of the server, or the name; in
  /// English, why.
  case invalid(detail: String)
  /// The engine failed, which is our mistake.
  case crashed(detail: String)
  /// For a reason that this version does not know; in English, as the engine says it.
  case other(detail: String)
}

/// Why two members do not come together.
public enum Refusal: String, Sendable, CaseIterable {
  /// The words differ, or somebody in between does not know them.
  case wrongWords
  /// The room has words, and this member came without.
  case wordsNeeded
  /// The room has no words, and this member came with some.
  case openRoom
  /// Too many wrong words were tried, so nobody new is let in.
  case closed
  /// No version of the handshake in common.
  case version
  /// The connection ends at somebody else than the one who knows the words.
  case intercepted
  /// Another person came under the name of one who was here before.
  case impostor
  /// Nobody answers the handshake.
  case silent
  /// For a reason that this version does not know.
  case other
}

/// What a person can do about an ending.
public enum Remedy: String, Sendable, CaseIterable {
  /// Nothing is wrong.
  case none
  /// Look at the code again, with whoever gave it.
  case checkCode
  /// Look at the address of the server and at the name.
  case checkServer
  /// Ask for another code, or open a room.
  case openRoom
  /// Try the same again when there is a network.
  case tryAgain
  /// Both need the same version of Snug.
  case update
  /// Leave this network or server alone.
  case distrustNetwork
  /// Allow it in the system's settings.
  case allowNearby
}

extension Ending {
  /// What to do about it.
  public var remedy: Remedy {
    switch self {
    case .left: .none
    case .roomNotFound: .checkCode
    case .serverRefused, .serverUnreachable, .crashed, .other: .tryAgain
    case .invalid: .checkServer
    case .nearbyUnavailable: .allowNearby
    case .keptOut(let refusal): refusal.remedy
    }
  }
}

extension Refusal {
  /// What to do about it.
  public var remedy: Remedy {
    switch self {
    case .wrongWords, .wordsNeeded, .openRoom: .checkCode
    case .closed: .openRoom
    case .version: .update
    case .intercepted, .impostor: .distrustNetwork
    case .silent, .other: .tryAgain
    }
  }
}
