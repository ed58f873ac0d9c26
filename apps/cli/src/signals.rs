//! Ctrl-C and its relatives.

use std::{fs, path::PathBuf, process, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time,
};

use crate::terminal;

/// The first signal; the program leaves the room then.
///
/// A second one, or five seconds in which that did not work out, end the program at once: nothing
/// else may be able to, when whoever reads the output has stopped reading.
#[derive(Debug)]
pub(crate) struct Signals(mpsc::Receiver<u8>);

/// The number of the signal that Ctrl-C sends.
pub(crate) const SIGINT: u8 = 2;

/// How long leaving may take. The goodbye alone has four seconds.
const PATIENCE: Duration = Duration::from_secs(5);

impl Signals {
    /// Starts to listen. At a sudden end a temporary folder is removed, if there is one.
    pub(crate) fn start(temporary: Option<PathBuf>) -> std::io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut next = async move || {
            let kind = tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
                _ = hangup.recv() => SignalKind::hangup(),
            };
            u8::try_from(kind.as_raw_value()).unwrap_or(0)
        };
        let (sink, signals) = mpsc::channel(1);
        tokio::spawn(async move {
            let first = next().await;
            // If nobody waits for it, the program is ending already.
            let _ = sink.send(first).await;
            let second = time::timeout(PATIENCE, next()).await;
            terminal::restore();
            // What is left of it the system removes some day.
            drop(temporary.map(fs::remove_dir_all));
            process::exit(128 + i32::from(second.unwrap_or(first)));
        });
        Ok(Self(signals))
    }

    /// Waits for the signal.
    pub(crate) async fn next(&mut self) -> u8 {
        match self.0.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}
