//! Messages of the handshake, from somebody who knows the words and from somebody who does not.
//! `tests/handshake` tries the same without a session around it, bit by bit.

use std::time::Duration;

use snug_protocol::{
    ControlFrame, IdentityKey, KeyMessage, RefusalReason, Secret, Signature, Words,
    key::{Commitment, KeyConfirm, KeyHello, KeyProof, KeyShare, Nonce, Share, Tag},
};
use snug_session::{
    Event, LinkOutput, LinkStatus, Output, Refusal,
    handshake::{Identity, Secrets},
};

use crate::{
    stranger::{Stranger, confirm},
    victim::{Victim, blames, blames_and_closes, key_message, mallory, mallorys},
};

/// 41
#[test]
fn wrong_words_are_refused_and_counted() {
    let mut victim = Victim::alone();
    let mut stranger = Stranger::with_words(&other_words());
    let (initiator, share) = greet(&mut victim, &mut stranger);
    let (_, proof) = stranger.proof(initiator, &share);
    let outputs = victim.hears(&KeyMessage::Proof(proof));
    assert_eq!(
        key_message(&outputs),
        Some(refused(RefusalReason::WrongWords))
    );
    assert_eq!(
        victim.status(),
        Some(LinkStatus::Refused(Refusal::WrongWords))
    );
    assert_eq!(guesses(&outputs), Some((1, false)));
}

/// 42
#[test]
fn points_that_are_none_end_the_run_and_are_no_guess() {
    for point in DEGENERATE {
        let point = Share::new(point);
        let mut victim = Victim::alone();
        let mut stranger = Stranger::mallory();
        let (initiator, share) = greet(&mut victim, &mut stranger);
        let (_, mut proof) = stranger.proof(initiator, &share);
        proof.share = point;
        let outputs = victim.hears(&KeyMessage::Proof(proof));
        assert!(
            blames(&outputs) && guesses(&outputs).is_none(),
            "{outputs:?}"
        );

        let (mut victim, hello) = Victim::asking();
        let (_, mut share) = Stranger::mallory().share(&hello);
        share.share = point;
        let outputs = victim.hears(&KeyMessage::Share(share));
        assert!(blames(&outputs), "{outputs:?}");
        assert_eq!(key_message(&outputs), None, "no proof is revealed");
    }
}

/// 43
#[test]
fn what_it_said_itself_is_no_answer() {
    let (mut victim, hello) = Victim::asking();
    let outputs = victim.hears(&KeyMessage::Hello(hello));
    assert!(reveals_nothing(&outputs), "{outputs:?}");
    let (mut victim, hello) = Victim::asking();
    let (_, share) = Stranger::mallory().share(&hello);
    let outputs = victim.hears(&KeyMessage::Share(share));
    let Some(KeyMessage::Proof(proof)) = key_message(&outputs) else {
        panic!("a share is answered with a proof: {outputs:?}");
    };
    let echo = KeyConfirm {
        tag: proof.tag,
        signature: proof.signature,
        answers: proof.nonce,
    };
    let said = [KeyMessage::Proof(proof), KeyMessage::Confirm(echo)];
    for said in said {
        let outputs = victim.hears(&said);
        assert!(reveals_nothing(&outputs), "{outputs:?}");
        assert!(!victim.shares_keys());
    }

    let mut victim = Victim::alone();
    let (_, share) = greet(&mut victim, &mut Stranger::mallory());
    let outputs = victim.hears(&KeyMessage::Share(share));
    assert!(outputs.is_empty(), "{outputs:?}");
}

/// 44
#[test]
fn messages_out_of_turn_are_dropped() {
    let messages = every_message();
    for message in &messages[1..] {
        let outputs = Victim::alone().hears(message);
        assert!(quiet(&outputs), "alone: {message:?}: {outputs:?}");
        let mut victim = Victim::alone();
        greet(&mut victim, &mut Stranger::mallory());
        let outputs = victim.hears(message);
        assert!(quiet(&outputs), "answering: {message:?}: {outputs:?}");
        if !matches!(message, KeyMessage::Refused { .. }) {
            let (mut victim, _) = Victim::asking();
            let outputs = victim.hears(message);
            assert!(quiet(&outputs), "asking: {message:?}: {outputs:?}");
        }
    }
}

/// 45
#[test]
fn a_run_in_another_room_counts_as_a_guess() {
    let mut victim = Victim::alone();
    let mut stranger = Stranger::in_room("ZZZZZZ".parse().expect("a room"));
    let (initiator, share) = greet(&mut victim, &mut stranger);
    let (_, proof) = stranger.proof(initiator, &share);
    let outputs = victim.hears(&KeyMessage::Proof(proof));
    assert_eq!(guesses(&outputs), Some((1, false)));
    assert!(!victim.shares_keys());
}

