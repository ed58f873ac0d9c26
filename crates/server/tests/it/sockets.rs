//! What happens on sockets (hostile.md 31 to 39), with clients that keep to the protocol below.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use snug_protocol::{ClientMessage, ErrorCode, ForwardKind, ServerMessage};
use snug_server::{
    Config, ResumeKey,
    config::{RoomConfig, SocketConfig},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    client::{Client, forward},
    server::{TestServer, UNLIMITED, within},
};

#[tokio::test]
async fn peers_meet_and_relay_byte_for_byte() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let mut bob = Client::connect_to(server.address, "/api/ws").await;
    server.join(room, "bob").await;
    bob.init(room, "bob").await;
    assert_eq!(
        ann.hear().await,
        ServerMessage::PeerJoined {
            client_id: "bob".parse().unwrap()
        }
    );
    for kind in ForwardKind::ALL {
        let text = format!(
            r#"  {{"to":"bob", "extra":[1],"payload": {{"n":1.50,"u":"\u00e9é"}},"from":"ann","type":"{}"}} "#,
            kind.as_str()
        );
        ann.send_text(&text).await;
        assert_eq!(bob.hear_text().await, text);
    }
}

#[tokio::test]
async fn payloads_may_be_anything_that_is_json() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let mut bob = server.enter(room, "bob").await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for payload in [
        "null",
        "7",
        "-0",
        "1e999",
        "9223372036854775808",
        "\"\\ud800\"",
        &deep,
        "{\"a\":1,\"a\":2}",
    ] {
        ann.hear_past_joins(&mut bob, payload).await;
    }
    let frame = |payload: &str| ClientMessage::Forward(forward("ann", "bob", payload)).encode();
    let empty = frame("\"\"").len();
    let full = format!("\"{}\"", "x".repeat(64 * 1024 - empty));
    assert_eq!(frame(&full).len(), 64 * 1024);
    ann.hear_past_joins(&mut bob, &full).await;
}

