import Foundation

// What a person does with files.
extension RoomModel {
  /// Offers files and folders, as one, to everyone and to those who come later. They are hashed
  /// first; the transfer tells how far that is, and why if it fails.
  @discardableResult
  public func offer(_ files: [URL]) -> Transfer {
    let transfer = addOwn(files)
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
    command { await $0.accept(name, items: items, into: destination) }
  }

  /// Does not want what is on offer.
  public func decline(_ transfer: Transfer) {
    guard let name = transfer.name, !transfer.isMine else { return }
    transfer.state = .declined
    command { await $0.decline(name) }
  }

  /// Stops receiving; what is this member's own is offered no longer.
  public func cancel(_ transfer: Transfer) {
    guard let name = transfer.name else { return stopHashing(transfer) }
    if transfer.isMine { transfer.state = .withdrawn }
    command { await $0.cancel(name) }
  }

  /// Asks for nothing more of what is being received, until it is resumed.
  public func pause(_ transfer: Transfer) {
    guard let name = transfer.name else { return }
    command { await $0.pause(name) }
  }

  /// Goes on receiving.
  public func resume(_ transfer: Transfer) {
    guard let name = transfer.name else { return }
    command { await $0.resume(name) }
  }

  /// Reads the bytes of a transfer while they arrive; nothing before it has a name.
  public func reader(of transfer: Transfer) -> TransferReader? {
    guard let engine = visit?.engine, let name = transfer.name else { return nil }
    return TransferReader(
      engine: engine, transfer: name, size: transfer.offer.size,
      mediaType: transfer.offer.mediaType)
  }

  /// Takes the files of what was received into memory, once.
  public func take(_ transfer: Transfer) async -> [ReceivedFile] {
    guard let engine = visit?.engine, let name = transfer.name, transfer.state == .done(.memory) else { return [] }
    let files = await engine.take(name)
    if !files.isEmpty { transfer.isTaken = true }
    return files
  }
}

/// Reads what is offered here, was accepted, or was received, from any thread: for players.
public struct TransferReader: Sendable {
  let engine: any Engine
  let transfer: TransferID
  /// Bytes of all files.
  public let size: UInt64
  /// Media type of a single file; empty when unknown.
  public let mediaType: String

  /// Reads some bytes, once they have arrived and are verified; at most 1 MiB of them. Those that
  /// are missing are asked for before all others. Of several files they are counted through all.
  public func read(_ bytes: Range<UInt64>) async throws -> Data {
    try await engine.read(transfer, bytes)
  }
}
