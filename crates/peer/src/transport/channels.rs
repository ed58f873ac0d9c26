//! The tasks of a link's two channels.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use snug_protocol::limits::CONTROL_FRAME_BYTES;
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
};
use webrtc::data_channel::DataChannel;

use super::{
    TransportError,
    bulk::Bulk,
    control::Control,
    event::{Detached, EventSink, LinkEvent},
    handler::StackEvent,
    reader::Reader,
    repair::Crowding,
    window::Window,
};

/// Two readers and two writers. None of them waits for another: chat goes out while bulk waits
/// for room, and comes in while nobody sends.
pub(super) struct Channels {
    /// The control channel.
    channel: Arc<dyn DataChannel>,
    readers: JoinSet<Result<(), Ending>>,
    bulk: JoinSet<Result<(), Ending>>,
    control: JoinSet<Result<(), Ending>>,
    started: watch::Sender<Option<Window>>,
    closing: Arc<Notify>,
}

/// What the tasks are made of.
pub(super) struct Parts {
    pub(super) control: Arc<dyn DataChannel>,
    pub(super) bulk: Arc<dyn DataChannel>,
    pub(super) control_frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) bulk_frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) stack: mpsc::UnboundedSender<StackEvent>,
    pub(super) sink: EventSink,
    pub(super) crowding: Arc<Crowding>,
    /// Bytes of the longest bulk frame.
    pub(super) longest_frame: usize,
}

/// Tells the tasks that both channels are open, and how much bulk the peer can take.
#[derive(Debug, Clone)]
pub(super) struct Started(watch::Receiver<Option<Window>>);

/// Why a link ends, other than by being told to.
#[derive(Debug)]
pub(super) enum Ending {
    /// The peer closed it.
    Gone,
    /// Nobody takes its events.
    Detached,
    /// It cannot go on.
    Failed(TransportError),
}

impl Channels {
    pub(super) fn spawn(parts: Parts) -> Self {
        let (started, gate) = watch::channel(None);
        let gate = Started(gate);
        let [room, closing] = [(); 2].map(|()| Arc::new(Notify::new()));
        let reader = |channel: &Arc<dyn DataChannel>, limit, wrap| Reader {
            channel: Arc::clone(channel),
            limit,
            wrap,
            sink: parts.sink.clone(),
            opened: parts.stack.clone(),
            open: false,
            started: gate.clone(),
            room: Arc::clone(&room),
        };
        let [mut readers, mut bulk, mut control] = [(); 3].map(|()| JoinSet::new());
        readers.spawn(reader(&parts.control, CONTROL_FRAME_BYTES, LinkEvent::Control).run());
        readers.spawn(reader(&parts.bulk, parts.longest_frame, LinkEvent::Bulk).run());
        let writer = Bulk {
            channel: parts.bulk,
            frames: parts.bulk_frames,
            sink: parts.sink,
            started: gate.clone(),
            crowding: parts.crowding,
            room,
            due: 0,
            marked: 0,
        };
        bulk.spawn(writer.run());
        let channel = Arc::clone(&parts.control);
        let writer = Control {
            channel: parts.control,
            frames: parts.control_frames,
            started: gate,
            closing: Arc::clone(&closing),
        };
        control.spawn(writer.run());
        Self {
            channel,
            readers,
            bulk,
            control,
            started,
            closing,
        }
    }

    /// Lets frames pass; later, has the bulk of a new path measured anew.
    pub(super) fn start(&self, window: Window) {
        self.started.send_replace(Some(window));
    }

    /// Whether frames pass.
    pub(super) fn is_started(&self) -> bool {
        self.started.borrow().is_some()
    }

    /// Waits for the channels to end by themselves. May be dropped and tried again.
    pub(super) async fn ended(&mut self) -> Ending {
        loop {
            let ended = tokio::select! {
                Some(ended) = self.readers.join_next() => ended,
                Some(ended) = self.bulk.join_next() => ended,
                Some(ended) = self.control.join_next() => ended,
                else => return Ending::Gone,
            };
            match ended {
                // A writer whose link was dropped. The readers go on, and the actor knows.
                Ok(Ok(())) => {}
                Ok(Err(ending)) => return ending,
                Err(error) => return TransportError::Send(error.to_string()).into(),
            }
        }
    }

    /// Sends the control frames that are queued, if the peer still takes them.
    pub(super) async fn flush(&mut self) {
        if self.is_started() {
            self.closing.notify_one();
            drop(tokio::time::timeout(FLUSH, self.control.join_next()).await);
        }
    }

    /// Waits until what the peer has sent is taken, as nothing follows.
    pub(super) async fn drain(&mut self) {
        if self.is_started() {
            let drained = async { while self.readers.join_next().await.is_some() {} };
            drop(tokio::time::timeout(DRAIN, drained).await);
        }
    }

    /// Closes the control channel, and waits until the peer has heard of it.
    pub(super) async fn part(&mut self) {
        if self.channel.close().await.is_ok() {
            drop(tokio::time::timeout(FLUSH, self.ended()).await);
        }
    }

    /// Ends the tasks.
    pub(super) async fn shutdown(mut self) {
        self.readers.shutdown().await;
        self.bulk.shutdown().await;
        self.control.shutdown().await;
    }
}

impl Started {
    /// Waits until frames may pass. Ends only with the link.
    pub(super) async fn wait(&mut self) -> Result<Window, Ending> {
        let started = self.0.wait_for(Option::is_some).await;
        let window = started.ok().and_then(|window| window.clone());
        window.ok_or(Ending::Gone)
    }

    /// The window for a new path, once.
    pub(super) fn changed(&mut self) -> Option<Window> {
        let changed = self.0.has_changed().unwrap_or(false);
        changed.then(|| self.0.borrow_and_update().clone())?
    }
}

impl From<Detached> for Ending {
    fn from(Detached: Detached) -> Self {
        Self::Detached
    }
}

impl From<TransportError> for Ending {
    fn from(error: TransportError) -> Self {
        Self::Failed(error)
    }
}

/// How long the last words of a link may take: a round trip or two, on any network that one can
/// talk over.
const FLUSH: Duration = Duration::from_millis(500);

/// How long what has come may wait to be taken once the link is over: while a disk is slow, say.
const DRAIN: Duration = Duration::from_secs(2);