/// 45
#[test]
fn a_run_that_was_heard_once_is_worth_nothing() {
    let mut first = Victim::alone();
    let mut stranger = Stranger::mallory();
    let (initiator, hello) = stranger.hello();
    let outputs = first.hears(&KeyMessage::Hello(hello.clone()));
    let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
        panic!("{outputs:?}");
    };
    let (_, proof) = stranger.proof(initiator, &share);
    first.hears(&KeyMessage::Proof(proof.clone()));
    assert!(first.shares_keys());
    // Another member with the same words, and the same one in another session.
    for seed in [7, 8] {
        let mut second = Victim::seeded(seed + 1);
        second.hears(&KeyMessage::Hello(hello.clone()));
        let outputs = second.hears(&KeyMessage::Proof(proof.clone()));
        assert!(quiet(&outputs) && !second.shares_keys(), "{outputs:?}");
    }
}

/// 46
#[test]
fn versions_and_words_are_not_bargained_down() {
    let hellos: [(Change<KeyHello>, RefusalReason); 3] = [
        (|hello| hello.versions = vec![0], RefusalReason::Version),
        (|hello| hello.versions = vec![2, 3], RefusalReason::Version),
        (|hello| hello.words = false, RefusalReason::WordsNeeded),
    ];
    for (lower, reason) in hellos {
        let mut victim = Victim::alone();
        let (_, mut hello) = Stranger::mallory().hello();
        lower(&mut hello);
        let outputs = victim.hears(&KeyMessage::Hello(hello));
        assert_eq!(key_message(&outputs), Some(refused(reason)));
    }
    let shares: [(Change<KeyShare>, Refusal); 2] = [
        (|share| share.version = 0, Refusal::Version),
        (|share| share.words = false, Refusal::OpenRoom),
    ];
    for (lower, refusal) in shares {
        let (mut victim, hello) = Victim::asking();
        let (_, mut share) = Stranger::mallory().share(&hello);
        lower(&mut share);
        let outputs = victim.hears(&KeyMessage::Share(share));
        assert_eq!(key_message(&outputs), None, "no proof is revealed");
        assert!(victim.was_told(LinkStatus::Refused(refusal)));
    }
}

/// 47
#[test]
fn only_a_wrong_tag_is_a_guess() {
    let changes: [(Change<KeyProof>, bool); 4] = [
        (|proof| proof.tag = Tag::new([7; 32]), true),
        (|proof| proof.signature = Signature::new([7; 64]), false),
        (|proof| proof.nonce = Nonce::new([7; 32]), false),
        (|proof| proof.share = Share::new([0xff; 32]), false),
    ];
    for (change, is_guess) in changes {
        let mut victim = Victim::alone();
        let mut stranger = Stranger::mallory();
        let (initiator, share) = greet(&mut victim, &mut stranger);
        let (_, mut proof) = stranger.proof(initiator, &share);
        change(&mut proof);
        let outputs = victim.hears(&KeyMessage::Proof(proof));
        assert!(!victim.shares_keys());
        assert_eq!(guesses(&outputs).is_some(), is_guess, "{outputs:?}");
        assert_eq!(blames(&outputs), !is_guess, "{outputs:?}");
    }
}

#[test]
fn a_wrong_confirmation_is_a_guess() {
    let (mut victim, hello) = Victim::asking();
    let mut stranger = Stranger::with_words(&other_words());
    let (_, share) = stranger.share(&hello);
    let outputs = victim.hears(&KeyMessage::Share(share));
    let Some(KeyMessage::Proof(proof)) = key_message(&outputs) else {
        panic!("{outputs:?}");
    };
    let outputs = victim.hears(&KeyMessage::Confirm(KeyConfirm {
        tag: Tag::new([7; 32]),
        signature: proof.signature,
        answers: proof.nonce,
    }));
    assert_eq!(guesses(&outputs), Some((1, false)));
    assert!(!victim.shares_keys());
}

/// One run at a time, and whoever says hello without end is answered but not remembered.
#[test]
fn hellos_without_end_are_answered_one_at_a_time() {
    let mut victim = Victim::alone();
    let mut stranger = Stranger::mallory();
    let mut runs = Vec::new();
    for _ in 0..300 {
        let (initiator, hello) = stranger.hello();
        let outputs = victim.hears(&KeyMessage::Hello(hello));
        let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
            panic!("{outputs:?}");
        };
        runs.push(stranger.proof(initiator, &share).1);
    }
    let last = runs.pop().expect("there were some");
    for proof in runs {
        let outputs = victim.hears(&KeyMessage::Proof(proof));
        assert!(quiet(&outputs), "{outputs:?}");
    }
    victim.hears(&KeyMessage::Proof(last));
    assert!(victim.shares_keys());
}

