//! The task that owns a link's connection.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use snug_protocol::{limits, negotiation::Candidate};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::{JoinError, JoinSet},
    time::Instant,
};
use webrtc::data_channel::DataChannel;

use super::{
    Negotiation, Transport, TransportError,
    bulk::Bulk,
    candidate::RemoteCandidates,
    connection::Connection,
    control::Control,
    event::{Detached, EventSink, LinkEvent, LinkState, Path, SdpKind},
    handler::StackEvent,
    reader::Reader,
    sdp::Remote,
    window::{BULK_FRAME_BYTES, Window},
};

/// A link before its connection exists.
#[derive(Debug)]
pub(super) struct Actor {
    /// Keeps the thread that this runs on.
    pub(super) transport: Transport,
    pub(super) sink: EventSink,
    pub(super) commands: mpsc::UnboundedReceiver<Negotiation>,
    pub(super) control_frames: mpsc::UnboundedReceiver<Bytes>,
    pub(super) bulk_frames: mpsc::UnboundedReceiver<Bytes>,
}

/// Why a link ends, other than by being told to.
#[derive(Debug)]
pub(super) enum Ending {
    /// Nobody takes its events.
    Detached,
    /// It cannot go on.
    Failed(TransportError),
}

/// Tells the channels' tasks that both are open, and how much bulk the peer can take.
#[derive(Debug, Clone)]
pub(super) struct Started(watch::Receiver<Option<Window>>);

/// A link with a connection.
struct Active {
    connection: Connection,
    sink: EventSink,
    candidates: RemoteCandidates,
    window: Window,
    /// Channels still to open.
    opening: usize,
    started: watch::Sender<Option<Window>>,
    path: Option<Path>,
    /// When to stop hurrying the stack.
    relax_at: Instant,
}

impl Actor {
    /// Lives the link from its first socket to its last event.
    pub(super) async fn run(self) {
        let sink = self.sink.clone();
        if let Err(Ending::Failed(error)) = self.live().await {
            tracing::debug!(%error, "a link ends");
            drop(sink.emit(LinkEvent::Error(error)).await);
        }
        drop(sink.emit(LinkEvent::State(LinkState::Closed)).await);
    }

    async fn live(mut self) -> Result<(), Ending> {
        let config = self.transport.config();
        let (stack, events) = mpsc::unbounded_channel();
        let connection = Connection::start(&config, stack.clone())
            .await
            .map_err(start_failed)?;
        let [control, bulk] = connection.channels().await.map_err(start_failed)?;
        let (started, gate) = watch::channel(None);
        let mut active = Active {
            connection,
            sink: self.sink.clone(),
            candidates: RemoteCandidates::new(config.interfaces.include_loopback()),
            window: Window::new(None),
            opening: 2,
            started,
            path: None,
            relax_at: far_future(),
        };
        let tasks = Channels {
            control,
            bulk,
            stack,
            started: Started(gate),
        };
        let mut tasks = tasks.spawn(&self.sink, self.control_frames, self.bulk_frames);
        let outcome = active.run(&mut self.commands, events, &mut tasks).await;
        tasks.shutdown().await;
        active.connection.close().await;
        outcome
    }
}

