//! Whoever leaves properly is told from whoever vanishes, however early or badly it is linked.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_session::{
    Command, Event, LinkStatus, Path,
    sim::{Network, Node},
};

/// One member sees the link up and the other does not yet: it has no path to say goodbye on.
#[test]
fn who_leaves_before_its_own_link_is_up_says_goodbye() {
    let mut early = 0;
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let (stays, leaves) = two(&mut net, seed);
        assert!(net.run_until(MINUTE, |net| path(net, stays, leaves).is_some()));
        early += u32::from(path(&net, leaves, stays).is_none());
        net.command(leaves, Command::Leave);
        net.run_for(MINUTE);
        assert_eq!(departures(&net, stays, leaves), [true], "seed {seed}");
    }
    assert!(early > 0, "the other was always linked already");
}

/// The goodbye goes by a connection of which the other end still has to learn that it is up.
#[test]
fn who_leaves_on_a_connection_that_just_came_up_says_goodbye() {
    let mut early = 0;
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let (stays, leaves) = two(&mut net, seed);
        net.cut(stays, leaves);
        let meet = |net: &Network, by| {
            [(leaves, stays), (stays, leaves)].map(|(of, to)| path(net, of, to) == Some(by))
        };
        let relayed = |net: &Network| meet(net, Path::Relay) == [true; 2];
        assert!(net.run_until(MINUTE, relayed), "seed {seed}");
        net.heal(stays, leaves);
        let direct = |net: &Network| meet(net, Path::Direct)[0];
        assert!(net.run_until(5 * MINUTE, direct), "seed {seed}");
        early += u32::from(path(&net, stays, leaves) == Some(Path::Relay));
        net.say(leaves, "I have to go");
        net.command(leaves, Command::Leave);
        net.run_for(MINUTE);
        assert_eq!(departures(&net, stays, leaves), [true], "seed {seed}");
        assert_eq!(net.node(stays).texts(), ["I have to go"], "seed {seed}");
    }
    assert!(early > 0, "the other had always heard already");
}

/// The connection breaks with the goodbye in it.
#[test]
fn who_leaves_on_a_connection_that_breaks_says_goodbye() {
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let (stays, leaves) = two(&mut net, seed);
        let [direct, back] = [(stays, leaves), (leaves, stays)]
            .map(|(of, to)| move |net: &Network| path(net, of, to) == Some(Path::Direct));
        assert!(net.run_until(MINUTE, |net| direct(net) && back(net)));
        net.cut(stays, leaves);
        net.command(leaves, Command::Leave);
        net.run_for(MINUTE);
        assert_eq!(departures(&net, stays, leaves), [true], "seed {seed}");
    }
}

/// The member that stays is out of touch with the server, and hears of it when it is back if the
/// server knew that it is away.
#[test]
fn who_leaves_while_the_other_is_away_says_goodbye() {
    let mut heard = 0;
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let (stays, leaves) = two(&mut net, seed);
        assert!(net.run_until(MINUTE, |net| path(net, stays, leaves).is_some()));
        net.cut(stays, leaves);
        net.cut_server(stays);
        net.run_for(Duration::from_secs(15));
        net.command(leaves, Command::Leave);
        net.run_for(Duration::from_secs(2));
        net.heal_server(stays);
        net.run_for(2 * MINUTE);
        let departures = departures(&net, stays, leaves);
        assert_eq!(departures.len(), 1, "seed {seed}");
        heard += u32::from(departures == [true]);
    }
    assert!(heard > 0, "nobody has heard");
}

/// What the server still passes on of one who has left does not bring it back.
#[test]
fn who_has_left_is_not_seen_again() {
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let members = net.full_room(4);
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let leaves = members[rng.random_range(0..4)];
        // Candidates and acknowledgements are on their way when it leaves.
        net.command(leaves, Command::NetworkChanged);
        net.run_for(Duration::from_millis(rng.random_range(0..100)));
        net.command(leaves, Command::Leave);
        net.run_for(MINUTE);
        for stays in members.into_iter().filter(|member| *member != leaves) {
            assert_eq!(departures(&net, stays, leaves), [true], "seed {seed}");
            assert_eq!(arrivals(&net, stays, leaves), 1, "seed {seed}");
        }
    }
}

/// Whoever dies has not said goodbye.
#[test]
fn who_vanishes_has_not_said_goodbye() {
    for seed in 0..SEEDS {
        let mut net = Network::new(seed);
        let (stays, dies) = two(&mut net, seed);
        assert!(net.run_until(MINUTE, |net| path(net, stays, dies).is_some()));
        net.kill(dies);
        net.run_for(3 * MINUTE);
        assert_eq!(departures(&net, stays, dies), [false], "seed {seed}");
    }
}

/// Two members on their way to each other: one who stays, and one who will not.
fn two(net: &mut Network, seed: u64) -> (usize, usize) {
    let (first, second) = (net.join(), net.join());
    if seed.is_multiple_of(2) {
        (first, second)
    } else {
        (second, first)
    }
}

/// The path to a member that another one is told of.
fn path(net: &Network, of: usize, to: usize) -> Option<Path> {
    let to = net.node(to).client();
    let mut peers = net.node(of).session().peers();
    peers.find_map(|(peer, status)| match status {
        LinkStatus::Connected { path, .. } if peer == to => Some(path),
        _ => None,
    })
}

/// Whether each departure of one member, as another was told of it, had a goodbye.
fn departures(net: &Network, node: usize, who: usize) -> Vec<bool> {
    let gone = net.node(who).client();
    let goodbye = |event: &Event| match event {
        Event::PeerLeft { peer, goodbye } if peer == gone => Some(*goodbye),
        _ => None,
    };
    events(net.node(node)).filter_map(goodbye).collect()
}

/// How often one member was told that another is there.
fn arrivals(net: &Network, node: usize, who: usize) -> usize {
    let came = net.node(who).client();
    let joined = |event: &&Event| matches!(event, Event::PeerJoined { peer } if peer == came);
    events(net.node(node)).filter(joined).count()
}

fn events(node: &Node) -> impl Iterator<Item = &Event> {
    node.events().iter()
}

const SEEDS: u64 = 100;
const MINUTE: Duration = Duration::from_mins(1);
