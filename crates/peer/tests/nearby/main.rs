//! Rooms without a server, on radios in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod ether;

use std::fs;

use snug_peer::{Destination, Events, Interfaces, Peer, PeerConfig, nearby::Radio};
use snug_protocol::{
    Body, ClientId, ClientMessage, Forward, ForwardKind, Payload, RoomId, Secret, Words,
    limits::SIGNAL_MESSAGE_BYTES,
};
use snug_session::{EndReason, Event, Intent, LinkStatus, Path, Refusal, Selection};
use tempfile::TempDir;

use crate::ether::Ether;

const MIB: usize = 1024 * 1024;

/// Somebody in the room.
struct Member {
    id: ClientId,
    peer: Peer,
    events: Events,
    room: RoomId,
    radio: Radio,
    /// What it was told and nobody waited for.
    past: Vec<Event>,
}

#[tokio::test]
async fn two_phones_share_a_room_and_a_file() {
    let mut ether = Ether::default();
    let mut ann = Member::create(words()).await;
    let mut ben = Member::join(ann.room, words()).await;
    ether.add(&ann.radio);
    ether.add(&ben.radio);
    ann.linked(&ben.id).await;
    ben.linked(&ann.id).await;
    ann.peer.say("hello").await;
    assert_eq!(ben.hears_from(&ann.id).await, "hello");
    ben.peer.say("hi").await;
    assert_eq!(ann.hears_from(&ben.id).await, "hi");

    let (from, into) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = from.path().join("film.mp4");
    let bytes: Vec<u8> = (0..20 * MIB + 77).map(|at| (at * at / 7) as u8).collect();
    fs::write(&path, &bytes).unwrap();
    ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let offered = |event: &Event| matches!(event, Event::Offered { .. });
    let Event::Offered { transfer, .. } = ben.until(offered).await else {
        unreachable!()
    };
    let folder = Destination::Folder(into.path().to_owned());
    ben.peer.accept(transfer, Selection::All, folder).await;
    let received = |event: &Event| matches!(event, Event::Received { .. });
    ben.until(received).await;
    assert!(fs::read(into.path().join("film.mp4")).unwrap() == bytes);

    ben.peer.leave().await;
    let left = |event: &Event| matches!(event, Event::PeerLeft { goodbye: true, .. });
    ann.until(left).await;
}

#[tokio::test]
async fn three_phones_hear_each_other_whoever_comes_when() {
    let mut ether = Ether::default();
    let ann = Member::create(words()).await;
    ether.add(&ann.radio);
    let ben = Member::join(ann.room, words()).await;
    let cid = Member::join(ann.room, words()).await;
    // Two who joined meet before either meets the one who opened the room.
    ether.add(&cid.radio);
    ether.add(&ben.radio);
    let mut members = [ann, ben, cid];
    let ids = members.each_ref().map(|member| member.id.clone());
    for member in &mut members {
        member.linked_to_all(&ids).await;
    }
    for (speaker, id) in ids.iter().enumerate() {
        members[speaker].peer.say(format!("from {speaker}")).await;
        for (at, member) in members.iter_mut().enumerate() {
            if at != speaker {
                assert_eq!(member.hears_from(id).await, format!("from {speaker}"));
            }
        }
    }
}

#[tokio::test]
async fn who_is_back_soon_has_missed_nothing() {
    let mut ether = Ether::default();
    let mut ann = Member::create(words()).await;
    let mut ben = Member::join(ann.room, words()).await;
    let (at_ann, at_ben) = (ether.add(&ann.radio), ether.add(&ben.radio));
    ann.linked(&ben.id).await;
    ben.linked(&ann.id).await;
    ether.part(at_ann, at_ben);
    ann.peer.say("said into the void").await;
    ether.meet(at_ann, at_ben);
    assert_eq!(ben.hears_from(&ann.id).await, "said into the void");
}

#[tokio::test]
async fn wrong_words_keep_a_phone_out() {
    let mut ether = Ether::default();
    let ann = Member::create(words()).await;
    let other = Secret::Words(Words::from_entropy([8; 16]));
    let mut eve = Member::join(ann.room, other).await;
    ether.add(&ann.radio);
    ether.add(&eve.radio);
    let ended = |event: &Event| matches!(event, Event::Ended(_));
    let Event::Ended(reason) = eve.until(ended).await else {
        unreachable!()
    };
    assert_eq!(reason, EndReason::KeptOut(Refusal::WrongWords));
}

#[tokio::test]
async fn a_phone_in_another_room_is_passed_by() {
    let mut ether = Ether::default();
    let mut ann = Member::create(words()).await;
    let other = Member::create(words()).await;
    ether.add(&ann.radio);
    ether.add(&other.radio);
    let mut ben = Member::join(ann.room, words()).await;
    ether.add(&ben.radio);
    ann.linked(&ben.id).await;
    ben.linked(&ann.id).await;
    let known = |event: &Event| matches!(event, Event::PeerJoined { peer } if *peer == other.id);
    assert!(!ann.seen(known) && !ben.seen(known));
}

