//! What may be read in the log of a busy server: nothing about anyone.

use std::{
    io,
    sync::{Arc, Mutex},
};

use snug_protocol::ClientMessage;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    raw::{self, RawSocket, TEXT, frame},
    server::{TestServer, within},
};

#[tokio::test]
async fn the_log_of_a_busy_server_names_nobody() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info"))
        .with_writer(log.clone())
        .finish();
    // One thread runs everything, so the default of this thread hears everything.
    let guard = tracing::subscriber::set_default(subscriber);
    let server = TestServer::start().await;
    let room = server.create().await;
    let mut ann = server.enter(room, "secretann").await;
    let mut bob = server.enter(room, "secretbob").await;
    ann.hear().await;
    ann.relay("secretann", "secretbob", "\"secretpayload\"")
        .await;
    bob.hear_relayed().await;
    for _ in 0..=64 {
        ann.key("secretann", "secretbob", "\"secretkey\"").await;
    }
    ann.hear_error().await;
    for hostile in [
        "secretrubbish".to_owned(),
        r#"{"type":"secrettype"}"#.to_owned(),
        r#"{"type":"offer","from":"secretforged","to":"secretbob","payload":1}"#.to_owned(),
        format!(r#"{{"type":"init","roomId":"{room}","clientId":"secretann"}}"#),
    ] {
        ann.send_text(&hostile).await;
        ann.hear_error().await;
    }
    raw::get(server.address, "/secretpath?secret=query").await;
    server.join(room, "secret client").await;
    raw::send(
        server.address,
        "SECRETMETHOD / HTTP/1.1\r\nsecret\0: x\r\n\r\n",
    )
    .await;
    for bytes in [
        frame(TEXT, b"secret\xff"),
        frame(0xf1, b"secret"),
        frame(0x82, b"secret"),
    ] {
        let mut socket = RawSocket::open(server.address).await;
        socket.write(&bytes).await;
        socket.close_code().await;
    }
    ann.send(&ClientMessage::Leave).await;
    ann.close_code().await;
    drop(bob);
    server.until_metric("snug_members_away 1").await;
    within(server.stop()).await.unwrap();
    drop(guard);
    let log = log.text();
    assert!(log.contains("serving") && log.contains("stopped"), "{log}");
    for secret in ["secret", room.as_str(), "127.0.0.1", "::1"] {
        assert!(
            !log.to_lowercase().contains(&secret.to_lowercase()),
            "{secret}: {log}"
        );
    }
}

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
