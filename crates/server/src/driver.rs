//! The task that owns the rooms, and the handle with which everyone else talks to it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use snug_protocol::{ClientId, ErrorCode, ResumeToken, RoomId, ServerMessage};
use tokio::sync::{mpsc, oneshot};

use crate::{
    address::{Addresses, Client, Rated},
    clock,
    close::Closing,
    config::{Config, DrainConfig},
    error::{CreateError, ForwardError, InitError, JoinError},
    limits,
    metrics::Metrics,
    outbox::Outbox,
    registry::{Output, Registry, SocketId},
    relay::{Envelope, Text},
};

/// A handle to the rooms. When the last one is dropped, the task ends.
#[derive(Debug, Clone)]
pub(crate) struct Rooms {
    inputs: mpsc::Sender<Input>,
}

/// The task that owned the rooms is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub(crate) struct RoomsGone;

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departure {
    /// The peer closed it, or broke it off.
    Ended,
    /// The peer fell silent, or did not read.
    Silent,
}

#[derive(Debug)]
enum Input {
    Create {
        capacity: Option<u16>,
        reply: oneshot::Sender<Result<RoomId, CreateError>>,
    },
    Join {
        room: RoomId,
        client: ClientId,
        reply: oneshot::Sender<Result<Vec<ClientId>, JoinError>>,
    },
    IsSeated {
        room: RoomId,
        client: ClientId,
        reply: oneshot::Sender<bool>,
    },
    Open {
        socket: SocketId,
        outbox: Arc<Outbox>,
    },
    Init {
        socket: SocketId,
        room: RoomId,
        client: ClientId,
        resume: Option<ResumeToken>,
        caller: Client,
        reply: oneshot::Sender<bool>,
    },
    Forward {
        socket: SocketId,
        envelope: Envelope,
    },
    Touch {
        socket: SocketId,
    },
    Leave {
        socket: SocketId,
    },
    Closed {
        socket: SocketId,
        departure: Departure,
    },
    Drain,
}

impl Rooms {
    /// Opens a room.
    pub(crate) async fn create(
        &self,
        capacity: Option<u16>,
    ) -> Result<Result<RoomId, CreateError>, RoomsGone> {
        self.ask(|reply| Input::Create { capacity, reply }).await
    }

    /// Keeps a seat.
    pub(crate) async fn join(
        &self,
        room: RoomId,
        client: ClientId,
    ) -> Result<Result<Vec<ClientId>, JoinError>, RoomsGone> {
        self.ask(|reply| Input::Join {
            room,
            client,
            reply,
        })
        .await
    }

    /// Whether there is such a seat.
    pub(crate) async fn is_seated(
        &self,
        room: RoomId,
        client: ClientId,
    ) -> Result<bool, RoomsGone> {
        self.ask(|reply| Input::IsSeated {
            room,
            client,
            reply,
        })
        .await
    }

    /// Makes a socket known, so that it can be spoken to and told of a restart.
    pub(crate) async fn open(
        &self,
        socket: SocketId,
        outbox: Arc<Outbox>,
    ) -> Result<(), RoomsGone> {
        self.tell(Input::Open { socket, outbox }).await
    }

    /// Seats a client; the socket is told why not. Returns whether it is seated.
    pub(crate) async fn init(
        &self,
        socket: SocketId,
        room: RoomId,
        client: ClientId,
        resume: Option<ResumeToken>,
        caller: Client,
    ) -> Result<bool, RoomsGone> {
        self.ask(|reply| Input::Init {
            socket,
            room,
            client,
            resume,
            caller,
            reply,
        })
        .await
    }

    /// Passes a message on; the socket is told why not.
    pub(crate) async fn forward(
        &self,
        socket: SocketId,
        envelope: Envelope,
    ) -> Result<(), RoomsGone> {
        self.tell(Input::Forward { socket, envelope }).await
    }

    /// Notes a sign of life.
    pub(crate) async fn touch(&self, socket: SocketId) -> Result<(), RoomsGone> {
        self.tell(Input::Touch { socket }).await
    }

