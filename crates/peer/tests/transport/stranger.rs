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
    /// What our end said went wrong last.
    trouble: Option<TransportError>,
}

impl Stranger {
    pub(crate) async fn connected() -> Result<Self> {
        let mut stranger = Self::new().await?;
        stranger.offer().await?;
        while !matches!(stranger.next().await, LinkEvent::Open { .. }) {}
        Ok(stranger)
    }

    /// One that has not offered anything yet.
    pub(crate) async fn new() -> Result<Self> {
        let (found, candidates) = mpsc::unbounded_channel();
        let theirs = PeerConnectionBuilder::new()
            .with_handler(Arc::new(Gatherer(found)))
            .with_udp_addrs(vec!["127.0.0.1:0"]);
        let mut stranger = Self {
            ours: End::new(),
            theirs: Box::new(Box::pin(theirs.build()).await?),
            candidates,
            channels: Vec::new(),
            trouble: None,
        };
        stranger.open_channel(Some(0)).await?;
        stranger.open_channel(Some(1)).await?;
        Ok(stranger)
    }

    pub(crate) async fn offer(&self) -> Result<()> {
        let offer = Box::pin(self.theirs.create_offer(None)).await?;
        let sdp = offer.sdp.clone();
        self.theirs.set_local_description(offer).await?;
        self.ours.accept_offer(sdp);
        Ok(())
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

    /// Opens one channel after the other until our end has closed or `most` are open, and says
    /// why it closed.
    pub(crate) async fn open_channels(&mut self, most: usize) -> Option<TransportError> {
        while self.channels.len() < most {
            tokio::select! {
                biased;
                event = self.ours.next() => match event {
                    LinkEvent::State(LinkState::Closed) => return self.trouble.take(),
                    event => self.note(event),
                },
                opened = self.theirs.create_data_channel("any", None) => match opened {
                    Ok(channel) => self.channels.push(channel),
                    Err(_) => return self.ending().await,
                },
            }
        }
        None
    }

    /// Sends on the control channel, whatever it is.
    pub(crate) async fn send_control(&self, frame: &[u8]) -> Result<()> {
        self.channels[0].send(BytesMut::from(frame)).await
    }

    /// Waits for our end to close, and says why it did.
    pub(crate) async fn ending(&mut self) -> Option<TransportError> {
        loop {
            match self.next().await {
                LinkEvent::State(LinkState::Closed) => return self.trouble.take(),
                event => self.note(event),
            }
        }
    }

    fn note(&mut self, event: LinkEvent) {
        if let LinkEvent::Error(error) = event {
            self.trouble = Some(error);
        }
    }

    /// Carries signaling to and fro until something else happens at our end.
    async fn next(&mut self) -> LinkEvent {
        loop {
            tokio::select! {
                event = self.ours.next() => match event {
                    LinkEvent::LocalDescription { sdp, .. } => self.answered(sdp).await,
                    event => return event,
                },
                Some(candidate) = self.candidates.recv() => {
                    let (sdp_mid, sdp_mline_index) = (None, Some(0));
                    let candidate = Candidate { candidate, sdp_mid, sdp_mline_index };
                    self.ours.command(LinkCommand::AddCandidate(candidate));
                }
            }
        }
    }

    async fn answered(&self, sdp: String) {
        let answer = RTCSessionDescription::answer(sdp).expect("an answer");
        let taken = self.theirs.set_remote_description(answer).await;
        taken.expect("an answer of ours is good");
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
