use std::time::Duration;

use snug_protocol::{
    Attributes, Content, DeclineReason, FileName, FilePath, Hash, Item, ItemKind, Listing,
    Manifest, MediaState, Offer, Preview, Profile, StopReason, TransferId,
};
use snug_session::{CommandError, EndReason, Path, Progress, Refusal, TransferError};

use super::*;
use crate::{exit::Exit, happening::Own, invitation::Purpose, play::Film, testing::check_string};

fn ann() -> ClientId {
    "ann".parse().unwrap()
}

fn message() -> MessageId {
    "ann/3".parse().unwrap()
}

fn transfer() -> TransferId {
    TransferId::from_bytes([0xab; 16])
}

fn written(happening: &Happening) -> Option<String> {
    written_in("K7Q4X9-otter-lemon-cloud-ferry", happening)
}

fn written_in(code: &str, happening: &Happening) -> Option<String> {
    let code = code.parse().unwrap();
    let invitation = Invitation::new(&code, "http://127.0.0.1:8080", Purpose::Join);
    write(happening, &"me".parse().unwrap(), Some(&invitation))
}

/// Checks what is written, where `$T` stands for the transfer.
fn check(happening: &Happening, expected: &str) {
    let expected = expected.replace("$T", &transfer().to_string());
    assert_eq!(written(happening), Some(expected), "{happening:?}");
}

fn check_event(event: Event, expected: &str) {
    check(&Happening::Event(event), expected);
}

