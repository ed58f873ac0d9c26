//! Sends control frames.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use webrtc::data_channel::DataChannel;

use super::{
    TransportError,
    actor::{Ending, Started},
};

/// The control channel's outgoing side. Nothing holds a frame back but SCTP.
pub(super) struct Control {
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) started: Started,
}

impl Control {
    /// Sends until the link is dropped.
    pub(super) async fn run(mut self) -> Result<(), Ending> {
        self.started.wait().await?;
        while let Some(frame) = self.frames.recv().await {
            self.send(frame).await?;
        }
        Ok(())
    }

    async fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        let outstanding = self.channel.outstanding_bytes().await.map_err(failed)?;
        if outstanding > BACKLOG_BYTES {
            return Err(TransportError::PeerStalled(outstanding));
        }
        self.channel
            .send(BytesMut::from(frame))
            .await
            .map_err(failed)
    }
}

fn failed(error: webrtc::error::Error) -> TransportError {
    TransportError::Send(error.to_string())
}

/// Control frames that a peer may leave unacknowledged. A link that was down for ten seconds
/// has a few hundred KiB of them.
const BACKLOG_BYTES: usize = 4 * 1024 * 1024;
