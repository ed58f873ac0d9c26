//! The link to one peer: negotiation, verification, repair.
//!
//! ```text
//!            offer made or taken          channels open        first frame checks
//!   Idle ───────────────────────► Connecting ──────────► Verifying ──────────► Connected
//!    ▲  ▲                             │                      │                  │    ▲
//!    │  └──────────── failed ─────────┴──────────────────────┘       interrupted│    │resumed
//!    └───────────────────── failed ──────────────── Interrupted ◄───────────────┘────┘
//! ```
//!
//! Glare is settled as perfect negotiation does it (W3C WebRTC §10.7): the impolite peer, the one
//! with the smaller id, ignores an offer that collides with its own; the polite one gives way.

mod connection;

use std::time::Duration;

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{
    ClientId, ControlFrame, ForwardKind,
    negotiation::{Candidate, Description, TrickledCandidate},
};

use self::connection::Connection;
use crate::{
    Event, LinkId, LinkInput, LinkOutput, LinkStatus, Path, Time,
    backoff::Backoff,
    greeting::Greeting,
    limits::{
        CONNECT_TIMEOUT, FAILURES_TOLD, OFFER_PATIENCE, POLITE_PATIENCE, RECONNECT_CEILING,
        RECONNECT_FLOOR, RESTART_TIMEOUT,
    },
    mesh::{Context, Report},
};

/// One side of the link between two members.
#[derive(Debug)]
pub(crate) struct Link {
    peer: ClientId,
    polite: bool,
    backoff: Backoff,
    /// Whether it ever was connected: what comes next is then a return.
    proven: bool,
    told: Option<LinkStatus>,
    path: Path,
    state: State,
}

#[derive(Debug)]
enum State {
    /// No connection. Offers at that time, unless the peer does before.
    Idle {
        offer_at: Option<Time>,
    },
    Connecting {
        connection: Connection,
        until: Time,
    },
    Verifying {
        connection: Connection,
        greeting: Greeting,
    },
    Connected {
        connection: Connection,
    },
    /// No packets come. Restarts ICE at one time, gives up at the other.
    Interrupted {
        connection: Connection,
        restart_at: Option<Time>,
        until: Time,
    },
}

impl Link {
    /// A link that waits for the peer's offer and then offers itself.
    pub(crate) fn awaiting_offer(peer: ClientId, me: &ClientId, now: Time) -> Self {
        Self {
            polite: *me > peer,
            peer,
            backoff: Backoff::new(RECONNECT_FLOOR, RECONNECT_CEILING),
            proven: false,
            told: None,
            path: Path::Direct,
            state: State::Idle {
                offer_at: Some(now + OFFER_PATIENCE),
            },
        }
    }

    /// The connection that frames may go on, once it is verified.
    pub(crate) fn connected(&self) -> Option<LinkId> {
        match &self.state {
            State::Connected { connection } | State::Interrupted { connection, .. } => {
                Some(connection.id)
            }
            State::Idle { .. } | State::Connecting { .. } | State::Verifying { .. } => None,
        }
    }

    /// The connection, in whatever state.
    pub(crate) fn id(&self) -> Option<LinkId> {
        self.connection().map(|connection| connection.id)
    }

