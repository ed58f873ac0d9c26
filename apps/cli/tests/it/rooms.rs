//! Talk.

use serde_json::{Value, json};

use crate::{
    member::{Member, run},
    server::TestServer,
};

#[tokio::test]
async fn two_hear_each_other() {
    everyone_hears_everyone(2).await;
}

#[tokio::test]
async fn four_hear_each_other() {
    everyone_hears_everyone(4).await;
}

#[tokio::test]
async fn eight_hear_each_other() {
    everyone_hears_everyone(8).await;
}

/// All speak at once, three times, and all agree on what was said and in which order.
async fn everyone_hears_everyone(members: usize) {
    let server = TestServer::start().await;
    let mut room = server.room_of(members).await;
    for round in 0..3 {
        for (number, member) in room.iter_mut().enumerate() {
            member.says(&format!("{number} says {round}")).await;
        }
    }
    let mut orders = Vec::new();
    for member in &mut room {
        for _ in 0..3 * members {
            member.until("message").await;
        }
        orders.push(order(member));
    }
    assert_eq!(orders[0].len(), 3 * members);
    assert!(
        orders.iter().all(|order| *order == orders[0]),
        "{orders:#?}"
    );
    for member in &mut room {
        member.does(json!({"do": "leave"})).await;
    }
    for member in &mut room {
        assert_eq!(member.end().await, 0);
    }
}

/// What was said, as everyone should have it.
fn order(member: &Member) -> Vec<String> {
    let told = member.told.iter();
    let mut messages: Vec<&Value> = told.filter(|it| it["event"] == "message").collect();
    messages.sort_by_key(|it| (it["lamport"].as_u64(), it["author"].to_string()));
    let texts = messages
        .iter()
        .map(|it| format!("{}: {}", it["id"], it["text"]));
    texts.collect()
}

#[tokio::test]
async fn messages_are_answered_changed_and_taken_back() {
    let server = TestServer::start().await;
    let mut room = server.room_of(2).await;
    let [ann, bob] = &mut room[..] else {
        panic!("not two")
    };
    ann.says("helo").await;
    let id = bob.until("message").await["id"].clone();
    ann.does(json!({"do": "edit", "to": id, "text": "hello"}))
        .await;
    let edited = bob.until("edited").await;
    assert_eq!((&edited["id"], &edited["text"]), (&id, &json!("hello")));
    bob.does(json!({"do": "react", "to": id, "emoji": "👍"}))
        .await;
    let reacted = ann.until("reacted").await;
    assert_eq!(reacted["peer"], bob.id.as_str());
    bob.does(json!({"do": "reply", "to": id, "text": "hi"}))
        .await;
    let reply = ann.until_that(|it| it["replyTo"] == id).await;
    assert_eq!(reply["text"], "hi");
    bob.does(json!({"do": "delete", "to": id})).await;
    assert_eq!(bob.until("refused").await["reason"], "not-your-message");
    ann.does(json!({"do": "delete", "to": id})).await;
    assert_eq!(bob.until("deleted").await["id"], id);
    bob.does(json!({"do": "mark-read"})).await;
    ann.until_that(|it| it["event"] == "receipt" && it["read"] == 3)
        .await;
    bob.does(json!({"do": "nick", "name": "Bob"})).await;
    ann.until_that(|it| it["event"] == "profile" && it["name"] == "Bob")
        .await;
    bob.does(json!({"do": "typing"})).await;
    ann.until_that(|it| it["event"] == "typing" && it["on"] == true)
        .await;
}

#[tokio::test]
async fn nonsense_costs_only_its_line() {
    let server = TestServer::start().await;
    let mut room = server.room_of(2).await;
    let lines = ["hello", r#"{"do":"dance"}"#, "", r#"{"do":"say"}"#];
    for (number, line) in (1..).zip(lines) {
        room[0].types(line).await;
        if !line.is_empty() {
            assert_eq!(room[0].until("error").await["line"], number);
        }
    }
    room[0].says(&"x".repeat(1_000_000)).await;
    assert_eq!(room[0].until("error").await["line"], 5);
    room[0].says("").await;
    assert_eq!(room[0].until("refused").await["reason"], "invalid-body");
    room[0].says("still here").await;
    assert_eq!(room[1].until("message").await["text"], "still here");
}

#[tokio::test]
async fn a_seed_makes_the_same_member_again() {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for seed in ["7", "7", "8"] {
        let mut member = Member::start(&server.url, &["create", "--seed", seed]);
        member.until("room").await;
        member.stops_typing();
        assert_eq!(member.end().await, 0);
        ids.push(member.id);
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

#[tokio::test]
async fn a_pipe_says_it_and_leaves() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    let args = ["join", &code, "--server", &server.url, "--name", "ci"];
    let (exit, stdout, stderr) = run(&args, "one\n\ntwo\n").await;
    assert_eq!((exit, stdout.as_str()), (0, ""), "{stderr}");
    for text in ["one", "two"] {
        assert_eq!(ann.until("message").await["text"], text);
    }
    assert_eq!(ann.until("peer-left").await["goodbye"], true);
}

#[tokio::test]
async fn what_is_said_before_leaving_arrives() {
    let server = TestServer::start().await;
    let mut room = server.room_of(2).await;
    for number in 0..100 {
        room[0].says(&number.to_string()).await;
    }
    room[0].does(json!({"do": "leave"})).await;
    for number in 0..100 {
        assert_eq!(room[1].until("message").await["text"], number.to_string());
    }
    assert_eq!(room[0].end().await, 0);
}

#[tokio::test]
async fn what_others_say_is_harmless_in_plain_lines() {
    let server = TestServer::start().await;
    let (mut ann, code) = server.create().await;
    ann.does(json!({"do": "nick", "name": "Ann\u{1b}[31m"}))
        .await;
    let args = [
        "join",
        &code,
        "--server",
        &server.url,
        "--linger",
        "--for",
        "5",
    ];
    let reading = run(&args, "");
    let talking = async {
        ann.until_connected(1).await;
        ann.says("\u{1b}]0;title\u{7}hi\nBob: spoofed").await;
    };
    let ((exit, stdout, _), ()) = tokio::join!(reading, talking);
    assert_eq!(exit, 0);
    assert_eq!(stdout, "Ann␛[31m: ␛]0;title␇hi\n    │ Bob: spoofed\n");
}
