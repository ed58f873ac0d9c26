//! Why the rooms refuse something.

use snug_protocol::{ErrorCode, limits::MIN_CAPACITY};

/// Why a room is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// No rooms of that size.
    #[error("a room has {MIN_CAPACITY} to {max} seats, not {capacity}")]
    InvalidCapacity {
        /// Seats asked for.
        capacity: u16,
        /// Seats allowed.
        max: u16,
    },
    /// As many rooms as this server keeps.
    #[error("this server has no room left for another room")]
    ServerFull,
}

/// Why a seat is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Never was, has expired, or is full; nobody is told which.
    #[error("there is no such room, or it is full")]
    RoomNotFound,
    /// Another socket speaks for this client id, or did until a moment ago.
    #[error("someone in the room already has this client id")]
    ClientIdTaken,
}

/// Why an `init` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// Never was, has expired, is full, or keeps no seat for this client; nobody is told which.
    #[error("there is no such room, or it is full")]
    RoomNotFound,
    /// Another socket speaks for this client id, or did until a moment ago.
    #[error("someone in the room already has this client id")]
    ClientIdTaken,
    /// The token does not open this seat.
    #[error("the resume token is not of this seat")]
    ResumeRejected,
    /// The socket speaks for someone already.
    #[error("this socket is already in a room")]
    AlreadyInitialized,
    /// The seat is no longer there, and too many such seats were taken anew from this address.
    #[error("too many came back from this address; try again later")]
    TooManyReturns,
    /// As many rooms as this server keeps.
    #[error("this server has no room left for another room")]
    ServerFull,
}

/// Why a message is not passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForwardError {
    /// The socket speaks for nobody.
    #[error("the first message is init")]
    NotInitialized,
    /// `from` is not who speaks on this socket.
    #[error("`from` is not the sender")]
    ForgedSender,
    /// `to` is nobody in this room, or the sender itself.
    #[error("`to` is nobody else in this room")]
    UnknownRecipient,
    /// More messages of the handshake than a member may send.
    #[error("too many messages of the handshake; slow down")]
    TooManyKeys,
    /// Too much waits for the receiver, who is away.
    #[error("too much waits for the receiver already")]
    RecipientBusy,
}

impl CreateError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidCapacity { .. } => ErrorCode::InvalidCapacity,
            Self::ServerFull => ErrorCode::ServerFull,
        }
    }
}

impl JoinError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::RoomNotFound => ErrorCode::RoomNotFound,
            Self::ClientIdTaken => ErrorCode::ClientIdTaken,
        }
    }
}

impl InitError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::RoomNotFound => ErrorCode::RoomNotFound,
            Self::ClientIdTaken => ErrorCode::ClientIdTaken,
            Self::ResumeRejected => ErrorCode::ResumeRejected,
            Self::AlreadyInitialized => ErrorCode::AlreadyInitialized,
            Self::TooManyReturns => ErrorCode::RateLimited,
            Self::ServerFull => ErrorCode::ServerFull,
        }
    }
}

impl ForwardError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotInitialized => ErrorCode::NotInitialized,
            Self::ForgedSender => ErrorCode::ForgedSender,
            Self::UnknownRecipient => ErrorCode::UnknownRecipient,
            Self::TooManyKeys => ErrorCode::RateLimited,
            Self::RecipientBusy => ErrorCode::QueueFull,
        }
    }
}
