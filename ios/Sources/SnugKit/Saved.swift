import Foundation

// What is kept so that a visit can go on after the system ended the app.
extension RoomModel {
  /// What to keep so that ``restore(_:folder:)`` can come back; nothing outside of a room.
  public func saved(at now: Date = Date()) -> SavedRoom? {
    guard let code, !isOver else { return nil }
    let receiving = transfers.compactMap { transfer -> SavedRoom.Receiving? in
      guard let name = transfer.name, !transfer.isMine, !transfer.state.isOver,
        let destination = destinations[name]
      else { return nil }
      return SavedRoom.Receiving(transfer: name, destination: destination)
    }
    return SavedRoom(
      code: code.text, server: configuration.server, nickname: nickname,
      hidesAddresses: configuration.hidesAddresses, receiving: receiving + resuming, savedAt: now)
  }

  /// Comes back into a room after the system ended the app. What was being received goes on once
  /// it is offered again: in the same folder, or in this one, if the app's own folders have moved.
  public func restore(_ saved: SavedRoom, folder: URL? = nil) {
    guard phase == .idle else { return }
    guard case .complete(let code) = Code.read(saved.code) else { return finish(.roomNotFound) }
    resuming = saved.receiving.map { $0.moved(to: folder) }
    begin(.join(code))
  }

  /// Goes on receiving what an earlier visit was receiving.
  func resumeReceiving(_ transfer: Transfer) {
    guard let at = resuming.firstIndex(where: { $0.transfer == transfer.name }) else { return }
    accept(transfer, into: resuming.remove(at: at).destination)
  }
}

extension SavedRoom.Receiving {
  fileprivate func moved(to folder: URL?) -> Self {
    guard let folder, case .folder = destination else { return self }
    return Self(transfer: transfer, destination: .folder(folder))
  }
}
