//! Two peers and the messages between them, each of which passes through its encoding.

use snug_protocol::{
    IdentityKey, KeyMessage,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare},
};
use snug_session::handshake::{
    Awaiting, HandshakeError, Identity, Initiator, Keys, Parties, Password, Responder, Secrets,
};

pub(crate) const WORDS: &[u8] = b"otter-lemon-cloud-ferry";

/// One of two, and how it sees the other.
pub(crate) struct Peer {
    pub(crate) parties: Parties,
    pub(crate) identity: Identity,
    pub(crate) password: Password,
    pub(crate) secrets: Secrets,
}

/// A run up to some message; the later machines have not moved.
pub(crate) struct Hello {
    pub(crate) initiator: Initiator,
    pub(crate) hello: KeyHello,
}

impl Peer {
    /// In the usual room, with the usual words. Secrets follow from `seed`.
    pub(crate) fn new(me: &str, peer: &str, seed: u8) -> Self {
        let mut secrets = Secrets::new([seed; 32]);
        Self {
            parties: Parties {
                room: "K7Q4X9".parse().unwrap(),
                me: me.parse().unwrap(),
                peer: peer.parse().unwrap(),
            },
            identity: Identity::generate(&mut secrets),
            password: Password::new(WORDS),
            secrets,
        }
    }

    pub(crate) fn with_password(mut self, password: &[u8]) -> Self {
        self.password = Password::new(password);
        self
    }

    pub(crate) fn in_room(mut self, room: &str) -> Self {
        self.parties.room = room.parse().unwrap();
        self
    }

    pub(crate) fn key(&self) -> IdentityKey {
        self.identity.key()
    }

    /// Begins a run.
    pub(crate) fn hello(&mut self) -> Hello {
        let (initiator, message) = Initiator::start(
            self.parties.clone(),
            &self.identity,
            &self.password,
            &mut self.secrets,
        );
        let KeyMessage::Hello(hello) = over_the_wire(&message) else {
            panic!("{message:?}");
        };
        Hello { initiator, hello }
    }

    /// Answers a hello.
    pub(crate) fn share(
        &mut self,
        hello: &KeyHello,
    ) -> Result<(Responder, KeyShare), HandshakeError> {
        let (responder, message) = Responder::start(
            self.parties.clone(),
            &self.identity,
            &self.password,
            hello,
            &mut self.secrets,
        )?;
        let KeyMessage::Share(share) = over_the_wire(&message) else {
            panic!("{message:?}");
        };
        Ok((responder, share))
    }

    /// Answers a share.
    pub(crate) fn proof(
        &mut self,
        initiator: Initiator,
        share: &KeyShare,
    ) -> Result<(Awaiting, KeyProof), HandshakeError> {
        let (awaiting, message) = initiator.on_share(share, &mut self.secrets)?;
        let KeyMessage::Proof(proof) = over_the_wire(&message) else {
            panic!("{message:?}");
        };
        Ok((awaiting, proof))
    }
}

/// Answers a proof.
pub(crate) fn confirm(
    responder: Responder,
    proof: &KeyProof,
) -> Result<(Keys, KeyConfirm), HandshakeError> {
    let (keys, message) = responder.on_proof(proof)?;
    let KeyMessage::Confirm(confirm) = over_the_wire(&message) else {
        panic!("{message:?}");
    };
    Ok((keys, confirm))
}

/// Ann, who comes, and Ben, who is there. Ann is A.
pub(crate) fn ann_and_ben() -> (Peer, Peer) {
    (Peer::new("ann", "ben", 1), Peer::new("ben", "ann", 2))
}

/// The keys of an honest run: the initiator's, the responder's.
pub(crate) fn shake(initiator: &mut Peer, responder: &mut Peer) -> (Keys, Keys) {
    let Hello {
        initiator: begun,
        hello,
    } = initiator.hello();
    let (answered, share) = responder.share(&hello).unwrap();
    let (awaiting, proof) = initiator.proof(begun, &share).unwrap();
    let (theirs, confirm) = confirm(answered, &proof).unwrap();
    (awaiting.on_confirm(&confirm).unwrap(), theirs)
}

/// The keys of Ann and Ben.
pub(crate) fn keys() -> (Keys, Keys) {
    let (mut ann, mut ben) = ann_and_ben();
    shake(&mut ann, &mut ben)
}

fn over_the_wire(message: &KeyMessage) -> KeyMessage {
    KeyMessage::decode(&message.encode()).unwrap()
}
