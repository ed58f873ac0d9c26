//! A peer that uses the stack as no peer of ours does.

use std::sync::Arc;

use bytes::BytesMut;
use snug_peer::transport::{LinkCommand, LinkEvent, LinkState, TransportError};
use snug_protocol::negotiation::Candidate;
use tokio::sync::mpsc;
use webrtc::{
    data_channel::{DataChannel, RTCDataChannelInit},
    error::Result,
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
        RTCPeerConnectionIceEvent, RTCSessionDescription,
    },
};

use super::pair::End;

/// A bare peer connection, and a link of ours that it is connected to.
pub(crate) struct Stranger {
    ours: End,
    theirs: Box<dyn PeerConnection>,
    candidates: mpsc::UnboundedReceiver<String>,
    channels: Vec<Arc<dyn DataChannel>>,
}

impl Stranger {
    pub(crate) async fn connected() -> Result<Self> {
        let mut stranger = Box::pin(Self::new()).await?;
        let offer = stranger.theirs.create_offer(None).await?;
        let sdp = offer.sdp.clone();
        stranger.theirs.set_local_description(offer).await?;
        let rollback = false;
        stranger
            .ours
            .command(LinkCommand::AcceptOffer { sdp, rollback });
        loop {
            tokio::select! {
                event = stranger.ours.next() => match event {
                    LinkEvent::LocalDescription { sdp, .. } => stranger.answered(sdp).await?,
                    LinkEvent::Open { .. } => return Ok(stranger),
                    _ => {}
                },
                Some(candidate) = stranger.candidates.recv() => {
                    let (sdp_mid, sdp_mline_index) = (None, Some(0));
                    let candidate = Candidate { candidate, sdp_mid, sdp_mline_index };
                    stranger.ours.command(LinkCommand::AddCandidate(candidate));
                }
            }
        }
    }

    async fn new() -> Result<Self> {
        let (found, candidates) = mpsc::unbounded_channel();
        let theirs = PeerConnectionBuilder::new()
            .with_handler(Arc::new(Gatherer(found)))
            .with_udp_addrs(vec!["127.0.0.1:0"]);
        let mut stranger = Self {
            ours: End::new(),
            theirs: Box::new(Box::pin(theirs.build()).await?),
            candidates,
            channels: Vec::new(),
        };
        stranger.open_channel(Some(0)).await?;
        stranger.open_channel(Some(1)).await?;
        Ok(stranger)
    }

    async fn answered(&self, sdp: String) -> Result<()> {
        let answer = RTCSessionDescription::answer(sdp)?;
        self.theirs.set_remote_description(answer).await
    }

    /// Opens a channel: on an agreed stream, or one that nobody agreed on.
    pub(crate) async fn open_channel(&mut self, negotiated: Option<u16>) -> Result<()> {
        let init = RTCDataChannelInit {
            negotiated,
            ..Default::default()
        };
        let channel = self.theirs.create_data_channel("any", Some(init)).await?;
        self.channels.push(channel);
        Ok(())
    }

    /// Sends on the control channel, whatever it is.
    pub(crate) async fn send_control(&self, frame: &[u8]) -> Result<()> {
        self.channels[0].send(BytesMut::from(frame)).await
    }

    /// Waits for our end to close, and says why it did.
    pub(crate) async fn ending(&mut self) -> Option<TransportError> {
        let mut why = None;
        loop {
            match self.ours.next().await {
                LinkEvent::Error(error) => why = Some(error),
                LinkEvent::State(LinkState::Closed) => return why,
                _ => {}
            }
        }
    }
}

struct Gatherer(mpsc::UnboundedSender<String>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Gatherer {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(found) = event.candidate.to_json() {
            drop(self.0.send(found.candidate));
        }
    }
}
