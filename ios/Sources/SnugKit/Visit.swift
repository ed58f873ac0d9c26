import Foundation
import SnugFFI

/// What a model asks of the engine.
typealias Command = @Sendable (any SessionProtocol) async throws -> Void

/// The engine's session, and what runs beside it, from the way in to the end.
///
/// A task that is cancelled does not cancel what it waits for in the engine, so ``close()`` is
/// what ends everything; it is called at the latest when the model is gone.
@MainActor
final class Visit {
  nonisolated let session: any SessionProtocol
  /// Files that are being hashed.
  var hashing: [Transfer.ID: Offering] = [:]
  /// Events of own offers whose names are not known here yet.
  var early: [SnugFFI.Event] = []

  private let commands: AsyncStream<Command>.Continuation
  private var bridge: NearbyBridge?
  private var carrying: Task<Void, Never>?
  private var stopping: Task<Void, Never>?
  private var events: Task<Void, Never>?
  private var asking: Task<Void, Never>?

  /// What may be asked for at once, before the engine takes the first of it.
  static let backlog = 256

  /// Starts to hand over what happens, and what goes wrong with commands.
  init(
    session: any SessionProtocol, onEvent: @escaping @MainActor (SnugFFI.Event) -> Void,
    onFailure: @escaping @MainActor (any Error) -> Void
  ) {
    self.session = session
    let (queue, commands) = AsyncStream.makeStream(
      of: Command.self, bufferingPolicy: .bufferingOldest(Self.backlog))
    self.commands = commands
    events = Task {
      while let event = await session.nextEvent() { onEvent(event) }
    }
    // One after the other: what was said first arrives first.
    asking = Task {
      for await command in queue {
        do { try await command(session) } catch { onFailure(error) }
      }
    }
  }

  deinit {
    commands.finish()
    session.close()
    if let bridge { Task { await bridge.stop() } }
  }

  /// Has something done after everything that was asked for before; false if that is too much.
  func ask(_ command: @escaping Command) -> Bool {
    if case .dropped = commands.yield(command) { false } else { true }
  }

  /// Ends once everything that was asked for before is done.
  func settled() -> Task<Void, Never> {
    let (done, tell) = AsyncStream.makeStream(of: Never.self)
    if case .enqueued = commands.yield({ _ in tell.finish() }) {} else { tell.finish() }
    return Task { for await _ in done {} }
  }

  /// Reaches phones close by with this, until the end.
  func carry(over bridge: NearbyBridge, as advertisement: NearbyAdvertisement) {
    self.bridge = bridge
    carrying = Task { await bridge.run(advertisement) }
  }

  /// Does what was asked for before, says goodbye, waits until it is said, and closes.
  func leave() async {
    commands.finish()
    await asking?.value
    await session.leave()
    close()
    await events?.value
    await stopping?.value
    await carrying?.value
  }

  /// Ends whatever is waited for. What is in memory can still be taken.
  func close() {
    commands.finish()
    for offering in hashing.values { offering.cancel() }
    hashing = [:]
    early = []
    session.close()
    guard let bridge else { return }
    self.bridge = nil
    stopping = Task { await bridge.stop() }
  }
}

// A visit, from its beginning to its end.
extension RoomModel {
  func begin(_ entry: Entry) {
    guard phase == .idle else { return }
    phase = .connecting
    do {
      start(try Session(config: configuration.engine(entry)))
    } catch {
      finish(Ending(error))
    }
  }

  /// Takes part through a session that was started.
  func start(_ session: any SessionProtocol) {
    phase = .connecting
    visit = Visit(
      session: session,
      onEvent: { [weak self] event in self?.hear(event) },
      onFailure: { [weak self] error in self?.refuse(error) })
    if case .nearby = configuration.way { connection.server = .unused }
  }

  func command(_ act: @escaping Command) {
    guard let visit, !isOver else { return tell(.notInRoom) }
    if !visit.ask(act) { tell(.tooBusy) }
  }

  /// The visit is over. What was received stays to be taken.
  func finish(_ ending: Ending) {
    guard !isOver else { return }
    phase = .ended(ending)
    visit?.close()
    connection.nearby = .off
    listeners.tell(.ended(ending))
    listeners.finish()
  }

  func end() async {
    guard !isOver else { return }
    await visit?.leave()
    finish(.left)
  }

  private func hear(_ event: SnugFFI.Event) {
    fold(event, now: Date())
    if case .room = event, case .nearby = configuration.way, let code { reachNearby(code) }
  }

  private func refuse(_ error: any Error) {
    if case SnugError.Closed = error { return }
    tell(.other)
  }
}

/// Which room to enter.
enum Entry: Sendable {
  case create(Code.Secrecy, capacity: Int?)
  case join(Code)

  fileprivate var engine: SnugFFI.Entry {
    switch self {
    case .create(let secrecy, let capacity):
      .create(secrecy: secrecy.engine, capacity: capacity.map { UInt16(clamping: $0) })
    case .join(let code): .join(code: code.text)
    }
  }
}

extension RoomConfiguration {
  fileprivate func engine(_ entry: Entry) -> SessionConfig {
    let way: SnugFFI.Way =
      switch way {
      case .server(let address): .server(address: address)
      case .nearby: .nearby
      }
    return SessionConfig(
      way: way, entry: entry.engine, nickname: nickname, relayOnly: hidesAddresses, shares: shares)
  }
}
