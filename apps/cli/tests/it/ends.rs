//! How it ends, and with which code.

use std::net::TcpListener;

use rustix::process::Signal;

use crate::{
    member::{Member, run},
    server::TestServer,
};

#[tokio::test]
async fn a_wrong_code_is_three() {
    let server = TestServer::start().await;
    for command in ["join", "receive"] {
        let (exit, _, stderr) = run(&[command, "000000", "--server", &server.url], "").await;
        assert_eq!(exit, 3, "{stderr}");
        assert!(stderr.contains("no such room"), "{stderr}");
    }
}

#[tokio::test]
async fn a_full_room_is_three() {
    let server = TestServer::start().await;
    let mut ann = Member::start(&server.url, &["create", "--capacity", "2"]);
    let code = ann.until("room").await["code"].as_str().unwrap().to_owned();
    let mut bob = server.join(&code);
    bob.until_connected(1).await;
    let mut cleo = server.join(&code);
    assert_eq!(cleo.end().await, 3);
}

#[tokio::test]
async fn a_server_that_is_down_is_four() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let mut ann = Member::start(&url, &["create"]);
    assert_eq!(ann.end().await, 4);
    let (exit, stdout, stderr) = run(&["create", "--server", &url], "").await;
    assert_eq!((exit, stdout.as_str()), (4, ""));
    assert!(stderr.contains("--server"), "{stderr}");
}

#[tokio::test]
async fn nobody_in_time_is_six() {
    let server = TestServer::start().await;
    let (_ann, code) = server.create().await;
    let mut ann = Member::start(&server.url, &["create", "--timeout", "0.5"]);
    assert_eq!(ann.end().await, 6);
    let cargo_toml = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut bob = Member::start(&server.url, &["send", cargo_toml, "--timeout", "0.5"]);
    assert_eq!(bob.end().await, 6);
    let args = ["receive", &code, "--timeout", "2"];
    let mut cleo = Member::start(&server.url, &args);
    assert_eq!(cleo.end().await, 5, "somebody is there, but offers nothing");
}

#[tokio::test]
async fn a_wrong_command_line_is_two() {
    for args in [
        &["join"][..],
        &["join", "nonsense"],
        &["dance"],
        &["create", "--strong", "--open"],
        &["join", "K7Q4X9-oter-lemon-cloud-ferry"],
        &["send", "a", "--to", "nonsense"],
    ] {
        let (exit, stdout, stderr) = run(args, "").await;
        assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
        assert!(!stderr.is_empty());
    }
}

#[tokio::test]
async fn signals_say_goodbye() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let server = TestServer::start().await;
        let mut room = server.room_of(2).await;
        room[0].signal(signal);
        assert_eq!(room[0].end().await, code);
        assert_eq!(room[1].until("peer-left").await["goodbye"], true);
    }
}

#[tokio::test]
async fn the_end_of_input_leaves_unless_told_to_linger() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut bob = Member::start(&server.url, &["join", &code, "--linger", "--for", "3"]);
    bob.until_connected(1).await;
    bob.stops_typing();
    ann.stops_typing();
    assert_eq!(ann.end().await, 0);
    bob.until("peer-left").await;
    assert_eq!(bob.end().await, 0);
}

#[tokio::test]
async fn whoever_leave_unheard_leaves_quietly() {
    let server = TestServer::start().await;
    let mut room = server.room_of(2).await;
    let bob = room.pop().unwrap();
    let mut process = bob.leave_unheard();
    // Something that it would have to tell.
    room[0].says("hello?").await;
    let status = process.wait().await.unwrap();
    assert_eq!(status.code(), Some(0));
    room[0].until("peer-left").await;
}

#[tokio::test]
async fn versions_and_completions_are_printed() {
    let (exit, stdout, _) = run(&["--version"], "").await;
    assert_eq!((exit, stdout.starts_with("snug ")), (0, true));
    for shell in ["bash", "zsh", "fish"] {
        let (exit, stdout, _) = run(&["completions", shell], "").await;
        assert_eq!((exit, stdout.contains("receivers")), (0, true), "{shell}");
    }
}
