//! Wrong words cost little, cannot be tried often, and harm nobody who is in the room.

mod fixture;
mod squatters;

use std::time::Duration;

use snug_protocol::{KeyMessage, Secret};
use snug_session::{Command, EndReason, Event, LinkStatus, Refusal, sim::Network};

use self::fixture::{
    ShowOne, ending, ever_connected, everyone_talks, few, guesses, hear_each_other, mistyped,
    proofs_of, right_words, watch, watch_and_drop, words,
};

#[test]
fn wrong_words_cost_one_guess_and_end_the_newcomer() {
    for seed in 0..100 {
        let mut net = Network::new(seed);
        let insiders = net.full_room(1 + few(seed, 7));
        let log = watch(&mut net);
        let stranger = mistyped(&mut net, 1);
        net.run_for(Duration::from_secs(30));
        assert_eq!(
            ending(&net, stranger),
            Some(&EndReason::KeptOut(Refusal::WrongWords)),
            "seed {seed}"
        );
        assert_eq!(proofs_of(&log, &net, stranger).len(), 1, "seed {seed}");
        for insider in insiders {
            assert_eq!(guesses(&net, insider), Some((1, false)), "seed {seed}");
            assert!(!ever_connected(&net, insider, stranger), "seed {seed}");
            assert!(!ever_connected(&net, stranger, insider), "seed {seed}");
        }
        assert!(everyone_talks(&mut net), "seed {seed}");
        // The right words are as good as before.
        right_words(&mut net, seed);
        net.join();
        assert!(
            net.run_until(Duration::from_secs(20), Network::is_fully_linked),
            "seed {seed}"
        );
    }
}

#[test]
fn five_guesses_close_the_room_for_newcomers_and_for_nobody_else() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let insiders = net.full_room(2 + few(seed, 3));
        for guess in 1..=5 {
            let stranger = mistyped(&mut net, guess);
            net.run_for(Duration::from_secs(30));
            assert_eq!(
                ending(&net, stranger),
                Some(&EndReason::KeptOut(Refusal::WrongWords)),
                "seed {seed}"
            );
            for insider in &insiders {
                let told = (u32::from(guess), guess == 5);
                assert_eq!(guesses(&net, *insider), Some(told), "seed {seed}");
            }
        }
        right_words(&mut net, seed);
        let late = net.join();
        net.run_for(Duration::from_secs(30));
        assert_eq!(
            ending(&net, late),
            Some(&EndReason::KeptOut(Refusal::Closed)),
            "seed {seed}"
        );
        assert!(everyone_talks(&mut net), "seed {seed}");
        net.restart_server(Duration::from_secs(1));
        net.cut(insiders[0], insiders[1]);
        net.run_for(Duration::from_secs(40));
        assert!(everyone_talks(&mut net), "seed {seed}");
    }
}

