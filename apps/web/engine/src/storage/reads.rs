//! Reads that wait for bytes to arrive: a film that is played meanwhile.

use std::ops::Range;

use snug_protocol::TransferId;

use crate::{Output, ReadFrom};

/// The reads that wait.
#[derive(Debug, Default)]
pub(super) struct Reads(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    id: u32,
    transfer: TransferId,
    bytes: Range<u64>,
}

impl Reads {
    /// Waits for bytes.
    ///
    /// # Errors
    /// Says so when too many reads wait.
    pub(super) fn wait(
        &mut self,
        id: u32,
        transfer: TransferId,
        bytes: Range<u64>,
    ) -> Result<(), &'static str> {
        if self.0.len() >= READS_WAITING {
            return Err("too many reads wait");
        }
        self.0.push(Waiting {
            id,
            transfer,
            bytes,
        });
        Ok(())
    }

    pub(super) fn forget(&mut self, id: u32) {
        self.0.retain(|waiting| waiting.id != id);
    }

    /// Takes those out whose bytes are there now.
    pub(super) fn take_ready(
        &mut self,
        transfer: TransferId,
        is_there: impl Fn(&Range<u64>) -> bool,
    ) -> Vec<Output> {
        let ready = self.0.extract_if(.., |waiting| {
            waiting.transfer == transfer && is_there(&waiting.bytes)
        });
        ready
            .map(|it| self::ready(it.id, ReadFrom::Sink, transfer, &it.bytes))
            .collect()
    }

    /// Takes those out whose bytes will not arrive.
    pub(super) fn refuse(&mut self, transfer: TransferId, why: &str) -> Vec<Output> {
        let gone = self.0.extract_if(.., |it| it.transfer == transfer);
        gone.map(|waiting| refused(waiting.id, why)).collect()
    }
}

pub(super) fn ready(id: u32, from: ReadFrom, transfer: TransferId, bytes: &Range<u64>) -> Output {
    Output::ReadRange {
        read: id,
        from,
        transfer: transfer.to_string(),
        start: bytes.start,
        end: bytes.end,
    }
}

pub(super) fn refused(id: u32, why: &str) -> Output {
    let message = why.to_owned();
    Output::ReadRefused { read: id, message }
}

/// Cuts off what one read may not ask for.
pub(super) fn bounded(bytes: &Range<u64>) -> Range<u64> {
    let most = bytes.start.saturating_add(READ_BYTES);
    bytes.start..bytes.end.min(most).max(bytes.start)
}

/// Reads that wait. One more is refused.
const READS_WAITING: usize = 64;

/// Bytes of one read. More are cut off: a player asks again.
const READ_BYTES: u64 = 1024 * 1024;
