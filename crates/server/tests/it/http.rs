//! The HTTP calls, and what hostile clients make of them (hostile.md 1 to 21).

use std::time::Duration;

use serde_json::json;
use snug_server::{
    Config,
    config::{HttpConfig, RoomConfig, TurnConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    raw::{self, Answer},
    server::{TestServer, within},
};

#[tokio::test]
async fn rooms_are_created_and_joined_under_both_prefixes() {
    let server = TestServer::start().await;
    for prefix in ["", "/api"] {
        let created = raw::post(server.address, &format!("{prefix}/create-room"), "").await;
        assert_eq!(created.status, 200, "{created:?}");
        let room = created.json()["roomId"].as_str().unwrap().to_owned();
        assert_eq!(room.len(), 6);
        let body = json!({"roomId": room, "clientId": "ann"}).to_string();
        let joined = raw::post(server.address, &format!("{prefix}/join-room"), &body).await;
        assert_eq!((joined.status, joined.json()), (200, json!({"peers": []})));
    }
}

#[tokio::test]
async fn rooms_of_any_allowed_size_and_no_other() {
    let server = TestServer::start().await;
    for good in [
        "",
        "{}",
        r#"{"capacity":null}"#,
        r#"{"capacity":2}"#,
        r#"{"capacity":32,"x":1}"#,
    ] {
        assert_eq!(create(&server, good).await.status, 200, "{good}");
    }
    for (bad, code) in [
        (r#"{"capacity":1}"#, "invalid-capacity"),
        (r#"{"capacity":33}"#, "invalid-capacity"),
        (r#"{"capacity":65536}"#, "bad-message"),
        (r#"{"capacity":-0}"#, "bad-message"),
        (r#"{"capacity":-1}"#, "bad-message"),
        (r#"{"capacity":1e999}"#, "bad-message"),
        (r#"{"capacity":9223372036854775808}"#, "bad-message"),
        (r#"{"capacity":"8"}"#, "bad-message"),
        (r#"{"capacity":8.5}"#, "bad-message"),
        (r#"{"capacity":8,"capacity":8}"#, "bad-message"),
        ("[8]", "bad-message"),
        ("8", "bad-message"),
        ("null", "bad-message"),
        ("{", "bad-message"),
        ("{}{}", "bad-message"),
        ("\u{feff}{}", "bad-message"),
    ] {
        let answer = create(&server, bad).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn room_ids_forgive_case_and_look_alikes() {
    let server = TestServer::start().await;
    let room = server.create().await.to_string();
    let typed = room.to_lowercase().replace('0', "O").replace('1', "l");
    let answer = join(&server, &typed, "ann").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn what_is_no_room_id_is_called_so() {
    let server = TestServer::start().await;
    for bad in [
        "",
        "K7Q4X",
        "K7Q4X99",
        "K7Q4XU",
        "К7Q4X9",
        "Ｋ7Q4",
        "%2e%2e/",
        "%00%00",
        "K7Q\\u0000X9",
        "\\r\\nABCD",
    ] {
        let answer = join(&server, bad, "ann").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "invalid-room-id"),
            "{bad:?}"
        );
    }
    for (body, why) in [
        (r#"{"clientId":"ann"}"#, "no room"),
        (r#"{"roomId":7,"clientId":"ann"}"#, "a number"),
        (r#"{"roomId":["K7Q4X9"],"clientId":"ann"}"#, "an array"),
        (
            r#"{"roomId":"K7Q4X9","roomId":"K7Q4X9","clientId":"ann"}"#,
            "twice",
        ),
        (r#"["K7Q4X9","ann"]"#, "an array for the object"),
        (
            r#"{"roomId":"\ud800","clientId":"ann"}"#,
            "half a surrogate pair",
        ),
    ] {
        let answer = raw::post(server.address, "/join-room", body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "bad-message"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn client_ids_are_checked_and_belong_to_who_has_them() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let long = "x".repeat(1024);
    for bad in [
        "",
        " ",
        "a b",
        "a/b",
        "\\u0007",
        "\u{e9}",
        "<b>",
        &"x".repeat(65),
        &long,
    ] {
        let answer = join(&server, room.as_str(), bad).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "invalid-client-id"),
            "{bad:?}"
        );
    }
    let _ann = server.enter(room, "ann").await;
    let answer = server.join(room, "ann").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (409, "client-id-taken")
    );
    assert_eq!(
        server.join(room, "bob").await.json(),
        json!({"peers": ["ann"]})
    );
}

#[tokio::test]
async fn unknown_expired_and_full_rooms_are_answered_with_the_same_bytes() {
    let expiry = Duration::from_millis(50);
    let rooms = RoomConfig {
        expiry,
        ..RoomConfig::default()
    };
    let server = TestServer::with(Config {
        rooms,
        ..Config::for_tests()
    })
    .await;
    let expired = server.create().await;
    server.until_metric("snug_rooms 0").await;
    let full = server.create_of(2).await;
    server.join(full, "ann").await;
    server.join(full, "bob").await;
    let at_full = server.join(full, "eve").await;
    let at_expired = server.join(expired, "eve").await;
    let at_unknown = join(&server, "000000", "eve").await;
    assert_eq!(
        (at_full.status, at_full.code().as_str()),
        (404, "room-not-found")
    );
    assert_eq!(at_full.timeless(), at_expired.timeless());
    assert_eq!(at_full.timeless(), at_unknown.timeless());
}

#[tokio::test]
async fn bodies_are_small() {
    let server = TestServer::start().await;
    let longest = format!(r#"{{"x":"{}"}}"#, "x".repeat(4096 - 8));
    assert_eq!(create(&server, &longest).await.status, 200);
    let long = format!(r#"{{"x":"{}"}}"#, "x".repeat(4096 - 7));
    assert_eq!(create(&server, &long).await.status, 413);
    let huge = join(&server, &"x".repeat(10_000_000), "ann").await;
    assert_eq!((huge.status, huge.code().as_str()), (413, "too-large"));
    let promised = "POST /join-room HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                    content-length: 9223372036854775807\r\n\r\n";
    assert_eq!(raw::send(server.address, promised).await.status, 413);
    let deep = format!(r#"{{"x":{}"#, "[".repeat(4000));
    assert_eq!(create(&server, &deep).await.status, 400);
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    assert!(matches!(create(&server, &deep).await.status, 200 | 400));
}

#[tokio::test]
async fn only_json_is_taken() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let body = json!({"roomId": room.as_str(), "clientId": "ann"}).to_string();
    for (header, status) in [
        ("content-type: application/json\r\n", 200),
        ("content-type: Application/JSON; charset=utf-8\r\n", 200),
        ("", 415),
        ("content-type: text/plain\r\n", 415),
        ("content-type: application/x-www-form-urlencoded\r\n", 415),
        ("content-type: application/jsonp\r\n", 415),
    ] {
        let request = raw::request("POST", "/join-room", header, &body);
        let answer = raw::send(server.address, request).await;
        assert_eq!(answer.status, status, "{header:?}");
    }
}

#[tokio::test]
async fn a_chunked_body_that_never_ends_is_given_up() {
    let server = TestServer::with(impatient()).await;
    let head = "POST /create-room HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let mut trickle = TcpStream::connect(server.address).await.unwrap();
    trickle
        .write_all(format!("{head}1\r\n{{\r\n").as_bytes())
        .await
        .unwrap();
    let answer = Answer::parse(&raw::rest(&mut trickle).await);
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (408, "request-timeout")
    );

    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let pour = tokio::spawn(async move {
        write.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
        while write.write_all(chunk.as_bytes()).await.is_ok() {}
    });
    let mut answer = Vec::new();
    let _ = within(read.read_to_end(&mut answer)).await;
    let answer = Answer::parse(&String::from_utf8_lossy(&answer));
    assert!(matches!(answer.status, 413 | 0), "{answer:?}");
    drop(read);
    within(pour).await.unwrap();
    assert_eq!(raw::get(server.address, "/health").await.status, 200);
}

#[tokio::test]
async fn nothing_is_smuggled_behind_two_lengths() {
    let server = TestServer::start().await;
    for lengths in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
    ] {
        let request = format!(
            "POST /create-room HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lengths}\
             \r\n0\r\n\r\nGET /health HTTP/1.1\r\nhost: x\r\n\r\n"
        );
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let answers = raw::rest(&mut stream).await;
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
        assert!(!answers.contains("healthy"), "{answers}");
    }
    for broken in [
        "content-length: 4\r\ncontent-length: 5\r\n",
        "content-length: -1\r\n",
        "content-length: 1e3\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, identity\r\n",
    ] {
        let request = format!("POST /create-room HTTP/1.1\r\nhost: x\r\n{broken}\r\n");
        assert_eq!(
            raw::send(server.address, request).await.status,
            400,
            "{broken:?}"
        );
    }
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_given_up() {
    let server = TestServer::with(impatient()).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    raw::rest(&mut silent).await;

    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let (mut read, mut write) = slow.split();
    let drip = async {
        for byte in b"GET /health HTTP/1.1\r\nx: "
            .iter()
            .chain(vec![b'x'; 1_000_000].iter())
        {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let mut bytes = Vec::new();
    within(async {
        tokio::select! { () = drip => {}, _ = read.read_to_end(&mut bytes) => {} }
    })
    .await;

    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(raw::rest(&mut idle).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn heads_are_small_and_are_http() {
    let server = TestServer::start().await;
    for (what, head) in [
        (
            "a long line",
            format!("GET /health HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(20_000)),
        ),
        (
            "many lines",
            format!("GET /health HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100)),
        ),
        (
            "a long path",
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(20_000)),
        ),
    ] {
        let status = raw::send(server.address, head).await.status;
        assert!(matches!(status, 414 | 431), "{what}: {status}");
    }
    for head in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\na\0: b\r\n\r\n",
    ] {
        assert_eq!(
            raw::send(server.address, head).await.status,
            400,
            "{head:?}"
        );
    }
    // A TLS greeting is not HTTP at all.
    raw::send(server.address, [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).await;
    assert_eq!(raw::get(server.address, "/health").await.status, 200);
}

#[tokio::test]
async fn other_routes_and_methods_are_refused_in_json() {
    let server = TestServer::start().await;
    for path in [
        "/nowhere",
        "/api/api/health",
        "/../health",
        "/%2e%2e/health",
        "/%00",
        "/metrics",
        "//health",
    ] {
        let answer = raw::get(server.address, path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not-found"),
            "{path}"
        );
    }
    for method in ["POST", "PUT", "OPTIONS"] {
        for path in ["/nowhere", "/.well-known/apple-app-site-association"] {
            let answer = raw::send(server.address, raw::request(method, path, "", "")).await;
            let said = (answer.status, answer.code());
            assert_eq!(said, (404, "not-found".to_owned()), "{method} {path}");
        }
    }
    for (method, path) in [
        ("POST", "/"),
        ("GET", "/create-room"),
        ("PUT", "/api/join-room"),
        ("POST", "/health"),
        ("OPTIONS", "/create-room"),
        ("POST", "/ws"),
    ] {
        let answer = raw::send(server.address, raw::request(method, path, "", "")).await;
        let said = (answer.status, answer.code());
        assert_eq!(
            said,
            (405, "method-not-allowed".to_owned()),
            "{method} {path}"
        );
        assert!(answer.header("allow").is_some());
    }
}

#[tokio::test]
async fn health_and_readiness_are_told_in_counts() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let _ann = server.enter(room, "ann").await;
    for path in ["/health", "/api/health"] {
        let health = raw::get(server.address, path).await;
        assert_eq!(health.status, 200);
        let health = health.json();
        assert_eq!(health["status"], "healthy");
        assert_eq!(
            (&health["rooms"], &health["members"]),
            (&json!(1), &json!(1))
        );
        assert!(health["version"].is_string() && health["uptimeSeconds"].is_u64());
    }
    assert_eq!(raw::get(server.address, "/ready").await.status, 200);
    let head = raw::send(server.address, raw::request("HEAD", "/health", "", "")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn metrics_are_counts_on_a_listener_of_their_own() {
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "ann").await;
    let _bob = server.enter(room, "bob").await;
    ann.relay("ann", "bob", "1").await;
    server.until_metric("snug_relayed_messages_total 1").await;
    let metrics = raw::get(server.metrics, "/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    for line in ["snug_rooms 1", "snug_members_connected 2", "snug_sockets 2"] {
        assert!(
            metrics.body.lines().any(|l| l == line),
            "{line}\n{}",
            metrics.body
        );
    }
    for secret in [room.as_str(), "ann", "bob", "127.0.0.1", "{"] {
        assert!(!metrics.body.contains(secret), "{secret}");
    }
    assert_eq!(raw::get(server.metrics, "/create-room").await.status, 404);
    assert_eq!(
        raw::send(server.metrics, raw::handshake("connection: close\r\n"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn ice_servers_are_for_the_seated() {
    let turn = TurnConfig {
        urls: vec!["turn:turn.example:3478".to_owned()],
        secret: "north".to_owned(),
        credential_life: Duration::from_mins(10),
    };
    let server = TestServer::with(Config {
        turn: Some(turn),
        ..Config::for_tests()
    })
    .await;
    let room = server.create().await;
    let path = |room: &str, client: &str| format!("/ice-servers?roomId={room}&clientId={client}");
    server.join(room, "ann").await;
    let answer = raw::get(server.address, &path(room.as_str(), "ann")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let servers = answer.json()["iceServers"].clone();
    assert_eq!(
        servers[0],
        json!({"urls": [format!("stun:localhost:{}", server.stun.port())]})
    );
    assert_eq!(servers[1]["urls"], json!(["turn:turn.example:3478"]));
    assert!(servers[1]["username"].is_string() && servers[1]["credential"].is_string());
    assert!(!answer.body.contains("ann"));

    let strange = raw::get(server.address, &path(room.as_str(), "eve")).await;
    let nowhere = raw::get(server.address, &path("000000", "ann")).await;
    assert_eq!(
        (strange.status, strange.code().as_str()),
        (404, "room-not-found")
    );
    assert_eq!(strange.timeless(), nowhere.timeless());
    for bad in [
        "/ice-servers",
        "/ice-servers?roomId=K7Q4X9",
        "/ice-servers?roomId=x&clientId=ann",
    ] {
        assert_eq!(raw::get(server.address, bad).await.status, 400, "{bad}");
    }
    for host in ["a/b", "evil?x", "[::1", "\u{e9}"] {
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n",
            path(room.as_str(), "ann")
        );
        let answer = raw::send(server.address, request).await;
        assert!(!answer.body.contains("stun:"), "{answer:?}");
    }
}

#[tokio::test]
async fn answers_are_guarded_and_set_no_cookie() {
    let server = TestServer::start().await;
    for path in ["/", "/health", "/nowhere", "/create-room"] {
        let answer = raw::get(server.address, path).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
    }
    let page = raw::get(server.address, "/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("snug join CODE"));
}

#[tokio::test]
async fn pages_elsewhere_are_let_in_only_by_name() {
    let friend = "https://friend.example".to_owned();
    let server = TestServer::with(Config {
        allowed_origins: vec![friend],
        ..Config::for_tests()
    })
    .await;
    let from = |method: &str, path: &str, origin: &str| {
        raw::request(method, path, &format!("origin: {origin}\r\n"), "")
    };
    let allowed = raw::send(
        server.address,
        from("OPTIONS", "/join-room", "https://friend.example"),
    );
    let allowed = allowed.await;
    assert_eq!(allowed.status, 204);
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!(origin, Some("https://friend.example"));
    for origin in ["https://evil.example", "null"] {
        let refused = raw::send(server.address, from("OPTIONS", "/join-room", origin)).await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    for (origin, status) in [
        ("https://friend.example", 101),
        ("http://localhost", 101),
        ("https://localhost", 101),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost:81", 403),
        ("null", 403),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let handshake = raw::handshake(&format!("origin: {origin}\r\n"));
        stream.write_all(handshake.as_bytes()).await.unwrap();
        assert_eq!(first_status(&mut stream).await, status, "{origin}");
    }
}

#[tokio::test]
async fn pages_elsewhere_neither_open_nor_join_rooms() {
    let friend = "https://friend.example".to_owned();
    let mut config = Config {
        allowed_origins: vec![friend],
        ..Config::for_tests()
    };
    config.addresses.spare_loopback = false;
    let server = TestServer::with(config).await;
    let post = |path: &str, origin: &str, media_type: &str, body: &str| {
        let headers = format!("origin: {origin}\r\ncontent-type: {media_type}\r\n");
        raw::send(server.address, raw::request("POST", path, &headers, body))
    };
    let seat = r#"{"roomId":"K7Q4X9","clientId":"ann"}"#;
    // More often than a visitor may do it, who is still free to afterwards.
    for _ in 0..31 {
        for origin in ["https://evil.example", "null"] {
            for (path, body) in [("/create-room", ""), ("/api/join-room", seat)] {
                let refused = post(path, origin, "text/plain", body).await;
                let said = (refused.status, refused.code());
                assert_eq!(said, (403, "origin-refused".to_owned()), "{path}");
            }
        }
    }
    for origin in ["https://friend.example", "https://localhost"] {
        let created = post("/create-room", origin, "text/plain", "").await;
        assert_eq!(created.status, 200, "{origin}");
        let joined = post("/join-room", origin, "application/json", seat).await;
        assert_eq!(joined.code(), "room-not-found", "{origin}");
    }
}

#[tokio::test]
async fn bad_handshakes_open_no_socket() {
    let server = TestServer::start().await;
    let good = raw::handshake("");
    for (from, to, status) in [
        ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", 400),
        ("sec-websocket-key", "x-key", 400),
        ("version: 13", "version: 8", 426),
        ("sec-websocket-version", "x-version", 426),
        ("upgrade: websocket", "upgrade: h2c", 426),
        ("connection: upgrade", "connection: close", 426),
        ("HTTP/1.1", "HTTP/1.0", 426),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream
            .write_all(good.replace(from, to).as_bytes())
            .await
            .unwrap();
        assert_eq!(first_status(&mut stream).await, status, "{to}");
    }
    let two = raw::handshake("connection: keep-alive, Upgrade\r\n")
        .replace("connection: upgrade\r\n", "");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(two.as_bytes()).await.unwrap();
    assert_eq!(first_status(&mut stream).await, 101);
}

#[tokio::test]
async fn refused_upgrades_say_why() {
    let server = TestServer::start().await;
    let foreign = raw::handshake("origin: https://evil.example\r\n");
    let old = raw::handshake("").replace("version: 13", "version: 8");
    for (handshake, status, code) in [
        (foreign, 403, "origin-refused"),
        (old, 426, "upgrade-required"),
    ] {
        let refused = raw::send(server.address, handshake).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
    }
}

fn impatient() -> Config {
    let short = Duration::from_millis(200);
    let http = HttpConfig {
        head_timeout: short,
        body_timeout: short,
        ..HttpConfig::default()
    };
    Config {
        http,
        ..Config::for_tests()
    }
}

async fn create(server: &TestServer, body: &str) -> Answer {
    raw::post(server.address, "/create-room", body).await
}

async fn join(server: &TestServer, room: &str, client: &str) -> Answer {
    let body = format!(r#"{{"roomId":"{room}","clientId":"{client}"}}"#);
    raw::post(server.address, "/join-room", &body).await
}

async fn first_status(stream: &mut TcpStream) -> u16 {
    let mut line = [0; 12];
    within(stream.read_exact(&mut line)).await.unwrap();
    Answer::parse(std::str::from_utf8(&line).unwrap()).status
}
