import Foundation
import SnugFFI
import Testing

@testable import SnugKit

@MainActor @Suite("People, folded from events")
struct PeopleTests {
  @Test("Whoever was there before is met without a word")
  func peopleWhoWereThere() throws {
    let room = room(with: "ann", "bob")
    #expect(room.phase == .inRoom)
    #expect(room.me == PersonID(rawValue: "me"))
    #expect(room.present.map(\.id.rawValue) == ["ann", "bob"])
    #expect(room.timeline.isEmpty)
    #expect(try #require(room.person(PersonID(rawValue: "ann"))).trust == .verified)
  }

  @Test("A newcomer is announced once there is a connection, and not when it changes")
  func newcomer() async throws {
    let room = room()
    let ann = PersonID(rawValue: "ann")
    let told = await heard(room) {
      room.fold(.peerJoined(peer: "ann"), now: now)
      #expect(room.timeline.isEmpty)
      room.fold(.link(peer: "ann", status: .verifying), now: now)
      #expect(room.person(ann)?.trust == .verifying)
      room.fold(.link(peer: "ann", status: .connected(verified: true, path: .relay)), now: now)
      room.fold(.link(peer: "ann", status: .connected(verified: true, path: .direct)), now: now)
    }
    #expect(room.timeline.map(\.content) == [.note(.joined(ann))])
    #expect(room.person(ann)?.path == .direct)
    #expect(told == [.joined(ann), .verified(ann)])
  }

  @Test("Whoever leaves stays known, and is announced again when they come back")
  func leavingAndComingBack() throws {
    let room = room(with: "ann")
    let ann = try #require(room.people.first)
    room.fold(.typing(peer: "ann", on: true), now: now)
    #expect(room.typing.map(\.id) == [ann.id])
    room.fold(.peerLeft(peer: "ann", goodbye: false), now: now)
    room.fold(.peerLeft(peer: "ann", goodbye: false), now: now)
    #expect(!ann.isHere && !ann.isTyping && ann.path == nil)
    #expect(room.present.isEmpty)
    room.fold(.peerJoined(peer: "ann"), now: now)
    room.fold(.link(peer: "ann", status: .connected(verified: true, path: .direct)), now: now)
    #expect(
      room.timeline.map(\.content) == [
        .note(.left(ann.id, saidGoodbye: false)), .note(.joined(ann.id)),
      ])
  }

  @Test("Whoever was never connected comes and goes without a word")
  func strangers() {
    let room = room()
    room.fold(.peerJoined(peer: "eve"), now: now)
    room.fold(.link(peer: "eve", status: .refused(refusal: .wrongWords, message: "")), now: now)
    #expect(room.people.first?.trust == .refused)
    room.fold(.peerLeft(peer: "eve", goodbye: true), now: now)
    #expect(room.timeline.isEmpty)
  }

  @Test("Somebody who comes under ever new names does not fill the phone")
  func manyNames() {
    let room = room(with: "ann")
    for number in 0..<2 * RoomModel.peopleLimit {
      room.fold(.peerJoined(peer: "eve-\(number)"), now: now)
      room.fold(.peerLeft(peer: "eve-\(number)", goodbye: true), now: now)
    }
    #expect(room.people.count == RoomModel.peopleLimit)
    #expect(room.present.map(\.id.rawValue) == ["ann"])
  }

  @Test("What was compared holds as long as the emoji are the same")
  func comparing() throws {
    let room = room(with: "ann")
    let ann = try #require(room.people.first)
    room.compared(ann, same: true)
    #expect(ann.trust == .verified, "there was nothing to compare")
    let check = { (emoji: String) in
      SnugFFI.Event.check(check: Check(peer: "ann", emoji: [emoji], names: ["x"], places: [3]))
    }
    room.fold(check("🚀"), now: now)
    room.compared(ann, same: true)
    room.fold(check("🚀"), now: now)
    #expect(ann.trust == .compared)
    #expect(ann.check?.places == [3])
    room.fold(check("⚽"), now: now)
    #expect(ann.trust == .verified)
  }

  @Test("In a room without words nobody is shown as verified")
  func openRoom() {
    let room = room()
    room.fold(.link(peer: "ann", status: .connected(verified: false, path: .turn)), now: now)
    #expect(room.people.first?.trust == .unverified)
  }

  @Test("Names come from their owners, and this member's own too")
  func names() {
    let room = room(with: "ann")
    for (peer, name) in [("ann", "Ann"), ("me", "Me")] {
      let person = SnugFFI.Person(
        peer: peer, nickname: name, camera: false, microphone: false)
      room.fold(.profile(person: person), now: now)
    }
    #expect(room.people.map(\.nickname) == ["Ann"])
    #expect(room.nickname == "Me")
  }
}
