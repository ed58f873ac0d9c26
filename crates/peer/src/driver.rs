//! The task that owns a session: it waits for one thing, hands it over, and does what the session
//! wants.
//!
//! ```text
//!  Peer ───── requests ──┐              ┌──► Signaling ──► server
//!  server ─── reports ───┤              ├──► Links ──────► peers
//!  peers ──── reports ───┼──► Session ──┤
//!  files ──── reports ───┤              ├──► Store ──────► files
//!  network ── moves ─────┤              └──► Events
//!  clock ────────────────┘
//! ```
//!
//! Nothing that the session wants is waited for here, and every queue into the driver is bounded
//! ([`crate::limits`]). So when the driver does not take from one, those behind it wait.

use std::{ops::Range, sync::Arc, time::Duration};

use snug_protocol::{ClientId, TransferId, api::IceServer};
use snug_session::{
    Command, CommandError, Config, EndReason, Event, Input, Intent, Output, Selection, Session,
    Source, Time,
};
use tokio::{
    sync::{Notify, mpsc},
    time::{self, Instant},
};

use crate::{
    PeerConfig,
    events::{Backlog, EventSink},
    introducer::Introducer,
    journal,
    limits::{FAREWELL, LINK_REPORTS},
    links::{self, Links},
    network::Network,
    peer::Request,
    signaling::Report,
    store::{self, Answer, Destination, Memory, Store},
    transport::{Transport, TransportConfig},
};

/// A session and everything that it acts through.
#[derive(Debug)]
pub(crate) struct Driver {
    session: Session,
    clock: Clock,
    requests: mpsc::Receiver<Request>,
    leaving: Arc<Notify>,
    handles: Handles,
    introducer: Introducer,
    links: Links,
    network: Network,
    transport: Transport,
    /// What the server's ICE servers are added to.
    ice_servers: Vec<IceServer>,
    store: Store,
    events: EventSink,
    ended: Option<EndReason>,
}

/// Whether anybody can still ask for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handles {
    Held,
    Dropped,
}

/// What the driver wakes up for.
#[derive(Debug)]
enum Wake {
    Leave,
    Request(Request),
    Signaling(Report),
    /// Reports of links are in the buffer.
    Links,
    Store(snug_session::StoreInput),
    /// This machine is on another network.
    Moved,
    /// It is time, or something that was held up may go on.
    Again,
}

/// The session's time.
#[derive(Debug, Clone, Copy)]
struct Clock(Instant);

impl Driver {
    pub(crate) fn new(
        config: PeerConfig,
        memory: Memory,
        requests: mpsc::Receiver<Request>,
        leaving: Arc<Notify>,
        events: EventSink,
    ) -> Self {
        let clock = Clock::start();
        let network = Network::new(config.interfaces.clone());
        let transport = Transport::new(TransportConfig {
            ice_servers: config.ice_servers.clone(),
            interfaces: config.interfaces,
            relay_only: config.relay_only,
        });
        // Whoever joins begins: it is for them to prove that they were invited.
        let begins = matches!(config.intent, Intent::Join(_));
        let session = Config {
            client: config.client.unwrap_or_else(fresh_client),
            intent: config.intent,
            secret: config.secret,
            profile: config.profile,
            relay_only: config.relay_only,
            relay: config.introduction.relay_budget(),
            shares: config.shares,
        };
        let seed = config.seed.map_or_else(rand::random, spread);
        Self {
            session: Session::new(session, seed),
            clock,
            requests,
            leaving,
            handles: Handles::Held,
            introducer: Introducer::new(config.introduction, begins),
            links: Links::new(transport.clone()),
            network,
            transport,
            ice_servers: config.ice_servers,
            store: Store::new(memory),
            events,
            ended: None,
        }
    }

    /// Lives until the session has ended and everything is closed.
    pub(crate) async fn run(mut self) {
        let mut reports = Vec::with_capacity(LINK_REPORTS);
        self.drain();
        let reason = loop {
            if let Some(reason) = self.ended.take() {
                break reason;
            }
            match self.wake(&mut reports).await {
                Wake::Leave => self.handle(Input::Command(Command::Leave)),
                Wake::Request(request) => self.on_request(request),
                Wake::Signaling(report) => self.on_signaling(report),
                Wake::Links => self.on_links(&mut reports),
                Wake::Store(report) => self.handle(Input::Store(report)),
                Wake::Moved => self.handle(Input::Command(Command::NetworkChanged)),
                Wake::Again => {}
            }
            self.check_time();
        };
        self.finish(reason).await;
    }

    /// Waits for whatever comes first. A listener that is behind holds up what makes events.
    async fn wake(&mut self, reports: &mut Vec<links::Report>) -> Wake {
        let backlog = self.events.backlog();
        let calm = backlog == Backlog::None;
        let held = calm && self.handles == Handles::Held;
        let deadline = self
            .session
            .poll_timeout()
            .map(|time| self.clock.instant(time));
        tokio::select! {
            () = self.leaving.notified() => Wake::Leave,
            request = self.requests.recv(), if held => request.map_or_else(
                || {
                    self.handles = Handles::Dropped;
                    Wake::Leave
                },
                Wake::Request,
            ),
            report = self.introducer.next(), if backlog < Backlog::Full => Wake::Signaling(report),
            report = self.store.next() => Wake::Store(report),
            () = self.links.next(reports), if calm && !self.store.is_congested() => Wake::Links,
            () = self.network.moved() => Wake::Moved,
            () = self.events.taken(), if !calm => Wake::Again,
            () = sleep_until(deadline) => Wake::Again,
        }
    }

