//! Says that members leave and come, that the server goes, and that everything is wrong.

use std::collections::BTreeSet;

use rand::{RngExt, seq::IteratorRandom};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, ErrorCode, ResumeToken, ServerMessage};
use snug_session::sim::Adversary;

use crate::wire::Sent;

/// Somebody whose word counts for nothing.
#[derive(Debug, Default)]
pub(crate) struct Flap {
    seen: BTreeSet<ClientId>,
}

impl Flap {
    fn lie(&self, to: &ClientId, rng: &mut ChaCha12Rng) -> Option<ServerMessage> {
        let others = self.seen.iter().filter(|peer| *peer != to);
        let client_id = others.choose(rng)?.clone();
        Some(match rng.random_range(0..8) {
            0..=2 => ServerMessage::PeerLeft { client_id },
            3 | 4 => ServerMessage::PeerJoined { client_id },
            5 => ServerMessage::Restarting {
                reconnect_in_ms: rng.random(),
            },
            6 => ServerMessage::InitSuccess {
                peers: Vec::new(),
                resume: ResumeToken::new("worthless").expect("a short token"),
                grace_seconds: rng.random(),
            },
            _ => ServerMessage::Error {
                message: "everything is wrong".into(),
                code: ErrorCode::RoomNotFound,
            },
        })
    }
}

impl Adversary for Flap {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let mut sent = vec![(to.clone(), message)];
        while rng.random_range(0..4) == 0 {
            sent.extend(self.lie(to, rng).map(|lie| (to.clone(), lie)));
        }
        sent
    }

    fn overhear(&mut self, from: &ClientId, _: &ClientMessage, _: &mut ChaCha12Rng) -> Sent {
        self.seen.insert(from.clone());
        Vec::new()
    }
}
