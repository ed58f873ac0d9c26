//! A bit of everything.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, ServerMessage};
use snug_session::sim::Adversary;

use crate::{Attack, Knowledge, wire::Sent};

/// Somebody who cannot decide.
#[derive(Debug)]
pub(crate) struct Chaos {
    others: Vec<Box<dyn Adversary + Send>>,
}

impl Chaos {
    pub(crate) fn new(knowledge: &Knowledge) -> Self {
        let others = Attack::all()
            .iter()
            .filter(|attack| **attack != Attack::Chaos);
        Self {
            others: others
                .map(|attack| attack.adversary(knowledge.clone()))
                .collect(),
        }
    }
}

impl Adversary for Chaos {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let others = self.others.len();
        match rng.random_range(0..2 * others) {
            at if at < others => self.others[at].pass(to, message, rng),
            _ => vec![(to.clone(), message)],
        }
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Sent {
        // All hear it, so that each knows who is there; one may act.
        let actor = rng.random_range(0..self.others.len());
        let mut sent = Vec::new();
        for (at, other) in self.others.iter_mut().enumerate() {
            let said = other.overhear(from, message, rng);
            if at == actor {
                sent = said;
            }
        }
        sent
    }
}
