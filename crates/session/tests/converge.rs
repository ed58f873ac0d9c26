//! Whatever happens to the network, everyone ends with the same conversation.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::Entry;
use snug_session::{Event, sim::Network};

/// Cuts, heals, drops the server, moves members, and lets everyone talk through it.
fn storm(seed: u64, members: usize) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0x5eed);
    let mut net = Network::new(seed);
    net.set_loss([0.0, 0.01, 0.05, 0.2][rng.random_range(0..4)]);
    let everyone = net.full_room(members);
    let mut said = 0;
    for _ in 0..rng.random_range(3..8) {
        stir(&mut net, &mut rng, members);
        for _ in 0..rng.random_range(0..4) {
            let speaker = everyone[rng.random_range(0..members)];
            net.say(speaker, &format!("{said}"));
            said += 1;
            net.run_for(Duration::from_millis(rng.random_range(0..3_000)));
        }
        net.run_for(Duration::from_millis(rng.random_range(0..20_000)));
    }
    net.heal_all();
    let whole = |net: &Network| {
        net.is_fully_linked()
            && everyone
                .iter()
                .all(|node| net.node(*node).session().entries().count() == said)
    };
    let converged = net.run_until(Duration::from_mins(1), whole);
    let counts: Vec<_> = everyone
        .iter()
        .map(|node| net.node(*node).session().entries().count())
        .collect();
    assert!(
        converged,
        "seed {seed}, {members} members: {counts:?} of {said}"
    );
    net.run_for(Duration::from_secs(10));
    check(&net, &everyone, said, seed);
}

fn stir(net: &mut Network, rng: &mut ChaCha12Rng, members: usize) {
    let any = |rng: &mut ChaCha12Rng| rng.random_range(0..members);
    match rng.random_range(0..10) {
        0..4 => {
            let (a, b) = (any(rng), any(rng));
            if a != b {
                net.cut(a, b);
            }
        }
        4 => {
            // A whole side falls off.
            let side: Vec<bool> = (0..members).map(|_| rng.random()).collect();
            for a in 0..members {
                for b in a + 1..members {
                    if side[a] != side[b] {
                        net.cut(a, b);
                    }
                }
            }
        }
        5 => net.cut_server(any(rng)),
        6 => net.heal_server(any(rng)),
        7 => net.restart_server(Duration::from_millis(rng.random_range(100..15_000))),
        8 => net.change_address(any(rng)),
        _ => net.heal_all(),
    }
}

fn check(net: &Network, everyone: &[usize], said: usize, seed: u64) {
    let log = |node: usize| {
        net.node(node)
            .session()
            .entries()
            .cloned()
            .collect::<Vec<Entry>>()
    };
    let first = log(everyone[0]);
    for node in everyone {
        assert_eq!(log(*node), first, "seed {seed}");
        let told = net.node(*node).events();
        let messages = told
            .iter()
            .filter(|event| matches!(event, Event::Message(_)));
        assert_eq!(
            messages.count(),
            said,
            "seed {seed}: each message is told once"
        );
        let reproach = told
            .iter()
            .find(|event| matches!(event, Event::Misbehaved { .. }));
        assert_eq!(reproach, None, "seed {seed}");
        let missing = told.iter().rev().find_map(|event| match event {
            Event::Missing { count, .. } => Some(*count),
            _ => None,
        });
        assert!(
            missing.is_none_or(|count| count == 0),
            "seed {seed}: {missing:?} still missing"
        );
    }
}

#[test]
fn rooms_of_two_converge() {
    (0..1000).for_each(|seed| storm(seed, 2));
}

#[test]
fn rooms_of_four_converge() {
    (0..1000).for_each(|seed| storm(seed, 4));
}

#[test]
fn rooms_of_eight_converge() {
    (0..1000).for_each(|seed| storm(seed, 8));
}
