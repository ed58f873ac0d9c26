//! The connection to a peer without the server: negotiation, binding, repair.
//!
//! ```text
//!            offer made or taken          channels open        bound and greeted
//!   Idle ───────────────────────► Connecting ──────────► Verifying ──────────► Connected
//!    ▲  ▲                             │                      │                  │    ▲
//!    │  └──────────── failed ─────────┴──────────────────────┘       interrupted│    │resumed
//!    └───────────────────── failed ──────────────── Interrupted ◄───────────────┘────┘
//! ```
//!
//! Glare is settled as perfect negotiation does it (W3C WebRTC §10.7): the impolite peer, the one
//! with the smaller id, ignores an offer that collides with its own; the polite one gives way.

mod greet;
mod repair;

use std::time::Duration;

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{
    ControlFrame, ForwardKind, Hello,
    negotiation::{Candidate, Description, TrickledCandidate},
};

use super::{connection::Connection, introduction::Introduction, pair::Pair};
use crate::{
    LinkId, LinkInput, LinkOutput, Path, Refusal, Time,
    backoff::Backoff,
    limits::{
        CONNECT_TIMEOUT, OFFER_PATIENCE, POLITE_PATIENCE, RECONNECT_CEILING, RECONNECT_FLOOR,
        RESTART_TIMEOUT, UPGRADE_TIMEOUT,
    },
    mesh::{Context, Report},
};

/// One side of the direct connection between two members.
#[derive(Debug)]
pub(super) struct Direct {
    polite: bool,
    backoff: Backoff,
    path: Path,
    /// Whether the peer's host takes only what any host does.
    plain: bool,
    /// Whether frames travel another way meanwhile: then tries are short and frequent.
    relayed: bool,
    /// Why the last connection was not trusted.
    refusal: Option<Refusal>,
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
        introduction: Introduction,
    },
    Connected {
        connection: Connection,
        hello: Box<Hello>,
    },
    /// No packets come. Restarts ICE at one time, gives up at the other.
    Interrupted {
        connection: Connection,
        hello: Box<Hello>,
        restart_at: Option<Time>,
        until: Time,
    },
}

/// What the peer did wrong. It costs the connection.
pub(super) type Misbehaviour = String;

impl Direct {
    /// Offers at once, or waits for the peer's offer first.
    pub(super) fn new(polite: bool, offers: bool, now: Time) -> Self {
        let patience = if offers {
            Duration::ZERO
        } else {
            OFFER_PATIENCE
        };
        Self {
            polite,
            backoff: Backoff::new(RECONNECT_FLOOR, RECONNECT_CEILING),
            path: Path::Direct,
            plain: false,
            relayed: false,
            refusal: None,
            state: State::Idle {
                offer_at: Some(now + patience),
            },
        }
    }

    /// The connection that frames may go on, and the peer's greeting on it.
    pub(super) fn up(&self) -> Option<(LinkId, &Hello)> {
        match &self.state {
            State::Connected { connection, hello }
            | State::Interrupted {
                connection, hello, ..
            } => Some((connection.id, hello)),
            State::Idle { .. } | State::Connecting { .. } | State::Verifying { .. } => None,
        }
    }

    /// Whether frames come in on it, those of the introduction at least.
    pub(super) const fn is_open(&self) -> bool {
        match &self.state {
            State::Verifying { .. } | State::Connected { .. } | State::Interrupted { .. } => true,
            State::Idle { .. } | State::Connecting { .. } => false,
        }
    }

    /// The connection, in whatever state.
    pub(super) fn id(&self) -> Option<LinkId> {
        self.connection().map(|connection| connection.id)
    }

    pub(super) const fn is_interrupted(&self) -> bool {
        matches!(self.state, State::Interrupted { .. })
    }

    pub(super) const fn path(&self) -> Path {
        self.path
    }

