//! Where bytes come from and where they land.
//!
//! The driver tells a [`Store`] what the session wants, which never waits, and takes its reports.
//! Disks and hashes are the business of three `Lane`s, each a queue that one blocking thread
//! works off while there is something in it: reading, writing, and the finishing of files, whose
//! `fsync` may take seconds.

mod folder;
mod lane;
mod media_type;
mod memory;
mod pool;
mod sink;
mod source;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use snug_protocol::{Hash, Manifest, Offer, TransferId, limits::PIECE_BYTES};
use snug_session::{LinkId, StoreInput, StoreOutput};
use tokio::sync::{mpsc, oneshot};

use self::{
    lane::Lane,
    pool::{Buffer, Pool},
    sink::{Place, Sink},
};
pub use self::{
    memory::Memory,
    source::{Source, SourceError},
};
use crate::limits::{PIECES_TO_WRITE, SPARE_PIECES, STORE_REPORTS};

/// Where a received file goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Destination {
    /// Into memory, to be taken from there.
    #[default]
    Memory,
    /// Into a folder that exists, under a name that is free.
    Folder(PathBuf),
}

/// The files that a session reads and writes.
///
/// Belongs on a Tokio runtime. Dropping it removes the files that are not complete.
#[derive(Debug)]
pub struct Store {
    sources: HashMap<TransferId, Arc<Source>>,
    destinations: HashMap<TransferId, Destination>,
    incoming: HashMap<TransferId, Incoming>,
    memory: Memory,
    pool: Pool,
    reading: Lane,
    writing: Lane,
    finishing: Lane,
    reports: Reports,
    inbox: mpsc::Receiver<StoreInput>,
}

/// A file on its way in.
#[derive(Debug)]
struct Incoming {
    manifest: Manifest,
    sink: Arc<Sink>,
    /// Pieces that are not complete.
    pieces: BTreeMap<u32, Buffer>,
}

/// The lanes' way to the driver.
#[derive(Debug, Clone)]
struct Reports(mpsc::Sender<StoreInput>);

impl Store {
    /// Makes a store without any files.
    pub fn new(memory: Memory) -> Self {
        let (reports, inbox) = mpsc::channel(STORE_REPORTS);
        Self {
            sources: HashMap::new(),
            destinations: HashMap::new(),
            incoming: HashMap::new(),
            memory,
            pool: Pool::new(PIECE_BYTES, SPARE_PIECES),
            reading: Lane::default(),
            writing: Lane::default(),
            finishing: Lane::default(),
            reports: Reports(reports),
            inbox,
        }
    }

    /// Has a file ready to be read.
    pub fn add_source(&mut self, transfer: TransferId, source: Source) {
        self.sources.insert(transfer, Arc::new(source));
    }

    /// Says where a file goes when it comes; into memory if nothing is said.
    pub fn set_destination(&mut self, transfer: TransferId, destination: Destination) {
        self.destinations.insert(transfer, destination);
    }

