//! Films that are played while they arrive.

use std::{fs, path::PathBuf};

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    exchange::{Folder, MIB, sending},
    member::Member,
    server::TestServer,
};

/// Takes half a minute through the server.
const FILM: usize = 32 * MIB;

#[tokio::test]
async fn a_film_is_read_from_the_middle_while_it_arrives() {
    let server = TestServer::start().await;
    let (film, _folder) = film();
    let (_ann, code) = sending(&server, std::slice::from_ref(&film), &[]).await;
    let mut bob = Member::start(&server.url, &["play", &code, "--relay-only"]);
    let playing = bob.until("playing").await;
    assert_eq!(
        (&playing["name"], &playing["mediaType"]),
        (&"film.mp4".into(), &"video/mp4".into())
    );
    let address = playing["address"].as_str().unwrap();
    let (first, last) = (20 * MIB, 21 * MIB + 4);
    let (head, body) = fetch(address, &format!("Range: bytes={first}-{last}\r\n")).await;
    let range = format!("content-range: bytes {first}-{last}/{FILM}");
    assert!(
        head.starts_with("HTTP/1.1 206 ") && head.contains(&range),
        "{head}"
    );
    assert!(body == fs::read(&film).unwrap()[first..=last]);
    let progress = bob.until("progress").await;
    assert!(progress["bytes"].as_u64() < progress["total"].as_u64());
    let past = format!("Range: bytes={FILM}-\r\n");
    assert!(fetch(address, &past).await.0.starts_with("HTTP/1.1 416 "));
    let elsewhere = address.replace("/film", "/other");
    assert!(fetch(&elsewhere, "").await.0.starts_with("HTTP/1.1 404 "));
    bob.signal(Signal::INT);
    assert_eq!(bob.end().await, 0);
}

#[tokio::test]
async fn it_ends_with_the_player_that_it_started() {
    let server = TestServer::start().await;
    let (film, folder) = film();
    let (_ann, code) = sending(&server, &[film], &[]).await;
    let seen = folder.path().join("seen");
    // A player that is content with the address.
    let player = format!("sh -c 'printf %s \"$0\" > {}'", seen.display());
    let mut bob = Member::start(&server.url, &["play", &code, "--with", &player]);
    let playing = bob.until("playing").await;
    bob.until("player-ended").await;
    assert_eq!(bob.end().await, 0);
    assert_eq!(playing["address"], fs::read_to_string(seen).unwrap());
}

#[tokio::test]
async fn a_player_that_is_not_there_is_a_failure() {
    let server = TestServer::start().await;
    let (film, _folder) = film();
    let (_ann, code) = sending(&server, &[film], &[]).await;
    let mut bob = Member::start(&server.url, &["play", &code, "--with", "/no/such/player"]);
    assert_eq!(bob.end().await, 1);
}

#[tokio::test]
async fn nothing_to_play_is_said() {
    let server = TestServer::start().await;
    let folder = Folder::new();
    let text = folder.file("notes.txt", 5);
    let (_ann, code) = sending(&server, &[text], &[]).await;
    let mut bob = Member::start(&server.url, &["play", &code]);
    assert_eq!(bob.end().await, 5);
}

fn film() -> (PathBuf, Folder) {
    let folder = Folder::new();
    (folder.file("film.mp4", FILM), folder)
}

/// Asks for an address, as a player does. Gives the head of the answer, and the body.
async fn fetch(address: &str, headers: &str) -> (String, Vec<u8>) {
    let (host, path) = address
        .strip_prefix("http://")
        .and_then(|it| it.split_once('/'))
        .unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head, answer[end + 4..].to_vec())
}
