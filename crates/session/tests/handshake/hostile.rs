//! A server, or a stranger, that does more than flip bits.

use snug_protocol::{
    ForwardKind, IdentityKey, KeyMessage, Payload, Signature,
    key::{Commitment, KeyConfirm, KeyProof, KeyShare, Nonce, Share, Tag},
};
use snug_session::handshake::{
    HandshakeError::{
        self, BadCommitment, BadShare, BadSignature, Reflected, Unrelated, Version, WrongTag,
    },
    Responder, Secrets, vectors,
};

use crate::fixture::{Hello, Peer, WORDS, ann_and_ben, confirm, shake};

/// Encodings that name no element, and the identity: RFC 9496 §A.2 and §A.3, the draft's vectors.
const DEGENERATE: [&str; 12] = [
    // The identity element.
    "0000000000000000000000000000000000000000000000000000000000000000",
    // The draft's, one off a good one.
    "2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c",
    // Not below the field's order: p itself, p + 1, 2^255 - 1, and the top bit set.
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000080",
    // Negative field elements.
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    // No square root.
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    // Negative xy.
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    // s = -1, which makes y = 0.
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// 41
#[test]
fn wrong_words_fail_at_the_responder_and_the_initiator_learns_nothing() {
    for wrong in [
        b"otter-lemon-cloud-fever".as_slice(),
        b"otter-lemon-cloud",
        b"x",
    ] {
        let (mut ann, ben) = ann_and_ben();
        let mut ben = ben.with_password(wrong);
        let Hello { initiator, hello } = ann.hello();
        let (responder, share) = ben.share(&hello).unwrap();
        let (awaiting, proof) = ann.proof(initiator, &share).unwrap();
        let error = confirm(responder, &proof).unwrap_err();
        assert_eq!(error, WrongTag);
        assert!(error.is_guess());
        // Whatever a responder without the words says now, Ann believes none of it.
        let guess = KeyConfirm {
            tag: proof.tag,
            signature: proof.signature,
            answers: proof.nonce,
        };
        assert_eq!(awaiting.on_confirm(&guess).unwrap_err(), WrongTag);
    }
}

#[test]
fn only_a_wrong_tag_is_a_guess() {
    use HandshakeError::{OpenRoom, WordsNeeded};
    for error in [
        BadSignature,
        BadShare,
        BadCommitment,
        WordsNeeded,
        OpenRoom,
        Version,
        Reflected,
        Unrelated,
    ] {
        assert!(!error.is_guess(), "{error}");
    }
    assert!(WrongTag.is_guess());
}

/// 42
#[test]
fn degenerate_points_are_refused_at_both_sides() {
    for point in DEGENERATE {
        let point = Share::new(from_hex(point));
        let (mut ann, mut ben) = ann_and_ben();
        let Hello { initiator, hello } = ann.hello();
        let (responder, mut share) = ben.share(&hello).unwrap();
        let (_, mut proof) = ann.proof(initiator, &share).unwrap();
        proof.share = point;
        assert_eq!(confirm(responder, &proof).unwrap_err(), BadShare);
        let Hello { initiator, hello } = ann.hello();
        share.share = point;
        share.answers = hello.commitment;
        assert_eq!(ann.proof(initiator, &share).unwrap_err(), BadShare);
    }
}

/// 42
#[test]
fn points_of_31_and_33_bytes_do_not_decode() {
    let (mut ann, mut ben) = ann_and_ben();
    let (_, share) = ben.share(&ann.hello().hello).unwrap();
    let json = KeyMessage::Share(share).encode().json().to_owned();
    let (before, rest) = json.split_once(r#""share":""#).unwrap();
    let (point, after) = rest.split_once('"').unwrap();
    let with = |point: &str| {
        let json = format!(r#"{before}"share":"{point}"{after}"#);
        KeyMessage::decode(&Payload::from_json(json).unwrap())
    };
    assert!(with(point).is_ok());
    assert!(with(&"A".repeat(42)).is_err());
    assert!(with(&"A".repeat(44)).is_err());
}

/// 43
#[test]
fn what_one_said_oneself_is_no_answer() {
    let (mut ann, mut ben) = ann_and_ben();
    let Hello { initiator, hello } = ann.hello();
    assert_eq!(ann.share(&hello).unwrap_err(), Reflected);
    let (responder, share) = ben.share(&hello).unwrap();
    let begun = ann.hello();
    let own = KeyShare {
        identity: ann.key(),
        answers: begun.hello.commitment,
        ..share.clone()
    };
    assert_eq!(ann.proof(begun.initiator, &own).unwrap_err(), Reflected);
    let (awaiting, proof) = ann.proof(initiator, &share).unwrap();
    let mut mirrored = proof.clone();
    mirrored.share = share.share;
    assert_eq!(confirm(responder, &mirrored).unwrap_err(), Reflected);
    let echoed = KeyConfirm {
        tag: proof.tag,
        signature: proof.signature,
        answers: proof.nonce,
    };
    assert_eq!(awaiting.on_confirm(&echoed).unwrap_err(), WrongTag);
}

/// 43
#[test]
fn the_responders_nonce_is_not_taken_for_the_initiators() {
    let (mut ann, mut ben) = ann_and_ben();
    let Hello { initiator, hello } = ann.hello();
    let (responder, share) = ben.share(&hello).unwrap();
    let (_, mut proof) = ann.proof(initiator, &share).unwrap();
    proof.nonce = share.nonce;
    assert_eq!(confirm(responder, &proof).unwrap_err(), Reflected);
}

/// 43
#[test]
fn nobody_shakes_hands_with_itself() {
    let mut ann = Peer::new("ann", "ann", 1);
    let mut also = Peer::new("ann", "ann", 2);
    let Hello { initiator, hello } = ann.hello();
    assert_eq!(also.share(&hello).unwrap_err(), Reflected);
    let (_, share) = Peer::new("ben", "ann", 3).share(&hello).unwrap();
    assert_eq!(ann.proof(initiator, &share).unwrap_err(), Reflected);
}

/// 44
#[test]
fn two_who_both_spoke_first_cannot_be_joined() {
    let (mut ann, mut ben) = ann_and_ben();
    let (anns, bens) = (ann.hello(), ben.hello());
    let (ann_answers, anns_share) = ann.share(&bens.hello).unwrap();
    let (ben_answers, bens_share) = ben.share(&anns.hello).unwrap();
    let (_, anns_proof) = ann.proof(anns.initiator, &bens_share).unwrap();
    let (_, bens_proof) = ben.proof(bens.initiator, &anns_share).unwrap();
    // Each proof goes where the other belongs.
    let swap = |proof: &KeyProof, answers| KeyProof {
        answers,
        ..proof.clone()
    };
    assert_eq!(
        confirm(ben_answers, &swap(&bens_proof, bens_share.nonce)).unwrap_err(),
        BadCommitment
    );
    assert_eq!(
        confirm(ann_answers, &swap(&anns_proof, anns_share.nonce)).unwrap_err(),
        BadCommitment
    );
}

/// 44
#[test]
fn ids_that_the_server_made_up_are_noticed() {
    for (bens_id, anns_id) in [
        ("ann", "ben"),
        ("ben", "eve"),
        ("eve", "ann"),
        ("Ben", "ann"),
    ] {
        let mut ann = Peer::new("ann", "ben", 1);
        let mut ben = Peer::new(bens_id, anns_id, 2);
        assert_eq!(fails(&mut ann, &mut ben), WrongTag, "{bens_id} {anns_id}");
    }
}

/// 45
#[test]
fn another_room_with_the_same_words_is_another_room() {
    let mut ann = Peer::new("ann", "ben", 1);
    let mut ben = Peer::new("ben", "ann", 2).in_room("K7Q4X8");
    assert_eq!(fails(&mut ann, &mut ben), WrongTag);
}

/// 45
#[test]
fn what_was_said_before_is_no_proof_now() {
    let (mut ann, mut ben) = ann_and_ben();
    let Hello { initiator, hello } = ann.hello();
    let (responder, share) = ben.share(&hello).unwrap();
    let (awaiting, proof) = ann.proof(initiator, &share).unwrap();
    let (_, confirmation) = confirm(responder, &proof).unwrap();
    drop(awaiting);
    // The same hello and the same proof, again: the responder has a new nonce.
    let (responder, _) = ben.share(&hello).unwrap();
    assert_eq!(confirm(responder, &proof).unwrap_err(), Unrelated);
    let (responder, share) = ben.share(&hello).unwrap();
    let mended = KeyProof {
        answers: share.nonce,
        ..proof
    };
    assert_eq!(confirm(responder, &mended).unwrap_err(), WrongTag);
    // The same confirmation to a new run of the initiator.
    let Hello { initiator, hello } = ann.hello();
    let (_, share) = ben.share(&hello).unwrap();
    let (awaiting, proof) = ann.proof(initiator, &share).unwrap();
    let mended = KeyConfirm {
        answers: proof.nonce,
        ..confirmation
    };
    assert_eq!(awaiting.on_confirm(&mended).unwrap_err(), WrongTag);
}

/// 46
#[test]
fn versions_that_nobody_speaks_are_refused() {
    let (mut ann, mut ben) = ann_and_ben();
    for versions in [vec![0], vec![2], vec![0, 2, u16::MAX]] {
        let mut hello = ann.hello().hello;
        hello.versions = versions;
        assert_eq!(ben.share(&hello).unwrap_err(), Version);
    }
    for version in [0, 2, u16::MAX] {
        let Hello { initiator, hello } = ann.hello();
        let (_, mut share) = ben.share(&hello).unwrap();
        share.version = version;
        assert_eq!(ann.proof(initiator, &share).unwrap_err(), Version);
    }
}

/// 46
#[test]
fn a_hello_without_versions_does_not_decode_and_is_refused() {
    let (mut ann, mut ben) = ann_and_ben();
    let mut hello = ann.hello().hello;
    hello.versions.clear();
    assert!(KeyMessage::decode(&KeyMessage::Hello(hello.clone()).encode()).is_err());
    assert_eq!(ben.share(&hello).unwrap_err(), Version);
}

#[test]
fn words_are_not_enough_to_be_somebody_else() {
    let (ann, mut ben) = ann_and_ben();
    for identity in [
        ann.key(),
        IdentityKey::new(small_order()),
        IdentityKey::new([0xff; 32]),
    ] {
        let (responder, proof) = impostor(&ann, &mut ben, identity, None);
        assert_eq!(confirm(responder, &proof).unwrap_err(), BadSignature);
    }
    // A key of small order has signatures that fit any message, unless verified strictly.
    let mut anything = [0; 64];
    anything[..32].copy_from_slice(&small_order());
    let identity = IdentityKey::new(small_order());
    let (responder, proof) = impostor(&ann, &mut ben, identity, Some(Signature::new(anything)));
    assert_eq!(confirm(responder, &proof).unwrap_err(), BadSignature);
}

#[test]
fn who_sits_between_two_and_knows_the_words_makes_their_checks_differ() {
    let mut ann = Peer::new("ann", "ben", 1);
    let mut ben = Peer::new("ben", "ann", 2);
    let (mut as_ben, mut as_ann) = (Peer::new("ben", "ann", 3), Peer::new("ann", "ben", 4));
    let (mut anns, mut between) = shake(&mut ann, &mut as_ben);
    let (_, bens) = shake(&mut as_ann, &mut ben);
    assert_ne!(anns.check(), bens.check());
    // All else works, which is why people compare.
    let sealed = anns.seal(ForwardKind::Offer, b"v=0").unwrap();
    assert!(between.open(ForwardKind::Offer, &sealed).is_ok());
}

#[test]
fn messages_of_another_run_are_told_apart_before_anything_else() {
    let (mut ann, mut ben) = ann_and_ben();
    let Hello { initiator, hello } = ann.hello();
    let (responder, mut share) = ben.share(&hello).unwrap();
    let (_, mut proof) = ann.proof(initiator, &share).unwrap();
    share.answers = Commitment::new([0; 32]);
    share.version = 0;
    assert_eq!(
        ann.proof(ann_again().initiator, &share).unwrap_err(),
        Unrelated
    );
    proof.answers = Nonce::new([0; 32]);
    proof.tag = Tag::new([0; 32]);
    assert!(!responder.expects(&proof));
    assert_eq!(confirm(responder, &proof).unwrap_err(), Unrelated);
}

fn ann_again() -> Hello {
    ann_and_ben().0.hello()
}

/// Runs the handshake to its failure at the responder.
fn fails(initiator: &mut Peer, responder: &mut Peer) -> HandshakeError {
    let Hello {
        initiator: begun,
        hello,
    } = initiator.hello();
    let (answered, share) = responder.share(&hello).unwrap();
    let (_, proof) = initiator.proof(begun, &share).unwrap();
    confirm(answered, &proof).unwrap_err()
}

/// Somebody at Ann's place who knows the words, computes everything right, and claims `identity`,
/// but has only a key of their own to sign with.
fn impostor(
    ann: &Peer,
    ben: &mut Peer,
    identity: IdentityKey,
    signature: Option<Signature>,
) -> (Responder, KeyProof) {
    let mut eve = Peer::new("ann", "ben", 66);
    let Hello { mut hello, .. } = eve.hello();
    // Eve's nonce, by drawing as the initiator does.
    let mut drawn = Secrets::new([66; 32]);
    let _identity = drawn.draw::<32>();
    let nonce = Nonce::new(*drawn.draw());
    hello.identity = identity;
    let (responder, share) = ben.share(&hello).unwrap();
    let scalar = vectors::scalar(&drawn.draw());
    let mut proof = KeyProof {
        nonce,
        share: Share::new([0; 32]),
        tag: Tag::new([0; 32]),
        signature: Signature::new([0; 64]),
        answers: share.nonce,
    };
    let trace = |proof: &_| {
        vectors::trace(&ann.parties, &ann.password, (&hello, &share, proof), scalar).unwrap()
    };
    let first = trace(&proof);
    proof.share = vectors::share(WORDS, &first.channel, &first.session, scalar);
    let (tag, own) = vectors::prove(&trace(&proof), &ann.parties, &eve.identity);
    proof.tag = tag;
    proof.signature = signature.unwrap_or(own);
    (responder, proof)
}

/// The identity element of the curve, which generates nothing.
fn small_order() -> [u8; 32] {
    let mut encoded = [0; 32];
    encoded[0] = 1;
    encoded
}

fn from_hex(hex: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}
