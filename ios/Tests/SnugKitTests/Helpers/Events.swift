import Foundation
import SnugFFI

@testable import SnugKit

/// The moment at which everything in these tests happens.
let now = Date(timeIntervalSince1970: 1_800_000_000)

/// A model in a room of its own, in which others are.
@MainActor
func room(with peers: String...) -> RoomModel {
  let room = RoomModel(configuration: RoomConfiguration(way: .server("snug.example")))
  room.fold(.room(code: "K7Q4X9-otter-lemon-cloud-ferry", me: "me", peers: peers), now: now)
  for peer in peers {
    room.fold(.link(peer: peer, status: .connected(verified: true, path: .direct)), now: now)
  }
  return room
}

/// Something that was said.
func said(
  _ text: String?, by author: String = "ann", seq: UInt64 = 1, lamport: UInt64? = nil,
  at: Date = now, late: Bool = false, replyTo: String? = nil
) -> SnugFFI.Event {
  .message(
    message: Said(
      id: "\(author)/\(seq)", author: author, seq: seq, lamport: lamport ?? seq,
      sentAt: UInt64(at.timeIntervalSince1970 * 1000), late: late, mine: author == "me",
      text: text, replyTo: replyTo))
}

/// A single file that somebody offers.
func offered(_ transfer: String, by from: String = "ann", size: UInt64 = 100) -> SnugFFI.Event {
  .offered(
    offer: SnugFFI.Offer(
      transfer: transfer, from: from, name: "beach.jpg", size: size, mediaType: "image/jpeg",
      width: 400, height: 300, durationMs: nil, thumbnail: nil, single: true, files: 1,
      items: [Item(path: "beach.jpg", size: size, modified: nil)], moreItems: 0))
}

/// How far something has come in, or has gone out to somebody.
func progress(
  _ transfer: String, to: String? = nil, _ bytes: UInt64, of total: UInt64 = 100, rate: Double = 10
) -> SnugFFI.Event {
  .progress(transfer: transfer, to: to, bytes: bytes, total: total, rate: rate, etaMs: 3000)
}

/// What was told to listeners so far; they must have been added before.
@MainActor
func heard(_ room: RoomModel, _ act: () -> Void) async -> [RoomEvent] {
  let events = room.events()
  act()
  room.listeners.finish()
  var told: [RoomEvent] = []
  for await event in events { told.append(event) }
  return told
}
