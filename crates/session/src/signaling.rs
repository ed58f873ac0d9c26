//! The way to the server: into the room, and back into it after a drop.
//!
//! ```text
//!  Creating ──► Joining ──► Opening ──► Initializing ──► Online
//!     (new room)   ▲           ▲             │             │
//!                  │           │  resume refused           │ dropped
//!                  └───────────┼─────────────┘             ▼
//!                              └────────────────────── Waiting
//! ```

use std::time::Duration;

use rand::Rng;
use snug_protocol::{
    ClientId, ClientMessage, ErrorCode, Forward, ForwardKind, Payload, ResumeToken, RoomId,
    ServerMessage,
};

use crate::{
    EndReason, Intent, SignalingError, SignalingInput, SignalingOutput, Time,
    backoff::Backoff,
    limits::{ENTRY_TRIES, INIT_TIMEOUT, RETRY_CEILING, RETRY_FLOOR},
    outbox::Outbox,
};

/// Keeps the session in its room as far as the server is concerned.
#[derive(Debug)]
pub(crate) struct Signaling {
    client: ClientId,
    intent: Intent,
    room: Option<RoomId>,
    resume: Option<ResumeToken>,
    entered: bool,
    /// A planned restart of the server: when it asked us to come back.
    reconnect_in: Option<Duration>,
    backoff: Backoff,
    state: State,
}

/// What the rest of the session must know.
#[derive(Debug)]
pub(crate) enum Report {
    /// In the room, for the first time or again.
    Online {
        peers: Vec<ClientId>,
        first: Option<RoomId>,
    },
    /// Out of touch; another try follows.
    Offline {
        reason: String,
        retry_in: Duration,
        room_gone: bool,
    },
    /// A member came.
    PeerJoined(ClientId),
    /// A member is within reach, and is spoken to first or speaks first.
    PeerFound { peer: ClientId, begins: bool },
    /// A member left.
    PeerLeft(ClientId),
    /// A member sent something.
    Forward(Forward),
    /// There is no way in.
    Ended(EndReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Creating,
    Joining,
    Opening,
    Initializing { until: Time },
    Online,
    Waiting { until: Time },
    Ended,
}

impl Signaling {
    /// Starts the first call.
    pub(crate) fn new(client: ClientId, intent: Intent, out: &mut Outbox) -> Self {
        let room = match intent {
            Intent::Create { .. } => None,
            Intent::Join(room) => Some(room),
        };
        let backoff = Backoff::new(RETRY_FLOOR, RETRY_CEILING);
        let mut signaling = Self {
            client,
            intent,
            room,
            resume: None,
            entered: false,
            reconnect_in: None,
            backoff,
            state: State::Creating,
        };
        signaling.start(out);
        signaling
    }

    pub(crate) fn handle(
        &mut self,
        input: SignalingInput,
        now: Time,
        rng: &mut impl Rng,
        out: &mut Outbox,
    ) -> Option<Report> {
        match input {
            SignalingInput::RoomCreated { room } if self.state == State::Creating => {
                self.room = Some(room);
                self.start(out);
                None
            }
            SignalingInput::RoomJoined if self.state == State::Joining => {
                self.transition_to_opening(out);
                None
            }
            SignalingInput::SocketOpened if self.state == State::Opening => {
                self.transition_to_initializing(now, out);
                None
            }
            SignalingInput::Message(message) => self.on_message(message, now, rng, out),
            SignalingInput::PeerFound { peer, begins } => {
                let found = Report::PeerFound { peer, begins };
                (self.state == State::Online).then_some(found)
            }
            SignalingInput::Failed(error) => self.on_failed(&error, now, rng),
            // Late answers to calls that were given up.
            SignalingInput::RoomCreated { .. }
            | SignalingInput::RoomJoined
            | SignalingInput::SocketOpened => None,
        }
    }

    /// Acts when the time of [`Self::poll_timeout`] has come.
    pub(crate) fn handle_timeout(
        &mut self,
        now: Time,
        rng: &mut impl Rng,
        out: &mut Outbox,
    ) -> Option<Report> {
        match self.state {
            State::Waiting { until } if now >= until => {
                self.start(out);
                None
            }
            State::Initializing { until } if now >= until => {
                out.signaling(SignalingOutput::Close);
                self.on_failed(&SignalingError::Unreachable("no answer".into()), now, rng)
            }
            _ => None,
        }
    }

    /// The addresses changed: what looks open may be dead.
    pub(crate) fn reconnect(&mut self, out: &mut Outbox) {
        if self.state == State::Online {
            out.signaling(SignalingOutput::Close);
        }
        if matches!(self.state, State::Online | State::Waiting { .. }) {
            self.start(out);
        }
    }

    /// Passes a payload to a member, if the server is there to do it.
    pub(crate) fn forward(
        &self,
        kind: ForwardKind,
        to: &ClientId,
        payload: Payload,
        out: &mut Outbox,
    ) {
        if self.state == State::Online {
            let forward = Forward {
                kind,
                from: self.client.clone(),
                to: to.clone(),
                payload,
            };
            out.signaling(SignalingOutput::Send(ClientMessage::Forward(forward)));
        }
    }

    /// Leaves the room for good.
    pub(crate) fn leave(&mut self, out: &mut Outbox) {
        if self.state == State::Online {
            out.signaling(SignalingOutput::Send(ClientMessage::Leave));
        }
        self.end(out);
    }

    /// Stops without a word.
    pub(crate) fn end(&mut self, out: &mut Outbox) {
        if !matches!(self.state, State::Waiting { .. } | State::Ended) {
            out.signaling(SignalingOutput::Close);
        }
        self.state = State::Ended;
    }

