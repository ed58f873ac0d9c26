//! Members who hide their addresses.

use serde_json::{Value, json};

use crate::{glass::Glass, member::Member, server::TestServer};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn whoever_hides_is_reached_through_the_server() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (mut ann, code) = server.create().await;
    let mut bob = Member::start(&server.url, &["join", &code, "--relay-only"]);
    for member in [&mut ann, &mut bob] {
        member.until_that(is_relayed).await;
    }
    ann.says("hello").await;
    bob.until_that(|it| it["text"] == "hello").await;
    bob.says("hi").await;
    ann.until_that(|it| it["text"] == "hi").await;

    let (path, bytes) = (folder.path().join("a.bin"), noise(10 * MIB));
    std::fs::write(&path, &bytes).unwrap();
    ann.does(json!({"do": "send", "path": path})).await;
    let transfer = bob.until("offered").await["transfer"].clone();
    let inbox = folder.path().join("inbox");
    bob.does(json!({"do": "accept", "transfer": transfer, "save": inbox}))
        .await;
    bob.until("received").await;
    ann.until("delivered").await;
    let received = std::fs::read(inbox.join("a.bin")).unwrap();
    assert!(received == bytes, "not what was sent");
    for member in [&ann, &bob] {
        let direct = |it: &&Value| it["event"] == "link" && it["path"] == "direct";
        assert_eq!(member.told.iter().find(direct), None);
    }
}

fn is_relayed(event: &Value) -> bool {
    event["status"] == "connected" && event["verified"] == true && event["path"] == "relay"
}

fn noise(len: usize) -> Vec<u8> {
    use rand::{Rng as _, SeedableRng as _};
    let mut bytes = vec![0; len];
    rand_chacha::ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut bytes);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_way_is_warned_of() {
    let server = TestServer::start().await;
    let (_ann, code) = server.create().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, noise(12 * MIB)).unwrap();
    let args = ["join", &code, "--relay-only", "--server", &server.url];
    let mut bob = Glass::start(&args);
    bob.until(|rows| {
        rows.iter()
            .any(|row| row.ends_with("through the server: sealed, but slow"))
    });
    bob.press(&format!("/send {}\r", path.display()));
    bob.until_row("through the server this takes about 0:12");
}
