//! The handshake against fixed values: those of the draft for `CPace`, and our own for all else.
//!
//! `vectors/handshake-v1.json` has every input and every value in between, so that another
//! implementation can be run against it; `docs/handshake.md` says how. A mismatch here means that
//! peers of before and after do not understand each other. If that is on purpose, it is another
//! version; to write the file anew: `SNUG_BLESS=1 cargo test -p snug-session --test vectors`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fmt::Write as _, fs};

use serde::Serialize;
use serde_json::{Value, value::RawValue};
use snug_protocol::{
    Fingerprint, ForwardKind, Hash, KeyMessage, Payload,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare, Share},
};
use snug_session::{
    Fingerprints,
    handshake::{
        Identity, Initiator, Keys, Parties, Password, Responder, Secrets, vectors, verify_entry,
    },
};

const DRAFT: &str = include_str!("vectors/cpace-ristretto255.json");
const OURS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/vectors/handshake-v1.json"
);

/// draft-irtf-cfrg-cpace-21, appendix B.3. `ISK_SY` and the two of `sid_output` belong to functions
/// that we have no use for.
#[test]
fn cpace_is_that_of_the_draft() {
    let draft: Value = serde_json::from_str(DRAFT).unwrap();
    let bytes = |name: &str| from_hex(draft["cpace"][name].as_str().unwrap());
    let fixed = |name: &str| bytes(name).try_into().unwrap();
    let share = |name: &str| Share::new(fixed(name));
    let (prs, ci, sid) = (bytes("PRS"), bytes("CI"), bytes("sid"));
    let (ya, yb): ([u8; 32], [u8; 32]) = (fixed("ya"), fixed("yb"));
    let (at_a, at_b) = (share("Ya"), share("Yb"));
    assert_eq!(vectors::generator(&prs, &ci, &sid), fixed("g"));
    assert_eq!(vectors::share(&prs, &ci, &sid, ya), at_a);
    assert_eq!(vectors::share(&prs, &ci, &sid, yb), at_b);
    assert_eq!(vectors::shared_point(ya, &at_b), Some(fixed("K")));
    assert_eq!(vectors::shared_point(yb, &at_a), Some(fixed("K")));
    let key = vectors::session_key(&sid, ya, (&at_a, &bytes("ADa")), (&at_b, &bytes("ADb")));
    assert_eq!(key.unwrap().to_vec(), bytes("ISK_IR"));
}

/// draft-irtf-cfrg-cpace-21, appendices B.3.10 and B.3.11.
#[test]
fn points_are_multiplied_and_refused_as_in_the_draft() {
    let draft: Value = serde_json::from_str(DRAFT).unwrap();
    let points = &draft["points"];
    let fixed =
        |value: &Value| -> [u8; 32] { from_hex(value.as_str().unwrap()).try_into().unwrap() };
    let valid = &points["Valid"];
    let (scalar, point) = (fixed(&valid["s"]), Share::new(fixed(&valid["X"])));
    let product = fixed(&valid["G.scalar_mult_vfy(s,X)"]);
    assert_eq!(vectors::shared_point(scalar, &point), Some(product));
    for invalid in ["Invalid Y1", "Invalid Y2"] {
        let point = Share::new(fixed(&points[invalid]));
        assert_eq!(vectors::shared_point(scalar, &point), None, "{invalid}");
    }
}

