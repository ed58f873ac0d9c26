//! Two who cannot connect talk through the server, and notice it by the speed alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    FileName, Hash, Manifest, MessageId, Offer, Preview, TransferId, limits::PIECE_BYTES,
};
use snug_session::{Command, Event, LinkStatus, Path, Selection, Source, sim::Network};

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn two_who_cannot_connect_talk_within_four_seconds() {
    for seed in 0..300 {
        let mut net = Network::new(seed);
        let members = relayed_pair(&mut net);
        let relayed = |net: &Network| paths(net, &members) == [Some(Path::Relay); 2];
        assert!(
            net.run_until(Duration::from_secs(4), relayed),
            "seed {seed}"
        );
        for member in members {
            net.say(member, &format!("from {member}"));
        }
        net.run_for(Duration::from_secs(1));
        for member in members {
            assert_eq!(net.node(member).texts().len(), 2, "seed {seed}");
        }
    }
}

#[test]
fn files_arrive_byte_by_byte() {
    let lengths = [0, 1, 32 * 1024 + 1, PIECE_BYTES, 3 * PIECE_BYTES + 7];
    for (seed, len) in (0..).zip(lengths) {
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let transfer = net.offer(members[0], "picture.jpg", file(len));
        accept(&mut net, members[1], transfer);
        let whole = net.run_until(MINUTE, |net| received(net, members[1], transfer));
        assert!(whole, "{len} bytes");
        let arrived = net.node(members[1]).store().received(transfer);
        assert_eq!(arrived, Some(&*file(len)));
    }
}

/// A picture on its way takes the pace, but not the conversation.
#[test]
fn what_is_said_does_not_wait_for_a_file() {
    let mut net = Network::new(5);
    let members = up(relayed_pair(&mut net), &mut net);
    let transfer = net.offer(members[0], "film.mp4", file(20 * PIECE_BYTES));
    accept(&mut net, members[1], transfer);
    for said in 1..=10 {
        net.run_for(Duration::from_millis(777));
        net.say(members[0], &format!("{said}"));
        let heard = |net: &Network| net.node(members[1]).texts().len() == said;
        assert!(net.run_until(Duration::from_secs(1), heard), "{said}");
    }
    assert!(!received(&net, members[1], transfer));
    assert!(net.run_until(MINUTE, |net| received(net, members[1], transfer)));
}

#[test]
fn lost_sockets_and_restarts_cost_nothing_that_was_said() {
    for seed in 0..300 {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0x50c);
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let mut said = 0;
        for _ in 0..rng.random_range(2..6) {
            said += talk(&mut net, &mut rng, members);
            let member = members[rng.random_range(0..2)];
            match rng.random_range(0..3) {
                0 => net.restart_server(Duration::from_millis(rng.random_range(100..20_000))),
                1 => net.cut_server(member),
                _ => net.heal_server(member),
            }
            said += talk(&mut net, &mut rng, members);
        }
        for member in members {
            net.heal_server(member);
        }
        assert_converged(&mut net, members, said, seed);
        assert_told_in_order(&net, members, seed);
    }
}

#[test]
fn a_file_survives_lost_sockets() {
    for seed in 0..20 {
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let transfer = net.offer(members[0], "film.mp4", file(8 * PIECE_BYTES));
        accept(&mut net, members[1], transfer);
        net.run_for(Duration::from_secs(2));
        net.restart_server(Duration::from_secs(3));
        net.run_for(Duration::from_secs(9));
        net.cut_server(members[0]);
        net.run_for(Duration::from_secs(2));
        net.heal_server(members[0]);
        let whole = net.run_until(2 * MINUTE, |net| received(net, members[1], transfer));
        assert!(whole, "seed {seed}");
        let arrived = net.node(members[1]).store().received(transfer);
        assert_eq!(arrived, Some(&*file(8 * PIECE_BYTES)), "seed {seed}");
    }
}

#[test]
fn a_direct_path_takes_over_and_gives_way_as_often_as_it_likes() {
    for seed in 0..300 {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0xd1);
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let mut said = 0;
        for round in 0..4 {
            net.heal(members[0], members[1]);
            let direct = |net: &Network| paths(net, &members) == [Some(Path::Direct); 2];
            let taken = net.run_until(Duration::from_secs(10), direct);
            assert!(
                taken,
                "seed {seed}, round {round}: {:?}",
                paths(&net, &members)
            );
            said += talk(&mut net, &mut rng, members);
            net.cut(members[0], members[1]);
            said += talk(&mut net, &mut rng, members);
            let relayed = |net: &Network| paths(net, &members) == [Some(Path::Relay); 2];
            let given = net.run_until(Duration::from_secs(30), relayed);
            assert!(
                given,
                "seed {seed}, round {round}: {:?}",
                paths(&net, &members)
            );
        }
        assert_converged(&mut net, members, said, seed);
    }
}

