mod trust;

use std::{sync::Arc, time::Duration};

use snug_protocol::{
    Attributes, Body, FileName, FilePath, Hash, Item as Entry, ItemKind, Listing, Manifest, Offer,
    Profile, StopReason, TransferId,
};
use snug_session::{Message, Path, TransferError};

use super::*;

fn id(text: &str) -> ClientId {
    text.parse().unwrap()
}

fn view(purpose: Purpose) -> View {
    let code: Invite = "K7Q4X9-otter-lemon-cloud-ferry".parse().unwrap();
    let server = "http://127.0.0.1:8080".to_owned();
    let mut view = View::new(id("me"), purpose, server, code.secret);
    shown(&mut view, joined());
    shown(&mut view, profile("ann-1", "Ann"));
    shown(&mut view, connected("ann-1"));
    view
}

fn shown(view: &mut View, event: Event) -> Vec<String> {
    let items = view.show(&Happening::Event(event));
    let lines = items.iter().flat_map(|item| lay_out(item, Some(100)));
    lines.map(|line| line.text()).collect()
}

fn joined() -> Event {
    Event::Joined {
        room: "K7Q4X9".parse().unwrap(),
        peers: Vec::new(),
    }
}

fn profile(peer: &str, nickname: &str) -> Event {
    let profile = Profile {
        nickname: nickname.to_owned(),
        ..Profile::default()
    };
    Event::Profile {
        peer: id(peer),
        profile,
    }
}

fn connected(peer: &str) -> Event {
    connected_by(peer, true, Path::Direct)
}

fn connected_by(peer: &str, verified: bool, path: Path) -> Event {
    link(peer, LinkStatus::Connected { verified, path })
}

fn link(peer: &str, status: LinkStatus) -> Event {
    let peer = id(peer);
    Event::Link { peer, status }
}

fn message(author: &str, seq: u64) -> MessageId {
    MessageId {
        author: id(author),
        seq,
    }
}

fn said(author: &str, seq: u64, body: Body) -> Event {
    Event::Message(Message {
        id: message(author, seq),
        lamport: seq,
        sent_at: 0,
        body: Some(body),
        late: false,
    })
}

fn text(text: &str) -> Body {
    let text = text.to_owned();
    Body::Text { text }
}

fn offered(name: &str) -> (TransferId, Event) {
    let manifest = Manifest::new(12_300_000, Hash::ZERO).unwrap();
    let offer = Offer::of_file(FileName::sanitize(name), manifest);
    let transfer = offer.transfer();
    let from = id("ann-1");
    let event = Event::Offered {
        transfer,
        from,
        listing: offer.own_listing().unwrap().into(),
        offer,
    };
    (transfer, event)
}

#[test]
fn people_come_and_go() {
    let mut view = view(Purpose::Join);
    shown(&mut view, profile("bob-2", "Bob"));
    assert_eq!(
        shown(&mut view, connected("bob-2")),
        ["Bob is here · verified · direct"]
    );
    assert_eq!(
        shown(&mut view, link("bob-2", LinkStatus::Reconnecting)),
        ["Bob is out of reach, trying to get back"]
    );
    assert_eq!(
        shown(&mut view, connected("bob-2")),
        ["Bob is back · verified · direct"]
    );
    assert_eq!(
        shown(&mut view, profile("bob-2", "Ann")),
        ["Bob is now called Ann#bob-"]
    );
    let left = |goodbye| Event::PeerLeft {
        peer: id("bob-2"),
        goodbye,
    };
    assert_eq!(shown(&mut view, left(true)), ["Ann#bob- left"]);
    assert!(shown(&mut view, left(false)).is_empty());
}

#[test]
fn talk_is_numbered_and_pointed_at() {
    let mut view = view(Purpose::Join);
    assert_eq!(
        shown(&mut view, said("ann-1", 1, text("hello"))),
        ["  1 Ann: hello"]
    );
    let reply = Body::Reply {
        to: message("ann-1", 1),
        text: "hi".to_owned(),
    };
    assert_eq!(shown(&mut view, said("me", 1, reply)), ["  2 you → #1: hi"]);
    let reacted = Event::Reacted {
        id: message("me", 1),
        peer: id("ann-1"),
        emoji: "👍".to_owned(),
        on: true,
    };
    assert_eq!(shown(&mut view, reacted), ["Ann reacted 👍 to #2"]);
    let edited = Event::Edited {
        id: message("ann-1", 1),
        text: "hello all".to_owned(),
    };
    assert_eq!(shown(&mut view, edited), ["Ann edited #1: hello all"]);
    let deleted = Event::Deleted {
        id: message("ann-1", 9),
    };
    assert_eq!(shown(&mut view, deleted), ["Ann deleted an older message"]);
}

#[test]
fn gaps_are_said() {
    let mut view = view(Purpose::Join);
    let missing = |count| Event::Missing {
        author: id("ann-1"),
        count,
    };
    assert_eq!(
        shown(&mut view, missing(2)),
        ["2 messages from Ann are missing, fetching"]
    );
    assert_eq!(
        shown(&mut view, missing(1)),
        ["1 message from Ann is missing, fetching"]
    );
    assert_eq!(
        shown(&mut view, missing(0)),
        ["all messages from Ann are here"]
    );
}

#[test]
fn hostile_texts_stay_in_their_place() {
    let mut view = view(Purpose::Join);
    let hostile = "\x1b[2Jhi\n  2 Bob: send me your keys\n\u{202e}evil";
    assert_eq!(
        shown(&mut view, said("ann-1", 1, text(hostile))),
        [
            "  1 Ann: ␛[2Jhi",
            "    │   2 Bob: send me your keys",
            "    │ evil"
        ]
    );
}

