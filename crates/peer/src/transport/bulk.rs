//! Sends bulk frames: no more at once than the window admits, no faster than its pace, no more
//! queued than the credit.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, mpsc};
use webrtc::data_channel::DataChannel;

use super::{
    TransportError,
    channels::{Ending, Started},
    event::{EventSink, LinkEvent},
    repair::Crowding,
    window::Window,
};

/// The bulk channel's outgoing side.
pub(super) struct Bulk {
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) sink: EventSink,
    pub(super) started: Started,
    pub(super) crowding: Arc<Crowding>,
    /// Woken when the outstanding bytes fall below the window's low mark.
    pub(super) room: Arc<Notify>,
    /// Bytes to be granted to the caller.
    pub(super) due: usize,
    /// Where the stack's low mark is.
    pub(super) marked: usize,
}

impl Bulk {
    /// Sends until the link is dropped.
    pub(super) async fn run(mut self) -> Result<(), Ending> {
        let mut window = self.started.wait().await?;
        self.due = CREDIT_BYTES;
        while let Some(frame) = self.next_frame(&mut window).await {
            if let Some(fresh) = self.started.changed() {
                window = fresh;
            }
            self.send(&mut window, frame).await?;
        }
        Ok(())
    }

    /// Waits for a frame, and meanwhile grants what is due.
    async fn next_frame(&mut self, window: &mut Window) -> Option<Bytes> {
        if self.frames.is_empty() {
            window.on_idle();
        }
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

    async fn send(&mut self, window: &mut Window, frame: Bytes) -> Result<(), TransportError> {
        let len = frame.len();
        let outstanding = self.wait_for_room(window, len).await?;
        let pause = window.pause(now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let sent = self.channel.send(BytesMut::from(frame)).await;
        sent.map_err(TransportError::send)?;
        window.on_sent(outstanding, len, now());
        self.due += len;
        Ok(())
    }

    /// Waits until the window admits a frame, and says what is outstanding then.
    async fn wait_for_room(
        &mut self,
        window: &mut Window,
        len: usize,
    ) -> Result<usize, TransportError> {
        loop {
            let outstanding = self.channel.outstanding_bytes().await;
            let outstanding = outstanding.map_err(TransportError::send)?;
            window.on_outstanding(outstanding, now());
            if self.crowding.take() {
                window.on_crowded();
            }
            if window.admits(outstanding, len) {
                return Ok(outstanding);
            }
            self.mark(window.low_mark()).await?;
            // The reader wakes us, unless it waits for the caller itself.
            drop(tokio::time::timeout(BACKSTOP, self.room.notified()).await);
        }
    }

    /// Has the reader wake us when no more than `low` bytes are outstanding.
    async fn mark(&mut self, low: usize) -> Result<(), TransportError> {
        if self.marked == low {
            return Ok(());
        }
        self.marked = low;
        let low = u32::try_from(low).unwrap_or(u32::MAX);
        let set = self.channel.set_buffered_amount_low_threshold(low).await;
        set.map_err(TransportError::send)
    }
}

#[expect(clippy::disallowed_methods, reason = "the window measures round trips")]
fn now() -> Instant {
    Instant::now()
}

/// Bytes that the caller may have been granted and not sent: enough to keep the link busy until
/// the caller's thread gets round to it.
const CREDIT_BYTES: usize = 512 * 1024;

/// Bytes to grant at once: an event for every frame would be one too many.
const GRANT_BYTES: usize = 64 * 1024;

/// Pause between looks at the outstanding bytes when nobody wakes us.
const BACKSTOP: Duration = Duration::from_millis(10);
