import Foundation

/// How to take part in a room.
public struct RoomConfiguration: Sendable {
  /// Who introduces the members.
  public var way: Way
  /// How to be called; empty for no name. At most 64 bytes.
  public var nickname: String
  /// Hides this phone's addresses from the others. Slower.
  public var hidesAddresses: Bool
  /// Passes on what it receives to others who want it.
  public var shares: Bool

  /// Who introduces the members.
  public enum Way: Sendable {
    /// A server: its address, as a person may type it.
    case server(String)
    /// Nobody: phones close by find each other, without any network.
    case nearby(any NearbyTransport)
  }

  /// The defaults for a room.
  public init(
    way: Way, nickname: String = "", hidesAddresses: Bool = false, shares: Bool = true
  ) {
    self.way = way
    self.nickname = nickname
    self.hidesAddresses = hidesAddresses
    self.shares = shares
  }

  /// The address of the server; nothing without one.
  public var server: String? {
    if case .server(let address) = way { address } else { nil }
  }
}

extension RoomConfiguration {
  /// As it was when a room was saved. Nothing if phones close by took part and none can now.
  public init?(restoring saved: SavedRoom, nearby: (any NearbyTransport)? = nil) {
    if let server = saved.server {
      self.init(way: .server(server))
    } else if let nearby {
      self.init(way: .nearby(nearby))
    } else {
      return nil
    }
    nickname = saved.nickname
    hidesAddresses = saved.hidesAddresses
  }
}

/// What is needed to come back into a room after the system ended the app. It holds the code:
/// keep it where only this app reads it, and delete it when the room is left.
public struct SavedRoom: Sendable, Equatable, Codable {
  /// The code of the room.
  public let code: String
  /// The server that introduced the members; nothing if only phones close by took part.
  public let server: String?
  /// How this member is called.
  public let nickname: String
  /// Whether addresses were hidden.
  public let hidesAddresses: Bool
  /// What was being received, and where it went. It goes on once it is offered again.
  public let receiving: [Receiving]
  /// When it was saved.
  public let savedAt: Date

  /// Something that was being received.
  public struct Receiving: Sendable, Equatable, Codable {
    /// What.
    public let transfer: TransferID
    /// Where it goes. What went into memory is gone and starts again.
    public let destination: Destination
  }
}
