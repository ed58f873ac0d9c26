//! Where bytes come from and where they land.
//!
//! The driver tells a [`Store`] what the session wants, which never waits, and takes its reports.
//! Disks and hashes are the business of `Lane`s, each a queue that one blocking thread works off
//! while there is something in it: one for every transfer that comes in, so that a long check or
//! an `fsync` of one holds up no other, one for what is served and one for what is played.

mod descriptors;
mod directory;
mod folder;
mod hashing;
mod incoming;
mod journal;
mod lane;
mod media_type;
mod memory;
mod part;
mod pool;
mod reads;
mod receiving;
mod shape;
mod sink;
mod source;
mod uncached;
mod walk;

use std::{collections::HashMap, ops::Range, path::PathBuf, sync::Arc};

use snug_protocol::{TransferId, limits::PIECE_BYTES};
use snug_session::{LinkId, StoreInput, StoreOutput};
use tokio::sync::{mpsc, oneshot};

pub(crate) use self::reads::Answer;
pub use self::{
    hashing::Hashing,
    memory::Memory,
    reads::ReadError,
    source::{Source, SourceError},
};
use self::{
    incoming::{Backlog, Incoming, Stage},
    lane::Lane,
    pool::Pool,
    reads::{Readable, Reads},
    sink::Sink,
};
use crate::limits::{PIECES_TO_WRITE, SPARE_PIECES, STORE_REPORTS};

/// Where what is received goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Destination {
    /// Into memory, to be taken from there.
    #[default]
    Memory,
    /// Into a folder that exists, under names that are free.
    Folder(PathBuf),
}

/// The files that a session reads and writes.
///
/// Belongs on a Tokio runtime. Dropping it keeps what has arrived for a later try.
#[derive(Debug)]
pub struct Store {
    sources: HashMap<TransferId, Arc<Source>>,
    destinations: HashMap<TransferId, Destination>,
    incoming: HashMap<TransferId, Incoming>,
    /// Of what comes in; also of what does not any more, until all is done.
    lanes: HashMap<TransferId, Lane>,
    serving: Lane,
    playing: Lane,
    memory: Memory,
    pool: Pool,
    backlog: Backlog,
    reads: Reads,
    runs: u64,
    reports: mpsc::Sender<Report>,
    inbox: mpsc::Receiver<Report>,
}

/// What a lane tells the driver.
#[derive(Debug)]
struct Report {
    /// Of which try to receive, if of one at all.
    run: Option<u64>,
    input: StoreInput,
}

/// A lane's way to the driver.
#[derive(Debug, Clone)]
struct Reports {
    run: Option<u64>,
    sender: mpsc::Sender<Report>,
}

impl Store {
    /// Makes a store without any files.
    pub fn new(memory: Memory) -> Self {
        let (reports, inbox) = mpsc::channel(STORE_REPORTS);
        Self {
            sources: HashMap::new(),
            destinations: HashMap::new(),
            incoming: HashMap::new(),
            lanes: HashMap::new(),
            serving: Lane::default(),
            playing: Lane::default(),
            memory,
            pool: Pool::new(PIECE_BYTES, SPARE_PIECES),
            backlog: Backlog::default(),
            reads: Reads::default(),
            runs: 0,
            reports,
            inbox,
        }
    }

    /// Has something ready to be read. Gives what was there in its place.
    pub fn add_source(&mut self, transfer: TransferId, source: Source) -> Option<Arc<Source>> {
        self.sources.insert(transfer, Arc::new(source))
    }

    /// Puts back what was there.
    pub fn restore_source(&mut self, transfer: TransferId, source: Option<Arc<Source>>) {
        match source {
            Some(source) => self.sources.insert(transfer, source),
            None => self.sources.remove(&transfer),
        };
    }

    /// Says where a transfer goes when it comes; into memory if nothing is said.
    pub fn set_destination(&mut self, transfer: TransferId, destination: Destination) {
        self.destinations.insert(transfer, destination);
    }

