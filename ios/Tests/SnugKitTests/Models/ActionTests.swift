import Foundation
import SnugFFI
import Testing

@testable import SnugKit

@MainActor @Suite("What a person does, as the engine is asked for it", .timeLimit(.minutes(1)))
struct ActionTests {
  let session = FakeSession()
  let room = RoomModel(configuration: RoomConfiguration(way: .server("snug.example")))

  init() async throws {
    room.start(session)
    session.happens(.room(code: "K7Q4X9-otter-lemon-cloud-ferry", me: "me", peers: ["ann"]))
    let room = room
    try await until { room.phase == .inRoom }
  }

  @Test("What was said first is asked for first")
  func order() async throws {
    for number in 0..<100 { room.say("\(number)") }
    await room.leave()
    #expect(await asked() == (0..<100).map { "say \($0) " } + ["leave", "close"])
  }

  @Test("Everything a person can do with messages")
  func messages() async throws {
    room.fold(said("hello"), now: now)
    let hello = try #require(room.message(MessageID(rawValue: "ann/1")))
    room.say("hi", replyingTo: hello)
    room.react(to: hello, "👍")
    room.fold(.reacted(id: "ann/1", peer: "me", emoji: "👍", on: true), now: now)
    room.react(to: hello, "👍")
    room.edit(hello, "bye")
    room.delete(hello)
    room.typing(true)
    room.markRead()
    room.markRead()
    room.rename("Me")
    await room.leave()
    let wanted = [
      "say hi ann/1", "react ann/1 👍 true", "react ann/1 👍 false", "edit ann/1 bye",
      "delete ann/1", "typing true", "read", "name Me", "leave", "close",
    ]
    #expect(await asked() == wanted)
    #expect(room.unread == 0 && room.nickname == "Me")
  }

  @Test("Everything a person can do with files")
  func files() async throws {
    room.fold(offered("t1"), now: now)
    let transfer = try #require(room.transfers.first)
    room.accept(transfer, items: [3, 1], into: .folder(URL(fileURLWithPath: "/inbox")))
    #expect(transfer.state.progress == TransferProgress(bytes: 0, total: 100))
    room.pause(transfer)
    room.resume(transfer)
    room.cancel(transfer)
    room.accept(transfer)
    room.decline(transfer)
    #expect(transfer.state == .declined)
    let own = room.offer([URL(fileURLWithPath: "/a")])
    #expect(own.state == .failed(.cannotRead(detail: "cannot read [\"/a\"]")))
    room.accept(own)
    await room.leave()
    let wanted = [
      "accept t1 [1, 3] /inbox", "pause t1", "resume t1", "cancel t1", "accept t1 [] memory",
      "decline t1", "leave", "close",
    ]
    #expect(await asked() == wanted)
  }

  @Test("A player that reads at once reads what was accepted before")
  func reading() async throws {
    room.fold(offered("t1"), now: now)
    let transfer = try #require(room.transfers.first)
    room.accept(transfer)
    let reader = try #require(room.reader(of: transfer))
    #expect(reader.size == 100 && reader.mediaType == "image/jpeg")
    await #expect(throws: SnugKit.TransferFailure.cannotRead(detail: "nothing is here")) {
      try await reader.read(20..<30)
    }
    await room.leave()
    #expect(await asked() == ["accept t1 [] memory", "read t1 20+10", "leave", "close"])
  }

  @Test("What concerns the phone is said at once")
  func phone() async {
    room.networkChanged()
    room.enteredBackground()
    #expect(room.isInBackground)
    room.enteredForeground()
    #expect(!room.isInBackground)
    await room.leave()
    #expect(await asked() == ["network", "background", "foreground", "leave", "close"])
  }

  @Test("What goes wrong is a notice, and what comes after it is done")
  func failures() async {
    room.say("trouble")
    room.say("still there")
    await room.leave()
    #expect(room.notice == .other)
    #expect(await asked() == ["say trouble ", "say still there ", "leave", "close"])
  }

  @Test("More than can be kept is refused, and nothing is lost in the middle")
  func tooMuch() async {
    for number in 0..<Visit.backlog + 2 { room.say("\(number)") }
    #expect(room.notice == .tooBusy)
    await room.leave()
    #expect(await asked().prefix(Visit.backlog) == (0..<Visit.backlog).map { "say \($0) " }[...])
  }

  @Test("Outside of a room nothing is asked for")
  func outside() async {
    let room = RoomModel(configuration: RoomConfiguration(way: .server("snug.example")))
    room.say("hello")
    #expect(room.notice == .notInRoom)
    #expect(room.saved() == nil)
    await room.leave()
    #expect(room.phase == .ended(.left))
  }

  @Test("What is kept brings a member back to what they were receiving")
  func saving() async throws {
    room.fold(offered("t1"), now: now)
    room.fold(offered("t2"), now: now)
    let inbox = Destination.folder(URL(fileURLWithPath: "/inbox", isDirectory: true))
    room.accept(try #require(room.transfers.first), into: inbox)
    let saved = try #require(room.saved(at: now))
    #expect(saved.code == "K7Q4X9-otter-lemon-cloud-ferry")
    #expect(saved.receiving.map(\.destination) == [inbox])
    let read = try JSONDecoder().decode(SavedRoom.self, from: JSONEncoder().encode(saved))
    #expect(read == saved)
    await room.leave()
    #expect(room.saved() == nil)
  }

  /// Everything that was asked for. It ends when the session is closed.
  private func asked() async -> [String] {
    var all: [String] = []
    for await one in session.asked { all.append(one) }
    return all
  }
}
