//! Stopping without losing anyone.

use std::{net::SocketAddr, time::Duration};

use snug_protocol::ServerMessage;
use snug_server::{Config, config::DrainConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    client::Client,
    raw::{self, Answer, RawSocket},
    server::{TestServer, within},
};

#[tokio::test]
async fn everyone_is_told_when_to_come_back_and_closed() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let mut nobody = Client::connect(server.address).await;
    let stopped = server.stop();
    for client in [&mut ann, &mut nobody] {
        let ServerMessage::Restarting { reconnect_in_ms } = client.hear().await else {
            panic!("not told")
        };
        assert!((500..=5500).contains(&reconnect_in_ms), "{reconnect_in_ms}");
        assert_eq!(client.close_code().await, Some(1012));
    }
    within(stopped).await.unwrap();
}

#[tokio::test]
async fn a_draining_server_is_healthy_but_not_ready_and_takes_nobody_in() {
    let drain = DrainConfig {
        delay: Duration::from_mins(1),
        ..DrainConfig::default()
    };
    let server = TestServer::with(Config {
        drain,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let address = server.address;
    let stopping = server.stop();
    within(async {
        while raw::get(address, "/ready").await.status != 503 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(raw::get(address, "/health").await.status, 200);
    let join = format!(r#"{{"roomId":"{room}","clientId":"ann"}}"#);
    for answer in [
        raw::post(address, "/create-room", "").await,
        raw::post(address, "/join-room", &join).await,
        raw::send(address, raw::handshake("")).await,
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (503, "draining"));
        assert!(answer.header("retry-after").is_some());
    }
    stopping.abort();
}

#[tokio::test]
async fn a_peer_that_does_not_answer_the_close_cannot_hold_the_drain_up() {
    let mut config = Config::for_tests();
    config.sockets.close_timeout = Duration::from_millis(50);
    let server = TestServer::with(config).await;
    let mut stubborn = RawSocket::open(server.address).await;
    server.until_metric("snug_sockets 1").await;
    let stopped = server.stop();
    within(stopped).await.unwrap();
    assert_eq!(stubborn.close_code().await, Some(1012));
}

#[tokio::test]
async fn a_request_under_way_is_answered() {
    let server = TestServer::start().await;
    let mut half = Half::begin(server.address).await;
    // A connection without a request holds nothing up.
    let _idle = TcpStream::connect(server.address).await.unwrap();
    let address = server.address;
    let stopped = server.stop();
    within(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let answer = half.end().await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "draining"));
    assert_eq!(answer.header("connection"), Some("close"));
    within(stopped).await.unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_cannot_hold_the_drain_up() {
    let drain = DrainConfig {
        timeout: Duration::from_millis(50),
        ..DrainConfig::default()
    };
    let server = TestServer::with(Config {
        drain,
        ..Config::for_tests()
    })
    .await;
    let mut half = Half::begin(server.address).await;
    within(server.stop()).await.unwrap();
    assert_eq!(half.end().await.status, 0);
}

#[tokio::test]
async fn a_stopped_server_gives_its_port_back() {
    let server = TestServer::start().await;
    let address = server.address;
    let client = Client::connect(address).await;
    within(server.stop()).await.unwrap();
    drop(client);
    let config = Config {
        listen: address,
        ..Config::for_tests()
    };
    let server = TestServer::with(config).await;
    assert_eq!(raw::get(server.address, "/health").await.status, 200);
}

/// A request without the end of its body.
struct Half(TcpStream);

impl Half {
    /// Sends it up to where the server waits for the body.
    async fn begin(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = "POST /create-room HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
                    content-type: application/json\r\ncontent-length: 2\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        within(stream.read_exact(&mut go_on)).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self(stream)
    }

    /// Sends the rest and reads the answer, if there is one.
    async fn end(&mut self) -> Answer {
        let _ = self.0.write_all(b"{}").await;
        Answer::parse(&raw::rest(&mut self.0).await)
    }
}
