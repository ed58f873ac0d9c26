import Foundation

/// What of the room can be reached.
public struct ConnectionState: Sendable, Equatable {
  /// The way to the server.
  public internal(set) var server: ServerState = .connecting
  /// The search for phones close by.
  public internal(set) var nearby: NearbyState = .off
  /// Wrong words that were tried in this room, as far as the members know.
  public internal(set) var wrongGuesses = 0
  /// Whether that was too often: from now on nobody new is let in.
  public internal(set) var isClosedToNewcomers = false
  /// Members whom others in the room have verified and this one has not met: the server may be
  /// keeping them apart.
  public internal(set) var keptApart: [PersonID] = []
}

/// The way to the server.
public enum ServerState: Sendable, Equatable {
  /// Not in the room yet.
  case connecting
  /// In the room.
  case online
  /// Not there; another try follows.
  case offline(Outage)
  /// None is asked: only phones close by take part.
  case unused
}

/// The search for phones close by.
public enum NearbyState: Sendable, Equatable {
  /// Nobody looks.
  case off
  /// On; this many phones are connected.
  case on(connected: Int)
  /// The system does not allow it, or it failed; in English, why.
  case failed(detail: String)
}
