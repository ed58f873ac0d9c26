//! A peer that uses the stack as no peer of ours does.

use std::sync::Arc;

use bytes::BytesMut;
use snug_peer::transport::{LinkCommand, LinkEvent, LinkState, TransportError};
use tokio::sync::mpsc;
use webrtc::{
    data_channel::{DataChannel, RTCDataChannelInit},
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit,
        RTCPeerConnectionIceEvent, RTCSessionDescription,
    },
};

use super::pair::End;

/// A bare peer connection, and a link of ours that it is connected to.
pub(crate) struct Stranger {
    ours: End,
    theirs: Box<dyn PeerConnection>,
    channels: Vec<Arc<dyn DataChannel>>,
}

impl Stranger {
    pub(crate) async fn connected() -> Self {
        let (found, mut candidates) = mpsc::unbounded_channel();
        let theirs = PeerConnectionBuilder::new()
            .with_handler(Arc::new(Gatherer(found)))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await
            .unwrap();
        let mut channels = Vec::new();
        for stream in [0, 1] {
            let init = RTCDataChannelInit {
                negotiated: Some(stream),
                ..Default::default()
            };
            channels.push(
                theirs
                    .create_data_channel("agreed", Some(init))
                    .await
                    .unwrap(),
            );
        }
        let offer = theirs.create_offer(None).await.unwrap();
        theirs.set_local_description(offer.clone()).await.unwrap();
        let mut stranger = Self {
            ours: End::new(),
            theirs: Box::new(theirs),
            channels,
        };
        stranger.ours.command(LinkCommand::AcceptOffer {
            sdp: offer.sdp,
            rollback: false,
        });
        loop {
            tokio::select! {
                event = stranger.ours.next() => match event {
                    LinkEvent::LocalDescription { sdp, .. } => stranger.answered(sdp).await,
                    LinkEvent::Open { .. } => return stranger,
                    _ => {}
                },
                Some(candidate) = candidates.recv() => {
                    let (sdp_mid, sdp_mline_index) = (None, Some(0));
                    let candidate = snug_protocol::negotiation::Candidate {
                        candidate,
                        sdp_mid,
                        sdp_mline_index,
                    };
                    stranger.ours.command(LinkCommand::AddCandidate(candidate));
                }
            }
        }
    }

    async fn answered(&self, sdp: String) {
        let answer = RTCSessionDescription::answer(sdp).unwrap();
        self.theirs.set_remote_description(answer).await.unwrap();
    }

    /// Opens a channel that nobody agreed on.
    pub(crate) async fn open_channel(&mut self) {
        let init = RTCDataChannelInit::default();
        self.channels.push(
            self.theirs
                .create_data_channel("mine", Some(init))
                .await
                .unwrap(),
        );
    }

    /// Sends on the control channel, whatever it is.
    pub(crate) async fn send_control(&self, frame: &[u8]) {
        self.channels[0].send(BytesMut::from(frame)).await.unwrap();
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
        let RTCIceCandidateInit { candidate, .. } = event.candidate.to_json().unwrap();
        drop(self.0.send(candidate));
    }
}