#[tokio::test]
async fn bad_messages_cost_their_sender_an_error_and_nobody_else_anything() {
    let sockets = SocketConfig {
        message_rate: UNLIMITED,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let (room, other) = (server.create().await, server.create().await);
    let _elsewhere = server.enter(other, "cay").await;
    let mut ann = server.enter(room, "ann").await;
    let mut bob = server.enter(room, "bob").await;
    ann.hear().await;
    let nested = "[".repeat(10_000);
    for (text, code) in [
        ("", ErrorCode::BadMessage),
        ("{", ErrorCode::BadMessage),
        ("null", ErrorCode::BadMessage),
        (r#"["leave"]"#, ErrorCode::BadMessage),
        (r#"{"type":"dance"}"#, ErrorCode::BadMessage),
        (r#"{"type":7}"#, ErrorCode::BadMessage),
        (r#"{"type":"leave","type":"leave"}"#, ErrorCode::BadMessage),
        (r#"{"type":"init"}"#, ErrorCode::BadMessage),
        (
            r#"{"type":"offer","from":"ann","to":"bob"}"#,
            ErrorCode::BadMessage,
        ),
        (
            r#"{"type":"offer","from":"ann","to":["bob"],"payload":1}"#,
            ErrorCode::BadMessage,
        ),
        (
            r#"{"type":"offer","from":"ann","to":"","payload":1}"#,
            ErrorCode::BadMessage,
        ),
        (
            r#"{"type":"offer","from":"bob","to":"bob","payload":1}"#,
            ErrorCode::ForgedSender,
        ),
        (
            r#"{"type":"offer","from":"ann","to":"ann","payload":1}"#,
            ErrorCode::UnknownRecipient,
        ),
        (
            r#"{"type":"offer","from":"ann","to":"eve","payload":1}"#,
            ErrorCode::UnknownRecipient,
        ),
        (
            r#"{"type":"offer","from":"ann","to":"cay","payload":1}"#,
            ErrorCode::UnknownRecipient,
        ),
        (
            r#"{"type":"init","roomId":"0","clientId":"ann"}"#,
            ErrorCode::InvalidRoomId,
        ),
        (
            r#"{"type":"init","roomId":"K7Q4X9","clientId":" "}"#,
            ErrorCode::InvalidClientId,
        ),
        (
            r#"{"type":"init","roomId":"K7Q4X9","clientId":"ann"}"#,
            ErrorCode::AlreadyInitialized,
        ),
        (nested.as_str(), ErrorCode::BadMessage),
    ] {
        ann.send_text(text).await;
        assert_eq!(ann.hear_error().await, code, "{text:.60}");
    }
    ann.relay("ann", "bob", "1").await;
    assert_eq!(bob.hear_relayed().await.payload.json(), "1");
}

#[tokio::test]
async fn nothing_goes_before_init() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = Client::connect(server.address).await;
    ann.relay("ann", "bob", "1").await;
    assert_eq!(ann.hear_error().await, ErrorCode::NotInitialized);
    ann.send(&ClientMessage::Leave).await;
    assert_eq!(ann.hear_error().await, ErrorCode::NotInitialized);
    ann.send_init(room, "ann", None).await;
    assert_eq!(ann.hear_error().await, ErrorCode::RoomNotFound);
    server.join(room, "ann").await;
    ann.init(room, "ann").await;
}

#[tokio::test]
async fn init_that_never_comes_is_told_and_closed() {
    let init_timeout = Duration::from_millis(100);
    let sockets = SocketConfig {
        init_timeout,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let mut silent = Client::connect(server.address).await;
    assert_eq!(silent.hear_error().await, ErrorCode::InitTimeout);
    assert_eq!(silent.close_code().await, Some(1008));
    server.until_metric("snug_sockets 0").await;
}

#[tokio::test]
async fn leaving_is_answered_with_a_close() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let mut bob = server.enter(room, "bob").await;
    ann.hear().await;
    bob.send(&ClientMessage::Leave).await;
    assert_eq!(
        ann.hear().await,
        ServerMessage::PeerLeft {
            client_id: "bob".parse().unwrap()
        }
    );
    assert_eq!(bob.close_code().await, Some(1000));
}

#[tokio::test]
async fn a_dropped_member_comes_back_to_what_it_missed() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    server.join(room, "bob").await;
    let mut bob = Client::connect(server.address).await;
    let token = bob.init(room, "bob").await;
    ann.hear().await;
    drop(bob);
    server.until_metric("snug_members_away 1").await;
    for number in 0..200 {
        ann.relay("ann", "bob", &number.to_string()).await;
    }
    server.until_metric("snug_held_messages 200").await;
    let mut bob = Client::connect(server.address).await;
    bob.resume(room, "bob", &token).await;
    for number in 0..200 {
        assert_eq!(bob.hear_relayed().await.payload.json(), number.to_string());
    }
    bob.relay("bob", "ann", "\"back\"").await;
    assert_eq!(ann.hear_relayed().await.payload.json(), "\"back\"");
}

#[tokio::test]
async fn the_token_takes_over_from_a_socket_that_is_still_open() {
    let server = TestServer::start().await;
    let room = server.create().await;
    server.join(room, "ann").await;
    let mut old = Client::connect(server.address).await;
    let token = old.init(room, "ann").await;
    let mut thief = Client::connect(server.address).await;
    thief.send_init(room, "ann", None).await;
    assert_eq!(thief.hear_error().await, ErrorCode::ClientIdTaken);
    let mut new = Client::connect(server.address).await;
    new.resume(room, "ann", &token).await;
    assert_eq!(old.close_code().await, Some(4001));
}

#[tokio::test]
async fn members_whose_grace_has_ended_have_left() {
    let rooms = RoomConfig {
        grace: Duration::from_millis(50),
        ..RoomConfig::default()
    };
    let server = TestServer::with(Config {
        rooms,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let bob = server.enter(room, "bob").await;
    ann.hear().await;
    drop(bob);
    assert_eq!(
        ann.hear().await,
        ServerMessage::PeerLeft {
            client_id: "bob".parse().unwrap()
        }
    );
}

#[tokio::test]
async fn a_restarted_server_with_the_same_key_seats_everyone_again() {
    let config = || Config {
        key: ResumeKey::from_bytes([7; 32]),
        ..Config::for_tests()
    };
    let server = TestServer::with(config()).await;
    let room = server.create().await;
    let mut tokens = Vec::new();
    for name in ["ann", "bob"] {
        server.join(room, name).await;
        let mut client = Client::connect(server.address).await;
        tokens.push(client.init(room, name).await);
    }
    within(server.stop()).await.unwrap();

    let server = TestServer::with(config()).await;
    let mut ann = Client::connect(server.address).await;
    ann.resume(room, "ann", &tokens[0]).await;
    let mut bob = Client::connect(server.address).await;
    bob.resume(room, "bob", &tokens[1]).await;
    assert_eq!(
        ann.hear().await,
        ServerMessage::PeerJoined {
            client_id: "bob".parse().unwrap()
        }
    );
    bob.relay("bob", "ann", "1").await;
    assert_eq!(ann.hear_relayed().await.payload.json(), "1");
}

#[tokio::test]
async fn silent_peers_are_pinged_and_the_dead_given_up() {
    let ping_interval = Duration::from_millis(50);
    let pong_timeout = Duration::from_secs(1);
    let sockets = SocketConfig {
        ping_interval,
        pong_timeout,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let dead = server.enter(room, "dead").await;
    let mut alive = server.enter(room, "alive").await;
    // Reading is what answers pings.
    let alive = tokio::spawn(async move {
        loop {
            within(alive.stream.next()).await.unwrap().unwrap();
        }
    });
    server.until_metric("snug_members_away 1").await;
    server.until_metric("snug_members_connected 1").await;
    assert!(!alive.is_finished());
    alive.abort();
    drop(dead);
}

#[tokio::test]
async fn pings_are_answered() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    ann.stream
        .send(Message::Ping("hello".into()))
        .await
        .unwrap();
    let answer = within(ann.stream.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::Pong("hello".into()));
}

#[tokio::test]
async fn rooms_expire_under_sockets_that_show_no_life() {
    let rooms = RoomConfig {
        expiry: Duration::from_millis(100),
        ..RoomConfig::default()
    };
    let server = TestServer::with(Config {
        rooms,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    assert_eq!(ann.close_code().await, Some(4004));
    server.until_metric("snug_rooms 0").await;
}

impl Client {
    /// Sends `payload` to bob and checks what he hears.
    async fn hear_past_joins(&mut self, bob: &mut Self, payload: &str) {
        self.relay("ann", "bob", payload).await;
        assert_eq!(bob.hear_relayed().await.payload.json(), payload);
    }
}
