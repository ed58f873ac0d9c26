import Foundation

// What a person does with files.
extension RoomModel {
  /// Offers files and folders, as one, to everyone and to those who come later. They are hashed
  /// first; the transfer tells how far that is, and why if it fails. They must stay where they
  /// are as long as they are on offer. `known` is shown of them until then: a picture, a size.
  @discardableResult
  public func offer(_ files: [URL], known: Offer? = nil) -> Transfer {
    let transfer = addOwn(files, known)
    startHashing(transfer, files)
    return transfer
  }

  /// Starts to receive what is on offer, or some of its items, counted from 0.
  public func accept(
    _ transfer: Transfer, items: Set<Int>? = nil, into destination: Destination = .memory
  ) {
    guard let name = transfer.name, !transfer.isMine else { return }
    transfer.state = .running(TransferProgress(bytes: 0, total: transfer.offer.size))
    destinations[name] = destination
    let items = items.map { $0.sorted().map { UInt32(clamping: $0) } }
    let folder = destination.folder?.path
    command { try await $0.accept(transfer: name.rawValue, items: items, folder: folder) }
  }

  /// Does not want what is on offer.
  public func decline(_ transfer: Transfer) {
    guard let name = transfer.name, !transfer.isMine else { return }
    transfer.state = .declined
    command { try await $0.decline(transfer: name.rawValue) }
  }

  /// Stops receiving; what is this member's own is offered no longer.
  public func cancel(_ transfer: Transfer) {
    guard let name = transfer.name else { return stopHashing(transfer) }
    if transfer.isMine { transfer.state = .withdrawn }
    command { try await $0.cancel(transfer: name.rawValue) }
  }

  /// Asks for nothing more of what is being received, until it is resumed.
  public func pause(_ transfer: Transfer) {
    guard let name = transfer.name else { return }
    command { try await $0.pause(transfer: name.rawValue) }
  }

  /// Goes on receiving.
  public func resume(_ transfer: Transfer) {
    guard let name = transfer.name else { return }
    command { try await $0.resume(transfer: name.rawValue) }
  }

  /// Reads the bytes of a transfer while they arrive; nothing before it has a name.
  public func reader(of transfer: Transfer) -> TransferReader? {
    guard let visit, let name = transfer.name else { return nil }
    return TransferReader(
      session: visit.session, transfer: name, size: transfer.offer.size,
      mediaType: transfer.offer.mediaType, accepted: visit.settled())
  }

  /// Takes the files of what was received into memory, once. It can be done after the end, too.
  public func take(_ transfer: Transfer) async -> [ReceivedFile] {
    guard let visit, let name = transfer.name, transfer.state == .done(.memory),
      let files = try? await visit.session.take(transfer: name.rawValue)
    else { return [] }
    transfer.isTaken = true
    return files.map { ReceivedFile(path: $0.path, bytes: $0.bytes) }
  }
}