#[test]
fn files_are_offered_and_end() {
    let mut view = view(Purpose::Join);
    let (transfer, event) = offered("a\u{202e}.mp4");
    assert_eq!(
        shown(&mut view, event.clone()),
        ["Ann offers [1] a.mp4 (12.3 MB) · /accept 1 or /decline 1"]
    );
    assert!(shown(&mut view, event).is_empty());
    let failed = Event::TransferFailed {
        transfer,
        to: None,
        reason: TransferError::Stopped(StopReason::SourceChanged),
    };
    assert_eq!(
        shown(&mut view, failed),
        ["failed: [1] a.mp4 (12.3 MB): the file changed while it was being sent"]
    );
    let received = Event::Received {
        transfer,
        place: Some("./a.mp4".to_owned()),
    };
    assert_eq!(
        shown(&mut view, received),
        ["received [1] a.mp4 (12.3 MB) → ./a.mp4 · every byte verified"]
    );
}

#[test]
fn an_offer_of_many_files_shows_some() {
    let (transfer, event) = offered("photos");
    let Event::Offered { from, offer, .. } = event else {
        panic!("no offer");
    };
    let items = (1..=5000).map(|number| Entry {
        path: FilePath::sanitize(&format!("photos/{number}\u{202e}.jpg")),
        kind: ItemKind::File {
            size: 10,
            attributes: Attributes::default(),
        },
    });
    let listing = Arc::new(Listing::new(items.collect()).unwrap());
    let event = Event::Offered {
        transfer,
        from,
        offer,
        listing,
    };
    let mut room = view(Purpose::Join);
    let lines = shown(&mut room, event.clone());
    assert_eq!(
        lines[0],
        "Ann offers [1] photos (5,000 files, 12.3 MB) · /accept 1 or /decline 1"
    );
    assert_eq!(lines[1], "     1  photos/1.jpg  10 B");
    assert!(lines[13].starts_with("  and 4,988 more: /files 1 lists them"));
    let stranded = Event::Stranded {
        transfer,
        missing: 2000,
    };
    assert_eq!(
        shown(&mut room, stranded),
        [
            "nobody here has the missing 2.0 kB of [1] photos (5,000 files, 12.3 MB) · it goes on as soon",
            "    │ as somebody does"
        ]
    );
    let paused = |on| Event::Paused { transfer, on };
    assert!(shown(&mut room, paused(true))[0].ends_with(" · /resume 1 goes on"));
    assert!(shown(&mut room, paused(false))[0].starts_with("going on with [1]"));
    let mut list = view(Purpose::List);
    assert_eq!(shown(&mut list, event).len(), 5001);
}

#[test]
fn transfers_end_with_a_verdict() {
    let mut view = view(Purpose::Receive);
    let (transfer, event) = offered("a.mp4");
    assert_eq!(shown(&mut view, event), ["Ann offers [1] a.mp4 (12.3 MB)"]);
    let place = None;
    shown(&mut view, Event::Received { transfer, place });
    let mut verdict = |exit| view.show(&Happening::Exit(exit));
    let items = verdict(Exit::Done);
    let done = "done: 1 file, 12.3 MB · every byte verified";
    assert_eq!(lay_out(&items[0], None)[0].text(), done);
    let items = verdict(Exit::Incomplete("0 of 1 file arrived".to_owned()));
    assert_eq!(lay_out(&items[0], None)[0].text(), "! 0 of 1 file arrived");
    assert_eq!(items.len(), 1);
}

#[test]
fn the_status_tells_what_goes_on() {
    let mut view = view(Purpose::Join);
    let status = |view: &View| -> Vec<String> { view.status(80).iter().map(Line::text).collect() };
    assert_eq!(status(&view), ["1 verified, direct"]);
    shown(&mut view, Event::PeerJoined { peer: id("bob-2") });
    let typing = Event::Typing {
        peer: id("ann-1"),
        on: true,
    };
    shown(&mut view, typing);
    assert_eq!(
        status(&view),
        ["1 verified, direct · connecting to guest-bob-… · Ann typing…"]
    );
    shown(&mut view, said("ann-1", 1, text("x")));
    shown(&mut view, connected("bob-2"));
    shown(&mut view, said("me", 7, text("x")));
    assert_eq!(
        status(&view),
        ["2 verified, direct · #2 delivered to 0 of 2"]
    );
    for (peer, read) in [("ann-1", 7), ("bob-2", 0)] {
        let receipt = Event::Receipt {
            peer: id(peer),
            delivered: 7,
            read,
        };
        shown(&mut view, receipt);
    }
    assert_eq!(status(&view), ["2 verified, direct · #2 ✓ read by 1 of 2"]);
}

#[test]
fn a_lost_server_is_said_once() {
    let mut view = view(Purpose::Join);
    let offline = || {
        Event::Server(ServerStatus::Offline {
            reason: "connection refused".to_owned(),
            retry_in: Duration::from_secs(2),
        })
    };
    assert_eq!(shown(&mut view, offline()).len(), 1);
    assert!(shown(&mut view, offline()).is_empty());
    let status = view.status(80);
    let status = status.first().map(Line::text);
    let words = "no server: connection refused; trying again in 2 s";
    assert_eq!(status.as_deref(), Some(words));
    let back = shown(&mut view, Event::Server(ServerStatus::Online));
    assert_eq!(back, ["the server is back"]);
}

#[test]
fn whoever_opens_a_room_is_told_how_to_invite() {
    for (purpose, lines) in [(Purpose::Create, 3), (Purpose::Join, 0), (Purpose::Send, 3)] {
        let mut view = view(purpose);
        let items = view.show(&Happening::Ready);
        let texts = items
            .iter()
            .filter(|item| !matches!(item, Item::Picture(_)));
        assert_eq!(texts.count(), lines, "{purpose:?}");
    }
}
