//! Commands as JSON, one a line.

use std::path::PathBuf;

use serde::Deserialize;
use snug_protocol::{Body, MessageId, TransferId};
use snug_session::Selection;

use super::offers::Offers;
use crate::{
    choice::Choice,
    play::Film,
    request::{Request, Save},
};

/// One line of the standard input.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
enum Command {
    /// Says something to everyone.
    Say { text: String },
    /// Answers a message.
    Reply { to: Id, text: String },
    /// Reacts to a message, or takes a reaction back.
    React {
        to: Id,
        emoji: String,
        #[serde(default = "yes")]
        on: bool,
    },
    /// Changes a message of one's own.
    Edit { to: Id, text: String },
    /// Takes a message of one's own back.
    Delete { to: Id },
    /// Offers a file or a folder, or several in one offer.
    Send {
        path: Option<PathBuf>,
        #[serde(default)]
        paths: Vec<PathBuf>,
    },
    /// Receives what is on offer, or some of it.
    Accept {
        transfer: TransferId,
        items: Option<Vec<Pick>>,
        save: Option<PathBuf>,
        #[serde(default)]
        memory: bool,
    },
    /// Does not want a file.
    Decline { transfer: TransferId },
    /// Stops offering or receiving a file.
    Cancel { transfer: TransferId },
    /// Asks for nothing more of it until it is resumed.
    Pause { transfer: TransferId },
    /// Goes on receiving it.
    Resume { transfer: TransferId },
    /// Lets a player have a file of it while it arrives.
    Play {
        transfer: TransferId,
        items: Option<Vec<Pick>>,
    },
    /// Takes another name.
    Nick { name: String },
    /// Is typing, or stopped.
    Typing {
        #[serde(default = "yes")]
        on: bool,
    },
    /// Has seen every message so far.
    MarkRead {},
    /// Has other addresses, or woke up.
    NetworkChanged {},
    /// Leaves.
    Leave {},
}

/// A message id as it is written.
#[derive(Debug)]
struct Id(MessageId);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        written.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// An item of an offer, counted from 1, or a pattern.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pick {
    Number(usize),
    Word(String),
}

impl Pick {
    fn word(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Word(word) => word.clone(),
        }
    }
}

/// What of an offer is meant. None of it is not all of it.
fn choice(items: Option<&Vec<Pick>>) -> Result<Option<Choice>, String> {
    let Some(items) = items else {
        return Ok(None);
    };
    if items.is_empty() {
        return Err("`items` is empty: leave it out for all of them".to_owned());
    }
    let words: Vec<String> = items.iter().map(Pick::word).collect();
    Choice::of_words(&words).map(Some)
}

fn yes() -> bool {
    true
}

/// Reads one line. `None` if there is nothing on it.
pub(crate) fn read(line: &str, offers: &Offers) -> Result<Option<Request>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let command: Command = serde_json::from_str(line).map_err(|error| error.to_string())?;
    Request::of(command, offers).map(Some)
}

impl Request {
    fn of(command: Command, offers: &Offers) -> Result<Self, String> {
        Ok(match command {
            Command::Say { text } => Self::Say(Body::Text { text }),
            Command::Reply { to, text } => Self::Say(Body::Reply { to: to.0, text }),
            Command::React { to, emoji, on } => Self::Say(Body::Reaction {
                to: to.0,
                emoji,
                on,
            }),
            Command::Edit { to, text } => Self::Say(Body::Edit { to: to.0, text }),
            Command::Delete { to } => Self::Say(Body::Delete { to: to.0 }),
            Command::Send { path, paths } => {
                let paths: Vec<PathBuf> = path.into_iter().chain(paths).collect();
                if paths.is_empty() {
                    return Err("neither `path` nor `paths`".to_owned());
                }
                Self::Offer(paths)
            }
            Command::Accept {
                transfer,
                items,
                save,
                memory,
            } => Self::Accept {
                transfer,
                selection: match choice(items.as_ref())? {
                    Some(choice) => choice.select(&offers.find(transfer)?.listing)?,
                    None => Selection::All,
                },
                save: match (save, memory) {
                    (Some(_), true) => return Err("either `save` or `memory`".to_owned()),
                    (Some(folder), false) => Save::Folder(folder),
                    (None, true) => Save::Memory,
                    (None, false) => Save::Default,
                },
            },
            Command::Decline { transfer } => Self::Decline(transfer),
            Command::Cancel { transfer } => Self::Cancel(transfer),
            Command::Pause { transfer } => Self::Pause(transfer),
            Command::Resume { transfer } => Self::Resume(transfer),
            Command::Play { transfer, items } => {
                let (known, choice) = (offers.find(transfer)?, choice(items.as_ref())?);
                let film = Film::pick(transfer, &known.media_type, &known.listing, choice.as_ref());
                Self::Play(film.ok_or("there is nothing to play in it")?)
            }
            Command::Nick { name } => Self::Nick(name),
            Command::Typing { on } => Self::Typing(on),
            Command::MarkRead {} => Self::MarkRead,
            Command::NetworkChanged {} => Self::NetworkChanged,
            Command::Leave {} => Self::Leave,
        })
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::{
        Attributes, FileName, FilePath, Hash, Item, ItemKind, Listing, Manifest, Offer,
    };
    use snug_session::Event;

    use super::*;

    /// Two films on offer.
    fn offers() -> Offers {
        let items = ["a.mp4", "b.mp4"].map(|path| Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File {
                size: 5,
                attributes: Attributes::default(),
            },
        });
        let manifest = Manifest::new(10, Hash::ZERO).unwrap();
        let mut offers = Offers::default();
        offers.note(&Event::Offered {
            transfer: TransferId::from_bytes([0xab; 16]),
            from: "ann".parse().unwrap(),
            offer: Offer::of_file(FileName::sanitize("films"), manifest),
            listing: Listing::new(items.to_vec()).unwrap().into(),
        });
        offers
    }

