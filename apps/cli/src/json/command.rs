//! Commands as JSON, one a line.

use std::path::PathBuf;

use serde::Deserialize;
use snug_protocol::{Body, MessageId, TransferId};

use crate::request::{Request, Save};

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
    /// Offers a file.
    Send { path: PathBuf },
    /// Receives a file.
    Accept {
        transfer: TransferId,
        save: Option<PathBuf>,
        #[serde(default)]
        memory: bool,
    },
    /// Does not want a file.
    Decline { transfer: TransferId },
    /// Stops offering or receiving a file.
    Cancel { transfer: TransferId },
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

fn yes() -> bool {
    true
}

/// Reads one line. `None` if there is nothing on it.
pub(crate) fn read(line: &str) -> Result<Option<Request>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let command: Command = serde_json::from_str(line).map_err(|error| error.to_string())?;
    command.try_into().map(Some)
}

impl TryFrom<Command> for Request {
    type Error = String;

    fn try_from(command: Command) -> Result<Self, String> {
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
            Command::Send { path } => Self::Offer(vec![path]),
            Command::Accept {
                transfer,
                save,
                memory,
            } => Self::Accept {
                transfer,
                save: match (save, memory) {
                    (Some(_), true) => return Err("either `save` or `memory`".to_owned()),
                    (Some(folder), false) => Save::Folder(folder),
                    (None, true) => Save::Memory,
                    (None, false) => Save::Default,
                },
            },
            Command::Decline { transfer } => Self::Decline(transfer),
            Command::Cancel { transfer } => Self::Cancel(transfer),
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
    use super::*;

    fn message() -> MessageId {
        "ann/3".parse().unwrap()
    }

    /// One line for each command: `docs/headless.md` shows the same.
    #[test]
    fn every_command_is_understood() {
        let transfer = TransferId::from_bytes([0xab; 16]);
        let hex = "ab".repeat(16);
        let text = || "hi".to_owned();
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
                format!(r#"{{"do":"accept","transfer":"{hex}"}}"#),
                Request::Accept {
                    transfer,
                    save: Save::Default,
                },
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","save":"/tmp"}}"#),
                Request::Accept {
                    transfer,
                    save: Save::Folder("/tmp".into()),
                },
            ),
            (
                format!(r#"{{"do":"accept","transfer":"{hex}","memory":true}}"#),
                Request::Accept {
                    transfer,
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
            assert_eq!(read(&line), Ok(Some(request)), "{line}");
        }
        assert_eq!(read("  "), Ok(None));
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
            &"[".repeat(10_000),
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
