//! Large files, and a server that dies.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use snug_server::{Config, ResumeKey, Server};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{member::Member, server::TestServer};

const MIB: usize = 1024 * 1024;

/// MiB of the large file. Another number may stand in `SNUG_LARGE_MIB`.
const LARGE: usize = 1024;

/// Bytes that a sender or a receiver may have in memory, whatever the file's size.
const MEMORY: u64 = 100 * MIB as u64;

#[tokio::test]
async fn a_large_file_arrives_at_one() {
    large_file_arrives_at(1).await;
}

#[tokio::test]
async fn a_large_file_arrives_at_seven() {
    large_file_arrives_at(7).await;
}

async fn large_file_arrives_at(receivers: usize) {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = large_file(folder.path());
    let count = receivers.to_string();
    let args = ["send", file.to_str().unwrap(), "--receivers", &count];
    let mut sender = Member::start(&server.url, &args);
    let room = sender.until("room").await;
    sender.until("ready").await;
    let code = room["code"].as_str().unwrap();
    let inboxes: Vec<TempDir> = (0..receivers)
        .map(|_| tempfile::tempdir().unwrap())
        .collect();
    let receive = |inbox: &TempDir| {
        let save = inbox.path().to_str().unwrap();
        Member::start(&server.url, &["receive", code, "--save", save])
    };
    let received = inboxes.iter().map(receive).map(async |mut member| {
        member.until("received").await;
        finish_within_bounds(&mut member).await;
    });
    let delivered = async {
        for _ in 0..receivers {
            sender.until("delivered").await;
        }
        finish_within_bounds(&mut sender).await;
    };
    tokio::join!(join_all(received), delivered);
    for inbox in &inboxes {
        assert!(same(&file, &inbox.path().join("large.bin")));
    }
}

async fn finish_within_bounds(member: &mut Member) {
    let peak = member.peak_memory();
    assert!(peak < MEMORY, "{peak} bytes of memory");
    assert_eq!(member.end().await, 0);
}

#[tokio::test]
async fn links_outlive_the_server_and_everyone_is_back_when_it_is() {
    let mut server = MortalServer::start();
    let mut first = Member::start(&server.url(), &["create", "--linger"]);
    let room = first.until("room").await;
    let code = room["code"].as_str().unwrap();
    let mut members = vec![first];
    members.extend((0..2).map(|_| Member::start(&server.url(), &["join", code])));
    for member in &mut members {
        member.until_connected(2).await;
    }

    server.die();
    for member in &mut members {
        member
            .until_that(|event| event["status"] == "offline")
            .await;
    }
    members[0].says("the server is gone").await;
    for member in &mut members {
        member
            .until_that(|event| event["text"] == "the server is gone")
            .await;
    }

    server.rise();
    for member in &mut members {
        member.until_that(|event| event["status"] == "online").await;
    }
    let mut late = Member::start(&server.url(), &["join", code]);
    late.until_connected(3).await;
    late.says("hello").await;
    for member in &mut members {
        member.until_that(|event| event["text"] == "hello").await;
        let parted = member
            .told
            .iter()
            .any(|event| event["event"] == "peer-left");
        assert!(!parted, "{:#?}", member.told);
    }
    for mut member in members.into_iter().chain([late]) {
        member.does(json!({"do": "leave"})).await;
        assert_eq!(member.end().await, 0);
    }
}

/// A server that can be killed, with all its sockets, and started again on its port.
struct MortalServer {
    config: Config,
    port: u16,
    runtime: Option<Runtime>,
}

impl MortalServer {
    fn start() -> Self {
        let key = ResumeKey::from_bytes([7; ResumeKey::BYTES]);
        let config = Config {
            key,
            ..Config::for_tests()
        };
        let mut server = Self {
            config,
            port: 0,
            runtime: None,
        };
        server.rise();
        server
    }

    fn rise(&mut self) {
        let runtime = Runtime::new().unwrap();
        self.config.listen.set_port(self.port);
        let config = self.config.clone();
        let (sender, receiver) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            let server = Server::bind(config).await.unwrap();
            sender.send(server.local_addr().port()).unwrap();
            server.serve(std::future::pending()).await.unwrap();
        });
        self.port = receiver.recv_timeout(Duration::from_mins(1)).unwrap();
        self.runtime = Some(runtime);
    }

    fn die(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for MortalServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn large_file(folder: &Path) -> PathBuf {
    let mib = std::env::var("SNUG_LARGE_MIB").map_or(LARGE, |mib| mib.parse().unwrap());
    let path = folder.join("large.bin");
    let mut file = File::create(&path).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut chunk = vec![0; MIB];
    for _ in 0..mib {
        rng.fill_bytes(&mut chunk);
        file.write_all(&chunk).unwrap();
    }
    path
}

fn same(a: &Path, b: &Path) -> bool {
    let (mut a, mut b) = (File::open(a).unwrap(), File::open(b).unwrap());
    let (mut left, mut right) = (vec![0; MIB], vec![0; MIB]);
    if a.metadata().unwrap().len() != b.metadata().unwrap().len() {
        return false;
    }
    loop {
        let read = a.read(&mut left).unwrap();
        if read == 0 {
            return true;
        }
        b.read_exact(&mut right[..read]).unwrap();
        if left[..read] != right[..read] {
            return false;
        }
    }
}
