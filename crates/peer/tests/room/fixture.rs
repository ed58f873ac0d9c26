//! A room on loopback, and its members.

use snug_peer::{Events, MEMORY_CAP, Peer, PeerConfig, ServerUrl};
use snug_protocol::{Body, ClientId, RoomId, Secret, TransferId, Words};
use snug_server::{Config, Server};
use snug_session::{EndReason, Event, Intent, LinkStatus};
use tokio::task::JoinHandle;

/// A server with one room.
pub(crate) struct TestRoom {
    pub(crate) url: ServerUrl,
    room: std::sync::OnceLock<RoomId>,
    server: JoinHandle<()>,
}

/// Somebody in the room.
pub(crate) struct Member {
    pub(crate) id: ClientId,
    pub(crate) peer: Peer,
    pub(crate) events: Events,
}

impl TestRoom {
    pub(crate) async fn open() -> Self {
        let server = Server::bind(Config::for_tests()).await.unwrap();
        let url = server.local_addr().to_string().parse().unwrap();
        let serve = server.serve(std::future::pending());
        Self {
            url,
            room: std::sync::OnceLock::new(),
            server: tokio::spawn(async { serve.await.unwrap() }),
        }
    }

    pub(crate) async fn create(&self) -> Member {
        let intent = Intent::Create { capacity: None };
        let (room, member) = self.enter(intent, MEMORY_CAP).await;
        self.room.set(room).unwrap();
        member
    }

    pub(crate) async fn join(&self) -> Member {
        self.join_with(MEMORY_CAP).await
    }

    pub(crate) async fn join_with(&self, memory_cap: u64) -> Member {
        let room = *self.room.get().unwrap();
        self.enter(Intent::Join(room), memory_cap).await.1
    }

    pub(crate) async fn enter(&self, intent: Intent, memory_cap: u64) -> (RoomId, Member) {
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
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
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
    pub(crate) async fn linked(&mut self, count: usize) {
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

    pub(crate) async fn hears_from(&mut self, author: &ClientId) -> String {
        let by = |event: &Event| matches!(event, Event::Message(said) if said.id.author == *author);
        let Event::Message(message) = self.until(by).await else {
            unreachable!()
        };
        let Some(Body::Text { text }) = message.body else {
            panic!("not a text")
        };
        text
    }

    pub(crate) async fn offered(&mut self) -> TransferId {
        let offered = |event: &Event| matches!(event, Event::Offered { .. });
        let Event::Offered { transfer, .. } = self.until(offered).await else {
            unreachable!()
        };
        transfer
    }

    pub(crate) async fn received(&mut self, expected: TransferId) -> Option<String> {
        let received = |event: &Event| matches!(event, Event::Received { .. });
        let Event::Received { transfer, place } = self.until(received).await else {
            unreachable!()
        };
        assert_eq!(transfer, expected);
        place
    }

    pub(crate) async fn end(&mut self) -> EndReason {
        let ended = |event: &Event| matches!(event, Event::Ended(_));
        let Event::Ended(reason) = self.until(ended).await else {
            unreachable!()
        };
        assert_eq!(self.events.next().await, None);
        reason
    }
}

/// Bytes without a pattern that two places share.
pub(crate) fn noise(len: usize) -> Vec<u8> {
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

pub(crate) fn words() -> Secret {
    Secret::Words(Words::from_entropy([7; 16]))
}
