//! What one socket reads, against the messages that come of it.
//!
//! A message may come in any number of frames (RFC 6455 §5.4), also empty ones, and of those we see
//! only the last. Their headers are what they cost their sender, so bytes tell them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::limits;

/// A stream under a WebSocket that counts what is read.
#[derive(Debug)]
pub(crate) struct Intake {
    stream: TcpStream,
    ledger: Ledger,
}

/// More was read than a message may be long, and there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many bytes for one message")]
pub(crate) struct Endless;

impl Endless {
    /// Whether this is what stopped the reading.
    pub(crate) fn caused(error: &io::Error) -> bool {
        matches!(error.get_ref(), Some(source) if source.is::<Self>())
    }
}

impl Intake {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            ledger: Ledger::default(),
        }
    }

    /// Notes that a message of `bytes` came of what was read. Returns how many more it counts for
    /// because of the frames that it came in.
    pub(crate) fn settle(&mut self, bytes: usize) -> usize {
        self.ledger.settle(bytes)
    }

    pub(crate) fn into_inner(self) -> TcpStream {
        self.stream
    }
}

impl AsyncRead for Intake {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.ledger.check().map_err(io::Error::other)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.ledger.read(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Intake {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Bytes read of which no message has come yet.
#[derive(Debug, Default)]
struct Ledger {
    open: usize,
}

impl Ledger {
    fn check(&self) -> Result<(), Endless> {
        if self.open < limits::UNFINISHED_BYTES {
            Ok(())
        } else {
            Err(Endless)
        }
    }

    fn read(&mut self, bytes: usize) {
        self.open += bytes;
    }

    /// Takes a message off. What is then left over a read ahead was spent on frames.
    fn settle(&mut self, bytes: usize) -> usize {
        self.open = self.open.saturating_sub(bytes + HEADER_BYTES);
        let spent = self.open.saturating_sub(limits::READ_BUFFER_BYTES);
        let more = spent / limits::FRAMING_BYTES;
        self.open -= more * limits::FRAMING_BYTES;
        more
    }
}

/// The longest header of a frame (RFC 6455 §5.2).
const HEADER_BYTES: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a message of `bytes` in frames of `size`, and what is ahead of it.
    fn take(ledger: &mut Ledger, bytes: usize, size: usize) -> usize {
        for _ in 0..bytes.div_ceil(size) {
            ledger.check().unwrap();
            ledger.read(HEADER_BYTES);
        }
        ledger.read(bytes);
        ledger.settle(bytes)
    }

    #[test]
    fn messages_in_one_frame_count_once() {
        let mut ledger = Ledger::default();
        ledger.read(limits::READ_BUFFER_BYTES);
        for bytes in [0, 2, 1000, limits::SIGNAL_MESSAGE_BYTES].repeat(1000) {
            assert_eq!(take(&mut ledger, bytes, bytes.max(1)), 0);
        }
    }

    #[test]
    fn frames_count_by_what_they_add() {
        let mut ledger = Ledger::default();
        let counted: usize = (0..1000).map(|_| take(&mut ledger, 16_000, 4000)).sum();
        // Three headers too many each, less what a read ahead may be.
        assert_eq!(counted, (1000 * 3 * HEADER_BYTES - 4096) / 1024);
        let mut ledger = Ledger::default();
        assert_eq!(take(&mut ledger, 4000, 1), 50);
    }

    #[test]
    fn frames_without_an_end_are_too_many() {
        let mut ledger = Ledger::default();
        let frames = (0..).take_while(|_| {
            ledger.read(6);
            ledger.check().is_ok()
        });
        assert_eq!(frames.count(), limits::UNFINISHED_BYTES / 6);
    }
}
