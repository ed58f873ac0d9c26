//! What was said first arrives last.

use rand::{RngExt, seq::SliceRandom};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ForwardKind, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::Sent;

/// Somebody who shuffles.
#[derive(Debug)]
pub(crate) struct Reorder {
    held: Sent,
    only: Option<ForwardKind>,
}

impl Reorder {
    pub(crate) const fn everything() -> Self {
        Self {
            held: Vec::new(),
            only: None,
        }
    }

    pub(crate) const fn relayed() -> Self {
        Self {
            held: Vec::new(),
            only: Some(ForwardKind::Relay),
        }
    }

    fn concerns(&self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::Forward(forward) => self.only.is_none_or(|only| only == forward.kind),
            // Without an answer to `init` there is nobody to attack.
            ServerMessage::InitSuccess { .. } => false,
            _ => self.only.is_none(),
        }
    }
}

impl Adversary for Reorder {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        if !self.concerns(&message) {
            return vec![(to.clone(), message)];
        }
        self.held.push((to.clone(), message));
        if self.held.len() < rng.random_range(1..6) {
            return Vec::new();
        }
        self.held.shuffle(rng);
        std::mem::take(&mut self.held)
    }
}
