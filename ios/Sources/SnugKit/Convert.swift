import Foundation
import SnugFFI

// From the engine's words to the models' words. What the engine adds later is `other` here.

extension Path {
  init(_ path: SnugFFI.Path) {
    switch path {
    case .direct: self = .direct
    case .turn: self = .turn
    case .relay: self = .relay
    case .nearby: self = .nearby
    }
  }
}

extension LinkState {
  init(_ status: SnugFFI.LinkStatus) {
    switch status {
    case .connecting: self = .connecting
    case .verifying: self = .verifying
    case .connected(let verified, let path): self = .connected(verified: verified, path: Path(path))
    case .reconnecting: self = .reconnecting
    case .failed: self = .failed
    case .refused(let refusal, _): self = .refused(Refusal(refusal))
    }
  }
}

extension Refusal {
  init(_ refusal: SnugFFI.Refusal) {
    switch refusal {
    case .wrongWords: self = .wrongWords
    case .wordsNeeded: self = .wordsNeeded
    case .openRoom: self = .openRoom
    case .closed: self = .closed
    case .version: self = .version
    case .intercepted: self = .intercepted
    case .impostor: self = .impostor
    case .silent: self = .silent
    case .other: self = .other
    }
  }
}

extension Ending {
  init(_ reason: SnugFFI.EndReason, _ refusal: SnugFFI.Refusal?, _ message: String) {
    switch reason {
    case .left: self = .left
    case .roomNotFound: self = .roomNotFound
    case .serverRefused: self = .serverRefused(detail: message)
    case .serverUnreachable: self = .serverUnreachable(detail: message)
    case .keptOut: self = .keptOut(refusal.map { Refusal($0) } ?? .other)
    case .failed: self = .crashed(detail: message)
    case .other: self = .other(detail: message)
    }
  }

  init(_ error: any Error) {
    switch error {
    case SnugError.Invalid(let message): self = .invalid(detail: message)
    case SnugError.Internal(let message): self = .crashed(detail: message)
    default: self = .other(detail: error.localizedDescription)
    }
  }
}

extension Notice {
  init(_ refusal: SnugFFI.CommandRefusal) {
    switch refusal {
    case .invalidBody: self = .textRefused
    case .nicknameTooLong: self = .nicknameTooLong
    case .invalidOffer: self = .offerRefused
    case .unknownTransfer: self = .unknownTransfer
    case .notYourMessage: self = .notYourMessage
    case .unknownMessage: self = .unknownMessage
    case .noRoom: self = .notInRoom
    case .tooManyTransfers: self = .tooManyOffers
    case .other: self = .other
    }
  }
}

extension TransferFailure {
  init(_ failure: SnugFFI.TransferFailure, _ message: String) {
    switch failure {
    case .cancelled: self = .cancelled
    case .cancelledByOther: self = .cancelledByOther
    case .sourceChanged: self = .sourceChanged
    case .receiverCannotWrite: self = .receiverCannotStore
    case .receiverGotCorrupt, .corrupt: self = .corrupt
    case .senderGone: self = .sourceGone
    case .receiverGone: self = .receiverGone
    case .cannotWrite: self = .cannotStore(detail: message)
    case .cannotRead: self = .cannotRead(detail: message)
    case .stoppedByOther, .other: self = .other
    }
  }

  /// Why bytes could not be read.
  init(reading error: any Error) {
    switch error {
    case SnugError.Cancelled, SnugError.Closed, is CancellationError: self = .cancelled
    case SnugError.File(let message), SnugError.Refused(let message),
      SnugError.Invalid(let message):
      self = .cannotRead(detail: message)
    default: self = .other
    }
  }

  /// Why files could not be offered.
  init(offering error: any Error) {
    switch error {
    case SnugError.Cancelled, SnugError.Closed, is CancellationError: self = .cancelled
    case SnugError.File(let message): self = .cannotRead(detail: message)
    case SnugError.Refused(let message), SnugError.Invalid(let message):
      self = .cannotOffer(detail: message)
    default: self = .other
    }
  }
}

extension DeclineReason {
  init(_ reason: SnugFFI.DeclineReason) {
    switch reason {
    case .unwanted: self = .unwanted
    case .noSpace: self = .noSpace
    case .other: self = .other
    }
  }
}

extension Offer {
  init(_ offer: SnugFFI.Offer) {
    let pixels: Dimensions? =
      if let width = offer.width, let height = offer.height {
        Dimensions(width: Int(width), height: Int(height))
      } else { nil }
    self.init(
      name: offer.name, size: offer.size, mediaType: offer.mediaType, dimensions: pixels,
      duration: offer.durationMs.map { Duration.milliseconds($0) },
      thumbnail: offer.thumbnail, isSingleFile: offer.single, fileCount: Int(offer.files),
      items: offer.items.map { OfferItem(path: $0.path, size: $0.size) },
      moreItems: Int(offer.moreItems))
  }
}

extension EmojiCheck {
  init(_ check: SnugFFI.Check) {
    self.init(emoji: check.emoji, names: check.names, places: check.places.map { Int($0) })
  }
}

extension Code.Secrecy {
  init(_ secrecy: SnugFFI.Secrecy) {
    switch secrecy {
    case .words: self = .words
    case .token: self = .token
    case .open: self = .open
    }
  }

  var engine: SnugFFI.Secrecy {
    switch self {
    case .words: .words
    case .token: .token
    case .open: .open
    }
  }
}
