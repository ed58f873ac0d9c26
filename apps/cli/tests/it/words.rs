//! The words of the code: who gets in, who does not, and what both sides are told.

use serde_json::Value;

use crate::{
    member::{Member, run, run_command, snug},
    server::TestServer,
};

/// Words that a room has once in a trillion times.
const WRONG: &str = "otter-lemon-cloud-ferry";

#[tokio::test]
async fn a_code_has_words_and_whoever_types_them_is_verified() {
    let server = TestServer::start().await;
    let mut ann = Member::start(&server.url, &["create"]);
    let room = ann.until("room").await;
    assert_eq!(room["secret"], "words");
    let code = room["code"].as_str().unwrap();
    assert_eq!(code.split('-').count(), 5, "{code}");
    assert_eq!(room["link"], format!("{}/#{code}", server.url));
    let sloppy = code.to_uppercase().replace('-', " ");
    let mut members = vec![server.join(code), server.join(&sloppy)];
    members.push(Member::start(
        "http://127.0.0.1:9",
        &["join", text(&room, "link")],
    ));
    for member in &mut members {
        member.until_that(is_verified).await;
    }
    for _ in 0..3 {
        ann.until_that(is_verified).await;
    }
}

fn is_verified(event: &Value) -> bool {
    event["status"] == "connected" && event["verified"] == true && event["path"] == "direct"
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap()
}

#[tokio::test]
async fn a_mistyped_word_is_answered_with_the_one_that_was_meant() {
    for args in [
        &["join", "K7Q4X9-oter-lemon-cloud-ferry"][..],
        &["receive", "K7Q4X9", "oter", "lemon", "cloud", "ferry"],
        &[
            "verify",
            "http://127.0.0.1:9/#K7Q4X9-oter-lemon-cloud-ferry",
        ],
        &["send", "a", "--to", "K7Q4X9-oter-lemon-cloud-ferry"],
    ] {
        let (exit, stdout, stderr) = run(args, "").await;
        assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
        let said = "\"oter\" is not a word of the list; did you mean";
        assert!(
            stderr.contains(said) && stderr.contains("\"otter\""),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn wrong_words_are_refused_and_cost_a_guess() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut mallory = server.join(&wrong(&code));
    assert_eq!(mallory.until("ended").await["reason"], "wrong-words");
    assert_eq!(mallory.end().await, 7);
    refused(&mut ann, "wrong-words").await;
    let guesses = ann.until("guesses").await;
    assert_eq!(
        (&guesses["wrong"], &guesses["closed"]),
        (&1.into(), &false.into())
    );
    ann.until("peer-left").await;

    let args = ["join", &wrong(&code), "--server", &server.url];
    let (exit, _, stderr) = run(&args, "hello?\n").await;
    assert_eq!(exit, 7);
    assert!(stderr.contains("the words do not match"), "{stderr}");
    assert!(
        !stderr.contains("of 5"),
        "it was oneself who tried: {stderr}"
    );
    assert_eq!(ann.until("guesses").await["wrong"], 2);
    let mut bob = server.join(&code);
    bob.until_that(is_verified).await;
    assert!(!ann.told.iter().any(|it| it["event"] == "message"));
}

fn wrong(code: &str) -> String {
    format!("{}-{WRONG}", &code[..6])
}

async fn refused(member: &mut Member, reason: &str) {
    let refused = member.until_that(|it| it["status"] == "refused").await;
    assert_eq!(refused["reason"], reason);
}

#[tokio::test]
async fn five_wrong_tries_close_the_room_to_newcomers_alone() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code);
    for member in [&mut ann, &mut bob] {
        member.until_that(is_verified).await;
    }
    for _ in 0..5 {
        let mut mallory = server.join(&wrong(&code));
        assert_eq!(mallory.end().await, 7);
    }
    for member in [&mut ann, &mut bob] {
        let closed = member.until_that(|it| it["closed"] == true).await;
        assert_eq!(closed["wrong"], 5);
    }
    let mut cleo = server.join(&code);
    assert_eq!(cleo.until("ended").await["reason"], "closed");
    assert_eq!(cleo.end().await, 8);
    ann.says("still here").await;
    bob.until_that(|it| it["text"] == "still here").await;
    bob.says("so am I").await;
    ann.until_that(|it| it["text"] == "so am I").await;
}

