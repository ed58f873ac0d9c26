//! Check strings.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::{
    glass::Glass,
    member::{Member, snug},
    server::TestServer,
};

#[tokio::test]
async fn both_sides_are_told_the_same_emoji() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    let (anns, bobs) = (ann.until("check").await, bob.until("check").await);
    assert_eq!(anns["peer"], bob.id.as_str());
    assert_eq!(anns["emoji"], bobs["emoji"]);
    assert_eq!(anns["names"], bobs["names"]);
    assert_eq!(anns["emoji"].as_array().unwrap().len(), 6);
    let mut cleo = server.join(&code);
    let other = cleo.until("check").await;
    assert_ne!(anns["emoji"], other["emoji"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_see_the_same_emoji_in_the_room() {
    let server = TestServer::start().await;
    let (mut host, code) = server.create().await;
    let glass = |name| Glass::start(&["join", &code, "--server", &server.url, "--name", name]);
    let (mut ann, mut bob) = (glass("Ann"), glass("Bob"));
    host.until_connected(2).await;
    ann.until_row("Bob is here · verified · direct");
    bob.until_row("Ann is here · verified · direct");
    ann.press("/verify Bob\r");
    bob.press("/verify ann\r");
    let anns = emoji(&ann.until(has_checked), "Bob");
    let bobs = emoji(&bob.until(has_checked), "Ann");
    assert_eq!(anns, bobs);
    assert_eq!(anns.split(", ").count(), 6, "{anns}");
}

fn has_checked(rows: &[String]) -> bool {
    rows.iter().any(|row| row.ends_with("not use this server."))
}

/// What stands behind a name, in however many rows.
fn emoji(rows: &[String], name: &str) -> String {
    let rows: Vec<&str> = rows.iter().map(|row| row.trim()).collect();
    let text = rows.join(" ").replace('\u{a0}', " ");
    let (_, after) = text.split_once(&format!("{name} · verified: ")).unwrap();
    let (emoji, _) = after.split_once(" If they see others").unwrap();
    emoji.to_owned()
}

#[tokio::test]
async fn verify_shows_everyone_and_succeeds_once_somebody_was() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    bob.until_connected(1).await;
    let mut verifier = Member::start(&server.url, &["verify", &code]);
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(verifier.until("check").await);
    }
    for member in [&mut ann, &mut bob] {
        let by = verifier.id.as_str();
        let theirs = member
            .until_that(|it| it["event"] == "check" && it["peer"] == by)
            .await;
        let same = |it: &&Value| it["peer"] == member.id.as_str();
        let ours = seen.iter().find(same).unwrap();
        assert_eq!(ours["emoji"], theirs["emoji"]);
    }
    verifier.until_connected(2).await;
    verifier.signal(Signal::INT);
    assert_eq!(verifier.end().await, 0);
}

#[tokio::test]
async fn verify_writes_one_line_for_each() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    ann.does(json!({"do": "nick", "name": "Ann"})).await;
    let (line, exit) = first_line_of_verify(&server, &code).await;
    assert_eq!(exit, 0);
    let theirs = ann.until("check").await;
    let (emoji, names) = (&theirs["emoji"], &theirs["names"]);
    let parts = (0..6).map(|at| {
        let (emoji, name) = (emoji[at].as_str().unwrap(), names[at].as_str().unwrap());
        format!("{emoji} {name}")
    });
    let parts: Vec<String> = parts.collect();
    assert_eq!(line, format!("Ann · verified: {}", parts.join(", ")));
}

#[tokio::test]
async fn verify_fails_where_nobody_was_verified() {
    let server = TestServer::start().await;
    let mut ann = Member::start(&server.url, &["create", "--open"]);
    let room = ann.until("room").await;
    let code = room["code"].as_str().unwrap();
    let (line, exit) = first_line_of_verify(&server, code).await;
    assert!(line.contains(" · unverified (open room): "), "{line}");
    assert_eq!(exit, 130);
    ann.signal(Signal::TERM);
    assert_eq!(ann.end().await, 143);
    let args = ["verify", code, "--timeout", "0.5"];
    let mut alone = Member::start(&server.url, &args);
    assert_eq!(alone.end().await, 6);
}

/// Runs `snug verify` until it has written a line, and stops it then by Ctrl-C.
async fn first_line_of_verify(server: &TestServer, code: &str) -> (String, i32) {
    let mut child = snug()
        .args(["verify", code, "--server", &server.url])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
    let exit = child.wait().await.unwrap().code().unwrap();
    (line.replace('\u{a0}', " "), exit)
}
