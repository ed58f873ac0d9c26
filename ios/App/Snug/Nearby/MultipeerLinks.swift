import Foundation
import MultipeerConnectivity
import SnugKit

/// One visit's search for phones close by, and the links to those that were found.
///
/// The system calls from queues of its own, so everything that changes is behind one lock.
final class MultipeerLinks: NSObject, @unchecked Sendable {
  private let advertisement: NearbyAdvertisement
  private let inbox = NearbyInbox()
  private let session: MCSession
  private let advertiser: MCNearbyServiceAdvertiser
  private let browser: MCNearbyServiceBrowser
  private let lock = NSLock()
  /// Phones of this room that are in reach.
  private var found: [NearbyPeer: MCPeerID] = [:]
  private var windows: [NearbyPeer: SendWindow] = [:]
  private var isStopped = false

  init(_ advertisement: NearbyAdvertisement) {
    self.advertisement = advertisement
    let me = MCPeerID(displayName: advertisement.name)
    session = MCSession(peer: me, securityIdentity: nil, encryptionPreference: .required)
    advertiser = MCNearbyServiceAdvertiser(
      peer: me, discoveryInfo: [Self.nameKey: advertisement.name], serviceType: Self.service)
    browser = MCNearbyServiceBrowser(peer: me, serviceType: Self.service)
    super.init()
    session.delegate = self
    advertiser.delegate = self
    browser.delegate = self
  }

  func start() {
    advertiser.startAdvertisingPeer()
    browser.startBrowsingForPeers()
  }

  func stop() {
    lock.withLock { isStopped = true }
    advertiser.stopAdvertisingPeer()
    browser.stopBrowsingForPeers()
    session.disconnect()
    let open = lock.withLock {
      defer { windows = [:] }
      return Array(windows.values)
    }
    for window in open { window.close() }
    inbox.close()
  }

  /// What happened next; nothing at the end. Who sent a frame hears only now that it was taken.
  func next() async -> NearbyEvent? {
    let event = await inbox.next()
    if case .received(_, let peer) = event, let window = lock.withLock({ windows[peer] }) {
      try? session.send(Envelope.taken.bytes, toPeers: [window.peer], with: .reliable)
    }
    return event
  }

  /// Sends one frame, once the other phone has taken enough of those before.
  func send(_ frame: Data, to peer: NearbyPeer) async throws {
    guard let window = lock.withLock({ windows[peer] }) else { throw NearbyFailure.noLink }
    try await window.take(frame.count)
    try session.send(Envelope.frame(frame).bytes, toPeers: [window.peer], with: .reliable)
  }

  func disconnect(_ peer: NearbyPeer) {
    guard let window = lock.withLock({ windows[peer] }) else { return }
    session.cancelConnectPeer(window.peer)
    close(peer)
  }

  /// Whether a name is one of this room. The engine knows.
  private func isOurs(_ name: String) -> Bool {
    name != advertisement.name && advertisement.matches(name)
  }

  /// Of two phones one invites, so that they do not meet twice.
  private func invite(_ phone: MCPeerID) {
    let isWanted = lock.withLock {
      !isStopped && found[phone.name] != nil && windows[phone.name] == nil
    }
    guard isWanted, advertisement.name < phone.displayName else { return }
    browser.invitePeer(phone, to: session, withContext: nil, timeout: Self.patience)
  }

  private func open(_ phone: MCPeerID) {
    let isNew = lock.withLock {
      guard !isStopped, windows[phone.name] == nil else { return false }
      windows[phone.name] = SendWindow(phone)
      return true
    }
    if isNew { inbox.put(.connected(phone.name)) }
  }

  private func close(_ peer: NearbyPeer) {
    guard let window = lock.withLock({ windows.removeValue(forKey: peer) }) else { return }
    window.close()
    inbox.put(.disconnected(peer))
  }

  private static let service = "snug-room"
  private static let nameKey = "room"
  /// Seconds until an invitation that nobody took is void.
  private static let patience: TimeInterval = 20
  /// Until a link that broke is tried again.
  fileprivate static let pause = Duration.seconds(2)
}

extension MultipeerLinks: MCNearbyServiceBrowserDelegate {
  func browser(
    _ browser: MCNearbyServiceBrowser, foundPeer phone: MCPeerID,
    withDiscoveryInfo info: [String: String]?
  ) {
    guard info?[Self.nameKey] == phone.displayName, isOurs(phone.displayName) else { return }
    lock.withLock { found[phone.name] = phone }
    invite(phone)
  }

  func browser(_ browser: MCNearbyServiceBrowser, lostPeer phone: MCPeerID) {
    // An open link says by itself when it ends.
    lock.withLock { found[phone.name] = nil }
  }

  func browser(_ browser: MCNearbyServiceBrowser, didNotStartBrowsingForPeers error: any Error) {
    inbox.put(.failed(detail: error.localizedDescription))
  }
}

extension MultipeerLinks: MCNearbyServiceAdvertiserDelegate {
  func advertiser(
    _ advertiser: MCNearbyServiceAdvertiser, didReceiveInvitationFromPeer phone: MCPeerID,
    withContext context: Data?, invitationHandler answer: @escaping (Bool, MCSession?) -> Void
  ) {
    let isTaken = isOurs(phone.displayName) && phone.displayName < advertisement.name
    answer(isTaken, isTaken ? session : nil)
  }

  func advertiser(
    _ advertiser: MCNearbyServiceAdvertiser, didNotStartAdvertisingPeer error: any Error
  ) {
    inbox.put(.failed(detail: error.localizedDescription))
  }
}

extension MultipeerLinks: MCSessionDelegate {
  func session(_ session: MCSession, peer phone: MCPeerID, didChange state: MCSessionState) {
    switch state {
    case .connected: open(phone)
    case .notConnected:
      close(phone.name)
      let again = Phone(id: phone)
      Task { [weak self] in
        try? await Task.sleep(for: Self.pause)
        self?.invite(again.id)
      }
    case .connecting: break
    @unknown default: break
    }
  }

  func session(_ session: MCSession, didReceive data: Data, fromPeer phone: MCPeerID) {
    switch Envelope(data) {
    case .frame(let frame):
      // Who waits for each frame to be taken never sends more than fits.
      if !inbox.put(frame, from: phone.name) { disconnect(phone.name) }
    case .taken: lock.withLock { windows[phone.name] }?.taken()
    case nil: break
    }
  }

  // Streams and resources are not used, and nothing comes of those that somebody opens.
  func session(
    _ session: MCSession, didReceive stream: InputStream, withName name: String,
    fromPeer phone: MCPeerID
  ) {}

  func session(
    _ session: MCSession, didStartReceivingResourceWithName name: String,
    fromPeer phone: MCPeerID, with progress: Progress
  ) {
    progress.cancel()
  }

  func session(
    _ session: MCSession, didFinishReceivingResourceWithName name: String,
    fromPeer phone: MCPeerID, at place: URL?, withError error: (any Error)?
  ) {
    if let place { try? FileManager.default.removeItem(at: place) }
  }
}

extension MCPeerID {
  fileprivate var name: NearbyPeer { NearbyPeer(rawValue: displayName) }
}

/// A name that never changes, whatever thread reads it.
private struct Phone: @unchecked Sendable {
  let id: MCPeerID
}
