//! What two get who follow the rules.

use proptest::prelude::*;
use snug_protocol::ForwardKind;
use snug_session::handshake::{HandshakeError, Password, VERSION};

use crate::fixture::{Hello, Peer, ann_and_ben, confirm, keys, shake};

#[test]
fn whoever_speaks_first_both_share_keys() {
    for ids in [("ann", "ben"), ("ben", "ann")] {
        let mut initiator = Peer::new(ids.0, ids.1, 1);
        let mut responder = Peer::new(ids.1, ids.0, 2);
        let (mut first, mut second) = shake(&mut initiator, &mut responder);
        assert_eq!(first.peer(), responder.key());
        assert_eq!(second.peer(), initiator.key());
        assert_eq!(first.check(), second.check());
        assert!(first.has_words() && second.has_words());
        let sealed = first.seal(ForwardKind::Offer, b"v=0").unwrap();
        assert_eq!(second.open(ForwardKind::Offer, &sealed).unwrap(), b"v=0");
        let sealed = second.seal(ForwardKind::Answer, b"v=0").unwrap();
        assert_eq!(first.open(ForwardKind::Answer, &sealed).unwrap(), b"v=0");
    }
}

#[test]
fn in_an_open_room_all_is_sealed_and_nothing_is_proved_of_words() {
    let (ann, ben) = ann_and_ben();
    let (mut ann, mut ben) = (ann.with_password(b""), ben.with_password(b""));
    let (mut anns, mut bens) = shake(&mut ann, &mut ben);
    assert!(!anns.has_words() && !bens.has_words());
    assert_eq!(anns.check(), bens.check());
    let sealed = anns.seal(ForwardKind::Relay, b"hi").unwrap();
    assert_eq!(bens.open(ForwardKind::Relay, &sealed).unwrap(), b"hi");
}

#[test]
fn versions_to_come_are_passed_over() {
    let (mut ann, mut ben) = ann_and_ben();
    let mut hello = ann.hello().hello;
    hello.versions = vec![9, VERSION, 2];
    let (_, share) = ben.share(&hello).unwrap();
    assert_eq!(share.version, VERSION);
}

#[test]
fn each_message_answers_its_own_run_only() {
    let (mut ann, mut ben) = ann_and_ben();
    let (one, two) = (ann.hello(), ann.hello());
    let (one_responder, one_share) = ben.share(&one.hello).unwrap();
    let (two_responder, two_share) = ben.share(&two.hello).unwrap();
    assert!(one.initiator.expects(&one_share) && !one.initiator.expects(&two_share));
    let (one_awaiting, one_proof) = ann.proof(one.initiator, &one_share).unwrap();
    let (two_awaiting, two_proof) = ann.proof(two.initiator, &two_share).unwrap();
    assert!(one_responder.expects(&one_proof) && !one_responder.expects(&two_proof));
    let (_, one_confirm) = confirm(one_responder, &one_proof).unwrap();
    let (_, two_confirm) = confirm(two_responder, &two_proof).unwrap();
    assert!(one_awaiting.expects(&one_confirm) && !one_awaiting.expects(&two_confirm));
    assert!(two_awaiting.on_confirm(&two_confirm).is_ok());
}

#[test]
fn no_two_runs_are_alike() {
    let (mut ann, mut ben) = ann_and_ben();
    let (mut first, _) = shake(&mut ann, &mut ben);
    let (second, mut later) = shake(&mut ann, &mut ben);
    assert_ne!(first.check(), second.check());
    let sealed = first.seal(ForwardKind::Offer, b"v=0").unwrap();
    assert!(later.open(ForwardKind::Offer, &sealed).is_err());
}

#[test]
fn secrets_print_as_nothing() {
    let (mut ann, mut ben) = ann_and_ben();
    let begun = ann.hello();
    let (responder, share) = ben.share(&begun.hello).unwrap();
    let initiator = format!("{:?}", begun.initiator);
    assert_eq!(
        initiator,
        format!("Initiator({:?})", begun.hello.commitment)
    );
    assert_eq!(
        format!("{responder:?}"),
        format!("Responder({:?})", share.nonce)
    );
    let (awaiting, _) = ann.proof(begun.initiator, &share).unwrap();
    let (keys, _) = keys();
    assert_eq!(format!("{awaiting:?} {keys:?}"), "Awaiting(..) Keys(..)");
    assert_eq!(format!("{:?}", keys.check()), "Check(..)");
    assert_eq!(format!("{:?}", Password::new(b"otter")), "Password(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn keys_are_shared_by_those_who_agree_on_everything_and_nobody_else(
        ids in prop::collection::hash_set("[A-Za-z0-9_.:-]{1,64}", 2),
        rooms in ("[0-9A-HJKMNP-TV-Z]{6}", "[0-9A-HJKMNP-TV-Z]{6}"),
        passwords in ("[a-z-]{1,200}", "[a-z-]{1,200}"),
        same_room: bool,
        same_password: bool,
        seed in 0..100_u8,
    ) {
        let ids: Vec<_> = ids.into_iter().collect();
        let room = if same_room { &rooms.0 } else { &rooms.1 };
        let password = if same_password { &passwords.0 } else { &passwords.1 };
        let mut initiator = Peer::new(&ids[0], &ids[1], seed)
            .in_room(&rooms.0)
            .with_password(passwords.0.as_bytes());
        let mut responder = Peer::new(&ids[1], &ids[0], seed + 100)
            .in_room(room)
            .with_password(password.as_bytes());
        let Hello { initiator: begun, hello } = initiator.hello();
        let (answered, share) = responder.share(&hello).unwrap();
        let (awaiting, proof) = initiator.proof(begun, &share).unwrap();
        match confirm(answered, &proof) {
            Ok((theirs, confirm)) => {
                prop_assert_eq!((&rooms.0, &passwords.0), (room, password));
                let ours = awaiting.on_confirm(&confirm).unwrap();
                prop_assert_eq!(ours.check(), theirs.check());
            }
            Err(error) => {
                prop_assert_eq!(error, HandshakeError::WrongTag);
                prop_assert_ne!((&rooms.0, &passwords.0), (room, password));
            }
        }
    }
}