    fn on_request(&mut self, request: Request) {
        match request {
            Request::Command(command) => self.handle(Input::Command(command)),
            Request::Accept {
                transfer,
                selection,
                destination,
            } => self.on_accept(transfer, selection, destination),
            Request::Read {
                transfer,
                bytes,
                answer,
            } => self.on_read(transfer, &bytes, answer),
            Request::Offer {
                file,
                source,
                answer,
            } => drop(answer.send(self.on_offer(*file, *source))),
        }
    }

    fn on_accept(&mut self, transfer: TransferId, selection: Selection, destination: Destination) {
        self.store.set_destination(transfer, destination);
        let accept = Command::Accept {
            transfer,
            selection,
        };
        if let Err(reason) = self.ask(accept) {
            self.store.forget(transfer);
            self.events.push(Event::Refused { reason });
        }
    }

    fn on_offer(&mut self, file: Source, source: store::Source) -> Result<(), CommandError> {
        let transfer = file.offer.transfer();
        // Before it is on offer, so that it is there when somebody asks.
        let older = self.store.add_source(transfer, source);
        self.ask(Command::Offer(file)).inspect_err(|_| {
            self.store.restore_source(transfer, older);
        })
    }

    fn on_read(&mut self, transfer: TransferId, bytes: &Range<u64>, answer: Answer) {
        if let Some(bytes) = self.store.read(transfer, bytes, answer) {
            // If it is not arriving yet, everything is in order all the same.
            drop(self.ask(Command::Prioritize { transfer, bytes }));
        }
    }

    /// Carries out a command, and says whether the session refused.
    fn ask(&mut self, command: Command) -> Result<(), CommandError> {
        let now = self.clock.now();
        self.session.handle(Input::Command(command), now);
        let mut refused = Ok(());
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Event(Event::Refused { reason }) => refused = Err(reason),
                output => self.execute(output),
            }
        }
        refused
    }

    fn on_signaling(&mut self, report: Report) {
        match report {
            Report::Input(input) => self.handle(Input::Signaling(input)),
            Report::IceServers(servers) => {
                let own = self.ice_servers.iter().cloned();
                self.transport.set_ice_servers(own.chain(servers).collect());
            }
        }
    }

    fn on_links(&mut self, reports: &mut Vec<links::Report>) {
        for report in reports.drain(..) {
            if let Some((id, input)) = self.links.translate(report) {
                self.handle(Input::Link(id, input));
            }
        }
    }

    /// Lets the session act by the clock, however much else there is to do.
    fn check_time(&mut self) {
        let now = self.clock.now();
        if self.session.poll_timeout().is_some_and(|due| due <= now) {
            self.handle(Input::Timeout);
        }
    }

    fn handle(&mut self, input: Input) {
        journal::note_input(&input);
        self.session.handle(input, self.clock.now());
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            self.execute(output);
        }
    }

    fn execute(&mut self, output: Output) {
        journal::note_output(&output);
        match output {
            Output::Signaling(output) => self.introducer.execute(output),
            Output::Link(id, output) => self.links.execute(id, output),
            Output::Store(output) => self.store.execute(output),
            Output::Event(Event::Ended(reason)) => self.ended = Some(reason),
            Output::Event(event) => self.on_event(event),
        }
    }

    fn on_event(&mut self, event: Event) {
        if let Event::TransferFailed {
            transfer, to: None, ..
        } = event
        {
            self.store.forget(transfer);
        }
        self.events.push(event);
    }

    /// Lets goodbyes go out and files close, then says that all is over.
    async fn finish(mut self, reason: EndReason) {
        let goodbyes = async {
            tokio::join!(
                self.introducer.close(),
                self.links.close_all(),
                self.store.close()
            );
        };
        if time::timeout(FAREWELL, goodbyes).await.is_err() {
            tracing::debug!("not everything was closed in time");
        }
        self.events.push(Event::Ended(reason));
    }
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the driver is where the session's time comes from"
    )]
    fn start() -> Self {
        Self(Instant::now())
    }

    fn now(self) -> Time {
        Time::new(self.0.elapsed())
    }

    fn instant(self, time: Time) -> Instant {
        // Past what the clock can say is never.
        let never = self.0 + YEAR;
        self.0.checked_add(time.since_origin()).unwrap_or(never)
    }
}

const YEAR: Duration = Duration::from_hours(365 * 24);

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn fresh_client() -> ClientId {
    let id = uuid::Uuid::new_v4().to_string();
    id.parse().expect("a UUID is a client id")
}

/// A small seed as a large one.
fn spread(small: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&small.to_le_bytes());
    seed
}
