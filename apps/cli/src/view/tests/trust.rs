//! Who is verified, which way frames go, who is kept out.

use snug_session::Refusal;

use super::*;
use crate::testing::check_string;

const CHECK: &str = "🚀 Rocket, 📌 Pin, ⚽ Ball, 🔑 Key, ✏️ Pencil, ☂️ Umbrella";

fn status(view: &View) -> Vec<String> {
    view.status(100).iter().map(Line::text).collect()
}

/// Somebody who is at the door.
fn outside() -> View {
    let server = "http://127.0.0.1:8080".to_owned();
    let mut view = View::new(id("me"), Purpose::Join, server, Secret::Open);
    shown(&mut view, joined());
    view
}

#[test]
fn the_way_is_said_when_it_changes() {
    let mut view = view(Purpose::Join);
    let relayed = || connected_by("ann-1", true, Path::Relay);
    assert_eq!(
        shown(&mut view, relayed()),
        ["Ann is reached through the server now: sealed, but slow; large files will take long"]
    );
    assert!(shown(&mut view, relayed()).is_empty());
    assert_eq!(status(&view), ["1 verified, through the server"]);
    shown(&mut view, link("ann-1", LinkStatus::Reconnecting));
    assert_eq!(
        shown(&mut view, relayed()),
        ["Ann is back · verified · through the server: sealed, but slow"]
    );
    assert_eq!(
        shown(&mut view, connected("ann-1")),
        ["Ann is reached directly now"]
    );
    assert_eq!(
        shown(&mut view, connected_by("ann-1", true, Path::Turn)),
        ["Ann is reached through a TURN server now"]
    );
    shown(&mut view, connected("bob-2"));
    assert_eq!(
        status(&view),
        ["2 verified: 1 direct, 1 through a TURN server"]
    );
}

#[test]
fn an_open_room_is_called_unverified_everywhere() {
    let mut view = outside();
    shown(&mut view, profile("ann-1", "Ann"));
    assert_eq!(
        shown(&mut view, connected_by("ann-1", false, Path::Direct)),
        [
            "Ann is here · unverified (open room) · direct",
            "this room is open: nobody in it can be verified, and the server could listen in"
        ]
    );
    assert_eq!(status(&view), ["1 unverified (open room), direct"]);
    let peers = view.peer_lines();
    assert_eq!(
        peers[0].text(),
        "  Ann unverified (open room), direct · ann-1"
    );
}

#[test]
fn verifying_is_shown_while_it_goes_on() {
    let mut view = outside();
    shown(&mut view, link("ann-1", LinkStatus::Verifying));
    assert_eq!(status(&view), ["verifying guest-ann-…"]);
    assert_eq!(
        view.peer_lines()[0].text(),
        "  guest-ann- verifying · ann-1"
    );
}

#[test]
fn large_files_are_warned_of_where_the_way_is_slow() {
    let mut view = view(Purpose::Join);
    shown(&mut view, connected_by("ann-1", true, Path::Relay));
    let warning = "through the server this takes about 0:12";
    let (_, event) = offered("a.mp4");
    assert_eq!(shown(&mut view, event)[1], warning);
    let own = |size| {
        Happening::Offering(crate::happening::Own {
            transfer: TransferId::from_bytes([1; 16]),
            paths: vec!["b.mp4".into()],
            files: 1,
            size,
            left_out: 0,
        })
    };
    assert_eq!(view.show(&own(1_000)).len(), 1);
    assert_eq!(view.show(&own(12_300_000)).len(), 2);
    // Somebody else comes, and the files are still on offer.
    shown(&mut view, profile("bob-2", "Bob"));
    let arrival = shown(&mut view, connected_by("bob-2", true, Path::Relay));
    assert_eq!(arrival.last().map(String::as_str), Some(warning));
}

