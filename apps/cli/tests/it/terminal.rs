//! The interactive room, on a terminal.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{glass::Glass, server::TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_stays_while_messages_come() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    ann.does(json!({"do": "nick", "name": "Ann"})).await;
    let mut bob = Glass::start(&["join", &code, "--server", &server.url, "--name", "Bob"]);
    bob.until_row("Ann is here · verified · direct");
    bob.press("half of ");
    bob.until_row("> half of");
    ann.until_that(|it| it["event"] == "typing" && it["on"] == true)
        .await;
    for number in 1..=30 {
        ann.says(&format!("message {number}")).await;
    }
    let end = [" 30 Ann: message 30", "1 verified, direct", "> half of"];
    bob.until(|rows| rows.ends_with(&end.map(str::to_owned)));
    bob.press("it\r");
    bob.until_row(" 31 you: half of it");
    assert_eq!(
        ann.until_that(|it| it["mine"] == false).await["text"],
        "half of it"
    );
    bob.press("/reply 30 indeed\r");
    let reply = ann.until_that(|it| it["mine"] == false).await;
    assert_eq!(reply["replyTo"], format!("{}/30", ann.id));
    bob.press("/edit in deed\r");
    assert_eq!(ann.until("edited").await["text"], "in deed");
    // A key was pressed after the last message: a person has seen it.
    let seen = |it: &Value| it["event"] == "receipt" && it["read"] == 30;
    assert!(ann.told.iter().any(seen), "{:#?}", ann.told);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_offered_and_accepted() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b.txt");
    std::fs::write(&path, "hello").unwrap();
    std::fs::write(folder.path().join("c d.txt"), "hi").unwrap();
    let inbox = folder.path().join("inbox");
    let (mut ann, code) = server.create().await;
    let save = inbox.to_str().unwrap();
    let mut bob = Glass::start(&["join", &code, "--server", &server.url, "--save", save]);
    ann.until_connected(1).await;
    ann.does(json!({"do": "send", "path": path.to_str().unwrap()}))
        .await;
    bob.until(|rows| {
        rows.iter()
            .any(|row| row.contains("offers [1] a b.txt (5 B)"))
    });
    bob.press("/acc\t1\r");
    ann.until("delivered").await;
    assert_eq!(
        std::fs::read_to_string(inbox.join("a b.txt")).unwrap(),
        "hello"
    );
    bob.press(&format!("/send {}/c\t\r", folder.path().display()));
    assert_eq!(ann.until("offered").await["name"], "c d.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_shown_with_its_picture() {
    let server = TestServer::start().await;
    let mut ann = Glass::start(&["create", "--server", &server.url]);
    let rows = ann.until(|rows| {
        rows.iter()
            .any(|row| row.starts_with("They type: snug join"))
    });
    assert!(rows[0].starts_with("Code: "));
    assert!(rows[1].starts_with(&format!("Link: {}/#", server.url)));
    assert!(rows[2].chars().all(|c| c == '█'), "{rows:#?}");
    let mut bob = Glass::start(&["create", "--no-qr", "--server", &server.url]);
    let rows = bob.until(|rows| {
        rows.iter()
            .any(|row| row.starts_with("They type: snug join"))
    });
    assert!(rows[2].starts_with("They type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_usual_again_however_it_ends() {
    let server = TestServer::start().await;
    let args = ["create", "--no-qr", "--server", &server.url];
    for (keys, code) in [
        ("/leave\r", 0),
        ("\u{4}", 0),
        ("\u{3}", 130),
        ("\u{3}\u{3}", 130),
    ] {
        let mut ann = Glass::start(&args);
        assert_prompt(&mut ann);
        ann.press(keys);
        assert_eq!(
            ann.child.wait().await.unwrap().code(),
            Some(code),
            "{keys:?}"
        );
        assert!(ann.is_usual(), "{keys:?}");
    }
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut ann = Glass::start(&args);
        assert_prompt(&mut ann);
        let pid = i32::try_from(ann.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        assert_eq!(ann.child.wait().await.unwrap().code(), Some(code));
        assert!(ann.is_usual());
    }
}

fn assert_prompt(glass: &mut Glass) {
    glass.until_row(">");
    assert!(!glass.is_usual());
}
