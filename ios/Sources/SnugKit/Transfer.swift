import Foundation
import Observation

/// Files on their way, from an offer to its end.
@MainActor @Observable
public final class Transfer: Identifiable {
  /// Tells it from other transfers of this room, from the first moment on.
  public nonisolated let id: Int
  /// What everybody calls it; nothing while it is being hashed.
  public internal(set) var name: TransferID?
  /// Who offers it, or that it is this member's own.
  public nonisolated let direction: Direction
  /// What it is.
  public internal(set) var offer: Offer
  /// How it stands here.
  public internal(set) var state: TransferState
  /// Who takes it from this member.
  public internal(set) var receivers: [Receiver] = []
  /// Whether what was received into memory was taken out of it.
  public internal(set) var isTaken = false
  /// Bytes a second that come in.
  var rate: Double { if case .running(let progress) = state { progress.rate } else { 0 } }

  init(id: Int, name: TransferID?, direction: Direction, offer: Offer, state: TransferState) {
    self.id = id
    self.name = name
    self.direction = direction
    self.offer = offer
    self.state = state
  }

  /// Whether it is this member's own.
  public nonisolated var isMine: Bool { direction == .outgoing }
}

/// Which way a transfer goes.
public enum Direction: Sendable, Equatable {
  /// Another offers it.
  case incoming(from: PersonID)
  /// This member offers it.
  case outgoing
}

/// How a transfer stands here.
public enum TransferState: Sendable, Equatable {
  /// This member's own files are being read; then they can be offered.
  case hashing(TransferProgress)
  /// It can be taken. Of this member's own: see ``Transfer/receivers``.
  case offered
  /// What an earlier try left of it is being checked.
  case checking(TransferProgress)
  /// It comes.
  case running(TransferProgress)
  /// This person paused it.
  case paused(TransferProgress)
  /// It waits for somebody to come back.
  case stalled(TransferProgress)
  /// Nobody in the room has the missing bytes. It goes on as soon as somebody does.
  case stranded(missing: UInt64, TransferProgress)
  /// It is all here, every byte verified.
  case done(Place)
  /// It ended early.
  case failed(TransferFailure)
  /// This person did not want it.
  case declined
  /// Whoever offered it does so no longer.
  case withdrawn
}

extension TransferState {
  /// Whether nothing more comes of it here.
  public var isOver: Bool {
    switch self {
    case .done, .failed, .declined, .withdrawn: true
    case .hashing, .offered, .checking, .running, .paused, .stalled, .stranded: false
    }
  }

  /// How far it has got, while it is on its way.
  public var progress: TransferProgress? {
    switch self {
    case .hashing(let progress), .checking(let progress), .running(let progress),
      .paused(let progress), .stalled(let progress), .stranded(_, let progress):
      progress
    case .offered, .done, .failed, .declined, .withdrawn: nil
    }
  }
}

/// How far something has got.
public struct TransferProgress: Sendable, Equatable {
  /// Bytes so far.
  public let bytes: UInt64
  /// Bytes in all.
  public let total: UInt64
  /// Bytes a second of late; 0 where nobody counts.
  public let rate: Double
  /// Time left at this rate.
  public let timeLeft: Duration?

  /// From 0 to 1.
  public var fraction: Double {
    total == 0 ? 1 : min(1, Double(bytes) / Double(total))
  }

  /// Counts.
  public init(bytes: UInt64, total: UInt64, rate: Double = 0, timeLeft: Duration? = nil) {
    self.bytes = bytes
    self.total = total
    self.rate = rate
    self.timeLeft = timeLeft
  }
}

/// Where received files are.
public enum Place: Sendable, Equatable {
  /// In memory, until they are taken out or the room is left.
  case memory
  /// In a folder: the file, or the folder that was made.
  case folder(URL)
}

/// Where to put what is received.
public enum Destination: Sendable, Equatable, Codable {
  /// Into memory: it leaves no trace.
  case memory
  /// Into this folder. What an earlier try left there is gone on with.
  case folder(URL)

  /// The folder; nothing in memory.
  public var folder: URL? {
    if case .folder(let folder) = self { folder } else { nil }
  }
}

/// A file that was received into memory.
public struct ReceivedFile: Sendable, Equatable {
  /// Where it goes, with slashes; safe to create anywhere.
  public let path: String
  /// Its bytes.
  public let bytes: Data

  /// Takes both.
  public init(path: String, bytes: Data) {
    self.path = path
    self.bytes = bytes
  }
}

/// Somebody who takes what this member offers.
public struct Receiver: Sendable, Equatable, Identifiable {
  /// Who.
  public let id: PersonID
  /// How it goes.
  public internal(set) var state: State

  /// How it goes with one receiver.
  public enum State: Sendable, Equatable {
    /// On its way.
    case sending(TransferProgress)
    /// All of it is there, verified.
    case delivered
    /// They do not want it.
    case declined(DeclineReason)
    /// It ended early.
    case failed(TransferFailure)
  }
}

/// Why somebody does not take an offer.
public enum DeclineReason: String, Sendable, CaseIterable {
  /// They do not want it.
  case unwanted
  /// They have no space for it.
  case noSpace
  /// For a reason that this version does not know.
  case other
}

/// Why a transfer ended early, or never began.
public enum TransferFailure: Error, Sendable, Equatable {
  /// This side cancelled.
  case cancelled
  /// The other side cancelled.
  case cancelledByOther
  /// Nobody who has it is left.
  case sourceGone
  /// The receiver left.
  case receiverGone
  /// What arrived is not what was offered.
  case corrupt
  /// The file changed while it was being sent.
  case sourceChanged
  /// The other side cannot store it.
  case receiverCannotStore
  /// It cannot be stored here; in English, why.
  case cannotStore(detail: String)
  /// It cannot be read here; in English, why.
  case cannotRead(detail: String)
  /// The room does not take the offer; in English, why.
  case cannotOffer(detail: String)
  /// Stopped for a reason that this version does not know.
  case other
}
