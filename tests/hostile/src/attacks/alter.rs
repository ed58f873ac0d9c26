//! Changes what passes, and lets it pass.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    ClientId, Forward, ForwardKind, KeyMessage, Payload, RefusalReason, ServerMessage,
};
use snug_session::sim::Adversary;

use crate::wire::{Sent, deliver, flip, is_description, key, key_of, truncate};

/// Somebody who changes one thing.
#[derive(Debug)]
pub(crate) struct Alter {
    change: Change,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    FlipDescriptions,
    FlipKeys,
    FlipRelay,
    TruncateRelay,
    StripVersions,
    LowerVersion,
    ClearWords,
    ClaimOpen,
    ClaimWordsNeeded,
    ClaimClosed,
    ClaimWrongWords,
}

impl Alter {
    pub(crate) const fn new(change: Change) -> Self {
        Self { change }
    }
}

impl Adversary for Alter {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        match message {
            ServerMessage::Forward(forward) => self.change.apply(forward, rng),
            other => vec![(to.clone(), other)],
        }
    }
}

impl Change {
    fn apply(self, forward: Forward, rng: &mut ChaCha12Rng) -> Sent {
        let kind = forward.kind;
        match self {
            Self::Nothing => vec![deliver(forward)],
            Self::FlipDescriptions if is_description(kind) => flipped(forward, rng),
            Self::FlipKeys if kind == ForwardKind::Key => flipped(forward, rng),
            // Some pass, so that there are members who talk.
            Self::FlipRelay if kind == ForwardKind::Relay && rng.random() => flipped(forward, rng),
            Self::TruncateRelay if kind == ForwardKind::Relay && rng.random() => {
                let payload = truncate(&forward.payload, rng);
                vec![deliver(Forward { payload, ..forward })]
            }
            Self::FlipDescriptions | Self::FlipKeys | Self::FlipRelay | Self::TruncateRelay => {
                vec![deliver(forward)]
            }
            Self::StripVersions | Self::LowerVersion | Self::ClearWords => {
                vec![deliver(self.downgraded(forward, rng))]
            }
            Self::ClaimOpen => claim(&forward, RefusalReason::OpenRoom),
            Self::ClaimWordsNeeded => claim(&forward, RefusalReason::WordsNeeded),
            Self::ClaimClosed => claim(&forward, RefusalReason::Closed),
            Self::ClaimWrongWords => claim(&forward, RefusalReason::WrongWords),
        }
    }

    fn downgraded(self, forward: Forward, rng: &mut ChaCha12Rng) -> Forward {
        let message = match (self, key_of(&forward)) {
            (Self::StripVersions, Some(KeyMessage::Hello(mut hello))) => {
                hello.versions = vec![[0, 2, u16::MAX][rng.random_range(0..3)]];
                KeyMessage::Hello(hello)
            }
            (Self::LowerVersion, Some(KeyMessage::Share(mut share))) => {
                share.version = [0, 2, u16::MAX][rng.random_range(0..3)];
                KeyMessage::Share(share)
            }
            (Self::ClearWords, Some(KeyMessage::Hello(mut hello))) => {
                hello.words = false;
                KeyMessage::Hello(hello)
            }
            (Self::ClearWords, Some(KeyMessage::Share(mut share))) => {
                share.words = false;
                KeyMessage::Share(share)
            }
            _ => return forward,
        };
        let payload = message.encode();
        Forward { payload, ..forward }
    }
}

fn flipped(forward: Forward, rng: &mut ChaCha12Rng) -> Sent {
    let payload: Payload = flip(&forward.payload, rng);
    vec![deliver(Forward { payload, ..forward })]
}

/// Refuses in the name of whoever the handshake is with. Everything else of it is lost.
fn claim(forward: &Forward, reason: RefusalReason) -> Sent {
    match key_of(forward) {
        Some(KeyMessage::Hello(_) | KeyMessage::Share(_)) => {
            let refusal = KeyMessage::Refused { reason };
            let (here, there) = (&forward.to, &forward.from);
            vec![key(&refusal, here, there), key(&refusal, there, here)]
        }
        Some(_) => Vec::new(),
        None => vec![deliver(forward.clone())],
    }
}
