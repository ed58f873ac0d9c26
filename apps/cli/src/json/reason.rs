//! Reasons and kinds as stable names.

use snug_protocol::{DeclineReason, StopReason};
use snug_session::{CommandError, EndReason, Path, Refusal, TransferError};

use crate::invitation::SecretKind;

pub(super) fn secret(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Words => "words",
        SecretKind::Token => "token",
        SecretKind::Open => "open",
    }
}

pub(super) fn path(path: Path) -> &'static str {
    match path {
        Path::Direct => "direct",
        Path::Turn => "turn",
        Path::Relay => "relay",
    }
}

pub(super) fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongWords => "wrong-words",
        Refusal::WordsNeeded => "words-needed",
        Refusal::OpenRoom => "open-room",
        Refusal::Closed => "closed",
        Refusal::Version => "version",
        Refusal::Intercepted => "intercepted",
        Refusal::Impostor => "impostor",
        Refusal::Silent => "silent",
        _ => "other",
    }
}

pub(super) fn command(error: &CommandError) -> &'static str {
    match error {
        CommandError::InvalidBody(_) => "invalid-body",
        CommandError::NicknameTooLong => "nickname-too-long",
        CommandError::UnknownTransfer => "unknown-transfer",
        CommandError::NotYourMessage => "not-your-message",
        CommandError::UnknownMessage => "unknown-message",
        CommandError::TooManyTransfers => "too-many-transfers",
        _ => "other",
    }
}

pub(super) fn transfer(error: &TransferError) -> &'static str {
    match error {
        TransferError::Cancelled => "cancelled",
        TransferError::Stopped(reason) => stop(*reason),
        TransferError::SourceGone => "sender-gone",
        TransferError::ReceiverGone => "receiver-gone",
        TransferError::Corrupt => "corrupt",
        TransferError::Storage(_) => "cannot-write",
        TransferError::Source(_) => "cannot-read",
        _ => "other",
    }
}

fn stop(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Cancelled => "cancelled-by-other",
        StopReason::SourceChanged => "source-changed",
        StopReason::StorageFailed => "receiver-cannot-write",
        StopReason::Corrupt => "receiver-got-corrupt",
        _ => "stopped-by-other",
    }
}

pub(super) fn decline(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::Unwanted => "unwanted",
        DeclineReason::NoSpace => "no-space",
        _ => "other",
    }
}

pub(super) fn end(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::Left => "left",
        EndReason::RoomNotFound => "room-not-found",
        EndReason::ServerRefused { .. } => "server-refused",
        EndReason::ServerUnreachable(_) => "server-unreachable",
        EndReason::KeptOut(why) => refusal(*why),
        _ => "other",
    }
}