    /// Takes the member on `socket` out of its room.
    pub(crate) async fn leave(&self, socket: SocketId) -> Result<(), RoomsGone> {
        self.tell(Input::Leave { socket }).await
    }

    /// Makes a socket unknown. Never waits, so that it can be called when a task is torn down.
    pub(crate) fn closed(&self, socket: SocketId, departure: Departure) {
        let input = Input::Closed { socket, departure };
        if let Err(mpsc::error::TrySendError::Full(input)) = self.inputs.try_send(input) {
            let rooms = self.clone();
            tokio::spawn(async move { rooms.tell(input).await });
        }
    }

    /// Tells every socket to come back later and closes it, now and from now on.
    pub(crate) async fn drain(&self) -> Result<(), RoomsGone> {
        self.tell(Input::Drain).await
    }

    /// Whether the rooms can still be talked to.
    pub(crate) fn is_alive(&self) -> bool {
        !self.inputs.is_closed()
    }

    async fn tell(&self, input: Input) -> Result<(), RoomsGone> {
        self.inputs.send(input).await.map_err(|_| RoomsGone)
    }

    async fn ask<T>(
        &self,
        input: impl FnOnce(oneshot::Sender<T>) -> Input,
    ) -> Result<T, RoomsGone> {
        let (reply, answer) = oneshot::channel();
        self.tell(input(reply)).await?;
        answer.await.map_err(|_| RoomsGone)
    }
}

/// Owns the rooms and the way to each socket.
#[derive(Debug)]
pub(crate) struct Driver {
    registry: Registry,
    inputs: mpsc::Receiver<Input>,
    sockets: HashMap<SocketId, Arc<Outbox>>,
    addresses: Addresses,
    metrics: Arc<Metrics>,
    drain: DrainConfig,
    draining: bool,
}

impl Driver {
    pub(crate) fn new(
        config: &Config,
        addresses: Addresses,
        metrics: Arc<Metrics>,
    ) -> (Rooms, Self) {
        let (sender, inputs) = mpsc::channel(limits::INPUTS);
        let registry = Registry::new(
            config.rooms.clone(),
            config.key.clone(),
            rand::random::<[u8; 32]>(),
        );
        let driver = Self {
            registry,
            inputs,
            sockets: HashMap::new(),
            addresses,
            metrics,
            drain: config.drain.clone(),
            draining: false,
        };
        (Rooms { inputs: sender }, driver)
    }

