import Foundation
import SnugFFI
import Testing

@testable import SnugKit

@MainActor @Suite("The way to the server, folded from events")
struct ConnectionTests {
  @Test("An outage is a phase of its own once inside, and people stay")
  func outage() async {
    let room = room(with: "ann")
    let outage = Outage(detail: "no network", retryAt: now.addingTimeInterval(1.5))
    let told = await heard(room) {
      for _ in 0..<2 {
        room.fold(
          .server(status: .offline(reason: "no network", retryInMs: 1500)), now: now)
      }
      #expect(room.phase == .reconnecting(outage))
      #expect(room.present.count == 1)
      room.fold(.server(status: .online), now: now)
    }
    #expect(room.phase == .inRoom)
    #expect(room.connection.server == .online)
    #expect(told == [.connectionLost, .connectionRestored])
  }

  @Test("Before the room is entered an outage is only part of the way in")
  func outageOnTheWayIn() {
    let room = RoomModel(configuration: RoomConfiguration(way: .server("snug.example")))
    room.fold(.server(status: .offline(reason: "no network", retryInMs: 10)), now: now)
    #expect(room.phase == .idle)
    guard case .offline = room.connection.server else {
      Issue.record("it says \(room.connection.server)")
      return
    }
    room.fold(.room(code: "K7Q4X9", me: "me", peers: []), now: now)
    room.fold(.server(status: .online), now: now)
    #expect(room.phase == .inRoom)
    #expect(room.code?.secrecy == .open)
  }

  @Test("The end says what to do, and nothing changes after it", arguments: endings)
  func ends(_ reason: EndReason, _ refusal: SnugFFI.Refusal?, _ ending: Ending, _ remedy: Remedy)
    async
  {
    let room = room()
    let told = await heard(room) {
      room.fold(.ended(reason: reason, refusal: refusal, message: "why"), now: now)
      room.fold(.ended(reason: .left, refusal: nil, message: ""), now: now)
    }
    #expect(room.phase == .ended(ending))
    #expect(ending.remedy == remedy)
    #expect(told == [.ended(ending)])
    var late = room.events().makeAsyncIterator()
    #expect(await late.next() == nil)
  }

  @Test("Wrong guesses, members kept apart and refused commands are told")
  func warnings() async {
    let room = room(with: "ann")
    let told = await heard(room) {
      room.fold(.guesses(wrong: 5, closed: true), now: now)
      room.fold(.split(peers: ["bob"]), now: now)
      room.fold(.misbehaved(peer: "ann", reason: "frame"), now: now)
      room.fold(.refused(reason: .invalidBody, message: "too long"), now: now)
      room.fold(.other, now: now)
    }
    let ann = PersonID(rawValue: "ann")
    #expect(room.connection.wrongGuesses == 5 && room.connection.isClosedToNewcomers)
    #expect(room.connection.keptApart == [PersonID(rawValue: "bob")])
    #expect(room.timeline.map(\.content) == [.note(.misbehaved(ann))])
    #expect(room.notice == .textRefused)
    room.dismissNotice()
    #expect(room.notice == nil)
    #expect(
      told == [.wrongGuess(count: 5, closed: true), .misbehaved(ann), .notice(.textRefused)])
  }

  nonisolated static let endings: [(EndReason, SnugFFI.Refusal?, Ending, Remedy)] = [
    (.left, nil, .left, .none),
    (.roomNotFound, nil, .roomNotFound, .checkCode),
    (.serverRefused, nil, .serverRefused(detail: "why"), .tryAgain),
    (.serverUnreachable, nil, .serverUnreachable(detail: "why"), .tryAgain),
    (.keptOut, .wrongWords, .keptOut(.wrongWords), .checkCode),
    (.keptOut, .closed, .keptOut(.closed), .openRoom),
    (.keptOut, .version, .keptOut(.version), .update),
    (.keptOut, .intercepted, .keptOut(.intercepted), .distrustNetwork),
    (.keptOut, .silent, .keptOut(.silent), .tryAgain),
    (.keptOut, nil, .keptOut(.other), .tryAgain),
    (.failed, nil, .crashed(detail: "why"), .tryAgain),
    (.other, nil, .other(detail: "why"), .tryAgain),
  ]
}
