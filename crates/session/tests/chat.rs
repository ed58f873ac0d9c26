//! What members say to each other.

use std::time::Duration;

use snug_protocol::{Body, Profile};
use snug_session::{Command, CommandError, Event, sim::Network};

#[test]
fn replies_reactions_edits_and_deletes_reach_everyone() {
    let mut net = Network::new(1);
    let members = net.full_room(3);
    let first = net.say(members[0], "one");
    net.run_for(Duration::from_secs(1));
    net.send(
        members[1],
        Body::Reply {
            to: first.clone(),
            text: "two".into(),
        },
    );
    let thumb = Body::Reaction {
        to: first.clone(),
        emoji: "\u{1f44d}".into(),
        on: true,
    };
    net.send(members[2], thumb);
    net.send(
        members[0],
        Body::Edit {
            to: first.clone(),
            text: "uno".into(),
        },
    );
    let third = net.say(members[0], "three");
    net.run_for(Duration::from_secs(1));
    net.send(members[0], Body::Delete { to: third.clone() });
    net.run_for(Duration::from_secs(1));
    for member in members {
        let node = net.node(member);
        assert_eq!(node.texts(), ["uno", "two"]);
        assert!(
            node.saw(|event| matches!(event, Event::Reacted { id, on: true, .. } if *id == first))
        );
        assert!(node.saw(|event| *event == Event::Deleted { id: third.clone() }));
    }
}

#[test]
fn only_ones_own_messages_can_be_edited() {
    let mut net = Network::new(2);
    let members = net.full_room(2);
    let theirs = net.say(members[0], "mine");
    net.run_for(Duration::from_secs(1));
    for body in [
        Body::Edit {
            to: theirs.clone(),
            text: "changed".into(),
        },
        Body::Delete { to: theirs },
    ] {
        net.command(members[1], Command::Say { body, sent_at: 0 });
    }
    let refused = Event::Refused {
        reason: CommandError::NotYourMessage,
    };
    assert_eq!(
        net.node(members[1])
            .events()
            .iter()
            .filter(|e| **e == refused)
            .count(),
        2
    );
    net.run_for(Duration::from_secs(1));
    assert_eq!(net.node(members[0]).texts(), ["mine"]);
}

#[test]
fn texts_without_end_or_content_are_refused() {
    let mut net = Network::new(3);
    let members = net.full_room(2);
    for text in [String::new(), "x".repeat(16 * 1024 + 1)] {
        let body = Body::Text { text };
        net.command(members[0], Command::Say { body, sent_at: 0 });
    }
    let refused = |event: &&Event| {
        matches!(
            event,
            Event::Refused {
                reason: CommandError::InvalidBody(_)
            }
        )
    };
    assert_eq!(
        net.node(members[0]).events().iter().filter(refused).count(),
        2
    );
}

#[test]
fn receipts_tell_delivered_and_read() {
    let mut net = Network::new(4);
    let members = net.full_room(2);
    net.say(members[0], "one");
    net.say(members[0], "two");
    net.run_for(Duration::from_secs(1));
    let receipt = |delivered, read| move |event: &Event| matches!(event, Event::Receipt { delivered: d, read: r, .. } if (*d, *r) == (delivered, read));
    assert!(net.node(members[0]).saw(receipt(2, 0)));
    net.command(members[1], Command::MarkRead);
    net.run_for(Duration::from_secs(1));
    assert!(net.node(members[0]).saw(receipt(2, 2)));
}

#[test]
fn receipts_tell_nothing_of_what_was_said_before_somebody_came() {
    let mut net = Network::new(11);
    let ann = net.join();
    net.run_for(Duration::from_secs(5));
    for text in ["one", "two", "three"] {
        net.say(ann, text);
    }
    let ben = net.join();
    assert!(net.run_until(Duration::from_mins(1), Network::is_fully_linked));
    net.command(ben, Command::MarkRead);
    net.run_for(Duration::from_secs(2));
    let receipts = |net: &Network| -> Vec<(u64, u64)> {
        let events = net.node(ann).events().iter();
        let receipts = events.filter_map(|event| match event {
            Event::Receipt {
                delivered, read, ..
            } => Some((*delivered, *read)),
            _ => None,
        });
        receipts.collect()
    };
    assert_eq!(receipts(&net), []);
    net.say(ann, "four");
    net.run_for(Duration::from_secs(2));
    assert_eq!(receipts(&net), [(4, 0)]);
    net.command(ben, Command::MarkRead);
    net.run_for(Duration::from_secs(2));
    assert_eq!(receipts(&net), [(4, 0), (4, 4)]);
}

