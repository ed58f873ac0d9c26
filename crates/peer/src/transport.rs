//! WebRTC links between two peers: one peer connection, two negotiated data channels.
//!
//! [`Transport::open`] starts a [`Link`] and returns at once. Commands go in through
//! [`Link::command`], which never blocks; what happens comes back as [`LinkEvent`]s on the
//! caller's own queue. Each link is a handful of tasks on a reactor thread of the transport:
//!
//! ```text
//!            negotiation ─────► Actor ──────┐
//!  Link ──►  control frames ──► control ────┼──► stack ──► UDP
//!            bulk frames ─────► bulk ───────┘      │
//!  caller ◄── LinkEvent ◄── Actor, two readers ◄───┘
//! ```
//!
//! The channels are told apart by their stream: [`CONTROL_STREAM`] carries control frames in
//! order, [`BULK_STREAM`] the bytes of files. Bulk is kept shallow (`window`), so that a chat
//! message never waits behind a video, and paid for with credit ([`LinkEvent::BulkCredit`]).
//!
//! Nothing that a peer sends makes anything here panic, and it reaches no other link: it costs
//! the link an [`LinkEvent::Error`] at most.

mod actor;
mod bulk;
mod candidate;
mod channels;
mod connection;
mod control;
mod error;
mod event;
mod handler;
mod interfaces;
mod negotiation;
mod reactor;
mod reader;
mod repair;
mod report;
mod runtime;
mod sdp;
mod socket;
mod stepped;
mod tuning;
mod window;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
pub use snug_protocol::Fingerprint;
use snug_protocol::{api::IceServer, negotiation::Candidate};
use tokio::sync::mpsc;

use self::{actor::Actor, event::EventSink, reactor::Reactors};
pub use self::{
    error::TransportError,
    event::{LinkEvent, LinkState, Path, SdpKind},
    interfaces::Interfaces,
    tuning::Tuning,
};

/// Stream of the ordered channel for control frames.
pub const CONTROL_STREAM: u16 = 0;

/// Stream of the channel for bulk frames.
pub const BULK_STREAM: u16 = 1;

/// How links reach the network.
#[derive(Debug, Clone, Default)]
pub struct TransportConfig {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// Addresses that links bind and offer.
    pub interfaces: Interfaces,
    /// Offer nothing but TURN candidates, so that peers do not learn our addresses.
    pub relay_only: bool,
}

impl TransportConfig {
    /// Whether records may go in fragments. A TURN server would hand the fragments to the peer's stack
    /// and not to the peer's socket, where they are put together.
    fn allows_fragments(&self) -> bool {
        let mut urls = self.ice_servers.iter().flat_map(|server| &server.urls);
        // Schemes are read in any case (RFC 3986 §3.1).
        let is_turn = |url: &str| url.trim_start().to_ascii_lowercase().starts_with("turn");
        !self.relay_only && !urls.any(|url| is_turn(url))
    }
}

/// Opens links. Clones share the configuration and the reactor threads, which end with the last
/// of the clones and links.
#[derive(Debug, Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Mutex<TransportConfig>,
    tuning: Tuning,
    reactors: Reactors,
}

/// Names one link among the events of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// A handle on one link. Dropping it closes the link.
#[derive(Debug)]
pub struct Link {
    negotiation: mpsc::UnboundedSender<Negotiation>,
    control: mpsc::UnboundedSender<Bytes>,
    bulk: mpsc::UnboundedSender<Bytes>,
}

/// What a link can be told.
#[derive(Debug, Clone)]
pub enum LinkCommand {
    /// Make an offer; answered by [`LinkEvent::LocalDescription`].
    CreateOffer {
        /// Gather anew on fresh sockets, keeping the channels (RFC 8445 §9).
        ice_restart: bool,
        /// Offer nothing that only peers of our kind take. Counts for a link's first.
        plain: bool,
    },
    /// Take the peer's offer; answered by [`LinkEvent::LocalDescription`].
    AcceptOffer {
        /// The offer.
        sdp: String,
        /// Withdraw our own pending offer first: we are the polite peer.
        rollback: bool,
    },
    /// Take the peer's answer to our offer.
    AcceptAnswer {
        /// The answer.
        sdp: String,
    },
    /// Take a candidate of the peer. It may come before the description that it belongs to.
    AddCandidate(Candidate),
    /// Send a control frame, in order.
    SendControl(Bytes),
    /// Send a bulk frame, in no order. Costs credit.
    SendBulk(Bytes),
    /// Close the link; answered by [`LinkState::Closed`].
    Close,
}

