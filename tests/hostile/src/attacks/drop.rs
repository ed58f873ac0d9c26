//! Some things do not arrive.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ForwardKind, KeyMessage, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::{Sent, is_description, key_of};

/// Somebody who loses things.
#[derive(Debug)]
pub(crate) struct Loss(pub(crate) Dropped);

/// What is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    Half,
    Hello,
    Share,
    Proof,
    Confirm,
    Keys,
    Descriptions,
    Relay,
    SomeRelay,
    Arrivals,
    Departures,
}

impl Adversary for Loss {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        if self.0.drops(&message, rng) {
            Vec::new()
        } else {
            vec![(to.clone(), message)]
        }
    }
}

impl Dropped {
    fn drops(self, message: &ServerMessage, rng: &mut ChaCha12Rng) -> bool {
        let (kind, key) = match message {
            ServerMessage::Forward(forward) => (Some(forward.kind), key_of(forward)),
            _ => (None, None),
        };
        match self {
            Self::Half => !matches!(message, ServerMessage::InitSuccess { .. }) && rng.random(),
            Self::Hello => matches!(key, Some(KeyMessage::Hello(_))),
            Self::Share => matches!(key, Some(KeyMessage::Share(_))),
            Self::Proof => matches!(key, Some(KeyMessage::Proof(_))),
            Self::Confirm => matches!(key, Some(KeyMessage::Confirm(_))),
            Self::Keys => kind == Some(ForwardKind::Key),
            Self::Descriptions => kind.is_some_and(is_description),
            Self::Relay => kind == Some(ForwardKind::Relay),
            Self::SomeRelay => kind == Some(ForwardKind::Relay) && rng.random_range(0..3) == 0,
            Self::Arrivals => matches!(message, ServerMessage::PeerJoined { .. }),
            Self::Departures => matches!(message, ServerMessage::PeerLeft { .. }),
        }
    }
}
