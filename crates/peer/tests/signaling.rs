//! The way to the server, against servers that answer well, badly and not at all.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use futures_util::{SinkExt, StreamExt};
use snug_peer::{
    ServerUrl,
    signaling::{Report, Signaling},
};
use snug_protocol::{ClientId, ClientMessage, ErrorCode, RoomId, ServerMessage};
use snug_session::{SignalingError, SignalingInput, SignalingOutput};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

#[tokio::test]
async fn a_room_is_created_joined_and_talked_in() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::CreateRoom { capacity: Some(3) });
    let asked = answer(&listener, "200 OK", r#"{"roomId":"K7Q4X9"}"#).await;
    assert!(
        asked.starts_with("POST /create-room HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.ends_with(r#"{"capacity":3}"#), "{asked}");
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::RoomCreated { room } if room == self::room()
    ));

    signaling.execute(SignalingOutput::JoinRoom {
        room: room(),
        client: me(),
    });
    let asked = answer(&listener, "200 OK", r#"{"peers":[]}"#).await;
    assert!(
        asked.ends_with(r#"{"roomId":"K7Q4X9","clientId":"me"}"#),
        "{asked}"
    );
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::RoomJoined
    ));

    signaling.execute(SignalingOutput::OpenSocket);
    let mut socket = accept(&listener).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::SocketOpened
    ));
    let init = ClientMessage::Init {
        room_id: room(),
        client_id: me(),
        resume: None,
    };
    signaling.execute(SignalingOutput::Send(init.clone()));
    assert_eq!(heard(&mut socket).await, init);

    let joined = ServerMessage::PeerJoined {
        client_id: "you".parse().unwrap(),
    };
    // A ping, a newer message and a broken one go by unseen.
    socket
        .send(Message::Ping("are you there".into()))
        .await
        .unwrap();
    for text in [r#"{"type":"news-of-tomorrow"}"#, "{", &joined.encode()] {
        socket.send(Message::text(text)).await.unwrap();
    }
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::Message(message) if message == joined
    ));
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Pong("are you there".into())
    );

    signaling.execute(SignalingOutput::Send(ClientMessage::Leave));
    signaling.execute(SignalingOutput::Close);
    assert_eq!(heard(&mut socket).await, ClientMessage::Leave);
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn refusals_keep_their_code_and_text() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::JoinRoom {
        room: room(),
        client: me(),
    });
    let body = r#"{"error":"there is no such\u001b room","code":"room-not-found"}"#;
    answer(&listener, "404 Not Found", body).await;
    let expected = SignalingError::Refused {
        code: ErrorCode::RoomNotFound,
        message: "there is no such room".into(),
    };
    assert_eq!(failure(&mut signaling).await, expected);

    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    let body = r#"{"error":"too many rooms","code":"rate-limited"}"#;
    answer(&listener, "429 Too Many Requests\r\nRetry-After: 17", body).await;
    let expected = SignalingError::Refused {
        code: ErrorCode::RateLimited,
        message: "too many rooms (try again in 17 s)".into(),
    };
    assert_eq!(failure(&mut signaling).await, expected);

    signaling.execute(SignalingOutput::OpenSocket);
    let body = r#"{"error":"too many connections","code":"too-many-connections"}"#;
    answer(&listener, "429 Too Many Requests", body).await;
    let expected = SignalingError::Refused {
        code: ErrorCode::TooManyConnections,
        message: "too many connections".into(),
    };
    assert_eq!(failure(&mut signaling).await, expected);
}

