//! What a person asks for.

use std::ops::Range;

use snug_protocol::{Body, MediaState, MessageId, Profile, TransferId};
use snug_session::{self as session, Selection};
use tsify::Tsify;

use crate::names::{Text, parse};

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Command {
    /// Says something to everyone.
    Say {
        /// What; at most 16 KiB.
        text: String,
        /// The message that it answers.
        #[tsify(optional, type = "MessageId")]
        reply_to: Option<Text>,
        /// Milliseconds since the Unix epoch, for display.
        sent_at: u64,
    },
    /// Sets a reaction or takes it back.
    React {
        /// To which message.
        #[tsify(type = "MessageId")]
        id: Text,
        /// Usually one emoji.
        emoji: String,
        /// Set, or taken back.
        on: bool,
        /// Milliseconds since the Unix epoch.
        sent_at: u64,
    },
    /// Gives one of this member's own messages another text.
    Edit {
        /// Which.
        #[tsify(type = "MessageId")]
        id: Text,
        /// The text now.
        text: String,
        /// Milliseconds since the Unix epoch.
        sent_at: u64,
    },
    /// Takes one of this member's own messages back.
    Delete {
        /// Which.
        #[tsify(type = "MessageId")]
        id: Text,
        /// Milliseconds since the Unix epoch.
        sent_at: u64,
    },
    /// Changes how this member appears.
    SetProfile {
        /// How to be called; empty for no name.
        nickname: String,
        /// Whether the camera is on.
        camera: bool,
        /// Whether the microphone is on.
        microphone: bool,
    },
    /// Tells the others that this member is typing, or stopped.
    Typing {
        /// Started or stopped.
        on: bool,
    },
    /// Says that a person has seen every message so far.
    MarkRead,
    /// Starts to receive what is on offer.
    Accept {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Which of its items, counted from 0; all if nothing is said.
        #[tsify(optional)]
        items: Option<Vec<u32>>,
    },
    /// Asks for nothing more of what is being received, until it is resumed.
    Pause {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Goes on receiving.
    Resume {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Asks for some bytes of what is being received before all others. The latest wish counts.
    Prioritize {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// The first byte; of several files, counted through them all.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// Does not want what is on offer.
    Decline {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Stops offering or receiving.
    Cancel {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// The machine has other addresses, or woke up: looks at every path again.
    NetworkChanged,
    /// Leaves the room for good.
    Leave,
}

impl Command {
    /// The session's command.
    ///
    /// # Errors
    /// Says which name is none.
    pub(crate) fn into_session(self) -> Result<session::Command, String> {
        Ok(match self {
            Self::Say {
                text,
                reply_to,
                sent_at,
            } => say(answer(text, reply_to.as_deref())?, sent_at),
            Self::React {
                id,
                emoji,
                on,
                sent_at,
            } => {
                let to = parse(&id)?;
                say(Body::Reaction { to, emoji, on }, sent_at)
            }
            Self::Edit { id, text, sent_at } => {
                let to = parse(&id)?;
                say(Body::Edit { to, text }, sent_at)
            }
            Self::Delete { id, sent_at } => say(Body::Delete { to: parse(&id)? }, sent_at),
            Self::SetProfile {
                nickname,
                camera,
                microphone,
            } => session::Command::SetProfile(Profile {
                nickname,
                media: MediaState { camera, microphone },
            }),
            Self::Typing { on } => session::Command::Typing { on },
            Self::MarkRead => session::Command::MarkRead,
            Self::NetworkChanged => session::Command::NetworkChanged,
            Self::Leave => session::Command::Leave,
            transfer => transfer.about_transfer()?,
        })
    }

    fn about_transfer(self) -> Result<session::Command, String> {
        Ok(match self {
            Self::Accept { transfer, items } => session::Command::Accept {
                transfer: parse(&transfer)?,
                selection: selection(items),
            },
            Self::Pause { transfer } => {
                let transfer = parse(&transfer)?;
                session::Command::Pause { transfer }
            }
            Self::Resume { transfer } => {
                let transfer = parse(&transfer)?;
                session::Command::Resume { transfer }
            }
            Self::Prioritize {
                transfer,
                start,
                end,
            } => prioritize(parse(&transfer)?, start..end),
            Self::Decline { transfer } => {
                let transfer = parse(&transfer)?;
                session::Command::Decline { transfer }
            }
            Self::Cancel { transfer } => {
                let transfer = parse(&transfer)?;
                session::Command::Cancel { transfer }
            }
            _ => return Err("a command about no transfer".into()),
        })
    }
}

fn say(body: Body, sent_at: u64) -> session::Command {
    session::Command::Say { body, sent_at }
}

fn answer(text: String, reply_to: Option<&str>) -> Result<Body, String> {
    let to: Option<MessageId> = reply_to.map(parse).transpose()?;
    Ok(match to {
        Some(to) => Body::Reply { to, text },
        None => Body::Text { text },
    })
}

fn selection(items: Option<Vec<u32>>) -> Selection {
    items.map_or(Selection::All, |items| {
        Selection::Items(items.into_iter().map(|item| item as usize).collect())
    })
}

pub(crate) fn prioritize(transfer: TransferId, bytes: Range<u64>) -> session::Command {
    session::Command::Prioritize { transfer, bytes }
}