/// The commands that the actor takes.
#[derive(Debug)]
enum Negotiation {
    CreateOffer { ice_restart: bool, plain: bool },
    AcceptOffer { sdp: String, rollback: bool },
    AcceptAnswer { sdp: String },
    AddCandidate(Candidate),
    Close,
}

impl Transport {
    /// Makes a transport. Nothing is bound and no thread runs before the first link.
    #[must_use]
    pub fn new(config: TransportConfig) -> Self {
        Self::tuned(config, Tuning::default())
    }

    /// Makes a transport to be measured with other settings than the best ones.
    #[must_use]
    pub fn tuned(config: TransportConfig, tuning: Tuning) -> Self {
        let shared = Shared {
            config: Mutex::new(config),
            tuning,
            reactors: Reactors::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Replaces the STUN and TURN servers for links opened from now on: TURN credentials expire.
    pub fn set_ice_servers(&self, ice_servers: Vec<IceServer>) {
        self.shared
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ice_servers = ice_servers;
    }

    /// Opens a link whose events go to `events` under `id`.
    ///
    /// Keep the queue short, 32 or so: the frames in it are ahead of the next chat message. When
    /// it is full the link stops reading, and the peer stops sending.
    pub fn open(&self, id: LinkId, events: mpsc::Sender<(LinkId, LinkEvent)>) -> Link {
        let (negotiation, commands) = mpsc::unbounded_channel();
        let (control, control_frames) = mpsc::unbounded_channel();
        let (bulk, bulk_frames) = mpsc::unbounded_channel();
        let actor = Actor {
            transport: self.clone(),
            sink: EventSink::new(id, events),
            commands,
            control_frames,
            bulk_frames,
        };
        self.shared.reactors.spawn(actor);
        Link {
            negotiation,
            control,
            bulk,
        }
    }

    fn config(&self) -> TransportConfig {
        self.shared
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn tuning(&self) -> &Tuning {
        &self.shared.tuning
    }
}

impl Link {
    /// Queues a command. After the link's end it does nothing.
    pub fn command(&self, command: LinkCommand) {
        let negotiation = match command {
            LinkCommand::SendControl(frame) => return drop(self.control.send(frame)),
            LinkCommand::SendBulk(frame) => return drop(self.bulk.send(frame)),
            LinkCommand::CreateOffer { ice_restart, plain } => {
                Negotiation::CreateOffer { ice_restart, plain }
            }
            LinkCommand::AcceptOffer { sdp, rollback } => {
                Negotiation::AcceptOffer { sdp, rollback }
            }
            LinkCommand::AcceptAnswer { sdp } => Negotiation::AcceptAnswer { sdp },
            LinkCommand::AddCandidate(candidate) => Negotiation::AddCandidate(candidate),
            LinkCommand::Close => Negotiation::Close,
        };
        drop(self.negotiation.send(negotiation));
    }
}

impl Negotiation {
    /// What is wrong with the description that it brings, by itself.
    fn refusal(&self) -> Option<TransportError> {
        match self {
            Self::AcceptOffer { sdp, .. } | Self::AcceptAnswer { sdp } => {
                negotiation::read(sdp).err()
            }
            Self::CreateOffer { .. } | Self::AddCandidate(_) | Self::Close => None,
        }
    }

    fn takes_description(&self) -> bool {
        match self {
            Self::AcceptOffer { .. } | Self::AcceptAnswer { .. } => true,
            Self::CreateOffer { .. } | Self::AddCandidate(_) | Self::Close => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_server_keeps_records_whole() {
        let with = |url: &str| TransportConfig {
            ice_servers: vec![IceServer {
                urls: vec!["stun:192.0.2.1".into(), url.into()],
                username: None,
                credential: None,
            }],
            ..TransportConfig::default()
        };
        assert!(with("stun:192.0.2.2").allows_fragments());
        for url in ["turn:192.0.2.2", "turns:192.0.2.2", "TURN:192.0.2.2"] {
            assert!(!with(url).allows_fragments(), "{url}");
        }
        let relay_only = TransportConfig {
            relay_only: true,
            ..TransportConfig::default()
        };
        assert!(!relay_only.allows_fragments());
    }
}