    /// The room, once it is known.
    pub(crate) const fn room(&self) -> Option<RoomId> {
        self.room
    }

    /// This member.
    pub(crate) const fn client(&self) -> &ClientId {
        &self.client
    }

    pub(crate) fn is_online(&self) -> bool {
        self.state == State::Online
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match self.state {
            State::Waiting { until } | State::Initializing { until } => Some(until),
            State::Creating | State::Joining | State::Opening | State::Online | State::Ended => {
                None
            }
        }
    }

    /// Takes the first step that is still needed.
    fn start(&mut self, out: &mut Outbox) {
        match (self.room, &self.resume, self.intent) {
            (Some(_), Some(_), _) => self.transition_to_opening(out),
            (Some(room), None, _) => {
                self.state = State::Joining;
                let client = self.client.clone();
                out.signaling(SignalingOutput::JoinRoom { room, client });
            }
            (None, _, Intent::Create { capacity }) => {
                self.state = State::Creating;
                out.signaling(SignalingOutput::CreateRoom { capacity });
            }
            (None, _, Intent::Join(_)) => unreachable!("a room to join is known from the start"),
        }
    }

    fn transition_to_opening(&mut self, out: &mut Outbox) {
        self.state = State::Opening;
        out.signaling(SignalingOutput::OpenSocket);
    }

    fn transition_to_initializing(&mut self, now: Time, out: &mut Outbox) {
        let Some(room_id) = self.room else { return };
        self.state = State::Initializing {
            until: now + INIT_TIMEOUT,
        };
        out.signaling(SignalingOutput::Send(ClientMessage::Init {
            room_id,
            client_id: self.client.clone(),
            resume: self.resume.clone(),
        }));
    }

    fn on_message(
        &mut self,
        message: ServerMessage,
        now: Time,
        rng: &mut impl Rng,
        out: &mut Outbox,
    ) -> Option<Report> {
        match (message, self.state) {
            (ServerMessage::InitSuccess { peers, resume, .. }, State::Initializing { .. }) => {
                Some(self.transition_to_online(peers, resume))
            }
            (ServerMessage::Error { message, code }, State::Initializing { .. }) => {
                out.signaling(SignalingOutput::Close);
                self.on_failed(&SignalingError::Refused { code, message }, now, rng)
            }
            (ServerMessage::PeerJoined { client_id }, State::Online) => {
                Some(Report::PeerJoined(client_id))
            }
            (ServerMessage::PeerLeft { client_id }, State::Online) => {
                Some(Report::PeerLeft(client_id))
            }
            (ServerMessage::Forward(forward), State::Online) if forward.to == self.client => {
                Some(Report::Forward(forward))
            }
            (ServerMessage::Restarting { reconnect_in_ms }, _) => {
                self.reconnect_in = Some(Duration::from_millis(reconnect_in_ms.into()));
                None
            }
            (ServerMessage::Error { code, .. }, State::Online) => {
                tracing::debug!(%code, "the server refused a message");
                None
            }
            (message, state) => {
                tracing::debug!(?message, ?state, "a message out of place");
                None
            }
        }
    }

    fn transition_to_online(&mut self, peers: Vec<ClientId>, resume: ResumeToken) -> Report {
        self.state = State::Online;
        self.resume = Some(resume);
        self.backoff.succeed();
        let first = if self.entered { None } else { self.room };
        self.entered = true;
        Report::Online { peers, first }
    }

    fn on_failed(
        &mut self,
        error: &SignalingError,
        now: Time,
        rng: &mut impl Rng,
    ) -> Option<Report> {
        if matches!(self.state, State::Waiting { .. } | State::Ended) {
            return None;
        }
        if let Some(reason) = self.fatal(error) {
            self.state = State::Ended;
            return Some(Report::Ended(reason));
        }
        let room_gone = self.state == State::Joining && error.is(&ErrorCode::RoomNotFound);
        let refused = matches!(error, SignalingError::Refused { .. });
        if refused && matches!(self.state, State::Initializing { .. }) {
            // The seat is not ours any more: take another one.
            self.resume = None;
        }
        let retry_in = match self.reconnect_in.take() {
            Some(asked) => asked.min(RETRY_CEILING),
            None => self.backoff.fail(rng),
        };
        self.state = State::Waiting {
            until: now + retry_in,
        };
        Some(Report::Offline {
            reason: error.to_string(),
            retry_in,
            room_gone,
        })
    }

    /// Whether trying again would be in vain.
    fn fatal(&self, error: &SignalingError) -> Option<EndReason> {
        if self.entered {
            return None;
        }
        match error {
            SignalingError::Refused {
                code: ErrorCode::RoomNotFound,
                ..
            } => Some(EndReason::RoomNotFound),
            SignalingError::Refused { code, message } => {
                let passing = matches!(
                    code,
                    ErrorCode::RateLimited | ErrorCode::Draining | ErrorCode::Internal
                );
                let again = passing && self.backoff.failures() + 1 < ENTRY_TRIES;
                (!again).then(|| EndReason::ServerRefused {
                    code: code.clone(),
                    message: message.clone(),
                })
            }
            SignalingError::Unreachable(reason) | SignalingError::Closed(reason) => {
                let again = self.backoff.failures() + 1 < ENTRY_TRIES;
                (!again).then(|| EndReason::ServerUnreachable(reason.clone()))
            }
        }
    }
}

impl SignalingError {
    fn is(&self, wanted: &ErrorCode) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}
