//! Peers in a room of a real server, over real links, on loopback.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

use snug_peer::{
    Destination, Events, MEMORY_CAP, OfferError, Peer, PeerConfig, ReadError, ServerUrl,
};
use snug_protocol::{Body, ClientId, RoomId, Secret, TransferId, Words};
use snug_server::{Config, Server};
use snug_session::{Command, EndReason, Event, Intent, LinkStatus, Selection, TransferError};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const MIB: usize = 1024 * 1024;

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
async fn a_file_goes_from_folder_to_folder() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("video.mp4");
    let bytes = noise(20 * MIB + 12_345);
    fs::write(&path, &bytes).unwrap();
    let offered = ann.peer.offer(vec![path], |_| {}).await.unwrap().transfer;

    let transfer = ben.offered().await;
    assert_eq!(transfer, offered);
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer.accept(transfer, Selection::All, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert_eq!(Path::new(&place), into.path().join("video.mp4"));
    assert!(fs::read(&place).unwrap() == bytes);
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 1);
    let delivered = |event: &Event| matches!(event, Event::Delivered { .. });
    ann.until(delivered).await;
}

#[tokio::test]
async fn a_file_goes_into_memory_and_an_empty_one_too() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    for len in [0, 3 * MIB + 1] {
        let path = folder.path().join(format!("{len}.bin"));
        let bytes = noise(len);
        fs::write(&path, &bytes).unwrap();
        ann.peer.offer(vec![path], |_| {}).await.unwrap();
        let transfer = ben.offered().await;
        ben.peer
            .accept(transfer, Selection::All, Destination::Memory)
            .await;
        assert_eq!(ben.received(transfer).await, None);
        assert!(ben.peer.take_from_memory(transfer).await.unwrap() == bytes);
        assert_eq!(ben.peer.take_from_memory(transfer).await, None);
    }
}

#[tokio::test]
async fn a_folder_goes_to_a_room_and_some_of_it_is_taken() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let outer = TempDir::new().unwrap();
    let album = outer.path().join("album");
    fs::create_dir_all(album.join("empty")).unwrap();
    for n in 0..300 {
        fs::write(album.join(format!("{n}.jpg")), noise(n * 100)).unwrap();
    }
    let offered = ann.peer.offer(vec![album.clone()], |_| {}).await.unwrap();
    assert_eq!((offered.files, offered.left_out), (300, 0));
    let transfer = ben.offered().await;
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    let some = Selection::Items((0..300).step_by(7).collect());
    ben.peer.accept(transfer, some, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert_eq!(Path::new(&place), into.path().join("album"));
    let received = fs::read_dir(&place)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let received: Vec<_> = received.collect();
    assert_eq!(received.len(), 43);
    for path in received {
        let original = album.join(path.file_name().unwrap());
        assert!(fs::read(path).unwrap() == fs::read(original).unwrap());
    }
}

#[tokio::test]
async fn a_file_is_read_while_it_arrives() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    let bytes = noise(20 * MIB + 12_345);
    fs::write(&path, &bytes).unwrap();
    let size = bytes.len() as u64;
    let offered = ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    let unknown = ben.peer.read(transfer, 0..1).await;
    assert_eq!(unknown, Err(ReadError::Unknown));
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer.accept(transfer, Selection::All, destination).await;
    // The end first, as players do, then from the front; some across two pieces.
    let mib = MIB as u64;
    let ranges = [
        size - 10..size,
        0..100,
        mib - 7..mib + 7,
        5 * mib..7 * mib,
        9..9,
    ];
    for range in ranges {
        let read = ben.peer.read(transfer, range.clone()).await.unwrap();
        let end = range.end.min(range.start + mib);
        let span = usize::try_from(range.start).unwrap()..usize::try_from(end).unwrap();
        assert!(read == bytes[span]);
        assert!(ann.peer.read(transfer, range).await.unwrap() == read);
    }
    let past = ben.peer.read(transfer, size - 1..size + 1).await;
    assert_eq!(past, Err(ReadError::PastTheEnd { size }));
    ben.received(transfer).await.unwrap();
    assert!(ben.peer.read(transfer, 0..mib).await.unwrap() == bytes[..MIB]);
    assert_eq!(offered.bytes, size);
    ben.peer.leave().await;
    assert_eq!(ben.peer.read(transfer, 0..1).await, Err(ReadError::Left));
}

#[tokio::test]
async fn reads_of_what_was_cancelled_end() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    fs::write(&path, noise(20 * MIB)).unwrap();
    ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    ben.peer
        .accept(transfer, Selection::All, Destination::Memory)
        .await;
    ben.peer.command(Command::Pause { transfer }).await;
    let last = 20 * MIB as u64 - 1;
    let cancel = async {
        tokio::task::yield_now().await;
        ben.peer.command(Command::Cancel { transfer }).await;
    };
    let (read, ()) = tokio::join!(ben.peer.read(transfer, last..last + 1), cancel);
    assert_eq!(read, Err(ReadError::Ended));
}

