//! What was said once is said again, to the same member or to another, here or in another room.

use rand::{RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, Forward, ForwardKind, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::{Sent, deliver};

/// Messages kept, the oldest first to go.
const RECORD: usize = 512;

/// Somebody with a recorder.
#[derive(Debug)]
pub(crate) struct Replay {
    record: Vec<Forward>,
    only: Option<ForwardKind>,
}

impl Replay {
    pub(crate) const fn everything(record: Vec<Forward>) -> Self {
        Self { record, only: None }
    }

    pub(crate) const fn relayed() -> Self {
        Self {
            record: Vec::new(),
            only: Some(ForwardKind::Relay),
        }
    }
}

impl Adversary for Replay {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let ServerMessage::Forward(forward) = message else {
            return vec![(to.clone(), message)];
        };
        let mut sent = vec![deliver(forward.clone())];
        if self.only.is_some_and(|only| only != forward.kind) {
            return sent;
        }
        for _ in 0..rng.random_range(0..3) {
            // As it was, or as if it belonged to what is said now.
            let Some(old) = self.record.choose(rng).cloned() else {
                break;
            };
            sent.push(deliver(if rng.random() {
                old
            } else {
                Forward {
                    from: forward.from.clone(),
                    to: forward.to.clone(),
                    ..old
                }
            }));
        }
        if self.record.len() >= RECORD {
            self.record.remove(0);
        }
        self.record.push(forward);
        sent
    }
}
