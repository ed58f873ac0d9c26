//! What the server could keep if it wanted to.

use std::{
    fmt::Write as _,
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{member::Member, server::TestServer, words::has_word};

/// Two members come, talk, and send a file; one by the server all the way. Everything that passes
/// the server is recorded, and everything that it logs at its loudest.
#[tokio::test]
async fn the_server_sees_no_word_no_text_no_name_and_no_address() {
    let log = Tape::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer({
            let log = log.clone();
            move || log.clone()
        });
    subscriber.init();
    let server = TestServer::start().await;
    let (url, wire) = record(&server.url).await;

    for relayed in [false, true] {
        let secret_file = "blueprint-of-the-secret-lair.txt";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(secret_file);
        std::fs::write(&file, "the lair is under the volcano\n".repeat(5_000)).unwrap();

        // Words that no log has anyway: "open" and "frame" are on the list too.
        let mut ann = Member::start(&url, &["create", "--seed", "1", "--name", "Annabel"]);
        let code = ann.until("room").await["code"].as_str().unwrap().to_owned();
        let join = ["join", &code, "--name", "Bobbert", "--relay-only"];
        let join = if relayed { &join[..] } else { &join[..4] };
        let mut bob = Member::start(&url, join);
        ann.until_connected(1).await;
        bob.until_connected(1).await;
        ann.says("meet me at the old lighthouse").await;
        bob.until("message").await;
        ann.does(json!({"do": "send", "path": file})).await;
        let transfer = bob.until("offered").await["transfer"].clone();
        bob.does(json!({"do": "accept", "transfer": transfer, "memory": true}))
            .await;
        bob.until("received").await;
        for member in [&mut ann, &mut bob] {
            member.does(json!({"do": "leave"})).await;
            assert_eq!(member.end().await, 0);
        }
        let path = if relayed { "relay" } else { "direct" };
        let by = |it: &&serde_json::Value| it["event"] == "link" && it["path"] == path;
        assert!(bob.told.iter().any(|it| by(&it)), "{:#?}", bob.told);

        let captured = wire.text() + &log.text();
        // The tape is not empty, and the search would find what is there.
        for seen in [&code[..6], "ice-candidate", "proof", "init-success"] {
            assert!(captured.contains(seen), "{seen}");
        }
        // By chance, a few letters in a row are among so many sealed ones once in a while: so words
        // are looked for as wholes, and where there are no wholes, as they follow each other.
        let words = &code[7..];
        for word in words.split('-').filter(|word| word.len() > 3) {
            assert!(!has_word(&captured, word), "{word}");
        }
        for written in [words.to_owned(), words.replace('-', " ")] {
            assert!(!captured.contains(&in_hex(&written)), "{written} in hex");
        }
        let hidden = [
            "lighthouse",
            "volcano",
            "blueprint",
            "Annabel",
            "Bobbert",
            "candidate:",
            "v=0",
            "fingerprint",
            "ice-ufrag",
            "webrtc-datachannel",
            "127.0.0.1 ",
        ];
        for secret in hidden {
            assert!(!captured.contains(secret), "{secret}");
            assert!(!captured.contains(&in_hex(secret)), "{secret} in hex");
        }
    }
}

/// Bytes that came by, kept.
#[derive(Debug, Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn keep(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.keep(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Stands before the server and keeps every byte, both ways.
async fn record(server: &str) -> (String, Tape) {
    let server = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tape = Tape::default();
    let kept = tape.clone();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&server).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::spawn(pass(
                from_client,
                to_server,
                Unmasked::default(),
                tape.clone(),
            ));
            tokio::spawn(pass(
                from_server,
                to_client,
                Unmasked::default(),
                tape.clone(),
            ));
        }
    });
    (url, kept)
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut frames: Unmasked,
    tape: Tape,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        tape.keep(&frames.read(&buffer[..len]));
        if to.write_all(&buffer[..len]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

/// Reads along: HTTP as it is, and what is in the frames of a WebSocket (RFC 6455 §5.2). Their
/// masks would hide what is there, and show what is not: among so many random bytes, every three
/// letters come by sooner or later.
#[derive(Default)]
struct Unmasked {
    open: bool,
    rest: Vec<u8>,
}

impl Unmasked {
    fn read(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let mut texts = Vec::new();
        if !self.open {
            let Some(head) = upgrade(&self.rest) else {
                return bytes.to_vec();
            };
            let earlier = self.rest.len() - bytes.len();
            texts.extend(self.rest.drain(..head).skip(earlier));
            self.open = true;
        }
        while let Some((text, len)) = frame(&self.rest) {
            texts.extend(text);
            self.rest.drain(..len);
        }
        texts
    }
}

/// Where the head ends with which a WebSocket begins.
fn upgrade(bytes: &[u8]) -> Option<usize> {
    let lower = bytes.to_ascii_lowercase();
    let from = find(&lower, b"sec-websocket")?;
    Some(from + find(&lower[from..], b"\r\n\r\n")? + 4)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}

/// The first whole frame, unmasked, and its length on the wire.
fn frame(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [_, second, rest @ ..] = bytes else {
        return None;
    };
    let (len, rest) = match second & 0x7f {
        126 => {
            let (len, rest) = rest.split_first_chunk()?;
            (u64::from(u16::from_be_bytes(*len)), rest)
        }
        127 => {
            let (len, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*len), rest)
        }
        len => (len.into(), rest),
    };
    let (mask, rest) = match second & 0x80 {
        0 => ([0; 4], rest),
        _ => rest.split_first_chunk().map(|(mask, rest)| (*mask, rest))?,
    };
    let payload = rest.get(..usize::try_from(len).ok()?)?;
    let text = payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b);
    let whole = bytes.len() - rest.len() + payload.len();
    Some((text.collect(), whole))
}

fn in_hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
