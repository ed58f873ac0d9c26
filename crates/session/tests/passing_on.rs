//! Files whose sender has left: who comes then gets them from those who have parts of them.

use std::{collections::BTreeSet, time::Duration};

use snug_protocol::{TransferId, limits::PIECE_BYTES};
use snug_session::{Command, Event, Selection, sim::Network};

const MINUTE: Duration = Duration::from_mins(1);

/// 20 Mbit/s.
const UPLINK: u64 = 2_500_000;

#[test]
fn a_newcomer_gets_it_from_those_who_wanted_different_parts() {
    for dies in [false, true] {
        let mut net = Network::new(1);
        let members = net.full_room(3);
        let (first, second) = (vec![1; 3 * PIECE_BYTES], vec![2; 2 * PIECE_BYTES]);
        let files = [("folder/a", first), ("folder/b", second)];
        let bytes: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let files = files.map(|(path, bytes)| (path, Some(bytes)));
        let transfer = net.offer_all(members[0], "folder", &files);
        accept(&mut net, members[1], transfer, &[0]);
        accept(&mut net, members[2], transfer, &[1]);
        assert!(net.run_until(MINUTE, |net| all_have(net, &members[1..], transfer)));
        if dies {
            net.kill(members[0]);
        } else {
            net.command(members[0], Command::Leave);
        }
        // Whether or not those who are there know already that the sender is gone.
        net.run_for(Duration::from_secs(1));
        let late = net.join();
        accept(&mut net, late, transfer, &[0, 1]);
        assert!(net.run_until(MINUTE, |net| all_have(net, &[late], transfer)));
        assert_eq!(net.node(late).store().received(transfer), Some(&*bytes));
    }
}

#[test]
fn what_is_still_arriving_is_passed_on_and_the_rest_told() {
    let mut net = Network::new(2);
    net.set_uplink(UPLINK);
    let members = net.full_room(2);
    let bytes = vec![7; 20 * PIECE_BYTES];
    let transfer = net.offer(members[0], "video.mp4", bytes.clone());
    accept(&mut net, members[1], transfer, &[0]);
    net.run_for(Duration::from_secs(4));
    net.command(members[0], Command::Leave);
    net.run_for(Duration::from_secs(1));
    let late = net.join();
    accept(&mut net, late, transfer, &[0]);
    net.run_for(MINUTE);
    let here = net.node(members[1]).store().pieces(transfer);
    assert!(!here.is_empty());
    assert_eq!(net.node(late).store().pieces(transfer), here);
    let lacks = (20 - here.len() as u64) * PIECE_BYTES as u64;
    let told = |event: &Event| matches!(event, Event::Stranded { transfer: t, missing } if *t == transfer && *missing == lacks);
    assert!(net.node(late).saw(told) && net.node(members[1]).saw(told));
    let again = net.join();
    net.run_for(Duration::from_secs(2));
    net.offer(again, "video.mp4", bytes.clone());
    let both = [members[1], late];
    assert!(net.run_until(MINUTE, |net| all_have(net, &both, transfer)));
    assert_eq!(net.node(late).store().received(transfer), Some(&*bytes));
}

#[test]
fn who_has_not_decided_yet_may_still_take_what_others_have() {
    let mut net = Network::new(3);
    net.set_uplink(UPLINK);
    let members = net.full_room(3);
    let transfer = net.offer(members[0], "video.mp4", vec![7; 8 * PIECE_BYTES]);
    accept(&mut net, members[1], transfer, &[0]);
    net.run_for(Duration::from_secs(2));
    net.command(members[0], Command::Leave);
    net.run_for(Duration::from_secs(5));
    accept(&mut net, members[2], transfer, &[0]);
    net.run_for(MINUTE);
    let here = net.node(members[1]).store().pieces(transfer);
    assert!(!here.is_empty());
    assert_eq!(net.node(members[2]).store().pieces(transfer), here);
}

#[test]
fn an_offer_ends_with_the_last_who_has_anything_of_it() {
    for cancels in [false, true] {
        let mut net = Network::new(4);
        net.set_uplink(UPLINK);
        let members = net.full_room(3);
        let transfer = net.offer(members[0], "video.mp4", vec![7; 8 * PIECE_BYTES]);
        accept(&mut net, members[1], transfer, &[0]);
        net.run_for(Duration::from_secs(2));
        let withdrawn = |net: &Network| {
            net.node(members[2]).saw(
                |event| matches!(event, Event::OfferWithdrawn { transfer: t, .. } if *t == transfer),
            )
        };
        net.command(members[0], Command::Leave);
        net.run_for(Duration::from_secs(5));
        assert!(!withdrawn(&net));
        let last = if cancels {
            Command::Cancel { transfer }
        } else {
            Command::Leave
        };
        net.command(members[1], last);
        net.run_for(Duration::from_secs(5));
        assert!(withdrawn(&net));
    }
}

fn accept(net: &mut Network, node: usize, transfer: TransferId, items: &[usize]) {
    let offered =
        |event: &Event| matches!(event, Event::Offered { transfer: t, .. } if *t == transfer);
    assert!(net.run_until(MINUTE, |net| net.node(node).saw(offered)));
    let items: BTreeSet<usize> = items.iter().copied().collect();
    let accept = Command::Accept {
        transfer,
        selection: Selection::Items(items),
    };
    net.command(node, accept);
}

fn all_have(net: &Network, members: &[usize], transfer: TransferId) -> bool {
    let received =
        |event: &Event| matches!(event, Event::Received { transfer: t, .. } if *t == transfer);
    members.iter().all(|member| net.node(*member).saw(received))
}
