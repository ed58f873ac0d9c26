//! A server on loopback, and apps in one of its rooms.

use std::{path::PathBuf, sync::Arc};

use snug_ios::{
    Entry, Event, LinkStatus, Offer, Said, Secrecy, Session, SessionConfig, SnugError, Way,
};
use snug_server::{Config, Server};
use tokio::{sync::Mutex, task::JoinHandle};

/// A server, gone when it is dropped.
pub(crate) struct TestServer {
    address: String,
    serve: JoinHandle<()>,
}

type Read = Result<Vec<u8>, SnugError>;

/// A session, and what it has told.
pub(crate) struct App {
    pub(crate) session: Arc<Session>,
    /// One event after the other, whoever asks.
    turn: Mutex<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        let server = Server::bind(Config::for_tests()).await.unwrap();
        let address = server.local_addr().to_string();
        let serve = server.serve(std::future::pending());
        Self {
            address,
            serve: tokio::spawn(async { serve.await.unwrap() }),
        }
    }

    pub(crate) fn way(&self) -> Way {
        let address = self.address.clone();
        Way::Server { address }
    }

    /// Two apps that have met.
    pub(crate) async fn pair(&self) -> (App, App) {
        let (ann, code) = create(self.way()).await;
        let ben = join(self.way(), &code).await;
        ann.linked().await;
        ben.linked().await;
        (ann, ben)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serve.abort();
    }
}

/// Opens a room, and says its code.
pub(crate) async fn create(way: Way) -> (App, String) {
    let (secrecy, capacity) = (Secrecy::Words, None);
    let app = App::start(way, Entry::Create { secrecy, capacity });
    let Event::Room { code, me, .. } = app.until(is_room).await else {
        unreachable!()
    };
    assert_eq!(me, app.me());
    (app, code)
}

pub(crate) async fn join(way: Way, code: &str) -> App {
    let code = code.to_owned();
    let app = App::start(way, Entry::Join { code });
    app.until(is_room).await;
    app
}

fn is_room(event: &Event) -> bool {
    matches!(event, Event::Room { .. })
}

impl App {
    pub(crate) fn start(way: Way, entry: Entry) -> Self {
        let config = SessionConfig {
            way,
            entry,
            nickname: String::new(),
            relay_only: false,
            shares: true,
            memory_cap: None,
        };
        Self {
            session: Session::new(config).unwrap(),
            turn: Mutex::default(),
        }
    }

    pub(crate) fn me(&self) -> String {
        self.session.me()
    }

    /// Waits for an event, and passes those before it by.
    pub(crate) async fn until(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        let _turn = self.turn.lock().await;
        loop {
            let event = self.session.next_event().await.expect("it is not over");
            if wanted(&event) {
                return event;
            }
            let bad = matches!(event, Event::Ended { .. } | Event::TransferFailed { .. });
            assert!(!bad, "{event:?}");
        }
    }

    pub(crate) async fn read(&self, transfer: &str, from: u64, len: u64) -> Read {
        self.session.read(transfer.into(), from, len, None).await
    }

    pub(crate) async fn linked(&self) {
        self.until(|event| {
            let Event::Link { status, .. } = event else {
                return false;
            };
            matches!(status, LinkStatus::Connected { verified: true, .. })
        })
        .await;
    }

    pub(crate) async fn message(&self) -> Said {
        let said = |event: &Event| matches!(event, Event::Message { .. });
        let Event::Message { message } = self.until(said).await else {
            unreachable!()
        };
        message
    }

    pub(crate) async fn offer(&self) -> Offer {
        let offered = |event: &Event| matches!(event, Event::Offered { .. });
        let Event::Offered { offer } = self.until(offered).await else {
            unreachable!()
        };
        offer
    }

    /// Waits until it is there, and says where.
    pub(crate) async fn received(&self, wanted: &str) -> Option<PathBuf> {
        let received = |event: &Event| matches!(event, Event::Received { .. });
        let Event::Received { transfer, place } = self.until(received).await else {
            unreachable!()
        };
        assert_eq!(transfer, wanted);
        place.map(PathBuf::from)
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
