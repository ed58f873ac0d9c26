//! What a member claims about others: who they are, what they said, how often they guessed.

use std::time::Duration;

use snug_protocol::{ControlFrame, Entry, IdentityKey, KeyMessage, Roster, limits::ROSTER_MEMBERS};
use snug_session::{
    Command, Event, Output,
    handshake::{Identity, Secrets},
};

use crate::{
    stranger::Stranger,
    victim::{Victim, blames, key_message, mallory, mallorys, me, room},
};

/// 59
#[test]
fn an_entry_that_its_author_did_not_sign_is_no_entry() {
    let mut victim = Victim::linked();
    let mut tampered = victim.sign(mallorys(1, "ten"));
    tampered.body = mallorys(1, "ten thousand").body;
    let other = Identity::generate(&mut Secrets::new([9; 32]));
    let mut resigned = mallorys(1, "by another key");
    resigned.signature = other.sign(room(), &resigned.hash());
    let mut elsewhere = mallorys(1, "said in another room");
    let another = "ZZZZZZ".parse().expect("a room");
    elsewhere.signature = victim.identity.sign(another, &elsewhere.hash());
    for forged in [tampered, resigned, elsewhere] {
        assert!(blames(&victim.control(&ControlFrame::Entry(forged))));
        assert!(victim.texts().is_empty());
    }
    victim.control(&ControlFrame::Entry(mallorys(1, "as it was")));
    assert_eq!(victim.texts(), ["as it was"]);
}

/// 59: Mallory signs with its own key what it says that Bob has said.
#[test]
fn another_members_entry_signed_anew_is_no_entry() {
    let mut victim = Victim::linked();
    let bob = meet_another(&mut victim, "bob");
    let bobs = Entry {
        author: bob.parties.me.clone(),
        ..mallorys(1, "bob owes mallory ten")
    };
    let forged = victim.sign(bobs.clone());
    assert!(blames(&victim.control(&ControlFrame::Entry(forged))));
    assert!(victim.texts().is_empty());
    // What Bob has signed may come by way of Mallory.
    let signature = bob.identity.sign(room(), &bobs.hash());
    victim.control(&ControlFrame::Entry(Entry { signature, ..bobs }));
    assert_eq!(victim.texts(), ["bob owes mallory ten"]);
}

#[test]
fn somebody_whom_nobody_has_met_says_nothing() {
    let mut victim = Victim::linked();
    let author = "somebody".parse().expect("an id");
    let entry = Entry {
        author,
        ..mallorys(1, "boo")
    };
    let entry = victim.sign(entry);
    assert!(blames(&victim.control(&ControlFrame::Entry(entry))));
    assert!(victim.texts().is_empty());
}

/// 59
#[test]
fn the_last_moment_of_time_does_not_come() {
    for lamport in [u64::MAX, u64::MAX - 1, 1 << 63] {
        let mut victim = Victim::linked();
        let entry = Entry {
            lamport,
            ..mallorys(1, "last word")
        };
        victim.control(&ControlFrame::Entry(entry));
        assert!(victim.texts().is_empty());
        let own = |victim: &Victim| victim.session.entries().map(|it| it.lamport).max();
        victim.command(Command::Say {
            body: mallorys(1, "mine").body,
            sent_at: 0,
        });
        assert!(own(&victim) < Some(10));
    }
}

#[test]
fn nobody_is_told_who_they_are() {
    let mut victim = Victim::linked();
    for somebody in [me(), mallory()] {
        let lie = Roster(vec![(somebody.clone(), IdentityKey::new([9; 32]))]);
        let outputs = victim.control(&ControlFrame::Roster(lie));
        assert!(blames(&outputs), "{somebody}: {outputs:?}");
    }
    // Its signature is what it was.
    victim.control(&ControlFrame::Entry(mallorys(1, "still me")));
    assert_eq!(victim.texts(), ["still me"]);
}

/// Whom the victim meets itself is who they are, whatever was said of them before.
#[test]
fn a_lie_about_somebody_comes_out_when_they_are_met() {
    let mut victim = Victim::linked();
    let name = "bob".parse().expect("an id");
    let lie = Roster(vec![(name, victim.identity.key())]);
    assert!(!blames(&victim.control(&ControlFrame::Roster(lie))));
    let outputs = {
        let mut bob = Stranger::named("bob".parse().expect("an id"), &words(), room());
        bob.identity = Identity::generate(&mut Secrets::new([3; 32]));
        shake(&mut victim, &mut bob)
    };
    let blamed = |output: &Output| matches!(output, Output::Event(Event::Misbehaved { peer, .. }) if *peer == mallory());
    assert!(outputs.iter().any(blamed), "{outputs:?}");
    // From now on Mallory does not speak for Bob.
    let forged = victim.sign(Entry {
        author: "bob".parse().expect("an id"),
        ..mallorys(1, "I am Bob")
    });
    assert!(blames(&victim.control(&ControlFrame::Entry(forged))));
    assert!(victim.texts().is_empty());
}

