//! The standard output: the one place that writes to it.

use std::io::{self, ErrorKind, Write};

use rustix::event::{PollFd, PollFlags, poll};

use crate::request::Request;

/// The standard output, as long as somebody reads it.
#[derive(Debug, Default)]
pub(crate) struct Output(State);

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// It takes no more, for this reason, and nobody here knows it yet.
    Broken(ErrorKind),
    Closed,
}

impl Output {
    /// Writes at once. Once the reader is gone, nothing is written any more.
    pub(crate) fn write(&mut self, text: &str) {
        if self.0 != State::Open || text.is_empty() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = write_all(&mut stdout, text.as_bytes(), wait);
        if let Err(error) = written {
            self.0 = State::Broken(error.kind());
        }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// Tells, once, that it takes no more.
    pub(crate) fn take_end(&mut self) -> Option<Request> {
        let State::Broken(kind) = self.0 else {
            return None;
        };
        self.0 = State::Closed;
        Some(match kind {
            ErrorKind::BrokenPipe => Request::OutputClosed,
            kind => Request::OutputFailed(kind.to_string()),
        })
    }
}

/// Writes all of it. A pipe that does not block is waited for: its other end may have set that.
fn write_all(output: &mut impl Write, mut bytes: &[u8], mut wait: impl FnMut()) -> io::Result<()> {
    loop {
        let written = if bytes.is_empty() {
            output.flush().map(|()| 0)
        } else {
            output.write(bytes)
        };
        match written {
            Ok(0) if bytes.is_empty() => return Ok(()),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(len) => bytes = &bytes[len..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits until the standard output takes more.
fn wait() {
    let stdout = io::stdout();
    // Whatever goes wrong here goes wrong in the next write.
    let _ = poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None);
}

/// Writes a line about what goes on to the standard error.
pub(crate) fn remark(text: &str) {
    // There is nowhere left to say that this failed.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::VecDeque};

    use super::*;

    /// Takes so many bytes each time, or fails.
    struct Slow(VecDeque<io::Result<usize>>, Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let len = self.0.pop_front().unwrap()?;
            self.1.extend(&bytes[..len]);
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_slow_loses_nothing() {
        let full = || Err(ErrorKind::WouldBlock.into());
        let mut slow = Slow([Ok(2), full(), full(), Ok(3)].into(), Vec::new());
        let waits = Cell::new(0);
        write_all(&mut slow, b"hello", || waits.set(waits.get() + 1)).unwrap();
        assert_eq!((slow.1.as_slice(), waits.get()), (&b"hello"[..], 2));
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let mut full = Slow(
            [Ok(1), Err(ErrorKind::StorageFull.into())].into(),
            Vec::new(),
        );
        let error = write_all(&mut full, b"hello", || {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn only_a_reader_who_left_ends_it_quietly() {
        let end = |kind| Output(State::Broken(kind)).take_end();
        assert_eq!(end(ErrorKind::BrokenPipe), Some(Request::OutputClosed));
        let full = end(ErrorKind::StorageFull);
        assert!(matches!(full, Some(Request::OutputFailed(_))));
        assert_eq!(Output::default().take_end(), None);
    }
}
