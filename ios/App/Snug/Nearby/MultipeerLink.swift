import Foundation
import MultipeerConnectivity
import SnugKit

/// The link to one phone.
final class MultipeerLink: @unchecked Sendable {
  let phone: MCPeerID
  let session: MCSession
  let window = SendWindow()
  private let lock = NSLock()
  private var wasOpened = false

  /// Begins one. The encryption costs nothing, and is relied on for nothing.
  init(from me: MCPeerID, to phone: MCPeerID) {
    self.phone = phone
    session = MCSession(peer: me, securityIdentity: nil, encryptionPreference: .required)
  }

  var peer: NearbyPeer { phone.name }

  /// Whether frames went, or could have gone, over it.
  var isOpen: Bool { lock.withLock { wasOpened } }

  /// Notes that it is up; false if that was known.
  func open() -> Bool {
    lock.withLock {
      defer { wasOpened = true }
      return !wasOpened
    }
  }

  func send(_ frame: Data) async throws {
    try await window.take(frame.count)
    try session.send(Envelope.frame(frame).bytes, toPeers: [phone], with: .reliable)
  }

  /// Tells the other phone that a frame of its was taken.
  func took() {
    try? session.send(Envelope.taken.bytes, toPeers: [phone], with: .reliable)
  }

  func close() {
    window.close()
    session.disconnect()
  }
}

extension MCPeerID {
  /// Names are told apart by what they advertise.
  var name: NearbyPeer { NearbyPeer(rawValue: displayName) }
}
