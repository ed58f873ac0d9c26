//! Rates, queues and counts (hostile.md 19, 20, 31, 39, 40).

use std::time::Duration;

use futures_util::SinkExt;
use snug_protocol::{ClientMessage, ErrorCode};
use snug_server::{
    Config, Rate,
    config::{AddressConfig, HttpConfig, RoomConfig, SocketConfig},
};
use tokio::net::TcpStream;

use crate::{
    client::Client,
    raw::{self, PING, RawSocket, TEXT, frame},
    server::{TestServer, UNLIMITED, within},
};

#[tokio::test]
async fn thirty_joins_a_minute() {
    let server = TestServer::with(strict(Config::for_tests())).await;
    let room = server.create().await;
    for _ in 0..30 {
        assert_eq!(server.join(room, "ann").await.status, 200);
    }
    let refused = server.join(room, "ann").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "rate-limited")
    );
    assert_eq!(refused.header("retry-after"), Some("2"));
    server.until_metric("snug_calls_refused_total 1").await;
    assert_eq!(raw::get(server.address, "/health").await.status, 200);
}

#[tokio::test]
async fn so_many_seats_a_minute_by_tokens_alone() {
    let mut config = strict(Config::for_tests());
    config.addresses.return_rate = Rate::new(2, Duration::from_mins(1), 2);
    let server = TestServer::with(config).await;
    let room = server.create().await;
    server.join(room, "ann").await;
    let mut ann = Client::connect(server.address).await;
    let token = ann.init(room, "ann").await;
    // A seat that is still there costs nothing.
    for _ in 0..5 {
        let mut next = Client::connect(server.address).await;
        next.resume(room, "ann", &token).await;
        assert_eq!(ann.close_code().await, Some(4001));
        ann = next;
    }
    for _ in 0..2 {
        ann.send(&ClientMessage::Leave).await;
        assert_eq!(ann.close_code().await, Some(1000));
        ann = Client::connect(server.address).await;
        ann.resume(room, "ann", &token).await;
    }
    ann.send(&ClientMessage::Leave).await;
    assert_eq!(ann.close_code().await, Some(1000));
    ann = Client::connect(server.address).await;
    ann.send_init(room, "ann", Some(token.clone())).await;
    assert_eq!(ann.hear_error().await, ErrorCode::RateLimited);
    server.until_metric("snug_calls_refused_total 1").await;
    // Whoever has joined has paid for that.
    server.join(room, "ann").await;
    ann.resume(room, "ann", &token).await;
}

#[tokio::test]
async fn loopback_is_spared() {
    let server = TestServer::start().await;
    let room = server.create().await;
    for _ in 0..100 {
        assert_eq!(server.join(room, "ann").await.status, 200);
    }
}

#[tokio::test]
async fn a_forged_forwarded_address_changes_nothing() {
    let server = TestServer::with(strict(Config::for_tests())).await;
    let join = |n: u32| {
        let header = format!("content-type: application/json\r\nx-forwarded-for: 192.0.2.{n}\r\n");
        raw::request(
            "POST",
            "/join-room",
            &header,
            r#"{"roomId":"K7Q4X9","clientId":"ann"}"#,
        )
    };
    for n in 0..30 {
        assert_eq!(raw::send(server.address, join(n)).await.status, 404);
    }
    assert_eq!(raw::send(server.address, join(99)).await.status, 429);
}

#[tokio::test]
async fn a_trusted_proxy_tells_its_clients_apart() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let config = Config {
        trusted_proxies,
        ..strict(Config::for_tests())
    };
    let server = TestServer::with(config).await;
    let join = |from: &str| {
        let header = format!("content-type: application/json\r\nx-forwarded-for: {from}\r\n");
        raw::request(
            "POST",
            "/join-room",
            &header,
            r#"{"roomId":"K7Q4X9","clientId":"ann"}"#,
        )
    };
    for n in 0..30 {
        // What a client writes itself stands further left.
        let from = format!("10.9.8.{n}, 192.0.2.1");
        assert_eq!(raw::send(server.address, join(&from)).await.status, 404);
    }
    assert_eq!(
        raw::send(server.address, join("192.0.2.1")).await.status,
        429
    );
    assert_eq!(
        raw::send(server.address, join("::ffff:192.0.2.1"))
            .await
            .status,
        429
    );
    assert_eq!(
        raw::send(server.address, join("192.0.2.2")).await.status,
        404
    );
    assert_eq!(raw::send(server.address, join(",,,")).await.status, 404);
}

