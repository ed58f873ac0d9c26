//! Peers in a room of a real server, over real links, on loopback.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod files;
mod fixture;

use snug_peer::{OfferError, Peer, PeerConfig};
use snug_session::{EndReason, Event, Intent};

use crate::fixture::{TestRoom, words};

#[tokio::test]
async fn two_peers_chat() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    ann.peer.say("hello").await;
    assert_eq!(ben.hears_from(&ann.id).await, "hello");
    ben.peer.say("hi").await;
    assert_eq!(ann.hears_from(&ben.id).await, "hi");

    ben.peer.leave().await;
    assert_eq!(ben.end().await, EndReason::Left);
    let left = |event: &Event| matches!(event, Event::PeerLeft { .. });
    let Event::PeerLeft { peer, goodbye } = ann.until(left).await else {
        unreachable!()
    };
    assert_eq!((peer, goodbye), (ben.id, true));
    // What is asked of a peer that has left does nothing.
    ben.peer.say("anyone?").await;
    ben.peer.leave().await;
    let gone = ben.peer.offer(vec!["Cargo.toml".into()], |_| {}).await;
    assert!(matches!(gone, Err(OfferError::Ended)), "{gone:?}");
}

#[tokio::test]
async fn three_peers_hear_each_other() {
    let room = TestRoom::open().await;
    let mut peers = vec![room.create().await, room.join().await, room.join().await];
    for peer in &mut peers {
        peer.linked(2).await;
    }
    for speaker in 0..peers.len() {
        let (id, words) = (peers[speaker].id.clone(), format!("from {speaker}"));
        peers[speaker].peer.say(words.clone()).await;
        for (at, peer) in peers.iter_mut().enumerate() {
            if at != speaker {
                assert_eq!(peer.hears_from(&id).await, words);
            }
        }
    }
}

#[tokio::test]
async fn a_room_that_never_was_ends_the_session() {
    let room = TestRoom::open().await;
    let config = PeerConfig::new(
        room.url.clone(),
        Intent::Join("ZZZZZZ".parse().unwrap()),
        words(),
    );
    let (_peer, mut events) = Peer::start(config);
    let mut last = None;
    while let Some(event) = events.next().await {
        last = Some(event);
    }
    assert_eq!(last, Some(Event::Ended(EndReason::RoomNotFound)));
}

#[tokio::test]
async fn dropping_the_last_handle_leaves() {
    let room = TestRoom::open().await;
    let mut ann = room.create().await;
    let mut ben = room.join().await;
    ann.linked(1).await;
    ben.linked(1).await;
    let (peer, mut events) = (ben.peer, ben.events);
    drop(peer);
    while let Some(event) = events.next().await {
        if let Event::Ended(reason) = event {
            assert_eq!(reason, EndReason::Left);
        }
    }
    ann.until(|event| matches!(event, Event::PeerLeft { .. }))
        .await;
}

#[tokio::test]
async fn a_listener_that_is_behind_misses_nothing() {
    const MESSAGES: usize = 2000;
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let mine = ann.id.clone();
    let speaking = async {
        for n in 0..MESSAGES {
            ann.peer.say(n.to_string()).await;
        }
    };
    let listening = async {
        // Ann hears herself as well, and is held up unless somebody listens.
        for _ in 0..MESSAGES {
            while !matches!(ann.events.next().await.unwrap(), Event::Message(_)) {}
        }
    };
    // Ben hears nothing of it meanwhile.
    tokio::join!(speaking, listening);
    for n in 0..MESSAGES {
        assert_eq!(ben.hears_from(&mine).await, n.to_string());
    }
}

#[tokio::test]
async fn leaving_waits_for_no_listener() {
    let room = TestRoom::open().await;
    let ann = room.create().await;
    let flood = async {
        // Stuck sooner or later, because nobody hears the echo.
        for n in 0..10_000 {
            ann.peer.say(n.to_string()).await;
        }
    };
    tokio::join!(flood, async {
        tokio::task::yield_now().await;
        ann.peer.leave().await;
    });
}
