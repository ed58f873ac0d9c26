//! The standard output: the one place that writes to it.

use std::io::{self, Write as _};

/// The standard output, as long as somebody reads it.
#[derive(Debug, Default)]
pub(crate) struct Output(State);

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The reader is gone, and nobody here knows it yet.
    Broken,
    Closed,
}

impl Output {
    /// Writes at once. Once the reader is gone, nothing is written any more.
    pub(crate) fn write(&mut self, text: &str) {
        if self.0 != State::Open || text.is_empty() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        if written.and_then(|()| stdout.flush()).is_err() {
            self.0 = State::Broken;
        }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// Tells, once, that nobody reads it any more.
    pub(crate) fn take_closed(&mut self) -> bool {
        let broken = self.0 == State::Broken;
        if broken {
            self.0 = State::Closed;
        }
        broken
    }
}

/// Writes a line about what goes on to the standard error.
pub(crate) fn remark(text: &str) {
    // There is nowhere left to say that this failed.
    drop(writeln!(io::stderr().lock(), "{text}"));
}
