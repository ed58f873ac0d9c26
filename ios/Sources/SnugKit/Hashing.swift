import Foundation
import SnugFFI

// This member's own files, until they are on offer.
extension RoomModel {
  func addOwn(_ files: [URL], _ known: Offer?) -> Transfer {
    let first = files.first?.lastPathComponent ?? ""
    let offer = known ?? Offer(name: first, size: 0, isSingleFile: files.count == 1)
    let nothing = TransferProgress(bytes: 0, total: offer.size)
    let transfer = Transfer(
      id: arrivals, name: nil, direction: .outgoing, offer: offer, state: .hashing(nothing))
    transfers.append(transfer)
    append(.transfer(transfer.id), at: Date())
    return transfer
  }

  func startHashing(_ transfer: Transfer, _ files: [URL]) {
    guard let visit, !isOver else { return fail(transfer, .cancelled) }
    do {
      let offering = try visit.session.offer(paths: files.map(\.path))
      visit.hashing[transfer.id] = offering
      Task { [weak self] in
        while let hashed = await offering.progress() { transfer.hashed(hashed) }
        let outcome: Result<Offered, any Error>
        do { outcome = .success(try await offering.offered()) } catch { outcome = .failure(error) }
        self?.finishHashing(transfer, outcome)
      }
    } catch {
      fail(transfer, TransferFailure(offering: error))
    }
  }

  func stopHashing(_ transfer: Transfer) {
    visit?.hashing[transfer.id]?.cancel()
  }

  func finishHashing(_ transfer: Transfer, _ outcome: Result<Offered, any Error>) {
    visit?.hashing[transfer.id] = nil
    switch outcome {
    case .success(let offered): offer(transfer, as: offered)
    case .failure(let error): fail(transfer, TransferFailure(offering: error))
    }
    if visit?.hashing.isEmpty ?? true { visit?.early = [] }
  }

  /// A receiver may be quicker than the answer that names the offer.
  func keepForLater(_ event: SnugFFI.Event) {
    guard let visit, !visit.hashing.isEmpty, visit.early.count < Visit.backlog else { return }
    visit.early.append(event)
  }

  private func offer(_ transfer: Transfer, as offered: Offered) {
    let name = TransferID(rawValue: offered.transfer)
    if let before = self.transfer(named: name, mine: true), before !== transfer {
      transfer.receivers = before.receivers
      transfers.removeAll { $0 === before }
      history.remove(.transfer(before.id))
    }
    transfer.name = name
    transfer.offer = transfer.offer.named(
      offered.name, size: offered.size, fileCount: Int(offered.files))
    transfer.state = .offered
    for event in visit?.early ?? [] { foldTransfers(event, Date()) }
  }

  private func fail(_ transfer: Transfer, _ failure: TransferFailure) {
    transfer.state = .failed(failure)
    if failure != .cancelled { listeners.tell(.transferFailed(transfer.id, failure)) }
  }
}

extension Transfer {
  fileprivate func hashed(_ hashed: Hashing) {
    guard case .hashing = state else { return }
    state = .hashing(TransferProgress(bytes: hashed.bytes, total: hashed.total))
  }
}

extension Offer {
  fileprivate func named(_ name: String, size: UInt64, fileCount: Int) -> Offer {
    Offer(
      name: name, size: size, mediaType: mediaType, dimensions: dimensions, duration: duration,
      thumbnail: thumbnail, isSingleFile: isSingleFile, fileCount: fileCount, items: items,
      moreItems: moreItems)
  }
}