/// Wherever the guesses are made, all count them together.
#[test]
fn members_count_together() {
    for seed in 0..30 {
        let mut net = Network::new(seed);
        let insiders = net.full_room(4);
        for guess in 1..=5 {
            let shown = net.node(insiders[usize::from(guess) % 4]).client().clone();
            net.set_adversary(ShowOne(shown));
            let stranger = mistyped(&mut net, guess);
            net.run_for(Duration::from_secs(30));
            assert_eq!(
                ending(&net, stranger),
                Some(&EndReason::KeptOut(Refusal::WrongWords))
            );
            for insider in &insiders {
                let told = (u32::from(guess), guess == 5);
                assert_eq!(guesses(&net, *insider), Some(told), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_newcomer_reveals_its_proof_to_one_member_first() {
    for seed in 0..100 {
        let mut net = Network::new(seed);
        net.full_room(5);
        let log = watch(&mut net);
        let newcomer = net.join();
        assert!(
            net.run_until(Duration::from_secs(20), Network::is_fully_linked),
            "seed {seed}"
        );
        let id = net.node(newcomer).client().clone();
        let log = log.borrow();
        let answered = log
            .iter()
            .position(|said| said.to == id && said.is_confirm());
        let before = &log[..answered.expect("somebody let it in")];
        let proofs = before
            .iter()
            .filter(|said| said.from == id && said.is_proof());
        assert_eq!(proofs.count(), 1, "seed {seed}");
    }
}

/// Whoever got a proof can test a guess with it, whether they answer or not.
#[test]
fn proofs_that_nobody_answers_count_where_they_were_made() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let creator = net.join();
        net.run_for(Duration::from_secs(1));
        watch_and_drop(&mut net, |message| {
            matches!(message, KeyMessage::Confirm(_) | KeyMessage::Refused { .. })
        });
        let newcomer = net.join();
        let log = net.run_until(Duration::from_secs(17), |net| guesses(net, 1).is_some());
        assert!(log, "seed {seed}");
        net.run_for(Duration::from_mins(10));
        assert_eq!(guesses(&net, newcomer), Some((5, true)), "seed {seed}");
        assert_eq!(
            ending(&net, newcomer),
            Some(&EndReason::KeptOut(Refusal::Silent)),
            "seed {seed}"
        );
        assert!(!ever_connected(&net, newcomer, creator));
        assert!(!ever_connected(&net, creator, newcomer));
    }
}

#[test]
fn a_member_stops_revealing_proofs_after_five() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        net.full_room(2);
        let log = watch_and_drop(&mut net, |message| {
            matches!(message, KeyMessage::Confirm(_))
        });
        for _ in 0..4 {
            net.join();
        }
        net.run_for(Duration::from_mins(10));
        for member in 0..2 {
            let proofs = proofs_of(&log, &net, member);
            assert!(proofs.len() <= 5, "seed {seed}: {}", proofs.len());
        }
        assert!(hear_each_other(&mut net, &[0, 1]), "seed {seed}");
    }
}

#[test]
fn rooms_with_words_and_without_do_not_mix() {
    for (inside, outside, refusal) in [
        (words(1), Secret::Open, Refusal::WordsNeeded),
        (Secret::Open, words(1), Refusal::OpenRoom),
    ] {
        for seed in 0..30 {
            let mut net = Network::new(seed);
            net.set_secret(inside.clone());
            let insiders = net.full_room(1 + few(seed, 3));
            net.set_secret(outside.clone());
            let stranger = net.join();
            net.run_for(Duration::from_mins(2));
            assert_eq!(
                ending(&net, stranger),
                Some(&EndReason::KeptOut(refusal)),
                "seed {seed}"
            );
            for insider in insiders {
                assert_eq!(guesses(&net, insider), None, "seed {seed}");
                assert!(!ever_connected(&net, insider, stranger), "seed {seed}");
            }
            assert!(everyone_talks(&mut net), "seed {seed}");
        }
    }
}

/// Nobody in an open room is ever said to be verified.
#[test]
fn an_open_room_verifies_nobody() {
    for seed in 0..30 {
        let mut net = Network::new(seed);
        net.set_secret(Secret::Open);
        let members = net.full_room(3);
        for member in members {
            let verified = net.node(member).saw(|event| {
                matches!(
                    event,
                    Event::Link {
                        status: LinkStatus::Connected { verified: true, .. },
                        ..
                    }
                )
            });
            assert!(!verified, "seed {seed}");
        }
        assert!(everyone_talks(&mut net), "seed {seed}");
    }
}

/// The room is empty but for somebody with other words: neither can know who is right.
#[test]
fn two_with_different_words_part_with_a_reason() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let creator = net.join();
        net.run_for(Duration::from_secs(1));
        net.command(creator, Command::Leave);
        let first = mistyped(&mut net, 1);
        net.run_for(Duration::from_secs(5));
        assert_eq!(ending(&net, first), None, "alone, it waits");
        right_words(&mut net, seed);
        let second = net.join();
        net.run_for(Duration::from_secs(30));
        assert_eq!(
            ending(&net, second),
            Some(&EndReason::KeptOut(Refusal::WrongWords)),
            "seed {seed}"
        );
        assert_eq!(guesses(&net, first), Some((1, false)), "seed {seed}");
    }
}

#[test]
fn newcomers_who_come_at_once_all_get_in() {
    for seed in 0..100 {
        let mut net = Network::new(seed);
        net.join();
        net.run_until(Duration::from_secs(5), |net| net.room().is_some());
        for _ in 0..4 {
            net.join();
        }
        assert!(
            net.run_until(Duration::from_secs(30), Network::is_fully_linked),
            "seed {seed}"
        );
        assert!(
            (0..5).all(|member| guesses(&net, member).is_none()),
            "seed {seed}"
        );
    }
}

/// One of two who come at the same moment has mistyped.
#[test]
fn who_mistyped_leaves_and_who_did_not_stays() {
    for seed in 0..200 {
        let mut net = Network::new(seed);
        net.join();
        net.run_for(Duration::from_secs(1));
        let wrong = mistyped(&mut net, 1);
        right_words(&mut net, seed);
        let right = net.join();
        net.run_for(Duration::from_mins(1));
        assert_eq!(
            ending(&net, wrong),
            Some(&EndReason::KeptOut(Refusal::WrongWords)),
            "seed {seed}"
        );
        assert_eq!(ending(&net, right), None, "seed {seed}");
        assert!(net.is_fully_linked(), "seed {seed}");
        let (wrong, closed) = guesses(&net, right).unwrap_or_default();
        assert!(wrong <= 2 && !closed, "seed {seed}: {wrong}");
    }
}
