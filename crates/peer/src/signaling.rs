//! The way to the server: its calls over HTTP and its WebSocket.

mod client;
mod connect;
mod ice_servers;
mod socket;
mod tls;

use std::sync::Arc;

use snug_protocol::{ClientId, RoomId, api::IceServer};
use snug_session::{SignalingError, SignalingInput, SignalingOutput};
use tokio::{
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinSet},
};

use self::client::Client;
use crate::{
    ServerUrl,
    limits::{OUTBOX, SIGNALING_REPORTS},
};

/// Does what a session asks of the way to the server.
///
/// Belongs on a Tokio runtime. Dropping it drops the connection at once.
#[derive(Debug)]
pub struct Signaling {
    client: Arc<Client>,
    state: State,
    /// Counts what was asked for, to tell apart what is not wanted any more.
    turn: u64,
    /// Who asks for the ICE servers.
    seat: Option<(RoomId, ClientId)>,
    ice_servers: Option<AbortHandle>,
    tasks: JoinSet<()>,
    sender: mpsc::Sender<(u64, Report)>,
    inbox: mpsc::Receiver<(u64, Report)>,
}

/// What the way to the server reports.
#[derive(Debug)]
pub enum Report {
    /// For the session.
    Input(SignalingInput),
    /// For the transport: what to use for links from now on.
    IceServers(Vec<IceServer>),
}

/// At most one call or socket is under way at a time.
#[derive(Debug)]
enum State {
    Idle,
    Calling(AbortHandle),
    /// A socket, or one that is being opened.
    Socket {
        outbox: mpsc::Sender<String>,
        task: AbortHandle,
    },
}

/// A task's way to the driver.
#[derive(Debug, Clone)]
struct Reports {
    turn: u64,
    sender: mpsc::Sender<(u64, Report)>,
}

impl Signaling {
    /// Prepares to talk to a server. Nothing is sent yet.
    pub fn new(server: ServerUrl) -> Self {
        let (sender, inbox) = mpsc::channel(SIGNALING_REPORTS);
        Self {
            client: Arc::new(Client::new(server)),
            state: State::Idle,
            turn: 0,
            seat: None,
            ice_servers: None,
            tasks: JoinSet::new(),
            sender,
            inbox,
        }
    }

    /// Does what the session wants. Returns at once.
    pub fn execute(&mut self, output: SignalingOutput) {
        while self.tasks.try_join_next().is_some() {}
        match output {
            SignalingOutput::CreateRoom { capacity } => self.create_room(capacity),
            SignalingOutput::JoinRoom { room, client } => self.join_room(room, client),
            SignalingOutput::OpenSocket => self.open_socket(),
            SignalingOutput::Send(message) => self.send(message.encode()),
            SignalingOutput::Close => self.hang_up(),
        }
    }

    /// Waits for the next report.
    pub async fn next(&mut self) -> Report {
        loop {
            let report = self.inbox.recv().await;
            let (turn, report) = report.expect("a sender is kept beside the receiver");
            if turn == self.turn {
                return report;
            }
        }
    }

    /// Closes the socket and waits until everything is sent.
    pub async fn close(mut self) {
        self.hang_up();
        // A task that wants to report gives up.
        self.inbox.close();
        while self.tasks.join_next().await.is_some() {}
    }

    fn create_room(&mut self, capacity: Option<u16>) {
        let client = self.client.clone();
        self.call(async move {
            let room = client.create_room(capacity).await?;
            Ok(SignalingInput::RoomCreated { room })
        });
    }

    fn join_room(&mut self, room: RoomId, member: ClientId) {
        self.seat = Some((room, member.clone()));
        let client = self.client.clone();
        self.call(async move {
            client.join_room(room, member).await?;
            Ok(SignalingInput::RoomJoined)
        });
    }

    fn call(
        &mut self,
        call: impl Future<Output = Result<SignalingInput, SignalingError>> + Send + 'static,
    ) {
        self.hang_up();
        let reports = self.reports();
        let task = self.tasks.spawn(async move {
            reports
                .send(call.await.unwrap_or_else(SignalingInput::Failed))
                .await;
        });
        self.state = State::Calling(task);
    }

    fn open_socket(&mut self) {
        self.hang_up();
        let prepared = self.ask_for_ice_servers();
        let (outbox, messages) = mpsc::channel(OUTBOX);
        let run = socket::run(self.client.clone(), prepared, messages, self.reports());
        let task = self.tasks.spawn(run);
        self.state = State::Socket { outbox, task };
    }

    /// Keeps the transport's ICE servers fresh from now on. Answers once they are known.
    fn ask_for_ice_servers(&mut self) -> oneshot::Receiver<()> {
        let (known, prepared) = oneshot::channel();
        if let Some((room, member)) = self.seat.clone()
            && !self.client.server().is_loopback()
        {
            let client = self.client.clone();
            let refresh = ice_servers::refresh(client, room, member, known, self.reports());
            self.ice_servers = Some(self.tasks.spawn(refresh));
        }
        prepared
    }

    fn send(&mut self, message: String) {
        let State::Socket { outbox, task } = &self.state else {
            return;
        };
        if let Err(mpsc::error::TrySendError::Full(_)) = outbox.try_send(message) {
            task.abort();
            let reports = self.reports();
            let stuck = SignalingError::Closed("the server does not take messages".into());
            // In a task: there may be no room for a report just now.
            self.tasks
                .spawn(async move { reports.send(SignalingInput::Failed(stuck)).await });
            self.state = State::Idle;
        }
    }

    /// Abandons the call, or lets the socket close once everything is sent.
    fn hang_up(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => {}
            State::Calling(task) => task.abort(),
            // The task goes on until the outbox is empty.
            State::Socket { outbox, task: _ } => drop(outbox),
        }
        if let Some(task) = self.ice_servers.take() {
            task.abort();
        }
        self.turn += 1;
    }

    fn reports(&self) -> Reports {
        Reports {
            turn: self.turn,
            sender: self.sender.clone(),
        }
    }
}

impl Reports {
    async fn send(&self, input: SignalingInput) {
        self.send_report(Report::Input(input)).await;
    }

    /// Waits for room. When nobody is there any more the report is of no use.
    async fn send_report(&self, report: Report) {
        drop(self.sender.send((self.turn, report)).await);
    }
}
