//! What A says to C arrives as B's.

use std::collections::BTreeSet;

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, Forward, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::{Sent, deliver};

/// Somebody who mistakes people for each other.
#[derive(Debug, Default)]
pub(crate) struct Swap {
    seen: BTreeSet<ClientId>,
}

impl Adversary for Swap {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let ServerMessage::Forward(forward) = message else {
            return vec![(to.clone(), message)];
        };
        let other = |peer: &&ClientId| **peer != forward.from && **peer != forward.to;
        let others: Vec<_> = self.seen.iter().filter(other).collect();
        if others.is_empty() {
            return vec![deliver(forward)];
        }
        let other = others[rng.random_range(0..others.len())].clone();
        // In another's name, or to somebody else; and sometimes as it should be.
        match rng.random_range(0..4) {
            0 | 1 => vec![deliver(Forward {
                from: other,
                ..forward
            })],
            2 => vec![deliver(Forward {
                to: other,
                ..forward
            })],
            _ => vec![deliver(forward)],
        }
    }

    fn overhear(&mut self, from: &ClientId, _: &ClientMessage, _: &mut ChaCha12Rng) -> Sent {
        self.seen.insert(from.clone());
        Vec::new()
    }
}