#[test]
fn strangers_without_end_are_not_remembered() {
    let mut victim = Victim::linked();
    for number in 0..500 {
        let name = format!("nobody-{number}").parse().expect("an id");
        let mut stranger = Stranger::named(name, &other_words(), crate::victim::room());
        let (_, hello) = stranger.hello();
        victim.forward_from(&stranger.parties.me, &KeyMessage::Hello(hello).encode());
    }
    assert_eq!(victim.session.peers().count(), 64);
    victim.control(&ControlFrame::Entry(mallorys(1, "still here")));
    assert_eq!(victim.texts(), ["still here"]);
}

/// What nobody vouches for touches no link that there is.
#[test]
fn no_message_of_the_handshake_tears_down_a_link() {
    for message in every_message() {
        let mut victim = Victim::linked();
        let mut outputs = victim.hears(&message);
        outputs.extend(victim.let_pass(Duration::from_mins(2)));
        assert!(!closes(&outputs), "{message:?}: {outputs:?}");
        assert_eq!(begun(&outputs), 0, "{message:?}");
        assert_still_linked(&mut victim);
    }
}

/// Nor do whole runs that fail, in each of the ways there are.
#[test]
fn no_failed_run_tears_down_a_link() {
    let changes: [Change<KeyProof>; 5] = [
        |proof| proof.tag = Tag::new([7; 32]),
        |proof| proof.signature = Signature::new([7; 64]),
        |proof| proof.nonce = Nonce::new([7; 32]),
        |proof| proof.share = Share::new([0xff; 32]),
        |proof| proof.share = Share::new([0; 32]),
    ];
    for change in changes {
        let mut victim = Victim::linked();
        let mut stranger = Stranger::with_words(&other_words());
        stranger.identity = Identity::generate(&mut Secrets::new([9; 32]));
        let (initiator, share) = greet(&mut victim, &mut stranger);
        let (_, mut proof) = stranger.proof(initiator, &share);
        change(&mut proof);
        let mut outputs = victim.hears(&KeyMessage::Proof(proof));
        outputs.extend(victim.let_pass(Duration::from_mins(2)));
        assert!(!closes(&outputs), "{outputs:?}");
        assert_eq!(begun(&outputs), 0);
        assert_still_linked(&mut victim);
    }
}

/// Nor does the closing of the room for newcomers.
#[test]
fn five_guesses_under_the_name_of_a_member_do_not_cost_it_the_link() {
    let mut victim = Victim::linked();
    for guess in 0..8 {
        let mut stranger = Stranger::with_words(&other_words());
        stranger.identity = Identity::generate(&mut Secrets::new([9 + guess; 32]));
        let (initiator, hello) = stranger.hello();
        let outputs = victim.hears(&KeyMessage::Hello(hello));
        let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
            assert!(guess >= 5, "{outputs:?}");
            assert_eq!(key_message(&outputs), Some(refused(RefusalReason::Closed)));
            continue;
        };
        assert!(guess < 5);
        let (_, proof) = stranger.proof(initiator, &share);
        let outputs = victim.hears(&KeyMessage::Proof(proof));
        let told = (u32::from(guess) + 1, guess == 4);
        assert_eq!(guesses(&outputs), Some(told));
        assert!(!closes(&outputs), "{outputs:?}");
    }
    assert_still_linked(&mut victim);
}

/// Somebody who knows the words, with the help of the server, comes under the name of one who is
/// here.
#[test]
fn who_is_here_is_not_replaced_by_another_of_the_same_name() {
    let mut victim = Victim::linked();
    let honest = (victim.keys.take(), victim.link);
    victim.identity = Identity::generate(&mut Secrets::new([9; 32]));
    let outputs = victim.meet();
    assert!(blames(&outputs), "{outputs:?}");
    assert!(!blames_and_closes(&outputs), "{outputs:?}");
    victim.identity = Identity::generate(&mut Secrets::new([1; 32]));
    (victim.keys, victim.link) = honest;
    assert_still_linked(&mut victim);
}

/// The answer to a proof was lost: it is said again, and nothing else comes of it.
#[test]
fn a_proof_that_is_said_again_is_answered_again() {
    let mut victim = Victim::alone();
    let mut stranger = Stranger::mallory();
    let (initiator, share) = greet(&mut victim, &mut stranger);
    let (_, proof) = stranger.proof(initiator, &share);
    let first = victim.hears(&KeyMessage::Proof(proof.clone()));
    let again = victim.hears(&KeyMessage::Proof(proof));
    assert_eq!(key_message(&first), key_message(&again));
    assert_eq!(again.len(), 1, "{again:?}");
}

