//! Somebody on the way changes one bit of one message (hostile input 47): nobody gets keys who
//! saw anything else than the other side said.

use snug_protocol::key::{KeyConfirm, KeyHello, KeyProof, KeyShare};
use snug_session::handshake::HandshakeError::{
    self, BadCommitment, BadShare, BadSignature, OpenRoom, Unrelated, Version, WordsNeeded,
    WrongTag,
};

use crate::{
    fixture::{Hello, Peer, WORDS, ann_and_ben, confirm},
    flip::flips,
};

/// What goes wrong at either side.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    AtResponder(HandshakeError),
    AtInitiator(HandshakeError),
}

use Wrong::{AtInitiator, AtResponder};

#[test]
fn no_bit_of_the_hello_can_be_changed() {
    for (field, flipped) in flips(&sent().hello) {
        let wrong = run(&Change::Hello(flipped));
        let expected = match field {
            "versions" => AtResponder(Version),
            "words" => AtResponder(WordsNeeded),
            "identity" => AtResponder(WrongTag),
            "commitment" => AtInitiator(Unrelated),
            other => panic!("{other}"),
        };
        assert_eq!(wrong, Some(expected), "{field}");
    }
}

#[test]
fn no_bit_of_the_share_can_be_changed() {
    for (field, flipped) in flips(&sent().share) {
        let wrong = run(&Change::Share(flipped)).unwrap();
        match field {
            "version" => assert_eq!(wrong, AtInitiator(Version)),
            "words" => assert_eq!(wrong, AtInitiator(OpenRoom)),
            "identity" => assert_eq!(wrong, AtResponder(WrongTag)),
            "nonce" => assert_eq!(wrong, AtResponder(Unrelated)),
            "share" => assert!(
                [AtInitiator(BadShare), AtResponder(WrongTag)].contains(&wrong),
                "{wrong:?}"
            ),
            "answers" => assert_eq!(wrong, AtInitiator(Unrelated)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn no_bit_of_the_proof_can_be_changed() {
    for (field, flipped) in flips(&sent().proof) {
        let wrong = run(&Change::Proof(flipped)).unwrap();
        match field {
            "nonce" => assert_eq!(wrong, AtResponder(BadCommitment)),
            "share" => assert!(
                [AtResponder(BadShare), AtResponder(WrongTag)].contains(&wrong),
                "{wrong:?}"
            ),
            "tag" => assert_eq!(wrong, AtResponder(WrongTag)),
            "signature" => assert_eq!(wrong, AtResponder(BadSignature)),
            "answers" => assert_eq!(wrong, AtResponder(Unrelated)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn no_bit_of_the_confirmation_can_be_changed() {
    for (field, flipped) in flips(&sent().confirm) {
        let wrong = run(&Change::Confirm(flipped)).unwrap();
        let expected = match field {
            "tag" => WrongTag,
            "signature" => BadSignature,
            "answers" => Unrelated,
            other => panic!("{other}"),
        };
        assert_eq!(wrong, AtInitiator(expected), "{field}");
    }
}

#[test]
fn what_a_message_answers_cannot_be_mended_on_the_way() {
    let sent = sent();
    // The commitment is changed going, and changed back coming.
    for (field, hello) in flips(&sent.hello) {
        if field == "commitment" {
            let (mut ann, mut ben) = ann_and_ben();
            let begun = ann.hello();
            let (responder, mut share) = ben.share(&hello).unwrap();
            share.answers = begun.hello.commitment;
            let (_, proof) = ann.proof(begun.initiator, &share).unwrap();
            assert_eq!(confirm(responder, &proof).unwrap_err(), BadCommitment);
        }
    }
    // So is the responder's nonce.
    for (field, share) in flips(&sent.share) {
        if field == "nonce" {
            let (mut ann, mut ben) = ann_and_ben();
            let begun = ann.hello();
            let (responder, honest) = ben.share(&begun.hello).unwrap();
            let (_, mut proof) = ann.proof(begun.initiator, &share).unwrap();
            proof.answers = honest.nonce;
            assert_eq!(confirm(responder, &proof).unwrap_err(), WrongTag);
        }
    }
}

#[test]
fn more_versions_than_were_offered_are_noticed() {
    for versions in [vec![1, 2], vec![2, 1], vec![1, 1], vec![0, 1]] {
        let mut hello = sent().hello;
        hello.versions = versions;
        assert_eq!(run(&Change::Hello(hello)), Some(AtResponder(WrongTag)));
    }
}

#[test]
fn whether_there_are_words_cannot_be_denied_both_ways() {
    // The server tells each that the other has no words; both must see through it.
    for (password, claimed) in [(WORDS, false), (b"".as_slice(), true)] {
        let mut ann = Peer::new("ann", "ben", 1).with_password(password);
        let mut ben = Peer::new("ben", "ann", 2).with_password(password);
        let Hello {
            initiator,
            mut hello,
        } = ann.hello();
        let (_, mut share) = ben.share(&hello).unwrap();
        hello.words = claimed;
        share.words = claimed;
        let (at_ben, at_ann) = if claimed {
            (OpenRoom, WordsNeeded)
        } else {
            (WordsNeeded, OpenRoom)
        };
        assert_eq!(ben.share(&hello).unwrap_err(), at_ben);
        assert_eq!(ann.proof(initiator, &share).unwrap_err(), at_ann);
    }
}

#[test]
fn an_untouched_run_succeeds() {
    assert_eq!(run(&Change::Hello(sent().hello)), None);
}

/// What Ann and Ben say to each other; the same in every test.
struct Sent {
    hello: KeyHello,
    share: KeyShare,
    proof: KeyProof,
    confirm: KeyConfirm,
}

fn sent() -> Sent {
    let (mut ann, mut ben) = ann_and_ben();
    let Hello { initiator, hello } = ann.hello();
    let (responder, share) = ben.share(&hello).unwrap();
    let (_, proof) = ann.proof(initiator, &share).unwrap();
    let (_, confirm) = confirm(responder, &proof).unwrap();
    Sent {
        hello,
        share,
        proof,
        confirm,
    }
}

/// The message that arrives instead of the one that was sent.
enum Change {
    Hello(KeyHello),
    Share(KeyShare),
    Proof(KeyProof),
    Confirm(KeyConfirm),
}

/// Ann and Ben as in [`sent`], with one message changed on the way.
fn run(change: &Change) -> Option<Wrong> {
    let (mut ann, mut ben) = ann_and_ben();
    try_run(&mut ann, &mut ben, change).err()
}

fn try_run(ann: &mut Peer, ben: &mut Peer, change: &Change) -> Result<(), Wrong> {
    let Hello {
        initiator,
        mut hello,
    } = ann.hello();
    if let Change::Hello(changed) = change {
        hello = changed.clone();
    }
    let (responder, mut share) = ben.share(&hello).map_err(AtResponder)?;
    if let Change::Share(changed) = change {
        share = changed.clone();
    }
    let (awaiting, mut proof) = ann.proof(initiator, &share).map_err(AtInitiator)?;
    if let Change::Proof(changed) = change {
        proof = changed.clone();
    }
    let (_, mut confirmation) = confirm(responder, &proof).map_err(AtResponder)?;
    if let Change::Confirm(changed) = change {
        confirmation = changed.clone();
    }
    awaiting.on_confirm(&confirmation).map_err(AtInitiator)?;
    Ok(())
}
