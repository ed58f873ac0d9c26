//! Things said in the name of somebody whom the victim has not met yet.

use snug_protocol::{Body, ClientId, ControlFrame, Entry, Hash, IdentityKey, MessageId, Roster};
use snug_session::{Event, Output};

use crate::{
    member::Member,
    victim::{Victim, blames, mallory, mallorys},
};

#[test]
fn what_was_forged_is_taken_back_when_its_author_is_met() {
    let mut victim = Victim::linked();
    victim.control(&ControlFrame::Entry(mallorys(1, "mine")));
    speak_for_bob(&mut victim);
    let bob = Member::linked(&mut victim, "bob");
    assert!(is_told(
        &bob.arrival,
        &Event::Deleted {
            id: message(&bob, 1)
        }
    ));
    assert!(is_told(
        &bob.arrival,
        &Event::Deleted {
            id: message(&bob, 2)
        }
    ));
    let taken_back = Event::Reacted {
        id: MessageId {
            author: mallory(),
            seq: 1,
        },
        peer: bob.name.clone(),
        emoji: "!".into(),
        on: false,
    };
    assert!(is_told(&bob.arrival, &taken_back), "{:?}", bob.arrival);
    assert_eq!(victim.texts(), ["mine"]);
}

#[test]
fn nobody_is_silenced_by_what_was_forged_before_they_were_met() {
    let mut victim = Victim::linked();
    speak_for_bob(&mut victim);
    hears_bob(&mut victim);
}

/// Mallory makes the victim forget that it was told who Bob is.
#[test]
fn nobody_is_silenced_by_a_lie_that_was_forgotten() {
    let mut victim = Victim::linked();
    speak_for_bob(&mut victim);
    for crowd in 0..20 {
        let nobody = |at| format!("nobody-{crowd:02}-{at:02}").parse().expect("an id");
        let crowd: Vec<_> = (0..60).map(nobody).collect();
        tell_keys(&mut victim, &crowd);
    }
    hears_bob(&mut victim);
}

/// What others told of Bob was true, and what came by way of them is his.
#[test]
fn what_is_genuine_stays() {
    let mut bob = Member::named("bob");
    let mut victim = Victim::linked();
    let told = Roster(vec![(bob.name.clone(), bob.key())]);
    victim.control(&ControlFrame::Roster(told));
    let entry = bob.write(
        Body::Text {
            text: "mine".into(),
        },
        1,
    );
    victim.control(&ControlFrame::Entry(entry));
    let mut bob = bob.link_to(&mut victim);
    let deleted = |output: &Output| matches!(output, Output::Event(Event::Deleted { .. }));
    assert!(!bob.arrival.iter().any(deleted), "{:?}", bob.arrival);
    assert!(!blames(&bob.say(&mut victim, "still mine", 2)));
    assert_eq!(victim.texts(), ["mine", "still mine"]);
}

fn hears_bob(victim: &mut Victim) {
    let mut bob = Member::linked(victim, "bob");
    for lamport in 11..15 {
        let outputs = bob.say(victim, &lamport.to_string(), lamport);
        assert!(!blames(&outputs), "{outputs:?}");
    }
    assert_eq!(victim.texts(), ["11", "12", "13", "14"]);
    let outputs = victim.let_pass(std::time::Duration::from_secs(10));
    let missing = |output: &Output| matches!(output, Output::Event(Event::Missing { .. }));
    assert!(!outputs.iter().any(missing), "{outputs:?}");
}

/// Mallory says that its key is Bob's, and what Bob has said.
fn speak_for_bob(victim: &mut Victim) {
    let bob: ClientId = "bob".parse().expect("an id");
    tell_keys(victim, std::slice::from_ref(&bob));
    let text = |text: &str| Body::Text { text: text.into() };
    let reaction = Body::Reaction {
        to: MessageId {
            author: mallory(),
            seq: 1,
        },
        emoji: "!".into(),
        on: true,
    };
    let mut previous = Hash::ZERO;
    for (seq, body) in (1..).zip([text("forged"), text("forged too"), reaction]) {
        let entry = Entry {
            author: bob.clone(),
            previous,
            lamport: seq + 1,
            body,
            ..mallorys(seq, "")
        };
        previous = entry.hash();
        assert!(!blames(&victim.control(&ControlFrame::Entry(entry))));
    }
}

/// Mallory says that its key is theirs.
fn tell_keys(victim: &mut Victim, names: &[ClientId]) {
    let key = victim.identity.key();
    let members: Vec<(ClientId, IdentityKey)> = names.iter().map(|it| (it.clone(), key)).collect();
    assert!(!blames(
        &victim.control(&ControlFrame::Roster(Roster(members)))
    ));
}

fn message(by: &Member, seq: u64) -> MessageId {
    MessageId {
        author: by.name.clone(),
        seq,
    }
}

fn is_told(outputs: &[Output], event: &Event) -> bool {
    let is_it = |output: &Output| matches!(output, Output::Event(it) if it == event);
    outputs.iter().any(is_it)
}
