//! Files, pulled piece by piece.

use std::time::Duration;

use snug_protocol::{StopReason, TransferId, limits::PIECE_BYTES};
use snug_session::{Command, Event, Selection, TransferError, sim::Network};

const MINUTE: Duration = Duration::from_mins(1);

fn file(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| u8::try_from((at * 7 + at / 251) % 256).expect("a byte"))
        .collect()
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

fn received(net: &Network, node: usize, transfer: TransferId) -> bool {
    net.node(node)
        .saw(|event| matches!(event, Event::Received { transfer: t, .. } if *t == transfer))
}

fn failure(net: &Network, node: usize) -> Option<TransferError> {
    net.node(node)
        .events()
        .iter()
        .find_map(|event| match event {
            Event::TransferFailed { reason, .. } => Some(reason.clone()),
            _ => None,
        })
}

#[test]
fn files_of_every_length_arrive_whole() {
    let lengths = [
        0,
        1,
        32 * 1024,
        32 * 1024 + 1,
        PIECE_BYTES - 1,
        PIECE_BYTES,
        5 * PIECE_BYTES + 7,
    ];
    for (seed, len) in (0..).zip(lengths) {
        let mut net = Network::new(seed);
        let members = net.full_room(2);
        let transfer = net.offer(members[0], "video.mp4", file(len));
        accept(&mut net, members[1], transfer);
        assert!(
            net.run_until(10 * MINUTE, |net| received(net, members[1], transfer)),
            "{len}"
        );
        assert_eq!(
            net.node(members[1]).store().received(transfer),
            Some(&*file(len))
        );
        net.run_for(Duration::from_secs(1));
        let to = net.node(members[1]).client().clone();
        assert!(net.node(members[0]).saw(|e| *e
            == Event::Delivered {
                transfer,
                to: to.clone()
            }));
    }
}

#[test]
fn who_comes_later_is_offered_it_too() {
    let mut net = Network::new(2);
    let first = net.join();
    net.run_for(Duration::from_secs(1));
    let transfer = net.offer(first, "late.bin", file(10));
    let late = net.join();
    accept(&mut net, late, transfer);
    assert!(net.run_until(MINUTE, |net| received(net, late, transfer)));
}

#[test]
fn a_cut_stalls_and_the_rest_follows() {
    for seed in 0..10 {
        for cut in [2, 6, 40] {
            let mut net = Network::new(seed);
            let members = net.full_room(2);
            let transfer = net.offer(members[0], "video.mp4", file(12 * PIECE_BYTES));
            accept(&mut net, members[1], transfer);
            net.run_for(Duration::from_millis(500));
            net.drop_relayed();
            net.cut(members[0], members[1]);
            net.run_for(Duration::from_secs(cut));
            assert!(!received(&net, members[1], transfer));
            net.heal_all();
            let whole = net.run_until(10 * MINUTE, |net| received(net, members[1], transfer));
            assert!(whole, "seed {seed}, cut {cut}");
            assert_eq!(
                net.node(members[1]).store().received(transfer),
                Some(&*file(12 * PIECE_BYTES))
            );
            let twice = (0..12).map(|piece| net.node(members[0]).store().reads(transfer, piece));
            assert!(twice.max() <= Some(2), "seed {seed}, cut {cut}");
        }
    }
}

#[test]
fn a_sender_that_lies_is_found_out() {
    let mut net = Network::new(3);
    let members = net.full_room(2);
    let transfer = net.offer(members[0], "lie.bin", file(3 * PIECE_BYTES));
    net.node_mut(members[0]).store_mut().lie();
    accept(&mut net, members[1], transfer);
    assert!(net.run_until(MINUTE, |net| failure(net, members[1]).is_some()));
    assert_eq!(failure(&net, members[1]), Some(TransferError::Corrupt));
    assert_eq!(net.node(members[1]).store().unfinished(), 0);
    net.run_for(Duration::from_secs(1));
    let told = Some(TransferError::Stopped(StopReason::Corrupt));
    assert_eq!(failure(&net, members[0]), told);
}

#[test]
fn a_second_source_takes_over_from_one_that_lies() {
    let mut net = Network::new(4);
    let members = net.full_room(3);
    let transfer = net.offer(members[0], "twice.bin", file(3 * PIECE_BYTES));
    assert_eq!(
        net.offer(members[2], "twice.bin", file(3 * PIECE_BYTES)),
        transfer
    );
    net.node_mut(members[0]).store_mut().lie();
    net.run_for(Duration::from_secs(1));
    accept(&mut net, members[1], transfer);
    assert!(net.run_until(MINUTE, |net| received(net, members[1], transfer)));
    assert_eq!(
        net.node(members[1]).store().received(transfer),
        Some(&*file(3 * PIECE_BYTES))
    );
}

#[test]
fn either_side_can_stop() {
    for receiver_stops in [true, false] {
        let mut net = Network::new(5);
        let members = net.full_room(2);
        let transfer = net.offer(members[0], "long.bin", file(40 * PIECE_BYTES));
        accept(&mut net, members[1], transfer);
        net.run_for(Duration::from_millis(300));
        let (who, other) = if receiver_stops { (1, 0) } else { (0, 1) };
        net.command(members[who], Command::Cancel { transfer });
        net.run_for(Duration::from_secs(2));
        assert_eq!(failure(&net, members[who]), Some(TransferError::Cancelled));
        let stopped = Some(TransferError::Stopped(StopReason::Cancelled));
        assert_eq!(failure(&net, members[other]), stopped);
        assert_eq!(net.node(members[1]).store().unfinished(), 0);
    }
}

