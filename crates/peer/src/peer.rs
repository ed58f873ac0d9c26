//! The handle on a peer.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use snug_protocol::{Body, TransferId};
use snug_session::{Command, CommandError, Source};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task, time,
};

use crate::{
    Events, PeerConfig,
    driver::Driver,
    events,
    limits::{FAREWELL, REQUESTS},
    store::{self, Destination, Memory, SourceError},
};

/// A participant of a room, which lives in a task of its own.
///
/// Clones are handles on the same peer. When the last one is dropped it leaves.
#[derive(Debug, Clone)]
pub struct Peer {
    requests: mpsc::Sender<Request>,
    leaving: Arc<Notify>,
    memory: Memory,
}

/// What handles ask of the driver.
#[derive(Debug)]
pub(crate) enum Request {
    /// Something for the session alone.
    Command(Command),
    /// Receives a file.
    Accept {
        transfer: TransferId,
        destination: Destination,
    },
    /// Offers a file.
    Offer {
        file: Source,
        source: store::Source,
        answer: oneshot::Sender<Result<(), CommandError>>,
    },
}

impl Peer {
    /// Starts to take part, in a task on the current Tokio runtime.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(config: PeerConfig) -> (Self, Events) {
        let (requests, inbox) = mpsc::channel(REQUESTS);
        let (sink, events) = events::channel();
        let peer = Self {
            requests,
            leaving: Arc::default(),
            memory: Memory::new(config.memory_cap),
        };
        let driver = Driver::new(
            config,
            peer.memory.clone(),
            inbox,
            peer.leaving.clone(),
            sink,
        );
        tokio::spawn(driver.run());
        (peer, events)
    }

    /// Asks for something. After the end it does nothing.
    pub async fn command(&self, command: Command) {
        match command {
            // Waits behind nothing.
            Command::Leave => self.leaving.notify_one(),
            command => self.request(Request::Command(command)).await,
        }
    }

    /// Sends a message to everyone.
    pub async fn say(&self, text: impl Into<String>) {
        self.send_body(Body::Text { text: text.into() }).await;
    }

    /// Says something to everyone.
    pub async fn send_body(&self, body: Body) {
        let sent_at = wall_clock();
        self.command(Command::Say { body, sent_at }).await;
    }

    /// Offers a file to everyone, once it is hashed. `progress` hears of it: bytes hashed, bytes
    /// in all. Dropping the future gives up.
    pub async fn offer_file(
        &self,
        path: &Path,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<TransferId, OfferError> {
        let (file, source) = hash(path.to_owned(), progress).await?;
        let transfer = file.offer.transfer();
        let (answer, answered) = oneshot::channel();
        let request = Request::Offer {
            file,
            source,
            answer,
        };
        self.request(request).await;
        match answered.await {
            Ok(Ok(())) => Ok(transfer),
            Ok(Err(refused)) => Err(OfferError::Refused(refused)),
            Err(oneshot::error::RecvError { .. }) => Err(OfferError::Ended),
        }
    }

    /// Starts to receive an offered file.
    pub async fn accept(&self, transfer: TransferId, destination: Destination) {
        let request = Request::Accept {
            transfer,
            destination,
        };
        self.request(request).await;
    }

    /// Takes a file that was received into memory, once. What is not taken counts against
    /// [`PeerConfig::memory_cap`]. It can be taken after the end, too.
    #[expect(clippy::unused_async, reason = "a host may one day have to fetch it")]
    pub async fn take_from_memory(&self, transfer: TransferId) -> Option<Bytes> {
        self.memory.take(transfer)
    }

    /// Leaves the room. Returns once everything is closed, or after two seconds.
    pub async fn leave(&self) {
        self.leaving.notify_one();
        drop(time::timeout(2 * FAREWELL, self.requests.closed()).await);
    }

    async fn request(&self, request: Request) {
        drop(self.requests.send(request).await);
    }
}

/// Why a file was not offered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// It cannot be read, or is not a file.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The session refused.
    #[error(transparent)]
    Refused(CommandError),
    /// The peer has left.
    #[error("the peer has left the room")]
    Ended,
}

/// Hashes a file without holding up the runtime.
async fn hash(
    path: PathBuf,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<(Source, store::Source), OfferError> {
    let (answer, answered) = oneshot::channel();
    task::spawn_blocking(move || {
        let hashed = store::Source::hash(&path, progress, || answer.is_closed());
        drop(answer.send(hashed));
    });
    Ok(answered.await.map_err(|_| OfferError::Ended)??)
}

#[expect(
    clippy::disallowed_methods,
    reason = "people are shown when something was said; nothing is decided by it"
)]
fn wall_clock() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
