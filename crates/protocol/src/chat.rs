//! What members say to each other: entries, numbered, chained and signed by their author.
//!
//! Every entry carries its author's sequence number, the hash of the author's entry before it, a
//! Lamport time (Lamport 1978) and a signature. So members order them alike without a server,
//! notice what is missing, take it from anyone who has it, and see when somebody rewrites the past
//! or speaks in another's name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    ClientId, DecodeError, Hash, Signature,
    decode::{check_clock, check_len, check_seq},
    encoder::to_msgpack_compact,
    limits::{REACTION_BYTES, TEXT_BYTES},
};

/// One thing said in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Who says it.
    pub author: ClientId,
    /// The author's count of entries, from 1.
    pub seq: u64,
    /// [`Entry::hash`] of the author's entry before this one; zeros for the first.
    pub previous: Hash,
    /// One more than the largest Lamport time that the author had seen.
    pub lamport: u64,
    /// Milliseconds since the Unix epoch by the author's clock. For display; it orders nothing.
    pub sent_at: u64,
    /// What is said.
    pub body: Body,
    /// By the author's identity, over the room and [`Entry::hash`] (`docs/handshake.md`). Not
    /// checked here.
    pub signature: Signature,
}

/// The fields that are hashed, in this order: all but the signature, which is over the hash.
#[derive(Serialize)]
struct Signed<'a> {
    author: &'a ClientId,
    seq: u64,
    previous: &'a Hash,
    lamport: u64,
    sent_at: u64,
    body: &'a Body,
}

/// What an [`Entry`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// A message.
    Text {
        /// 1 to [`TEXT_BYTES`] bytes.
        text: String,
    },
    /// A message in answer to another.
    Reply {
        /// The message answered.
        to: MessageId,
        /// 1 to [`TEXT_BYTES`] bytes.
        text: String,
    },
    /// A reaction set or taken back.
    Reaction {
        /// The message reacted to.
        to: MessageId,
        /// Usually one emoji; 1 to [`REACTION_BYTES`] bytes.
        emoji: String,
        /// Whether it is set.
        on: bool,
    },
    /// A new text for one of the author's own messages.
    Edit {
        /// The message changed.
        to: MessageId,
        /// 1 to [`TEXT_BYTES`] bytes.
        text: String,
    },
    /// Takes one of the author's own messages back.
    Delete {
        /// The message deleted.
        to: MessageId,
    },
}

/// Names an entry: its author and sequence number, written `author/seq`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// Who said it.
    pub author: ClientId,
    /// The author's count.
    pub seq: u64,
}

impl Entry {
    /// Names the entry.
    pub fn id(&self) -> MessageId {
        MessageId {
            author: self.author.clone(),
            seq: self.seq,
        }
    }

    /// The place in the order that all members share.
    pub fn order(&self) -> (u64, &ClientId) {
        (self.lamport, &self.author)
    }

    /// Hashes the entry: BLAKE3 over its fields but the signature as a `MessagePack` array, in the
    /// order of declaration, integers as short as possible.
    pub fn hash(&self) -> Hash {
        let signed = Signed {
            author: &self.author,
            seq: self.seq,
            previous: &self.previous,
            lamport: self.lamport,
            sent_at: self.sent_at,
            body: &self.body,
        };
        Hash::of(&to_msgpack_compact(&signed))
    }

    /// Checks every bound that can be checked without knowing other entries.
    pub(crate) fn validate(&self) -> Result<(), DecodeError> {
        check_seq("seq", self.seq)?;
        check_clock("sentAt", self.sent_at)?;
        check_seq("lamport", self.lamport)?;
        if self.seq == 1 && self.previous != Hash::ZERO {
            return Err(DecodeError::invalid(
                "previous",
                "the first entry follows none",
            ));
        }
        if self.lamport < self.seq {
            return Err(DecodeError::invalid(
                "lamport",
                "behind the author's own count",
            ));
        }
        self.body.validate()
    }
}

impl Body {
    /// Checks the lengths of its texts.
    ///
    /// # Errors
    /// [`DecodeError::InvalidField`] with the field and its limit.
    pub fn validate(&self) -> Result<(), DecodeError> {
        match self {
            Self::Text { text } => check_text("text", text, TEXT_BYTES),
            Self::Reply { to, text } | Self::Edit { to, text } => {
                check_seq("to", to.seq)?;
                check_text("text", text, TEXT_BYTES)
            }
            Self::Reaction { to, emoji, on: _ } => {
                check_seq("to", to.seq)?;
                check_text("emoji", emoji, REACTION_BYTES)
            }
            Self::Delete { to } => check_seq("to", to.seq),
        }
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.author, self.seq)
    }
}

impl FromStr for MessageId {
    type Err = DecodeError;

    fn from_str(id: &str) -> Result<Self, DecodeError> {
        let (author, seq) = id
            .rsplit_once('/')
            .ok_or_else(|| DecodeError::invalid("id", "a message id is author/number"))?;
        let author = author
            .parse()
            .map_err(|error| DecodeError::invalid("id", &error))?;
        // `parse` would also take a sign.
        if !seq.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DecodeError::invalid("id", "not a number"));
        }
        let seq = seq
            .parse()
            .map_err(|error| DecodeError::invalid("id", &error))?;
        check_seq("id", seq)?;
        Ok(Self { author, seq })
    }
}

fn check_text(field: &'static str, text: &str, limit: usize) -> Result<(), DecodeError> {
    if text.is_empty() {
        return Err(DecodeError::invalid(field, "empty"));
    }
    check_len(field, text.len(), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_arrays_but_for_the_name_of_the_body() {
        let entry = Entry {
            author: "ann".parse().unwrap(),
            seq: 2,
            previous: Hash::from_bytes([7; 32]),
            lamport: 300,
            sent_at: 1 << 40,
            body: Body::Reply {
                to: "bob/70000".parse().unwrap(),
                text: "x".repeat(40),
            },
            signature: Signature::new([0xb5; 64]),
        };
        let canonical = [
            &b"\x96\xa3ann\x02\xc4\x20"[..],
            &[7; 32],
            b"\xcd\x01\x2c",
            b"\xcf\x00\x00\x01\x00\x00\x00\x00\x00",
            b"\x81\xa5reply\x92\x92\xa3bob\xce\x00\x01\x11\x70\xd9\x28",
            &[b'x'; 40],
        ];
        assert_eq!(entry.hash(), Hash::of(&canonical.concat()));
    }

    #[test]
    fn message_ids_read_back() {
        let id: MessageId = "ann/7".parse().unwrap();
        assert_eq!(id.to_string(), "ann/7");
        for bad in [
            "",
            "ann",
            "ann/",
            "/7",
            "ann/0",
            "ann/+7",
            "ann/-7",
            "ann/9007199254740992",
        ] {
            assert!(bad.parse::<MessageId>().is_err(), "{bad:?}");
        }
    }
}
