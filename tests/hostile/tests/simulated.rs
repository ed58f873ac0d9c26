//! Every attack on sixty rooms. `cargo run -p snug-hostile -- simulate --seeds 2000` tries more.

use snug_hostile::{
    Attack, Knowledge,
    simulate::{Outcome, recorded_elsewhere, run, words_of},
};

/// Rooms for each attack: some seconds for all of them.
const ROOMS: u64 = 60;

macro_rules! attacks {
    ($($name:ident: $attack:ident,)*) => {
        $(#[test]
        fn $name() {
            attack(Attack::$attack);
        })*

        #[test]
        fn no_attack_is_forgotten() {
            let tried = [$(Attack::$attack),*];
            assert!(Attack::all().iter().all(|attack| tried.contains(attack)));
        }
    };
}

attacks! {
    intercepted_connections_are_refused: Intercept,
    changed_descriptions_open_nothing: FlipDescriptions,
    changed_handshakes_come_to_nothing: FlipKeys,
    nobody_is_taken_for_another: SwapPeers,
    nobody_is_taken_for_itself: Reflect,
    what_was_said_once_is_said_once: Replay,
    order_is_kept_or_restored: Reorder,
    half_of_the_messages_are_enough: DropHalf,
    lost_hellos_are_said: DropHello,
    lost_shares_are_said: DropShare,
    lost_proofs_are_counted: DropProof,
    lost_confirmations_are_counted: DropConfirm,
    lost_handshakes_are_said: DropKeys,
    lost_descriptions_leave_the_relayed_path: DropDescriptions,
    a_lost_relay_is_said: DropRelay,
    who_comes_unannounced_is_met: DropArrivals,
    who_leaves_unannounced_is_missed: DropDepartures,
    other_versions_are_refused: StripVersions,
    a_lower_version_is_refused: LowerVersion,
    words_cannot_be_taken_out: ClearWords,
    a_room_with_words_is_not_open: ClaimOpen,
    words_needed_is_a_hint: ClaimWordsNeeded,
    closed_is_a_hint: ClaimClosed,
    wrong_words_is_a_hint: ClaimWrongWords,
    two_halves_stay_two_rooms: SplitHalves,
    everybody_may_be_alone: SplitAll,
    two_kept_apart_are_told: SplitPair,
    who_is_said_to_have_left_is_met_again: Flap,
    members_who_never_were_stay_outside: Invent,
    guessing_in_between_ends_after_five: Guess,
    guessing_as_newcomers_ends_after_five: GuessAsNewcomer,
    changed_segments_are_sent_again: RelayFlip,
    repeated_segments_are_dropped: RelayReplay,
    shuffled_segments_are_sorted: RelayReorder,
    lost_segments_are_sent_again: RelayDrop,
    cut_segments_are_sent_again: RelayTruncate,
    all_of_it_at_once_is_no_worse: Chaos,
}

fn attack(attack: Attack) {
    let recorded = recorded_elsewhere();
    for seed in 0..ROOMS {
        let knowledge = Knowledge {
            recorded: recorded.clone(),
            words: None,
        };
        let outcome = run(attack, seed, knowledge);
        assert!(!outcome.is_breach(), "seed {seed}: {outcome:#?}");
    }
}

/// The judge is not blind: with the words, somebody in between is trusted, and found out by the
/// check strings alone.
#[test]
fn who_has_the_words_gets_in() {
    let found_out = |seed: &u64| {
        let knowledge = Knowledge {
            words: Some(words_of(*seed)),
            ..Knowledge::default()
        };
        let outcome: Outcome = run(Attack::Guess, *seed, knowledge);
        !outcome.false_links.is_empty()
    };
    let missed: Vec<u64> = (0..20).filter(|seed| !found_out(seed)).collect();
    assert_eq!(missed, [18], "rooms in which nobody was deceived");
}
