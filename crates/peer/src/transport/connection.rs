//! One peer connection: its settings, and the steps of its negotiation.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rtc_ice::{mdns::MulticastDnsMode, network_type::NetworkType};
use snug_protocol::api::IceServer;
use tokio::sync::mpsc;
use webrtc::{
    data_channel::{DataChannel, RTCDataChannelInit},
    error::Result,
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, RTCConfigurationBuilder, RTCIceCandidate,
        RTCIceCandidateInit, RTCIceCandidateType, RTCIceServer, RTCIceTransportPolicy,
        RTCSessionDescription, SettingEngine, SettingEngineBuilder,
    },
};

use super::{
    BULK_STREAM, CONTROL_STREAM, Path, TransportConfig, Tuning,
    handler::{Handler, StackEvent},
    repair::{Crowding, PACKET_BYTES, Token},
    report::Report,
    runtime::LinkRuntime,
    sdp::{self, Candidates},
    window::RECEIVE_WINDOW,
};

/// A peer connection and its runtime.
pub(super) struct Connection {
    stack: Arc<dyn PeerConnection>,
    runtime: LinkRuntime,
    relay_only: bool,
}

impl Connection {
    /// Binds the sockets and starts the stack's driver. `fragments`: whether records go in
    /// fragments, both ways.
    pub(super) async fn start(
        config: &TransportConfig,
        tuning: &Tuning,
        fragments: bool,
        events: mpsc::UnboundedSender<StackEvent>,
    ) -> Result<Self> {
        let runtime = LinkRuntime::new(tuning.socket_buffer_bytes, fragments);
        let policy = if config.relay_only {
            RTCIceTransportPolicy::Relay
        } else {
            RTCIceTransportPolicy::All
        };
        let configuration = RTCConfigurationBuilder::new()
            .with_ice_servers(config.ice_servers.iter().flat_map(ice_servers).collect())
            .with_ice_transport_policy(policy)
            .build();
        let stack = PeerConnectionBuilder::new()
            .with_configuration(configuration)
            .with_setting_engine(settings(fragments))
            .with_runtime(Arc::new(runtime.clone()))
            .with_handler(Arc::new(Handler::new(events)))
            .with_udp_addrs(vec![config.interfaces.clone()])
            // Stays on our thread: the runtime has no other. But it makes the stack's driver
            // end when the connection is dropped.
            .with_dedicated_reactor_pool_size(1);
        let stack = Box::pin(stack.build()).await?;
        Ok(Self {
            stack: Arc::new(stack),
            runtime,
            relay_only: config.relay_only,
        })
    }

    /// Makes the two channels. They exist on both sides by agreement and open with SCTP.
    pub(super) async fn channels(&self) -> Result<[Arc<dyn DataChannel>; 2]> {
        Ok([
            self.channel("control", CONTROL_STREAM).await?,
            self.channel("bulk", BULK_STREAM).await?,
        ])
    }

    /// Both channels send in order. On `bulk` order means nothing to the receiver, but the stack
    /// sends all that is unordered before anything that is ordered: while a file is on its way
    /// nothing would be left for `control`.
    async fn channel(&self, label: &str, stream: u16) -> Result<Arc<dyn DataChannel>> {
        let init = RTCDataChannelInit {
            ordered: true,
            negotiated: Some(stream),
            ..Default::default()
        };
        self.stack.create_data_channel(label, Some(init)).await
    }

    /// Makes an offer and applies it.
    pub(super) async fn offer(&self, ice_restart: bool) -> Result<String> {
        let restart = ice_restart && self.stack.current_remote_description().await.is_some();
        if restart {
            self.stack.restart_ice().await?;
        }
        let offer = self.stack.create_offer(None).await?;
        self.stack.set_local_description(offer.clone()).await?;
        Ok(self.outgoing(&offer, restart))
    }

    /// Takes the peer's offer, makes an answer and applies it.
    pub(super) async fn accept_offer(&self, sdp: String, rollback: bool) -> Result<()> {
        if rollback {
            let nothing = RTCSessionDescription::rollback(None)?;
            self.stack.set_local_description(nothing).await?;
        }
        self.stack
            .set_remote_description(RTCSessionDescription::offer(sdp)?)
            .await
    }

    /// Makes an answer to the offer just taken.
    pub(super) async fn answer(&self) -> Result<String> {
        let answer = self.stack.create_answer(None).await?;
        self.stack.set_local_description(answer.clone()).await?;
        Ok(self.outgoing(&answer, false))
    }

    /// Takes the peer's answer.
    pub(super) async fn accept_answer(&self, sdp: String) -> Result<()> {
        self.stack
            .set_remote_description(RTCSessionDescription::answer(sdp)?)
            .await
    }

    /// Takes a checked candidate of the peer.
    pub(super) async fn add_candidate(&self, candidate: String) -> Result<()> {
        let candidate = RTCIceCandidateInit {
            candidate,
            ..Default::default()
        };
        self.stack.add_ice_candidate(candidate).await
    }

    /// Whether records go in fragments, so that the peer must be one that puts them together.
    pub(super) fn fragments(&self) -> bool {
        self.runtime.tokens().fragments()
    }

    /// The peer repairs what the path loses, and so do we from now on.
    pub(super) fn repair(&self, peer: Token) {
        self.runtime.tokens().on_told(peer);
    }

    /// Whether the path is crowded, whichever socket it begins at.
    pub(super) fn crowding(&self) -> Arc<Crowding> {
        Arc::clone(self.runtime.crowding())
    }

