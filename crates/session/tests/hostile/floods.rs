//! More said than anybody keeps.

use std::time::Duration;

use snug_protocol::{Body, ControlFrame, Entry, Hash, MessageId};
use snug_session::{Command, Event, Output};

use crate::{
    member::Member,
    victim::{Victim, blames, mallory, mallorys},
};

/// What a member says next follows what it said last, whatever it has had to forget meanwhile.
#[test]
fn a_flood_at_one_member_breaks_no_chain() {
    let mut victim = Victim::linked();
    let bob = Member::linked(&mut victim, "bob");
    let one = say(&mut victim, &bob, "one");
    flood(&mut victim, 1100, &"x".repeat(16 * 1024));
    let two = say(&mut victim, &bob, "two");
    assert_eq!((two.seq, two.previous), (2, one.hash()));
}

#[test]
fn a_flood_drowns_nobody() {
    let mut victim = Victim::linked();
    let mut bob = Member::linked(&mut victim, "bob");
    flood(&mut victim, 10_000, "x");
    let mut outputs = bob.say(&mut victim, "from bob", 5);
    let shown = |output: &Output| matches!(output, Output::Event(Event::Message(it)) if it.id.author == bob.name);
    assert!(outputs.iter().any(shown), "{outputs:?}");
    assert_eq!(victim.texts().first().map(String::as_str), Some("from bob"));
    outputs.extend(victim.let_pass(Duration::from_secs(1)));
    let receipt = ControlFrame::Receipt {
        delivered: 1,
        read: 0,
    };
    assert!(bob.hears(&outputs).contains(&receipt), "{outputs:?}");
}

/// What the log lets go of does not stay elsewhere.
#[test]
fn reactions_stay_no_longer_than_the_log_keeps_them() {
    let mut victim = Victim::linked();
    let to = MessageId {
        author: mallory(),
        seq: 12_001,
    };
    let mut previous = Hash::ZERO;
    for seq in 1..to.seq {
        let body = Body::Reaction {
            to: to.clone(),
            emoji: seq.to_string(),
            on: true,
        };
        let entry = Entry {
            previous,
            body,
            ..mallorys(seq, "")
        };
        previous = entry.hash();
        victim.control(&ControlFrame::Entry(entry));
    }
    let message = Entry {
        previous,
        ..mallorys(to.seq, "what they are about")
    };
    let outputs = victim.control(&ControlFrame::Entry(message));
    let reacted = |output: &&Output| matches!(output, Output::Event(Event::Reacted { .. }));
    // Together with the message as many as are kept of anything.
    assert_eq!(outputs.iter().filter(reacted).count(), 9_999);
}

/// Mallory says the same over and over, far ahead of everybody's time.
fn flood(victim: &mut Victim, count: u64, text: &str) {
    let mut previous = Hash::ZERO;
    for seq in 1..=count {
        let entry = Entry {
            previous,
            lamport: 1_000_000 + seq,
            ..mallorys(seq, text)
        };
        previous = entry.hash();
        assert!(!blames(&victim.control(&ControlFrame::Entry(entry))));
    }
}

/// What the victim says, as another member gets it.
fn say(victim: &mut Victim, to: &Member, text: &str) -> Entry {
    let body = Body::Text { text: text.into() };
    let outputs = victim.command(Command::Say { body, sent_at: 0 });
    let entry = to
        .hears(&outputs)
        .into_iter()
        .find_map(|frame| match frame {
            ControlFrame::Entry(entry) => Some(entry),
            _ => None,
        });
    entry.expect("it is said to everyone")
}
