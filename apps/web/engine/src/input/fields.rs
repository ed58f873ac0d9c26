//! How what the page hands in is read.
//!
//! serde would read each variant of a tagged enum by code of its own, which was a tenth of what a
//! browser had to load. So all objects are read as one flat record of every field that there is,
//! and the variant takes those that it needs.

use serde::Deserialize;

use super::{ConnectionState, Input};
use crate::{Candidate, Command, Config, Entry, Secrecy};

/// Every field of every object.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Fields {
    r#type: String,
    command: Option<Box<Self>>,
    entry: Option<Box<Self>>,
    body: Option<String>,
    bytes: Option<u32>,
    camera: Option<bool>,
    candidate: Option<Candidate>,
    capacity: Option<u16>,
    code: Option<String>,
    emoji: Option<String>,
    end: Option<u64>,
    id: Option<String>,
    items: Option<Vec<u32>>,
    link: Option<u64>,
    local_certificate: Option<String>,
    microphone: Option<bool>,
    nickname: Option<String>,
    on: Option<bool>,
    opened: Option<bool>,
    piece: Option<u32>,
    read: Option<u32>,
    reason: Option<String>,
    relay_only: Option<bool>,
    remote_certificate: Option<String>,
    reply_to: Option<String>,
    run: Option<u32>,
    sdp: Option<String>,
    secrecy: Option<String>,
    sent_at: Option<u64>,
    shares: Option<bool>,
    start: Option<u64>,
    state: Option<String>,
    status: Option<u16>,
    text: Option<String>,
    transfer: Option<String>,
    turn: Option<bool>,
}

/// An object that is none of those that are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidInput {
    #[error("{0:?} is not known")]
    Unknown(String),
    #[error("missing field `{0}`")]
    Missing(&'static str),
}

type Reading<T> = Result<T, InvalidInput>;