/// One side closes the relayed path a moment before the direct one is lost, the other after.
#[test]
fn paths_that_end_at_different_moments_are_opened_anew_and_stay() {
    for seed in 0..20 {
        for pause in 0..60 {
            let mut net = Network::new(seed);
            let members = up(relayed_pair(&mut net), &mut net);
            net.heal(members[0], members[1]);
            let direct = |net: &Network| paths(net, &members) == [Some(Path::Direct); 2];
            assert!(net.run_until(Duration::from_secs(10), direct));
            // Given up ten seconds later, give or take: that is when the relayed path is closed.
            net.run_for(Duration::from_millis(700 + 10 * pause));
            net.cut(members[0], members[1]);
            net.run_for(Duration::from_secs(20));
            assert_eq!(paths(&net, &members), [Some(Path::Relay); 2]);
            for member in members {
                // Relayed, direct, on what is left of the relayed path, relayed.
                let taken = paths_taken(&net, member);
                assert!(taken.len() <= 4, "seed {seed}, pause {pause}: {taken:?}");
            }
        }
    }
}

/// The path comes and goes faster than either side finds out.
#[test]
fn a_path_that_flickers_loses_nothing() {
    for seed in 0..300 {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0xf11);
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let mut said = 0;
        for _ in 0..rng.random_range(4..12) {
            match rng.random_range(0..5) {
                0 | 1 => net.heal(members[0], members[1]),
                2 | 3 => net.cut(members[0], members[1]),
                _ => net.restart_server(Duration::from_millis(rng.random_range(100..5_000))),
            }
            said += talk(&mut net, &mut rng, members);
        }
        if rng.random() {
            net.heal_all();
        } else {
            net.cut(members[0], members[1]);
        }
        assert_converged(&mut net, members, said, seed);
    }
}

#[test]
fn a_file_moves_on_by_whichever_path_there_is() {
    for seed in 0..30 {
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        let transfer = net.offer(members[0], "film.mp4", file(12 * PIECE_BYTES));
        accept(&mut net, members[1], transfer);
        net.run_for(Duration::from_secs(3));
        net.heal_all();
        net.run_for(Duration::from_millis(100 * seed));
        net.cut(members[0], members[1]);
        let whole = net.run_until(2 * MINUTE, |net| received(net, members[1], transfer));
        assert!(whole, "seed {seed}");
        let arrived = net.node(members[1]).store().received(transfer);
        assert_eq!(arrived, Some(&*file(12 * PIECE_BYTES)), "seed {seed}");
    }
}

#[test]
fn members_who_hide_their_addresses_are_relayed_at_once() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let open = net.join();
        net.run_for(Duration::from_secs(1));
        net.set_relay_only(true);
        let hidden = [net.join(), net.join()];
        net.run_for(Duration::from_secs(2));
        for (a, b) in [(open, hidden[0]), (hidden[1], open), (hidden[0], hidden[1])] {
            assert_eq!(paths(&net, &[a, b]), [Some(Path::Relay); 2], "seed {seed}");
        }
        net.say(hidden[0], "hello");
        let transfer = net.offer(hidden[1], "picture.jpg", file(PIECE_BYTES));
        accept(&mut net, open, transfer);
        assert!(net.run_until(MINUTE, |net| received(net, open, transfer)));
        for member in [open, hidden[0], hidden[1]] {
            assert_eq!(net.node(member).texts(), ["hello"], "seed {seed}");
        }
    }
}

#[test]
fn one_pair_of_three_may_be_cut() {
    for seed in 0..100 {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let mut net = Network::new(seed);
        net.cut(0, 2);
        let members = net.full_room(3);
        assert_eq!(paths(&net, &[0, 2]), [Some(Path::Relay); 2], "seed {seed}");
        assert_eq!(paths(&net, &[0, 1]), [Some(Path::Direct); 2], "seed {seed}");
        let mut said = 0;
        for _ in 0..4 {
            for pair in [[0, 2], [1, 2], [0, 1]] {
                said += talk(&mut net, &mut rng, pair);
            }
        }
        net.run_for(Duration::from_secs(10));
        for member in members {
            assert_eq!(told(&net, member).len(), said, "seed {seed}");
            let split = net
                .node(member)
                .saw(|event| matches!(event, Event::Split { .. }));
            assert!(!split, "seed {seed}");
        }
    }
}

