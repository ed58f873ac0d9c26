//! Stands between every two members and runs the handshake with each, with words of its own.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    ClientId, ClientMessage, Forward, ForwardKind, KeyMessage, RefusalReason, RoomId, Sealed,
    Secret, ServerMessage,
};
use snug_session::{
    handshake::{Awaiting, Identity, Initiator, Keys, Parties, Password, Responder},
    sim::Adversary,
};

use super::intruder::{guess, secrets};
use crate::wire::{Sent, deliver, key, key_of, room_of};

/// Somebody in the middle.
#[derive(Debug)]
pub(crate) struct Between {
    room: Option<RoomId>,
    words: Option<Secret>,
    /// By the member it plays and the member it plays it for.
    faces: BTreeMap<(ClientId, ClientId), Face>,
}

/// One member, played for another one.
#[derive(Debug)]
struct Face {
    identity: Identity,
    state: State,
}

#[derive(Debug)]
enum State {
    Idle,
    Asking(Initiator),
    Proving(Awaiting),
    Answering(Responder),
    /// It had the words.
    Trusted(Box<Keys>),
}

impl Between {
    pub(crate) const fn new(words: Option<Secret>) -> Self {
        Self {
            room: None,
            words,
            faces: BTreeMap::new(),
        }
    }

    fn password(&self, rng: &mut ChaCha12Rng) -> Password {
        match &self.words {
            Some(words) => Password::new(&words.password()),
            None => guess(rng),
        }
    }

    fn parties(&self, me: &ClientId, peer: &ClientId) -> Option<Parties> {
        Some(Parties {
            room: self.room?,
            me: me.clone(),
            peer: peer.clone(),
        })
    }

    fn face(&mut self, played: &ClientId, to: &ClientId, rng: &mut ChaCha12Rng) -> &mut Face {
        let name = (played.clone(), to.clone());
        self.faces.entry(name).or_insert_with(|| Face {
            identity: Identity::generate(&mut secrets(rng.random())),
            state: State::Idle,
        })
    }

    /// `from` has said something to `to` that `to` shall never hear.
    fn on_key(&mut self, said: &Forward, rng: &mut ChaCha12Rng) -> Sent {
        let (from, to) = (&said.from, &said.to);
        match key_of(said) {
            Some(KeyMessage::Hello(hello)) => {
                let mut sent = Vec::new();
                let password = self.password(rng);
                let Some(parties) = self.parties(to, from) else {
                    return sent;
                };
                let face = self.face(to, from, rng);
                let mut secrets = secrets(rng.random());
                let identity = &face.identity;
                let answer = Responder::start(parties, identity, &password, &hello, &mut secrets);
                if let Ok((responder, share)) = answer {
                    face.state = State::Answering(responder);
                    sent.push(key(&share, to, from));
                }
                sent.extend(self.ask(from, to, rng));
                sent
            }
            Some(KeyMessage::Share(share)) => {
                let face = self.face(to, from, rng);
                let State::Asking(initiator) = face.take() else {
                    return Vec::new();
                };
                match initiator.on_share(&share, &mut secrets(rng.random())) {
                    Ok((awaiting, proof)) => {
                        face.state = State::Proving(awaiting);
                        vec![key(&proof, to, from)]
                    }
                    Err(_) => Vec::new(),
                }
            }
            Some(KeyMessage::Proof(proof)) => {
                let face = self.face(to, from, rng);
                let State::Answering(responder) = face.take() else {
                    return Vec::new();
                };
                match responder.on_proof(&proof) {
                    Ok((keys, confirm)) => {
                        face.state = State::Trusted(Box::new(keys));
                        vec![key(&confirm, to, from)]
                    }
                    // Whoever says nothing may be asked again, and so guess again.
                    Err(_) if rng.random() => Vec::new(),
                    Err(_) => {
                        let reason = RefusalReason::WrongWords;
                        vec![key(&KeyMessage::Refused { reason }, to, from)]
                    }
                }
            }
            Some(KeyMessage::Confirm(confirm)) => {
                let face = self.face(to, from, rng);
                if let State::Proving(awaiting) = face.take()
                    && let Ok(keys) = awaiting.on_confirm(&confirm)
                {
                    face.state = State::Trusted(Box::new(keys));
                }
                Vec::new()
            }
            Some(KeyMessage::Refused { .. }) | None => Vec::new(),
        }
    }

    /// Begins a handshake with `to` as if it were `played`.
    fn ask(&mut self, played: &ClientId, to: &ClientId, rng: &mut ChaCha12Rng) -> Sent {
        let password = self.password(rng);
        let Some(parties) = self.parties(played, to) else {
            return Vec::new();
        };
        let face = self.face(played, to, rng);
        if !matches!(face.state, State::Idle) {
            return Vec::new();
        }
        let mut secrets = secrets(rng.random());
        let (initiator, hello) = Initiator::start(parties, &face.identity, &password, &mut secrets);
        face.state = State::Asking(initiator);
        vec![key(&hello, played, to)]
    }

    /// Opens what one seals for it and seals it for the other, once both trust it.
    fn pass_on(&mut self, said: Forward) -> Option<Forward> {
        let (from, to) = (said.from.clone(), said.to.clone());
        let Some(heard) = self.faces.get_mut(&(to.clone(), from.clone())) else {
            return Some(said);
        };
        let State::Trusted(keys) = &mut heard.state else {
            return Some(said);
        };
        let sealed = Sealed::decode(&said.payload).ok()?;
        let plain = keys.open(said.kind, &sealed).ok()?;
        let spoken = self.faces.get_mut(&(from, to))?;
        let State::Trusted(keys) = &mut spoken.state else {
            return None;
        };
        let payload = keys.seal(said.kind, &plain).ok()?.encode();
        Some(Forward { payload, ..said })
    }
}

impl Face {
    fn take(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Idle)
    }
}

impl Adversary for Between {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        match message {
            ServerMessage::Forward(said) if said.kind == ForwardKind::Key => {
                self.on_key(&said, rng)
            }
            ServerMessage::Forward(said) => self.pass_on(said).map(deliver).into_iter().collect(),
            other => vec![(to.clone(), other)],
        }
    }

    fn overhear(&mut self, _: &ClientId, message: &ClientMessage, _: &mut ChaCha12Rng) -> Sent {
        self.room = self.room.or_else(|| room_of(message));
        Vec::new()
    }
}
