import Foundation
import Observation
import SnugKit

/// A visit to a room, and what the phone keeps beside it: files on their way out, what was saved,
/// and the right to go on for a while in the background.
@MainActor @Observable
final class Visit: Identifiable {
  nonisolated let id = UUID()
  let wishes: Wishes
  let room: RoomModel
  let draft = Draft()
  let luggage = Luggage()
  /// What was saved outside of the room, so that leaving does not lose it.
  private(set) var saved: Set<Transfer.ID> = []
  /// Folders that were taken out of the memory and have not been saved yet.
  @ObservationIgnored private var unpacked: [Transfer.ID: URL] = [:]
  /// What is felt: counts up with each event that is worth it.
  private(set) var pulse = Pulse()

  @ObservationIgnored private let keeper: RoomKeeper
  @ObservationIgnored private let background = BackgroundTransfers()
  @ObservationIgnored private var takenUnasked: UInt64 = 0

  init(wishes: Wishes, keeper: RoomKeeper) {
    self.wishes = wishes
    self.keeper = keeper
    room = RoomModel(
      configuration: RoomConfiguration(
        way: wishes.server.map { .server($0) } ?? .nearby(MultipeerTransport()),
        nickname: wishes.nickname, hidesAddresses: wishes.hidesAddresses))
  }

  /// What leaving would lose.
  var unsaved: [Transfer] {
    let unpacked = room.transfers.filter { self.unpacked[$0.id] != nil }
    return unpacked + room.unsaved.filter { !saved.contains($0.id) }
  }

  /// How to come in again: into the same room, once its code is known.
  var wishesToReturn: Wishes {
    var wishes = wishes
    if let code = room.code { wishes.way = .join(code) }
    wishes.nickname = room.nickname
    return wishes
  }

  /// Comes in, and stays for as long as the visit lasts.
  func attend() async {
    guard room.phase == .idle else { return }
    let events = room.events()
    switch wishes.way {
    case .create: room.create()
    case .join(let code): room.join(code)
    case .back(let kept):
      for right in kept.folders { luggage.reopen(right) }
      room.restore(kept.room)
    }
    let beside = [Task { await watchNetwork() }, Task { await background.follow(room) }]
    for await event in events { hear(event) }
    for task in beside { task.cancel() }
    await background.end()
    keeper.forget()
    luggage.empty()
  }

  func leave() async {
    await room.leave()
  }

  /// The room can be found again if the system ends the app now.
  func enteredBackground() {
    room.enteredBackground()
    if let state = room.saved() {
      keeper.keep(KeptRoom(room: state, folders: luggage.rights()))
    }
    background.enter()
  }

  /// While somebody looks at the room, nothing of it is on disk.
  func enteredForeground() {
    keeper.forget()
    background.leave()
    room.enteredForeground()
  }

  /// A folder that was received, on disk until it is saved or the visit is over.
  func unpack(_ transfer: Transfer) async throws -> URL {
    if let place = unpacked[transfer.id] { return place }
    let place = try luggage.place(for: transfer.offer.name)
    let files = await room.take(transfer)
    try files.write(into: place)
    unpacked[transfer.id] = place
    return place
  }

  func didSave(_ transfer: Transfer) async {
    saved.insert(transfer.id)
    if let place = unpacked.removeValue(forKey: transfer.id) { luggage.remove(place) }
    // What is neither seen nor heard here need not be in memory any more.
    if transfer.offer.kind == .file { _ = await room.take(transfer) }
  }

  private func hear(_ event: RoomEvent) {
    if let feeling = event.feeling { pulse.beat(feeling) }
    event.announce(in: room)
    if case .offered(let id) = event, let transfer = room.transfer(id) { takeUnasked(transfer) }
  }

  /// A small picture is taken without asking, so that it is simply there.
  private func takeUnasked(_ transfer: Transfer) {
    let size = transfer.offer.size
    guard transfer.offer.kind == .picture, size <= Self.smallPicture,
      takenUnasked + size <= Self.unaskedInAll
    else { return }
    takenUnasked += size
    room.accept(transfer)
  }

  private func watchNetwork() async {
    for await _ in networks().dropFirst() { room.networkChanged() }
  }

  /// Costs nearly nothing.
  private static let smallPicture: UInt64 = 4 << 20
  /// They are all in memory.
  private static let unaskedInAll: UInt64 = 64 << 20
}

extension Visit: Equatable {
  nonisolated static func == (one: Visit, other: Visit) -> Bool { one.id == other.id }
}

/// What somebody writes at the moment, and what it is about.
@MainActor @Observable
final class Draft {
  var text = ""
  private(set) var purpose = Purpose.new
  /// Counts up when the field is to be typed in.
  private(set) var wanted = 0

  enum Purpose: Equatable {
    case new
    case answer(MessageID)
    case edit(MessageID)
  }

  func answer(_ message: Message) {
    purpose = .answer(message.id)
    wanted += 1
  }

  func edit(_ message: Message) {
    purpose = .edit(message.id)
    text = message.text ?? ""
    wanted += 1
  }

  /// Gives up what was begun. A new message stays.
  func cancel() {
    if case .edit = purpose { text = "" }
    purpose = .new
  }

  func clear() {
    text = ""
    purpose = .new
  }
}
