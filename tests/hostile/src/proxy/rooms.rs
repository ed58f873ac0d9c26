//! Who attacks which room, and how those in it are reached.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, Forward, RoomId, ServerMessage};
use snug_session::sim::Adversary;
use tokio::sync::mpsc;

use crate::{Attack, Knowledge, wire::Sent};

/// Messages kept of all rooms, to be repeated in others.
const RECORD: usize = 512;

/// Messages that wait for a member who does not read; more are lost.
pub(super) const QUEUE: usize = 1024;

/// Every room that the proxy has seen.
pub(super) struct Rooms {
    attack: Attack,
    state: Mutex<State>,
}

struct State {
    rng: ChaCha12Rng,
    rooms: BTreeMap<RoomId, Box<dyn Adversary + Send>>,
    members: BTreeMap<ClientId, mpsc::Sender<ServerMessage>>,
    recorded: Vec<Forward>,
}

impl Rooms {
    pub(super) fn new(attack: Attack, seed: u64) -> Self {
        let state = State {
            rng: ChaCha12Rng::seed_from_u64(seed),
            rooms: BTreeMap::new(),
            members: BTreeMap::new(),
            recorded: Vec::new(),
        };
        Self {
            attack,
            state: Mutex::new(state),
        }
    }

    /// Somebody comes, and is reached by `queue` from now on.
    pub(super) fn enter(&self, client: &ClientId, queue: mpsc::Sender<ServerMessage>) {
        self.lock().members.insert(client.clone(), queue);
    }

    /// A member says something to the server.
    pub(super) fn overhear(&self, room: RoomId, from: &ClientId, message: &ClientMessage) {
        self.act(room, |adversary, rng| {
            adversary.overhear(from, message, rng)
        });
    }

    /// The server says something to a member.
    pub(super) fn pass(&self, room: RoomId, to: &ClientId, message: ServerMessage) {
        if let ServerMessage::Forward(forward) = &message {
            self.lock().record(forward);
        }
        self.act(room, |adversary, rng| adversary.pass(to, message, rng));
    }

    fn act(&self, room: RoomId, act: impl FnOnce(&mut dyn Adversary, &mut ChaCha12Rng) -> Sent) {
        let mut state = self.lock();
        let State {
            rng,
            rooms,
            members,
            recorded,
        } = &mut *state;
        let adversary = rooms.entry(room).or_insert_with(|| {
            self.attack.adversary(Knowledge {
                recorded: recorded.clone(),
                words: None,
            })
        });
        for (to, message) in act(adversary, rng) {
            if let Some(queue) = members.get(&to) {
                // Who does not read loses what there is no room for, as with any bad server.
                let _ = queue.try_send(message);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record(&mut self, forward: &Forward) {
        if self.recorded.len() >= RECORD {
            self.recorded.remove(0);
        }
        self.recorded.push(forward.clone());
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms")
            .field("attack", &self.attack)
            .finish_non_exhaustive()
    }
}
