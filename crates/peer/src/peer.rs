//! The handle on a peer.

use std::{
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use snug_protocol::{Body, FileName, FilePath, TransferId};
use snug_session::{Command, CommandError, Selection, Source};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task, time,
};

use crate::{
    Events, PeerConfig,
    driver::Driver,
    events,
    limits::{FAREWELL, REQUESTS},
    store::{self, Answer, Destination, Hashing, Memory, ReadError, SourceError},
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
    /// Receives something.
    Accept {
        transfer: TransferId,
        selection: Selection,
        destination: Destination,
    },
    /// Reads some bytes.
    Read {
        transfer: TransferId,
        bytes: Range<u64>,
        answer: Answer,
    },
    /// Offers files.
    Offer {
        file: Box<Source>,
        source: Box<store::Source>,
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

    /// Offers a file, a folder, or several of them in one, to everyone, once they are hashed.
    /// Offering the same again continues what others have received of it. `progress` hears how
    /// far the hashing is. Dropping the future gives up.
    ///
    /// # Errors
    /// [`OfferError`] when something cannot be read, or the session refuses.
    pub async fn offer(
        &self,
        paths: Vec<PathBuf>,
        progress: impl FnMut(Hashing) + Send + 'static,
    ) -> Result<Offered, OfferError> {
        let (file, source) = hash(paths, progress).await?;
        let offered = Offered {
            transfer: file.offer.transfer(),
            name: file.offer.name.clone(),
            files: file.offer.files(),
            bytes: file.offer.manifest.size(),
            left_out: source.left_out(),
        };
        let (answer, answered) = oneshot::channel();
        let request = Request::Offer {
            file: Box::new(file),
            source: Box::new(source),
            answer,
        };
        self.request(request).await;
        match answered.await {
            Ok(Ok(())) => Ok(offered),
            Ok(Err(refused)) => Err(OfferError::Refused(refused)),
            Err(oneshot::error::RecvError { .. }) => Err(OfferError::Ended),
        }
    }

    /// Starts to receive what is on offer, or some of it. If an earlier try left some of it in
    /// that folder, only the rest is asked for.
    pub async fn accept(
        &self,
        transfer: TransferId,
        selection: Selection,
        destination: Destination,
    ) {
        let request = Request::Accept {
            transfer,
            selection,
            destination,
        };
        self.request(request).await;
    }

    /// Reads bytes of what is offered here, was accepted, or was received, once they have arrived
    /// and are verified. Of several files they are counted through them all. Those that are
    /// missing are asked for before all others, so whoever plays a film reads on from where it
    /// is. More than [`READ_BYTES`](crate::READ_BYTES) are cut off.
    ///
    /// Dropping the future gives up.
    ///
    /// # Errors
    /// [`ReadError`] when they will not arrive.
    pub async fn read(&self, transfer: TransferId, bytes: Range<u64>) -> Result<Bytes, ReadError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::Read {
            transfer,
            bytes,
            answer,
        };
        self.request(request).await;
        answered.await.unwrap_or(Err(ReadError::Left))
    }

    /// Takes a file that was received into memory, once. What is not taken counts against
    /// [`PeerConfig::memory_cap`]. It can be taken after the end, too.
    #[expect(clippy::unused_async, reason = "a host may one day have to fetch it")]
    pub async fn take_from_memory(&self, transfer: TransferId) -> Option<Bytes> {
        self.memory.take(transfer)
    }

    /// Takes the files of what was received into memory, once, with their paths.
    #[expect(clippy::unused_async, reason = "a host may one day have to fetch it")]
    pub async fn take_all_from_memory(
        &self,
        transfer: TransferId,
    ) -> Option<Vec<(FilePath, Bytes)>> {
        self.memory.take_all(transfer)
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

/// What was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Names the transfer from now on.
    pub transfer: TransferId,
    /// What it is called.
    pub name: FileName,
    /// Files in it.
    pub files: u32,
    /// Bytes of them all.
    pub bytes: u64,
    /// Links, pipes, sockets and devices in folders, which are not offered.
    pub left_out: u64,
}

/// Why nothing was offered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Something cannot be read, or is too much.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The session refused.
    #[error(transparent)]
    Refused(CommandError),
    /// The peer has left.
    #[error("the peer has left the room")]
    Ended,
}

/// Hashes files without holding up the runtime.
async fn hash(
    paths: Vec<PathBuf>,
    progress: impl FnMut(Hashing) + Send + 'static,
) -> Result<(Source, store::Source), OfferError> {
    let (answer, answered) = oneshot::channel();
    task::spawn_blocking(move || {
        let hashed = store::Source::hash(&paths, progress, || answer.is_closed());
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