    pub(super) const fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    pub(super) const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    pub(super) fn set_relayed(&mut self, relayed: bool) {
        self.relayed = relayed;
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Idle { offer_at } => *offer_at,
            State::Connecting { until, .. } => Some(*until),
            State::Verifying { introduction, .. } => Some(introduction.poll_timeout()),
            State::Connected { .. } => None,
            State::Interrupted {
                restart_at, until, ..
            } => Some(restart_at.map_or(*until, |restart_at| restart_at.min(*until))),
        }
    }

    /// Acts when the time of [`Self::poll_timeout`] has come.
    pub(super) fn handle_timeout<R: Rng>(&mut self, pair: &Pair<'_>, cx: &mut Context<'_, R>) {
        match &mut self.state {
            State::Idle { offer_at: Some(at) } if cx.now >= *at => self.offer(cx),
            State::Connecting { until, .. } if cx.now >= *until => self.fail(cx),
            State::Verifying { introduction, .. } if introduction.is_late(cx.now) => self.fail(cx),
            State::Verifying { .. } => self.greet_again(pair, cx),
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

    /// Makes an offer now, unless something is under way.
    pub(super) fn offer<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let State::Idle { offer_at } = &mut self.state else {
            return;
        };
        if !cx.signaling.is_online() {
            *offer_at = None;
            return;
        }
        let connection = Connection::offer(self.plain, cx);
        self.transition_to_connecting(connection, cx.now);
    }

    /// The server is back: whatever was sent meanwhile is lost. Offers anew after `pause`.
    pub(super) fn on_server_back<R: Rng>(
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
    pub(super) fn on_peer_joined<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let State::Connecting { connection, .. } = &self.state {
            cx.out.link(connection.id, LinkOutput::Close);
        }
        if matches!(self.state, State::Connecting { .. } | State::Idle { .. }) {
            self.state = State::Idle {
                offer_at: Some(cx.now + OFFER_PATIENCE),
            };
        }
    }

    pub(super) fn on_offer<R: Rng>(&mut self, offer: Description, cx: &mut Context<'_, R>) {
        let collides = self.connection().is_some_and(Connection::is_offering);
        if collides && !self.polite {
            return;
        }
        if self.connection().map(Connection::attempt) == Some(offer.attempt) {
            self.on_restart(offer, cx);
            return;
        }
        self.close(cx);
        let connection = Connection::answer(offer, cx);
        self.transition_to_connecting(connection, cx.now);
    }

    pub(super) fn on_answer<R: Rng>(&mut self, answer: Description, cx: &mut Context<'_, R>) {
        if let Some(connection) = self.connection_mut() {
            connection.on_answer(answer, cx);
        }
    }

    pub(super) fn on_candidate<R: Rng>(
        &mut self,
        trickled: TrickledCandidate,
        cx: &mut Context<'_, R>,
    ) {
        if let Some(connection) = self.connection_mut() {
            connection.on_candidate(trickled, cx);
        }
    }

    /// Takes what the transport reports, but for frames.
    ///
    /// # Errors
    /// [`Misbehaviour`] when the peer's description cannot be used.
    pub(super) fn handle<R: Rng>(
        &mut self,
        input: LinkInput,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<(), Misbehaviour> {
        match input {
            LinkInput::LocalOffer { sdp } => {
                self.on_described(ForwardKind::Offer, sdp, pair, cx);
            }
            LinkInput::LocalAnswer { sdp } => {
                self.on_described(ForwardKind::Answer, sdp, pair, cx);
            }
            LinkInput::LocalCandidate(candidate) => self.on_local_candidate(candidate, pair, cx),
            LinkInput::Opened { fingerprints } => {
                self.transition_to_verifying(fingerprints, pair, cx);
            }
            LinkInput::Path(path) => self.path = path,
            LinkInput::BulkCredit(bytes) => {
                if let Some(id) = self.id() {
                    cx.report(Report::Credit { link: id, bytes });
                }
            }
            LinkInput::PeerIsPlain => self.on_plain_peer(cx),
            LinkInput::Interrupted => self.transition_to_interrupted(cx.now),
            LinkInput::Resumed => self.transition_to_resumed(),
            LinkInput::Failed(reason) => {
                tracing::debug!(peer = ?pair.peer, reason, "connection failed");
                self.fail(cx);
            }
            LinkInput::Rejected(reason) => {
                return Err(format!("a description that cannot be used: {reason}"));
            }
            LinkInput::Control(_) | LinkInput::Bulk(_) => {}
        }
        Ok(())
    }

    /// Takes a frame of the peer. Gives it back if it is for the rest of the session.
    ///
    /// # Errors
    /// [`Misbehaviour`] when it must not come, or not yet.
    pub(super) fn on_control<R: Rng>(
        &mut self,
        frame: Bytes,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<Option<ControlFrame>, Misbehaviour> {
        match &mut self.state {
            State::Idle { .. } => Ok(None),
            State::Connecting { connection, .. } => {
                // The peer's side may be open a moment before ours.
                let held = connection.hold(frame);
                held.then_some(None)
                    .ok_or_else(|| "too much before the greeting".into())
            }
            State::Verifying { .. } => self.on_first_frames(&frame, pair, cx).map(|()| None),
            State::Connected { connection, .. } | State::Interrupted { connection, .. } => {
                match decode(&frame)? {
                    Some(ControlFrame::Hello(_)) => {
                        // Our answer and its repetition have crossed.
                        cx.out.control(connection.id, &ControlFrame::Welcome);
                        Ok(None)
                    }
                    Some(ControlFrame::Welcome | ControlFrame::Binding { .. }) => Ok(None),
                    frame => Ok(frame),
                }
            }
        }
    }

    /// Takes the frames that came before our side knew that the channels are open.
    pub(super) fn take_held(&mut self) -> Vec<Bytes> {
        match &mut self.state {
            State::Verifying { connection, .. } => connection.take_held(),
            _ => Vec::new(),
        }
    }

    /// Closes without a word.
    pub(super) fn close<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let Some(link) = self.id() {
            cx.out.link(link, LinkOutput::Close);
        }
        self.state = State::Idle { offer_at: None };
    }

    /// The peer is not the one whose keys these are.
    pub(super) fn refuse<R: Rng>(&mut self, refusal: Refusal, cx: &mut Context<'_, R>) {
        self.refusal = Some(refusal);
        self.fail(cx);
    }

    /// Gives the connection up and tries anew after a pause.
    pub(super) fn fail<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if matches!(self.state, State::Idle { .. }) {
            return;
        }
        self.close(cx);
        let mut pause = self.backoff.fail(cx.rng);
        // Without addresses to tell there is only TURN to hope for, which does not come and go.
        if self.relayed && !cx.credentials.relay_only {
            let budget = cx.pacer.budget();
            pause = pause.clamp(budget.upgrade_floor, budget.upgrade_ceiling);
        }
        if self.polite {
            pause += POLITE_PATIENCE;
        }
        self.state = State::Idle {
            offer_at: Some(cx.now + pause),
        };
    }

    /// Makes another offer, which any host takes. It is nobody's fault, so it is made at once.
    fn on_plain_peer<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.plain = true;
        self.close(cx);
        self.state = State::Idle {
            offer_at: Some(cx.now),
        };
        self.offer(cx);
    }

    fn on_described<R: Rng>(
        &mut self,
        kind: ForwardKind,
        sdp: String,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) {
        if let Some(connection) = self.connection_mut() {
            connection.on_described(pair, kind, sdp, cx);
        }
    }

    fn on_local_candidate<R: Rng>(
        &mut self,
        candidate: Candidate,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) {
        if let Some(connection) = self.connection_mut() {
            connection.on_local_candidate(pair, candidate, cx);
        }
    }

    fn transition_to_connecting(&mut self, connection: Connection, now: Time) {
        let patience = if self.relayed {
            UPGRADE_TIMEOUT
        } else {
            CONNECT_TIMEOUT
        };
        self.state = State::Connecting {
            connection,
            until: now + patience,
        };
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Idle { offer_at: None })
    }

    fn connection(&self) -> Option<&Connection> {
        match &self.state {
            State::Idle { .. } => None,
            State::Connecting { connection, .. }
            | State::Verifying { connection, .. }
            | State::Connected { connection, .. }
            | State::Interrupted { connection, .. } => Some(connection),
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection> {
        match &mut self.state {
            State::Idle { .. } => None,
            State::Connecting { connection, .. }
            | State::Verifying { connection, .. }
            | State::Connected { connection, .. }
            | State::Interrupted { connection, .. } => Some(connection),
        }
    }
}

/// Reads a frame. `None` for one of a kind that this version does not know.
pub(super) fn decode(frame: &Bytes) -> Result<Option<ControlFrame>, Misbehaviour> {
    match ControlFrame::decode(frame) {
        Ok(frame) => Ok(Some(frame)),
        Err(error) if error.is_unknown_type() => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
