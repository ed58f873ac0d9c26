//! Several rooms where people think there is one.

use std::collections::BTreeMap;

use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::Sent;

/// Somebody who keeps people apart.
#[derive(Debug)]
pub(crate) struct Split {
    parts: Parts,
    /// Members by the order in which they were seen.
    seen: BTreeMap<ClientId, usize>,
}

/// Who sees whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    Halves,
    Each,
    OnePairApart,
}

impl Split {
    pub(crate) const fn into(parts: Parts) -> Self {
        Self {
            parts,
            seen: BTreeMap::new(),
        }
    }

    fn number(&mut self, client: &ClientId) -> usize {
        let next = self.seen.len();
        *self.seen.entry(client.clone()).or_insert(next)
    }

    fn are_apart(&mut self, a: &ClientId, b: &ClientId) -> bool {
        let (a, b) = (self.number(a), self.number(b));
        match self.parts {
            Parts::Halves => a % 2 != b % 2,
            Parts::Each => a != b,
            Parts::OnePairApart => a + b == 1,
        }
    }
}

impl Adversary for Split {
    fn pass(&mut self, to: &ClientId, mut message: ServerMessage, _: &mut ChaCha12Rng) -> Sent {
        let apart = match &mut message {
            ServerMessage::InitSuccess { peers, .. } => {
                peers.retain(|peer| !self.are_apart(peer, to));
                false
            }
            ServerMessage::PeerJoined { client_id } | ServerMessage::PeerLeft { client_id } => {
                self.are_apart(client_id, to)
            }
            ServerMessage::Forward(forward) => self.are_apart(&forward.from, to),
            ServerMessage::Restarting { .. } | ServerMessage::Error { .. } => false,
        };
        if apart {
            Vec::new()
        } else {
            vec![(to.clone(), message)]
        }
    }

    fn overhear(&mut self, from: &ClientId, _: &ClientMessage, _: &mut ChaCha12Rng) -> Sent {
        self.number(from);
        Vec::new()
    }
}
