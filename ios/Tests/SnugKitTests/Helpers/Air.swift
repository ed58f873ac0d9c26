import Foundation
import SnugKit

/// The air between phones in a test: whoever is in reach and matches is connected.
actor Air {
  private var phones: [NearbyPeer: Phone] = [:]
  private var links: Set<Set<NearbyPeer>> = []

  /// Pairs of phones that are connected.
  var linkCount: Int { links.count }

  /// A radio for one phone.
  nonisolated func radio() -> Radio {
    Radio(air: self)
  }

  /// Everybody is out of everybody's reach, and stays so.
  func silence() {
    for link in links { unlink(link) }
    for name in phones.keys { phones[name]?.isInReach = false }
  }

  /// Everybody is in reach again.
  func clear() {
    for name in phones.keys { phones[name]?.isInReach = true }
    for name in phones.keys { linkAll(name) }
  }

  fileprivate func enter(_ advertisement: NearbyAdvertisement) -> AsyncStream<NearbyEvent> {
    let (events, heard) = AsyncStream.makeStream(of: NearbyEvent.self)
    let name = NearbyPeer(rawValue: advertisement.name)
    phones[name] = Phone(advertisement: advertisement, heard: heard)
    linkAll(name)
    return events
  }

  fileprivate func leave(_ name: NearbyPeer) {
    for link in links where link.contains(name) { unlink(link) }
    phones.removeValue(forKey: name)?.heard.finish()
  }

  fileprivate func carry(_ frame: Data, from: NearbyPeer, to: NearbyPeer) throws {
    guard links.contains([from, to]) else { throw OutOfReach() }
    phones[to]?.heard.yield(.received(frame, from: from))
  }

  fileprivate func part(_ one: NearbyPeer, _ other: NearbyPeer) {
    guard links.contains([one, other]) else { return }
    unlink([one, other])
    // They are still in reach of each other, and look for each other.
    linkAll(one)
  }

  private func linkAll(_ name: NearbyPeer) {
    guard let phone = phones[name], phone.isInReach else { return }
    for (other, there) in phones where other != name && there.isInReach {
      guard !links.contains([name, other]), phone.advertisement.matches(other.rawValue),
        there.advertisement.matches(name.rawValue)
      else { continue }
      links.insert([name, other])
      phone.heard.yield(.connected(other))
      there.heard.yield(.connected(name))
    }
  }

  private func unlink(_ link: Set<NearbyPeer>) {
    links.remove(link)
    for name in link {
      for other in link where other != name { phones[name]?.heard.yield(.disconnected(other)) }
    }
  }

  private struct Phone {
    let advertisement: NearbyAdvertisement
    let heard: AsyncStream<NearbyEvent>.Continuation
    var isInReach = true
  }

  struct OutOfReach: Error {}
}

/// What one phone has of the air.
actor Radio: NearbyTransport {
  private let air: Air
  private var name: NearbyPeer?

  init(air: Air) {
    self.air = air
  }

  func start(_ advertisement: NearbyAdvertisement) async throws -> AsyncStream<NearbyEvent> {
    name = NearbyPeer(rawValue: advertisement.name)
    return await air.enter(advertisement)
  }

  func send(_ frame: Data, to peer: NearbyPeer) async throws {
    guard let name else { throw Air.OutOfReach() }
    try await air.carry(frame, from: name, to: peer)
  }

  func disconnect(_ peer: NearbyPeer) async {
    if let name { await air.part(name, peer) }
  }

  func stop() async {
    if let name { await air.leave(name) }
    name = nil
  }
}