#[test]
fn the_room() {
    let token = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (code, secret) in [
        ("K7Q4X9-otter-lemon-cloud-ferry", "words"),
        (&format!("K7Q4X9-{token}"), "token"),
        ("K7Q4X9", "open"),
    ] {
        let joined = Event::Joined {
            room: "K7Q4X9".parse().unwrap(),
            peers: vec![ann()],
        };
        let expected = format!(
            r#"{{"event":"room","code":"{code}","link":"http://127.0.0.1:8080/#{code}","secret":"{secret}","clientId":"me","peers":["ann"]}}"#
        );
        let written = written_in(code, &Happening::Event(joined));
        assert_eq!(written, Some(expected));
    }
    check(&Happening::Ready, r#"{"event":"ready"}"#);
    check_event(
        Event::Server(ServerStatus::Online),
        r#"{"event":"server","status":"online"}"#,
    );
    check_event(
        Event::Server(ServerStatus::Offline {
            reason: "refused".to_owned(),
            retry_in: Duration::from_millis(1500),
        }),
        r#"{"event":"server","status":"offline","reason":"refused","retryInMs":1500}"#,
    );
}

#[test]
fn people() {
    check_event(
        Event::PeerJoined { peer: ann() },
        r#"{"event":"peer-joined","peer":"ann"}"#,
    );
    check_event(
        Event::PeerLeft {
            peer: ann(),
            goodbye: true,
        },
        r#"{"event":"peer-left","peer":"ann","goodbye":true}"#,
    );
    check_event(
        Event::Profile {
            peer: ann(),
            profile: Profile {
                nickname: "Ann".to_owned(),
                media: MediaState {
                    camera: true,
                    microphone: false,
                },
            },
        },
        r#"{"event":"profile","peer":"ann","name":"Ann","camera":true,"microphone":false}"#,
    );
    check_event(
        Event::Typing {
            peer: ann(),
            on: true,
        },
        r#"{"event":"typing","peer":"ann","on":true}"#,
    );
    check_event(
        Event::Misbehaved {
            peer: ann(),
            reason: "no".to_owned(),
        },
        r#"{"event":"misbehaved","peer":"ann","reason":"no"}"#,
    );
}

#[test]
fn links() {
    let connected = |verified, path| LinkStatus::Connected { verified, path };
    for (status, expected) in [
        (LinkStatus::Connecting, r#""connecting""#),
        (LinkStatus::Verifying, r#""verifying""#),
        (
            connected(true, Path::Direct),
            r#""connected","verified":true,"path":"direct""#,
        ),
        (
            connected(true, Path::Turn),
            r#""connected","verified":true,"path":"turn""#,
        ),
        (
            connected(false, Path::Relay),
            r#""connected","verified":false,"path":"relay""#,
        ),
        (LinkStatus::Reconnecting, r#""reconnecting""#),
        (LinkStatus::Failed, r#""failed""#),
    ] {
        check_link(status, expected);
    }
    for (refusal, reason) in [
        (Refusal::WrongWords, "wrong-words"),
        (Refusal::WordsNeeded, "words-needed"),
        (Refusal::OpenRoom, "open-room"),
        (Refusal::Closed, "closed"),
        (Refusal::Version, "version"),
        (Refusal::Intercepted, "intercepted"),
        (Refusal::Impostor, "impostor"),
        (Refusal::Silent, "silent"),
    ] {
        let expected = format!(r#""refused","reason":"{reason}""#);
        check_link(LinkStatus::Refused(refusal), &expected);
    }
}

fn check_link(status: LinkStatus, expected: &str) {
    check_event(
        Event::Link {
            peer: ann(),
            status,
        },
        &format!(r#"{{"event":"link","peer":"ann","status":{expected}}}"#),
    );
}

#[test]
fn trust() {
    check_event(
        Event::Check {
            peer: ann(),
            check: check_string(),
        },
        r#"{"event":"check","peer":"ann","emoji":["🚀","📌","⚽","🔑","✏️","☂️"],"names":["Rocket","Pin","Ball","Key","Pencil","Umbrella"]}"#,
    );
    check_event(
        Event::Guesses {
            wrong: 2,
            closed: false,
        },
        r#"{"event":"guesses","wrong":2,"closed":false}"#,
    );
    for (peers, expected) in [(vec![ann()], r#"["ann"]"#), (Vec::new(), "[]")] {
        check_event(
            Event::Split { peers },
            &format!(r#"{{"event":"split","peers":{expected}}}"#),
        );
    }
}

fn said(body: Option<Body>) -> Event {
    Event::Message(Message {
        id: message(),
        lamport: 7,
        sent_at: 1_700_000_000_000,
        body,
        late: false,
    })
}

#[test]
fn messages() {
    let text = || "h\u{1b}\n".to_owned();
    check_event(
        said(Some(Body::Text { text: text() })),
        r#"{"event":"message","id":"ann/3","author":"ann","seq":3,"lamport":7,"sentAt":1700000000000,"late":false,"mine":false,"text":"h\u001b\n"}"#,
    );
    check_event(
        said(Some(Body::Reply {
            to: "me/1".parse().unwrap(),
            text: text(),
        })),
        r#"{"event":"message","id":"ann/3","author":"ann","seq":3,"lamport":7,"sentAt":1700000000000,"late":false,"mine":false,"text":"h\u001b\n","replyTo":"me/1"}"#,
    );
    check_event(
        said(None),
        r#"{"event":"message","id":"ann/3","author":"ann","seq":3,"lamport":7,"sentAt":1700000000000,"late":false,"mine":false,"text":null}"#,
    );
    check_event(
        Event::Edited {
            id: message(),
            text: "x".to_owned(),
        },
        r#"{"event":"edited","id":"ann/3","text":"x"}"#,
    );
    check_event(
        Event::Deleted { id: message() },
        r#"{"event":"deleted","id":"ann/3"}"#,
    );
    check_event(
        Event::Reacted {
            id: message(),
            peer: ann(),
            emoji: "👍".to_owned(),
            on: true,
        },
        r#"{"event":"reacted","id":"ann/3","peer":"ann","emoji":"👍","on":true}"#,
    );
    check_event(
        Event::Missing {
            author: ann(),
            count: 2,
        },
        r#"{"event":"missing","author":"ann","count":2}"#,
    );
    check_event(
        Event::Receipt {
            peer: ann(),
            delivered: 4,
            read: 3,
        },
        r#"{"event":"receipt","peer":"ann","delivered":4,"read":3}"#,
    );
}

#[test]
fn offers() {
    let content = Content::File {
        media_type: "text/plain".to_owned(),
        attributes: Attributes::default(),
    };
    let manifest = Manifest::new(5, Hash::ZERO).unwrap();
    let offer = Offer {
        content,
        ..Offer::of_file(FileName::sanitize("a.txt"), manifest)
    };
    check_event(
        Event::Offered {
            transfer: transfer(),
            from: ann(),
            listing: offer.own_listing().unwrap().into(),
            offer,
        },
        &format!(
            r#"{{"event":"offered","transfer":"$T","from":"ann","name":"a.txt","size":5,"hash":"{}","mediaType":"text/plain","files":1,"items":[{{"path":"a.txt","size":5}}]}}"#,
            "0".repeat(64)
        ),
    );
    check_event(
        Event::OfferWithdrawn {
            transfer: transfer(),
            from: ann(),
        },
        r#"{"event":"offer-withdrawn","transfer":"$T","from":"ann"}"#,
    );
    check(
        &Happening::Hashing {
            paths: vec!["b/a.txt".into()],
            bytes: 1,
            total: 5,
        },
        r#"{"event":"hashing","path":"b/a.txt","bytes":1,"total":5}"#,
    );
    check(
        &Happening::Offering(Own {
            transfer: transfer(),
            paths: vec!["b/a.txt".into(), "c".into()],
            files: 7,
            size: 5,
            left_out: 1,
        }),
        r#"{"event":"offering","transfer":"$T","path":"b/a.txt","paths":["b/a.txt","c"],"files":7,"size":5,"leftOut":1}"#,
    );
    let told_better = Event::Offering {
        transfer: transfer(),
    };
    assert_eq!(written(&Happening::Event(told_better)), None);
}

#[test]
fn folders_and_films() {
    let items = vec![
        Item {
            path: FilePath::sanitize("trip/empty"),
            kind: ItemKind::Folder,
        },
        Item {
            path: FilePath::sanitize("trip/run.sh"),
            kind: ItemKind::File {
                size: 5,
                attributes: Attributes {
                    modified: Some(1_700_000_000),
                    executable: true,
                },
            },
        },
    ];
    let manifest = Manifest::new(5, Hash::ZERO).unwrap();
    let offer = Offer {
        preview: Some(Preview {
            width: 1920,
            height: 1080,
            duration: Some(192_000),
            thumbnail: Some(vec![1]),
        }),
        ..Offer::of_file(FileName::sanitize("trip"), manifest)
    };
    let offered = |items: Vec<Item>| Event::Offered {
        transfer: transfer(),
        from: ann(),
        listing: Listing::new(items).unwrap().into(),
        offer: offer.clone(),
    };
    check_event(
        offered(items),
        &format!(
            r#"{{"event":"offered","transfer":"$T","from":"ann","name":"trip","size":5,"hash":"{}","mediaType":"","width":1920,"height":1080,"durationMs":192000,"files":1,"items":[{{"path":"trip/empty","folder":true}},{{"path":"trip/run.sh","size":5,"modified":1700000000,"executable":true}}]}}"#,
            "0".repeat(64)
        ),
    );
    let many = (0..10_001).map(|number| Item {
        path: FilePath::sanitize(&number.to_string()),
        kind: ItemKind::Folder,
    });
    let line = written(&Happening::Event(offered(many.collect()))).unwrap();
    assert!(line.ends_with(r#","moreItems":1}"#));
    let film = Film {
        transfer: transfer(),
        item: 1,
        name: "a.mp4".to_owned(),
        media_type: "video/mp4".to_owned(),
        bytes: 5..10,
    };
    let address = "http://127.0.0.1:5/x/a.mp4".to_owned();
    check(
        &Happening::Playing { film, address },
        r#"{"event":"playing","transfer":"$T","name":"a.mp4","size":5,"mediaType":"video/mp4","address":"http://127.0.0.1:5/x/a.mp4"}"#,
    );
    check(
        &Happening::PlayFailed {
            transfer: transfer(),
            reason: "no".to_owned(),
        },
        r#"{"event":"play-failed","transfer":"$T","message":"no"}"#,
    );
    check(&Happening::PlayerEnded, r#"{"event":"player-ended"}"#);
}

#[test]
fn transfers_that_wait() {
    check_event(
        Event::Stranded {
            transfer: transfer(),
            missing: 5,
        },
        r#"{"event":"stranded","transfer":"$T","missing":5}"#,
    );
    check_event(
        Event::Paused {
            transfer: transfer(),
            on: true,
        },
        r#"{"event":"paused","transfer":"$T","on":true}"#,
    );
    check_event(
        Event::Checking {
            transfer: transfer(),
            bytes: 1,
            total: 5,
        },
        r#"{"event":"checking","transfer":"$T","bytes":1,"total":5}"#,
    );
}

#[test]
fn transfers() {
    let progress = |to, eta| {
        Event::Progress(Progress {
            transfer: transfer(),
            to,
            bytes: 1,
            total: 5,
            rate: 2.5,
            eta,
        })
    };
    check_event(
        progress(Some(ann()), Some(Duration::from_millis(1600))),
        r#"{"event":"progress","transfer":"$T","to":"ann","bytes":1,"total":5,"rate":2.5,"etaMs":1600}"#,
    );
    check_event(
        progress(None, None),
        r#"{"event":"progress","transfer":"$T","bytes":1,"total":5,"rate":2.5}"#,
    );
    check_event(
        Event::Stalled {
            transfer: transfer(),
        },
        r#"{"event":"stalled","transfer":"$T"}"#,
    );
    check_event(
        Event::Received {
            transfer: transfer(),
            place: Some("./a.txt".to_owned()),
        },
        r#"{"event":"received","transfer":"$T","place":"./a.txt"}"#,
    );
    check_event(
        Event::Delivered {
            transfer: transfer(),
            to: ann(),
        },
        r#"{"event":"delivered","transfer":"$T","to":"ann"}"#,
    );
    check_event(
        Event::Declined {
            transfer: transfer(),
            by: ann(),
            reason: DeclineReason::NoSpace,
        },
        r#"{"event":"declined","transfer":"$T","by":"ann","reason":"no-space"}"#,
    );
    check_event(
        Event::TransferFailed {
            transfer: transfer(),
            to: Some(ann()),
            reason: TransferError::Stopped(StopReason::StorageFailed),
        },
        r#"{"event":"transfer-failed","transfer":"$T","to":"ann","reason":"receiver-cannot-write","message":"the receiver cannot store the file"}"#,
    );
}

#[test]
fn troubles_and_ends() {
    check_event(
        Event::Refused {
            reason: CommandError::UnknownTransfer,
        },
        r#"{"event":"refused","reason":"unknown-transfer","message":"no such transfer"}"#,
    );
    check(
        &Happening::Problem {
            reason: "what?".to_owned(),
            line: Some(3),
        },
        r#"{"event":"error","message":"what?","line":3}"#,
    );
    check(
        &Happening::OfferFailed {
            paths: vec!["a".into()],
            reason: "gone".to_owned(),
        },
        r#"{"event":"error","message":"gone","path":"a"}"#,
    );
    check(&Happening::Leaving, r#"{"event":"leaving"}"#);
    check_event(
        Event::Ended(EndReason::Left),
        r#"{"event":"ended","reason":"left","message":"left the room"}"#,
    );
    let kept_out = EndReason::KeptOut(Refusal::WordsNeeded);
    let message = Refusal::WordsNeeded.to_string();
    check(
        &Happening::Exit(Exit::from(&kept_out)),
        &format!(r#"{{"event":"exit","code":7,"reason":"wrong-words","message":"{message}"}}"#),
    );
    check_event(
        Event::Ended(kept_out),
        &format!(r#"{{"event":"ended","reason":"words-needed","message":"{message}"}}"#),
    );
    check(
        &Happening::Exit(Exit::Done),
        r#"{"event":"exit","code":0,"reason":"done"}"#,
    );
    check(
        &Happening::Exit(Exit::Incomplete("half".to_owned())),
        r#"{"event":"exit","code":5,"reason":"incomplete","message":"half"}"#,
    );
}