#[tokio::test]
async fn whatever_else_answers_is_not_a_snug_server() {
    let (listener, mut signaling) = server().await;
    let not_json = "<html>welcome</html>";
    let other = r#"{"roomId":"../../etc"}"#;
    let long = "x".repeat(1_000_000);
    for (status, body, why) in [
        ("200 OK", not_json, "is not a Snug server"),
        ("200 OK", other, "is not a Snug server"),
        ("200 OK", "", "is not a Snug server"),
        ("404 Not Found", not_json, "is not a Snug server"),
        ("200 OK", &*long, "makes no sense"),
        ("502 Bad Gateway", not_json, "answers 502 Bad Gateway"),
        ("503 Busy\r\nRetry-After: 3", "", "(try again in 3 s)"),
        (
            "302 Found\r\nLocation: http://localhost/",
            "",
            "answers 302",
        ),
    ] {
        signaling.execute(SignalingOutput::CreateRoom { capacity: None });
        answer(&listener, status, body).await;
        let reason = unreachable(&mut signaling).await;
        assert!(reason.contains(why), "{reason}");
    }
    for (bytes, why) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], "is not a Snug server"),
        (b"", "hung up before it answered"),
    ] {
        signaling.execute(SignalingOutput::CreateRoom { capacity: None });
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(bytes).await.unwrap();
        read_request(&mut stream).await;
        drop(stream);
        let reason = unreachable(&mut signaling).await;
        assert!(reason.contains(why), "{reason}");
    }
    signaling.execute(SignalingOutput::OpenSocket);
    answer(&listener, "200 OK", not_json).await;
    let reason = unreachable(&mut signaling).await;
    assert!(
        reason.contains("is not a Snug server") || reason.contains("200"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let (listener, mut signaling) = server().await;
    let address = listener.local_addr().unwrap();
    drop(listener);
    for output in [
        SignalingOutput::CreateRoom { capacity: None },
        SignalingOutput::OpenSocket,
    ] {
        signaling.execute(output);
        let reason = unreachable(&mut signaling).await;
        assert_eq!(
            reason,
            format!("http://{address} refuses: no server runs there")
        );
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut signaling = Signaling::new(format!("https://{address}").parse().unwrap());
    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    let (mut stream, _) = listener.accept().await.unwrap();
    stream
        .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        .await
        .unwrap();
    let reason = unreachable(&mut signaling).await;
    assert!(
        reason.contains("cannot be trusted or speaks no TLS"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_socket_that_ends_says_how() {
    let (listener, mut signaling) = server().await;
    let reason = CloseFrame {
        code: CloseCode::Library(4008),
        reason: "too\u{7} slow".into(),
    };
    let unexplained = CloseFrame {
        code: CloseCode::Restart,
        reason: "".into(),
    };
    let huge = Message::text("x".repeat(1 << 20));
    let endings = [
        (
            Some(Message::Close(Some(reason))),
            "the server says: too slow",
        ),
        (
            Some(Message::Close(Some(unexplained))),
            "closed by the server (1012)",
        ),
        (Some(Message::Close(None)), "closed by the server"),
        (Some(huge), "too long"),
        (None, "the connection was lost"),
    ];
    for (last, why) in endings {
        signaling.execute(SignalingOutput::OpenSocket);
        let mut socket = accept(&listener).await;
        assert!(matches!(
            next(&mut signaling).await,
            SignalingInput::SocketOpened
        ));
        if let Some(last) = last {
            // The client may hang up before it has all of it.
            drop(socket.send(last).await);
        }
        drop(socket);
        let error = failure(&mut signaling).await;
        assert!(matches!(error, SignalingError::Closed(_)), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[tokio::test]
async fn what_was_closed_is_not_heard_of_again() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::JoinRoom {
        room: room(),
        client: me(),
    });
    let (mut abandoned, _) = listener.accept().await.unwrap();
    read_request(&mut abandoned).await;
    signaling.execute(SignalingOutput::Close);
    // The connection goes with the call.
    assert_eq!(abandoned.read(&mut [0]).await.unwrap_or(0), 0);

    signaling.execute(SignalingOutput::OpenSocket);
    let mut socket = accept(&listener).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::SocketOpened
    ));
    let joined = ServerMessage::PeerJoined { client_id: me() };
    signaling.execute(SignalingOutput::Close);
    drop(socket.send(Message::text(joined.encode())).await);

    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    answer(&listener, "200 OK", r#"{"roomId":"K7Q4X9"}"#).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::RoomCreated { .. }
    ));
}

#[tokio::test]
async fn a_server_that_never_reads_is_given_up() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::OpenSocket);
    let _socket = accept(&listener).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::SocketOpened
    ));
    // More at once than the outbox holds, without a chance to send any of it.
    for _ in 0..1000 {
        signaling.execute(SignalingOutput::Send(ClientMessage::Leave));
    }
    let error = failure(&mut signaling).await;
    assert_eq!(
        error,
        SignalingError::Closed("the server does not take messages".into())
    );
}

#[tokio::test]
async fn a_silent_server_is_asked_for_a_sign_of_life() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::OpenSocket);
    let mut socket = accept(&listener).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::SocketOpened
    ));
    // From here on the clock goes as fast as everyone waits.
    tokio::time::pause();
    let asked = socket.next().await.unwrap().unwrap();
    assert!(asked.is_ping(), "{asked}");
}

