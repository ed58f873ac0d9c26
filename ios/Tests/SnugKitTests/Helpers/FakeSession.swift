import Foundation
import SnugFFI

/// A session that only writes down what it is asked for.
final class FakeSession: SessionProtocol, @unchecked Sendable {
  /// What is asked for, in order; ends when it is closed.
  let asked: AsyncStream<String>
  private let note: AsyncStream<String>.Continuation
  private let events: AsyncStream<SnugFFI.Event>
  private let tell: AsyncStream<SnugFFI.Event>.Continuation

  init() {
    (asked, note) = AsyncStream.makeStream()
    (events, tell) = AsyncStream.makeStream()
  }

  /// Has something happen.
  func happens(_ event: SnugFFI.Event) {
    tell.yield(event)
  }

  func nextEvent() async -> SnugFFI.Event? {
    for await event in events { return event }
    return nil
  }

  func close() {
    note.yield("close")
    note.finish()
    tell.finish()
  }

  func leave() async {
    note.yield("leave")
    tell.yield(.ended(reason: .left, refusal: nil, message: ""))
  }

  func me() -> String { "me" }

  func say(text: String, replyTo: String?) async throws {
    // Whoever is not waited for is overtaken here.
    await Task.yield()
    note.yield("say \(text) \(replyTo ?? "")")
    if text == "trouble" { throw SnugError.Internal(message: "trouble") }
  }

  func edit(message: String, text: String) async throws { note.yield("edit \(message) \(text)") }

  func delete(message: String) async throws { note.yield("delete \(message)") }

  func react(message: String, emoji: String, on: Bool) async throws {
    note.yield("react \(message) \(emoji) \(on)")
  }

  func typing(on: Bool) async throws { note.yield("typing \(on)") }

  func markRead() async throws { note.yield("read") }

  func setProfile(nickname: String, camera: Bool, microphone: Bool) async throws {
    note.yield("name \(nickname)")
  }

  func offer(paths: [String]) throws -> Offering {
    throw SnugError.File(message: "cannot read \(paths)")
  }

  func accept(transfer: String, items: [UInt32]?, folder: String?) async throws {
    await Task.yield()
    note.yield("accept \(transfer) \(items ?? []) \(folder ?? "memory")")
  }

  func decline(transfer: String) async throws { note.yield("decline \(transfer)") }

  func cancel(transfer: String) async throws { note.yield("cancel \(transfer)") }

  func pause(transfer: String) async throws { note.yield("pause \(transfer)") }

  func resume(transfer: String) async throws { note.yield("resume \(transfer)") }

  func read(
    transfer: String, offset: UInt64, length: UInt64, cancellation: Cancellation?
  ) async throws -> Data {
    note.yield("read \(transfer) \(offset)+\(length)")
    throw SnugError.Refused(message: "nothing is here")
  }

  func take(transfer: String) async throws -> [ReceivedFile]? { nil }

  func networkChanged() { note.yield("network") }

  func enteredBackground() { note.yield("background") }

  func enteredForeground() { note.yield("foreground") }

  func nextNearby() async -> NearbyFrame? { nil }

  func nearbyFound(phone: String) {}

  func nearbyLost(phone: String) {}

  func nearbyReceived(phone: String, bytes: Data) {}
}
