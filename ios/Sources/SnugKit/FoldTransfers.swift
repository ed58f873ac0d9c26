import Foundation
import SnugFFI

// Files on their way.
extension RoomModel {
  func foldTransfers(_ event: SnugFFI.Event, _ now: Date) {
    switch event {
    case .offered(let offer): foldOffered(offer, now)
    case .progress(let name, let to, _, _, _, _), .transferFailed(let name, let to, _, _):
      foldTransfer(event, name, mine: to != nil)
    case .delivered(let name, _), .declined(let name, _, _):
      foldTransfer(event, name, mine: true)
    case .received(let name, _), .stalled(let name), .stranded(let name, _), .paused(let name, _),
      .checking(let name, _, _), .offerWithdrawn(let name, _):
      foldTransfer(event, name, mine: false)
    default: break
    }
    for person in people { refreshRate(person) }
  }

  /// The same files may come in and be offered on: these are two transfers of one name.
  func transfer(named name: TransferID, mine: Bool) -> Transfer? {
    transfers.last { $0.name == name && $0.isMine == mine }
  }

  /// Shows another's offer. One that is made again begins anew.
  private func foldOffered(_ told: SnugFFI.Offer, _ now: Date) {
    let name = TransferID(rawValue: told.transfer)
    if let known = transfer(named: name, mine: false) {
      switch known.state {
      case .offered, .declined, .withdrawn, .failed: known.state = .offered
      case .hashing, .checking, .running, .paused, .stalled, .stranded, .done: break
      }
      return resumeReceiving(known)
    }
    let transfer = Transfer(
      id: arrivals, name: name, direction: .incoming(from: PersonID(rawValue: told.from)),
      offer: Offer(told), state: .offered)
    transfers.append(transfer)
    append(.transfer(transfer.id), at: now)
    unread += 1
    listeners.tell(.offered(transfer.id))
    resumeReceiving(transfer)
  }

  private func foldTransfer(_ event: SnugFFI.Event, _ name: String, mine: Bool) {
    let name = TransferID(rawValue: name)
    guard let transfer = transfer(named: name, mine: mine) else {
      if mine { keepForLater(event) }
      return
    }
    if mine { foldOutgoing(transfer, event) } else { foldIncoming(transfer, event) }
  }

  private func foldOutgoing(_ transfer: Transfer, _ event: SnugFFI.Event) {
    switch event {
    case .progress(_, let to?, let bytes, let total, let rate, let etaMs):
      let progress = TransferProgress(bytes, total, rate, etaMs)
      transfer.setReceiver(PersonID(rawValue: to), .sending(progress))
    case .delivered(_, let to):
      transfer.setReceiver(PersonID(rawValue: to), .delivered)
      listeners.tell(.delivered(transfer.id, to: PersonID(rawValue: to)))
    case .declined(_, let by, let reason):
      transfer.setReceiver(PersonID(rawValue: by), .declined(DeclineReason(reason)))
    case .transferFailed(_, let to?, let reason, let message):
      let failure = TransferFailure(reason, message)
      transfer.setReceiver(PersonID(rawValue: to), .failed(failure))
      listeners.tell(.transferFailed(transfer.id, failure))
    default: break
    }
  }

  private func foldIncoming(_ transfer: Transfer, _ event: SnugFFI.Event) {
    switch event {
    case .progress(_, _, let bytes, let total, let rate, let etaMs):
      guard !transfer.state.isOver else { return }
      transfer.goOn(TransferProgress(bytes, total, rate, etaMs))
    case .received(let name, let place):
      transfer.state = .done(self.place(TransferID(rawValue: name), place))
      listeners.tell(.received(transfer.id))
    case .transferFailed(let name, _, let reason, let message):
      let failure = TransferFailure(reason, message)
      transfer.state = .failed(failure)
      destinations[TransferID(rawValue: name)] = nil
      listeners.tell(.transferFailed(transfer.id, failure))
    case .offerWithdrawn:
      if !transfer.state.isOver { transfer.state = .withdrawn }
    default: transfer.hold(event)
    }
  }

  private func place(_ name: TransferID, _ place: String?) -> Place {
    let destination = destinations.removeValue(forKey: name)
    guard let place else { return .memory }
    if case .folder(let folder)? = destination {
      return .folder(URL(fileURLWithPath: place, relativeTo: folder).absoluteURL)
    }
    return .folder(URL(fileURLWithPath: place))
  }

  /// Bytes a second to and from a member.
  private func refreshRate(_ person: Person) {
    var rate = 0.0
    for transfer in transfers {
      if transfer.direction == .incoming(from: person.id) { rate += transfer.rate }
      for receiver in transfer.receivers where receiver.id == person.id { rate += receiver.rate }
    }
    if person.rate != rate { person.rate = rate }
  }
}

extension Transfer {
  /// Bytes came: that ends what held them up, but for the person who paused.
  fileprivate func goOn(_ progress: TransferProgress) {
    if case .paused = state { state = .paused(progress) } else { state = .running(progress) }
  }

  /// Something holds it up, or no longer does.
  fileprivate func hold(_ event: SnugFFI.Event) {
    guard !state.isOver else { return }
    let progress = state.progress ?? TransferProgress(bytes: 0, total: offer.size)
    switch event {
    case .paused(_, let on): state = on ? .paused(progress) : .running(progress)
    case .stalled: state = .stalled(progress)
    case .stranded(_, let missing):
      state = missing > 0 ? .stranded(missing: missing, progress) : .running(progress)
    case .checking(_, let bytes, let total):
      let checked = TransferProgress(bytes: bytes, total: total)
      state = bytes < total ? .checking(checked) : .running(checked)
    default: break
    }
  }

  fileprivate func setReceiver(_ id: PersonID, _ state: Receiver.State) {
    if let at = receivers.firstIndex(where: { $0.id == id }) {
      receivers[at].state = state
    } else {
      receivers.append(Receiver(id: id, state: state))
    }
  }
}

extension Receiver {
  fileprivate var rate: Double {
    if case .sending(let progress) = state { progress.rate } else { 0 }
  }
}

extension TransferProgress {
  fileprivate init(_ bytes: UInt64, _ total: UInt64, _ rate: Double, _ etaMs: UInt64?) {
    self.init(
      bytes: bytes, total: total, rate: rate, timeLeft: etaMs.map { Duration.milliseconds($0) })
  }
}
