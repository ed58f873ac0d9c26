import Foundation
import SnugKit
import Testing

/// Somebody with a phone.
@MainActor
final class Phone {
  let room: RoomModel

  init(_ configuration: RoomConfiguration) {
    room = RoomModel(configuration: configuration)
  }

  /// Opens a room and waits until it is entered.
  static func opens(
    _ server: String, _ name: String, hidesAddresses: Bool = false
  ) async throws -> Phone {
    let phone = Phone(
      RoomConfiguration(way: .server(server), nickname: name, hidesAddresses: hidesAddresses))
    phone.room.create()
    try await until { phone.room.phase == .inRoom }
    return phone
  }

  /// Joins a room that another is in, through the same server or another way to it.
  static func joins(
    _ other: Phone, _ name: String, through server: String? = nil, hidesAddresses: Bool = false
  ) async throws -> Phone {
    let server = try #require(server ?? other.room.configuration.server)
    return try await enters(
      try #require(other.room.code), server, name, hidesAddresses: hidesAddresses)
  }

  /// Enters the room of a code and waits until it is in there.
  static func enters(
    _ code: Code, _ server: String, _ name: String, hidesAddresses: Bool = false
  ) async throws -> Phone {
    let phone = Phone(
      RoomConfiguration(way: .server(server), nickname: name, hidesAddresses: hidesAddresses))
    phone.room.join(code)
    try await until { phone.room.phase == .inRoom }
    return phone
  }

  /// Reads a code that is complete.
  static func read(_ typed: String) throws -> Code {
    guard case .complete(let code) = Code.read(typed) else { throw NoCode() }
    return code
  }

  /// Waits until there are connections to these people, and to nobody else.
  func meets(_ names: String...) async throws {
    try await until {
      self.room.present.filter { $0.path != nil }.map(\.nickname).sorted() == names.sorted()
    }
  }

  /// Waits for a message of this text.
  func hears(_ text: String) async throws -> Message {
    var heard: Message?
    try await until {
      heard = self.room.timeline.lazy.compactMap { entry in
        guard case .message(let id) = entry.content else { return nil }
        return self.room.message(id)
      }.first { $0.text == text }
      return heard != nil
    }
    return try #require(heard)
  }

  /// Waits for an offer of this name that can be taken.
  func isOffered(_ name: String) async throws -> Transfer {
    var offered: Transfer?
    try await until {
      offered = self.room.transfers.first {
        !$0.isMine && $0.offer.name == name && $0.state == .offered
      }
      return offered != nil
    }
    return try #require(offered)
  }

  struct NoCode: Error {}
}
