import SnugKit
import SnugShared

/// What is on its way, in numbers: for the lock screen, and for the system to see that it moves.
struct Tally: Equatable {
  private(set) var incoming = 0
  private(set) var outgoing = 0
  private(set) var bytes: UInt64 = 0
  private(set) var total: UInt64 = 0
  private(set) var rate = 0.0

  var isEmpty: Bool { incoming == 0 && outgoing == 0 }

  var fraction: Double { total == 0 ? 0 : min(1, Double(bytes) / Double(total)) }

  /// Counts what of the transfers moves by itself: what a person paused does not.
  @MainActor
  init(_ transfers: [Transfer]) {
    for transfer in transfers {
      switch transfer.state {
      case .checking(let progress), .running(let progress), .stalled(let progress),
        .stranded(_, let progress):
        incoming += 1
        add(progress)
      case .hashing(let progress):
        outgoing += 1
        add(progress)
      case .offered:
        let sending = transfer.receivers.compactMap(\.progress)
        if !sending.isEmpty { outgoing += 1 }
        for progress in sending { add(progress) }
      case .paused, .done, .failed, .declined, .withdrawn: break
      }
    }
  }

  func state(isWaiting: Bool) -> TransferAttributes.ContentState {
    let left = rate > 0 ? Double(total - min(total, bytes)) / rate : nil
    return TransferAttributes.ContentState(
      incoming: incoming, outgoing: outgoing, fraction: fraction, rate: rate, secondsLeft: left,
      waiting: isWaiting || rate == 0)
  }

  private mutating func add(_ progress: TransferProgress) {
    bytes += progress.bytes
    total += progress.total
    rate += progress.rate
  }
}

extension Receiver {
  fileprivate var progress: TransferProgress? {
    if case .sending(let progress) = state { progress } else { nil }
  }
}
