//! Newcomers who guess words.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, KeyMessage, RoomId, ServerMessage, Words};
use snug_session::{
    handshake::{Identity, Initiator, Parties, Password, Secrets},
    sim::Adversary,
};

use crate::wire::{Sent, key, key_of, nobody, room_of};

/// Newcomers who come to one member; more would be let nowhere.
const VISITS: usize = 12;

/// Somebody who comes again and again, as another each time.
#[derive(Debug, Default)]
pub(crate) struct Intruder {
    room: Option<RoomId>,
    visits: BTreeMap<ClientId, usize>,
    /// Handshakes begun, by newcomer and member.
    begun: BTreeMap<(ClientId, ClientId), (Initiator, u64)>,
}

impl Adversary for Intruder {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        let mut sent = vec![(to.clone(), message)];
        sent.extend(self.visit(to, rng));
        sent
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Sent {
        self.room = self.room.or_else(|| room_of(message));
        let ClientMessage::Forward(said) = message else {
            return Vec::new();
        };
        let visitor = (said.to.clone(), from.clone());
        let Some((initiator, seed)) = self.begun.remove(&visitor) else {
            return Vec::new();
        };
        let Some(KeyMessage::Share(share)) = key_of(said) else {
            return Vec::new();
        };
        let mut sent: Sent = initiator
            .on_share(&share, &mut secrets(seed))
            .map(|(_, proof)| key(&proof, &said.to, from))
            .into_iter()
            .collect();
        sent.extend(self.visit(from, rng));
        sent
    }
}

impl Intruder {
    fn visit(&mut self, member: &ClientId, rng: &mut ChaCha12Rng) -> Sent {
        let visits = self.visits.entry(member.clone()).or_default();
        let Some(room) = self.room.filter(|_| *visits < VISITS) else {
            return Vec::new();
        };
        *visits += 1;
        let me = nobody(*visits);
        let parties = Parties {
            room,
            me: me.clone(),
            peer: member.clone(),
        };
        let seed = rng.random();
        let mut secrets = secrets(seed);
        let identity = Identity::generate(&mut secrets);
        let guess = guess(rng);
        let (initiator, hello) = Initiator::start(parties, &identity, &guess, &mut secrets);
        self.begun
            .insert((me.clone(), member.clone()), (initiator, rng.random()));
        let arrival = ServerMessage::PeerJoined {
            client_id: me.clone(),
        };
        vec![(member.clone(), arrival), key(&hello, &me, member)]
    }
}

/// Words that somebody might have.
pub(super) fn guess(rng: &mut ChaCha12Rng) -> Password {
    let words = snug_protocol::Secret::Words(Words::from_entropy(rng.random()));
    Password::new(&words.password())
}

pub(super) fn secrets(seed: u64) -> Secrets {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    Secrets::new(bytes)
}