    /// Runs until the last handle is dropped.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(limits::INPUT_BATCH);
        let mut timer = std::pin::pin!(tokio::time::sleep(Duration::ZERO));
        loop {
            let deadline = self.registry.poll_timeout();
            if let Some(deadline) = deadline.map(Into::into)
                && timer.deadline() != deadline
            {
                timer.as_mut().reset(deadline);
            }
            tokio::select! {
                count = self.inputs.recv_many(&mut batch, limits::INPUT_BATCH) => {
                    if count == 0 {
                        return;
                    }
                }
                () = &mut timer, if deadline.is_some() => {}
            }
            self.handle_batch(&mut batch);
        }
    }

    fn handle_batch(&mut self, batch: &mut Vec<Input>) {
        let now = clock::now();
        self.registry.handle_timeout(now);
        self.deliver();
        for input in batch.drain(..) {
            self.handle(input, now);
            self.deliver();
        }
        self.metrics.set_stats(self.registry.stats());
    }

    fn handle(&mut self, input: Input, now: std::time::Instant) {
        match input {
            Input::Create { capacity, reply } => {
                // Whoever asked may have gone; so it is with every reply.
                let _ = reply.send(self.registry.create_room(capacity, now));
            }
            Input::Join {
                room,
                client,
                reply,
            } => {
                let _ = reply.send(self.registry.join_room(room, client, now));
            }
            Input::IsSeated {
                room,
                client,
                reply,
            } => {
                let _ = reply.send(self.registry.is_seated(room, &client, now));
            }
            Input::Open { socket, outbox } => self.on_open(socket, outbox),
            Input::Init {
                socket,
                room,
                client,
                resume,
                caller,
                reply,
            } => {
                let resume = resume.as_ref();
                let seated = self
                    .check_return(room, &client, resume, caller, now)
                    .and_then(|()| {
                        let unix = clock::unix();
                        self.registry.init(socket, room, client, resume, now, unix)
                    });
                let _ = reply.send(seated.is_ok());
                if let Err(error) = seated {
                    self.refuse(socket, &error, error.code());
                }
            }
            Input::Forward { socket, envelope } => {
                let bytes = envelope.text.len();
                match self.registry.forward(socket, envelope, now) {
                    Ok(()) => self.metrics.on_relayed(bytes),
                    Err(error) => {
                        if error == ForwardError::TooManyKeys {
                            self.metrics.on_refused_key();
                        }
                        self.refuse(socket, &error, error.code());
                    }
                }
            }
            Input::Touch { socket } => self.registry.touch(socket, now),
            Input::Leave { socket } => self.registry.leave(socket, now),
            Input::Closed { socket, departure } => {
                self.sockets.remove(&socket);
                match departure {
                    Departure::Ended => self.registry.disconnect(socket, now),
                    Departure::Silent => self.registry.vanish(socket, now),
                }
            }
            Input::Drain => self.on_drain(),
        }
    }

    /// Holds whoever takes a seat with a token alone to a rate: it has neither joined nor opened a
    /// room, which have theirs.
    fn check_return(
        &mut self,
        room: RoomId,
        client: &ClientId,
        resume: Option<&ResumeToken>,
        caller: Client,
        now: std::time::Instant,
    ) -> Result<(), InitError> {
        if resume.is_none() || self.registry.is_seated(room, client, now) {
            return Ok(());
        }
        let allowed = self.addresses.allow(caller, Rated::Return, now);
        allowed.map_err(|_| {
            self.metrics.on_refused_call();
            InitError::TooManyReturns
        })
    }

    fn on_open(&mut self, socket: SocketId, outbox: Arc<Outbox>) {
        if self.draining {
            self.send_away(&outbox, self.drain.reconnect_spread);
        }
        self.sockets.insert(socket, outbox);
    }

    fn on_drain(&mut self) {
        self.draining = true;
        let count = u32::try_from(self.sockets.len()).unwrap_or(u32::MAX);
        let needed = Duration::from_secs(1) * count / limits::RECONNECTS_PER_SECOND;
        let spread = needed.min(self.drain.reconnect_spread);
        for outbox in self.sockets.values() {
            self.send_away(outbox, spread);
        }
    }

    /// Tells one socket when to come back, at a time of its own within `spread`.
    fn send_away(&self, outbox: &Outbox, spread: Duration) {
        let wait = self.drain.reconnect_base + spread.mul_f64(rand::random());
        let reconnect_in_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        // If it does not fit, the socket is closed anyway.
        let _ = outbox.push(Text::from(&ServerMessage::Restarting { reconnect_in_ms }));
        outbox.close(Closing::RESTART);
    }

    fn refuse(&self, socket: SocketId, error: &dyn std::error::Error, code: ErrorCode) {
        self.metrics.on_error();
        if let Some(outbox) = self.sockets.get(&socket) {
            let message = ServerMessage::Error {
                message: error.to_string(),
                code,
            };
            // If it does not fit, the socket is about to be closed.
            let _ = outbox.push(Text::from(&message));
        }
    }

    /// Does what the rooms want done.
    fn deliver(&mut self) {
        while let Some(output) = self.registry.poll_output() {
            match output {
                Output::Send { socket, text, held } => self.send(socket, text, held),
                Output::Close { socket, reason } => {
                    if let Some(outbox) = self.sockets.get(&socket) {
                        outbox.close(reason.into());
                    }
                }
            }
        }
    }

    fn send(&mut self, socket: SocketId, text: Text, held: bool) {
        let Some(outbox) = self.sockets.get(&socket) else {
            return;
        };
        if held {
            outbox.push_held(text);
        } else if outbox.push(text).is_err() {
            self.metrics.on_slow_reader();
            // From here on its messages wait for it in the room.
            self.registry.vanish(socket, clock::now());
        }
    }
}