#[test]
fn what_is_said_on_the_way_in_reaches_whoever_is_there() {
    let mut net = Network::new(12);
    let ann = net.join();
    net.run_for(Duration::from_secs(5));
    let ben = net.join();
    net.say(ben, "on my way");
    assert!(net.run_until(Duration::from_mins(1), Network::is_fully_linked));
    net.run_for(Duration::from_secs(5));
    assert_eq!(net.node(ann).texts(), ["on my way"]);
}

#[test]
fn typing_shows_and_lapses() {
    let mut net = Network::new(5);
    let members = net.full_room(2);
    net.command(members[0], Command::Typing { on: true });
    net.run_for(Duration::from_secs(1));
    let typing = |on| move |event: &Event| matches!(event, Event::Typing { on: o, .. } if *o == on);
    assert!(net.node(members[1]).saw(typing(true)));
    assert!(!net.node(members[1]).saw(typing(false)));
    net.run_for(Duration::from_secs(7));
    assert!(net.node(members[1]).saw(typing(false)));
}

#[test]
fn a_new_name_reaches_everyone() {
    let mut net = Network::new(6);
    let members = net.full_room(2);
    let profile = Profile {
        nickname: "Ann".into(),
        ..Profile::default()
    };
    net.command(members[0], Command::SetProfile(profile));
    let too_long = Profile {
        nickname: "x".repeat(65),
        ..Profile::default()
    };
    net.command(members[1], Command::SetProfile(too_long));
    net.run_for(Duration::from_secs(1));
    let named = |event: &Event| matches!(event, Event::Profile { profile, .. } if profile.nickname == "Ann");
    assert!(net.node(members[1]).saw(named));
    assert!(net.node(members[1]).saw(|e| *e
        == Event::Refused {
            reason: CommandError::NicknameTooLong
        }));
}

#[test]
fn a_newcomer_gets_nothing_from_before() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(3);
        for member in &members {
            net.say(*member, "before");
        }
        net.run_for(Duration::from_secs(5));
        let late = net.join();
        assert!(net.run_until(Duration::from_secs(20), Network::is_fully_linked));
        net.say(members[0], "after");
        net.run_for(Duration::from_secs(5));
        assert_eq!(net.node(late).texts(), ["after"], "seed {seed}");
        assert!(
            !net.node(late)
                .saw(|event| matches!(event, Event::Missing { .. })),
            "seed {seed}"
        );
    }
}

/// Whoever speaks before a link is up is heard once it is, and nothing was missing meanwhile.
#[test]
fn what_is_said_on_the_way_in_is_not_missing() {
    for seed in 0..20 {
        let mut net = Network::new(seed);
        let first = net.full_room(1)[0];
        let late = net.join();
        net.run_for(Duration::from_millis(50));
        net.say(late, "hi");
        net.run_for(Duration::from_secs(20));
        assert_eq!(net.node(first).texts(), ["hi"], "seed {seed}");
        assert!(
            !net.node(first)
                .saw(|event| matches!(event, Event::Missing { .. })),
            "seed {seed}"
        );
    }
}

/// The edge between two members is cut: what one says reaches the other through the third, and
/// the hole is said meanwhile.
#[test]
fn a_hole_is_said_and_filled_by_whoever_has_it() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(3);
        net.drop_relayed();
        net.cut(members[0], members[1]);
        net.run_for(Duration::from_secs(15));
        net.say(members[0], "round the corner");
        net.run_for(Duration::from_secs(8));
        assert_eq!(
            net.node(members[1]).texts(),
            ["round the corner"],
            "seed {seed}"
        );
        let author = net.node(members[0]).client().clone();
        let missing = |count| Event::Missing {
            author: author.clone(),
            count,
        };
        assert!(
            net.node(members[1]).saw(|event| *event == missing(1)),
            "seed {seed}"
        );
        assert!(
            net.node(members[1]).saw(|event| *event == missing(0)),
            "seed {seed}"
        );
    }
}

/// Two members never get a link to each other; what one says reaches the other all the same.
#[test]
fn a_member_never_met_is_heard_through_others() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(2);
        net.say(members[0], "before");
        net.run_for(Duration::from_secs(5));
        net.cut(members[0], 2);
        let late = net.join();
        net.run_for(Duration::from_secs(5));
        net.say(members[0], "hello");
        net.run_for(Duration::from_secs(10));
        assert_eq!(net.node(late).texts(), ["hello"], "seed {seed}");
        net.say(late, "hello back");
        net.run_for(Duration::from_secs(10));
        assert_eq!(
            net.node(members[0]).texts().last().map(String::as_str),
            Some("hello back")
        );
    }
}

/// The same, and the one that is never met had said nothing before.
#[test]
fn a_member_never_met_is_heard_from_its_first_word() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(2);
        net.cut(members[0], 2);
        let late = net.join();
        net.run_for(Duration::from_secs(5));
        net.say(members[0], "first");
        net.run_for(Duration::from_secs(10));
        assert_eq!(net.node(late).texts(), ["first"], "seed {seed}");
    }
}