#[test]
fn refusals_are_told_to_each_side_in_its_words() {
    let mut member = view(Purpose::Create);
    let mut newcomer = outside();
    for (refusal, inside, outside) in [
        (
            Refusal::WrongWords,
            "guest-bob- tried wrong words and is not let in",
            "",
        ),
        (
            Refusal::WordsNeeded,
            "guest-bob- came without the words and is not let in: give them the whole code",
            "",
        ),
        (
            Refusal::Silent,
            "guest-bob- does not answer the handshake",
            "guest-bob- does not answer the handshake",
        ),
        (
            Refusal::Impostor,
            "guest-bob- is somebody else than the one who had this name before, and is not let in",
            "guest-bob- is somebody else than the one who had this name before, and is not let in",
        ),
    ] {
        let refused = || link("bob-2", LinkStatus::Refused(refusal));
        assert_eq!(shown(&mut member, refused()).join(" "), inside);
        assert_eq!(shown(&mut newcomer, refused()).join(" "), outside);
    }
    assert_eq!(status(&newcomer), ["not let in by guest-bob-"]);
    assert_eq!(
        newcomer.peer_lines()[0].text(),
        "  guest-bob- not let in, somebody else · bob-2"
    );
}

#[test]
fn somebody_in_between_is_named_on_both_sides() {
    for mut view in [view(Purpose::Join), outside()] {
        let refused = link("bob-2", LinkStatus::Refused(Refusal::Intercepted));
        let text = shown(&mut view, refused).join(" ");
        assert!(text.contains("somebody is in between"), "{text}");
    }
}

#[test]
fn wrong_words_are_counted_for_those_inside() {
    let guesses = |wrong, closed| Event::Guesses { wrong, closed };
    assert!(shown(&mut outside(), guesses(1, false)).is_empty());
    let mut view = view(Purpose::Join);
    assert_eq!(
        shown(&mut view, guesses(2, false)),
        ["wrong words were tried (2 of 5)"]
    );
    let closed = shown(&mut view, guesses(5, true)).join(" ");
    assert!(closed.contains("nobody new is let in"), "{closed}");
    assert!(shown(&mut view, guesses(6, true)).is_empty());
}

#[test]
fn those_kept_apart_are_named() {
    let mut view = view(Purpose::Join);
    shown(&mut view, profile("bob-2", "Bob"));
    let split = |peers: &[&str]| Event::Split {
        peers: peers.iter().map(|peer| id(peer)).collect(),
    };
    assert_eq!(
        shown(&mut view, split(&["bob-2", "cleo-3"])).join(" "),
        "others in this room see Bob, guest-cleo and you do not: the server may be keeping you apart"
    );
    assert_eq!(
        shown(&mut view, split(&[])),
        ["everyone whom the others see is here, or has left"]
    );
}

fn check(peer: &str) -> Event {
    Event::Check {
        peer: id(peer),
        check: check_string(),
    }
}

#[test]
fn emoji_are_shown_with_their_names() {
    let mut view = view(Purpose::Join);
    let text = |lines: Vec<Line>| -> Vec<String> {
        let texts = lines.iter().map(Line::text);
        texts.map(|it| it.replace('\u{a0}', " ")).collect()
    };
    assert!(shown(&mut view, check("ann-1")).is_empty(), "not asked for");
    shown(&mut view, check("bob-2"));
    let lines = text(view.check_lines("").unwrap());
    assert_eq!(lines.len(), 3, "Bob is not here: {lines:#?}");
    assert_eq!(lines[1], format!("Ann · verified: {CHECK}"));
    assert_eq!(view.check_lines("ann").unwrap().len(), 3);
    assert_eq!(view.check_lines("ann-1").unwrap().len(), 3);
    assert!(view.check_lines("bob").is_err());
    shown(
        &mut view,
        Event::PeerLeft {
            peer: id("ann-1"),
            goodbye: true,
        },
    );
    assert_eq!(view.check_lines("").unwrap().len(), 1);
}

#[test]
fn whoever_came_to_compare_sees_that_alone() {
    let mut view = view(Purpose::Verify);
    assert_eq!(shown(&mut view, check("ann-1")).len(), 1, "Ann is here");
    shown(&mut view, check("bob-2"));
    shown(&mut view, profile("bob-2", "Bob"));
    let arrival = shown(&mut view, connected("bob-2"));
    assert_eq!(arrival[0], "Bob is here · verified · direct");
    assert!(arrival[1].starts_with("Bob · verified: "), "{arrival:?}");
    assert!(shown(&mut view, said("ann-1", 1, text("hello"))).is_empty());
    assert!(shown(&mut view, offered("a.mp4").1).is_empty());
}
