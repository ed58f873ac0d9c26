//! Somebody at the door, with whatever words and whatever identity.

use snug_protocol::{
    ClientId, KeyMessage, RoomId, Secret,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare},
};
use snug_session::handshake::{
    Awaiting, Identity, Initiator, Parties, Password, Responder, Secrets,
};

use crate::victim::{mallory, me, room, words};

/// Plays the handshake by the rules, with its own idea of the words and of the room.
pub(crate) struct Stranger {
    pub(crate) parties: Parties,
    pub(crate) identity: Identity,
    password: Password,
    secrets: Secrets,
}

impl Stranger {
    /// Mallory, who knows the words.
    pub(crate) fn mallory() -> Self {
        Self::named(mallory(), &words(), room())
    }

    pub(crate) fn with_words(words: &Secret) -> Self {
        Self::named(mallory(), words, room())
    }

    pub(crate) fn in_room(room: RoomId) -> Self {
        Self::named(mallory(), &words(), room)
    }

    pub(crate) fn named(me_: ClientId, words: &Secret, room: RoomId) -> Self {
        let mut secrets = Secrets::new([1; 32]);
        Self {
            parties: Parties {
                room,
                me: me_,
                peer: me(),
            },
            identity: Identity::generate(&mut secrets),
            password: Password::new(&words.password()),
            secrets,
        }
    }

    pub(crate) fn hello(&mut self) -> (Initiator, KeyHello) {
        let parties = self.parties.clone();
        let (identity, password) = (&self.identity, &self.password);
        match Initiator::start(parties, identity, password, &mut self.secrets) {
            (initiator, KeyMessage::Hello(hello)) => (initiator, hello),
            (_, other) => panic!("{other:?}"),
        }
    }

    pub(crate) fn proof(&mut self, initiator: Initiator, share: &KeyShare) -> (Awaiting, KeyProof) {
        match initiator.on_share(share, &mut self.secrets) {
            Ok((awaiting, KeyMessage::Proof(proof))) => (awaiting, proof),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn share(&mut self, hello: &KeyHello) -> (Responder, KeyShare) {
        let parties = self.parties.clone();
        let (identity, password) = (&self.identity, &self.password);
        match Responder::start(parties, identity, password, hello, &mut self.secrets) {
            Ok((responder, KeyMessage::Share(share))) => (responder, share),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn confirm(responder: Responder, proof: &KeyProof) -> KeyConfirm {
    match responder.on_proof(proof) {
        Ok((_, KeyMessage::Confirm(confirm))) => confirm,
        other => panic!("{other:?}"),
    }
}