#[tokio::test]
async fn a_receiver_that_left_goes_on_where_it_was() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    let bytes = noise(30 * MIB);
    fs::write(&path, &bytes).unwrap();
    ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer
        .accept(transfer, Selection::All, destination.clone())
        .await;
    let last = 30 * MIB as u64 - 1;
    ben.peer.read(transfer, last..last + 1).await.unwrap();
    ben.peer.leave().await;

    let mut ben = room.join().await;
    ben.linked(1).await;
    assert_eq!(ben.offered().await, transfer);
    ben.peer.accept(transfer, Selection::All, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert!(fs::read(place).unwrap() == bytes);
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 1);
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

#[tokio::test]
async fn what_cannot_be_stored_ends_with_a_reason() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join_with(10).await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let missing = Destination::Folder(folder.path().join("missing"));
    for (destination, why) in [
        (missing, "it does not exist"),
        (Destination::Memory, "larger than the memory cap"),
    ] {
        let path = folder.path().join(why);
        fs::write(&path, format!("{why}, and so on")).unwrap();
        ann.peer.offer(vec![path], |_| {}).await.unwrap();
        let transfer = ben.offered().await;
        ben.peer.accept(transfer, Selection::All, destination).await;
        let reason = loop {
            if let Event::TransferFailed { reason, .. } = ben.events.next().await.unwrap() {
                break reason;
            }
        };
        assert!(matches!(reason, TransferError::Storage(_)), "{reason:?}");
        assert!(reason.to_string().contains(why), "{reason}");
    }
}

#[tokio::test]
async fn what_is_no_file_or_folder_is_not_offered() {
    let room = TestRoom::open().await;
    let ann = room.create().await;
    for (path, why) in [
        ("/dev/null", "is a device"),
        ("/nowhere/at/all", "does not exist"),
    ] {
        let offered = ann.peer.offer(vec![path.into()], |_| {}).await;
        let error = offered.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

/// A server with one room.
struct TestRoom {
    url: ServerUrl,
    room: std::sync::OnceLock<RoomId>,
    server: JoinHandle<()>,
}

/// Somebody in the room.
struct Member {
    id: ClientId,
    peer: Peer,
    events: Events,
}

impl TestRoom {
    async fn open() -> Self {
        let server = Server::bind(Config::for_tests()).await.unwrap();
        let url = server.local_addr().to_string().parse().unwrap();
        let serve = server.serve(std::future::pending());
        Self {
            url,
            room: std::sync::OnceLock::new(),
            server: tokio::spawn(async { serve.await.unwrap() }),
        }
    }

    async fn create(&self) -> Member {
        let intent = Intent::Create { capacity: None };
        let (room, member) = self.enter(intent, MEMORY_CAP).await;
        self.room.set(room).unwrap();
        member
    }

    async fn join(&self) -> Member {
        self.join_with(MEMORY_CAP).await
    }

    async fn join_with(&self, memory_cap: u64) -> Member {
        let room = *self.room.get().unwrap();
        self.enter(Intent::Join(room), memory_cap).await.1
    }

    async fn enter(&self, intent: Intent, memory_cap: u64) -> (RoomId, Member) {
        let mut config = PeerConfig::new(self.url.clone(), intent, words());
        let id: ClientId = uuid::Uuid::new_v4().to_string().parse().unwrap();
        config.client = Some(id.clone());
        config.memory_cap = memory_cap;
        let (peer, events) = Peer::start(config);
        let mut member = Member { id, peer, events };
        let joined = |event: &Event| matches!(event, Event::Joined { .. });
        let Event::Joined { room, .. } = member.until(joined).await else {
            unreachable!()
        };
        (room, member)
    }
}

impl Drop for TestRoom {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Member {
    /// Waits for an event, and passes those before it by.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.events.next().await.unwrap();
            if wanted(&event) {
                return event;
            }
            assert!(
                !matches!(event, Event::Ended(_) | Event::TransferFailed { .. }),
                "{event:?}"
            );
        }
    }

    /// Waits for links to `count` others.
    async fn linked(&mut self, count: usize) {
        for _ in 0..count {
            self.until(|event| {
                let Event::Link { status, .. } = event else {
                    return false;
                };
                matches!(status, LinkStatus::Connected { .. })
            })
            .await;
        }
    }

    async fn hears_from(&mut self, author: &ClientId) -> String {
        let by = |event: &Event| matches!(event, Event::Message(said) if said.id.author == *author);
        let Event::Message(message) = self.until(by).await else {
            unreachable!()
        };
        let Some(Body::Text { text }) = message.body else {
            panic!("not a text")
        };
        text
    }

    async fn offered(&mut self) -> TransferId {
        let offered = |event: &Event| matches!(event, Event::Offered { .. });
        let Event::Offered { transfer, .. } = self.until(offered).await else {
            unreachable!()
        };
        transfer
    }

    async fn received(&mut self, expected: TransferId) -> Option<String> {
        let received = |event: &Event| matches!(event, Event::Received { .. });
        let Event::Received { transfer, place } = self.until(received).await else {
            unreachable!()
        };
        assert_eq!(transfer, expected);
        place
    }

    async fn end(&mut self) -> EndReason {
        let ended = |event: &Event| matches!(event, Event::Ended(_));
        let Event::Ended(reason) = self.until(ended).await else {
            unreachable!()
        };
        assert_eq!(self.events.next().await, None);
        reason
    }
}

/// Bytes without a pattern that two places share.
fn noise(len: usize) -> Vec<u8> {
    let mut state = len as u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

fn words() -> Secret {
    Secret::Words(Words::from_entropy([7; 16]))
}