    pub(crate) fn status(&self) -> LinkStatus {
        self.told.unwrap_or(LinkStatus::Connecting)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Idle { offer_at } => *offer_at,
            State::Connecting { until, .. } => Some(*until),
            State::Verifying { greeting, .. } => Some(greeting.poll_timeout()),
            State::Connected { .. } => None,
            State::Interrupted {
                restart_at, until, ..
            } => Some(restart_at.map_or(*until, |restart_at| restart_at.min(*until))),
        }
    }

    pub(crate) fn handle_timeout<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        match &mut self.state {
            State::Idle { offer_at: Some(at) } if cx.now >= *at => self.offer(cx),
            State::Connecting { until, .. } if cx.now >= *until => self.fail(cx),
            State::Verifying { greeting, .. } if greeting.is_late(cx.now) => self.fail(cx),
            State::Verifying { .. } => self.greet_again(cx),
            State::Interrupted {
                restart_at: Some(at),
                ..
            } if cx.now >= *at => {
                self.restart_ice(cx);
            }
            State::Interrupted { until, .. } if cx.now >= *until => {
                if cx.signaling.is_online() {
                    self.fail(cx);
                } else {
                    // Only packets coming back by themselves can help now.
                    *until = cx.now + RESTART_TIMEOUT;
                }
            }
            _ => {}
        }
    }

    fn greet_again<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let State::Verifying {
            connection,
            greeting,
        } = &mut self.state
            && greeting.repeats(cx.now)
        {
            let (peer, link) = (self.peer.clone(), connection.id);
            cx.report(Report::Greet { peer, link });
        }
    }

    /// Makes an offer now, unless something is under way.
    pub(crate) fn offer<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let State::Idle { offer_at } = &mut self.state else {
            return;
        };
        if !cx.signaling.is_online() {
            *offer_at = None;
            return;
        }
        let connection = Connection::offer(cx);
        self.transition_to_connecting(connection, cx);
    }

    /// The server is back: whatever was sent meanwhile is lost. Offers anew after `pause`.
    pub(crate) fn on_server_back<R: Rng>(
        &mut self,
        present: bool,
        pause: Duration,
        cx: &mut Context<'_, R>,
    ) {
        match &mut self.state {
            State::Idle { offer_at } => {
                *offer_at = present.then(|| cx.now + pause);
            }
            State::Connecting { connection, .. } => {
                cx.out.link(connection.id, LinkOutput::Close);
                let offer_at = present.then(|| cx.now + pause);
                self.state = State::Idle { offer_at };
            }
            State::Interrupted { .. } => self.restart_ice(cx),
            State::Verifying { .. } | State::Connected { .. } => {}
        }
    }

    /// The peer entered the room anew: an offer sent before is lost, and it will offer itself.
    pub(crate) fn on_peer_joined<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let State::Connecting { connection, .. } = &self.state {
            cx.out.link(connection.id, LinkOutput::Close);
        }
        if matches!(self.state, State::Connecting { .. } | State::Idle { .. }) {
            self.state = State::Idle {
                offer_at: Some(cx.now + OFFER_PATIENCE),
            };
        }
    }

    /// The machine's addresses changed.
    pub(crate) fn on_network_changed<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        match &self.state {
            State::Connected { .. } | State::Interrupted { .. } => self.restart_ice(cx),
            State::Idle { .. } => self.offer(cx),
            State::Connecting { .. } | State::Verifying { .. } => {}
        }
    }

    pub(crate) fn on_offer<R: Rng>(&mut self, offer: Description, cx: &mut Context<'_, R>) {
        let collides = self.connection().is_some_and(Connection::is_offering);
        if collides && !self.polite {
            return;
        }
        if self.connection().map(Connection::attempt) == Some(offer.attempt) {
            self.on_restart(offer, cx);
            return;
        }
        self.drop_connection(cx);
        let connection = Connection::answer(offer, cx);
        self.transition_to_connecting(connection, cx);
    }

    pub(crate) fn on_answer<R: Rng>(&mut self, answer: Description, cx: &mut Context<'_, R>) {
        if let Some(connection) = self.connection_mut() {
            connection.on_answer(answer, cx);
        }
    }

    pub(crate) fn on_candidate<R: Rng>(
        &mut self,
        trickled: TrickledCandidate,
        cx: &mut Context<'_, R>,
    ) {
        if let Some(connection) = self.connection_mut() {
            connection.on_candidate(trickled, cx);
        }
    }

    pub(crate) fn handle<R: Rng>(&mut self, input: LinkInput, cx: &mut Context<'_, R>) {
        match input {
            LinkInput::LocalOffer { sdp } => {
                self.on_described(ForwardKind::Offer, sdp, cx);
            }
            LinkInput::LocalAnswer { sdp } => {
                self.on_described(ForwardKind::Answer, sdp, cx);
            }
            LinkInput::LocalCandidate(candidate) => self.on_local_candidate(candidate, cx),
            LinkInput::Opened { fingerprints: _ } => self.transition_to_verifying(cx),
            LinkInput::Path(path) => self.on_path(path, cx),
            LinkInput::Control(frame) => self.on_control(frame, cx),
            LinkInput::Bulk(frame) => match self.connected() {
                Some(_) => cx.report(Report::Bulk {
                    peer: self.peer.clone(),
                    frame,
                }),
                None => self.on_misbehaviour("data before the greeting".into(), cx),
            },
            LinkInput::BulkCredit(bytes) => {
                if let Some(id) = self.id() {
                    cx.report(Report::Credit { link: id, bytes });
                }
            }
            LinkInput::Interrupted => self.transition_to_interrupted(cx),
            LinkInput::Resumed => self.transition_to_resumed(cx),
            LinkInput::Failed(reason) => {
                tracing::debug!(peer = ?self.peer, reason, "link failed");
                self.fail(cx);
            }
            LinkInput::Rejected(reason) => {
                let reason = format!("a description that cannot be used: {reason}");
                self.on_misbehaviour(reason, cx);
            }
        }
    }

    /// Says goodbye and closes.
    pub(crate) fn leave<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let Some(id) = self.connected() {
            cx.out.control(id, &ControlFrame::Bye);
        }
        self.close(cx);
    }

    /// Closes without a word.
    pub(crate) fn close<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.drop_connection(cx);
        self.state = State::Idle { offer_at: None };
    }

    /// Tells the peer off and starts over.
    pub(crate) fn on_misbehaviour<R: Rng>(&mut self, reason: String, cx: &mut Context<'_, R>) {
        cx.out.event(Event::Misbehaved {
            peer: self.peer.clone(),
            reason,
        });
        self.fail(cx);
    }

    fn on_control<R: Rng>(&mut self, frame: Bytes, cx: &mut Context<'_, R>) {
        if let State::Connecting { connection, .. } = &mut self.state {
            // The peer's side may be open a moment before ours.
            if !connection.hold(frame) {
                self.on_misbehaviour("too much before the greeting".into(), cx);
            }
            return;
        }
        let frame = match ControlFrame::decode(&frame) {
            Ok(frame) => frame,
            Err(error) => return self.on_misbehaviour(error.to_string(), cx),
        };
        match (&mut self.state, frame) {
            (
                State::Verifying {
                    connection,
                    greeting,
                },
                ControlFrame::Hello(hello),
            ) => {
                cx.out.control(connection.id, &ControlFrame::Welcome);
                greeting.on_hello(hello);
                self.check_greeting(cx);
            }
            (State::Verifying { greeting, .. }, ControlFrame::Welcome) => {
                greeting.on_welcome();
                self.check_greeting(cx);
            }
            (State::Verifying { .. }, _) => {
                self.on_misbehaviour("the first frame is not a greeting".into(), cx);
            }
            (
                State::Connected { connection } | State::Interrupted { connection, .. },
                ControlFrame::Hello(_),
            ) => {
                // Our answer and its repetition have crossed.
                cx.out.control(connection.id, &ControlFrame::Welcome);
            }
            (State::Idle { .. } | State::Connecting { .. }, _)
            | (State::Connected { .. } | State::Interrupted { .. }, ControlFrame::Welcome) => {}
            (State::Connected { .. } | State::Interrupted { .. }, frame) => {
                let (peer, frame) = (self.peer.clone(), Box::new(frame));
                cx.report(Report::Frame { peer, frame });
            }
        }
    }

    fn check_greeting<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let State::Verifying { greeting, .. } = &mut self.state else {
            return;
        };
        let Some(hello) = greeting.finish() else {
            return;
        };
        if let Some(link) = self.transition_to_connected(cx) {
            let peer = self.peer.clone();
            cx.report(Report::Up { peer, link, hello });
        }
    }

    /// An offer for the connection that there is.
    fn on_restart<R: Rng>(&mut self, offer: Description, cx: &mut Context<'_, R>) {
        if let Some(connection) = self.connection_mut() {
            connection.answer_restart(offer, cx);
        }
        self.await_restart(cx.now);
    }

    fn restart_ice<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.await_restart(cx.now);
        if cx.signaling.is_online()
            && let Some(connection) = self.connection_mut()
        {
            connection.restart_ice(cx);
        }
    }

    /// An ICE restart is under way, and gets its time.
    fn await_restart(&mut self, now: Time) {
        if let State::Interrupted {
            restart_at, until, ..
        } = &mut self.state
        {
            *restart_at = None;
            *until = now + RESTART_TIMEOUT;
        }
    }

    fn on_described<R: Rng>(&mut self, kind: ForwardKind, sdp: String, cx: &mut Context<'_, R>) {
        let peer = self.peer.clone();
        if let Some(connection) = self.connection_mut() {
            connection.on_described(&peer, kind, sdp, cx);
        }
    }

    fn on_local_candidate<R: Rng>(&mut self, candidate: Candidate, cx: &mut Context<'_, R>) {
        let peer = self.peer.clone();
        if let Some(connection) = self.connection_mut() {
            connection.on_local_candidate(&peer, candidate, cx);
        }
    }

    fn transition_to_connecting<R: Rng>(
        &mut self,
        connection: Connection,
        cx: &mut Context<'_, R>,
    ) {
        self.state = State::Connecting {
            connection,
            until: cx.now + CONNECT_TIMEOUT,
        };
        let coming = if self.proven {
            LinkStatus::Reconnecting
        } else {
            LinkStatus::Connecting
        };
        self.tell(coming, cx);
    }

    fn transition_to_verifying<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let mut connection = match self.take_state() {
            State::Connecting { connection, .. } => connection,
            other => {
                self.state = other;
                return;
            }
        };
        let link = connection.id;
        let early_frames = connection.take_held();
        self.state = State::Verifying {
            connection,
            greeting: Greeting::new(cx.now),
        };
        self.tell(LinkStatus::Verifying, cx);
        cx.report(Report::Greet {
            peer: self.peer.clone(),
            link,
        });
        for frame in early_frames {
            self.on_control(frame, cx);
        }
    }

    fn transition_to_connected<R: Rng>(&mut self, cx: &mut Context<'_, R>) -> Option<LinkId> {
        let State::Verifying { connection, .. } = self.take_state() else {
            return None;
        };
        let id = connection.id;
        self.state = State::Connected { connection };
        self.proven = true;
        self.backoff.succeed();
        self.tell_connected(cx);
        Some(id)
    }

    fn transition_to_interrupted<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let connection = match self.take_state() {
            State::Connected { connection } => connection,
            other => {
                self.state = other;
                return;
            }
        };
        let patience = if self.polite {
            POLITE_PATIENCE
        } else {
            Duration::ZERO
        };
        self.state = State::Interrupted {
            connection,
            restart_at: Some(cx.now + patience),
            until: cx.now + patience + RESTART_TIMEOUT,
        };
        self.tell(LinkStatus::Reconnecting, cx);
    }

    fn transition_to_resumed<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let connection = match self.take_state() {
            State::Interrupted { connection, .. } => connection,
            other => {
                self.state = other;
                return;
            }
        };
        self.state = State::Connected { connection };
        self.tell_connected(cx);
    }

    /// Gives the connection up and tries anew after a pause.
    fn fail<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if matches!(self.state, State::Idle { .. }) {
            return;
        }
        self.drop_connection(cx);
        let mut pause = self.backoff.fail(cx.rng);
        if self.polite {
            pause += POLITE_PATIENCE;
        }
        self.state = State::Idle {
            offer_at: Some(cx.now + pause),
        };
        let status = if self.backoff.failures() >= FAILURES_TOLD {
            LinkStatus::Failed
        } else if self.proven {
            LinkStatus::Reconnecting
        } else {
            LinkStatus::Connecting
        };
        self.tell(status, cx);
    }

    fn drop_connection<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let connected = self.connected();
        if let Some(link) = self.id() {
            cx.out.link(link, LinkOutput::Close);
            if connected.is_some() {
                cx.report(Report::Down {
                    peer: self.peer.clone(),
                    link,
                });
            }
        }
        self.state = State::Idle { offer_at: None };
    }

    fn on_path<R: Rng>(&mut self, path: Path, cx: &mut Context<'_, R>) {
        self.path = path;
        if matches!(self.state, State::Connected { .. }) {
            self.tell_connected(cx);
        }
    }

    fn tell_connected<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let (verified, path) = (false, self.path);
        self.tell(LinkStatus::Connected { verified, path }, cx);
    }

    fn tell<R: Rng>(&mut self, status: LinkStatus, cx: &mut Context<'_, R>) {
        if self.told.replace(status) != Some(status) {
            cx.out.event(Event::Link {
                peer: self.peer.clone(),
                status,
            });
        }
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Idle { offer_at: None })
    }

    fn connection(&self) -> Option<&Connection> {
        match &self.state {
            State::Idle { .. } => None,
            State::Connecting { connection, .. }
            | State::Verifying { connection, .. }
            | State::Connected { connection }
            | State::Interrupted { connection, .. } => Some(connection),
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection> {
        match &mut self.state {
            State::Idle { .. } => None,
            State::Connecting { connection, .. }
            | State::Verifying { connection, .. }
            | State::Connected { connection }
            | State::Interrupted { connection, .. } => Some(connection),
        }
    }
}
