import Foundation
import SnugKit
import Testing

/// Rooms with a real engine in them: each test has a server of its own. One after the other, for
/// the machine may be small.
@MainActor @Suite("Rooms", .serialized, .timeLimit(.minutes(3)))
enum Rooms {}

extension Rooms {
  @MainActor @Suite("People in a room")
  struct RoomTests {
    @Test("Two phones and a command line talk")
    func talk() async throws {
      let server = try await TestServer()
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      let cy = try CommandLinePeer(
        server.address, ["join", try #require(ann.room.code?.text), "--name", "Cy"])
      try await ann.meets("Bob", "Cy")
      try await bob.meets("Ann", "Cy")
      try await until {
        ann.room.people.allSatisfy { $0.trust == .verified && $0.path == .direct }
      }

      ann.room.say("hello")
      let heard = try await cy.until("message") { $0["text"] as? String == "hello" }
      try cy.does(["do": "reply", "to": heard["id"] ?? "", "text": "hello yourself"])
      let question = try await bob.hears("hello")
      let answer = try await bob.hears("hello yourself")
      #expect(answer.replyTo == question.id)
      bob.room.react(to: answer, "👋")
      _ = try await cy.until("reacted") { $0["emoji"] as? String == "👋" }

      let mine = try await ann.hears("hello")
      try await until { ann.room.reach(of: mine) == .delivered }
      bob.room.markRead()
      try await until { ann.room.readers(of: mine).map(\.nickname) == ["Bob"] }
      ann.room.edit(mine, "hello all")
      ann.room.delete(try await ann.hears("hello all"))
      try await until { question.isDeleted }
      #expect(question.isEdited)
      #expect(
        bob.room.timeline.map(\.content).filter { $0.isMessage } == [
          .message(question.id), .message(answer.id),
        ])
    }

    @Test("Emoji are the same on both sides, and typing is seen")
    func emoji() async throws {
      let server = try await TestServer()
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      try await bob.meets("Ann")
      let (one, other) = (ann.room.people[0], bob.room.people[0])
      try await until { one.check != nil && other.check != nil }
      #expect(one.check == other.check)
      #expect(one.check?.emoji.count == 6)
      ann.room.compared(one, same: true)
      #expect(one.trust == .compared)
      ann.room.typing(true)
      try await until { other.isTyping }
      ann.room.enteredBackground()
      try await until { !other.isTyping }
      ann.room.rename("Anna")
      try await until { other.nickname == "Anna" }
    }

    @Test("Whoever has the wrong words is told, and stays outside")
    func wrongWords() async throws {
      let server = try await TestServer()
      let ann = try await Phone.opens(server.address, "Ann")
      let code = try #require(ann.room.code)
      let wrong = try Phone.read(code.room + "-otter-lemon-cloud-ferry")
      let eve = Phone(RoomConfiguration(way: .server(server.address)))
      eve.room.join(wrong)
      try await until { eve.room.isOver }
      #expect(eve.room.phase == .ended(.keptOut(.wrongWords)))
      try await until { ann.room.connection.wrongGuesses == 1 }
      #expect(ann.room.present.allSatisfy { $0.path == nil })
    }

    @Test("A room that never was is told apart from a server that is not there")
    func nowhere() async throws {
      let server = try await TestServer()
      let code = try Phone.read("K7Q4X9-otter-lemon-cloud-ferry")
      let lost = Phone(RoomConfiguration(way: .server(server.address)))
      lost.room.join(code)
      try await until { lost.room.isOver }
      #expect(lost.room.phase == .ended(.roomNotFound))
      let astray = Phone(RoomConfiguration(way: .server("not an address")))
      astray.room.join(code)
      guard case .ended(.invalid) = astray.room.phase else {
        Issue.record("it says \(astray.room.phase)")
        return
      }
    }

    @Test("After leaving everything is closed, and the others know")
    func leaving() async throws {
      let server = try await TestServer()
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      let events = bob.room.events()
      await bob.room.leave()
      #expect(bob.room.phase == .ended(.left))
      var last: RoomEvent?
      for await event in events { last = event }
      #expect(last == .ended(.left))
      bob.room.say("too late")
      #expect(bob.room.notice == .notInRoom)
      await bob.room.leave()
      try await until { ann.room.present.isEmpty }
      let bobsID = try #require(ann.room.people.first).id
      #expect(ann.room.timeline.last?.content == .note(.left(bobsID, saidGoodbye: true)))
    }

    @Test("A room that nobody holds any more is left")
    func dropped() async throws {
      let server = try await TestServer()
      let ann = try await Phone.opens(server.address, "Ann")
      var bob: Phone? = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      weak var room = bob?.room
      bob = nil
      #expect(room == nil)
      try await until { ann.room.present.isEmpty }
    }
  }
}

extension TimelineEntry.Content {
  fileprivate var isMessage: Bool {
    if case .message = self { true } else { false }
  }
}
