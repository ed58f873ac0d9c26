//! The real binary: its flags, its key file, its signals, its log, and what it does when it runs
//! out of descriptors.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use snug_protocol::{ClientMessage, ResumeToken, RoomId, ServerMessage};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

#[tokio::test]
async fn sigterm_tells_everyone_to_come_back_and_exits_with_zero() {
    let server = Process::start(&[]).await;
    let room = server.create().await;
    let (mut ann, _) = server.enter(room, "ann").await;
    server.signal(Signal::TERM);
    assert!(matches!(
        hear(&mut ann).await,
        ServerMessage::Restarting { .. }
    ));
    let close = within(ann.next()).await.unwrap().unwrap();
    let Message::Close(Some(frame)) = close else {
        panic!("{close:?}")
    };
    assert_eq!(u16::from(frame.code), 1012);
    drop(ann);
    let (status, log) = server.end().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("draining") && log.contains("stopped"), "{log}");
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let server = Process::start(&["--drain-delay", "1h"]).await;
    server.signal(Signal::INT);
    within(async { while server.get("/ready").await != 503 {} }).await;
    server.signal(Signal::INT);
    let (status, log) = server.end().await;
    assert_eq!(status.code(), Some(0), "{log}");
}

#[tokio::test]
async fn a_key_file_is_made_and_brings_everyone_back_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/server.key");
    let flags = ["--key-file", file.to_str().unwrap()];
    let mut server = Process::start(&flags).await;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        std::fs::read_dir(file.parent().unwrap()).unwrap().count(),
        1
    );
    let room = server.create().await;
    let (ann, token) = server.enter(room, "ann").await;
    server.child.kill().await.unwrap();
    drop(ann);

    let server = Process::start(&flags).await;
    let mut ann = server.connect().await;
    init(&mut ann, room, "ann", Some(token)).await;
    assert!(matches!(
        hear(&mut ann).await,
        ServerMessage::InitSuccess { .. }
    ));
}

#[tokio::test]
async fn the_key_itself_goes_before_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.key");
    let mut command = command(&["--key-file", file.to_str().unwrap()]);
    command.env("SNUG_KEY", "0".repeat(64));
    let server = Process::spawn(command).await;
    assert_eq!(server.get("/health").await, 200);
    assert!(!file.exists());
}

#[tokio::test]
async fn the_log_in_a_file_is_plain_text() {
    let server = Process::start(&[]).await;
    server.signal(Signal::TERM);
    let (_, log) = server.end().await;
    assert!(
        log.contains("stopped") && !log.contains('\u{1b}'),
        "{log:?}"
    );
}

#[tokio::test]
async fn without_a_key_file_to_write_the_key_stays_in_memory() {
    let mut command = command(&[]);
    command.env("XDG_STATE_HOME", "/dev/null/nowhere");
    let server = Process::spawn(command).await;
    assert_eq!(server.get("/health").await, 200);
    server.signal(Signal::TERM);
    let (status, log) = server.end().await;
    assert_eq!(status.code(), Some(0));
    assert!(log.contains("--key-file"), "{log}");
}

