import Foundation
import MultipeerConnectivity
import SnugKit

/// One visit's search for phones close by, and the links to those that were found.
///
/// Each phone has a session of its own: the system cannot close one of several links in a session.
/// It calls from queues of its own, so everything that changes is behind one lock.
final class MultipeerLinks: NSObject, @unchecked Sendable {
  private let advertisement: NearbyAdvertisement
  private let inbox = NearbyInbox()
  private let me: MCPeerID
  private let advertiser: MCNearbyServiceAdvertiser
  private let browser: MCNearbyServiceBrowser
  private let lock = NSLock()
  /// Phones of this room that are in reach.
  private var found: [NearbyPeer: MCPeerID] = [:]
  private var links: [NearbyPeer: MultipeerLink] = [:]
  private var isStopped = false

  init(_ advertisement: NearbyAdvertisement) {
    self.advertisement = advertisement
    me = MCPeerID(displayName: advertisement.name)
    advertiser = MCNearbyServiceAdvertiser(
      peer: me, discoveryInfo: [Self.nameKey: advertisement.name], serviceType: Self.service)
    browser = MCNearbyServiceBrowser(peer: me, serviceType: Self.service)
    super.init()
    advertiser.delegate = self
    browser.delegate = self
  }

  func start() {
    advertiser.startAdvertisingPeer()
    browser.startBrowsingForPeers()
  }

  func stop() {
    advertiser.stopAdvertisingPeer()
    browser.stopBrowsingForPeers()
    let open = lock.withLock {
      isStopped = true
      defer { links = [:] }
      return Array(links.values)
    }
    for link in open { link.close() }
    inbox.close()
  }

  /// What happened next; nothing at the end. Who sent a frame hears only now that it was taken.
  func next() async -> NearbyEvent? {
    let event = await inbox.next()
    if case .received(_, let peer) = event { link(to: peer)?.took() }
    return event
  }

  /// Sends one frame, once the other phone has taken enough of those before.
  func send(_ frame: Data, to peer: NearbyPeer) async throws {
    guard let link = link(to: peer), link.isOpen else { throw NearbyFailure.noLink }
    try await link.send(frame)
  }

  func disconnect(_ peer: NearbyPeer) {
    if let link = link(to: peer) { drop(link) }
  }

  private func link(to peer: NearbyPeer) -> MultipeerLink? {
    lock.withLock { links[peer] }
  }

  /// Whether a name is one of this room. The engine knows.
  private func isOurs(_ name: String) -> Bool {
    name != advertisement.name && advertisement.matches(name)
  }

  /// Of two phones one invites, so that they do not meet twice.
  private func invite(_ phone: MCPeerID) {
    guard advertisement.name < phone.displayName else { return }
    let invited = lock.withLock { () -> MultipeerLink? in
      guard found[phone.name] != nil, links[phone.name] == nil else { return nil }
      return add(phone)
    }
    guard let invited else { return }
    browser.invitePeer(phone, to: invited.session, withContext: nil, timeout: Self.patience)
  }

  /// Begins a link; under the lock.
  private func add(_ phone: MCPeerID) -> MultipeerLink? {
    guard !isStopped, links.count < Self.most else { return nil }
    let link = MultipeerLink(from: me, to: phone)
    link.session.delegate = self
    links[phone.name] = link
    return link
  }

  /// Ends a link, if it is still the one to that phone.
  private func drop(_ link: MultipeerLink) {
    let isLast = lock.withLock {
      guard links[link.peer] === link else { return false }
      links[link.peer] = nil
      return true
    }
    link.close()
    if isLast, link.isOpen { inbox.put(.disconnected(link.peer)) }
  }

  private static let service = "snug-room"
  private static let nameKey = "room"
  /// No room has as many seats.
  private static let most = 32
  /// Seconds until an invitation that nobody took is void.
  private static let patience: TimeInterval = 20
  /// Until a link that broke is tried again.
  private static let pause = Duration.seconds(2)
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
    guard isOurs(phone.displayName), phone.displayName < advertisement.name else {
      return answer(false, nil)
    }
    // Who invites again has noticed that the link before is gone.
    disconnect(phone.name)
    let link = lock.withLock { add(phone) }
    answer(link != nil, link?.session)
  }

  func advertiser(
    _ advertiser: MCNearbyServiceAdvertiser, didNotStartAdvertisingPeer error: any Error
  ) {
    inbox.put(.failed(detail: error.localizedDescription))
  }
}

extension MultipeerLinks: MCSessionDelegate {
  func session(_ session: MCSession, peer phone: MCPeerID, didChange state: MCSessionState) {
    guard let link = link(to: phone.name), link.session === session else { return }
    switch state {
    case .connected: if link.open() { inbox.put(.connected(link.peer)) }
    case .notConnected:
      drop(link)
      Task { [weak self] in
        try? await Task.sleep(for: Self.pause)
        self?.invite(link.phone)
      }
    case .connecting: break
    @unknown default: break
    }
  }

  func session(_ session: MCSession, didReceive data: Data, fromPeer phone: MCPeerID) {
    guard let link = link(to: phone.name), link.session === session else { return }
    switch Envelope(data) {
    case .frame(let frame):
      // Who waits for each frame to be taken never sends more than fits.
      if !inbox.put(frame, from: link.peer) { drop(link) }
    case .taken: link.window.taken()
    case nil: drop(link)
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