impl Active {
    async fn run(
        &mut self,
        commands: &mut mpsc::UnboundedReceiver<Negotiation>,
        mut stack: mpsc::UnboundedReceiver<StackEvent>,
        tasks: &mut JoinSet<Result<(), Ending>>,
    ) -> Result<(), Ending> {
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    None | Some(Negotiation::Close) => return Ok(()),
                    Some(command) => self.on_command(command).await?,
                },
                Some(event) = stack.recv() => self.on_stack(event).await?,
                Some(ended) = tasks.join_next() => return task_ended(ended),
                () = tokio::time::sleep_until(self.relax_at) => self.relax(),
            }
        }
    }

    async fn on_command(&mut self, command: Negotiation) -> Result<(), Detached> {
        let outcome = match command {
            Negotiation::CreateOffer { ice_restart } => self.create_offer(ice_restart).await,
            Negotiation::AcceptOffer { sdp, rollback } => self.accept_offer(&sdp, rollback).await,
            Negotiation::AcceptAnswer { sdp } => self.accept_answer(&sdp).await,
            Negotiation::AddCandidate(candidate) => self.add_candidate(&candidate).await,
            Negotiation::Close => return Ok(()),
        };
        match outcome {
            Ok(None) => Ok(()),
            Ok(Some((kind, sdp))) => {
                self.sink
                    .emit(LinkEvent::LocalDescription { kind, sdp })
                    .await
            }
            Err(error) => self.sink.emit(LinkEvent::Error(error)).await,
        }
    }

    async fn create_offer(&mut self, ice_restart: bool) -> Negotiated {
        self.candidates.restart();
        let sdp = self.connection.offer(ice_restart).await.map_err(refused)?;
        Ok(Some((SdpKind::Offer, sdp)))
    }

    async fn accept_offer(&mut self, sdp: &str, rollback: bool) -> Negotiated {
        let remote = self.read(sdp)?;
        self.candidates.restart();
        self.connection
            .accept_offer(remote.sdp, rollback)
            .await
            .map_err(refused)?;
        self.described(&remote.candidates).await;
        let sdp = self.connection.answer().await.map_err(refused)?;
        Ok(Some((SdpKind::Answer, sdp)))
    }

    async fn accept_answer(&mut self, sdp: &str) -> Negotiated {
        let remote = self.read(sdp)?;
        self.connection
            .accept_answer(remote.sdp)
            .await
            .map_err(refused)?;
        self.described(&remote.candidates).await;
        Ok(None)
    }

    async fn add_candidate(&mut self, candidate: &Candidate) -> Negotiated {
        if let Some(candidate) = self.candidates.take(candidate) {
            self.connection
                .add_candidate(candidate)
                .await
                .map_err(refused)?;
        }
        Ok(None)
    }

    fn read(&mut self, sdp: &str) -> Result<Remote, TransportError> {
        if sdp.len() > limits::SDP_BYTES {
            return Err(TransportError::DescriptionTooLong(sdp.len()));
        }
        let remote = Remote::read(sdp);
        self.window = Window::new(remote.receive_buffer);
        Ok(remote)
    }

    /// The peer's description is applied: its candidates can be, and the checks begin.
    async fn described(&mut self, inline: &[Candidate]) {
        self.hurry();
        let waiting = self.candidates.described();
        let inline: Vec<_> = inline
            .iter()
            .filter_map(|line| self.candidates.take(line))
            .collect();
        for candidate in waiting.into_iter().chain(inline) {
            if let Err(error) = self.connection.add_candidate(candidate).await {
                tracing::debug!(%error, "a candidate is refused");
            }
        }
    }

    async fn on_stack(&mut self, event: StackEvent) -> Result<(), Ending> {
        match event {
            StackEvent::Candidate(mut candidate) => {
                candidate.candidate = self.connection.disclose(candidate.candidate);
                self.sink.emit(LinkEvent::LocalCandidate(candidate)).await?;
            }
            StackEvent::State(state) => self.on_state(state).await?,
            StackEvent::ChannelOpen => self.on_channel_open().await?,
            StackEvent::ForeignChannel => return Err(TransportError::PeerOpenedChannel.into()),
        }
        Ok(())
    }

    async fn on_state(&mut self, state: LinkState) -> Result<(), Ending> {
        self.sink.emit(LinkEvent::State(state)).await?;
        if state == LinkState::Connected {
            if self.opening == 0 {
                self.relax();
            }
            self.report_path().await?;
        }
        Ok(())
    }

    async fn on_channel_open(&mut self) -> Result<(), Ending> {
        self.opening = self.opening.saturating_sub(1);
        if self.opening > 0 || self.started.borrow().is_some() {
            return Ok(());
        }
        self.relax();
        let fingerprints = self.connection.fingerprints().await;
        let (local_fingerprint, remote_fingerprint) =
            fingerprints.ok_or(TransportError::NoFingerprints)?;
        self.sink
            .emit(LinkEvent::Open {
                local_fingerprint,
                remote_fingerprint,
            })
            .await?;
        self.started.send_replace(Some(self.window));
        self.report_path().await
    }

    async fn report_path(&mut self) -> Result<(), Ending> {
        let path = self.connection.path().await;
        if let Some(found) = path
            && path != self.path
        {
            self.path = path;
            self.sink.emit(LinkEvent::Path(found)).await?;
        }
        Ok(())
    }

    fn hurry(&mut self) {
        self.connection.hurry(true);
        self.relax_at = after(HURRY);
    }

    fn relax(&mut self) {
        self.connection.hurry(false);
        self.relax_at = far_future();
    }
}

/// What the tasks of both channels are made of.
struct Channels {
    control: Arc<dyn DataChannel>,
    bulk: Arc<dyn DataChannel>,
    stack: mpsc::UnboundedSender<StackEvent>,
    started: Started,
}

impl Channels {
    fn spawn(
        self,
        sink: &EventSink,
        control_frames: mpsc::UnboundedReceiver<Bytes>,
        bulk_frames: mpsc::UnboundedReceiver<Bytes>,
    ) -> JoinSet<Result<(), Ending>> {
        let room = Arc::new(Notify::new());
        let reader = |channel: &Arc<dyn DataChannel>, limit, wrap| Reader {
            channel: Arc::clone(channel),
            limit,
            wrap,
            sink: sink.clone(),
            opened: self.stack.clone(),
            started: self.started.clone(),
            room: Arc::clone(&room),
        };
        let mut tasks = JoinSet::new();
        let control = reader(
            &self.control,
            limits::CONTROL_FRAME_BYTES,
            LinkEvent::Control,
        );
        tasks.spawn(control.run());
        tasks.spawn(reader(&self.bulk, BULK_FRAME_BYTES, LinkEvent::Bulk).run());
        let control = Control {
            channel: self.control,
            frames: control_frames,
            started: self.started.clone(),
        };
        tasks.spawn(control.run());
        let bulk = Bulk {
            channel: self.bulk,
            frames: bulk_frames,
            sink: sink.clone(),
            started: self.started,
            room,
            due: 0,
        };
        tasks.spawn(bulk.run());
        tasks
    }
}

impl Started {
    /// Waits until frames may pass. Ends only with the link.
    pub(super) async fn wait(&mut self) -> Result<Window, Ending> {
        let started = self
            .0
            .wait_for(Option::is_some)
            .await
            .map_err(|_| Ending::Detached)?;
        started.ok_or(Ending::Detached)
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

type Negotiated = Result<Option<(SdpKind, String)>, TransportError>;

fn task_ended(ended: Result<Result<(), Ending>, JoinError>) -> Result<(), Ending> {
    ended.unwrap_or_else(|error| Err(TransportError::Send(error.to_string()).into()))
}

fn start_failed(error: webrtc::error::Error) -> TransportError {
    TransportError::Start(error.to_string())
}

fn refused(error: webrtc::error::Error) -> TransportError {
    TransportError::Negotiation(error.to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the driver of a connection reads the clock"
)]
fn after(duration: Duration) -> Instant {
    Instant::now() + duration
}

/// Later than any link lives.
fn far_future() -> Instant {
    after(Duration::from_hours(24 * 365))
}

/// How long a connection may take to open before it is left to the stack's own pace.
const HURRY: Duration = Duration::from_secs(10);
