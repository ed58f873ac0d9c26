//! What a link reports, and the queue that it goes to.

use std::net::SocketAddr;

use bytes::Bytes;
use snug_protocol::negotiation::Candidate;
use tokio::sync::mpsc;

use super::{Fingerprint, LinkId, TransportError};

/// What happened on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// Our offer or answer, for the peer. Candidates follow as they are found.
    LocalDescription {
        /// Which of the two.
        kind: SdpKind,
        /// The description.
        sdp: String,
    },
    /// A candidate of ours, for the peer.
    LocalCandidate(Candidate),
    /// Both channels are open, and the peer has shown the certificate that its description names.
    /// Comes once, before any frame.
    Open {
        /// Our DTLS certificate, as the stack presented it.
        local_fingerprint: Fingerprint,
        /// The peer's DTLS certificate, as the stack checked it.
        remote_fingerprint: Fingerprint,
    },
    /// A control frame, in order.
    Control(Bytes),
    /// A bulk frame, in no order.
    Bulk(Bytes),
    /// This many bytes more may go into
    /// [`LinkCommand::SendBulk`](super::LinkCommand::SendBulk). First after `Open`.
    BulkCredit(usize),
    /// The state of the connection changed.
    State(LinkState),
    /// The pair of addresses in use changed.
    Path(Path),
    /// Something went wrong. Where it ends the link, [`LinkState::Closed`] follows.
    Error(TransportError),
}

/// Offer or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdpKind {
    /// Opens a negotiation.
    Offer,
    /// Ends it.
    Answer,
}

/// The state of a connection (W3C WebRTC §4.4.3, without the uneventful ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Packets pass both ways.
    Connected,
    /// Nothing heard for three seconds. May recover by itself.
    Disconnected,
    /// Nothing heard for nine seconds. Only an ICE restart helps.
    Failed,
    /// The end, whoever wanted it. Nothing comes after it.
    Closed,
}

/// How packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Straight to the peer.
    Direct {
        /// Our end.
        local: SocketAddr,
        /// The peer's end.
        remote: SocketAddr,
    },
    /// Through a TURN server of either side.
    Turn,
}

/// The events' way out: the caller's queue, with the link's id.
#[derive(Debug, Clone)]
pub(super) struct EventSink {
    id: LinkId,
    events: mpsc::Sender<(LinkId, LinkEvent)>,
}

/// Nobody takes events any more: the link has no purpose left.
#[derive(Debug)]
pub(super) struct Detached;

impl EventSink {
    pub(super) fn new(id: LinkId, events: mpsc::Sender<(LinkId, LinkEvent)>) -> Self {
        Self { id, events }
    }

    /// Waits for a place in the queue.
    pub(super) async fn emit(&self, event: LinkEvent) -> Result<(), Detached> {
        self.events
            .send((self.id, event))
            .await
            .map_err(|_| Detached)
    }

    /// Waits until [`try_emit`](Self::try_emit) is likely to succeed.
    pub(super) async fn ready(&self) {
        drop(self.events.reserve().await);
    }

    /// Takes a place in the queue only if there is one.
    pub(super) fn try_emit(&self, event: LinkEvent) -> bool {
        self.events.try_send((self.id, event)).is_ok()
    }
}
