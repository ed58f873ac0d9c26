import Foundation
import MultipeerConnectivity
import SnugKit

/// Carries the engine's frames to phones close by, over Wi-Fi and Bluetooth, without any network.
///
/// Phones find each other under names that only members of one room recognize; the engine says
/// which match. Whoever connects proves itself in the engine's handshake, as over any other way:
/// the encryption of the system comes on top, and is relied on for nothing.
actor MultipeerTransport: NearbyTransport {
  private var links: MultipeerLinks?

  func start(_ advertisement: NearbyAdvertisement) async throws -> AsyncStream<NearbyEvent> {
    links?.stop()
    let started = MultipeerLinks(advertisement)
    started.start()
    links = started
    return AsyncStream { await started.next() }
  }

  func send(_ frame: Data, to peer: NearbyPeer) async throws {
    guard let links else { throw NearbyFailure.noLink }
    try await links.send(frame, to: peer)
  }

  func disconnect(_ peer: NearbyPeer) {
    links?.disconnect(peer)
  }

  func stop() {
    links?.stop()
    links = nil
  }
}

/// Why a frame was not sent.
enum NearbyFailure: Error {
  case noLink
}
