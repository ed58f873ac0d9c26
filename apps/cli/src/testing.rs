//! What several tests need.

use snug_protocol::KeyMessage;
use snug_session::handshake::{Check, Identity, Initiator, Parties, Password, Responder, Secrets};

/// The check string of a handshake that always goes the same way.
pub(crate) fn check_string() -> Check {
    let words = Password::new(b"otter-lemon-cloud-ferry");
    let mut secrets = Secrets::new([1; 32]);
    let (me, ann) = (
        Identity::generate(&mut secrets),
        Identity::generate(&mut secrets),
    );
    let (initiator, hello) = Initiator::start(parties("me", "ann"), &me, &words, &mut secrets);
    let KeyMessage::Hello(hello) = hello else {
        panic!("no hello");
    };
    let share = Responder::start(parties("ann", "me"), &ann, &words, &hello, &mut secrets);
    let Ok((responder, KeyMessage::Share(share))) = share else {
        panic!("no share");
    };
    let (_, proof) = initiator.on_share(&share, &mut secrets).unwrap();
    let KeyMessage::Proof(proof) = proof else {
        panic!("no proof");
    };
    let (keys, _) = responder.on_proof(&proof).unwrap();
    keys.check()
}

fn parties(me: &str, peer: &str) -> Parties {
    Parties {
        room: "K7Q4X9".parse().unwrap(),
        me: me.parse().unwrap(),
        peer: peer.parse().unwrap(),
    }
}
