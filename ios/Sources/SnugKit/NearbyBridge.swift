import Foundation
import SnugFFI

/// Carries frames between the engine and phones close by, and knows nothing about them.
actor NearbyBridge {
  private let transport: any NearbyTransport
  private let session: any SessionProtocol
  private let onChange: @MainActor @Sendable (NearbyState) -> Void
  /// What the engine calls the phones that are connected: another name for every connection.
  private var phones: [NearbyPeer: String] = [:]
  private var connections = 0
  private var isStopped = false

  init(
    transport: any NearbyTransport, session: any SessionProtocol,
    onChange: @escaping @MainActor @Sendable (NearbyState) -> Void
  ) {
    self.transport = transport
    self.session = session
    self.onChange = onChange
  }

  /// Carries until it is stopped and the session is closed.
  func run(_ advertisement: NearbyAdvertisement) async {
    let events: AsyncStream<NearbyEvent>
    do {
      events = try await transport.start(advertisement)
    } catch {
      return await onChange(.failed(detail: error.localizedDescription))
    }
    // It was stopped before it had started.
    if isStopped { await transport.stop() }
    await onChange(.on(connected: 0))
    async let sending: Void = sendAll()
    for await event in events { await hear(event) }
    await sending
  }

  /// Ends the search and every link.
  func stop() async {
    isStopped = true
    await transport.stop()
  }

  private func hear(_ event: NearbyEvent) async {
    switch event {
    case .connected(let peer):
      lose(peer)
      connections += 1
      let phone = "\(peer.rawValue)/\(connections)"
      phones[peer] = phone
      session.nearbyFound(phone: phone)
    case .disconnected(let peer): lose(peer)
    case .received(let bytes, let peer):
      guard let phone = phones[peer] else { return }
      return session.nearbyReceived(phone: phone, bytes: bytes)
    case .failed(let detail):
      for peer in Array(phones.keys) { lose(peer) }
      return await onChange(.failed(detail: detail))
    }
    await onChange(.on(connected: phones.count))
  }

  private func lose(_ peer: NearbyPeer) {
    if let phone = phones.removeValue(forKey: peer) { session.nearbyLost(phone: phone) }
  }

  private func sendAll() async {
    while let frame = await session.nextNearby() { await send(frame) }
  }

  private func send(_ frame: NearbyFrame) async {
    guard let peer = phones.first(where: { $0.value == frame.phone })?.key else { return }
    do {
      try await transport.send(frame.bytes, to: peer)
    } catch {
      // The link is worth nothing without the frame that it lost. There may be another by now.
      guard phones[peer] == frame.phone else { return }
      lose(peer)
      await transport.disconnect(peer)
      await onChange(.on(connected: phones.count))
    }
  }
}

extension RoomModel {
  /// Looks for phones close by that know the same code, once.
  func reachNearby(_ code: Code) {
    guard case .nearby(let transport) = configuration.way, let visit, connection.nearby == .off
    else { return }
    do {
      let text = code.text
      let advertisement = NearbyAdvertisement(name: try nearbyName(code: text)) {
        nearbyMatches(name: $0, code: text)
      }
      connection.nearby = .on(connected: 0)
      let bridge = NearbyBridge(transport: transport, session: visit.session) { [weak self] state in
        self?.foldNearby(state)
      }
      visit.carry(over: bridge, as: advertisement)
    } catch {
      finish(Ending(error))
    }
  }

  private func foldNearby(_ state: NearbyState) {
    guard !isOver else { return }
    connection.nearby = state
    // Nobody was met, and nobody can be.
    guard case .failed(let detail) = state, people.isEmpty else { return }
    finish(.nearbyUnavailable(detail: detail))
  }
}
