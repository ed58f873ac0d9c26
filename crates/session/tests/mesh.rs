//! Links that form, break and come back.

use std::time::Duration;

use snug_session::{Event, Intent, LinkStatus, Path, sim::Network};

fn links(net: &Network, node: usize) -> Vec<LinkStatus> {
    let statuses = net
        .node(node)
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Link { status, .. } => Some(*status),
            _ => None,
        });
    statuses.collect()
}

#[test]
fn a_link_is_verified_before_it_is_used() {
    let mut net = Network::new(1);
    net.full_room(2);
    let expected = [
        LinkStatus::Connecting,
        LinkStatus::Verifying,
        LinkStatus::Connecting,
        LinkStatus::Connected {
            verified: true,
            path: Path::Direct,
        },
    ];
    assert_eq!(links(&net, 0), expected);
    assert_eq!(links(&net, 1), expected);
}

/// Who comes offers, and learns from the answer that it must not suppose so much.
#[test]
fn a_plain_host_is_offered_a_plain_link() {
    for seed in 0..200 {
        let mut net = Network::new(seed);
        let first = net.join();
        net.make_plain(first);
        let second = net.join();
        assert!(net.run_until(Duration::from_secs(3), Network::is_fully_linked));
        let failed = |status: &LinkStatus| {
            !matches!(
                status,
                LinkStatus::Connecting | LinkStatus::Verifying | LinkStatus::Connected { .. }
            )
        };
        assert!(!links(&net, second).iter().any(failed), "seed {seed}");
        net.cut(first, second);
        net.run_for(Duration::from_mins(1));
        net.heal(first, second);
        assert!(
            net.run_until(Duration::from_secs(30), Network::is_fully_linked),
            "seed {seed}"
        );
    }
}

#[test]
fn eight_who_come_at_once_all_meet() {
    for seed in 0..200 {
        let mut net = Network::new(seed);
        let first = net.join();
        assert!(net.run_until(Duration::from_secs(5), |net| {
            net.node(first)
                .saw(|event| matches!(event, Event::Joined { .. }))
        }));
        for _ in 0..7 {
            net.join();
        }
        assert!(
            net.run_until(Duration::from_secs(30), Network::is_fully_linked),
            "seed {seed}"
        );
    }
}

/// Both offer at once after the server came back while nobody was linked.
#[test]
fn glare_ends_in_one_link() {
    for seed in 0..200 {
        let mut net = Network::new(seed);
        let first = net.join();
        net.run_for(Duration::from_secs(1));
        let second = net.join();
        net.cut(first, second);
        net.run_for(Duration::from_secs(40));
        net.restart_server(Duration::from_secs(1));
        net.heal_all();
        assert!(
            net.run_until(Duration::from_secs(30), Network::is_directly_linked),
            "seed {seed}"
        );
        net.say(first, "hello");
        net.run_for(Duration::from_secs(1));
        assert_eq!(net.node(second).texts(), ["hello"], "seed {seed}");
    }
}

#[test]
fn a_short_cut_heals_without_a_new_connection() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(2);
        net.cut(members[0], members[1]);
        net.run_for(Duration::from_secs(5));
        net.say(members[0], "meanwhile");
        assert!(!net.is_fully_linked());
        net.heal_all();
        assert!(
            net.run_until(Duration::from_secs(5), Network::is_fully_linked),
            "seed {seed}"
        );
        net.run_for(Duration::from_secs(1));
        assert_eq!(net.node(members[1]).texts(), ["meanwhile"], "seed {seed}");
        assert!(
            !links(&net, 0)[3..].contains(&LinkStatus::Verifying),
            "seed {seed}"
        );
    }
}

#[test]
fn a_new_address_restarts_ice() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(3);
        net.change_address(members[1]);
        net.say(members[1], "from elsewhere");
        net.run_for(Duration::from_secs(10));
        assert!(net.is_fully_linked(), "seed {seed}");
        assert_eq!(
            net.node(members[2]).texts(),
            ["from elsewhere"],
            "seed {seed}"
        );
    }
}

#[test]
fn everyone_is_back_within_ten_seconds_of_a_long_partition() {
    for seed in 0..100 {
        let mut net = Network::new(seed);
        let members = net.full_room(4);
        for pair in [(0, 2), (0, 3), (1, 2), (1, 3)] {
            net.cut(members[pair.0], members[pair.1]);
        }
        net.run_for(Duration::from_mins(1));
        net.heal_all();
        net.run_for(Duration::from_secs(12));
        assert!(net.is_fully_linked(), "seed {seed}");
    }
}

#[test]
fn a_peer_that_vanishes_is_missed_and_its_seat_is_free() {
    let mut net = Network::new(6);
    net.set_capacity(3);
    let members = net.full_room(3);
    net.kill(members[2]);
    let gone = net.node(members[2]).client().clone();
    let left = Event::PeerLeft {
        peer: gone,
        goodbye: false,
    };
    assert!(net.run_until(Duration::from_secs(90), |net| {
        [0, 1]
            .iter()
            .all(|member| net.node(*member).saw(|event| *event == left))
    }));
    net.join();
    assert!(net.run_until(Duration::from_secs(20), Network::is_fully_linked));
}

#[test]
fn a_peer_that_never_answers_is_said_to_be_out_of_reach() {
    let mut net = Network::new(7);
    let first = net.join();
    net.run_for(Duration::from_secs(1));
    let second = net.enter(Intent::Join(net.room().unwrap()));
    net.cut(first, second);
    net.drop_relayed();
    net.run_for(Duration::from_secs(90));
    assert!(links(&net, second).contains(&LinkStatus::Failed));
    net.heal_all();
    assert!(net.run_until(Duration::from_secs(30), Network::is_fully_linked));
}
