//! Logs: to stderr, or above the line being typed when a terminal is drawn on.

use std::{
    future,
    io::{self, IsTerminal as _, Write},
};

use tokio::sync::mpsc;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::harmless::harmless;

/// What was logged while a terminal is drawn on.
#[derive(Debug)]
pub(crate) struct Logs(Option<mpsc::Receiver<String>>);

/// Lines that wait to be drawn. Beyond that they are lost: a log must not hold anything up.
const LINES: usize = 256;

impl Logs {
    /// Starts to log, as loud as asked for, to `stderr` unless a terminal is drawn on.
    pub(crate) fn start(verbose: u8, live: bool) -> Self {
        let quiet = if live {
            "off"
        } else {
            "snug=warn,snug_peer=warn,snug_session=warn"
        };
        let level = match verbose {
            0 => quiet,
            1 => "snug=debug,snug_peer=debug,snug_session=debug",
            _ => "snug=trace,snug_peer=trace,snug_session=trace,webrtc=debug",
        };
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| level.into());
        let (sink, lines) = mpsc::channel(LINES);
        let drawn = live && io::stderr().is_terminal();
        let writer = if drawn {
            Sink::Drawn(sink)
        } else {
            Sink::Stderr
        };
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(writer)
            .init();
        Self(drawn.then_some(lines))
    }

    /// Waits for the next line that is to be drawn.
    pub(crate) async fn next(&mut self) -> String {
        let line = match &mut self.0 {
            Some(lines) => lines.recv().await,
            None => None,
        };
        match line {
            Some(line) => line,
            None => future::pending().await,
        }
    }
}

/// Where lines go.
#[derive(Debug, Clone)]
enum Sink {
    Stderr,
    Drawn(mpsc::Sender<String>),
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Sink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stderr => return io::stderr().write(line),
            Self::Drawn(sink) => {
                let line = harmless(String::from_utf8_lossy(line).trim_end());
                drop(sink.try_send(line));
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
