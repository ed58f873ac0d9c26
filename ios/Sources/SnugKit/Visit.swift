import Foundation

/// What the model asks of the engine.
protocol Engine: Sendable {
  func say(_ text: String, replyTo: MessageID?) async
  func edit(_ message: MessageID, _ text: String) async
  func delete(_ message: MessageID) async
  func react(_ message: MessageID, _ emoji: String, on: Bool) async
  func typing(_ on: Bool) async
  func markRead() async
  func rename(_ nickname: String) async
  func networkChanged() async
  func enteredBackground() async
  func enteredForeground() async
  func accept(_ transfer: TransferID, items: Set<Int>?, into destination: Destination) async
  func decline(_ transfer: TransferID) async
  func cancel(_ transfer: TransferID) async
  func pause(_ transfer: TransferID) async
  func resume(_ transfer: TransferID) async
  func read(_ transfer: TransferID, _ bytes: Range<UInt64>) async throws -> Data
  func take(_ transfer: TransferID) async -> [ReceivedFile]
}

/// Which room to enter.
enum Entry: Sendable {
  case create(Code.Secrecy, capacity: Int?)
  case join(Code)
}

/// The engine and what runs beside it.
@MainActor
final class Visit {
  let engine: any Engine
  init(engine: any Engine) { self.engine = engine }
}

struct Said {
  let id: MessageID
  let author: PersonID
  let number: UInt64
  let isLate: Bool
  let text: String?
  let replyTo: MessageID?
}

enum EngineCodes {
  static func read(_ typed: String) -> CodeReading { .incomplete(CodeHelp(problem: .empty, word: nil, candidates: [])) }
  static func link(_ code: Code, server: String) -> String? { nil }
  static func picture(of text: String) -> QRPicture? { nil }
}

extension RoomModel {
  func begin(_ entry: Entry) {}
  func finish(_ ending: Ending) { phase = .ended(ending) }
  func end(_ ending: Ending) async {}
  func command(_ act: @escaping @Sendable (any Engine) async -> Void) {}
  func addOwn(_ files: [URL]) -> Transfer { Transfer(id: 0, name: nil, direction: .outgoing, offer: Offer(name: "", size: 0), state: .offered) }
  func startHashing(_ transfer: Transfer, _ files: [URL]) {}
  func stopHashing(_ transfer: Transfer) {}
  /// What to keep so that ``restore(_:)`` can come back after the system ended the app; nothing
  /// outside of a room.
  public func saved(at now: Date = Date()) -> SavedRoom? { nil }
}
