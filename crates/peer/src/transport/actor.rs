//! The task that owns a link's connection.

use std::time::Duration;

use bytes::Bytes;
use tokio::{sync::mpsc, time::Instant};

use super::{
    Negotiation, Transport, TransportError,
    channels::{Channels, Ending, Parts},
    connection::Connection,
    event::{Detached, EventSink, LinkEvent, LinkState, Path},
    handler::StackEvent,
    negotiation::{Negotiator, offers_fragments},
    report::Report,
    window::Window,
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

/// A link with a connection.
struct Active {
    connection: Connection,
    channels: Channels,
    negotiator: Negotiator,
    sink: EventSink,
    /// Channels still to open.
    opening: usize,
    path: Option<Path>,
    /// The window's limit, where it is not to be found out.
    outstanding_bytes: Option<usize>,
    /// When to stop hurrying the stack.
    relax_at: Instant,
}

impl Actor {
    /// Lives the link from its first socket to its last event.
    pub(super) async fn run(self) {
        let (sink, transport) = (self.sink.clone(), self.transport.clone());
        if let Err(Ending::Failed(error)) = Box::pin(self.live()).await {
            tracing::debug!(%error, "a link ends");
            drop(sink.emit(LinkEvent::Error(error)).await);
        }
        drop(sink.emit(LinkEvent::State(LinkState::Closed)).await);
        // The thread may end with it, and would before there was room for the last event.
        drop(transport);
    }

    async fn live(mut self) -> Result<(), Ending> {
        let Some(early) = self.first_commands().await? else {
            return Ok(());
        };
        let config = self.transport.config();
        let tuning = self.transport.tuning().clone();
        let (stack, events) = mpsc::unbounded_channel();
        let fragments = config.allows_fragments() && early.iter().any(wants_fragments);
        let connection = Connection::start(&config, &tuning, fragments, stack.clone()).await;
        let connection = connection.map_err(TransportError::start)?;
        let [control, bulk] = connection.channels().await.map_err(TransportError::start)?;
        let channels = Channels::spawn(Parts {
            control,
            bulk,
            control_frames: self.control_frames,
            bulk_frames: self.bulk_frames,
            stack,
            sink: self.sink.clone(),
            crowding: connection.crowding(),
            longest_frame: tuning.frame_bytes,
        });
        let mut active = Active {
            connection,
            channels,
            negotiator: Negotiator::new(config.interfaces.include_loopback()),
            sink: self.sink,
            opening: CHANNELS,
            path: None,
            outstanding_bytes: tuning.outstanding_bytes,
            relax_at: far_future(),
        };
        let outcome = active.run(early, self.commands, events).await;
        active.close(&outcome).await;
        outcome
    }

    /// The commands up to the first that makes or takes a description: what kind of connection it
    /// is to be depends on that. `None` if the link ends before.
    async fn first_commands(&mut self) -> Result<Option<Vec<Negotiation>>, Detached> {
        let mut commands = Vec::new();
        while let Some(command) = self.commands.recv().await {
            match command.refusal() {
                Some(error) => self.sink.emit(LinkEvent::Error(error)).await?,
                None if matches!(command, Negotiation::Close) => break,
                None => {
                    let is_candidate = matches!(command, Negotiation::AddCandidate(_));
                    commands.push(command);
                    if !is_candidate {
                        return Ok(Some(commands));
                    }
                }
            }
        }
        Ok(None)
    }
}

impl Active {
    /// Runs until told to end, or until there is nothing left to run.
    async fn run(
        &mut self,
        early: Vec<Negotiation>,
        mut commands: mpsc::UnboundedReceiver<Negotiation>,
        mut stack: mpsc::UnboundedReceiver<StackEvent>,
    ) -> Result<(), Ending> {
        for command in early {
            self.on_command(command).await?;
        }
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    None | Some(Negotiation::Close) => return Ok(()),
                    Some(command) => self.on_command(command).await?,
                },
                Some(event) = stack.recv() => self.on_stack(event).await?,
                ending = self.channels.ended() => return Err(ending),
                () = tokio::time::sleep_until(self.relax_at) => self.relax(),
            }
        }
    }

    async fn on_command(&mut self, command: Negotiation) -> Result<(), Detached> {
        if command.takes_description() {
            self.hurry();
        }
        if let Some(event) = self.negotiator.handle(&self.connection, command).await {
            self.sink.emit(event).await?;
        }
        // A candidate may tell that the address in use is a TURN server's.
        match self.path {
            Some(_) => self.report_path().await,
            None => Ok(()),
        }
    }

    async fn on_stack(&mut self, event: StackEvent) -> Result<(), Ending> {
        match event {
            StackEvent::Candidate(mut candidate) => {
                candidate.candidate = self.connection.disclose(candidate.candidate);
                let event = LinkEvent::LocalCandidate(candidate);
                Ok(self.sink.emit(event).await?)
            }
            StackEvent::State(state) => self.on_state(state).await,
            StackEvent::ChannelOpen => self.on_channel_open().await,
            StackEvent::ForeignChannel => Err(TransportError::PeerOpenedChannel.into()),
        }
    }

    async fn on_state(&mut self, state: LinkState) -> Result<(), Ending> {
        self.sink.emit(LinkEvent::State(state)).await?;
        if state == LinkState::Connected && self.channels.is_started() {
            self.relax();
            self.report_path().await?;
        }
        Ok(())
    }

    async fn on_channel_open(&mut self) -> Result<(), Ending> {
        self.opening = self.opening.saturating_sub(1);
        if self.opening > 0 || self.channels.is_started() {
            return Ok(());
        }
        self.relax();
        let report = self.connection.report().await;
        let (local_fingerprint, remote_fingerprint) = report
            .fingerprints()
            .ok_or(TransportError::NoFingerprints)?;
        if self.negotiator.certificate() != Some(remote_fingerprint) {
            return Err(TransportError::WrongCertificate.into());
        }
        let open = LinkEvent::Open {
            local_fingerprint,
            remote_fingerprint,
        };
        self.sink.emit(open).await?;
        self.path = self.find_path().await;
        self.channels.start(self.window(&report));
        if let Some(path) = self.path {
            self.sink.emit(LinkEvent::Path(path)).await?;
        }
        Ok(())
    }

    /// Tells the way that packets take, if it is another one than before.
    async fn report_path(&mut self) -> Result<(), Detached> {
        let found = self.find_path().await;
        let Some(path) = found.filter(|_| found != self.path) else {
            return Ok(());
        };
        self.path = Some(path);
        let report = self.connection.report().await;
        self.channels.start(self.window(&report));
        self.sink.emit(LinkEvent::Path(path)).await
    }

    async fn find_path(&self) -> Option<Path> {
        let is_relay = |addr| self.negotiator.is_relay(addr);
        self.connection.path(is_relay).await
    }

    fn window(&self, report: &Report) -> Window {
        // What the peer's socket holds does not matter behind that of a TURN server.
        let receive_buffer = match self.path {
            Some(Path::Turn) => None,
            Some(Path::Direct { .. }) | None => self.negotiator.receive_buffer(),
        };
        match self.outstanding_bytes {
            Some(limit) => Window::fixed(limit),
            None => Window::new(receive_buffer, report.round_trip()),
        }
    }

    /// The checks of connectivity are about to begin.
    fn hurry(&mut self) {
        self.connection.hurry(true);
        self.relax_at = after(HURRY);
    }

    fn relax(&mut self) {
        self.connection.hurry(false);
        self.relax_at = far_future();
    }

    async fn close(mut self, outcome: &Result<(), Ending>) {
        match outcome {
            Ok(()) => {
                self.channels.flush().await;
                // The stack leaves its TURN server before it says goodbye through it.
                if self.path == Some(Path::Turn) {
                    self.channels.part().await;
                }
            }
            Err(Ending::Gone | Ending::Failed(TransportError::Send(_))) => {
                self.channels.drain().await;
            }
            Err(Ending::Detached | Ending::Failed(_)) => {}
        }
        self.channels.shutdown().await;
        self.connection.close().await;
    }
}

/// Whether records shall go in fragments: the offerer tries it, and the answerer follows.
fn wants_fragments(command: &Negotiation) -> bool {
    match command {
        Negotiation::CreateOffer { plain, .. } => !plain,
        Negotiation::AcceptOffer { sdp, .. } => offers_fragments(sdp),
        Negotiation::AcceptAnswer { .. } | Negotiation::AddCandidate(_) | Negotiation::Close => {
            false
        }
    }
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

/// `control` and `bulk`.
const CHANNELS: usize = 2;

/// How long a connection may take to open before it is left to the stack's own pace.
const HURRY: Duration = Duration::from_secs(10);