#[tokio::test]
async fn the_six_symbols_alone_do_not_let_anybody_in() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let mut bob = server.join(&code[..6]);
    assert_eq!(bob.until("ended").await["reason"], "words-needed");
    assert_eq!(bob.end().await, 7);
    refused(&mut ann, "words-needed").await;
    server.join(&code).until_that(is_verified).await;
    assert!(!ann.told.iter().any(|it| it["event"] == "guesses"));
}

#[tokio::test]
async fn an_open_room_verifies_nobody_and_takes_no_words() {
    let server = TestServer::start().await;
    let mut ann = Member::start(&server.url, &["create", "--open"]);
    let room = ann.until("room").await;
    let code = text(&room, "code");
    assert_eq!((text(&room, "secret"), code.len()), ("open", 6));
    let mut cleo = server.join(&wrong(code));
    assert_eq!(cleo.until("ended").await["reason"], "open-room");
    assert_eq!(cleo.end().await, 7);
    refused(&mut ann, "open-room").await;
    let mut bob = server.join(code);
    for member in [&mut ann, &mut bob] {
        let link = member.until_that(|it| it["status"] == "connected").await;
        assert_eq!(link["verified"], false);
    }
    for (args, says) in [
        (&["join", code][..], "hello\n"),
        (&["create", "--open"], ""),
    ] {
        let args = [args, &["--server", &server.url]].concat();
        let (_, _, stderr) = run(&args, says).await;
        assert!(stderr.contains("nobody in it can be verified"), "{stderr}");
    }
}

#[tokio::test]
async fn a_strong_room_is_entered_by_its_link() {
    let server = TestServer::start().await;
    let mut ann = Member::start(&server.url, &["create", "--strong"]);
    let room = ann.until("room").await;
    assert_eq!(room["secret"], "token");
    let mut bob = Member::start("http://127.0.0.1:9", &["join", text(&room, "link")]);
    bob.until_that(is_verified).await;
    let args = ["create", "--strong", "--server", &server.url];
    let (_, stdout, stderr) = run(&args, "").await;
    assert!(stdout.starts_with("Link: http"), "{stdout}");
    assert!(!format!("{stdout}{stderr}").contains("Code:"));
}

#[tokio::test]
async fn files_go_by_words_and_by_link() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "hello").unwrap();
    for (number, way) in ["code", "link"].into_iter().enumerate() {
        let mut ann = Member::start(&server.url, &["send", path.to_str().unwrap()]);
        let room = ann.until("room").await;
        assert_eq!(room["secret"], "words");
        ann.until("ready").await;
        let inbox = folder.path().join(number.to_string());
        let (way, save) = (text(&room, way), inbox.to_str().unwrap());
        let args = ["receive", way, "--save", save, "--server", &server.url];
        let (exit, _, stderr) = run(&args, "").await;
        assert_eq!((exit, ann.end().await), (0, 0), "{stderr}");
        assert_eq!(
            std::fs::read_to_string(inbox.join("a.txt")).unwrap(),
            "hello"
        );
    }
}

#[tokio::test]
async fn no_log_has_the_words() {
    let server = TestServer::start().await;
    // Words that no log has anyway: "open" and "frame" are on the list too.
    let mut ann = Member::start(&server.url, &["create", "--seed", "1"]);
    let room = ann.until("room").await;
    let code = text(&room, "code");
    assert!(code.ends_with("-lapel-stain-purr-hug"), "{code}");
    for level in ["debug", "trace"] {
        let mut bob = snug();
        bob.args(["join", code, "--server", &server.url]);
        bob.env("RUST_LOG", level);
        let (exit, _, stderr) = run_command(&mut bob, "hello\n").await;
        assert_eq!(exit, 0, "{stderr}");
        assert!(stderr.contains("DEBUG"), "{stderr}");
        for word in code.split('-').skip(1) {
            assert!(!has_word(&stderr, word), "{word} is in {stderr}");
        }
        ann.until("peer-left").await;
    }
}

/// Whether a word is there by itself, not as a part of another.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|it| it == word)
}

#[tokio::test]
async fn a_seed_makes_the_same_words_again_and_says_what_that_costs() {
    let server = TestServer::start().await;
    let mut words = Vec::new();
    for _ in 0..2 {
        let args = ["create", "--seed", "7", "--server", &server.url];
        let (_, stdout, stderr) = run(&args, "").await;
        assert!(stderr.contains("For tests only"), "{stderr}");
        let code = stdout.lines().next().unwrap().to_owned();
        words.push(code["Code: K7Q4X9".len()..].to_owned());
    }
    assert_eq!(words[0], words[1]);
}