#[tokio::test]
async fn a_stranger_on_the_air_disturbs_nobody() {
    let mut ether = Ether::default();
    let mut ann = Member::create(words()).await;
    let mut ben = Member::join(ann.room, words()).await;
    let at_ann = ether.add(&ann.radio);
    ether.add(&ben.radio);
    ann.linked(&ben.id).await;
    ben.linked(&ann.id).await;
    let stranger = ether.add(&Radio::new());
    let room_id = ann.room;
    let init = |client_id: &ClientId| ClientMessage::Init {
        room_id,
        client_id: client_id.clone(),
        resume: None,
    };
    let says = |from: &ClientId, to: &ClientId| {
        ClientMessage::Forward(Forward {
            kind: ForwardKind::Relay,
            from: from.clone(),
            to: to.clone(),
            payload: Payload::encode(&"rubbish"),
        })
    };
    let me: ClientId = "stranger".parse().unwrap();
    let messages = [
        // Before it has said who it is, and in the names of those who are there.
        says(&me, &ann.id),
        says(&ben.id, &ann.id),
        ClientMessage::Leave,
        init(&ben.id),
        says(&ben.id, &ann.id),
        init(&ann.id),
        ClientMessage::Leave,
        // As itself, but for somebody else.
        init(&me),
        says(&me, &ben.id),
        says(&ben.id, &ann.id),
    ];
    for message in messages {
        ether.forge(stranger, at_ann, message.encode());
    }
    for bytes in [
        &b""[..],
        b"{",
        b"\xff\xfe",
        &[b'['; SIGNAL_MESSAGE_BYTES + 1],
    ] {
        ether.forge(stranger, at_ann, bytes.to_vec());
    }
    let joined = |event: &Event| matches!(event, Event::PeerJoined { peer } if *peer == me);
    ann.until(joined).await;
    (0..10_000).for_each(|_| ether.forge(stranger, at_ann, "[".repeat(60_000)));
    ether.forge(stranger, at_ann, init(&ben.id).encode());
    ben.peer.say("still here").await;
    assert_eq!(ann.hears_from(&ben.id).await, "still here");
    ann.peer.say("me too").await;
    assert_eq!(ben.hears_from(&ann.id).await, "me too");
    let left = |event: &Event| matches!(event, Event::PeerLeft { peer, .. } if *peer == ben.id);
    assert!(!ann.seen(left));
}

fn words() -> Secret {
    Secret::Words(Words::from_entropy([7; 16]))
}

impl Member {
    async fn create(secret: Secret) -> Self {
        Self::enter(Intent::Create { capacity: None }, secret).await
    }

    async fn join(room: RoomId, secret: Secret) -> Self {
        Self::enter(Intent::Join(room), secret).await
    }

    async fn enter(intent: Intent, secret: Secret) -> Self {
        let radio = Radio::new();
        let mut config = PeerConfig::nearby(radio.clone(), intent, secret);
        // Nothing but the radio leads to the others.
        config.relay_only = true;
        config.interfaces = Interfaces::LoopbackOnly;
        let id: ClientId = uuid::Uuid::new_v4().to_string().parse().unwrap();
        config.client = Some(id.clone());
        let (peer, mut events) = Peer::start(config);
        let room = loop {
            if let Event::Joined { room, .. } = events.next().await.unwrap() {
                break room;
            }
        };
        Self {
            id,
            peer,
            events,
            room,
            radio,
            past: Vec::new(),
        }
    }

    /// Waits for an event, and puts those before it by.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.events.next().await.unwrap();
            if wanted(&event) {
                return event;
            }
            self.past.push(event);
        }
    }

    /// Whether such an event has passed.
    fn seen(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.past.iter().any(wanted)
    }

    /// Waits for the link to somebody.
    async fn linked(&mut self, to: &ClientId) {
        let connected = LinkStatus::Connected {
            verified: true,
            path: Path::Relay,
        };
        self.until(|event| {
            matches!(event, Event::Link { peer, status } if peer == to && *status == connected)
        })
        .await;
    }

    async fn linked_to_all(&mut self, members: &[ClientId]) {
        let connected = |event: &Event| match event {
            Event::Link { peer, status } => {
                matches!(status, LinkStatus::Connected { .. }).then(|| peer.clone())
            }
            _ => None,
        };
        let mut linked: std::collections::BTreeSet<_> = [self.id.clone()].into();
        while linked.len() < members.len() {
            let event = self.until(|event| connected(event).is_some()).await;
            linked.extend(connected(&event));
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
}
