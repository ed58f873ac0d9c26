//! What can be wrong with a message of the handshake, and with what its keys seal.

use snug_protocol::RefusalReason;

/// Why a run of the handshake is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The other side does not know the words, or somebody changed what was said.
    #[error("the tag does not confirm the key")]
    WrongTag,
    /// The other side does not hold the private key of its identity.
    #[error("the signature is not that of the identity")]
    BadSignature,
    /// The share is no element of the group, or the identity element.
    #[error("the share is not an element of the group")]
    BadShare,
    /// The initiator had committed to another nonce.
    #[error("the nonce is not the one committed to")]
    BadCommitment,
    /// The responder's room has words, and the initiator has none.
    #[error("the room has words, and the newcomer has none")]
    WordsNeeded,
    /// The responder's room is open, and the initiator has words.
    #[error("the room is open, and the newcomer has words")]
    OpenRoom,
    /// No version in common, or one that was not offered.
    #[error("no version in common")]
    Version,
    /// What this peer said itself comes back as if another had said it.
    #[error("this peer's own message came back")]
    Reflected,
    /// The message belongs to another run; `expects` would have told.
    #[error("the message belongs to another handshake")]
    Unrelated,
}

/// Why something is not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// As many messages as a key is good for have been sealed.
    #[error("the key is spent")]
    Spent,
    /// More than fits the largest sealed message.
    #[error("{len} bytes are too long to seal")]
    TooLong {
        /// Bytes to be sealed.
        len: usize,
    },
    /// Messages of the handshake itself travel as they are.
    #[error("messages of this kind are not sealed")]
    NotSealed,
}

/// Why something does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The number is not above the last one that opened: a replay, or late.
    #[error("message {number} came after message {last}")]
    Replayed {
        /// The number of the message.
        number: u64,
        /// The last number that opened.
        last: u64,
    },
    /// Not sealed by the peer, for this peer, as this kind of message.
    #[error("the seal is not the peer's")]
    Forged,
    /// Sealed by the peer, but not padded as agreed.
    #[error("the padding is not as agreed")]
    Padding,
    /// Messages of the handshake itself travel as they are.
    #[error("messages of this kind are not sealed")]
    NotSealed,
}

impl HandshakeError {
    /// Whether this may have been a wrong guess of the words.
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::WrongTag)
    }

    /// What to tell the other side, if there is something that helps a person.
    pub const fn refusal(self) -> Option<RefusalReason> {
        match self {
            Self::WrongTag => Some(RefusalReason::WrongWords),
            Self::WordsNeeded => Some(RefusalReason::WordsNeeded),
            Self::OpenRoom => Some(RefusalReason::OpenRoom),
            Self::Version => Some(RefusalReason::Version),
            Self::BadSignature
            | Self::BadShare
            | Self::BadCommitment
            | Self::Reflected
            | Self::Unrelated => None,
        }
    }
}