#[tokio::test]
async fn what_cannot_work_is_said_and_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let rubbish = folder.path().join("rubbish");
    std::fs::write(&rubbish, "not a key").unwrap();
    let rubbish = rubbish.to_str().unwrap();
    let server = Process::start(&[]).await;
    let taken = server.address.to_string();
    for (flags, said) in [
        (vec!["--listen", &taken], "something else has this port"),
        (
            vec!["--listen", "192.0.2.1:0"],
            "does not have that address",
        ),
        (vec!["--listen", "everywhere"], "invalid"),
        (vec!["--key-file", rubbish], "its content is not a key"),
        (
            vec!["--key-file", "/dev/null/nowhere"],
            "cannot use the key file",
        ),
        (vec!["--key", "secretsecret"], "SNUG_KEY is not a key"),
        (vec!["--capacity", "1"], "--capacity"),
        (vec!["--turn-url", "turn:x"], "--turn-secret"),
        (
            vec!["--turn-url", "http://x", "--turn-secret", "s"],
            "turn:",
        ),
        (vec!["--trusted-proxy", "10.0.0.0/99"], "10.0.0.0/8"),
        (vec!["--allow-origin", "example.org"], "https://"),
        (vec!["--ios-app", "app.snug"], "ten capitals and digits"),
        (vec!["--ping-interval", "soon"], "500ms"),
        (vec!["--ping-interval", "0s"], "longer than none"),
        (vec!["--room-expiry", "33s"], "--room-expiry"),
        (vec!["--public-host", "snug.example:8080"], "a host alone"),
        (
            vec!["--public-host", "https://snug.example/"],
            "a host alone",
        ),
        (
            vec!["--turn-url", "turn:x", "--turn-secret", ""],
            "--turn-secret is empty",
        ),
        (vec!["--turn-secret", "secretsecret"], "--turn-url"),
        (vec!["--log", "inof"], "`inof` is no level"),
        (vec!["--messages-per-second", "0"], "invalid"),
    ] {
        let output = within(command(&flags).output()).await.unwrap();
        assert!(!output.status.success(), "{flags:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(said), "{flags:?}: {error}");
        assert!(!error.contains("secretsecret"), "{error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[tokio::test]
async fn checking_the_configuration_says_what_starting_would_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/server.key");
    let check = |flags: &[&str]| {
        let mut command = command(&[&["--check-config"], flags].concat());
        command.env("HOME", folder.path()).output()
    };
    let file = file.to_str().unwrap();
    for flags in [&[][..], &["--key-file", file]] {
        let output = within(check(flags)).await.unwrap();
        assert!(output.status.success(), "{flags:?}: {output:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let rubbish = folder.path().join("rubbish");
    std::fs::write(&rubbish, "not a key").unwrap();
    let output = check(&["--key-file", rubbish.to_str().unwrap()]);
    assert!(!within(output).await.unwrap().status.success());
}

#[tokio::test]
async fn the_app_that_opens_links_is_named_by_a_flag() {
    let asked = "/.well-known/apple-app-site-association";
    let server = Process::start(&["--ios-app", "ABCDE12345.app.snug"]).await;
    assert_eq!(server.get(asked).await, 200);
    let server = Process::start(&[]).await;
    assert_eq!(server.get(asked).await, 404);
}

#[tokio::test]
async fn running_out_of_descriptors_neither_spins_nor_lasts() {
    let server = Process::start(&["--metrics", "off"]).await;
    let limit = Rlimit {
        current: Some(24),
        maximum: Some(24),
    };
    prlimit(Some(server.pid()), Resource::Nofile, limit).unwrap();
    let mut held = Vec::new();
    for _ in 0..40 {
        held.push(TcpStream::connect(server.address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = server.processor_time();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let spent = server.processor_time().saturating_sub(before);
    assert!(spent < Duration::from_millis(200), "{spent:?} of a second");
    drop(held);
    within(async { while server.get("/health").await != 200 {} }).await;
    server.signal(Signal::TERM);
    let (_, log) = server.end().await;
    assert_eq!(log.matches("cannot accept").count(), 1, "{log}");
}

#[tokio::test]
async fn with_few_descriptors_there_are_few_connections() {
    let mut command = Command::new("prlimit");
    command.args(["--nofile=64", env!("CARGO_BIN_EXE_snug-server")]);
    let server = Process::spawn(configure(command, &[])).await;
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(TcpStream::connect(server.address).await.unwrap());
    }
    within(async { while server.get("/health").await != 503 {} }).await;
    drop(held);
    within(async { while server.get("/health").await != 200 {} }).await;
}

#[tokio::test]
async fn the_output_of_a_busy_server_names_nobody() {
    let server = Process::start(&["--log-format", "json"]).await;
    let room = server.create().await;
    let (mut ann, token) = server.enter(room, "secretann").await;
    let (mut bob, _) = server.enter(room, "secretbob").await;
    hear(&mut ann).await;
    let relay = r#"{"type":"relay","from":"secretann","to":"secretbob","payload":"secretpayload"}"#;
    ann.send(Message::text(relay)).await.unwrap();
    hear(&mut bob).await;
    for rubbish in ["secretrubbish", r#"{"type":"secrettype"}"#] {
        ann.send(Message::text(rubbish)).await.unwrap();
        assert!(matches!(hear(&mut ann).await, ServerMessage::Error { .. }));
    }
    ann.send(Message::binary("secretbinary")).await.unwrap();
    while within(ann.next())
        .await
        .is_some_and(|message| message.is_ok())
    {}
    server.send("GET /secretpath?secret HTTP/1.1\r\n\r\n").await;
    server.send("SECRET\0\r\n\r\n").await;
    server.signal(Signal::TERM);
    drop((ann, bob));
    let (status, log) = server.end().await;
    assert!(status.success());
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("{line}"));
    }
    let log = log.to_lowercase();
    for secret in [
        "secret",
        &room.as_str().to_lowercase(),
        &token.as_str().to_lowercase(),
        "127.0.0.1",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// A running `snug-server`, killed when it is dropped.
struct Process {
    child: Child,
    address: SocketAddr,
}

type Socket = WebSocketStream<TcpStream>;

impl Process {
    async fn start(flags: &[&str]) -> Self {
        Self::spawn(command(flags)).await
    }

    async fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        within(output.read_line(&mut line)).await.unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split([',', '\n']).next());
        let address = address.and_then(|address| address.parse().ok());
        Self {
            child,
            address: address.unwrap_or_else(|| panic!("no address in {line:?}")),
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end, and returns what was logged.
    async fn end(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        let mut output = self.child.stderr.take().unwrap();
        within(output.read_to_string(&mut log)).await.unwrap();
        (within(self.child.wait()).await.unwrap(), log)
    }

    fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id().unwrap());
        let stat = std::fs::read_to_string(Path::new(&path)).unwrap();
        let fields = stat.rsplit(')').next().unwrap().split_whitespace();
        let ticks: u64 = fields
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().unwrap())
            .sum();
        Duration::from_millis(10 * ticks)
    }

    /// The status of a GET; 0 if there is no answer.
    async fn get(&self, path: &str) -> u16 {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = self.send(&request).await;
        answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0)
    }

    async fn send(&self, request: &str) -> String {
        let mut bytes = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(self.address).await {
            // A refused connection may be reset before it is answered.
            let _ = stream.write_all(request.as_bytes()).await;
            let _ = timeout(Duration::from_secs(1), stream.read_to_end(&mut bytes)).await;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn post(&self, path: &str, body: &str) -> String {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await
    }

    async fn create(&self) -> RoomId {
        let answer = self.post("/create-room", "").await;
        let id = answer
            .split("\"roomId\":\"")
            .nth(1)
            .and_then(|rest| rest.get(..6));
        id.unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
    }

    async fn connect(&self) -> Socket {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/ws", self.address);
        tokio_tungstenite::client_async(url, stream)
            .await
            .unwrap()
            .0
    }

    async fn enter(&self, room: RoomId, client: &str) -> (Socket, ResumeToken) {
        self.post(
            "/join-room",
            &format!(r#"{{"roomId":"{room}","clientId":"{client}"}}"#),
        )
        .await;
        let mut socket = self.connect().await;
        init(&mut socket, room, client, None).await;
        match hear(&mut socket).await {
            ServerMessage::InitSuccess { resume, .. } => (socket, resume),
            other => panic!("{other:?}"),
        }
    }
}

async fn init(socket: &mut Socket, room_id: RoomId, client: &str, resume: Option<ResumeToken>) {
    let client_id = client.parse().unwrap();
    let message = ClientMessage::Init {
        room_id,
        client_id,
        resume,
    }
    .encode();
    socket.send(Message::text(message)).await.unwrap();
}

async fn hear(socket: &mut Socket) -> ServerMessage {
    match within(socket.next()).await.unwrap().unwrap() {
        Message::Text(text) => ServerMessage::decode(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn command(flags: &[&str]) -> Command {
    configure(Command::new(env!("CARGO_BIN_EXE_snug-server")), flags)
}

/// On loopback, on ports of its own unless the flags say otherwise, with a home of its own.
fn configure(mut command: Command, flags: &[&str]) -> Command {
    command.env_clear().kill_on_drop(true).stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    if !flags.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    if !flags.contains(&"--metrics") {
        command.args(["--metrics", "127.0.0.1:0"]);
    }
    command
        .args(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future)
        .await
        .expect("it did not happen in time")
}
