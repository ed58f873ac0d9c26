import Foundation

/// Carries sealed frames to phones close by, without any network: on a phone over
/// MultipeerConnectivity, in tests over memory. It sees no text and decides nothing.
///
/// ``RoomModel`` calls ``start(_:)`` once, sends through it while the visit lasts, and calls
/// ``stop()`` at its end. It may be started again by another visit.
public protocol NearbyTransport: AnyObject, Sendable {
  /// Starts to be found under a name, to look for others whose names match, and to connect to
  /// every one of them. What happens from now on comes out of the sequence, which ends with
  /// ``stop()``. One link joins two phones: the smaller name invites, the other takes it.
  func start(_ advertisement: NearbyAdvertisement) async throws -> AsyncStream<NearbyEvent>

  /// Sends a frame, reliably and in order. Returns once it is handed to the system, so that who
  /// calls it is slowed down to what the link carries. Throws when there is no such link.
  func send(_ frame: Data, to peer: NearbyPeer) async throws

  /// Gives up the link to one phone.
  func disconnect(_ peer: NearbyPeer) async

  /// Stops to look and to be found, and closes every link.
  func stop() async
}

/// Under what phones find each other. It tells neither which room it is, nor who.
public struct NearbyAdvertisement: Sendable {
  /// What this phone is called for the visit: a salted hash of the room, new every time.
  public let name: String
  /// Whether a name that was found belongs to the same room. Only who knows its code can tell.
  public let matches: @Sendable (String) -> Bool

  /// Takes both.
  public init(name: String, matches: @escaping @Sendable (String) -> Bool) {
    self.name = name
    self.matches = matches
  }
}

/// A phone close by, as its transport calls it.
public struct NearbyPeer: RawRepresentable, Hashable, Sendable {
  /// The name that it advertises.
  public let rawValue: String

  /// Takes the name that it advertises.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}

/// What a transport tells.
public enum NearbyEvent: Sendable, Equatable {
  /// A link is up.
  case connected(NearbyPeer)
  /// A link is gone.
  case disconnected(NearbyPeer)
  /// A frame came.
  case received(Data, from: NearbyPeer)
  /// It cannot go on, for instance because the person does not allow it; in English, why.
  case failed(detail: String)
}
