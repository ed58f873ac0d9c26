//! Transfers that outlive those who take part in them.

use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    exchange::{Folder, MIB, receiver, sending, text},
    member::Member,
    server::TestServer,
};

/// Takes long enough to be stopped midway.
const LARGE: usize = 128 * MIB;

#[tokio::test]
async fn a_receiver_killed_midway_goes_on_from_there() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", 2 * LARGE)];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let mut bob = receiver(&server, &code, &to);
    bob.until_that(much_of_it).await;
    bob.signal(Signal::KILL);
    let mut again = receiver(&server, &code, &to);
    assert_eq!(again.end().await, 0, "{:#?}", again.told);
    assert_checked(&again);
    assert_eq!(ann.end().await, 0);
    to.has_all(&files);
    assert_eq!(to.names(), ["big.bin"]);
}

#[tokio::test]
async fn a_sender_killed_midway_is_run_again() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", LARGE)];
    let (ann, code) = sending(&server, &files, &[]).await;
    let save = text(to.path());
    let args = ["receive", &code, "--save", &save, "--idle", "60"];
    let mut bob = Member::start(&server.url, &args);
    bob.until_that(some_of_it).await;
    ann.signal(Signal::KILL);
    let mut again = Member::start(&server.url, &["send", &text(&files[0]), "--to", &code]);
    bob.until("received").await;
    assert_eq!(again.end().await, 0, "{:#?}", again.told);
    assert_eq!(bob.end().await, 0, "{:#?}", bob.told);
    to.has_all(&files);
}

#[tokio::test]
async fn a_sender_may_leave_once_somebody_has_it_all() {
    let server = TestServer::start().await;
    let from = Folder::new();
    let files = [from.file("big.bin", LARGE)];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let (bobs, cleos) = (Folder::new(), Folder::new());
    let (mut bob, mut cleo) = (server.join(&code), server.join(&code));
    let transfer = accept(&mut cleo, &cleos).await;
    cleo.until_that(some_of_it).await;
    cleo.does(json!({"do": "pause", "transfer": transfer}))
        .await;
    cleo.until("paused").await;
    accept(&mut bob, &bobs).await;
    bob.until("received").await;
    assert_eq!(ann.end().await, 0);
    cleo.until("peer-left").await;
    cleo.does(json!({"do": "resume", "transfer": transfer}))
        .await;
    cleo.until("received").await;
    bobs.has_all(&files);
    cleos.has_all(&files);
}

#[tokio::test]
async fn what_nobody_has_waits_for_somebody_who_does() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", LARGE)];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let mut bob = server.join(&code);
    let transfer = accept(&mut bob, &to).await;
    bob.until_that(some_of_it).await;
    ann.signal(Signal::INT);
    let stranded = bob.until("stranded").await;
    let missing = stranded["missing"].as_u64().unwrap();
    assert!(0 < missing && missing < LARGE as u64, "{missing}");
    assert_eq!(ann.end().await, 130);
    let mut again = Member::start(&server.url, &["send", &text(&files[0]), "--to", &code]);
    assert_eq!(bob.until("received").await["transfer"], transfer);
    assert_eq!(again.end().await, 0);
    to.has_all(&files);
}

#[tokio::test]
async fn a_pause_lasts_until_it_is_over() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", LARGE)];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let mut bob = server.join(&code);
    let transfer = accept(&mut bob, &to).await;
    bob.until_that(some_of_it).await;
    for (pause, on) in [("pause", true), ("resume", false)] {
        bob.does(json!({"do": pause, "transfer": transfer})).await;
        assert_eq!(bob.until("paused").await["on"], on);
        assert!(!to.path().join("big.bin").exists());
    }
    bob.until("received").await;
    assert_eq!(ann.end().await, 0);
    to.has_all(&files);
}

#[tokio::test]
async fn an_interrupted_receiver_keeps_what_came() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", 2 * LARGE)];
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let mut bob = receiver(&server, &code, &to);
    bob.until_that(much_of_it).await;
    bob.signal(Signal::INT);
    assert_eq!(bob.end().await, 130);
    let exit = bob.told.last().unwrap();
    assert!(
        exit["message"].as_str().unwrap().contains(".part"),
        "{exit}"
    );
    let names = to.names();
    assert!(matches!(&names[..], [part] if is_part(part)), "{names:?}");
    assert_eq!(ann.end().await, 5);
    // Elsewhere it goes on just as well.
    let (mut ann, code) = sending(&server, &files, &[]).await;
    let mut bob = receiver(&server, &code, &to);
    assert_eq!((bob.end().await, ann.end().await), (0, 0));
    assert_checked(&bob);
    to.has_all(&files);
}

#[tokio::test]
async fn what_is_cancelled_is_not_kept() {
    let server = TestServer::start().await;
    let (from, to) = (Folder::new(), Folder::new());
    let files = [from.file("big.bin", LARGE)];
    let (_ann, code) = sending(&server, &files, &[]).await;
    let mut bob = server.join(&code);
    let transfer = accept(&mut bob, &to).await;
    bob.until_that(some_of_it).await;
    bob.does(json!({"do": "cancel", "transfer": transfer}))
        .await;
    let failed = bob.until("transfer-failed").await;
    assert_eq!(failed["reason"], "cancelled");
    bob.does(json!({"do": "leave"})).await;
    assert_eq!(bob.end().await, 0);
    assert_eq!(to.names(), [""; 0]);
}

/// Takes what is on offer. Gives what it is called.
async fn accept(member: &mut Member, into: &Folder) -> Value {
    let transfer = member.until("offered").await["transfer"].clone();
    let save = text(into.path());
    member
        .does(json!({"do": "accept", "transfer": transfer, "save": save}))
        .await;
    transfer
}

fn some_of_it(event: &Value) -> bool {
    event["event"] == "progress" && event["bytes"].as_u64() >= Some(2 * MIB as u64)
}

/// More than is checked between two reports of that.
fn much_of_it(event: &Value) -> bool {
    event["event"] == "progress" && event["bytes"].as_u64() >= Some(80 * MIB as u64)
}

/// Checks that a receiver found what an earlier one had left, and began with it.
fn assert_checked(receiver: &Member) {
    let mut told = receiver.told.iter();
    let checked = told.find(|it| it["event"] == "checking");
    let checked = checked.expect("it found something")["total"].as_u64();
    let progress = told.find(|it| it["event"] == "progress").unwrap();
    assert!(progress["bytes"].as_u64() >= checked, "{progress}");
}

fn is_part(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|it| it == "part")
}
