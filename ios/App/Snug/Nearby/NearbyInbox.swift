import Foundation
import SnugKit

/// What came from phones close by, until the engine takes it. Bounded: a phone that sends more than
/// it may loses its link.
final class NearbyInbox: @unchecked Sendable {
  private let lock = NSLock()
  private var events: [NearbyEvent] = []
  /// Frames that wait, of each phone.
  private var frames: [NearbyPeer: Int] = [:]
  private var waiting: CheckedContinuation<NearbyEvent?, Never>?
  private var isClosed = false

  /// Adds what is no frame. The system tells so little of it that it needs no bound.
  func put(_ event: NearbyEvent) {
    add(event)
  }

  /// Adds a frame, unless the phone has sent too much.
  func put(_ frame: Data, from peer: NearbyPeer) -> Bool {
    let fits = lock.withLock {
      guard frames[peer, default: 0] < SendWindow.frames else { return false }
      frames[peer, default: 0] += 1
      return true
    }
    if fits { add(.received(frame, from: peer)) }
    return fits
  }

  /// Waits for the next; nothing once it is closed. One at a time may wait.
  func next() async -> NearbyEvent? {
    await withCheckedContinuation { asked in
      lock.withLock { waiting = asked }
      hand()
    }
  }

  func close() {
    lock.withLock {
      isClosed = true
      events = []
      frames = [:]
    }
    hand()
  }

  private func add(_ event: NearbyEvent) {
    lock.withLock { if !isClosed { events.append(event) } }
    hand()
  }

  /// Gives the oldest to whoever waits.
  private func hand() {
    let (asked, event) = lock.withLock {
      () -> (CheckedContinuation<NearbyEvent?, Never>?, NearbyEvent?) in
      guard let asked = waiting, isClosed || !events.isEmpty else { return (nil, nil) }
      waiting = nil
      let event = events.isEmpty ? nil : events.removeFirst()
      if case .received(_, let peer) = event { frames[peer, default: 1] -= 1 }
      return (asked, event)
    }
    asked?.resume(returning: event)
  }
}
