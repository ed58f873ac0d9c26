//! Files on their way to being offered.

use std::{path::PathBuf, sync::Arc};

use snug_peer::Peer;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::{SnugError, boundary::runtime};

/// Files that are being read and hashed, to be offered after that.
#[derive(Debug, uniffi::Object)]
pub struct Offering {
    hashing: Mutex<watch::Receiver<Hashing>>,
    outcome: watch::Receiver<Option<Outcome>>,
    cancelled: CancellationToken,
}

type Outcome = Result<Offered, SnugError>;

/// How far the hashing has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, uniffi::Record)]
pub struct Hashing {
    /// Bytes that are hashed.
    pub bytes: u64,
    /// Bytes of all files; 0 until that is known.
    pub total: u64,
}

/// What was offered.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Offered {
    /// Names the transfer from now on.
    pub transfer: String,
    /// What it is called.
    pub name: String,
    /// Files in it.
    pub files: u32,
    /// Bytes of them all.
    pub size: u64,
    /// Links and the like in folders, which are not offered.
    pub left_out: u64,
}

#[uniffi::export]
impl Offering {
    /// Waits until the hashing has moved on; nothing once it is over.
    pub async fn progress(&self) -> Option<Hashing> {
        let mut hashing = self.hashing.lock().await;
        hashing.changed().await.ok()?;
        Some(*hashing.borrow_and_update())
    }

    /// Waits until the files are on offer.
    ///
    /// # Errors
    /// [`SnugError::File`] when one cannot be read, [`SnugError::Refused`] when there are too many,
    /// [`SnugError::Cancelled`], [`SnugError::Closed`].
    pub async fn offered(&self) -> Result<Offered, SnugError> {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The task is gone without a word.
            Ok(None) | Err(_) => Err(SnugError::Internal {
                message: "the files were not hashed".into(),
            }),
        }
    }

    /// Gives up, if they are not on offer yet.
    pub fn cancel(&self) {
        self.cancelled.cancel();
    }
}

impl Offering {
    /// Starts. Nothing is offered any more once `closed`.
    pub(crate) fn start(
        peer: Peer,
        paths: Vec<PathBuf>,
        closed: CancellationToken,
    ) -> Result<Arc<Self>, SnugError> {
        let (progress, hashing) = watch::channel(Hashing::default());
        let (answer, outcome) = watch::channel(None);
        let offering = Self {
            hashing: Mutex::new(hashing),
            outcome,
            cancelled: CancellationToken::new(),
        };
        let cancelled = offering.cancelled.clone();
        let tell = move |hashing: snug_peer::Hashing| {
            progress.send_replace(hashing.into());
        };
        runtime()?.spawn(async move {
            let outcome = tokio::select! {
                () = cancelled.cancelled() => Err(SnugError::Cancelled),
                () = closed.cancelled() => Err(SnugError::Closed),
                offered = peer.offer(paths, tell) => {
                    offered.map(Offered::from).map_err(SnugError::from)
                }
            };
            answer.send_replace(Some(outcome));
        });
        Ok(Arc::new(offering))
    }
}

impl From<snug_peer::Hashing> for Hashing {
    fn from(hashing: snug_peer::Hashing) -> Self {
        Self {
            bytes: hashing.bytes,
            total: hashing.total,
        }
    }
}

impl From<snug_peer::Offered> for Offered {
    fn from(offered: snug_peer::Offered) -> Self {
        Self {
            transfer: offered.transfer.to_string(),
            name: offered.name.to_string(),
            files: offered.files,
            size: offered.bytes,
            left_out: offered.left_out,
        }
    }
}