#[tokio::test]
async fn nothing_that_a_client_writes_makes_a_proxy_on_this_machine_lift_its_limits() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = TestServer::with(Config {
        trusted_proxies,
        ..Config::for_tests()
    })
    .await;
    let create = |from: &[u8]| {
        let head = b"POST /create-room HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
        let lines = [b"x-forwarded-for: ", from, b"\r\ncontent-length: 0\r\n\r\n"];
        raw::send(server.address, [&head[..], &lines.concat()].concat())
    };
    for from in [&b"\xff, 192.0.2.1"[..], b"\xff", b"::1"] {
        for _ in 0..30 {
            assert_eq!(create(from).await.status, 200);
        }
        assert_eq!(create(from).await.status, 429, "{from:?}");
    }
}

#[tokio::test]
async fn so_many_sockets_from_one_address() {
    let mut config = strict(Config::for_tests());
    config.addresses.sockets = 3;
    let server = TestServer::with(config).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(Client::connect(server.address).await);
    }
    let refused = raw::send(server.address, raw::handshake("")).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "too-many-connections")
    );
    assert!(refused.header("retry-after").is_some());
    server
        .until_metric("snug_connections_refused_total 1")
        .await;
    sockets.pop();
    server.until_metric("snug_sockets 2").await;
    Client::connect(server.address).await;
}

