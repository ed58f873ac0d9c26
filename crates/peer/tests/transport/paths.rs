//! What a link says of the way that its packets take.

use bytes::Bytes;
use snug_peer::transport::{LinkCommand, LinkEvent, Path};
use snug_protocol::negotiation::Candidate;

use crate::pair::{Pair, Who};

#[tokio::test]
async fn both_ends_tell_the_way_after_opening() {
    let mut pair = Pair::offering();
    let (path_a, path_b) = both_paths(&mut pair).await;
    assert_eq!(path_a, reversed(path_b));
}

#[tokio::test]
async fn an_ice_restart_moves_to_fresh_sockets_and_keeps_the_channels() {
    let mut pair = Pair::connected().await;
    let mut before = both_paths(&mut pair).await;
    for who in [Who::A, Who::B] {
        let restart = LinkCommand::CreateOffer {
            ice_restart: true,
            plain: false,
        };
        pair.end(who).command(restart);
        let after = both_paths(&mut pair).await;
        assert_eq!(after.0, reversed(after.1));
        assert!(after.0 != before.0 && after.1 != before.1);
        before = after;
        pair.end(who.other()).send_control(b"after".to_vec());
        let frame = LinkEvent::Control(Bytes::from_static(b"after"));
        pair.until(who, frame).await;
    }
}

#[tokio::test]
async fn a_peer_behind_a_relay_is_reached_through_turn() {
    let mut pair = Pair::offering();
    let path = path_of_a(&mut pair, |pair, found| pair.a.add_relay(found)).await;
    assert_eq!(path, Path::Turn);
}

/// Its packets are often faster than its candidates, and then its address is just an address.
#[tokio::test]
async fn a_peer_that_tells_of_its_relay_late_is_reached_through_turn_all_the_same() {
    let mut pair = Pair::offering();
    let mut late = Vec::new();
    let path = path_of_a(&mut pair, |_, found| late.push(found)).await;
    assert!(matches!(path, Path::Direct { .. }));
    for found in late {
        pair.a.add_relay(found);
    }
    let path = path_of_a(&mut pair, |_, _| {}).await;
    assert_eq!(path, Path::Turn);
}

/// Waits until each end has told its way, and no other than the other end's.
async fn both_paths(pair: &mut Pair) -> (Path, Path) {
    let (mut path_a, mut path_b) = (None, None);
    loop {
        match pair.next().await {
            (Who::A, LinkEvent::Path(path)) => path_a = Some(path),
            (Who::B, LinkEvent::Path(path)) => path_b = Some(path),
            (_, LinkEvent::Open { .. } | LinkEvent::State(_)) => {}
            (who, event) => assert!(
                matches!(event, LinkEvent::BulkCredit(_)),
                "{who:?} {event:?}"
            ),
        }
        if let (Some(path_a), Some(path_b)) = (path_a, path_b) {
            return (path_a, path_b);
        }
    }
}

/// Waits for the next way that A tells; B's candidates go to `found`.
async fn path_of_a(pair: &mut Pair, mut found: impl FnMut(&Pair, Candidate)) -> Path {
    loop {
        match pair.next_raw().await {
            (Who::B, LinkEvent::LocalCandidate(candidate)) => found(pair, candidate),
            (Who::A, LinkEvent::Path(path)) => return path,
            (who, event) => drop(pair.carry(who, event)),
        }
    }
}

fn reversed(path: Path) -> Path {
    match path {
        Path::Direct { local, remote } => Path::Direct {
            local: remote,
            remote: local,
        },
        Path::Turn => Path::Turn,
    }
}

impl crate::pair::End {
    /// Adds a candidate of the peer as if a TURN server had allocated it.
    fn add_relay(&self, mut found: Candidate) {
        assert!(found.candidate.contains("typ host"));
        found.candidate = found.candidate.replace("typ host", "typ relay");
        self.command(LinkCommand::AddCandidate(found));
    }
}
