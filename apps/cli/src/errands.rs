//! Does what was asked for, in order, without holding up what is shown meanwhile.

use std::{fs, io, ops::Range, path::PathBuf};

use bytes::Bytes;
use snug_peer::{Destination, Hashing, Peer};
use snug_protocol::Profile;
use snug_session::Command;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    happening::{Happening, Own},
    play::{Film, Player, Reads, serve},
    randomness::Randomness,
    request::{Request, Save},
};

/// Does what is asked of a peer.
#[derive(Debug)]
pub(crate) struct Errands {
    peer: Peer,
    stage: Stage,
    offers: mpsc::UnboundedSender<Vec<PathBuf>>,
    reports: mpsc::Sender<Happening>,
    players: JoinSet<()>,
}

/// What the command line says about what is received.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Where it goes, unless a request says otherwise.
    pub(crate) save: Destination,
    /// What plays it.
    pub(crate) player: Option<Player>,
}

/// Requests and reports on their way. Whoever asks for more waits.
const QUEUE: usize = 64;

/// Bytes hashed between two reports. Hashing a gigabyte takes a second.
const REPORT_BYTES: u64 = 16 * 1024 * 1024;

impl Errands {
    /// Starts to take requests and to report.
    pub(crate) fn start(
        peer: Peer,
        stage: Stage,
    ) -> (mpsc::Sender<Request>, mpsc::Receiver<Happening>) {
        let (asked, mut requests) = mpsc::channel(QUEUE);
        let (reports, told) = mpsc::channel(QUEUE);
        let (offers, paths) = mpsc::unbounded_channel();
        tokio::spawn(offer_each(peer.clone(), paths, reports.clone()));
        let mut errands = Self {
            peer,
            stage,
            offers,
            reports,
            players: JoinSet::new(),
        };
        tokio::spawn(async move {
            while let Some(request) = requests.recv().await {
                errands.run(request).await;
            }
        });
        (asked, told)
    }

    async fn run(&mut self, request: Request) {
        let peer = &self.peer;
        match request {
            Request::Say(body) => peer.send_body(body).await,
            Request::Offer(paths) => drop(self.offers.send(paths)),
            Request::Accept {
                transfer,
                selection,
                save,
            } => {
                let destination = self.destination(save);
                peer.accept(transfer, selection, destination).await;
            }
            Request::Pause(transfer) => peer.command(Command::Pause { transfer }).await,
            Request::Resume(transfer) => peer.command(Command::Resume { transfer }).await,
            Request::Discard(transfer) => drop(peer.take_all_from_memory(transfer).await),
            Request::Play(film) => self.play(film).await,
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
            Request::Leave => self.players.abort_all(),
            Request::EndOfInput
            | Request::Interrupt
            | Request::Nonsense { .. }
            | Request::OutputClosed
            | Request::OutputFailed(_) => {}
        }
    }

    fn destination(&self, save: Save) -> Destination {
        let destination = match save {
            Save::Memory => Destination::Memory,
            Save::Default => self.stage.save.clone(),
            Save::Folder(folder) => Destination::Folder(folder),
        };
        if let Destination::Folder(folder) = &destination {
            // If it cannot be made, the transfer says why.
            drop(fs::create_dir(folder));
        }
        destination
    }

    async fn play(&mut self, film: Film) {
        let transfer = film.transfer;
        let address = match serve_film(&self.peer, &film).await {
            Ok(address) => address,
            Err(error) => {
                let reason = error.to_string();
                let failed = Happening::PlayFailed { transfer, reason };
                return drop(self.reports.send(failed).await);
            }
        };
        if let Some(player) = self.stage.player.clone() {
            let (reports, address) = (self.reports.clone(), address.clone());
            self.players.spawn(async move {
                let happening = match player.play(&address).await {
                    Ok(()) => Happening::PlayerEnded,
                    Err(error) => Happening::PlayFailed {
                        transfer,
                        reason: format!("cannot start {}: {error}", player.program()),
                    },
                };
                drop(reports.send(happening).await);
            });
        }
        let playing = Happening::Playing { film, address };
        drop(self.reports.send(playing).await);
    }
}

/// Makes one offer after the other, so that they arrive in the order in which they were named.
async fn offer_each(
    peer: Peer,
    mut offers: mpsc::UnboundedReceiver<Vec<PathBuf>>,
    reports: mpsc::Sender<Happening>,
) {
    while let Some(paths) = offers.recv().await {
        let happening = offer(&peer, paths, reports.clone()).await;
        if reports.send(happening).await.is_err() {
            return;
        }
    }
}

async fn offer(peer: &Peer, paths: Vec<PathBuf>, reports: mpsc::Sender<Happening>) -> Happening {
    let mut reported = 0;
    let progress = {
        let paths = paths.clone();
        move |Hashing { bytes, total, .. }: Hashing| {
            if bytes < reported + REPORT_BYTES {
                return;
            }
            reported = bytes;
            let paths = paths.clone();
            // When it cannot be shown now, the next one may.
            drop(reports.try_send(Happening::Hashing {
                paths,
                bytes,
                total,
            }));
        }
    };
    match peer.offer(paths.clone(), progress).await {
        Ok(offered) => Happening::Offering(Own {
            transfer: offered.transfer,
            paths,
            files: offered.files as usize,
            size: offered.bytes,
            left_out: usize::try_from(offered.left_out).unwrap_or(usize::MAX),
        }),
        Err(error) => Happening::OfferFailed {
            paths,
            reason: error.to_string(),
        },
    }
}

/// Serves a film. Gives its address.
async fn serve_film(peer: &Peer, film: &Film) -> anyhow::Result<String> {
    // Never from a seed: whoever guesses the address can watch along.
    let bits = Randomness::System.draw()?;
    Ok(serve(film.clone(), bits, Arriving(peer.clone())).await?)
}

/// The bytes of films that a peer receives.
#[derive(Debug, Clone)]
struct Arriving(Peer);

impl Reads for Arriving {
    async fn read(&self, film: &Film, bytes: Range<u64>) -> io::Result<Bytes> {
        let read = self.0.read(film.transfer, bytes).await;
        read.map_err(io::Error::other)
    }
}
