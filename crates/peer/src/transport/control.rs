//! Sends control frames.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, mpsc};
use webrtc::data_channel::DataChannel;

use super::{
    TransportError,
    channels::{Ending, Started},
};

/// The control channel's outgoing side. Nothing holds a frame back but SCTP.
pub(super) struct Control {
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) started: Started,
    /// Woken when no frames follow those that are queued.
    pub(super) closing: Arc<Notify>,
}

impl Control {
    /// Sends until the link is closed or dropped, and what was queued has arrived.
    pub(super) async fn run(mut self) -> Result<(), Ending> {
        self.started.wait().await?;
        while let Some(frame) = self.next_frame().await {
            self.send(frame).await?;
        }
        while self.outstanding().await? > 0 {
            tokio::time::sleep(ARRIVAL).await;
        }
        Ok(())
    }

    async fn next_frame(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                frame = self.frames.recv() => return frame,
                () = self.closing.notified() => self.frames.close(),
            }
        }
    }

    async fn send(&self, frame: Bytes) -> Result<(), TransportError> {
        let outstanding = self.outstanding().await?;
        if outstanding > BACKLOG_BYTES {
            return Err(TransportError::PeerStalled(outstanding));
        }
        self.channel
            .send(BytesMut::from(frame))
            .await
            .map_err(TransportError::send)
    }

    async fn outstanding(&self) -> Result<usize, TransportError> {
        self.channel
            .outstanding_bytes()
            .await
            .map_err(TransportError::send)
    }
}

/// Control frames that a peer may leave unacknowledged. A link that was down for ten seconds
/// has a few hundred KiB of them.
const BACKLOG_BYTES: usize = 4 * 1024 * 1024;

/// Pause between looks at what has not arrived, at the end.
const ARRIVAL: Duration = Duration::from_millis(5);
