//! Entries that are not what they seem, and too many of them.

use std::time::Duration;

use snug_protocol::{
    Body, ClientId, ControlFrame, Entry, Hash, Heads, MessageId, Roster, limits::MAX_CLOCK,
};
use snug_session::{Command, Event, Output};

use crate::victim::{Victim, blames, frames, mallory, mallorys, me};

#[test]
fn nobody_speaks_in_anothers_name() {
    let mut victim = Victim::linked();
    let forged = Entry {
        author: me(),
        ..mallorys(1, "I owe Mallory ten")
    };
    assert!(blames(&victim.control(&ControlFrame::Entry(forged))));
    assert!(victim.texts().is_empty());
}

#[test]
fn the_past_is_not_rewritten() {
    let mut victim = Victim::linked();
    let first = mallorys(1, "one");
    let second = Entry {
        previous: first.hash(),
        lamport: 2,
        ..mallorys(2, "two")
    };
    victim.control(&ControlFrame::Entry(first));
    let other_first = mallorys(1, "another");
    let unchained = Entry {
        previous: Hash::of(b"?"),
        ..second.clone()
    };
    for forgery in [other_first, unchained] {
        assert!(blames(&victim.control(&ControlFrame::Entry(forgery))));
    }
    assert!(!blames(
        &victim.control(&ControlFrame::Entry(second.clone()))
    ));
    assert!(
        !blames(&victim.control(&ControlFrame::Entry(second))),
        "a repetition is no lie"
    );
    assert_eq!(victim.texts(), ["one", "two"]);
}

#[test]
fn the_far_future_does_not_come() {
    let mut victim = Victim::linked();
    let future = Entry {
        lamport: MAX_CLOCK,
        ..mallorys(1, "last word")
    };
    assert!(blames(&victim.control(&ControlFrame::Entry(future))));
    victim.command(Command::Say {
        body: Body::Text {
            text: "hello".into(),
        },
        sent_at: 0,
    });
    assert!(victim.session.entries().all(|entry| entry.lamport < 10));
}

#[test]
fn only_the_author_edits_and_deletes() {
    let mut victim = Victim::linked();
    victim.command(Command::Say {
        body: Body::Text {
            text: "mine".into(),
        },
        sent_at: 0,
    });
    let to = MessageId {
        author: me(),
        seq: 1,
    };
    let edit = Body::Edit {
        to: to.clone(),
        text: "yours".into(),
    };
    let edit = Entry {
        body: edit,
        lamport: 2,
        ..mallorys(1, "")
    };
    let (previous, body) = (edit.hash(), Body::Delete { to });
    let delete = Entry {
        body,
        previous,
        seq: 2,
        lamport: 3,
        ..mallorys(2, "")
    };
    for entry in [edit, delete] {
        let outputs = victim.control(&ControlFrame::Entry(entry));
        let changed = |output: &Output| {
            matches!(
                output,
                Output::Event(Event::Edited { .. } | Event::Deleted { .. })
            )
        };
        assert!(!outputs.iter().any(changed), "{outputs:?}");
    }
    assert_eq!(victim.texts(), ["mine"]);
}

#[test]
fn a_flood_of_messages_is_kept_within_bounds() {
    let mut victim = Victim::linked();
    let mut previous = Hash::ZERO;
    for seq in 1..=20_000 {
        let entry = Entry {
            previous,
            lamport: seq,
            ..mallorys(seq, "flood")
        };
        previous = entry.hash();
        assert!(!blames(&victim.control(&ControlFrame::Entry(entry))));
    }
    assert_eq!(victim.session.entries().count(), 10_000);
}

/// A lie about how much was said makes no endless search.
#[test]
fn claims_without_end_are_asked_after_with_pauses() {
    let mut victim = Victim::linked();
    let somebody: ClientId = "somebody".parse().expect("an id");
    victim.control(&ControlFrame::Roster(Roster(vec![(
        somebody.clone(),
        victim.identity.key(),
    )])));
    victim.control(&ControlFrame::Heads(Heads(vec![
        (mallory(), MAX_CLOCK),
        (somebody, MAX_CLOCK),
    ])));
    let mut asked = 0;
    let start = victim.now;
    while victim.now.since(start) < Duration::from_mins(1) {
        let outputs = victim.pass_time();
        asked += frames(&outputs)
            .filter(|f| matches!(f, ControlFrame::Fetch { .. }))
            .count();
    }
    // Every three seconds for each of the two.
    assert!((1..=42).contains(&asked), "{asked} in a minute");
}

#[test]
fn people_without_end_are_not_remembered() {
    let mut victim = Victim::linked();
    for crowd in 0..100 {
        let nobody = |at| (format!("nobody-{crowd}-{at}").parse().expect("an id"), 1);
        victim.control(&ControlFrame::Heads(Heads((0..100).map(nobody).collect())));
    }
    let entry = Entry {
        author: "one-too-many".parse().expect("an id"),
        ..mallorys(1, "hello")
    };
    victim.control(&ControlFrame::Entry(entry));
    assert!(victim.texts().is_empty());
    victim.control(&ControlFrame::Entry(mallorys(1, "hello")));
    assert_eq!(
        victim.texts(),
        ["hello"],
        "those who are here are still heard"
    );
}