#[tokio::test]
async fn closing_waits_for_the_last_message() {
    let (listener, mut signaling) = server().await;
    signaling.execute(SignalingOutput::OpenSocket);
    let mut socket = accept(&listener).await;
    assert!(matches!(
        next(&mut signaling).await,
        SignalingInput::SocketOpened
    ));
    signaling.execute(SignalingOutput::Send(ClientMessage::Leave));
    let (sent, mut received) = mpsc::unbounded_channel();
    let server = async move {
        while let Some(Ok(message)) = socket.next().await {
            sent.send(message).unwrap();
        }
    };
    tokio::join!(signaling.close(), server);
    assert_eq!(
        received.recv().await,
        Some(Message::text(ClientMessage::Leave.encode()))
    );
}

#[tokio::test]
async fn routes_are_under_the_path_of_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/rooms/", listener.local_addr().unwrap());
    let mut signaling = Signaling::new(url.parse().unwrap());
    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    let asked = answer(&listener, "200 OK", r#"{"roomId":"K7Q4X9"}"#).await;
    assert!(asked.starts_with("POST /rooms/create-room "), "{asked}");
}

#[tokio::test]
async fn ice_servers_are_known_before_the_socket_is_open() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    // Leads to this machine, and is none of its loopback addresses.
    let url = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
    for (status, body, expected) in [
        (
            "200 OK",
            r#"{"iceServers":[{"urls":["stun:snug.example"]}]}"#,
            Some("stun:snug.example"),
        ),
        ("404 Not Found", "", None),
    ] {
        let mut signaling = Signaling::new(url.parse().unwrap());
        signaling.execute(SignalingOutput::JoinRoom {
            room: room(),
            client: me(),
        });
        answer(&listener, "200 OK", r#"{"peers":[]}"#).await;
        assert!(matches!(
            next(&mut signaling).await,
            SignalingInput::RoomJoined
        ));

        signaling.execute(SignalingOutput::OpenSocket);
        let (one, _) = listener.accept().await.unwrap();
        let (two, _) = listener.accept().await.unwrap();
        let (socket, mut call) = if asks_for_socket(&one).await {
            (one, two)
        } else {
            (two, one)
        };
        let _socket = accept_async(socket).await.unwrap();
        let asked = read_request(&mut call).await;
        assert!(
            asked.starts_with("GET /ice-servers?roomId=K7Q4X9&clientId=me "),
            "{asked}"
        );
        respond(&mut call, status, body).await;
        if let Some(expected) = expected {
            let report = signaling.next().await;
            let Report::IceServers(servers) = report else {
                panic!("{report:?}");
            };
            assert_eq!(servers[0].urls, [expected]);
        }
        assert!(matches!(
            next(&mut signaling).await,
            SignalingInput::SocketOpened
        ));
    }
}

async fn asks_for_socket(stream: &TcpStream) -> bool {
    let mut start = [0; 7];
    while stream.peek(&mut start).await.unwrap() < start.len() {}
    &start == b"GET /ws"
}

async fn server() -> (TcpListener, Signaling) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: ServerUrl = listener.local_addr().unwrap().to_string().parse().unwrap();
    (listener, Signaling::new(url))
}

/// Answers the next call; what was asked.
async fn answer(listener: &TcpListener, status: &str, body: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let asked = read_request(&mut stream).await;
    respond(&mut stream, status, body).await;
    asked
}

async fn respond(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Whoever has heard enough may hang up.
    drop(stream.write_all(body.as_bytes()).await);
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut asked = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&asked);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or("0", |rest| rest.lines().next().unwrap());
            if body.len() >= length.parse().unwrap() {
                return text.into_owned();
            }
        }
        let read = stream.read_buf(&mut asked).await.unwrap();
        assert_ne!(read, 0, "the client hung up");
    }
}

async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    accept_async(stream).await.unwrap()
}

async fn heard(socket: &mut WebSocketStream<TcpStream>) -> ClientMessage {
    let message = socket.next().await.unwrap().unwrap();
    ClientMessage::decode(message.to_text().unwrap()).unwrap()
}

async fn next(signaling: &mut Signaling) -> SignalingInput {
    match signaling.next().await {
        Report::Input(input) => input,
        Report::IceServers(_) => panic!("nobody asks a server on loopback for ICE servers"),
    }
}

async fn failure(signaling: &mut Signaling) -> SignalingError {
    match next(signaling).await {
        SignalingInput::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

async fn unreachable(signaling: &mut Signaling) -> String {
    match failure(signaling).await {
        SignalingError::Unreachable(reason) => reason,
        other => panic!("{other:?}"),
    }
}

fn room() -> RoomId {
    "K7Q4X9".parse().unwrap()
}

fn me() -> ClientId {
    "me".parse().unwrap()
}
