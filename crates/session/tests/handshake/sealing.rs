//! What the server relays, and what it can do about it: delay and drop (hostile inputs 45, 47).

use proptest::prelude::*;
use snug_protocol::{
    ForwardKind, Sealed,
    limits::{SEAL_BYTES, SEALED_MESSAGES, SEALED_SIZES},
};
use snug_session::handshake::{Keys, OpenError, SealError};

use crate::{
    fixture::{Peer, ann_and_ben, keys, shake},
    flip::Flip,
};

const SEALED: [ForwardKind; 4] = [
    ForwardKind::Offer,
    ForwardKind::Answer,
    ForwardKind::IceCandidate,
    ForwardKind::Relay,
];

#[test]
fn everything_opens_once_and_in_order() {
    let (mut anns, mut bens) = keys();
    let sealed: Vec<_> = (0..4_u8)
        .map(|n| anns.seal(ForwardKind::Offer, &[n]).unwrap())
        .collect();
    assert_eq!(
        sealed.iter().map(|s| s.number).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(bens.open(ForwardKind::Offer, &sealed[0]).unwrap(), [0]);
    // One is lost; what comes late, or again, does not open.
    assert_eq!(bens.open(ForwardKind::Offer, &sealed[2]).unwrap(), [2]);
    for late in &sealed[..3] {
        let replayed = OpenError::Replayed {
            number: late.number,
            last: 3,
        };
        assert_eq!(bens.open(ForwardKind::Offer, late), Err(replayed));
    }
    assert_eq!(bens.open(ForwardKind::Offer, &sealed[3]).unwrap(), [3]);
}

#[test]
fn negotiation_and_relay_count_apart() {
    let (mut anns, mut bens) = keys();
    let numbers: Vec<_> = SEALED
        .map(|kind| {
            let sealed = anns.seal(kind, b"x").unwrap();
            assert_eq!(bens.open(kind, &sealed).unwrap(), b"x");
            sealed.number
        })
        .into();
    assert_eq!(numbers, [1, 2, 3, 1]);
}

#[test]
fn a_message_opens_as_what_it_was_sealed_for() {
    for (sent, claimed) in SEALED.iter().flat_map(|s| SEALED.map(|c| (*s, c))) {
        let (mut anns, mut bens) = keys();
        let sealed = anns.seal(sent, b"x").unwrap();
        let opened = bens.open(claimed, &sealed);
        if sent == claimed {
            assert_eq!(opened.unwrap(), b"x");
        } else {
            assert_eq!(opened, Err(OpenError::Forged), "{sent:?} as {claimed:?}");
        }
    }
}

#[test]
fn only_the_peer_of_the_pair_opens_it() {
    let (mut anns, _) = keys();
    let sealed = anns.seal(ForwardKind::Offer, b"x").unwrap();
    // Ann herself, to whom it is reflected; someone else with the words; a later run.
    assert_eq!(
        anns.open(ForwardKind::Offer, &sealed),
        Err(OpenError::Forged)
    );
    let (mut ann, mut ben) = ann_and_ben();
    let (mut eve, mut anns_other) = (Peer::new("eve", "ann", 5), Peer::new("ann", "eve", 6));
    let (_, mut eves) = shake(&mut anns_other, &mut eve);
    assert_eq!(
        eves.open(ForwardKind::Offer, &sealed),
        Err(OpenError::Forged)
    );
    shake(&mut ann, &mut ben);
    let (_, mut later) = shake(&mut ann, &mut ben);
    assert_eq!(
        later.open(ForwardKind::Offer, &sealed),
        Err(OpenError::Forged)
    );
}

#[test]
fn no_bit_can_be_changed_and_nothing_changes_by_trying() {
    let (mut anns, mut bens) = keys();
    let sealed = anns.seal(ForwardKind::Relay, b"hi").unwrap();
    let mut data = sealed.data.to_vec();
    for bit in 0..data.bits() {
        data.flip(bit);
        let forged = with_data(&sealed, &data);
        assert_eq!(
            bens.open(ForwardKind::Relay, &forged),
            Err(OpenError::Forged),
            "{bit}"
        );
        data.flip(bit);
    }
    for bit in 0..sealed.number.bits() {
        let mut forged = sealed.clone();
        forged.number.flip(bit);
        let refused = match forged.number {
            0 => OpenError::Replayed { number: 0, last: 0 },
            _ => OpenError::Forged,
        };
        assert_eq!(
            bens.open(ForwardKind::Relay, &forged),
            Err(refused),
            "{bit}"
        );
    }
    assert_eq!(bens.open(ForwardKind::Relay, &sealed).unwrap(), b"hi");
}

#[test]
fn parts_of_a_message_are_none() {
    let (mut anns, mut bens) = keys();
    let sealed = anns.seal(ForwardKind::Relay, b"hi").unwrap();
    for len in 0..sealed.data.len() {
        let part = with_data(&sealed, &sealed.data[..len]);
        assert_eq!(bens.open(ForwardKind::Relay, &part), Err(OpenError::Forged));
    }
    let longer = with_data(&sealed, &[&sealed.data[..], &[0]].concat());
    assert_eq!(
        bens.open(ForwardKind::Relay, &longer),
        Err(OpenError::Forged)
    );
    assert_eq!(bens.open(ForwardKind::Relay, &sealed).unwrap(), b"hi");
}

#[test]
fn messages_of_the_handshake_are_not_sealed() {
    let (mut anns, mut bens) = keys();
    assert_eq!(anns.seal(ForwardKind::Key, b"x"), Err(SealError::NotSealed));
    let sealed = anns.seal(ForwardKind::Offer, b"x").unwrap();
    assert_eq!(
        bens.open(ForwardKind::Key, &sealed),
        Err(OpenError::NotSealed)
    );
}

#[test]
fn what_does_not_fit_costs_no_number() {
    let (mut anns, _) = keys();
    let largest = SEALED_SIZES[6] - 4;
    let long = vec![0; largest + 1];
    let too_long = SealError::TooLong { len: largest + 1 };
    assert_eq!(anns.seal(ForwardKind::Relay, &long), Err(too_long));
    let sealed = anns.seal(ForwardKind::Relay, &long[1..]).unwrap();
    assert_eq!(
        (sealed.number, sealed.data.len()),
        (1, SEALED_SIZES[6] + SEAL_BYTES)
    );
}

#[test]
fn numbers_past_the_last_do_not_open() {
    let (mut anns, mut bens) = keys();
    let sealed = anns.seal(ForwardKind::Relay, b"x").unwrap();
    for number in [SEALED_MESSAGES + 1, u64::MAX] {
        let far = Sealed {
            number,
            data: sealed.data.clone(),
        };
        assert_eq!(bens.open(ForwardKind::Relay, &far), Err(OpenError::Forged));
    }
}

fn with_data(sealed: &Sealed, data: &[u8]) -> Sealed {
    Sealed {
        number: sealed.number,
        data: data.to_vec().into(),
    }
}

fn round_trip(anns: &mut Keys, bens: &mut Keys, kind: ForwardKind, text: &[u8]) -> usize {
    let sealed = anns.seal(kind, text).unwrap();
    let read = Sealed::decode(&sealed.encode()).unwrap();
    assert_eq!(bens.open(kind, &read).unwrap(), text);
    sealed.data.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sealed_opens_and_its_length_is_one_of_few(
        texts in prop::collection::vec((0..SEALED.len(), 0..SEALED_SIZES[6] - 3), 1..5),
    ) {
        let (mut anns, mut bens) = keys();
        for (kind, len) in texts {
            let text: Vec<u8> = (0..=255).cycle().take(len).collect();
            let sealed = round_trip(&mut anns, &mut bens, SEALED[kind], &text);
            prop_assert!(SEALED_SIZES.contains(&(sealed - SEAL_BYTES)));
        }
    }

    #[test]
    fn whatever_was_not_sealed_does_not_open(
        number: u64,
        data in prop::collection::vec(any::<u8>(), 0..600),
        kind in 0..SEALED.len(),
    ) {
        let (_, mut bens) = keys();
        let forged = Sealed { number, data: data.into() };
        prop_assert!(bens.open(SEALED[kind], &forged).is_err());
    }
}
