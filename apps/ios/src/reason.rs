//! Reasons as stable names, the same as in the command line's JSON (`docs/headless.md`).

use snug_protocol::StopReason;
use snug_session as session;

/// How frames travel to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Path {
    /// Straight to the peer.
    Direct,
    /// Through a TURN server.
    Turn,
    /// Sealed, through the server that introduced the peers. Slow.
    Relay,
    /// Sealed, over the app's radio.
    Nearby,
}

/// Why two members do not come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Refusal {
    /// The words differ, or somebody in between does not know them.
    WrongWords,
    /// The room has words, and this member came without.
    WordsNeeded,
    /// The room has no words, and this member came with some.
    OpenRoom,
    /// Too many wrong words were tried.
    Closed,
    /// No version of the handshake in common.
    Version,
    /// The connection ends at somebody else than the one who knows the words.
    Intercepted,
    /// It came back as somebody else.
    Impostor,
    /// The handshake got no answer.
    Silent,
    /// Something that is new.
    Other,
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum CommandRefusal {
    /// The text is empty or too long.
    InvalidBody,
    /// The nickname is too long.
    NicknameTooLong,
    /// What was to be offered is not what it claims to be.
    InvalidOffer,
    /// No such file on offer.
    UnknownTransfer,
    /// No such message, or it is someone else's.
    NotYourMessage,
    /// No such message.
    UnknownMessage,
    /// The room does not exist yet.
    NoRoom,
    /// Too many files on offer.
    TooManyTransfers,
    /// Something that is new.
    Other,
}

/// Why a transfer ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TransferFailure {
    /// This side cancelled.
    Cancelled,
    /// The other side cancelled.
    CancelledByOther,
    /// The file changed or vanished while it was being sent.
    SourceChanged,
    /// The receiver cannot store it.
    ReceiverCannotWrite,
    /// The receiver got data that does not match.
    ReceiverGotCorrupt,
    /// The other side stopped.
    StoppedByOther,
    /// Nobody who has the file is left.
    SenderGone,
    /// The receiver left.
    ReceiverGone,
    /// What arrived does not hash to what was offered.
    Corrupt,
    /// The file cannot be stored here.
    CannotWrite,
    /// The file cannot be read here.
    CannotRead,
    /// Something that is new.
    Other,
}

/// Why a member does not take an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DeclineReason {
    /// A person, or a rule set by one, said no.
    Unwanted,
    /// It does not fit where it would have to go.
    NoSpace,
    /// Something that is new.
    Other,
}

/// Why this member is not in the room any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum EndReason {
    /// This member left.
    Left,
    /// The room never was, has expired, or is full.
    RoomNotFound,
    /// The server refused for a reason that trying again does not mend.
    ServerRefused,
    /// The server was not reached, and the room was never entered.
    ServerUnreachable,
    /// The members do not let this one in, or it does not trust them; `refusal` says why.
    KeptOut,
    /// A mistake in the library.
    Failed,
    /// Something that is new.
    Other,
}

impl Path {
    /// What the session calls relayed is the radio where there is no server.
    pub(crate) fn new(path: session::Path, nearby: bool) -> Self {
        match path {
            session::Path::Direct => Self::Direct,
            session::Path::Turn => Self::Turn,
            session::Path::Relay if nearby => Self::Nearby,
            session::Path::Relay => Self::Relay,
        }
    }
}

impl From<session::Refusal> for Refusal {
    fn from(refusal: session::Refusal) -> Self {
        match refusal {
            session::Refusal::WrongWords => Self::WrongWords,
            session::Refusal::WordsNeeded => Self::WordsNeeded,
            session::Refusal::OpenRoom => Self::OpenRoom,
            session::Refusal::Closed => Self::Closed,
            session::Refusal::Version => Self::Version,
            session::Refusal::Intercepted => Self::Intercepted,
            session::Refusal::Impostor => Self::Impostor,
            session::Refusal::Silent => Self::Silent,
            _ => Self::Other,
        }
    }
}

impl From<&session::CommandError> for CommandRefusal {
    fn from(error: &session::CommandError) -> Self {
        match error {
            session::CommandError::InvalidBody(_) => Self::InvalidBody,
            session::CommandError::NicknameTooLong => Self::NicknameTooLong,
            session::CommandError::InvalidOffer(_) => Self::InvalidOffer,
            session::CommandError::UnknownTransfer => Self::UnknownTransfer,
            session::CommandError::NotYourMessage => Self::NotYourMessage,
            session::CommandError::UnknownMessage => Self::UnknownMessage,
            session::CommandError::NoRoom => Self::NoRoom,
            session::CommandError::TooManyTransfers => Self::TooManyTransfers,
            _ => Self::Other,
        }
    }
}

impl From<&session::TransferError> for TransferFailure {
    fn from(error: &session::TransferError) -> Self {
        match error {
            session::TransferError::Cancelled => Self::Cancelled,
            session::TransferError::Stopped(reason) => stopped(*reason),
            session::TransferError::SourceGone => Self::SenderGone,
            session::TransferError::ReceiverGone => Self::ReceiverGone,
            session::TransferError::Corrupt => Self::Corrupt,
            session::TransferError::Storage(_) => Self::CannotWrite,
            session::TransferError::Source(_) => Self::CannotRead,
            _ => Self::Other,
        }
    }
}

fn stopped(reason: StopReason) -> TransferFailure {
    match reason {
        StopReason::Cancelled => TransferFailure::CancelledByOther,
        StopReason::SourceChanged => TransferFailure::SourceChanged,
        StopReason::StorageFailed => TransferFailure::ReceiverCannotWrite,
        StopReason::Corrupt => TransferFailure::ReceiverGotCorrupt,
        _ => TransferFailure::StoppedByOther,
    }
}

impl From<snug_protocol::DeclineReason> for DeclineReason {
    fn from(reason: snug_protocol::DeclineReason) -> Self {
        match reason {
            snug_protocol::DeclineReason::Unwanted => Self::Unwanted,
            snug_protocol::DeclineReason::NoSpace => Self::NoSpace,
            _ => Self::Other,
        }
    }
}

impl From<&session::EndReason> for EndReason {
    fn from(reason: &session::EndReason) -> Self {
        match reason {
            session::EndReason::Left => Self::Left,
            session::EndReason::RoomNotFound => Self::RoomNotFound,
            session::EndReason::ServerRefused { .. } => Self::ServerRefused,
            session::EndReason::ServerUnreachable(_) => Self::ServerUnreachable,
            session::EndReason::KeptOut(_) => Self::KeptOut,
            _ => Self::Other,
        }
    }
}
