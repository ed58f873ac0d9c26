//! Codes as people type them.

use super::{list::LIST, *};
use crate::{InvalidRoomId, limits::INVITE_BYTES};

const CODE: &str = "K7Q4X9-otter-lemon-cloud-ferry";
const TOKEN: &str = "K7Q4X9-01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[test]
fn codes_and_links_are_forgiven_their_spelling() {
    for typed in [
        "K7Q4X9-otter-lemon-cloud-ferry",
        "k7q4x9 otter lemon cloud ferry",
        "K7Q4X9 OTTER LEMON CLOUD FERRY",
        " k7q-4x9  Otter, Lemon, Cloud, Ferry.\r\n",
        "k 7 q 4 x 9 otter lemon cloud ferry",
        "K7Q4X9_otter_lemon_cloud_ferry",
        "K7Q4X9.otter.lemon.cloud.ferry",
        "K7Q4X9 \u{2013} otter\u{2011}lemon\u{2014}cloud\u{a0}ferry",
        "K7Q4X9-ott-lem-clou-ferr",
        "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry",
        "https://snug.example/room#old#k7q4x9-otter-lemon-cloud-ferry ",
        "https://snug.example/#K7Q4X9%20otter%2Dlemon%2dcloud%20ferry",
        "https://snug.example/%23K7Q4X9-otter-lemon-cloud-ferry",
        "#K7Q4X9-otter-lemon-cloud-ferry",
    ] {
        let invite: Invite = typed.parse().unwrap_or_else(|e| panic!("{typed:?}: {e}"));
        assert_eq!(invite.to_string(), CODE, "{typed:?}");
        assert_eq!(&*invite.secret.password(), b"otter-lemon-cloud-ferry");
    }
}

#[test]
fn a_code_without_words_is_open() {
    for typed in [
        "K7Q4X9",
        " k7q 4x9\n",
        "k7q-4x9",
        "k7q4x9-",
        "https://snug.example/#k7q4x9",
    ] {
        let invite: Invite = typed.parse().unwrap();
        assert_eq!(invite.to_string(), "K7Q4X9", "{typed:?}");
        assert!(invite.secret.is_open());
        assert!(invite.secret.password().is_empty());
    }
    let look_alikes: Invite = "koq4il".parse().unwrap();
    assert_eq!(look_alikes.room.as_str(), "K0Q411");
}