#[test]
fn the_handshake_is_the_one_written_down() {
    let runs = Document {
        about: "The handshake of Snug, version 1: docs/handshake.md. Hexadecimal but in messages, \
                where byte strings are base64url; scalars are little-endian.",
        runs: vec![
            run(
                "words; the initiator is A",
                "otter-lemon-cloud-ferry",
                "ann",
                "ben",
                1,
            ),
            run(
                "a token; the initiator is B",
                "3ZK7Q4X9HJ0V8MNBC2DTRWPG1S",
                "zoe",
                "ben",
                3,
            ),
            run(
                "an open room",
                "",
                "3f6c1a52-9d0e-4b7a-8c21-5e9f0d7b6a14",
                "ben:1",
                5,
            ),
        ],
    };
    let text = serde_json::to_string_pretty(&runs).unwrap() + "\n";
    if env::var_os("SNUG_BLESS").is_some() {
        fs::write(OURS, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(OURS).unwrap(), text);
}

#[derive(Serialize)]
struct Document {
    about: &'static str,
    runs: Vec<Run>,
}

/// A whole handshake, and what its keys are used for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    name: &'static str,
    room: String,
    password: &'static str,
    initiator: Side,
    responder: Side,
    hello: Box<RawValue>,
    share: Box<RawValue>,
    proof: Box<RawValue>,
    confirm: Box<RawValue>,
    sid: String,
    ci: String,
    generator: String,
    k: String,
    isk: String,
    transcript: String,
    prk: String,
    confirm_a: String,
    confirm_b: String,
    seal_a: String,
    seal_b: String,
    relay_a: String,
    relay_b: String,
    binding: String,
    check: CheckString,
    sealed: Vec<SealedMessage>,
    bound: Bound,
    entry: Entry,
}

/// The secrets of one side, and what they were drawn from in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    client_id: String,
    seed: String,
    identity_secret: String,
    nonce: String,
    wide_scalar: String,
    scalar: String,
}

#[derive(Serialize)]
struct CheckString {
    indices: [u8; 6],
    emoji: String,
    names: [&'static str; 6],
}

#[derive(Serialize)]
struct SealedMessage {
    from: String,
    kind: &'static str,
    plaintext: String,
    payload: Box<RawValue>,
}

/// Both bindings of one connection.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bound {
    attempt: u32,
    initiator_fingerprint: String,
    responder_fingerprint: String,
    initiator: String,
    responder: String,
}

/// A signed entry of the initiator.
#[derive(Serialize)]
struct Entry {
    hash: String,
    signature: String,
}

fn run(name: &'static str, password: &'static str, me: &str, peer: &str, seed: u8) -> Run {
    let ours = parties(me, peer);
    let theirs = parties(peer, me);
    let words = Password::new(password.as_bytes());
    let (mut first, mut second) = (Secrets::new([seed; 32]), Secrets::new([seed + 1; 32]));
    let (one, two) = (
        Identity::generate(&mut first),
        Identity::generate(&mut second),
    );
    let (initiator, hello) = Initiator::start(ours.clone(), &one, &words, &mut first);
    let (responder, share) =
        Responder::start(theirs, &two, &words, &said_hello(&hello), &mut second).unwrap();
    let (awaiting, proof) = initiator.on_share(&said_share(&share), &mut first).unwrap();
    let (mut at_responder, confirm) = responder.on_proof(&said_proof(&proof)).unwrap();
    let mut at_initiator = awaiting.on_confirm(&said_confirm(&confirm)).unwrap();
    let initiator = side(me, seed);
    let messages = (
        &said_hello(&hello),
        &said_share(&share),
        &said_proof(&proof),
    );
    let scalar = from_hex(&initiator.scalar).try_into().unwrap();
    let trace = vectors::trace(&ours, &words, messages, scalar).unwrap();
    let hash = Hash::of(b"an entry");
    let signature = one.sign(ours.room, &hash);
    assert!(verify_entry(&one.key(), ours.room, &hash, &signature));
    assert_eq!(at_initiator.check(), at_responder.check());
    Run {
        name,
        room: ours.room.to_string(),
        password,
        responder: side(peer, seed + 1),
        hello: raw(&hello.encode()),
        share: raw(&share.encode()),
        proof: raw(&proof.encode()),
        confirm: raw(&confirm.encode()),
        sid: hex(&trace.session),
        ci: hex(&trace.channel),
        generator: hex(&trace.generator),
        k: hex(&trace.shared_point),
        isk: hex(&trace.session_key),
        transcript: hex(&trace.transcript),
        prk: hex(&trace.pseudorandom_key),
        confirm_a: hex(&trace.confirm[0]),
        confirm_b: hex(&trace.confirm[1]),
        seal_a: hex(&trace.seal[0]),
        seal_b: hex(&trace.seal[1]),
        relay_a: hex(&trace.relay[0]),
        relay_b: hex(&trace.relay[1]),
        binding: hex(&trace.binding),
        check: CheckString {
            indices: at_initiator.check().indices(),
            emoji: at_initiator.check().to_string(),
            names: at_initiator.check().emojis().map(|(_, name)| name),
        },
        sealed: sealed(&initiator, &mut at_initiator, &mut at_responder),
        bound: bound(&at_initiator, &at_responder),
        entry: Entry {
            hash: hex(hash.as_bytes()),
            signature: hex(signature.as_bytes()),
        },
        initiator,
    }
}

