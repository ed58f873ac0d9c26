//! Everybody hears what they said themselves.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, Forward, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::{Sent, deliver};

/// Somebody who sends things back.
#[derive(Debug, Default)]
pub(crate) struct Reflect {}

impl Adversary for Reflect {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let ServerMessage::Forward(forward) = message else {
            return vec![(to.clone(), message)];
        };
        let back = Forward {
            from: forward.to.clone(),
            to: forward.from.clone(),
            ..forward.clone()
        };
        let mut sent = vec![deliver(back)];
        if rng.random() {
            sent.push(deliver(forward));
        }
        sent
    }
}