#[test]
fn a_token_may_be_typed_too() {
    for typed in [
        TOKEN,
        "k7q4x9 0iarz3ndektsv4rrffq69g5fav",
        "k7q 4x9 01arz-3ndek-tsv4r-rffq6-9g5fa-v",
        "https://snug.example/#K7Q4X9-O1ARZ3NDEKTSV4RRFFQ69G5FAV",
    ] {
        let invite: Invite = typed.parse().unwrap();
        assert_eq!(invite.to_string(), TOKEN, "{typed:?}");
        assert_eq!(&*invite.secret.password(), b"01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }
}

#[test]
fn links_end_in_the_code() {
    for (code, link) in [
        (CODE, "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry"),
        ("k7q4x9", "https://snug.example/#K7Q4X9"),
        (
            TOKEN,
            "https://snug.example/#K7Q4X9-01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ),
    ] {
        let invite: Invite = code.parse().unwrap();
        assert_eq!(invite.link("https://snug.example/"), link);
        assert_eq!(invite.link("https://snug.example"), link);
        assert_eq!(link.parse(), Ok(invite));
    }
}

#[test]
fn yoyo_is_written_in_many_ways() {
    for typed in [
        "k7q4x9 yoyo yoyo zoom acid",
        "k7q4x9 yo-yo yo yo zoom acid",
        "K7Q4X9-yo-yo-yoyo-zoom-acid",
        "K7Q4X9-YO YO-yoy-zoo-aci",
    ] {
        let invite: Invite = typed.parse().unwrap();
        assert_eq!(invite.to_string(), "K7Q4X9-yoyo-yoyo-zoom-acid", "{typed}");
    }
}

#[test]
fn mistakes_are_explained() {
    for (typed, why) in [
        ("", "the code is empty"),
        (" - ", "the code is empty"),
        (
            "https://snug.example/",
            "the link has no code: copy all of it, with what follows the #",
        ),
        (
            "K7Q4X",
            "the code does not begin with a room: a room id has 6 symbols",
        ),
        (
            "otter-lemon-cloud-ferry",
            "the code does not begin with a room: a room id has 6 symbols",
        ),
        (
            "K7Q4XU-otter-lemon-cloud-ferry",
            "the code does not begin with a room: \
             a room id has only digits and the letters A to Z without U",
        ),
        (
            "K7Q4X9-otter",
            "a code has four words after the room, this one has 1: ask for the whole code",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-ferry-otter",
            "a code has four words after the room, this one has 5: ask for the whole code",
        ),
        (
            "K7Q4X9-ottre-lemon-cloud-ferry",
            "\"ottre\" is not a word of the list; did you mean \"otter\"?",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-0cean",
            "\"0cean\" is not a word of the list; did you mean \"ocean\"?",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-bape",
            "\"bape\" is not a word of the list; did you mean \"cape\"?",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-xyzzy",
            "\"xyzzy\" is not a word of the list",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-grap",
            "\"grap\" begins several words of the list; did you mean \"grape\" or \"graph\"?",
        ),
        (
            "K7Q4X9-otter-lemon-cloud-ca",
            "\"ca\" begins several words of the list; \
             did you mean \"cable\", \"cache\" or \"cadet\"?",
        ),
        (
            "K7Q4X9-otters-lemons-ferrets-dragons",
            "\"otters\" is not a word of the list; did you mean \"otter\"?",
        ),
        (
            "K7Q4X9-otterlemoncloudferry",
            "20 letters in a row after the room are neither a word nor a token of 26: \
             put a space or a dash between words",
        ),
        (
            "K7Q4X9-81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "the 26 letters and digits after the room are no token: copy them again",
        ),
    ] {
        let error = typed.parse::<Invite>().unwrap_err();
        assert_eq!(error.to_string(), why, "{typed:?}");
    }
}

#[test]
fn letters_of_other_alphabets_are_refused() {
    for (typed, strange) in [
        ("K7Q4\u{0425}9-otter-lemon-cloud-ferry", '\u{0425}'), // a Cyrillic X
        ("K7Q4X9-\u{43e}tter-lemon-cloud-ferry", '\u{43e}'),   // a Cyrillic o
        ("\u{ff2b}7Q4X9", '\u{ff2b}'),                         // a full-width K
        ("K\u{ff17}Q4X9", '\u{ff17}'),                         // a full-width 7
        ("\u{212a}7Q4X9", '\u{212a}'), // the sign of kelvins, a K when lowered
        ("K7Q4X9-otter-lemon-cloud-fe\u{301}rry", '\u{301}'),
        ("K7Q4X9-otter\0-lemon-cloud-ferry", '\0'),
        ("K7Q4X9%00", '\0'),
        ("K7Q4X9\u{200b}", '\u{200b}'),
        ("K7Q4X9\u{202e}", '\u{202e}'),
        ("K7Q4X9\u{1b}[2J", '\u{1b}'),
        ("%2e%2e/", '/'),
        ("K7Q4X9%", '%'),
        ("K7Q4X9%+4", '%'),
        ("K7Q4X9%2", '%'),
        ("K7Q4X9%c3%a9", '%'),
    ] {
        let error = typed.parse::<Invite>();
        assert_eq!(error, Err(InvalidInvite::Character(strange)), "{typed:?}");
    }
}

#[test]
fn messages_never_repeat_control_characters() {
    let error = "K7Q4X9\u{1b}]0;".parse::<Invite>().unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'), "{error}");
    let long = format!("K7Q4X9-{}-b-c-d", "a".repeat(1000));
    let error = long.parse::<Invite>().unwrap_err();
    assert!(error.to_string().len() < 100, "{error}");
}

#[test]
fn large_inputs_are_refused_unread() {
    for typed in ["x", "-", "a-", "%41", "yo "].map(|part| part.repeat(10_000_000 / part.len())) {
        let error = typed.parse::<Invite>();
        assert_eq!(error, Err(InvalidInvite::TooLong(typed.len())));
        let error = typed[..INVITE_BYTES].parse::<Invite>();
        assert!(error.is_err());
    }
    assert_eq!(
        "x".repeat(INVITE_BYTES).parse::<Invite>(),
        Err(InvalidInvite::Room(InvalidRoomId::Length))
    );
}

#[test]
fn nothing_of_a_secret_is_shown_by_debug() {
    for (code, shown) in [
        (CODE, "Invite { room: K7Q4X9, secret: Words(..) }"),
        (TOKEN, "Invite { room: K7Q4X9, secret: Token(..) }"),
        ("K7Q4X9", "Invite { room: K7Q4X9, secret: Open }"),
    ] {
        let invite: Invite = code.parse().unwrap();
        assert_eq!(format!("{invite:?}"), shown);
    }
}

#[test]
fn words_are_picked_evenly() {
    let words = |bits: u128| Words::from_entropy(bits.to_be_bytes()).to_string();
    assert_eq!(words(0), "acid-acid-acid-acid");
    assert_eq!(words(1), "acorn-acid-acid-acid");
    assert_eq!(words(1294), "zoom-acid-acid-acid");
    assert_eq!(words(1295), "acid-acorn-acid-acid");
    assert_eq!(words(1295_u128.pow(4) - 1), "zoom-zoom-zoom-zoom");
    assert_eq!(words(1295_u128.pow(4)), "acid-acid-acid-acid");
}

#[test]
fn every_word_may_be_cut_as_long_as_it_is_clear() {
    for word in LIST {
        for end in 1..=word.len() {
            let cut = &word[..end];
            let beginning = LIST.iter().filter(|word| word.starts_with(cut)).count();
            match list::find(cut) {
                Ok(at) => assert_eq!((LIST[usize::from(at)], beginning), (word, 1), "{cut}"),
                Err(InvalidInvite::AmbiguousWord { candidates, .. }) => {
                    assert_eq!(candidates.len(), beginning.clamp(2, 3), "{cut}");
                    assert!(candidates.iter().all(|word| word.starts_with(cut)), "{cut}");
                }
                other => panic!("{cut}: {other:?}"),
            }
        }
    }
}

/// A slip may make another word, or the beginning of one; otherwise the word that was meant is
/// offered, unless three others are. Every seventh word, to be done in a second.
#[test]
fn slips_are_understood() {
    for word in LIST.into_iter().step_by(7) {
        for slip in slips(word) {
            match list::find(&slip) {
                Ok(at) => assert!(LIST[usize::from(at)].starts_with(&slip)),
                Err(InvalidInvite::AmbiguousWord { candidates, .. }) => {
                    assert!(candidates.iter().all(|word| word.starts_with(&slip)));
                }
                Err(InvalidInvite::UnknownWord { candidates, .. }) => {
                    assert!(
                        candidates.contains(&word) || candidates.len() == 3,
                        "{slip} for {word}: {candidates:?}"
                    );
                }
                other => panic!("{slip}: {other:?}"),
            }
        }
    }
}

/// The word with a letter put in, left out, replaced, or swapped with the next.
fn slips(word: &str) -> Vec<String> {
    let mut slips = Vec::new();
    for at in 0..=word.len() {
        let (before, after) = word.split_at(at);
        for letter in 'a'..='z' {
            slips.push(format!("{before}{letter}{after}"));
            slips.extend(after.get(1..).map(|rest| format!("{before}{letter}{rest}")));
        }
        slips.extend(after.get(1..).map(|rest| format!("{before}{rest}")));
        if let Some(rest) = after.get(2..) {
            slips.push(format!("{before}{}{}{rest}", &after[1..2], &after[..1]));
        }
    }
    slips
}
