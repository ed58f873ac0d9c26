//! Frames that no well-behaved client sends (hostile.md 24 to 32): each ends its own socket with
//! the code that says why, and leaves the room alone.

use std::time::Duration;

use snug_protocol::ClientMessage;
use snug_server::{Config, Rate, config::SocketConfig};
use tokio::io::AsyncWriteExt;

use crate::{
    client::forward,
    raw::{PING, RawSocket, TEXT, frame},
    server::TestServer,
};

#[tokio::test]
async fn broken_frames_are_closed_with_the_code_that_says_why() {
    let server = TestServer::start().await;
    let mut unmasked = frame(TEXT, b"x");
    unmasked[1] &= 0x7f;
    let mut huge = vec![TEXT, 0xff];
    huge.extend((1_u64 << 63).to_be_bytes());
    huge.extend([1, 2, 3, 4]);
    let one_too_many = "x".repeat(64 * 1024 + 1);
    let mut two_halves = frame(0x01, &one_too_many.as_bytes()[..60_000]);
    two_halves.extend(frame(0x80, &one_too_many.as_bytes()[60_000..]));
    for (what, bytes, code) in [
        ("unmasked", unmasked, 1002),
        ("reserved bit 1", frame(0xc1, b"x"), 1002),
        ("reserved bit 2", frame(0xa1, b"x"), 1002),
        ("reserved bit 3", frame(0x91, b"x"), 1002),
        ("unknown data opcode", frame(0x83, b"x"), 1002),
        ("unknown control opcode", frame(0x8b, b"x"), 1002),
        ("fragmented ping", frame(0x09, b"x"), 1002),
        ("ping of 126 bytes", frame(PING, &[b'x'; 126]), 1002),
        ("continuation of nothing", frame(0x80, b"x"), 1002),
        (
            "text within text",
            [frame(0x01, b"x"), frame(TEXT, b"x")].concat(),
            1002,
        ),
        (
            "one byte too many",
            frame(TEXT, one_too_many.as_bytes()),
            1009,
        ),
        ("one byte too many in two frames", two_halves, 1009),
        ("2^63 bytes", huge, 1009),
        ("not UTF-8", frame(TEXT, &[0xc3, 0x28]), 1007),
        ("half a character", frame(TEXT, &[0xe2, 0x82]), 1007),
        ("a lone surrogate", frame(TEXT, &[0xed, 0xa0, 0x80]), 1007),
        ("binary", frame(0x82, b"x"), 1003),
        (
            "close with a code of its own making",
            frame(0x88, &[0x03, 0xee]),
            1002,
        ),
        ("close with half a code", frame(0x88, &[0x03]), 1002),
    ] {
        let mut socket = RawSocket::open(server.address).await;
        socket.write(&bytes).await;
        assert_eq!(socket.close_code().await, Some(code), "{what}");
    }
    server.until_metric("snug_sockets 0").await;
}

#[tokio::test]
async fn a_message_in_ten_thousand_fragments_is_a_message() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut bob = server.enter(room, "bob").await;
    server.join(room, "ann").await;
    let mut ann = seated(&server, room, "ann").await;
    bob.hear().await;
    let payload = format!("\"{}\"", "x".repeat(10_000));
    let text = ClientMessage::Forward(forward("ann", "bob", &payload)).encode();
    let (first, rest) = text.as_bytes().split_first().unwrap();
    let (last, middle) = rest.split_last().unwrap();
    let mut frames = frame(0x01, &[*first]);
    for byte in middle {
        frames.extend(frame(0x00, &[*byte]));
    }
    frames.extend(frame(0x80, &[*last]));
    ann.write(&frames).await;
    assert_eq!(bob.hear_text().await, text);
}