/// The victim asks, Mallory answers, and both have keys.
#[test]
fn an_honest_answer_is_taken() {
    let (mut victim, hello) = Victim::asking();
    let (responder, share) = Stranger::mallory().share(&hello);
    let outputs = victim.hears(&KeyMessage::Share(share));
    let Some(KeyMessage::Proof(proof)) = key_message(&outputs) else {
        panic!("{outputs:?}");
    };
    victim.hears(&KeyMessage::Confirm(confirm(responder, &proof)));
    assert!(victim.shares_keys());
}

/// What somebody on the way does to a message.
type Change<T> = fn(&mut T);

fn greet(
    victim: &mut Victim,
    stranger: &mut Stranger,
) -> (snug_session::handshake::Initiator, KeyShare) {
    let (initiator, hello) = stranger.hello();
    let outputs = victim.hears(&KeyMessage::Hello(hello));
    let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
        panic!("a hello is answered with a share: {outputs:?}");
    };
    (initiator, share)
}

/// One of each, none of which belongs to any run; the hello first.
fn every_message() -> Vec<KeyMessage> {
    let nonce = || Nonce::new([3; 32]);
    let mut messages = vec![
        KeyMessage::Hello(KeyHello {
            versions: vec![1],
            words: true,
            identity: IdentityKey::new([4; 32]),
            commitment: Commitment::new([3; 32]),
        }),
        KeyMessage::Share(KeyShare {
            version: 1,
            words: true,
            identity: IdentityKey::new([4; 32]),
            nonce: nonce(),
            share: Share::new([5; 32]),
            answers: Commitment::new([3; 32]),
        }),
        KeyMessage::Proof(KeyProof {
            nonce: nonce(),
            share: Share::new([5; 32]),
            tag: Tag::new([6; 32]),
            signature: Signature::new([6; 64]),
            answers: nonce(),
        }),
        KeyMessage::Confirm(KeyConfirm {
            tag: Tag::new([6; 32]),
            signature: Signature::new([6; 64]),
            answers: nonce(),
        }),
    ];
    let reasons = [
        RefusalReason::WrongWords,
        RefusalReason::WordsNeeded,
        RefusalReason::OpenRoom,
        RefusalReason::Closed,
        RefusalReason::Version,
        RefusalReason::Other,
    ];
    messages.extend(reasons.map(refused));
    messages
}

fn assert_still_linked(victim: &mut Victim) {
    victim.control(&ControlFrame::Entry(mallorys(1, "still me")));
    assert_eq!(victim.texts(), ["still me"]);
    assert!(matches!(
        victim.status(),
        Some(LinkStatus::Connected { .. })
    ));
}

fn refused(reason: RefusalReason) -> KeyMessage {
    KeyMessage::Refused { reason }
}

fn other_words() -> Secret {
    Secret::Words(Words::from_entropy([6; 16]))
}

fn guesses(outputs: &[Output]) -> Option<(u32, bool)> {
    outputs.iter().find_map(|output| match output {
        Output::Event(Event::Guesses { wrong, closed }) => Some((*wrong, *closed)),
        _ => None,
    })
}

fn closes(outputs: &[Output]) -> bool {
    let closes = |output: &Output| matches!(output, Output::Link(_, LinkOutput::Close));
    outputs.iter().any(closes)
}

/// Handshakes that the victim began.
fn begun(outputs: &[Output]) -> usize {
    let hello = |output: &&Output| {
        let said = key_message(std::slice::from_ref(*output));
        matches!(said, Some(KeyMessage::Hello(_)))
    };
    outputs.iter().filter(hello).count()
}

/// Whether nothing was said or told.
fn quiet(outputs: &[Output]) -> bool {
    let arrival = |output: &Output| {
        let Output::Event(event) = output else {
            return false;
        };
        matches!(event, Event::PeerJoined { peer } if *peer == mallory())
            || matches!(
                event,
                Event::Link {
                    status: LinkStatus::Connecting,
                    ..
                }
            )
    };
    outputs.iter().all(arrival)
}

/// Whether nothing was said that depends on the words.
fn reveals_nothing(outputs: &[Output]) -> bool {
    !matches!(
        key_message(outputs),
        Some(KeyMessage::Proof(_) | KeyMessage::Confirm(_))
    )
}

/// The identity, and encodings that name no element (RFC 9496 §A.2, §A.3).
const DEGENERATE: [[u8; 32]; 4] = {
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    let mut negative = [0; 32];
    negative[0] = 1;
    [[0; 32], [0xff; 32], p, negative]
};