    /// Says that a transfer does not come after all.
    pub fn forget(&mut self, transfer: TransferId) {
        if !self.incoming.contains_key(&transfer) {
            self.destinations.remove(&transfer);
            self.reads.fail(transfer, &ReadError::Ended);
        }
    }

    /// Does what the session wants. Returns at once.
    pub fn execute(&mut self, output: StoreOutput) {
        match output {
            StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            } => self.read_piece(transfer, piece, link),
            StoreOutput::CloseSource { transfer } => self.close_source(transfer),
            StoreOutput::OpenSink {
                transfer,
                offer,
                listing,
                selection,
            } => self.open_sink(transfer, offer, listing, selection),
            StoreOutput::KeepHashes { transfer, hashes } => self.keep_hashes(transfer, hashes),
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
            StoreOutput::SuspendSink { transfer } => {
                self.end_sink(transfer, &ReadError::Ended, Sink::suspend);
            }
            StoreOutput::DiscardSink { transfer } => {
                self.destinations.remove(&transfer);
                self.end_sink(transfer, &ReadError::Ended, Sink::discard);
            }
        }
    }

    /// Reads some bytes, now or when they have arrived. Gives those that are missing, which are
    /// wanted before all others.
    pub(crate) fn read(
        &mut self,
        transfer: TransferId,
        bytes: &Range<u64>,
        answer: Answer,
    ) -> Option<Range<u64>> {
        let bytes = reads::bounded(bytes);
        match self.find(transfer, &bytes) {
            Ok(Some(readable)) => {
                self.play(readable, bytes, answer);
                None
            }
            Ok(None) => {
                let waits = self.reads.wait(transfer, bytes.clone(), answer);
                waits.then_some(bytes)
            }
            Err(error) => {
                _ = answer.send(Err(error));
                None
            }
        }
    }

    /// Waits for the next report.
    pub async fn next(&mut self) -> StoreInput {
        loop {
            let report = self.inbox.recv().await;
            let Report { run, input } = report.expect("the store itself can report");
            if self.on_report(run, &input) {
                return input;
            }
        }
    }

    /// Whether pieces come faster than they can be written.
    pub fn is_congested(&self) -> bool {
        self.backlog.len() >= PIECES_TO_WRITE
    }

    /// Keeps what is not complete for a later try and waits until every file is closed.
    pub async fn close(mut self) {
        // Nobody takes reports any more, so no lane waits for room.
        self.inbox.close();
        self.sources.clear();
        let transfers: Vec<_> = self.incoming.keys().copied().collect();
        for transfer in transfers {
            self.end_sink(transfer, &ReadError::Left, Sink::suspend);
        }
        let lanes = self.lanes.values();
        for lane in lanes.chain([&self.serving, &self.playing]) {
            let (done, idle) = oneshot::channel();
            lane.push(move || _ = done.send(()));
            drop(idle.await);
        }
    }

    /// Takes note of a report; `false` if it is about a try that has ended.
    fn on_report(&mut self, run: Option<u64>, input: &StoreInput) -> bool {
        let (StoreInput::PieceRead { transfer, .. }
        | StoreInput::SourceFailed { transfer, .. }
        | StoreInput::SinkChecking { transfer, .. }
        | StoreInput::SinkOpened { transfer, .. }
        | StoreInput::SinkFailed { transfer, .. }
        | StoreInput::PieceStored { transfer, .. }
        | StoreInput::PieceCorrupt { transfer, .. }
        | StoreInput::SinkFinished { transfer, .. }) = *input;
        let Some(run) = run else {
            if matches!(input, StoreInput::SourceFailed { .. }) {
                self.remove_source(transfer);
            }
            return true;
        };
        let incoming = self.incoming.get_mut(&transfer);
        let Some(incoming) = incoming.filter(|incoming| incoming.run == run) else {
            return false;
        };
        match input {
            StoreInput::SinkOpened { have, .. } => {
                incoming.stage = Stage::Open;
                for piece in have {
                    incoming.note_stored(*piece);
                }
                self.play_what_is_there(transfer);
            }
            StoreInput::PieceStored { piece, .. } => {
                incoming.note_stored(*piece);
                self.play_what_is_there(transfer);
            }
            StoreInput::SinkFinished { .. } => incoming.stage = Stage::Finished,
            StoreInput::SinkFailed { reason, .. } => {
                let failed = ReadError::Failed(reason.clone());
                self.end_sink(transfer, &failed, Sink::suspend);
            }
            StoreInput::PieceRead { .. }
            | StoreInput::SourceFailed { .. }
            | StoreInput::SinkChecking { .. }
            | StoreInput::PieceCorrupt { .. } => {}
        }
        true
    }

    fn read_piece(&self, transfer: TransferId, piece: u32, link: LinkId) {
        let source = self.sources.get(&transfer).cloned().map(Readable::Source);
        let readable = source.or_else(|| {
            let incoming = self.incoming.get(&transfer)?;
            Some(Readable::Sink(incoming.sink.clone()))
        });
        let (reports, pool) = (self.reports(None), self.pool.clone());
        self.serving.push(move || {
            let read = readable.map_or_else(
                || Err(SourceError::Closed.to_string()),
                |readable| readable.piece(piece, &pool),
            );
            reports.send(match read {
                Ok(bytes) => StoreInput::PieceRead {
                    transfer,
                    piece,
                    link,
                    bytes,
                },
                Err(reason) => StoreInput::SourceFailed { transfer, reason },
            });
        });
    }

    fn remove_source(&mut self, transfer: TransferId) {
        if let Some(source) = self.sources.remove(&transfer) {
            // Closing files may take a while.
            self.serving.push(move || drop(source));
        }
    }

    fn close_source(&mut self, transfer: TransferId) {
        self.remove_source(transfer);
        let incoming = self.incoming.get(&transfer);
        if incoming.is_some_and(|incoming| incoming.stage == Stage::Finished) {
            self.incoming.remove(&transfer);
        }
    }

    /// Where these bytes can be read; `None` if they have not arrived.
    fn find(
        &self,
        transfer: TransferId,
        bytes: &Range<u64>,
    ) -> Result<Option<Readable>, ReadError> {
        let fits = |size| {
            let fits = bytes.end <= size;
            fits.then_some(()).ok_or(ReadError::PastTheEnd { size })
        };
        if let Some(source) = self.sources.get(&transfer) {
            fits(source.manifest().size())?;
            return Ok(Some(Readable::Source(source.clone())));
        }
        let Some(incoming) = self.incoming.get(&transfer) else {
            let is_expected = self.destinations.contains_key(&transfer);
            return is_expected.then_some(None).ok_or(ReadError::Unknown);
        };
        fits(incoming.manifest.size())?;
        if !incoming.is_wanted(bytes.clone()) {
            return Err(ReadError::NotAccepted);
        }
        let there = incoming.has(bytes);
        Ok(there.then(|| Readable::Sink(incoming.sink.clone())))
    }

    fn play_what_is_there(&mut self, transfer: TransferId) {
        for (bytes, answer) in self.reads.take(transfer) {
            // Those that still wait take their places again.
            self.read(transfer, &bytes, answer);
        }
    }

    fn play(&self, readable: Readable, bytes: Range<u64>, answer: Answer) {
        let pool = self.pool.clone();
        self.playing.push(move || {
            if !answer.is_closed() {
                _ = answer.send(readable.bytes(bytes, &pool));
            }
        });
    }

    fn lane(&mut self, transfer: TransferId) -> &Lane {
        self.lanes.entry(transfer).or_default()
    }

    fn reports(&self, run: Option<u64>) -> Reports {
        let sender = self.reports.clone();
        Reports { run, sender }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        for (transfer, incoming) in self.incoming.drain() {
            incoming.sink.abandon();
            incoming.sink.suspend();
            if let Some(lane) = self.lanes.get(&transfer) {
                // In case that it is just being opened.
                lane.end_with(move || incoming.sink.suspend());
            }
        }
    }
}

impl Reports {
    /// Waits for room. When the store is gone the report is of no use.
    fn send(&self, input: StoreInput) {
        let run = self.run;
        drop(self.sender.blocking_send(Report { run, input }));
    }
}
