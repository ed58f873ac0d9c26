import Foundation
import SnugFFI
import Testing

@testable import SnugKit

@MainActor @Suite("Files on their way, folded from events")
struct TransferTests {
  @Test("An offer shows what it is, and can be declined or withdrawn")
  func offers() async throws {
    let room = room(with: "ann")
    let told = await heard(room) { room.fold(offered("t1"), now: now) }
    let transfer = try #require(room.transfers.first)
    #expect(transfer.state == .offered && !transfer.isMine)
    #expect(transfer.direction == .incoming(from: PersonID(rawValue: "ann")))
    #expect(transfer.offer.kind == .picture)
    #expect(transfer.offer.dimensions == Dimensions(width: 400, height: 300))
    #expect(room.timeline.map(\.content) == [.transfer(transfer.id)])
    #expect(told == [.offered(transfer.id)])
    room.fold(.offerWithdrawn(transfer: "t1", from: "ann"), now: now)
    #expect(transfer.state == .withdrawn)
    room.fold(offered("t1"), now: now)
    #expect(transfer.state == .offered && room.transfers.count == 1)
  }

  @Test("A transfer comes in, is held up by this and that, and goes on")
  func holds() async throws {
    let room = room(with: "ann")
    room.fold(offered("t1"), now: now)
    let transfer = try #require(room.transfers.first)
    let at = TransferProgress(bytes: 40, total: 100, rate: 10, timeLeft: .seconds(3))
    room.fold(progress("t1", 40), now: now)
    #expect(transfer.state == .running(at))
    #expect(room.people.first?.rate == 10)
    room.fold(.stalled(transfer: "t1"), now: now)
    #expect(transfer.state == .stalled(at))
    #expect(room.people.first?.rate == 0)
    room.fold(.stranded(transfer: "t1", missing: 60), now: now)
    #expect(transfer.state == .stranded(missing: 60, at))
    room.fold(.stranded(transfer: "t1", missing: 0), now: now)
    #expect(transfer.state == .running(at))
    room.fold(.paused(transfer: "t1", on: true), now: now)
    room.fold(progress("t1", 40), now: now)
    #expect(transfer.state == .paused(at), "what was on its way comes in nevertheless")
    room.fold(.paused(transfer: "t1", on: false), now: now)
    #expect(transfer.state == .running(at))
    room.fold(.checking(transfer: "t1", bytes: 5, total: 50), now: now)
    #expect(transfer.state == .checking(TransferProgress(bytes: 5, total: 50)))
    let told = await heard(room) {
      room.fold(.received(transfer: "t1", place: nil), now: now)
      room.fold(progress("t1", 100), now: now)
    }
    #expect(transfer.state == .done(.memory))
    #expect(told == [.received(transfer.id)])
    #expect(room.unsaved.map(\.id) == [transfer.id])
  }

  @Test("A file in a folder is where the engine put it")
  func places() throws {
    let room = room(with: "ann")
    for (name, place) in [("t1", "/inbox/beach.jpg"), ("t2", "beach (2).jpg")] {
      room.fold(offered(name), now: now)
      room.destinations[TransferID(rawValue: name)] = .folder(URL(fileURLWithPath: "/inbox/"))
      room.fold(.received(transfer: name, place: place), now: now)
    }
    let places = room.transfers.map { transfer -> String? in
      if case .done(.folder(let place)) = transfer.state { place.path } else { nil }
    }
    #expect(places == ["/inbox/beach.jpg", "/inbox/beach (2).jpg"])
    #expect(room.unsaved.isEmpty)
  }

  @Test("A failure says why", arguments: failures)
  func fails(_ reason: SnugFFI.TransferFailure, _ failure: SnugKit.TransferFailure) async throws {
    let room = room(with: "ann")
    room.fold(offered("t1"), now: now)
    let transfer = try #require(room.transfers.first)
    let told = await heard(room) {
      room.fold(
        .transferFailed(transfer: "t1", to: nil, reason: reason, message: "why"), now: now)
    }
    #expect(transfer.state == .failed(failure))
    #expect(told == [.transferFailed(transfer.id, failure)])
  }

  @Test("This member's own file goes out to each in their own way")
  func outgoing() async throws {
    let room = room(with: "ann", "bob", "cy")
    let transfer = room.addOwn([URL(fileURLWithPath: "/tmp/beach.jpg")], nil)
    #expect(transfer.offer.name == "beach.jpg")
    #expect(room.running.map(\.id) == [transfer.id])
    room.finishHashing(transfer, .success(offer("t1")))
    #expect(transfer.state == .offered && transfer.offer.size == 100)
    #expect(room.running.isEmpty)
    let told = await heard(room) {
      room.fold(progress("t1", to: "ann", 30), now: now)
      #expect(room.running.count == 1)
      #expect(room.people.map(\.rate) == [10, 0, 0])
      room.fold(.declined(transfer: "t1", by: "bob", reason: .noSpace), now: now)
      room.fold(
        .transferFailed(transfer: "t1", to: "cy", reason: .receiverGone, message: ""), now: now)
      room.fold(.delivered(transfer: "t1", to: "ann"), now: now)
    }
    #expect(
      transfer.receivers.map(\.state) == [.delivered, .declined(.noSpace), .failed(.receiverGone)])
    #expect(transfer.state == .offered)
    #expect(told.contains(.delivered(transfer.id, to: PersonID(rawValue: "ann"))))
    #expect(room.running.isEmpty)
  }

  @Test("What is received can be offered on, and what is offered again is one transfer")
  func bothWays() {
    let room = room(with: "ann")
    room.fold(offered("t1"), now: now)
    for _ in 0..<2 {
      let own = room.addOwn([URL(fileURLWithPath: "/tmp/beach.jpg")], nil)
      room.finishHashing(own, .success(offer("t1")))
      room.fold(progress("t1", to: "ann", 30), now: now)
    }
    room.fold(progress("t1", 70), now: now)
    #expect(room.transfers.map(\.isMine) == [false, true])
    #expect(room.transfers.map(\.receivers.count) == [0, 1])
    #expect(room.transfers.first?.state.progress?.bytes == 70)
    #expect(room.timeline.count == 2)
  }

  @Test("Hashing that fails says why, and one that was cancelled is no failure to tell of")
  func hashingFails() async {
    let room = room()
    let files = [URL(fileURLWithPath: "/nowhere")]
    let (one, other) = (room.addOwn(files, nil), room.addOwn(files, nil))
    let told = await heard(room) {
      room.finishHashing(one, .failure(SnugError.File(message: "no such file")))
      room.finishHashing(other, .failure(SnugError.Cancelled))
    }
    #expect(one.state == .failed(.cannotRead(detail: "no such file")))
    #expect(other.state == .failed(.cancelled))
    #expect(told.count == 1)
  }

  private func offer(_ transfer: String) -> Offered {
    Offered(transfer: transfer, name: "beach.jpg", files: 1, size: 100, leftOut: 0)
  }

  nonisolated static let failures: [(SnugFFI.TransferFailure, SnugKit.TransferFailure)] = [
    (.cancelled, .cancelled),
    (.cancelledByOther, .cancelledByOther),
    (.senderGone, .sourceGone),
    (.corrupt, .corrupt),
    (.receiverGotCorrupt, .corrupt),
    (.sourceChanged, .sourceChanged),
    (.receiverCannotWrite, .receiverCannotStore),
    (.cannotWrite, .cannotStore(detail: "why")),
    (.cannotRead, .cannotRead(detail: "why")),
    (.stoppedByOther, .other),
  ]
}
