//! Reading what is offered here, was received, or is still arriving.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use snug_protocol::{TransferId, limits::PIECE_BYTES};
use tokio::sync::oneshot;

use super::{
    pool::Pool,
    sink::{Read, Sink},
    source::Source,
};
use crate::limits::{READ_BYTES, READS_WAITING};

/// Where the bytes of a read go.
pub(crate) type Answer = oneshot::Sender<Result<Bytes, ReadError>>;

/// Why bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Neither offered here nor accepted.
    #[error("no such transfer")]
    Unknown,
    /// They will not arrive: the transfer was cancelled, or failed.
    #[error("the transfer has ended")]
    Ended,
    /// There are no such bytes.
    #[error("past the end, which is at {size} bytes")]
    PastTheEnd {
        /// Bytes of all files.
        size: u64,
    },
    /// They belong to a file that was not accepted.
    #[error("the file was not accepted")]
    NotAccepted,
    /// Somebody else changed or removed the file, or the disk failed.
    #[error("{0}")]
    Failed(String),
    /// Too many reads wait for bytes to arrive.
    #[error("too many reads at once")]
    TooMany,
    /// The peer has left.
    #[error("the peer has left the room")]
    Left,
}

/// Something that pieces can be read from.
#[derive(Debug, Clone)]
pub(super) enum Readable {
    Source(Arc<Source>),
    Sink(Arc<Sink>),
}

/// Reads whose bytes have not arrived.
#[derive(Debug, Default)]
pub(super) struct Reads(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    transfer: TransferId,
    bytes: Range<u64>,
    answer: Answer,
}

impl Readable {
    /// Reads a piece for another member.
    pub(super) fn piece(&self, piece: u32, pool: &Pool) -> Result<Bytes, String> {
        match self {
            Self::Source(source) => source.read(piece, pool).map_err(|error| error.to_string()),
            Self::Sink(sink) => match sink.read(piece, pool) {
                Ok(Read::Whole(bytes)) => Ok(Bytes::from_owner(bytes)),
                Ok(Read::Partial(_)) => Err("not all of it was accepted".to_owned()),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// Reads bytes for this member, of which all that are wanted are here.
    pub(super) fn bytes(&self, bytes: Range<u64>, pool: &Pool) -> Result<Bytes, ReadError> {
        let mut runs = Vec::new();
        for piece in pieces(&bytes) {
            let start = u64::from(piece) * PIECE_BYTES as u64;
            let read = self.some_of_piece(piece, pool)?;
            let offset = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            let end = offset(bytes.end).min(read.len());
            runs.push(read.slice(offset(bytes.start).min(end)..end));
        }
        match runs.len() {
            1 => Ok(runs.swap_remove(0)),
            _ => Ok(runs.into_iter().flatten().collect::<BytesMut>().freeze()),
        }
    }

    fn some_of_piece(&self, piece: u32, pool: &Pool) -> Result<Bytes, ReadError> {
        match self {
            Self::Source(_) => self.piece(piece, pool).map_err(ReadError::Failed),
            Self::Sink(sink) => match sink.read(piece, pool) {
                Ok(Read::Whole(bytes) | Read::Partial(bytes)) => Ok(Bytes::from_owner(bytes)),
                Err(error) => Err(ReadError::Failed(error.to_string())),
            },
        }
    }
}

impl Reads {
    /// Waits for bytes, unless too many reads do.
    pub(super) fn wait(&mut self, transfer: TransferId, bytes: Range<u64>, answer: Answer) -> bool {
        self.0.retain(|waiting| !waiting.answer.is_closed());
        if self.0.len() >= READS_WAITING {
            _ = answer.send(Err(ReadError::TooMany));
            return false;
        }
        self.0.push(Waiting {
            transfer,
            bytes,
            answer,
        });
        true
    }

    /// Takes those out that wait for this transfer.
    pub(super) fn take(&mut self, transfer: TransferId) -> Vec<(Range<u64>, Answer)> {
        let taken = self.0.extract_if(.., |waiting| {
            waiting.transfer == transfer || waiting.answer.is_closed()
        });
        let taken = taken.filter(|waiting| !waiting.answer.is_closed());
        taken
            .map(|waiting| (waiting.bytes, waiting.answer))
            .collect()
    }

    pub(super) fn fail(&mut self, transfer: TransferId, error: &ReadError) {
        for (_, answer) in self.take(transfer) {
            _ = answer.send(Err(error.clone()));
        }
    }
}

/// Cuts off what one read may not ask for.
pub(super) fn bounded(bytes: &Range<u64>) -> Range<u64> {
    let most = bytes.start.saturating_add(READ_BYTES as u64);
    bytes.start..bytes.end.min(most).max(bytes.start)
}

/// The pieces that have bytes of a range, which is within a file.
pub(super) fn pieces(bytes: &Range<u64>) -> Range<u32> {
    let piece = |at: u64| u32::try_from(at / PIECE_BYTES as u64).unwrap_or(u32::MAX);
    if bytes.is_empty() {
        return 0..0;
    }
    piece(bytes.start)..piece(bytes.end - 1).saturating_add(1)
}