    /// See [`LinkRuntime::hurry`].
    pub(super) fn hurry(&self, hurried: bool) {
        self.runtime.hurry(hurried);
    }

    /// What the stack has counted and measured.
    pub(super) async fn report(&self) -> Report {
        Report::of(&*self.stack, &self.runtime).await
    }

    /// The addresses in use. `is_relay` says of the peer's end whether it is a TURN server's: to
    /// the stack it is just an address when packets from it were faster than the candidate.
    pub(super) async fn path(&self, is_relay: impl Fn(SocketAddr) -> bool) -> Option<Path> {
        let ice = self.stack.sctp().await?.transport().ice_transport();
        let pair = ice.get_selected_candidate_pair().await.ok()??;
        let ends = [pair.local(), pair.remote()];
        self.runtime
            .relay(pair.local().typ == RTCIceCandidateType::Relay);
        if ends.iter().any(|end| end.typ == RTCIceCandidateType::Relay) {
            return Some(Path::Turn);
        }
        let [local, remote] = ends.map(socket_addr);
        let (local, remote) = (local?, remote?);
        Some(if is_relay(remote) {
            Path::Turn
        } else {
            Path::Direct { local, remote }
        })
    }

    /// A candidate as the peer may see it.
    pub(super) fn disclose(&self, candidate: String) -> String {
        if self.relay_only {
            sdp::anonymous(&candidate)
        } else {
            candidate
        }
    }

    /// Ends the driver and frees the sockets.
    pub(super) async fn close(&self) {
        // The stack's own grace period goes by this runtime's clock.
        self.hurry(false);
        self.runtime.relay(false);
        if let Err(error) = self.stack.close().await {
            tracing::debug!(%error, "closing a connection");
        }
    }

    fn outgoing(&self, description: &RTCSessionDescription, restart: bool) -> String {
        let candidates = match (restart, self.relay_only) {
            (true, _) => Candidates::Stale,
            (false, true) => Candidates::Anonymous,
            (false, false) => Candidates::Open,
        };
        let told = sdp::Told {
            receive_buffer: self.runtime.receive_buffer(),
            repair: self.runtime.tokens().own(),
            fragments: self.fragments(),
        };
        sdp::local(&description.sdp, told, candidates)
    }
}

fn settings(fragments: bool) -> SettingEngine {
    let settings = SettingEngineBuilder::new();
    let settings = if fragments {
        settings.with_sctp_mtu(PACKET_BYTES)
    } else {
        settings
    };
    settings
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .with_network_types(vec![NetworkType::Udp4, NetworkType::Udp6])
        .with_ice_timeouts(Some(DISCONNECTED), Some(FAILED), Some(KEEPALIVE))
        .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(MAX_CHECKS))
        .with_srflx_acceptance_min_wait(Some(REFLEXIVE_WAIT))
        .with_prflx_acceptance_min_wait(Some(UNTOLD_WAIT))
        .with_relay_acceptance_min_wait(Some(RELAY_WAIT))
        .with_sctp_max_receive_buffer_size(RECEIVE_WINDOW)
        // The stack would drop a peer with the wrong certificate, and tell nobody. We look at the
        // certificate ourselves, before anything passes: see `Active::on_channel_open`.
        .with_disable_certificate_fingerprint_verification(true)
        .with_discard_local_candidates_during_ice_restart(true)
        .build()
}

/// The servers that the stack understands: one bad address would cost it all of them.
fn ice_servers(server: &IceServer) -> impl Iterator<Item = RTCIceServer> {
    let servers = server.urls.iter().map(|url| RTCIceServer {
        urls: vec![url.clone()],
        username: server.username.clone().unwrap_or_default(),
        credential: server.credential.clone().unwrap_or_default(),
    });
    servers.filter(|server| server.urls().is_ok())
}

fn socket_addr(candidate: &RTCIceCandidate) -> Option<SocketAddr> {
    Some((candidate.address.parse::<IpAddr>().ok()?, candidate.port).into())
}

/// Silence after which a link is called disconnected. Three keepalives lost in a row are no
/// accident any more.
const DISCONNECTED: Duration = Duration::from_secs(3);

/// Silence after that until it is called failed: nine seconds in all, so that a fault that
/// heals within ten is noticed, and survived, on the same connection.
const FAILED: Duration = Duration::from_secs(6);

/// Pause between checks of consent (RFC 7675 §5.1 wants about 5 s). It also keeps the mappings
/// of NATs.
const KEEPALIVE: Duration = Duration::from_secs(1);

/// Pause between rounds of connectivity checks. RFC 8445 §14 allows one packet in 50 ms for
/// each pair; with a handful of pairs and a network as short as a room, this is what the peers
/// wait for.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Rounds until a pair counts as failed: five seconds, so that checks outlive a slow start of
/// the peer.
const MAX_CHECKS: u16 = 250;

/// How long a pair with an address that a STUN server told waits for a shorter way.
const REFLEXIVE_WAIT: Duration = Duration::from_millis(50);

/// How long a pair waits whose far end the peer has not told. Browsers hide their host
/// candidates, and a check is often faster than the candidate on its way through the server.
const UNTOLD_WAIT: Duration = Duration::from_millis(10);

/// How long a relayed pair waits for a better one: as long as a hole takes to be punched.
const RELAY_WAIT: Duration = Duration::from_millis(500);