impl Fields {
    pub(crate) fn input(self) -> Reading<Input> {
        Ok(match &*self.r#type {
            "command" => Input::Command {
                command: require("command", self.command)?.command()?,
            },
            "timeout" => Input::Timeout,
            "answer" => Input::Answer {
                status: require("status", self.status)?,
                body: require("body", self.body)?,
            },
            "unreachable" => Input::Unreachable {
                reason: require("reason", self.reason)?,
            },
            "socket-opened" => Input::SocketOpened,
            "socket-text" => Input::SocketText {
                text: require("text", self.text)?,
            },
            "socket-closed" => Input::SocketClosed {
                opened: require("opened", self.opened)?,
                reason: require("reason", self.reason)?,
            },
            _ => return self.of_link(),
        })
    }

    fn of_link(self) -> Reading<Input> {
        let Some(link) = self.link else {
            return self.of_storage();
        };
        Ok(match &*self.r#type {
            "local-offer" => Input::LocalOffer {
                link,
                sdp: require("sdp", self.sdp)?,
            },
            "local-answer" => Input::LocalAnswer {
                link,
                sdp: require("sdp", self.sdp)?,
            },
            "local-candidate" => Input::LocalCandidate {
                link,
                candidate: require("candidate", self.candidate)?,
            },
            "link-opened" => Input::LinkOpened {
                link,
                local_certificate: self.local_certificate,
                remote_certificate: self.remote_certificate,
            },
            "link-state" => Input::LinkState {
                link,
                state: state(&require("state", self.state)?)?,
            },
            "link-path" => Input::LinkPath {
                link,
                turn: require("turn", self.turn)?,
            },
            "bulk-credit" => Input::BulkCredit {
                link,
                bytes: require("bytes", self.bytes)?,
            },
            "link-rejected" => Input::LinkRejected {
                link,
                reason: require("reason", self.reason)?,
            },
            _ => return Err(InvalidInput::Unknown(self.r#type)),
        })
    }

    fn of_storage(self) -> Reading<Input> {
        let transfer = require("transfer", self.transfer);
        let run = require("run", self.run);
        Ok(match &*self.r#type {
            "sink-opened" => Input::SinkOpened {
                transfer: transfer?,
                run: run?,
            },
            "sink-failed" => Input::SinkFailed {
                transfer: transfer?,
                run: run?,
                reason: require("reason", self.reason)?,
            },
            "piece-stored" => Input::PieceStored {
                transfer: transfer?,
                run: run?,
                piece: require("piece", self.piece)?,
            },
            "sink-finished" => Input::SinkFinished {
                transfer: transfer?,
                run: run?,
            },
            "read-failed" => Input::ReadFailed {
                transfer: transfer?,
                reason: require("reason", self.reason)?,
            },
            "read" => Input::Read {
                read: require("read", self.read)?,
                transfer: transfer?,
                start: require("start", self.start)?,
                end: require("end", self.end)?,
            },
            "forget-read" => Input::ForgetRead {
                read: require("read", self.read)?,
            },
            _ => return Err(InvalidInput::Unknown(self.r#type)),
        })
    }

    fn command(self) -> Reading<Command> {
        let sent_at = require("sentAt", self.sent_at);
        let id = require("id", self.id.clone());
        Ok(match &*self.r#type {
            "say" => Command::Say {
                text: require("text", self.text)?,
                reply_to: self.reply_to,
                sent_at: sent_at?,
            },
            "react" => Command::React {
                id: id?,
                emoji: require("emoji", self.emoji)?,
                on: require("on", self.on)?,
                sent_at: sent_at?,
            },
            "edit" => Command::Edit {
                id: id?,
                text: require("text", self.text)?,
                sent_at: sent_at?,
            },
            "delete" => Command::Delete {
                id: id?,
                sent_at: sent_at?,
            },
            "set-profile" => Command::SetProfile {
                nickname: require("nickname", self.nickname)?,
                camera: require("camera", self.camera)?,
                microphone: require("microphone", self.microphone)?,
            },
            "typing" => Command::Typing {
                on: require("on", self.on)?,
            },
            "mark-read" => Command::MarkRead,
            "network-changed" => Command::NetworkChanged,
            "leave" => Command::Leave,
            _ => return self.about_transfer(),
        })
    }

    fn about_transfer(self) -> Reading<Command> {
        let transfer = require("transfer", self.transfer);
        Ok(match &*self.r#type {
            "accept" => Command::Accept {
                transfer: transfer?,
                items: self.items,
            },
            "pause" => Command::Pause {
                transfer: transfer?,
            },
            "resume" => Command::Resume {
                transfer: transfer?,
            },
            "decline" => Command::Decline {
                transfer: transfer?,
            },
            "cancel" => Command::Cancel {
                transfer: transfer?,
            },
            "prioritize" => Command::Prioritize {
                transfer: transfer?,
                start: require("start", self.start)?,
                end: require("end", self.end)?,
            },
            _ => return Err(InvalidInput::Unknown(self.r#type)),
        })
    }

    pub(crate) fn config(self) -> Reading<Config> {
        Ok(Config {
            entry: require("entry", self.entry)?.entry()?,
            nickname: require("nickname", self.nickname)?,
            relay_only: require("relayOnly", self.relay_only)?,
            shares: require("shares", self.shares)?,
        })
    }

    fn entry(self) -> Reading<Entry> {
        match &*self.r#type {
            "create" => Ok(Entry::Create {
                secrecy: secrecy(&require("secrecy", self.secrecy)?)?,
                capacity: self.capacity,
            }),
            "join" => Ok(Entry::Join {
                code: require("code", self.code)?,
            }),
            _ => Err(InvalidInput::Unknown(self.r#type)),
        }
    }
}

fn require<T>(field: &'static str, value: Option<T>) -> Reading<T> {
    value.ok_or(InvalidInput::Missing(field))
}

fn state(name: &str) -> Reading<ConnectionState> {
    Ok(match name {
        "new" => ConnectionState::New,
        "connecting" => ConnectionState::Connecting,
        "connected" => ConnectionState::Connected,
        "disconnected" => ConnectionState::Disconnected,
        "failed" => ConnectionState::Failed,
        "closed" => ConnectionState::Closed,
        _ => return Err(InvalidInput::Unknown(name.into())),
    })
}

fn secrecy(name: &str) -> Reading<Secrecy> {
    Ok(match name {
        "words" => Secrecy::Words,
        "token" => Secrecy::Token,
        "open" => Secrecy::Open,
        _ => return Err(InvalidInput::Unknown(name.into())),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(input: Value) -> Reading<Input> {
        serde_json::from_value::<Fields>(input).unwrap().input()
    }

    fn command(command: &Value) -> Reading<Input> {
        read(json!({"type": "command", "command": command}))
    }

    #[test]
    fn every_input_is_read() {
        let (transfer, link, run, reason) = ("00".repeat(16), 1, 2, "why");
        let candidate = json!({"candidate": "candidate:", "sdpMid": null, "sdpMLineIndex": 0});
        for input in [
            json!({"type": "timeout"}),
            json!({"type": "answer", "status": 200, "body": "{}"}),
            json!({"type": "unreachable", "reason": reason}),
            json!({"type": "socket-opened"}),
            json!({"type": "socket-text", "text": "{}"}),
            json!({"type": "socket-closed", "opened": true, "reason": reason}),
            json!({"type": "local-offer", "link": link, "sdp": "v=0"}),
            json!({"type": "local-answer", "link": link, "sdp": "v=0"}),
            json!({"type": "local-candidate", "link": link, "candidate": candidate}),
            json!({"type": "link-opened", "link": link, "localCertificate": "AA"}),
            json!({"type": "link-state", "link": link, "state": "connected"}),
            json!({"type": "link-path", "link": link, "turn": false}),
            json!({"type": "bulk-credit", "link": link, "bytes": 1}),
            json!({"type": "link-rejected", "link": link, "reason": reason}),
            json!({"type": "sink-opened", "transfer": transfer, "run": run}),
            json!({"type": "sink-failed", "transfer": transfer, "run": run, "reason": reason}),
            json!({"type": "piece-stored", "transfer": transfer, "run": run, "piece": 3}),
            json!({"type": "sink-finished", "transfer": transfer, "run": run}),
            json!({"type": "read-failed", "transfer": transfer, "reason": reason}),
            json!({"type": "read", "read": 1, "transfer": transfer, "start": 0, "end": 9}),
            json!({"type": "forget-read", "read": 1}),
        ] {
            assert!(read(input.clone()).is_ok(), "{input}");
        }
    }

    #[test]
    fn every_command_is_read() {
        let (transfer, id, sent) = ("00".repeat(16), "ann/1", 5);
        for it in [
            json!({"type": "say", "text": "hello", "sentAt": sent, "replyTo": id}),
            json!({"type": "react", "id": id, "emoji": "+", "on": true, "sentAt": sent}),
            json!({"type": "edit", "id": id, "text": "hi", "sentAt": sent}),
            json!({"type": "delete", "id": id, "sentAt": sent}),
            json!({"type": "set-profile", "nickname": "", "camera": false, "microphone": false}),
            json!({"type": "typing", "on": true}),
            json!({"type": "mark-read"}),
            json!({"type": "accept", "transfer": transfer, "items": [1, 2]}),
            json!({"type": "pause", "transfer": transfer}),
            json!({"type": "resume", "transfer": transfer}),
            json!({"type": "prioritize", "transfer": transfer, "start": 0, "end": 1}),
            json!({"type": "decline", "transfer": transfer}),
            json!({"type": "cancel", "transfer": transfer}),
            json!({"type": "network-changed"}),
            json!({"type": "leave"}),
        ] {
            assert!(command(&it).is_ok(), "{it}");
        }
    }

    #[test]
    fn what_is_not_known_or_lacks_something_is_refused() {
        let unknown = read(json!({"type": "explode"}));
        assert_eq!(unknown, Err(InvalidInput::Unknown("explode".into())));
        let lacking = read(json!({"type": "answer", "status": 200}));
        assert_eq!(lacking, Err(InvalidInput::Missing("body")));
        let about_nothing = command(&json!({"type": "pause"}));
        assert_eq!(about_nothing, Err(InvalidInput::Missing("transfer")));
    }
}
