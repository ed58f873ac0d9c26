//! Sends bulk frames: no more at once than the window admits, no more queued than the credit.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, mpsc};
use webrtc::data_channel::DataChannel;

use super::{
    TransportError,
    channels::{Ending, Started},
    event::{EventSink, LinkEvent},
    window::Window,
};

/// The bulk channel's outgoing side.
pub(super) struct Bulk {
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) sink: EventSink,
    pub(super) started: Started,
    /// Woken when the outstanding bytes fall below the window's low mark.
    pub(super) room: Arc<Notify>,
    /// Bytes to be granted to the caller.
    pub(super) due: usize,
}

impl Bulk {
    /// Sends until the link is dropped.
    pub(super) async fn run(mut self) -> Result<(), Ending> {
        let window = self.started.wait().await?;
        self.due = CREDIT_BYTES;
        self.mark(window).await?;
        while let Some(frame) = self.next_frame().await {
            self.wait_for_room(window, frame.len()).await?;
            self.due += frame.len();
            self.channel
                .send(BytesMut::from(frame))
                .await
                .map_err(TransportError::send)?;
        }
        Ok(())
    }

    /// Waits for a frame, and meanwhile grants what is due.
    async fn next_frame(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                () = self.sink.ready(), if self.due >= GRANT_BYTES => self.grant(),
                frame = self.frames.recv() => return frame,
            }
        }
    }

    fn grant(&mut self) {
        if self.sink.try_emit(LinkEvent::BulkCredit(self.due)) {
            self.due = 0;
        }
    }

    async fn wait_for_room(&self, window: Window, len: usize) -> Result<(), TransportError> {
        loop {
            let outstanding = self.channel.outstanding_bytes().await;
            if window.admits(outstanding.map_err(TransportError::send)?, len) {
                return Ok(());
            }
            // The reader wakes us, unless it waits for the caller itself.
            drop(tokio::time::timeout(BACKSTOP, self.room.notified()).await);
        }
    }

    async fn mark(&self, window: Window) -> Result<(), TransportError> {
        let low = u32::try_from(window.low_mark()).unwrap_or(u32::MAX);
        self.channel
            .set_buffered_amount_low_threshold(low)
            .await
            .map_err(TransportError::send)
    }
}

/// Bytes that the caller may have been granted and not sent: enough to keep the link busy until
/// the caller's thread gets round to it.
const CREDIT_BYTES: usize = 512 * 1024;

/// Bytes to grant at once: an event for every frame would be one too many.
const GRANT_BYTES: usize = 64 * 1024;

/// Pause between looks at the outstanding bytes when nobody wakes us.
const BACKSTOP: Duration = Duration::from_millis(10);