#[test]
fn an_offer_can_be_declined_or_withdrawn() {
    let mut net = Network::new(6);
    let members = net.full_room(2);
    let unwanted = net.offer(members[0], "a", file(1));
    let withdrawn = net.offer(members[0], "b", file(1));
    net.run_for(Duration::from_secs(1));
    net.command(members[1], Command::Decline { transfer: unwanted });
    net.command(
        members[0],
        Command::Cancel {
            transfer: withdrawn,
        },
    );
    net.run_for(Duration::from_secs(1));
    assert!(
        net.node(members[0])
            .saw(|e| matches!(e, Event::Declined { transfer, .. } if *transfer == unwanted))
    );
    assert!(
        net.node(members[1])
            .saw(|e| matches!(e, Event::OfferWithdrawn { transfer, .. } if *transfer == withdrawn))
    );
}

#[test]
fn a_full_disk_is_said_at_both_ends() {
    let mut net = Network::new(7);
    let members = net.full_room(2);
    let transfer = net.offer(members[0], "big.bin", file(4 * PIECE_BYTES));
    net.node_mut(members[1]).store_mut().fill_up();
    accept(&mut net, members[1], transfer);
    net.run_for(Duration::from_secs(2));
    assert!(matches!(
        failure(&net, members[1]),
        Some(TransferError::Storage(_))
    ));
    let told = Some(TransferError::Stopped(StopReason::StorageFailed));
    assert_eq!(failure(&net, members[0]), told);
}

#[test]
fn a_source_that_vanishes_is_said_at_both_ends() {
    let mut net = Network::new(8);
    let members = net.full_room(2);
    let transfer = net.offer(members[0], "gone.bin", file(4 * PIECE_BYTES));
    net.node_mut(members[0]).store_mut().lose_source(transfer);
    accept(&mut net, members[1], transfer);
    net.run_for(Duration::from_secs(2));
    let told = Some(TransferError::Stopped(StopReason::SourceChanged));
    assert_eq!(failure(&net, members[1]), told);
    assert!(matches!(
        failure(&net, members[0]),
        Some(TransferError::Source(_))
    ));
}

#[test]
fn a_sender_that_dies_strands_the_transfer_and_nothing_else() {
    let mut net = Network::new(9);
    let members = net.full_room(3);
    let doomed = net.offer(members[0], "doomed.bin", file(40 * PIECE_BYTES));
    let other = net.offer(members[2], "other.bin", file(2 * PIECE_BYTES));
    accept(&mut net, members[1], doomed);
    accept(&mut net, members[1], other);
    net.run_for(Duration::from_millis(300));
    net.kill(members[0]);
    let stranded = |event: &Event| matches!(event, Event::Stranded { transfer, missing } if *transfer == doomed && *missing > 0);
    assert!(net.run_until(2 * MINUTE, |net| net.node(members[1]).saw(stranded)));
    assert!(received(&net, members[1], other));
    assert_eq!(
        failure(&net, members[1]),
        None,
        "somebody may yet offer it again"
    );
}

#[test]
fn hundreds_of_small_files_all_arrive() {
    let mut net = Network::new(10);
    let members = net.full_room(2);
    let transfers: Vec<_> = (0..300)
        .map(|at| net.offer(members[0], &format!("{at}.txt"), file(at)))
        .collect();
    for transfer in &transfers {
        accept(&mut net, members[1], *transfer);
    }
    for transfer in &transfers {
        assert!(net.run_until(MINUTE, |net| received(net, members[1], *transfer)));
    }
}

#[test]
fn lost_packets_cost_time_and_nothing_else() {
    let taken = |loss| {
        let mut net = Network::new(11);
        let members = net.full_room(2);
        net.set_loss(loss);
        let transfer = net.offer(members[0], "video.mp4", file(3 * PIECE_BYTES));
        accept(&mut net, members[1], transfer);
        assert!(net.run_until(10 * MINUTE, |net| received(net, members[1], transfer)));
        let arrived = net.node(members[1]).store().received(transfer);
        assert_eq!(arrived, Some(&*file(3 * PIECE_BYTES)));
        net.now()
    };
    assert!(taken(0.2) > taken(0.0) + Duration::from_secs(1));
}

/// Storm 1936.
#[test]
fn who_wants_only_empty_files_needs_nobody() {
    let mut net = Network::new(12);
    let members = net.full_room(2);
    let files = [
        ("folder/big", Some(file(3 * PIECE_BYTES))),
        ("folder/empty", Some(Vec::new())),
    ];
    let transfer = net.offer_all(members[0], "folder", &files);
    net.run_for(Duration::from_secs(1));
    net.drop_relayed();
    net.cut(members[0], members[1]);
    let accept = Command::Accept {
        transfer,
        selection: Selection::Items([1].into()),
    };
    net.command(members[1], accept);
    assert!(net.run_until(MINUTE, |net| received(net, members[1], transfer)));
}
