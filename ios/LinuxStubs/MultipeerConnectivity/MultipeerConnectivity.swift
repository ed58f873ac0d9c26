import Foundation

/// iOS 7.0
open class MCPeerID: NSObject {
  public init(displayName myDisplayName: String) {}
  open var displayName: String { "" }
}

/// iOS 7.0
public enum MCSessionState: Int, Sendable {
  case notConnected
  case connecting
  case connected
}

/// iOS 7.0
public enum MCSessionSendDataMode: Int, Sendable {
  case reliable
  case unreliable
}

/// iOS 7.0
public enum MCEncryptionPreference: Int, Sendable {
  case optional
  case required
  case none
}

/// iOS 7.0
open class MCSession: NSObject {
  public init(
    peer myPeerID: MCPeerID, securityIdentity identity: [Any]?,
    encryptionPreference: MCEncryptionPreference
  ) {}
  open weak var delegate: (any MCSessionDelegate)?
  open func send(_ data: Data, toPeers peerIDs: [MCPeerID], with mode: MCSessionSendDataMode) throws
  {}
  open func disconnect() {}
}

/// iOS 7.0
public protocol MCSessionDelegate: NSObjectProtocol {
  func session(_ session: MCSession, peer peerID: MCPeerID, didChange state: MCSessionState)
  func session(_ session: MCSession, didReceive data: Data, fromPeer peerID: MCPeerID)
  func session(
    _ session: MCSession, didReceive stream: InputStream, withName streamName: String,
    fromPeer peerID: MCPeerID)
  func session(
    _ session: MCSession, didStartReceivingResourceWithName resourceName: String,
    fromPeer peerID: MCPeerID, with progress: Progress)
  func session(
    _ session: MCSession, didFinishReceivingResourceWithName resourceName: String,
    fromPeer peerID: MCPeerID, at localURL: URL?, withError error: (any Error)?)
}

/// iOS 7.0
open class MCNearbyServiceAdvertiser: NSObject {
  public init(peer myPeerID: MCPeerID, discoveryInfo info: [String: String]?, serviceType: String) {
  }
  open weak var delegate: (any MCNearbyServiceAdvertiserDelegate)?
  open func startAdvertisingPeer() {}
  open func stopAdvertisingPeer() {}
}

/// iOS 7.0
public protocol MCNearbyServiceAdvertiserDelegate: NSObjectProtocol {
  func advertiser(
    _ advertiser: MCNearbyServiceAdvertiser, didReceiveInvitationFromPeer peerID: MCPeerID,
    withContext context: Data?, invitationHandler: @escaping (Bool, MCSession?) -> Void)
  func advertiser(
    _ advertiser: MCNearbyServiceAdvertiser, didNotStartAdvertisingPeer error: any Error)
}

/// iOS 7.0
open class MCNearbyServiceBrowser: NSObject {
  public init(peer myPeerID: MCPeerID, serviceType: String) {}
  open weak var delegate: (any MCNearbyServiceBrowserDelegate)?
  open func startBrowsingForPeers() {}
  open func stopBrowsingForPeers() {}
  open func invitePeer(
    _ peerID: MCPeerID, to session: MCSession, withContext context: Data?, timeout: TimeInterval
  ) {}
}

/// iOS 7.0
public protocol MCNearbyServiceBrowserDelegate: NSObjectProtocol {
  func browser(
    _ browser: MCNearbyServiceBrowser, foundPeer peerID: MCPeerID,
    withDiscoveryInfo info: [String: String]?)
  func browser(_ browser: MCNearbyServiceBrowser, lostPeer peerID: MCPeerID)
  func browser(_ browser: MCNearbyServiceBrowser, didNotStartBrowsingForPeers error: any Error)
}
