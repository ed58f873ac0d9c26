//! The handshake of two peers: what an honest pair gets, and what everyone else does not.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use snug_protocol::{
    ForwardKind, KeyMessage,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare},
};
use snug_session::handshake::{
    Awaiting, Identity, Initiator, Keys, Parties, Password, Responder, Secrets,
};

#[test]
fn an_honest_pair_shares_keys() {
    let mut ann = Peer::new("ann", 1);
    let mut ben = Peer::new("ben", 2);
    let (mut anns, mut bens) = shake(&mut ann, &mut ben);
    assert_eq!(anns.peer(), ben.identity.key());
    assert_eq!(bens.peer(), ann.identity.key());
    assert_eq!(anns.check(), bens.check());
    assert!(anns.has_words() && bens.has_words());
    let sealed = anns.seal(ForwardKind::Offer, b"v=0").unwrap();
    assert_eq!(bens.open(ForwardKind::Offer, &sealed).unwrap(), b"v=0");
}

struct Peer {
    id: &'static str,
    secrets: Secrets,
    identity: Identity,
    password: Password,
}

impl Peer {
    fn new(id: &'static str, seed: u8) -> Self {
        let mut secrets = Secrets::new([seed; 32]);
        Self {
            id,
            identity: Identity::generate(&mut secrets),
            secrets,
            password: Password::new(b"otter-lemon-cobalt-fern"),
        }
    }

    fn parties(&self, peer: &Self) -> Parties {
        Parties {
            room: "K7Q4X9".parse().unwrap(),
            me: self.id.parse().unwrap(),
            peer: peer.id.parse().unwrap(),
        }
    }
}

fn shake(ann: &mut Peer, ben: &mut Peer) -> (Keys, Keys) {
    let (initiator, hello) = Initiator::start(
        ann.parties(ben),
        &ann.identity,
        &ann.password,
        &mut ann.secrets,
    );
    let (responder, share) = Responder::start(
        ben.parties(ann),
        &ben.identity,
        &ben.password,
        &hello_of(&hello),
        &mut ben.secrets,
    )
    .unwrap();
    let (awaiting, proof): (Awaiting, _) = initiator
        .on_share(&share_of(&share), &mut ann.secrets)
        .unwrap();
    let (bens, confirm) = responder.on_proof(&proof_of(&proof)).unwrap();
    (awaiting.on_confirm(&confirm_of(&confirm)).unwrap(), bens)
}

fn hello_of(message: &KeyMessage) -> KeyHello {
    match KeyMessage::decode(&message.encode()) {
        Ok(KeyMessage::Hello(hello)) => hello,
        other => panic!("{other:?}"),
    }
}

fn share_of(message: &KeyMessage) -> KeyShare {
    match KeyMessage::decode(&message.encode()) {
        Ok(KeyMessage::Share(share)) => share,
        other => panic!("{other:?}"),
    }
}

fn proof_of(message: &KeyMessage) -> KeyProof {
    match KeyMessage::decode(&message.encode()) {
        Ok(KeyMessage::Proof(proof)) => proof,
        other => panic!("{other:?}"),
    }
}

fn confirm_of(message: &KeyMessage) -> KeyConfirm {
    match KeyMessage::decode(&message.encode()) {
        Ok(KeyMessage::Confirm(confirm)) => confirm,
        other => panic!("{other:?}"),
    }
}
