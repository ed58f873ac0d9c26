//! What the stack reports, on its way to the actor.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use snug_protocol::negotiation::Candidate;
use tokio::sync::mpsc;
use webrtc::{
    data_channel::DataChannel,
    peer_connection::{
        PeerConnectionEventHandler, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    },
};

use super::{event::LinkState, sdp};

/// Something the stack, or a reader of one of its channels, has to say.
#[derive(Debug)]
pub(super) enum StackEvent {
    /// A candidate of ours was found.
    Candidate(Candidate),
    /// The connection's state changed.
    State(LinkState),
    /// One of the two channels opened.
    ChannelOpen,
    /// The peer opened a channel that was not agreed on.
    ForeignChannel,
}

/// The stack awaits its handler, and does nothing else meanwhile: so the queue is unbounded.
/// What fills it is our own gathering, and changes of state that take a network timeout each.
#[derive(Debug)]
pub(super) struct Handler {
    events: mpsc::UnboundedSender<StackEvent>,
    /// One foreign channel is enough to end the link; until it has, the peer may open hundreds.
    saw_foreign_channel: AtomicBool,
}

impl Handler {
    pub(super) fn new(events: mpsc::UnboundedSender<StackEvent>) -> Self {
        Self {
            events,
            saw_foreign_channel: AtomicBool::new(false),
        }
    }

    fn report(&self, event: StackEvent) {
        drop(self.events.send(event));
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(found) = event.candidate.to_json() {
            self.report(StackEvent::Candidate(sdp::trickled(found.candidate)));
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let state = match state {
            RTCPeerConnectionState::Connected => LinkState::Connected,
            RTCPeerConnectionState::Disconnected => LinkState::Disconnected,
            RTCPeerConnectionState::Failed => LinkState::Failed,
            // The others are steps to these, or the end, which is the actor's to report.
            _ => return,
        };
        self.report(StackEvent::State(state));
    }

    async fn on_data_channel(&self, _: Arc<dyn DataChannel>) {
        if !self.saw_foreign_channel.swap(true, Ordering::Relaxed) {
            self.report(StackEvent::ForeignChannel);
        }
    }
}
