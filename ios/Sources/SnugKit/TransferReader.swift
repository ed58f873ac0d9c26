import Foundation
import SnugFFI

/// Reads what is offered here, was accepted, or was received, from any thread: for players.
public struct TransferReader: Sendable {
  let session: any SessionProtocol
  let transfer: TransferID
  /// Bytes of all files.
  public let size: UInt64
  /// Media type of a single file; empty when unknown.
  public let mediaType: String
  /// Ends once the engine knows that the transfer was accepted, if it was.
  let accepted: Task<Void, Never>

  /// Reads some bytes, once they have arrived and are verified; at most 1 MiB of them. Those that
  /// are missing are asked for before all others. Of several files they are counted through all.
  /// Cancelling the task ends it. Throws ``TransferFailure``.
  public func read(_ bytes: Range<UInt64>) async throws -> Data {
    await accepted.value
    let cancellation = Cancellation()
    do {
      return try await withTaskCancellationHandler {
        try await session.read(
          transfer: transfer.rawValue, offset: bytes.lowerBound,
          length: bytes.upperBound - bytes.lowerBound, cancellation: cancellation)
      } onCancel: {
        cancellation.cancel()
      }
    } catch {
      throw TransferFailure(reading: error)
    }
  }
}