#[tokio::test]
async fn so_many_connections_from_one_address_and_from_all() {
    let mut config = strict(Config::for_tests());
    config.addresses.connections = 2;
    let per_address = TestServer::with(config).await;
    let http = HttpConfig {
        max_connections: 2,
        ..HttpConfig::default()
    };
    let in_all = TestServer::with(Config {
        http,
        ..Config::for_tests()
    })
    .await;
    for (server, status) in [(per_address, 429), (in_all, 503)] {
        let held = [0; 2].map(|_| TcpStream::connect(server.address));
        let held: Vec<_> = futures_util::future::join_all(held).await;
        let mut refused = TcpStream::connect(server.address).await.unwrap();
        let answer = raw::Answer::parse(&raw::rest(&mut refused).await);
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.header("retry-after").is_some());
        drop(held);
        within(async {
            while raw::get(server.address, "/health").await.status != 200 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_flood_is_refused_then_costs_the_socket() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut bob = server.enter(room, "bob").await;
    let mut ann = server.enter(room, "ann").await;
    bob.hear().await;
    for _ in 0..300 {
        let text = r#"{"type":"relay","from":"ann","to":"bob","payload":1}"#;
        let message = tokio_tungstenite::tungstenite::Message::text(text);
        if ann.stream.send(message).await.is_err() {
            break;
        }
    }
    assert_eq!(ann.hear_error().await, ErrorCode::RateLimited);
    assert_eq!(ann.close_code().await, Some(1008));
    server.until_metric("snug_floods_total 1").await;
    bob.hear_relayed().await;
}

#[tokio::test]
async fn a_flood_of_pings_costs_the_socket() {
    let server = TestServer::start().await;
    let mut socket = RawSocket::open(server.address).await;
    let pings = frame(PING, b"x").repeat(1000);
    socket.write(&pings).await;
    assert_eq!(socket.close_code().await, Some(1008));
}

#[tokio::test]
async fn a_little_too_fast_is_only_told() {
    let rate = Rate::new(1, Duration::from_mins(1), 3);
    let sockets = SocketConfig {
        message_rate: rate,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    for code in [
        ErrorCode::BadMessage,
        ErrorCode::BadMessage,
        ErrorCode::RateLimited,
    ] {
        ann.send_text("{}").await;
        assert_eq!(ann.hear_error().await, code);
    }
}

#[tokio::test]
async fn handshake_messages_over_their_rate_are_not_passed_on() {
    let rooms = RoomConfig {
        key_rate: Rate::new(1, Duration::from_mins(1), 3),
        ..RoomConfig::default()
    };
    let server = TestServer::with(Config {
        rooms,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut bob = server.enter(room, "bob").await;
    let mut ann = server.enter(room, "ann").await;
    bob.hear().await;
    for number in 0..5 {
        ann.key("ann", "bob", &number.to_string()).await;
    }
    for _ in 0..2 {
        assert_eq!(ann.hear_error().await, ErrorCode::RateLimited);
    }
    ann.relay("ann", "bob", "5").await;
    for number in ["0", "1", "2", "5"] {
        assert_eq!(bob.hear_relayed().await.payload.json(), number);
    }
    server
        .until_metric("snug_key_messages_refused_total 2")
        .await;
}

#[tokio::test]
async fn a_reader_that_never_reads_is_closed_and_nobody_waits_for_it() {
    let sockets = SocketConfig {
        message_rate: UNLIMITED,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let mut cay = server.enter(room, "cay").await;
    server.join(room, "bob").await;
    let mut deaf = RawSocket::open(server.address).await;
    let init = format!(r#"{{"type":"init","roomId":"{room}","clientId":"bob"}}"#);
    deaf.write(&frame(TEXT, init.as_bytes())).await;
    let big = format!("\"{}\"", "x".repeat(60_000));
    server.until_metric("snug_members_connected 3").await;
    for name in ["cay", "bob"] {
        let joined = ann.hear().await;
        assert!(format!("{joined:?}").contains(name));
    }
    cay.hear().await;
    for number in 0..400 {
        ann.relay("ann", "bob", &big).await;
        if number % 20 == 0 {
            ann.relay("ann", "cay", &number.to_string()).await;
            assert_eq!(cay.hear_relayed().await.payload.json(), number.to_string());
        }
    }
    server.until_metric("snug_slow_readers_total 1").await;
    server.until_metric("snug_members_connected 2").await;
    server.until_metric("snug_sockets 2").await;
}

#[tokio::test]
async fn pongs_that_nobody_reads_do_not_gather() {
    let sockets = SocketConfig {
        message_rate: UNLIMITED,
        // What ends the socket is not that a write takes too long.
        write_timeout: Duration::from_hours(1),
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let mut bob = server.enter(room, "bob").await;
    server.join(room, "ann").await;
    let mut deaf = RawSocket::open(server.address).await;
    let init = format!(r#"{{"type":"init","roomId":"{room}","clientId":"ann"}}"#);
    deaf.write(&frame(TEXT, init.as_bytes())).await;
    bob.hear().await;
    // More than the kernel keeps for a reader that does not read.
    let pings = frame(PING, &[b'x'; 125]).repeat(1000);
    for _ in 0..80 {
        deaf.write(&pings).await;
    }
    let last = r#"{"type":"relay","from":"ann","to":"bob","payload":1}"#;
    deaf.write(&frame(TEXT, last.as_bytes())).await;
    bob.hear_relayed().await;
    // Larger than a pong, so there is no place for it behind them.
    bob.relay("bob", "ann", &format!("{:?}", "x".repeat(1000)))
        .await;
    server.until_metric("snug_sockets 1").await;
    server.until_metric("snug_members_away 1").await;
}

#[tokio::test]
async fn sockets_that_say_nothing_do_not_stay() {
    let init_timeout = Duration::from_millis(300);
    let sockets = SocketConfig {
        init_timeout,
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..500 {
        silent.push(RawSocket::open(server.address).await);
    }
    server.until_metric("snug_sockets 0").await;
    server.until_metric("snug_connections 0").await;
}

fn strict(config: Config) -> Config {
    let addresses = AddressConfig {
        spare_loopback: false,
        ..AddressConfig::default()
    };
    Config {
        addresses,
        ..config
    }
}
