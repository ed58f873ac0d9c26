//! Files.

use std::fs;

use rustix::process::Signal;
use serde_json::json;

use crate::{
    exchange::{Folder, MIB, receiver, receiving, sending, text},
    member::{Member, run},
    server::TestServer,
};

#[tokio::test]
async fn a_file_goes_from_one_to_the_other() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [
        from.file("video.mp4", 5 * MIB + 12_345),
        from.file("empty", 0),
    ];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let (exit, stdout, stderr) = receiving(&server, &code, &to).await;
    assert_eq!(exit, 0, "{stdout}{stderr}");
    assert_eq!(ann.end().await, 0, "{:#?}", ann.told);
    to.has_all(&files);
    assert_eq!(to.names().len(), 2, "{:?}", to.names());
}

#[tokio::test]
async fn two_receivers_get_everything() {
    let server = TestServer::start().await;
    let (from, bobs, cleos) = (Folder::new(), Folder::new(), Folder::new());
    let files = [from.file("a.bin", 9 * MIB), from.file("b.bin", 3)];
    let (mut ann, code) = sending(&server, &files, &["--receivers", "2"]).await;
    let (bob, cleo) = tokio::join!(
        receiving(&server, &code, &bobs),
        receiving(&server, &code, &cleos)
    );
    assert_eq!((bob.0, cleo.0), (0, 0), "{bob:?} {cleo:?}");
    assert_eq!(ann.end().await, 0);
    bobs.has_all(&files);
    cleos.has_all(&files);
}

#[tokio::test]
async fn a_file_is_sent_into_a_room() {
    let server = TestServer::start().await;
    let from = Folder::new();
    let path = from.file("a.bin", 3 * MIB);
    let (mut ann, code) = server.create().await;
    let into = Folder::new();
    let mut bob = Member::start(&server.url, &["send", &text(&path), "--to", &code]);
    let offered = ann.until("offered").await;
    assert_eq!(offered["name"], "a.bin");
    let (transfer, save) = (offered["transfer"].clone(), text(into.path()));
    ann.does(json!({"do": "accept", "transfer": transfer, "save": save}))
        .await;
    ann.until("received").await;
    assert_eq!(bob.end().await, 0);
    into.has_all(&[path]);
}

#[tokio::test]
async fn a_refused_file_is_a_failure() {
    let server = TestServer::start().await;
    let from = Folder::new();
    let path = from.file("a.bin", 3);
    let (mut ann, code) = sending(&server, &[path], &[]).await;
    let mut bob = server.join(&code);
    let transfer = bob.until("offered").await["transfer"].clone();
    bob.does(json!({"do": "decline", "transfer": transfer}))
        .await;
    assert_eq!(ann.end().await, 5);
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    fs::write(to.path().join("a.txt"), "mine").unwrap();
    let path = from.file("a.txt", 10);
    let (mut ann, code) = sending(&server, &[path], &[]).await;
    let (exit, ..) = receiving(&server, &code, &to).await;
    assert_eq!((exit, ann.end().await), (0, 0));
    assert_eq!(fs::read(to.path().join("a.txt")).unwrap(), b"mine");
    assert_eq!(to.names().len(), 2);
}

#[tokio::test]
async fn a_receiver_killed_midway_harms_nobody_else() {
    let server = TestServer::start().await;
    let (from, to, lost) = (Folder::new(), Folder::new(), Folder::new());
    let path = from.file("big.bin", 64 * MIB);
    let files = [path];
    let (mut ann, code) = sending(&server, &files, &["--receivers", "2"]).await;
    let mut victim = receiver(&server, &code, &lost);
    victim.until("progress").await;
    victim.signal(Signal::KILL);
    let (exit, _, stderr) = receiving(&server, &code, &to).await;
    assert_eq!(exit, 0, "{stderr}");
    to.has_all(&files);
    assert!(!lost.path().join("big.bin").exists());
    assert_eq!(ann.end().await, 5);
}

#[tokio::test]
async fn a_sender_killed_midway_leaves_no_file() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let path = from.file("big.bin", 64 * MIB);
    let (mut ann, code) = sending(&server, &[path], &[]).await;
    let mut bob = receiver(&server, &code, &to);
    ann.until("progress").await;
    ann.signal(Signal::KILL);
    assert_eq!(bob.end().await, 5);
    assert!(!to.path().join("big.bin").exists());
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_at_once() {
    let server = TestServer::start().await;
    let nothing = text(&Folder::new().path().join("nothing"));
    let (exit, _, stderr) = run(&["send", &nothing, "--server", &server.url], "").await;
    assert_eq!(exit, 1);
    assert!(stderr.contains(&nothing), "{stderr}");
}