#[test]
fn who_leaves_while_relayed_departs_on_both_sides() {
    for seed in 0..100 {
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        net.say(members[1], "bye");
        net.command(members[1], Command::Leave);
        net.run_for(Duration::from_secs(2));
        assert_eq!(left(&net, members[0], members[1]), [true], "seed {seed}");
        assert_eq!(net.node(members[0]).texts(), ["bye"], "seed {seed}");
        assert_eq!(net.node(members[0]).session().peers().count(), 0);
    }
}

#[test]
fn who_dies_while_relayed_is_missed() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let members = up(relayed_pair(&mut net), &mut net);
        net.kill(members[1]);
        net.run_for(2 * MINUTE);
        assert_eq!(left(&net, members[0], members[1]), [false], "seed {seed}");
        assert_eq!(net.node(members[0]).session().peers().count(), 0);
    }
}

/// What waits for a peer that acknowledges nothing is bounded, and nothing of it is lost.
#[test]
fn a_path_that_swallows_everything_is_given_up() {
    let mut net = Network::new(1);
    let members = up(relayed_pair(&mut net), &mut net);
    net.drop_relayed();
    let text = "x".repeat(1024);
    let mut said = 0;
    while paths(&net, &members)[0].is_some() {
        net.say(members[0], &text);
        said += 1;
        assert!(
            said * text.len() < 1100 * 1024,
            "more than a mebibyte waits"
        );
    }
    assert!(
        said * text.len() > 800 * 1024,
        "{said} messages are not much"
    );
    net.pass_relayed();
    let whole = |net: &Network| net.node(members[1]).texts().len() == said;
    assert!(
        net.run_until(MINUTE, whole),
        "{}",
        net.node(members[1]).texts().len()
    );
    assert_converged(&mut net, members, said, 1);
}

/// Even a peer that says nothing at all: the path is given up a minute later.
#[test]
fn silence_is_noticed() {
    let mut net = Network::new(2);
    let members = up(relayed_pair(&mut net), &mut net);
    net.drop_relayed();
    net.say(members[0], "anybody there?");
    let status = |net: &Network| status(net, members[0], members[1]);
    net.run_for(Duration::from_secs(55));
    assert!(matches!(status(&net), Some(LinkStatus::Connected { .. })));
    net.run_for(Duration::from_secs(10));
    assert!(!matches!(status(&net), Some(LinkStatus::Connected { .. })));
    net.pass_relayed();
    assert_converged(&mut net, members, 1, 2);
}

/// Whether offered while the other is there or before it comes, they do not crowd the path out.
#[test]
fn hundreds_of_pictures_on_offer_are_told_of_beside_what_is_said() {
    for seed in 0..4 {
        let mut net = Network::new(seed);
        net.set_relay_only(true);
        let first = net.join();
        net.run_for(Duration::from_secs(1));
        for number in 0..200 {
            offer_picture(&mut net, first, number);
        }
        let second = net.join();
        let up = |net: &Network| paths(net, &[first, second]) == [Some(Path::Relay); 2];
        assert!(net.run_until(Duration::from_secs(5), up), "seed {seed}");
        for number in 200..400 {
            offer_picture(&mut net, first, number);
        }
        for (said, member) in (1..=10).zip([first, second].into_iter().cycle()) {
            net.say(member, &format!("{said}"));
            let heard = |net: &Network| {
                let mut both = [first, second].into_iter();
                both.all(|member| net.node(member).texts().len() == said)
            };
            assert!(net.run_until(Duration::from_secs(1), heard), "seed {seed}");
        }
        let told = |net: &Network| offers_told(net, second) == 400;
        assert!(!told(&net) && net.run_until(MINUTE, told), "seed {seed}");
        assert_eq!(paths_taken(&net, second).len(), 1, "seed {seed}");
    }
}

/// Two members with no path between them but the server.
fn relayed_pair(net: &mut Network) -> [usize; 2] {
    net.cut(0, 1);
    [net.join(), net.join()]
}

fn up(members: [usize; 2], net: &mut Network) -> [usize; 2] {
    let relayed = |net: &Network| paths(net, &members) == [Some(Path::Relay); 2];
    assert!(net.run_until(Duration::from_secs(5), relayed));
    members
}

