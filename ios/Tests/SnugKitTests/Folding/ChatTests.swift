import Foundation
import SnugFFI
import Testing

@testable import SnugKit

@MainActor @Suite("What is said, folded from events")
struct ChatTests {
  @Test("Messages stand in the order that all members share, however they come")
  func order() {
    let room = room(with: "ann", "bob")
    room.fold(said("second", by: "bob", seq: 1, lamport: 2), now: now)
    room.fold(said("third", by: "ann", seq: 2, lamport: 3), now: now)
    room.fold(said("first", by: "ann", seq: 1, lamport: 1, late: true), now: now)
    room.fold(said("also third", by: "bob", seq: 2, lamport: 3), now: now)
    let texts = room.timeline.compactMap { entry -> String? in
      guard case .message(let id) = entry.content else { return nil }
      return room.message(id)?.text
    }
    #expect(texts == ["first", "second", "third", "also third"])
    #expect(room.message(MessageID(rawValue: "ann/1"))?.isLate == true)
    #expect(room.unread == 4)
  }

  @Test("A note stays behind the messages that it came after")
  func notes() {
    let room = room(with: "ann")
    room.fold(said("one", seq: 1, lamport: 5), now: now)
    room.fold(.misbehaved(peer: "ann", reason: ""), now: now)
    room.fold(said("early", by: "bob", lamport: 2), now: now)
    room.fold(said("late", seq: 2, lamport: 6), now: now)
    let kinds = room.timeline.map { entry in
      if case .message(let id) = entry.content { id.rawValue } else { "note" }
    }
    #expect(kinds == ["bob/1", "ann/1", "note", "ann/2"])
    #expect(Set(room.timeline.map(\.id)).count == 4)
  }

  @Test("A message can be answered, changed and taken back")
  func changes() throws {
    let room = room(with: "ann")
    room.fold(said("helo", seq: 1), now: now)
    room.fold(said("hi", by: "me", seq: 1, lamport: 2, replyTo: "ann/1"), now: now)
    let theirs = try #require(room.message(MessageID(rawValue: "ann/1")))
    let mine = try #require(room.message(MessageID(rawValue: "me/1")))
    #expect(mine.isMine && mine.replyTo == theirs.id)
    room.fold(.edited(id: "ann/1", text: "hello"), now: now)
    #expect(theirs.text == "hello" && theirs.isEdited)
    room.fold(.reacted(id: "ann/1", peer: "me", emoji: "👍", on: true), now: now)
    room.fold(.deleted(id: "ann/1"), now: now)
    #expect(theirs.isDeleted && theirs.reactions.isEmpty)
    room.fold(.edited(id: "nobody/7", text: "?"), now: now)
  }

  @Test("Reactions are counted by who set them, and are bounded")
  func reactions() async throws {
    let room = room(with: "ann", "bob")
    room.fold(said("look", by: "me"), now: now)
    let message = try #require(room.message(MessageID(rawValue: "me/1")))
    let (ann, bob) = (PersonID(rawValue: "ann"), PersonID(rawValue: "bob"))
    let react = { (peer: String, emoji: String, on: Bool) in
      room.fold(.reacted(id: "me/1", peer: peer, emoji: emoji, on: on), now: now)
    }
    let told = await heard(room) {
      react("ann", "👍", true)
      react("bob", "👍", true)
      react("ann", "👍", true)
    }
    #expect(message.reactions.map(\.by) == [[bob, ann]])
    #expect(told.contains(.reaction(message.id, emoji: "👍", by: ann)))
    react("bob", "👍", false)
    react("ann", "👍", false)
    #expect(message.reactions.isEmpty)
    for number in 0..<100 { react("ann", "\(number)", true) }
    #expect(message.reactions.count == RoomModel.reactionsLimit)
  }

  @Test("Nobody's clock puts a message into next week")
  func clocks() throws {
    let room = room(with: "ann")
    room.fold(said("ahead", seq: 1, at: now.addingTimeInterval(1e6)), now: now)
    room.fold(said("behind", seq: 2, at: now.addingTimeInterval(-1e6)), now: now)
    let times = room.timeline.map { $0.at.timeIntervalSince(now) }
    #expect(times == [60, -86_400])
  }

  @Test("A message has reached everyone who was there when it was said")
  func reach() throws {
    let room = room(with: "ann", "bob")
    room.fold(said("hello", by: "me", seq: 4, lamport: 9), now: now)
    let message = try #require(room.message(MessageID(rawValue: "me/4")))
    #expect(room.reach(of: message) == .sent)
    room.fold(.receipt(peer: "ann", delivered: 4, read: 4), now: now)
    #expect(room.reach(of: message) == .sent)
    room.fold(.receipt(peer: "bob", delivered: 4, read: 3), now: now)
    #expect(room.reach(of: message) == .delivered)
    #expect(room.readers(of: message).map(\.id.rawValue) == ["ann"])
    room.fold(.receipt(peer: "bob", delivered: 5, read: 5), now: now)
    #expect(room.reach(of: message) == .read)
    room.fold(.link(peer: "cy", status: .connected(verified: true, path: .direct)), now: now)
    #expect(room.reach(of: message) == .read, "cy came later")
  }

  @Test("With nobody there, a message is sent and no more")
  func nobody() throws {
    let room = room()
    room.fold(said("hello?", by: "me"), now: now)
    let message = try #require(room.message(MessageID(rawValue: "me/1")))
    #expect(room.reach(of: message) == .sent)
    #expect(room.unread == 0)
  }

  @Test("What falls out of the timeline is forgotten")
  func bounded() {
    let room = room(with: "ann")
    for seq in 1...UInt64(Timeline.limit + 10) { room.fold(said("x", seq: seq), now: now) }
    #expect(room.timeline.count == Timeline.limit)
    #expect(room.messages.count == Timeline.limit)
    #expect(room.message(MessageID(rawValue: "ann/10")) == nil)
  }

  @Test("Missing messages are told until they come")
  func missing() throws {
    let room = room(with: "ann")
    let ann = try #require(room.people.first)
    room.fold(.missing(author: "ann", count: 2), now: now)
    #expect(ann.missing == 2)
    room.fold(.missing(author: "ann", count: 0), now: now)
    #expect(ann.missing == 0)
  }
}
