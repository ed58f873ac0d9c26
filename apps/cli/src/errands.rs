//! Does what was asked for, in order, without holding up what is shown meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use snug_peer::{Destination, Hashing, Peer};
use snug_protocol::Profile;
use snug_session::{Command, Selection};
use tokio::sync::mpsc;

use crate::{
    happening::{Happening, Own},
    request::{Request, Save},
};

/// Does what is asked of a peer.
#[derive(Debug)]
pub(crate) struct Errands {
    peer: Peer,
    save: PathBuf,
    offers: mpsc::UnboundedSender<PathBuf>,
}

/// Requests and reports on their way. Whoever asks for more waits.
const QUEUE: usize = 64;

/// Bytes hashed between two reports. Hashing a gigabyte takes a second.
const REPORT_BYTES: u64 = 16 * 1024 * 1024;

impl Errands {
    /// Starts to take requests and to report.
    pub(crate) fn start(
        peer: Peer,
        save: PathBuf,
    ) -> (mpsc::Sender<Request>, mpsc::Receiver<Happening>) {
        let (asked, mut requests) = mpsc::channel(QUEUE);
        let (reports, told) = mpsc::channel(QUEUE);
        let (offers, paths) = mpsc::unbounded_channel();
        tokio::spawn(offer_each(peer.clone(), paths, reports));
        let errands = Self { peer, save, offers };
        tokio::spawn(async move {
            while let Some(request) = requests.recv().await {
                errands.run(request).await;
            }
        });
        (asked, told)
    }

    async fn run(&self, request: Request) {
        let peer = &self.peer;
        match request {
            Request::Say(body) => peer.send_body(body).await,
            Request::Offer(paths) => {
                for path in paths {
                    drop(self.offers.send(path));
                }
            }
            Request::Accept { transfer, save } => {
                let destination = self.destination(save);
                peer.accept(transfer, Selection::All, destination).await;
            }
            Request::Decline(transfer) => peer.command(Command::Decline { transfer }).await,
            Request::Cancel(transfer) => peer.command(Command::Cancel { transfer }).await,
            Request::Nick(nickname) => {
                let profile = Profile {
                    nickname,
                    ..Profile::default()
                };
                peer.command(Command::SetProfile(profile)).await;
            }
            Request::Typing(on) => peer.command(Command::Typing { on }).await,
            Request::MarkRead => peer.command(Command::MarkRead).await,
            Request::NetworkChanged => peer.command(Command::NetworkChanged).await,
            Request::Leave
            | Request::EndOfInput
            | Request::Interrupt
            | Request::Nonsense { .. }
            | Request::OutputClosed => {}
        }
    }

    fn destination(&self, save: Save) -> Destination {
        let folder = match save {
            Save::Memory => return Destination::Memory,
            Save::Default => self.save.clone(),
            Save::Folder(folder) => folder,
        };
        // If it cannot be made, the transfer says why.
        drop(fs::create_dir(&folder));
        Destination::Folder(folder)
    }
}

/// Offers one file after the other, so that they arrive in the order in which they were named.
async fn offer_each(
    peer: Peer,
    mut paths: mpsc::UnboundedReceiver<PathBuf>,
    reports: mpsc::Sender<Happening>,
) {
    while let Some(path) = paths.recv().await {
        let happening = offer(&peer, &path, reports.clone()).await;
        if reports.send(happening).await.is_err() {
            return;
        }
    }
}

async fn offer(peer: &Peer, path: &Path, reports: mpsc::Sender<Happening>) -> Happening {
    let size = Arc::new(AtomicU64::new(0));
    let mut reported = 0;
    let progress = {
        let (path, size) = (path.to_owned(), size.clone());
        move |Hashing { bytes, total }: Hashing| {
            size.store(total, Ordering::Relaxed);
            if bytes < reported + REPORT_BYTES {
                return;
            }
            reported = bytes;
            let path = path.clone();
            // When it cannot be shown now, the next one may.
            drop(reports.try_send(Happening::Hashing { path, bytes, total }));
        }
    };
    match peer.offer(vec![path.to_owned()], progress).await {
        Ok(offered) => Happening::Offering(Own {
            transfer: offered.transfer,
            path: path.to_owned(),
            size: size.load(Ordering::Relaxed),
        }),
        Err(error) => Happening::OfferFailed {
            path: path.to_owned(),
            reason: error.to_string(),
        },
    }
}
