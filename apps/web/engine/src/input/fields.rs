//! How what the page hands in is read: the variant of an enum takes the fields that it needs.

use super::{ConnectionState, Input};
use crate::{Candidate, Command, Config, Entry, Secrecy, object::Object};

/// An object whose fields are read.
#[derive(Debug)]
pub(crate) struct Fields<O>(pub(crate) O);

/// An object that is none of those that are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidInput {
    #[error("{0:?} is not known")]
    Unknown(String),
    #[error("missing field `{0}`")]
    Missing(&'static str),
}

type Reading<T> = Result<T, InvalidInput>;

impl<O: Object> Fields<O> {
    pub(crate) fn input(self) -> Reading<Input> {
        Ok(match &*self.kind()? {
            "command" => Input::Command {
                command: self.object("command")?.command()?,
            },
            "timeout" => Input::Timeout,
            "answer" => Input::Answer {
                status: self.number("status")?,
                body: self.text("body")?,
            },
            "unreachable" => Input::Unreachable {
                reason: self.text("reason")?,
            },
            "socket-opened" => Input::SocketOpened,
            "socket-text" => Input::SocketText {
                text: self.text("text")?,
            },
            "socket-closed" => Input::SocketClosed {
                opened: self.flag("opened")?,
                reason: self.text("reason")?,
            },
            _ => return self.of_link(),
        })
    }

    fn of_link(self) -> Reading<Input> {
        let Some(link) = self.0.number("link") else {
            return self.of_storage();
        };
        Ok(match &*self.kind()? {
            "local-offer" => Input::LocalOffer {
                link,
                sdp: self.text("sdp")?,
                receive_buffer: self.0.number("receiveBuffer"),
            },
            "local-answer" => Input::LocalAnswer {
                link,
                sdp: self.text("sdp")?,
                receive_buffer: self.0.number("receiveBuffer"),
            },
            "local-candidate" => Input::LocalCandidate {
                link,
                candidate: self.object("candidate")?.candidate()?,
            },
            "link-opened" => Input::LinkOpened {
                link,
                local_certificate: self.0.text("localCertificate"),
                remote_certificate: self.0.text("remoteCertificate"),
            },
            "link-state" => Input::LinkState {
                link,
                state: state(&self.text("state")?)?,
            },
            "link-path" => Input::LinkPath {
                link,
                turn: self.flag("turn")?,
            },
            "bulk-credit" => Input::BulkCredit {
                link,
                bytes: self.number("bytes")?,
            },
            "link-rejected" => Input::LinkRejected {
                link,
                reason: self.text("reason")?,
            },
            _ => return Err(InvalidInput::Unknown(self.kind()?)),
        })
    }

    fn of_storage(self) -> Reading<Input> {
        let transfer = self.text("transfer");
        let run = self.number("run");
        Ok(match &*self.kind()? {
            "sink-opened" => Input::SinkOpened {
                transfer: transfer?,
                run: run?,
            },
            "sink-failed" => Input::SinkFailed {
                transfer: transfer?,
                run: run?,
                reason: self.text("reason")?,
            },
            "piece-stored" => Input::PieceStored {
                transfer: transfer?,
                run: run?,
                piece: self.number("piece")?,
            },
            "sink-finished" => Input::SinkFinished {
                transfer: transfer?,
                run: run?,
            },
            "read-failed" => Input::ReadFailed {
                transfer: transfer?,
                reason: self.text("reason")?,
            },
            "read" => Input::Read {
                read: self.number("read")?,
                transfer: transfer?,
                start: self.number("start")?,
                end: self.number("end")?,
            },
            "forget-read" => Input::ForgetRead {
                read: self.number("read")?,
            },
            _ => return Err(InvalidInput::Unknown(self.kind()?)),
        })
    }

    fn command(self) -> Reading<Command> {
        let sent_at = self.number("sentAt");
        let id = self.text("id");
        Ok(match &*self.kind()? {
            "say" => Command::Say {
                text: self.text("text")?,
                reply_to: self.0.text("replyTo"),
                sent_at: sent_at?,
            },
            "react" => Command::React {
                id: id?,
                emoji: self.text("emoji")?,
                on: self.flag("on")?,
                sent_at: sent_at?,
            },
            "edit" => Command::Edit {
                id: id?,
                text: self.text("text")?,
                sent_at: sent_at?,
            },
            "delete" => Command::Delete {
                id: id?,
                sent_at: sent_at?,
            },
            "set-profile" => Command::SetProfile {
                nickname: self.text("nickname")?,
                camera: self.flag("camera")?,
                microphone: self.flag("microphone")?,
            },
            "typing" => Command::Typing {
                on: self.flag("on")?,
            },
            "mark-read" => Command::MarkRead,
            "network-changed" => Command::NetworkChanged,
            "leave" => Command::Leave,
            _ => return self.about_transfer(),
        })
    }

    fn about_transfer(self) -> Reading<Command> {
        let transfer = self.text("transfer");
        Ok(match &*self.kind()? {
            "accept" => Command::Accept {
                transfer: transfer?,
                items: self.items(),
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
                start: self.number("start")?,
                end: self.number("end")?,
            },
            _ => return Err(InvalidInput::Unknown(self.kind()?)),
        })
    }

    pub(crate) fn config(self) -> Reading<Config> {
        Ok(Config {
            entry: self.object("entry")?.entry()?,
            nickname: self.text("nickname")?,
            relay_only: self.flag("relayOnly")?,
            shares: self.flag("shares")?,
        })
    }

    fn entry(self) -> Reading<Entry> {
        match &*self.kind()? {
            "create" => Ok(Entry::Create {
                secrecy: secrecy(&self.text("secrecy")?)?,
                capacity: self.0.number("capacity"),
            }),
            "join" => Ok(Entry::Join {
                code: self.text("code")?,
            }),
            _ => Err(InvalidInput::Unknown(self.kind()?)),
        }
    }
}

impl<O: Object> Fields<O> {
    fn candidate(self) -> Reading<Candidate> {
        Ok(Candidate {
            candidate: self.text("candidate")?,
            sdp_mid: self.0.text("sdpMid"),
            sdp_mline_index: self.0.number("sdpMLineIndex"),
        })
    }

    fn items(&self) -> Option<Vec<u32>> {
        let items = self.0.field("items")?.elements()?;
        items.iter().map(Object::as_count).collect()
    }

    fn kind(&self) -> Reading<String> {
        self.text("type")
    }

    fn object(&self, field: &'static str) -> Reading<Self> {
        require(field, self.0.field(field)).map(Self)
    }

    fn text(&self, field: &'static str) -> Reading<String> {
        require(field, self.0.text(field))
    }

    fn flag(&self, field: &'static str) -> Reading<bool> {
        require(field, self.0.flag(field))
    }

    fn number<T: TryFrom<u64>>(&self, field: &'static str) -> Reading<T> {
        require(field, self.0.number(field))
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
        Fields(input).input()
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
            json!({"type": "local-answer", "link": link, "sdp": "v=0", "receiveBuffer": 9}),
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