    /// Does what the session wants. Returns at once.
    pub fn execute(&mut self, output: StoreOutput) {
        match output {
            StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            } => self.read_piece(transfer, piece, link),
            StoreOutput::CloseSource { transfer } => {
                self.sources.remove(&transfer);
            }
            StoreOutput::OpenSink {
                transfer,
                offer,
                listing: _,
                selection: _,
            } => self.open_sink(transfer, offer),
            StoreOutput::KeepHashes { .. } => {}
            StoreOutput::WriteBlock {
                transfer,
                piece,
                offset,
                bytes,
            } => self.write_block(transfer, piece, offset, &bytes),
            StoreOutput::FinishPiece {
                transfer,
                piece,
                expected,
            } => self.finish_piece(transfer, piece, expected),
            StoreOutput::DiscardPiece { transfer, piece } => {
                if let Some(incoming) = self.incoming.get_mut(&transfer) {
                    incoming.pieces.remove(&piece);
                }
            }
            StoreOutput::FinishSink { transfer } => self.finish_sink(transfer),
            StoreOutput::SuspendSink { transfer } | StoreOutput::DiscardSink { transfer } => {
                self.discard_sink(transfer)
            }
        }
    }

    /// Waits for the next report.
    pub async fn next(&mut self) -> StoreInput {
        let report = self.inbox.recv().await;
        let report = report.expect("the store itself can report");
        match &report {
            StoreInput::SourceFailed { transfer, .. } => {
                self.sources.remove(transfer);
            }
            StoreInput::SinkFailed { transfer, .. } | StoreInput::SinkFinished { transfer, .. } => {
                self.discard_sink(*transfer);
            }
            StoreInput::PieceRead { .. }
            | StoreInput::SinkChecking { .. }
            | StoreInput::SinkOpened { .. }
            | StoreInput::PieceStored { .. }
            | StoreInput::PieceCorrupt { .. } => {}
        }
        report
    }

    /// Whether pieces come faster than they can be written.
    pub fn is_congested(&self) -> bool {
        self.writing.waiting() >= PIECES_TO_WRITE
    }

    /// Removes what is not complete and waits until every file is closed.
    pub async fn close(mut self) {
        // Nobody reads reports any more, so no lane waits for room.
        self.inbox.close();
        self.sources.clear();
        let transfers: Vec<_> = self.incoming.keys().copied().collect();
        for transfer in transfers {
            self.discard_sink(transfer);
        }
        for lane in [&self.reading, &self.writing, &self.finishing] {
            let (done, idle) = oneshot::channel();
            lane.push(move || _ = done.send(()));
            drop(idle.await);
        }
    }

    fn read_piece(&self, transfer: TransferId, piece: u32, link: LinkId) {
        let source = self.sources.get(&transfer).cloned();
        let (reports, pool) = (self.reports.clone(), self.pool.clone());
        self.reading.push(move || {
            let read = match source {
                Some(source) => source.read(piece, &pool),
                None => Err(SourceError::Closed),
            };
            reports.send(match read {
                Ok(bytes) => StoreInput::PieceRead {
                    transfer,
                    piece,
                    link,
                    bytes,
                },
                Err(error) => StoreInput::SourceFailed {
                    transfer,
                    reason: error.to_string(),
                },
            });
        });
    }

    fn open_sink(&mut self, transfer: TransferId, offer: Offer) {
        self.discard_sink(transfer);
        let destination = self.destinations.remove(&transfer).unwrap_or_default();
        let sink = Arc::new(Sink::default());
        let incoming = Incoming {
            manifest: offer.manifest,
            sink: sink.clone(),
            pieces: BTreeMap::new(),
        };
        self.incoming.insert(transfer, incoming);
        let (reports, memory) = (self.reports.clone(), self.memory.clone());
        self.writing.push(move || {
            reports.send(match sink.open(transfer, &offer, &destination, &memory) {
                Ok(()) => StoreInput::SinkOpened {
                    transfer,
                    have: Vec::new(),
                    hashes: None,
                },
                Err(error) => failed(transfer, &error),
            });
        });
    }

    fn write_block(&mut self, transfer: TransferId, piece: u32, offset: u32, bytes: &Bytes) {
        let Some(incoming) = self.incoming.get_mut(&transfer) else {
            return;
        };
        let start = offset as usize;
        let end = start.saturating_add(bytes.len());
        if end > incoming.manifest.piece_len(piece) {
            // Without these bytes the piece does not hash to what is expected.
            return;
        }
        let pool = &self.pool;
        let buffer = incoming.pieces.entry(piece).or_insert_with(|| pool.take());
        buffer[start..end].copy_from_slice(bytes);
    }

    fn finish_piece(&mut self, transfer: TransferId, piece: u32, expected: Hash) {
        let Some(incoming) = self.incoming.get_mut(&transfer) else {
            return;
        };
        let Some(mut buffer) = incoming.pieces.remove(&piece) else {
            return;
        };
        buffer.truncate(incoming.manifest.piece_len(piece));
        let manifest = incoming.manifest;
        let (reports, sink) = (self.reports.clone(), incoming.sink.clone());
        self.writing.push(move || {
            if !manifest.verify_piece(piece, &expected, &buffer) {
                return reports.send(StoreInput::PieceCorrupt { transfer, piece });
            }
            match sink.write(piece, &buffer) {
                Ok(true) => reports.send(StoreInput::PieceStored { transfer, piece }),
                // Discarded meanwhile.
                Ok(false) => {}
                Err(error) => reports.send(failed(transfer, &error)),
            }
        });
    }

    fn finish_sink(&mut self, transfer: TransferId) {
        let Some(incoming) = self.incoming.get(&transfer) else {
            return;
        };
        let (reports, sink) = (self.reports.clone(), incoming.sink.clone());
        self.finishing.push(move || match sink.finish(transfer) {
            Ok(Some(place)) => reports.send(StoreInput::SinkFinished {
                transfer,
                place: match place {
                    Place::Memory => None,
                    Place::Path(path) => Some(path.display().to_string()),
                },
            }),
            // Discarded meanwhile.
            Ok(None) => {}
            Err(error) => reports.send(failed(transfer, &error)),
        });
    }

    /// Removes what is there of a file; nothing once it is in its place.
    fn discard_sink(&mut self, transfer: TransferId) {
        if let Some(incoming) = self.incoming.remove(&transfer) {
            // After the opening that may still wait in the lane.
            self.writing.push(move || incoming.sink.discard());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Here rather than in a lane, whose threads may not get to it any more.
        for incoming in self.incoming.values() {
            incoming.sink.discard();
        }
    }
}

impl Reports {
    /// Waits for room. When the store is gone the report is of no use.
    fn send(&self, report: StoreInput) {
        drop(self.0.blocking_send(report));
    }
}

fn failed(transfer: TransferId, error: &sink::SinkError) -> StoreInput {
    StoreInput::SinkFailed {
        transfer,
        reason: error.to_string(),
    }
}