/// Names without end do not push out those who have been met.
#[test]
fn people_who_never_were_push_out_nobody() {
    let mut victim = Victim::linked();
    let bob = meet_another(&mut victim, "-bob");
    victim.let_pass(Duration::from_secs(1));
    victim.leaves(&bob.parties.me);
    for crowd in 0..60 {
        let nobody = |at| {
            let name = format!("nobody-{crowd}-{at:02}").parse().expect("an id");
            (name, IdentityKey::new([9; 32]))
        };
        let names = (0..ROSTER_MEMBERS).map(nobody).collect();
        assert!(!blames(
            &victim.control(&ControlFrame::Roster(Roster(names)))
        ));
    }
    let entry = Entry {
        author: bob.parties.me.clone(),
        ..mallorys(1, "before I left")
    };
    let signature = bob.identity.sign(room(), &entry.hash());
    victim.control(&ControlFrame::Entry(Entry { signature, ..entry }));
    assert_eq!(victim.texts(), ["before I left"]);
}

/// Somebody said to be here whom the victim does not meet is asked about, once.
#[test]
fn invented_people_are_said_to_be_kept_apart() {
    let mut victim = Victim::linked();
    let ghost = || "ghost".parse().expect("an id");
    let roster = Roster(vec![(ghost(), IdentityKey::new([9; 32]))]);
    let splits = |outputs: &[Output]| -> Vec<_> {
        let splits = outputs.iter().filter_map(|output| match output {
            Output::Event(Event::Split { peers }) => Some(peers.clone()),
            _ => None,
        });
        splits.collect()
    };
    let mut told = Vec::new();
    for _ in 0..20 {
        told.extend(splits(
            &victim.control(&ControlFrame::Roster(roster.clone())),
        ));
        told.extend(splits(&victim.let_pass(Duration::from_secs(5))));
    }
    assert_eq!(told, [vec![ghost()]]);
    let nobody = victim.control(&ControlFrame::Roster(Roster(Vec::new())));
    assert_eq!(splits(&nobody), [Vec::new()]);
}

/// A member can close the room to newcomers by lying, and do no more.
#[test]
fn a_lie_about_guesses_closes_the_door_alone() {
    let mut victim = Victim::linked();
    let outputs = victim.control(&ControlFrame::Guesses { wrong: u32::MAX });
    let closed = |output: &Output| {
        matches!(
            output,
            Output::Event(Event::Guesses {
                wrong: 5,
                closed: true
            })
        )
    };
    assert!(outputs.iter().any(closed), "{outputs:?}");
    // What was counted stays counted.
    victim.control(&ControlFrame::Guesses { wrong: 0 });
    let name = "newcomer".parse().expect("an id");
    let (_, hello) = Stranger::named(name, &words(), room()).hello();
    let name = "newcomer".parse().expect("an id");
    let outputs = victim.forward_from(&name, &KeyMessage::Hello(hello).encode());
    let reason = snug_protocol::RefusalReason::Closed;
    assert_eq!(key_message(&outputs), Some(KeyMessage::Refused { reason }));
    victim.control(&ControlFrame::Entry(mallorys(1, "still here")));
    assert_eq!(victim.texts(), ["still here"]);
}

fn words() -> snug_protocol::Secret {
    crate::victim::words()
}

/// Another member meets the victim.
fn meet_another(victim: &mut Victim, name: &str) -> Stranger {
    let mut other = Stranger::named(name.parse().expect("an id"), &words(), room());
    other.identity = Identity::generate(&mut Secrets::new([3; 32]));
    shake(victim, &mut other);
    other
}

fn shake(victim: &mut Victim, other: &mut Stranger) -> Vec<Output> {
    let name = other.parties.me.clone();
    let (initiator, hello) = other.hello();
    let outputs = victim.forward_from(&name, &KeyMessage::Hello(hello).encode());
    let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
        panic!("{outputs:?}");
    };
    let (_, proof) = other.proof(initiator, &share);
    victim.forward_from(&name, &KeyMessage::Proof(proof).encode())
}
