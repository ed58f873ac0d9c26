//! Into the room, and back into it.

use std::time::Duration;

use snug_session::{EndReason, Event, Intent, ServerStatus, sim::Network};

#[test]
fn two_members_meet() {
    let mut net = Network::new(1);
    let members = net.full_room(2);
    let names = |event: &Event| matches!(event, Event::Profile { profile, .. } if profile.nickname == "peer 1");
    assert!(net.node(members[0]).saw(names));
    assert!(
        net.node(members[1])
            .saw(|event| matches!(event, Event::Joined { peers, .. } if peers.len() == 1))
    );
}

#[test]
fn a_room_that_never_was_is_not_found() {
    let mut net = Network::new(2);
    let lost = net.enter(Intent::Join("ZZZZZZ".parse().unwrap()));
    net.run_for(Duration::from_secs(5));
    let ended = |event: &Event| *event == Event::Ended(EndReason::RoomNotFound);
    assert!(net.node(lost).saw(ended));
}

#[test]
fn a_full_room_is_not_found() {
    let mut net = Network::new(3);
    net.set_capacity(2);
    net.full_room(2);
    let third = net.join();
    net.run_for(Duration::from_secs(5));
    let ended = |event: &Event| *event == Event::Ended(EndReason::RoomNotFound);
    assert!(net.node(third).saw(ended));
}

#[test]
fn a_server_out_of_reach_is_said_after_a_few_tries() {
    let mut net = Network::new(4);
    let first = net.enter(Intent::Create { capacity: None });
    net.cut_server(first);
    net.run_for(Duration::from_secs(5));
    let ended = |event: &Event| matches!(event, Event::Ended(EndReason::ServerUnreachable(_)));
    assert!(net.node(first).saw(ended));
}

#[test]
fn links_live_while_the_server_is_away_and_all_are_back_when_it_returns() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = net.full_room(4);
        net.restart_server(Duration::from_secs(20));
        net.run_for(Duration::from_secs(10));
        assert!(net.is_fully_linked(), "seed {seed}");
        net.say(members[0], "still here");
        net.run_for(Duration::from_secs(30));
        for member in &members {
            assert_eq!(net.node(*member).texts(), ["still here"], "seed {seed}");
            let last = net
                .node(*member)
                .events()
                .iter()
                .rev()
                .find_map(|event| match event {
                    Event::Server(status) => Some(status.clone()),
                    _ => None,
                });
            assert_eq!(last, Some(ServerStatus::Online), "seed {seed}");
            let parted = |event: &Event| matches!(event, Event::PeerLeft { .. });
            assert!(!net.node(*member).saw(parted), "seed {seed}");
        }
        let late = net.join();
        assert!(
            net.run_until(Duration::from_secs(20), Network::is_fully_linked),
            "seed {seed}"
        );
        net.say(late, "hello");
        net.run_for(Duration::from_secs(2));
        assert_eq!(
            net.node(members[3]).texts(),
            ["still here", "hello"],
            "seed {seed}"
        );
    }
}

#[test]
fn who_leaves_says_goodbye() {
    let mut net = Network::new(5);
    let members = net.full_room(3);
    net.command(members[1], snug_session::Command::Leave);
    net.run_for(Duration::from_secs(1));
    assert_eq!(
        net.node(members[1]).events().last(),
        Some(&Event::Ended(EndReason::Left))
    );
    for other in [members[0], members[2]] {
        let gone = net.node(members[1]).client().clone();
        let left = Event::PeerLeft {
            peer: gone,
            goodbye: true,
        };
        assert!(net.node(other).saw(|event| *event == left));
    }
}