/// Somebody of the two says something a few times.
fn talk(net: &mut Network, rng: &mut ChaCha12Rng, members: [usize; 2]) -> usize {
    let times = rng.random_range(0..5);
    for _ in 0..times {
        let speaker = members[rng.random_range(0..2)];
        let at = net.now();
        net.say(speaker, &format!("{speaker} at {at:?}"));
        net.run_for(Duration::from_millis(rng.random_range(1..4_000)));
    }
    times
}

/// Everybody has been told everything once, and has it in the same order.
fn assert_converged(net: &mut Network, members: [usize; 2], said: usize, seed: u64) {
    let whole = |net: &Network| members.map(|member| told(net, member).len()) == [said; 2];
    net.run_until(MINUTE, whole);
    net.run_for(Duration::from_secs(15));
    for member in members {
        let told = told(net, member);
        let once: BTreeSet<_> = told.iter().collect();
        let numbers = (told.len(), once.len());
        assert_eq!(numbers, (said, said), "seed {seed}, member {member}");
    }
    let texts = members.map(|member| net.node(member).texts());
    assert_eq!(texts[0], texts[1], "seed {seed}");
}

/// Nobody was told anything before what its author had said earlier.
fn assert_told_in_order(net: &Network, members: [usize; 2], seed: u64) {
    for member in members {
        let mut last = BTreeMap::new();
        for MessageId { author, seq } in told(net, member) {
            let before = last.insert(author, seq).unwrap_or(0);
            assert_eq!(seq, before + 1, "seed {seed}, member {member}");
        }
    }
}

/// The messages that a person was told, in the order of the telling.
fn told(net: &Network, node: usize) -> Vec<MessageId> {
    let messages = net
        .node(node)
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(message.id.clone()),
            _ => None,
        });
    messages.collect()
}

/// Whether each departure of one member, as another saw it, had a goodbye.
fn left(net: &Network, node: usize, who: usize) -> Vec<bool> {
    let gone = net.node(who).client();
    let departures = net
        .node(node)
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::PeerLeft { peer, goodbye } if peer == gone => Some(*goodbye),
            _ => None,
        });
    departures.collect()
}

fn paths(net: &Network, [a, b]: &[usize; 2]) -> [Option<Path>; 2] {
    [(*a, *b), (*b, *a)].map(|(of, to)| match status(net, of, to) {
        Some(LinkStatus::Connected {
            path,
            verified: true,
        }) => Some(path),
        _ => None,
    })
}

/// The paths that a member was told of, one after the other.
fn paths_taken(net: &Network, node: usize) -> Vec<Path> {
    let taken = net
        .node(node)
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Link {
                status: LinkStatus::Connected { path, .. },
                ..
            } => Some(*path),
            _ => None,
        });
    taken.collect()
}

fn status(net: &Network, of: usize, to: usize) -> Option<LinkStatus> {
    let to = net.node(to).client();
    let mut peers = net.node(of).session().peers();
    peers.find_map(|(peer, status)| (peer == to).then_some(status))
}

fn accept(net: &mut Network, node: usize, transfer: TransferId) {
    let offered =
        |event: &Event| matches!(event, Event::Offered { transfer: t, .. } if *t == transfer);
    assert!(net.run_until(MINUTE, |net| net.node(node).saw(offered)));
    let selection = Selection::All;
    net.command(
        node,
        Command::Accept {
            transfer,
            selection,
        },
    );
}

/// A member offers a picture with a small picture of it.
fn offer_picture(net: &mut Network, node: usize, number: u32) {
    let hashes = [Hash::of(&number.to_be_bytes())];
    let manifest = Manifest::from_hashes(1000, &hashes).expect("one piece");
    let preview = Preview {
        thumbnail: Some(vec![0; 12 * 1024]),
        ..Preview::default()
    };
    let offer = Offer {
        preview: Some(preview),
        ..Offer::of_file(FileName::sanitize(&format!("{number}.jpg")), manifest)
    };
    let source = Source {
        offer,
        listing: Bytes::new(),
        hashes: hashes.into(),
    };
    net.command(node, Command::Offer(source));
}

fn offers_told(net: &Network, node: usize) -> usize {
    let events = net.node(node).events().iter();
    let offers = events.filter(|event| matches!(event, Event::Offered { .. }));
    offers.count()
}

fn received(net: &Network, node: usize, transfer: TransferId) -> bool {
    let done =
        |event: &Event| matches!(event, Event::Received { transfer: t, .. } if *t == transfer);
    net.node(node).saw(done)
}

fn file(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| (at * 7 + at / 251).to_le_bytes()[0])
        .collect()
}