#[tokio::test]
async fn a_message_that_never_ends_costs_the_socket() {
    let server = TestServer::start().await;
    let mut socket = RawSocket::open(server.address).await;
    socket.write(&frame(0x01, b"")).await;
    socket.write(&frame(0x00, b"").repeat(25_000)).await;
    assert_eq!(socket.close_code().await, Some(1008));
    server.until_metric("snug_floods_total 1").await;
}

#[tokio::test]
async fn messages_in_ever_so_many_fragments_are_a_flood() {
    let hour = Duration::from_hours(1);
    let sockets = SocketConfig {
        message_rate: Rate::new(1, hour, 200),
        refusal_rate: Rate::new(1, hour, 1),
        ..SocketConfig::default()
    };
    let server = TestServer::with(Config {
        sockets,
        ..Config::for_tests()
    })
    .await;
    let mut socket = RawSocket::open(server.address).await;
    let mut message = frame(0x01, b"");
    message.extend(frame(0x00, b"").repeat(20_000));
    message.extend(frame(0x80, b"{}"));
    for code in ["bad-message", "rate-limited"] {
        socket.write(&message).await;
        let (_, said) = socket.read().await.unwrap();
        assert!(String::from_utf8(said).unwrap().contains(code), "{code}");
    }
    socket.write(&message).await;
    assert_eq!(socket.close_code().await, Some(1008));
}

#[tokio::test]
async fn what_follows_a_close_is_ignored() {
    let server = TestServer::start().await;
    let mut socket = RawSocket::open(server.address).await;
    let mut bytes = frame(0x88, &1000_u16.to_be_bytes());
    bytes.extend(frame(TEXT, b"{\"type\":\"leave\"}"));
    socket.write(&bytes).await;
    assert_eq!(
        socket.read().await,
        Some((0x8, 1000_u16.to_be_bytes().to_vec()))
    );
    assert_eq!(socket.read().await, None);
}

#[tokio::test]
async fn a_reset_within_a_frame_starts_the_grace_time() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut bob = server.enter(room, "bob").await;
    server.join(room, "ann").await;
    let mut ann = seated(&server, room, "ann").await;
    bob.hear().await;
    let half = frame(TEXT, &[b'x'; 1000]);
    ann.write(&half[..500]).await;
    ann.0.set_zero_linger().unwrap();
    drop(ann);
    server.until_metric("snug_members_away 1").await;
    bob.relay("bob", "ann", "1").await;
    server.until_metric("snug_held_messages 1").await;
}

#[tokio::test]
async fn frames_sent_with_the_handshake_are_read() {
    let server = TestServer::start().await;
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let mut bytes = crate::raw::handshake("").into_bytes();
    bytes.extend(frame(TEXT, b"{}"));
    stream.write_all(&bytes).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap());
    }
    let (opcode, payload) = RawSocket(stream).read().await.unwrap();
    assert_eq!(opcode, 1);
    assert!(String::from_utf8(payload).unwrap().contains("bad-message"));
}

#[tokio::test]
async fn bytes_that_drip_are_put_together() {
    let server = TestServer::start().await;
    let room = server.create().await;
    server.join(room, "ann").await;
    let mut ann = RawSocket::open(server.address).await;
    for byte in frame(TEXT, init(room, "ann").as_bytes()) {
        ann.write(&[byte]).await;
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    let (_, payload) = ann.read().await.unwrap();
    assert!(String::from_utf8(payload).unwrap().contains("init-success"));
}

async fn seated(server: &TestServer, room: snug_protocol::RoomId, client: &str) -> RawSocket {
    let mut socket = RawSocket::open(server.address).await;
    socket
        .write(&frame(TEXT, init(room, client).as_bytes()))
        .await;
    let (_, payload) = socket.read().await.unwrap();
    assert!(String::from_utf8(payload).unwrap().contains("init-success"));
    socket
}

fn init(room_id: snug_protocol::RoomId, client: &str) -> String {
    ClientMessage::Init {
        room_id,
        client_id: client.parse().unwrap(),
        resume: None,
    }
    .encode()
}
