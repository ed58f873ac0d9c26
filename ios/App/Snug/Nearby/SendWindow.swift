import Foundation

/// What passes between two phones: frames of the engine, and that one was taken. The system's
/// session takes whatever it is given into memory and never says that it is enough, so the phones
/// tell each other.
enum Envelope {
  case frame(Data)
  case taken

  /// Nothing for what no phone sends.
  init?(_ bytes: Data) {
    switch bytes.first {
    case 0: self = .frame(Data(bytes.dropFirst()))
    case 1 where bytes.count == 1: self = .taken
    default: return nil
    }
  }

  var bytes: Data {
    switch self {
    case .frame(let frame): Data([0]) + frame
    case .taken: Data([1])
    }
  }
}

/// How much is on its way to one phone. Who wants to send more waits.
final class SendWindow: @unchecked Sendable {
  private let lock = NSLock()
  /// Sizes of the frames that were not taken yet, oldest first.
  private var sent: [Int] = []
  private var waiting: [Waiter] = []
  private var isClosed = false

  private struct Waiter {
    let size: Int
    let go: CheckedContinuation<Void, any Error>
  }

  /// Waits for room, and takes it. Throws when the link is gone.
  func take(_ size: Int) async throws {
    try await withCheckedThrowingContinuation { go in
      lock.withLock { waiting.append(Waiter(size: size, go: go)) }
      move()
    }
  }

  /// The other phone took the oldest frame.
  func taken() {
    lock.withLock { if !sent.isEmpty { sent.removeFirst() } }
    move()
  }

  func close() {
    lock.withLock { isClosed = true }
    move()
  }

  /// Frames that the other phone has not taken.
  var outstanding: Int { lock.withLock { sent.count } }

  /// Lets go who fits, in order.
  private func move() {
    let (going, isOver) = lock.withLock { () -> ([Waiter], Bool) in
      var going: [Waiter] = []
      while let next = waiting.first, isClosed || fits(next.size) {
        waiting.removeFirst()
        sent.append(next.size)
        going.append(next)
      }
      return (going, isClosed)
    }
    for waiter in going {
      if isOver { waiter.go.resume(throwing: NearbyFailure.noLink) } else { waiter.go.resume() }
    }
  }

  /// One frame always fits, however large.
  private func fits(_ size: Int) -> Bool {
    sent.isEmpty || sent.count < Self.frames && sent.reduce(0, +) + size <= Self.bytes
  }

  /// Enough for the delay of a radio link, and nothing to a phone's memory.
  private static let bytes = 512 << 10
  static let frames = 128
}
