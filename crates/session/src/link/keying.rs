//! The handshake with one peer: who begins, what is said again, what it costs.
//!
//! ```text
//!  Idle ──hello──► Greeting ──share──► Proving ──confirm──► keys
//!   │
//!   └──◄hello── Answering ──◄proof, confirm──► keys
//! ```
//!
//! The server may lose, repeat and make up what it likes. What does not belong to the run under
//! way is dropped, and nothing here touches a link that there is before a tag has been checked.

mod run;

use std::time::Duration;

use rand::Rng;
use snug_protocol::{
    ClientId, KeyMessage, RefusalReason,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare},
};

pub(super) use self::run::Secured;
use self::run::{Role, Run, State, meaning, parties, refuse, say, spend};
use crate::{
    Event, Refusal, Time,
    backoff::Backoff,
    handshake::{HandshakeError, Initiator, Responder},
    limits::{KEY_RETRY_CEILING, KEY_RETRY_FLOOR, OFFER_PATIENCE},
    mesh::{Context, Report},
};

/// The way to keys shared with a peer.
#[derive(Debug)]
pub(super) struct Keying {
    state: State,
    /// Whether there are keys, or shall be none: nothing is to be begun.
    settled: bool,
    /// When to begin, unless the peer does before.
    start_at: Option<Time>,
    /// Whether to begin as soon as there is a place to try.
    waiting: bool,
    backoff: Backoff,
    refusal: Option<Refusal>,
    /// What the peer said when it was asked, if it was no or nothing.
    turned_away: Option<Refusal>,
    /// Whether the peer has not been told yet that its words are wrong, as ours might be.
    owes_refusal: bool,
    /// The last proof that checked, and what was answered: the answer may have been lost.
    answered: Option<Box<(KeyProof, KeyMessage)>>,
}

impl Keying {
    /// Waits for the peer to begin, and then begins itself.
    pub(super) fn awaiting_hello(now: Time) -> Self {
        Self {
            state: State::Idle,
            settled: false,
            start_at: Some(now + OFFER_PATIENCE),
            waiting: false,
            backoff: Backoff::new(KEY_RETRY_FLOOR, KEY_RETRY_CEILING),
            refusal: None,
            turned_away: None,
            owes_refusal: false,
            answered: None,
        }
    }

    /// Why the last handshake came to nothing.
    pub(super) const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// What came of asking the peer, if it was anything but yes.
    pub(super) const fn turned_away(&self) -> Option<Refusal> {
        self.turned_away
    }

    /// There are keys: nothing is to be begun.
    pub(super) fn rest(&mut self) {
        self.settled = true;
        self.start_at = None;
    }

