//! What the control frames carry.

use serde::{Deserialize, Serialize};

use crate::{
    ClientId, DecodeError, IdentityKey,
    decode::{check_clock, check_count, check_len, list},
    limits::{HEADS_AUTHORS, MAX_PIECES, NICKNAME_BYTES, ROSTER_MEMBERS},
};

/// The first frame each way after `binding`: who speaks, and where the receiver's time in the room starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The largest version of this protocol that the sender speaks.
    pub version: u16,
    /// How the sender wants to be called.
    pub profile: Profile,
    /// For each author the first sequence number said since the receiver came, as the sender saw
    /// it. About itself the sender is right; about others it is a hint.
    pub starts: Heads,
    /// What the sender has.
    pub heads: Heads,
    /// The largest Lamport time that the sender has seen, so that what a newcomer says comes after
    /// what was said before.
    pub lamport: u64,
    /// How far the sender has got with the receiver's entries.
    pub delivered: u64,
    /// How far a person has seen the receiver's entries.
    pub read: u64,
}

/// The members whom the sender has met in a handshake of its own, and who they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster(
    /// In ascending order, each once; at most [`ROSTER_MEMBERS`].
    #[serde(deserialize_with = "list")]
    pub Vec<(ClientId, IdentityKey)>,
);

/// How a member appears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// A name, not unique; empty for none. At most [`NICKNAME_BYTES`].
    pub nickname: String,
    /// Whether camera and microphone are on.
    pub media: MediaState,
}

/// Which of a member's devices are live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaState {
    /// The camera is on.
    pub camera: bool,
    /// The microphone is on.
    pub microphone: bool,
}

/// A sequence number for each of at most [`HEADS_AUTHORS`] authors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heads(#[serde(deserialize_with = "list")] pub Vec<(ClientId, u64)>);

/// A run of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first piece.
    pub first: u32,
    /// How many; at least 1.
    pub count: u32,
}

/// Why an offer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeclineReason {
    /// A person, or a rule set by one, said no.
    Unwanted,
    /// It does not fit where it would have to go.
    NoSpace,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

/// Why a transfer ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody changed their mind.
    Cancelled,
    /// The file changed or vanished while it was being sent.
    SourceChanged,
    /// The receiver cannot write: full or broken storage.
    StorageFailed,
    /// What arrived does not hash to what was offered.
    Corrupt,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

impl Hello {
    pub(super) fn validate(&self) -> Result<(), DecodeError> {
        self.profile.validate()?;
        self.starts.validate()?;
        self.heads.validate()?;
        check_clock("lamport", self.lamport)?;
        check_clock("delivered", self.delivered)?;
        check_clock("read", self.read)
    }
}

impl Profile {
    pub(super) fn validate(&self) -> Result<(), DecodeError> {
        check_len("nickname", self.nickname.len(), NICKNAME_BYTES)
    }
}

impl Heads {
    pub(super) fn validate(&self) -> Result<(), DecodeError> {
        check_count("heads", self.0.len(), HEADS_AUTHORS)?;
        self.0
            .iter()
            .try_for_each(|(_author, seq)| check_clock("heads", *seq))
    }
}

impl Roster {
    pub(super) fn validate(&self) -> Result<(), DecodeError> {
        check_count("members", self.0.len(), ROSTER_MEMBERS)?;
        if !self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(DecodeError::invalid("members", "not in order"));
        }
        Ok(())
    }
}

impl Range {
    /// One piece.
    pub const fn one(piece: u32) -> Self {
        Self {
            first: piece,
            count: 1,
        }
    }

    /// The pieces of the run.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        self.first..self.first.saturating_add(self.count)
    }

    pub(super) fn validate(self) -> Result<(), DecodeError> {
        match self.first.checked_add(self.count) {
            Some(end) if self.count > 0 && end <= MAX_PIECES => Ok(()),
            _ => Err(DecodeError::invalid("pieces", "not a range of any file")),
        }
    }
}