/// Draws again what the machines drew.
fn side(client_id: &str, seed: u8) -> Side {
    let mut secrets = Secrets::new([seed; 32]);
    let identity_secret = secrets.draw::<32>();
    let nonce = secrets.draw::<32>();
    let wide = secrets.draw::<64>();
    Side {
        client_id: client_id.into(),
        seed: hex(&[seed; 32]),
        identity_secret: hex(identity_secret.as_slice()),
        nonce: hex(nonce.as_slice()),
        wide_scalar: hex(wide.as_slice()),
        scalar: hex(&vectors::scalar(&wide)),
    }
}

/// One message of each kind, then two at the edge between paddings; each opens at the other side.
fn sealed(side: &Side, from: &mut Keys, to: &mut Keys) -> Vec<SealedMessage> {
    let messages: [(ForwardKind, &[u8]); 6] = [
        (ForwardKind::Offer, br#"{"attempt":1,"sdp":"v=0\r\n"}"#),
        (ForwardKind::Answer, b"{}"),
        (ForwardKind::IceCandidate, b""),
        (ForwardKind::Relay, b"\x03hi"),
        (ForwardKind::Relay, &[0x5a; 252]),
        (ForwardKind::Relay, &[0x5a; 253]),
    ];
    let seal = |(kind, plaintext): (ForwardKind, &[u8])| {
        let sealed = from.seal(kind, plaintext).unwrap();
        assert_eq!(to.open(kind, &sealed).unwrap(), plaintext);
        SealedMessage {
            from: side.client_id.clone(),
            kind: kind.as_str(),
            plaintext: hex(plaintext),
            payload: raw(&sealed.encode()),
        }
    };
    messages.map(seal).into()
}

fn bound(at_initiator: &Keys, at_responder: &Keys) -> Bound {
    let attempt = 0x0102_0304;
    let (one, two) = (Fingerprint([0x1f; 32]), Fingerprint([0x2f; 32]));
    let at_one = Fingerprints {
        local: one,
        remote: two,
    };
    let at_two = Fingerprints {
        local: two,
        remote: one,
    };
    let initiator = at_initiator.bind(attempt, &at_one);
    let responder = at_responder.bind(attempt, &at_two);
    assert!(at_responder.is_bound(attempt, &at_two, &initiator));
    assert!(at_initiator.is_bound(attempt, &at_one, &responder));
    Bound {
        attempt,
        initiator_fingerprint: hex(&one.0),
        responder_fingerprint: hex(&two.0),
        initiator: hex(&initiator),
        responder: hex(&responder),
    }
}

fn parties(me: &str, peer: &str) -> Parties {
    Parties {
        room: "K7Q4X9".parse().unwrap(),
        me: me.parse().unwrap(),
        peer: peer.parse().unwrap(),
    }
}

fn said_hello(message: &KeyMessage) -> KeyHello {
    match message {
        KeyMessage::Hello(hello) => hello.clone(),
        other => panic!("{other:?}"),
    }
}

fn said_share(message: &KeyMessage) -> KeyShare {
    match message {
        KeyMessage::Share(share) => share.clone(),
        other => panic!("{other:?}"),
    }
}

fn said_proof(message: &KeyMessage) -> KeyProof {
    match message {
        KeyMessage::Proof(proof) => proof.clone(),
        other => panic!("{other:?}"),
    }
}

fn said_confirm(message: &KeyMessage) -> KeyConfirm {
    match message {
        KeyMessage::Confirm(confirm) => confirm.clone(),
        other => panic!("{other:?}"),
    }
}

fn raw(payload: &Payload) -> Box<RawValue> {
    RawValue::from_string(payload.json().into()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
