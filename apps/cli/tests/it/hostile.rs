//! A server that lies, to the real program.

use serde_json::{Value, json};
use snug_hostile::{Attack, proxy::Proxy};

use crate::{member::Member, server::TestServer};

#[tokio::test]
async fn whoever_stands_in_between_without_the_words_lets_nobody_meet() {
    let server = Hostile::start(Attack::Guess).await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    bob.until_that(|it| it["status"] == "verifying").await;
    let guesses = ann.until("guesses").await;
    assert_eq!(
        (&guesses["wrong"], &guesses["closed"]),
        (&json!(1), &json!(false))
    );
    leave(&mut [&mut ann]).await;
    for member in [&ann, &bob] {
        assert!(!member.told.iter().any(is_verified), "{:#?}", member.told);
    }
}

#[tokio::test]
async fn descriptions_changed_on_the_way_leave_the_relayed_path() {
    let server = Hostile::start(Attack::FlipDescriptions).await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    ann.until_that(is_verified).await;
    bob.until_that(is_verified).await;
    talk(&mut ann, &mut bob).await;
    for member in [&ann, &bob] {
        let by = |it: &&Value| is_verified(it) && it["path"] != "relay";
        assert_eq!(member.told.iter().find(by), None);
    }
    leave(&mut [&mut ann, &mut bob]).await;
}

#[tokio::test]
async fn what_is_repeated_from_here_and_elsewhere_changes_nothing() {
    let server = Hostile::start(Attack::Replay).await;
    for _ in 0..3 {
        let (mut ann, code) = server.create().await;
        let mut bob = server.join(&code);
        ann.until_that(is_verified).await;
        bob.until_that(is_verified).await;
        talk(&mut ann, &mut bob).await;
        leave(&mut [&mut ann, &mut bob]).await;
        for member in [&ann, &bob] {
            let messages = member.told.iter().filter(|it| it["event"] == "message");
            assert_eq!(messages.count(), 2, "{:#?}", member.told);
        }
    }
}

#[tokio::test]
async fn a_refusal_that_nobody_said_ends_the_visit_with_a_reason() {
    let server = Hostile::start(Attack::ClaimClosed).await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    assert_eq!(bob.end().await, 8, "{:#?}", bob.told);
    leave(&mut [&mut ann]).await;
    assert!(!ann.told.iter().any(is_verified), "{:#?}", ann.told);
}

#[tokio::test]
async fn a_file_arrives_though_relayed_segments_are_repeated() {
    let server = Hostile::start(Attack::RelayReplay).await;
    let folder = tempfile::tempdir().unwrap();
    let (from, into) = (folder.path().join("from"), folder.path().join("into"));
    let bytes: Vec<u8> = (0..50_000_u32)
        .map(|at| (at * 7).to_le_bytes()[0])
        .collect();
    std::fs::write(&from, &bytes).unwrap();
    std::fs::create_dir(&into).unwrap();
    let (mut ann, code) = server.create().await;
    let mut bob = Member::start(&server.url, &["join", &code, "--relay-only"]);
    ann.until_that(is_verified).await;
    bob.until_that(is_verified).await;
    ann.does(json!({"do": "send", "path": from})).await;
    let transfer = bob.until("offered").await["transfer"].clone();
    bob.does(json!({"do": "accept", "transfer": transfer, "save": into}))
        .await;
    bob.until("received").await;
    assert_eq!(std::fs::read(into.join("from")).unwrap(), bytes);
    leave(&mut [&mut ann, &mut bob]).await;
}

/// Somebody hostile before an honest server.
struct Hostile {
    url: String,
    _server: TestServer,
}

impl Hostile {
    async fn start(attack: Attack) -> Self {
        let server = TestServer::start().await;
        let address = server.url.trim_start_matches("http://").parse().unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let proxy = Proxy::bind(listen, address, attack, 1).await.unwrap();
        let url = format!("http://{}", proxy.local_addr().unwrap());
        tokio::spawn(proxy.serve());
        Self {
            url,
            _server: server,
        }
    }

    async fn create(&self) -> (Member, String) {
        let mut member = Member::start(&self.url, &["create"]);
        let room = member.until("room").await;
        let code = room["code"].as_str().unwrap().to_owned();
        (member, code)
    }

    fn join(&self, code: &str) -> Member {
        Member::start(&self.url, &["join", code])
    }
}

fn is_verified(event: &Value) -> bool {
    event["status"] == "connected" && event["verified"] == true
}

/// Each says something, and hears it and the other.
async fn talk(ann: &mut Member, bob: &mut Member) {
    ann.says("hello").await;
    bob.until_that(|it| it["text"] == "hello").await;
    bob.says("hello yourself").await;
    ann.until_that(|it| it["text"] == "hello yourself").await;
}

async fn leave(members: &mut [&mut Member]) {
    for member in &mut *members {
        member.does(json!({"do": "leave"})).await;
    }
    for member in members {
        assert_eq!(member.end().await, 0, "{:#?}", member.told);
    }
}