    /// Takes nothing from the peer.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.rest();
        self.refusal = Some(refusal);
    }

    pub(super) const fn is_running(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Idle => self.start_at,
            State::Greeting { run, .. } | State::Proving { run, .. } => Some(run.poll_timeout()),
            State::Answering { run, .. } => Some(run.until()),
        }
    }

    pub(super) fn handle_timeout<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        match &mut self.state {
            State::Idle if self.start_at.is_some_and(|at| cx.now >= at) => self.start(peer, cx),
            State::Greeting { run, .. } | State::Proving { run, .. } => {
                if cx.now < run.until() {
                    run.repeat(peer, cx);
                } else if cx.signaling.is_online() {
                    self.on_silence(peer, cx);
                } else {
                    run.extend(cx.now);
                }
            }
            State::Answering { run, .. } if cx.now >= run.until() => self.on_hello_only(cx),
            State::Idle | State::Answering { .. } => {}
        }
    }

    /// Begins, unless a handshake is under way or there is no place to try.
    pub(super) fn start<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.start_at = None;
        let Some(parties) = parties(peer, cx) else {
            return;
        };
        if self.settled || self.is_running() || !cx.signaling.is_online() {
            return;
        }
        if cx.guard.is_closed() {
            self.refusal = Some(Refusal::Closed);
            return;
        }
        self.waiting = !cx.guard.try_peer(peer);
        if self.waiting {
            return;
        }
        let own = &mut *cx.credentials;
        let (initiator, hello) =
            Initiator::start(parties, &own.identity, &own.password, &mut own.secrets);
        (self.refusal, self.turned_away, self.owes_refusal) = (None, None, false);
        let run = Run::new(hello, peer, cx);
        self.state = State::Greeting { initiator, run };
    }

    /// There may be a place to try, or this member has been accepted.
    pub(super) fn on_place_free<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.pay_refusal(peer, cx);
        if std::mem::take(&mut self.waiting) {
            self.start(peer, cx);
        }
    }

    /// The server is back: whatever was sent meanwhile is lost.
    pub(super) fn on_server_back<R: Rng>(
        &mut self,
        present: bool,
        pause: Duration,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) {
        match &mut self.state {
            State::Idle => self.start_at = present.then(|| cx.now + pause),
            State::Greeting { run, .. } | State::Proving { run, .. } => run.renew(peer, cx),
            State::Answering { .. } => {}
        }
    }

    /// The peer entered the room anew, and will begin itself.
    pub(super) fn on_peer_joined<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if matches!(self.state, State::Greeting { .. }) {
            self.stop(peer, cx);
        }
        self.start_at = Some(cx.now + OFFER_PATIENCE);
    }

    /// Gives up what is under way. A tag that was revealed stays spent.
    pub(super) fn abandon<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if matches!(self.state, State::Proving { .. }) {
            spend(cx);
        }
        self.waiting = false;
        self.stop(peer, cx);
    }

    /// Takes a message of the peer, as the server brought it.
    pub(super) fn handle<R: Rng>(
        &mut self,
        message: KeyMessage,
        peer: &ClientId,
        polite: bool,
        cx: &mut Context<'_, R>,
    ) -> Option<Secured> {
        match message {
            KeyMessage::Hello(hello) => {
                self.on_hello(hello, peer, polite, cx);
                None
            }
            KeyMessage::Share(share) => {
                self.on_share(&share, peer, cx);
                None
            }
            KeyMessage::Proof(proof) => self.on_proof(&proof, peer, cx),
            KeyMessage::Confirm(confirm) => self.on_confirm(&confirm, peer, cx),
            KeyMessage::Refused { reason } => {
                self.on_refused(reason, peer, cx);
                None
            }
        }
    }

    fn on_hello<R: Rng>(
        &mut self,
        hello: KeyHello,
        peer: &ClientId,
        polite: bool,
        cx: &mut Context<'_, R>,
    ) {
        match &self.state {
            // Both began: one gives way.
            State::Greeting { .. } if !polite => return,
            State::Proving { .. } => return,
            State::Answering {
                hello: known, run, ..
            } if *known == hello => {
                return run.say_again(peer, cx);
            }
            State::Idle | State::Greeting { .. } | State::Answering { .. } => {}
        }
        if cx.guard.is_closed() {
            return refuse(RefusalReason::Closed, peer, cx);
        }
        self.stop(peer, cx);
        self.answer(hello, peer, cx);
    }

    fn answer<R: Rng>(&mut self, hello: KeyHello, peer: &ClientId, cx: &mut Context<'_, R>) {
        let Some(parties) = parties(peer, cx) else {
            return;
        };
        let own = &mut *cx.credentials;
        let (identity, password) = (&own.identity, &own.password);
        match Responder::start(parties, identity, password, &hello, &mut own.secrets) {
            Ok((responder, share)) => {
                (self.refusal, self.owes_refusal) = (None, false);
                let run = Run::new(share, peer, cx);
                self.state = State::Answering {
                    responder,
                    hello,
                    run,
                };
            }
            Err(error) => self.on_error(error, Role::Responder, peer, cx),
        }
    }

    fn on_share<R: Rng>(&mut self, share: &KeyShare, peer: &ClientId, cx: &mut Context<'_, R>) {
        let initiator = match self.take() {
            State::Greeting { initiator, .. } if initiator.expects(share) => initiator,
            other => return self.state = other,
        };
        match initiator.on_share(share, &mut cx.credentials.secrets) {
            Ok((awaiting, proof)) => {
                let run = Run::new(proof, peer, cx);
                self.state = State::Proving { awaiting, run };
            }
            Err(error) => {
                let role = Role::Initiator { revealed: false };
                self.on_error(error, role, peer, cx);
            }
        }
    }

    fn on_proof<R: Rng>(
        &mut self,
        proof: &KeyProof,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) -> Option<Secured> {
        if let Some((_, confirm)) = self.answered.as_deref().filter(|(known, _)| known == proof) {
            say(confirm, peer, cx);
            return None;
        }
        let responder = match self.take() {
            State::Answering { responder, .. } if responder.expects(proof) => responder,
            other => {
                self.state = other;
                return None;
            }
        };
        if cx.guard.is_closed() {
            refuse(RefusalReason::Closed, peer, cx);
            return None;
        }
        match responder.on_proof(proof) {
            Ok((keys, confirm)) => {
                say(&confirm, peer, cx);
                self.answered = Some(Box::new((proof.clone(), confirm)));
                self.on_done(peer, cx);
                let initiated = false;
                Some(Secured { keys, initiated })
            }
            Err(error) => {
                self.on_error(error, Role::Responder, peer, cx);
                None
            }
        }
    }

    fn on_confirm<R: Rng>(
        &mut self,
        confirm: &KeyConfirm,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) -> Option<Secured> {
        let awaiting = match self.take() {
            State::Proving { awaiting, .. } if awaiting.expects(confirm) => awaiting,
            other => {
                self.state = other;
                return None;
            }
        };
        match awaiting.on_confirm(confirm) {
            Ok(keys) => {
                self.on_done(peer, cx);
                let initiated = true;
                Some(Secured { keys, initiated })
            }
            Err(error) => {
                let role = Role::Initiator { revealed: true };
                self.on_error(error, role, peer, cx);
                None
            }
        }
    }

    /// The peer says why not. Anybody on the way may have said it: it is a hint for people.
    fn on_refused<R: Rng>(
        &mut self,
        reason: RefusalReason,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) {
        let role = match self.state {
            State::Greeting { .. } => Role::Initiator { revealed: false },
            State::Proving { .. } => Role::Initiator { revealed: true },
            State::Idle | State::Answering { .. } => return,
        };
        if role.has_revealed() {
            spend(cx);
        }
        self.on_refusal(meaning(reason), role, peer, cx);
    }

    fn on_error<R: Rng>(
        &mut self,
        error: HandshakeError,
        role: Role,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) {
        let (refusal, reason) = match error {
            error if error.is_guess() => {
                spend(cx);
                (Refusal::WrongWords, RefusalReason::WrongWords)
            }
            HandshakeError::WordsNeeded => (Refusal::WordsNeeded, RefusalReason::WordsNeeded),
            HandshakeError::OpenRoom => (Refusal::OpenRoom, RefusalReason::OpenRoom),
            HandshakeError::Version => (Refusal::Version, RefusalReason::Version),
            error => return self.on_misbehaviour(error.to_string(), peer, cx),
        };
        match (role, reason) {
            (Role::Responder, RefusalReason::WrongWords) => self.refuse_guess(peer, cx),
            (Role::Responder, reason) => refuse(reason, peer, cx),
            (Role::Initiator { .. }, _) => {}
        }
        self.on_refusal(refusal, role, peer, cx);
    }

    /// Says that the peer's words are wrong, once it is clear that ours are not: of two newcomers
    /// with different words the one who mistyped must not send the other away.
    fn refuse_guess<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.owes_refusal = cx.guard.is_unsure(peer);
        if !self.owes_refusal {
            refuse(RefusalReason::WrongWords, peer, cx);
        }
    }

    fn pay_refusal<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if !self.owes_refusal {
            return;
        }
        if cx.guard.is_accepted() {
            self.owes_refusal = false;
            refuse(RefusalReason::WrongWords, peer, cx);
        } else {
            cx.guard.wait(peer);
        }
    }

    fn on_refusal<R: Rng>(
        &mut self,
        refusal: Refusal,
        role: Role,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) {
        self.stop(peer, cx);
        self.start_at = None;
        self.refusal = Some(refusal);
        match role {
            _ if cx.guard.is_accepted() => {}
            Role::Responder => {}
            // Whoever else is in the room may say yes: a stranger can say no as well.
            Role::Initiator { revealed: false } => self.on_turned_away(refusal, cx),
            // Another one would cost the room another guess.
            Role::Initiator { revealed: true } => cx.report(Report::KeptOut(refusal)),
        }
    }

    fn on_turned_away<R: Rng>(&mut self, refusal: Refusal, cx: &mut Context<'_, R>) {
        self.turned_away = Some(refusal);
        cx.report(Report::TurnedAway);
    }

    fn on_misbehaviour<R: Rng>(
        &mut self,
        reason: String,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) {
        let peer = peer.clone();
        self.stop(&peer, cx);
        self.retry(cx);
        cx.out.event(Event::Misbehaved { peer, reason });
    }

    /// Begins before long, unless there are keys, which nothing that came to nothing may touch.
    fn retry<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if !self.settled {
            self.start_at = Some(cx.now + self.backoff.fail(cx.rng));
        }
    }

    /// Whoever said hello said nothing more.
    fn on_hello_only<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.state = State::Idle;
        if !self.settled {
            self.refusal = Some(Refusal::Silent);
        }
        self.retry(cx);
    }

    /// No answer came in time.
    fn on_silence<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        let revealed = matches!(self.state, State::Proving { .. });
        self.stop(peer, cx);
        self.retry(cx);
        self.refusal = Some(Refusal::Silent);
        if revealed {
            spend(cx);
        }
        if cx.guard.is_accepted() {
            return;
        }
        if cx.guard.is_closed() {
            cx.report(Report::KeptOut(Refusal::Silent));
        } else {
            self.on_turned_away(Refusal::Silent, cx);
        }
    }

    fn on_done<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.stop(peer, cx);
        self.rest();
        self.waiting = false;
        (self.refusal, self.turned_away, self.owes_refusal) = (None, None, false);
        self.backoff.succeed();
        cx.guard.accept();
    }

    fn stop<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.state = State::Idle;
        cx.guard.release(peer);
    }

    fn take(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Idle)
    }
}
