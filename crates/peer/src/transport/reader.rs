//! Reads one channel for as long as it lives.

use std::{mem, sync::Arc};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelMessage};

use super::{
    TransportError,
    channels::{Ending, Started},
    event::{EventSink, LinkEvent},
    handler::StackEvent,
};

/// A channel's incoming side.
///
/// It reads even when there is nothing to do with what it reads: a channel that is not read
/// closes the receive window of both.
pub(super) struct Reader {
    pub(super) channel: Arc<dyn DataChannel>,
    /// The longest frame.
    pub(super) limit: usize,
    pub(super) wrap: fn(Bytes) -> LinkEvent,
    pub(super) sink: EventSink,
    /// Where to say that the channel is open.
    pub(super) opened: mpsc::UnboundedSender<StackEvent>,
    /// Whether that has been said.
    pub(super) open: bool,
    /// Frames wait for both channels to be open.
    pub(super) started: Started,
    /// Woken when there is room to send.
    pub(super) room: Arc<Notify>,
}

impl Reader {
    /// Reads until the channel closes.
    pub(super) async fn run(mut self) -> Result<(), Ending> {
        while let Some(event) = self.channel.poll().await {
            match event {
                DataChannelEvent::OnOpen => self.open().await?,
                DataChannelEvent::OnMessage(message) => self.on_message(message).await?,
                DataChannelEvent::OnBufferedAmountLow => self.room.notify_one(),
                DataChannelEvent::OnClosing | DataChannelEvent::OnClose => break,
                _ => {}
            }
        }
        Err(Ending::Gone)
    }

    /// Says that the channel is open, and waits until frames may pass: when the peer's certificate
    /// is checked.
    async fn open(&mut self) -> Result<(), Ending> {
        if !mem::replace(&mut self.open, true) {
            drop(self.opened.send(StackEvent::ChannelOpen));
            self.started.wait().await?;
        }
        Ok(())
    }

    async fn on_message(&mut self, message: RTCDataChannelMessage) -> Result<(), Ending> {
        let len = message.data.len();
        if len > self.limit {
            let limit = self.limit;
            return Err(TransportError::PeerFrameTooLong { len, limit }.into());
        }
        self.open().await?;
        Ok(self.sink.emit((self.wrap)(message.data.freeze())).await?)
    }
}
