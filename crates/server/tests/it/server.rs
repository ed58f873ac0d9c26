//! A real server on a port of its own.

use std::{net::SocketAddr, time::Duration};

use snug_protocol::RoomId;
use snug_server::{Config, Rate, Server};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{client::Client, raw};

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
    pub(crate) stun: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(Config::for_tests()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let server = Server::bind(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        Self {
            address: server.local_addr(),
            metrics: server.metrics_addr().unwrap(),
            stun: server.stun_addr().unwrap(),
            stop,
            task: tokio::spawn(async move {
                server.serve(async { drop(stopped.await) }).await.unwrap();
            }),
        }
    }

    /// Asks the server to stop.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        drop(self.stop);
        self.task
    }

    pub(crate) async fn create(&self) -> RoomId {
        self.create_with("{}").await
    }

    pub(crate) async fn create_of(&self, capacity: u16) -> RoomId {
        self.create_with(&format!(r#"{{"capacity":{capacity}}}"#))
            .await
    }

    async fn create_with(&self, body: &str) -> RoomId {
        let answer = raw::post(self.address, "/create-room", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["roomId"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn join(&self, room: RoomId, client: &str) -> raw::Answer {
        let body = format!(r#"{{"roomId":"{room}","clientId":"{client}"}}"#);
        raw::post(self.address, "/join-room", &body).await
    }

    /// Joins and connects.
    pub(crate) async fn enter(&self, room: RoomId, client: &str) -> Client {
        let answer = self.join(room, client).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut socket = Client::connect(self.address).await;
        socket.init(room, client).await;
        socket
    }

    /// Waits until the metrics show `line`.
    pub(crate) async fn until_metric(&self, line: &str) {
        within(async {
            while !raw::get(self.metrics, "/metrics")
                .await
                .body
                .lines()
                .any(|l| l == line)
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

/// Waits for something that happens soon, or fails.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("it did not happen in time")
}

/// A rate that no test reaches.
pub(crate) const UNLIMITED: Rate = Rate::new(1_000_000, Duration::from_secs(1), 1_000_000);