    fn message() -> MessageId {
        "ann/3".parse().unwrap()
    }

    /// One line for each command: `docs/headless.md` shows the same.
    #[test]
    fn every_command_is_understood() {
        let transfer = TransferId::from_bytes([0xab; 16]);
        let hex = "ab".repeat(16);
        let text = || "hi".to_owned();
        let offers = offers();
        for (line, request) in [
            (
                r#"{"do":"say","text":"hi"}"#.to_owned(),
                Request::Say(Body::Text { text: text() }),
            ),
            (
                r#"{"do":"reply","to":"ann/3","text":"hi"}"#.to_owned(),
                Request::Say(Body::Reply {
                    to: message(),
                    text: text(),
                }),
            ),
            (
                r#"{"do":"react","to":"ann/3","emoji":"👍"}"#.to_owned(),
                Request::Say(Body::Reaction {
                    to: message(),
                    emoji: "👍".to_owned(),
                    on: true,
                }),
            ),
            (
                r#"{"do":"react","to":"ann/3","emoji":"👍","on":false}"#.to_owned(),
                Request::Say(Body::Reaction {
                    to: message(),
                    emoji: "👍".to_owned(),
                    on: false,
                }),
            ),
            (
                r#"{"do":"edit","to":"ann/3","text":"hi"}"#.to_owned(),
                Request::Say(Body::Edit {
                    to: message(),
                    text: text(),
                }),
            ),
            (
                r#"{"do":"delete","to":"ann/3"}"#.to_owned(),
                Request::Say(Body::Delete { to: message() }),
            ),
            (
                r#"{"do":"send","path":"a/b.txt"}"#.to_owned(),
                Request::Offer(vec![PathBuf::from("a/b.txt")]),
            ),
            (
                r#"{"do":"send","paths":["a","b"]}"#.to_owned(),
                Request::Offer(vec!["a".into(), "b".into()]),
            ),
            (
                format!(r#"{{"do":"pause","transfer":"{hex}"}}"#),
                Request::Pause(transfer),
            ),
            (
                format!(r#"{{"do":"resume","transfer":"{hex}"}}"#),
                Request::Resume(transfer),
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","items":[2]}}"#),
                Request::Accept {
                    transfer,
                    selection: Selection::Items([1].into()),
                    save: Save::Default,
                },
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","items":["1-2","*.mp4"]}}"#),
                Request::Accept {
                    transfer,
                    selection: Selection::All,
                    save: Save::Default,
                },
            ),
            (
                format!(r#"{{"do":"play","transfer":"{hex}","items":["b*"]}}"#),
                Request::Play(Film {
                    transfer,
                    item: 1,
                    name: "b.mp4".to_owned(),
                    media_type: "video/mp4".to_owned(),
                    bytes: 5..10,
                }),
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}"}}"#),
                Request::Accept {
                    transfer,
                    selection: Selection::All,
                    save: Save::Default,
                },
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","save":"/tmp"}}"#),
                Request::Accept {
                    transfer,
                    selection: Selection::All,
                    save: Save::Folder("/tmp".into()),
                },
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","memory":true}}"#),
                Request::Accept {
                    transfer,
                    selection: Selection::All,
                    save: Save::Memory,
                },
            ),
            (
                format!(r#"{{"do":"decline","transfer":"{hex}"}}"#),
                Request::Decline(transfer),
            ),
            (
                format!(r#"{{"do":"cancel","transfer":"{hex}"}}"#),
                Request::Cancel(transfer),
            ),
            (
                r#"{"do":"nick","name":"Ann"}"#.to_owned(),
                Request::Nick("Ann".to_owned()),
            ),
            (r#"{"do":"typing"}"#.to_owned(), Request::Typing(true)),
            (
                r#"{"do":"typing","on":false}"#.to_owned(),
                Request::Typing(false),
            ),
            (r#"{"do":"mark-read"}"#.to_owned(), Request::MarkRead),
            (
                r#"{"do":"network-changed"}"#.to_owned(),
                Request::NetworkChanged,
            ),
            (r#"{"do":"leave"}"#.to_owned(), Request::Leave),
        ] {
            assert_eq!(read(&line, &offers), Ok(Some(request)), "{line}");
        }
        assert_eq!(read("  ", &offers), Ok(None));
    }

    #[test]
    fn everything_else_says_why_not() {
        for line in [
            "hello",
            "{}",
            "[]",
            r#"{"do":"dance"}"#,
            r#"{"do":"say"}"#,
            r#"{"do":"say","text":1}"#,
            r#"{"do":"say","text":"a","txet":"b"}"#,
            r#"{"do":"say","text":"\ud800"}"#,
            r#"{"do":"delete","to":"ann"}"#,
            r#"{"do":"delete","to":"ann/0"}"#,
            r#"{"do":"accept","transfer":"xyz"}"#,
            r#"{"do":"accept","transfer":"abababababababababababababababab","items":[]}"#,
            r#"{"do":"accept","transfer":"abababababababababababababababab","items":[3]}"#,
            r#"{"do":"accept","transfer":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","items":[1]}"#,
            r#"{"do":"send"}"#,
            &"[".repeat(10_000),
        ] {
            assert!(read(line, &offers()).is_err(), "{line}");
        }
    }
}
