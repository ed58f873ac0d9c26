//! A handshake with one message exchanged for another on the way, and then a sealed one: nobody
//! gets keys, and nothing opens, but by what was said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{ForwardKind, KeyMessage, Payload, Sealed};
use snug_session::handshake::{
    HandshakeError, Identity, Initiator, Keys, Parties, Password, Responder, Secrets,
};

// A digit, which says what is exchanged, then what for: 0 to 3 the messages of the handshake in
// their order, 4 the sealed one.
fuzz_target!(|input: &str| {
    let Some((which, json)) = input.split_at_checked(1) else {
        return;
    };
    let (Ok(which), Ok(payload)) = (which.parse::<u8>(), Payload::from_json(json.to_owned()))
    else {
        return;
    };
    if which == 4 {
        return open(&payload);
    }
    let Ok(other) = KeyMessage::decode(&payload) else {
        return;
    };
    let mut same = which > 4;
    let outcome = run(|at, said| {
        if at != which {
            return said;
        }
        same = said == other;
        other.clone()
    });
    assert_eq!(outcome.is_some(), same);
});

/// Opens what was sealed, and nothing else.
fn open(payload: &Payload) {
    let Ok(sealed) = Sealed::decode(payload) else {
        return;
    };
    let (mut anns, mut bens) = run(|_, said| said).expect("an honest run succeeds");
    let honest = anns
        .seal(ForwardKind::Relay, b"\x03hi")
        .expect("it fits and is the first");
    let opened = bens.open(ForwardKind::Relay, &sealed);
    assert_eq!(opened.is_ok(), sealed == honest);
}

/// Runs a handshake whose messages, numbered from 0, pass through `way`.
fn run(mut way: impl FnMut(u8, KeyMessage) -> KeyMessage) -> Option<(Keys, Keys)> {
    let (mut first, mut second) = (Secrets::new([1; 32]), Secrets::new([2; 32]));
    let (ann, ben) = (
        Identity::generate(&mut first),
        Identity::generate(&mut second),
    );
    let words = Password::new(b"otter-lemon-cloud-ferry");
    let (initiator, hello) = Initiator::start(parties("ann", "ben"), &ann, &words, &mut first);
    let KeyMessage::Hello(hello) = way(0, hello) else {
        return None;
    };
    let started = Responder::start(parties("ben", "ann"), &ben, &words, &hello, &mut second);
    let (responder, share) = started.ok()?;
    let KeyMessage::Share(share) = way(1, share) else {
        return None;
    };
    let expected = initiator.expects(&share);
    let proved = initiator.on_share(&share, &mut first);
    assert_eq!(expected, !matches!(proved, Err(HandshakeError::Unrelated)));
    let (awaiting, proof) = proved.ok()?;
    let KeyMessage::Proof(proof) = way(2, proof) else {
        return None;
    };
    let expected = responder.expects(&proof);
    let confirmed = responder.on_proof(&proof);
    assert_eq!(
        expected,
        !matches!(confirmed, Err(HandshakeError::Unrelated))
    );
    let (bens, confirm) = confirmed.ok()?;
    let KeyMessage::Confirm(confirm) = way(3, confirm) else {
        return None;
    };
    let expected = awaiting.expects(&confirm);
    let finished = awaiting.on_confirm(&confirm);
    assert_eq!(
        expected,
        !matches!(finished, Err(HandshakeError::Unrelated))
    );
    Some((finished.ok()?, bens))
}

fn parties(me: &str, peer: &str) -> Parties {
    Parties {
        room: "K7Q4X9".parse().expect("a room id"),
        me: me.parse().expect("a client id"),
        peer: peer.parse().expect("a client id"),
    }
}
