//! One message of a handshake on its way, and who says what in it.

use std::time::Duration;

use rand::Rng;
use snug_protocol::{ClientId, ForwardKind, KeyMessage, RefusalReason, key::KeyHello};

use crate::{
    Refusal, Time,
    handshake::{Awaiting, Initiator, Keys, Parties, Responder},
    limits::{KEY_PAUSE, KEY_TIMEOUT},
    mesh::{Context, Report},
};

/// How far the handshake has got.
#[derive(Debug)]
pub(super) enum State {
    Idle,
    /// `hello` is out. It reveals nothing.
    Greeting {
        initiator: Initiator,
        run: Run,
    },
    /// `proof` is out, and with it a tag.
    Proving {
        awaiting: Awaiting,
        run: Run,
    },
    /// `share` is out. It reveals nothing.
    Answering {
        responder: Responder,
        hello: KeyHello,
        run: Run,
    },
}

/// One message, and when it is said again or given up.
#[derive(Debug)]
pub(super) struct Run {
    message: KeyMessage,
    again_at: Time,
    pause: Duration,
    until: Time,
}

impl Run {
    /// Says a message for the first time.
    pub(super) fn new<R: Rng>(
        message: KeyMessage,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
    ) -> Self {
        say(&message, peer, cx);
        Self {
            message,
            again_at: cx.now + KEY_PAUSE,
            pause: KEY_PAUSE,
            until: cx.now + KEY_TIMEOUT,
        }
    }

    pub(super) fn poll_timeout(&self) -> Time {
        self.again_at.min(self.until)
    }

    pub(super) const fn until(&self) -> Time {
        self.until
    }

    /// Gives the peer more time.
    pub(super) fn extend(&mut self, now: Time) {
        self.until = now + KEY_TIMEOUT;
    }

    pub(super) fn say_again<R>(&self, peer: &ClientId, cx: &mut Context<'_, R>) {
        say(&self.message, peer, cx);
    }

    /// Says it again if it is time.
    pub(super) fn repeat<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if cx.now >= self.again_at {
            self.pause *= 2;
            self.again_at = cx.now + self.pause;
            self.say_again(peer, cx);
        }
    }

    /// Says it again with all the time there was at first.
    pub(super) fn renew<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.pause = KEY_PAUSE;
        self.again_at = cx.now + KEY_PAUSE;
        self.extend(cx.now);
        self.say_again(peer, cx);
    }
}

/// What a handshake has led to.
#[derive(Debug)]
pub(in crate::link) struct Secured {
    pub(in crate::link) keys: Keys,
    /// Whether this side began: it then makes the offer too.
    pub(in crate::link) initiated: bool,
}

/// Which side of a run this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Initiator {
        /// Whether the proof is out, from which the responder can tell a guess.
        revealed: bool,
    },
    Responder,
}

impl Role {
    pub(super) const fn has_revealed(self) -> bool {
        matches!(self, Self::Initiator { revealed: true })
    }
}

pub(super) fn parties<R>(peer: &ClientId, cx: &Context<'_, R>) -> Option<Parties> {
    Some(Parties {
        room: cx.signaling.room()?,
        me: cx.signaling.client().clone(),
        peer: peer.clone(),
    })
}

pub(super) fn say<R>(message: &KeyMessage, peer: &ClientId, cx: &mut Context<'_, R>) {
    cx.signaling
        .forward(ForwardKind::Key, peer, message.encode(), cx.out);
}

pub(super) fn refuse<R>(reason: RefusalReason, peer: &ClientId, cx: &mut Context<'_, R>) {
    say(&KeyMessage::Refused { reason }, peer, cx);
}

/// What a refusal means to a person.
pub(super) const fn meaning(reason: RefusalReason) -> Refusal {
    match reason {
        RefusalReason::WrongWords => Refusal::WrongWords,
        RefusalReason::WordsNeeded => Refusal::WordsNeeded,
        RefusalReason::OpenRoom => Refusal::OpenRoom,
        RefusalReason::Closed => Refusal::Closed,
        RefusalReason::Version => Refusal::Version,
        _ => Refusal::Silent,
    }
}

/// A guess was, or may have been, made.
pub(super) fn spend<R: Rng>(cx: &mut Context<'_, R>) {
    cx.guard.spend();
    cx.report(Report::Guessed);
}
