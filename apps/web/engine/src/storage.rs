//! What is read and written: which pieces, whether they are right, where their bytes are.
//!
//! A transfer is one long run of bytes, in which its files follow each other, and the page keeps
//! it so: reading and writing is always about a range of it.

mod reads;
mod sink;

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use snug_protocol::{
    Hash, Manifest, TransferId,
    limits::PIECE_BYTES,
    maps::{BTreeMap, BTreeSet},
};
use snug_session::{LinkId, StoreInput, StoreOutput};

use self::{reads::Reads, sink::Sink};
use crate::{Output, ReadFrom, View};

/// What is offered here and what arrives.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    sources: BTreeMap<TransferId, Source>,
    sinks: BTreeMap<TransferId, Sink>,
    /// What a person wants and the session has not begun to store.
    expected: BTreeSet<TransferId>,
    reads: Reads,
    runs: u32,
}

/// Files on offer.
#[derive(Debug)]
struct Source {
    manifest: Manifest,
    hashes: Arc<[Hash]>,
}

/// What comes of a wish of the session.
#[derive(Debug)]
pub(crate) enum Step {
    /// Something for the page to do.
    Do(Output),
    /// A piece for the page to write. The bytes have to stay until it has.
    Write(Output, Bytes),
    /// Something that the session hears at once.
    Tell(StoreInput),
    /// Nothing.
    Nothing,
}

impl Storage {
    /// Has files ready to be read.
    pub(crate) fn add_source(
        &mut self,
        transfer: TransferId,
        manifest: Manifest,
        hashes: Arc<[Hash]>,
    ) {
        self.sources.insert(transfer, Source { manifest, hashes });
    }

    pub(crate) fn remove_source(&mut self, transfer: TransferId) {
        self.sources.remove(&transfer);
    }

    pub(crate) fn has_source(&self, transfer: TransferId) -> bool {
        self.sources.contains_key(&transfer)
    }

    /// Notes that something is going to arrive, so that reads may wait for it.
    pub(crate) fn expect(&mut self, transfer: TransferId) {
        self.expected.insert(transfer);
    }

    /// Notes that something does not arrive after all. Gives the reads that waited for it.
    pub(crate) fn forget(&mut self, transfer: TransferId) -> Vec<Output> {
        self.expected.remove(&transfer);
        self.reads.refuse(transfer, "the transfer has ended")
    }

    /// Does what the session wants.
    pub(crate) fn execute(&mut self, output: StoreOutput) -> Step {
        match output {
            StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            } => self.read_piece(transfer, piece, link),
            StoreOutput::CloseSource { transfer } => match self.sources.remove(&transfer) {
                Some(_) => Step::Do(Output::CloseSource {
                    transfer: transfer.to_string(),
                }),
                None => Step::Nothing,
            },
            StoreOutput::OpenSink {
                transfer,
                offer,
                listing,
                selection,
            } => {
                self.runs += 1;
                let kept = self.sinks.remove(&transfer);
                let sink = Sink::new(self.runs, offer.manifest, listing, selection);
                let (sink, step) = sink.open(transfer, kept);
                self.sinks.insert(transfer, sink);
                step
            }
            StoreOutput::DiscardSink { transfer } => match self.sinks.remove(&transfer) {
                Some(_) => Step::Do(Output::DropSink {
                    transfer: transfer.to_string(),
                }),
                None => Step::Nothing,
            },
            output => self.in_sink(output),
        }
    }

    fn in_sink(&mut self, output: StoreOutput) -> Step {
        let (StoreOutput::KeepHashes { transfer, .. }
        | StoreOutput::WriteBlock { transfer, .. }
        | StoreOutput::FinishPiece { transfer, .. }
        | StoreOutput::DiscardPiece { transfer, .. }
        | StoreOutput::FinishSink { transfer }
        | StoreOutput::SuspendSink { transfer }) = output
        else {
            return Step::Nothing;
        };
        match self.sinks.get_mut(&transfer) {
            Some(sink) => sink.execute(transfer, output),
            None => Step::Nothing,
        }
    }

    /// Checks a piece that the page has read.
    pub(crate) fn on_piece_read(
        &mut self,
        transfer: TransferId,
        piece: u32,
        link: LinkId,
        bytes: Bytes,
    ) -> StoreInput {
        if self.is_right(transfer, piece, &bytes) {
            return StoreInput::PieceRead {
                transfer,
                piece,
                link,
                bytes,
            };
        }
        let reason = "it is no longer what was offered".into();
        StoreInput::SourceFailed { transfer, reason }
    }

    /// A sink's report, if it is about the try that counts.
    pub(crate) fn on_opened(&mut self, transfer: TransferId, run: u32) -> Option<StoreInput> {
        let sink = self.sinks.get_mut(&transfer)?;
        sink.is_run(run).then(|| sink.on_opened(transfer))
    }

    /// As above. Gives reads that can go on, too.
    pub(crate) fn on_stored(
        &mut self,
        transfer: TransferId,
        run: u32,
        piece: u32,
    ) -> Option<(StoreInput, Vec<Output>)> {
        let sink = self.sinks.get_mut(&transfer)?;
        if !sink.is_run(run) || !sink.on_stored(piece) {
            return None;
        }
        let ready = self.reads.take_ready(transfer, |bytes| sink.has(bytes));
        Some((StoreInput::PieceStored { transfer, piece }, ready))
    }

    /// As above.
    pub(crate) fn on_finished(&mut self, transfer: TransferId, run: u32) -> Option<StoreInput> {
        let sink = self.sinks.get(&transfer)?;
        let place = None;
        sink.is_run(run)
            .then_some(StoreInput::SinkFinished { transfer, place })
    }

    /// As above.
    pub(crate) fn on_failed(
        &mut self,
        transfer: TransferId,
        run: u32,
        reason: &str,
    ) -> Option<(StoreInput, Vec<Output>)> {
        self.sinks.get(&transfer).filter(|sink| sink.is_run(run))?;
        self.sinks.remove(&transfer);
        let mut outputs = self.reads.refuse(transfer, reason);
        outputs.push(Output::DropSink {
            transfer: transfer.to_string(),
        });
        let reason = reason.to_owned();
        Some((StoreInput::SinkFailed { transfer, reason }, outputs))
    }

    /// Reads some bytes, now or when they have arrived. Gives those that are missing, which are
    /// wanted before all others.
    pub(crate) fn read(
        &mut self,
        id: u32,
        transfer: TransferId,
        bytes: Range<u64>,
    ) -> (Option<Output>, Option<Range<u64>>) {
        let bytes = reads::bounded(&bytes);
        match self.find(transfer, &bytes) {
            Found::Here(from) => (Some(reads::ready(id, from, transfer, &bytes)), None),
            Found::Nowhere(why) => (Some(reads::refused(id, why)), None),
            Found::OnItsWay => match self.reads.wait(id, transfer, bytes.clone()) {
                Ok(()) => (None, Some(bytes)),
                Err(why) => (Some(reads::refused(id, why)), None),
            },
        }
    }

    /// Nobody waits for these bytes any more.
    pub(crate) fn forget_read(&mut self, id: u32) {
        self.reads.forget(id);
    }

    fn find(&self, transfer: TransferId, bytes: &Range<u64>) -> Found {
        let past_the_end = Found::Nowhere("past the end");
        if let Some(source) = self.sources.get(&transfer) {
            let fits = bytes.end <= source.manifest.size();
            return if fits {
                Found::Here(ReadFrom::Source)
            } else {
                past_the_end
            };
        }
        let Some(sink) = self.sinks.get(&transfer) else {
            let is_expected = self.expected.contains(&transfer);
            return if is_expected {
                Found::OnItsWay
            } else {
                Found::Nowhere("no such transfer")
            };
        };
        if bytes.end > sink.manifest().size() {
            return past_the_end;
        }
        if sink.has(bytes) {
            return Found::Here(ReadFrom::Sink);
        }
        if sink.wants(bytes) {
            Found::OnItsWay
        } else {
            Found::Nowhere("not accepted")
        }
    }

    fn read_piece(&self, transfer: TransferId, piece: u32, link: LinkId) -> Step {
        let sink = || {
            let sink = self
                .sinks
                .get(&transfer)
                .filter(|sink| sink.has_piece(piece))?;
            Some((ReadFrom::Sink, *sink.manifest()))
        };
        let source = self.sources.get(&transfer);
        let source = source.map(|source| (ReadFrom::Source, source.manifest));
        let Some((from, manifest)) = source.or_else(sink) else {
            let reason = "it is not there any more".into();
            return Step::Tell(StoreInput::SourceFailed { transfer, reason });
        };
        let bytes = piece_bytes(&manifest, piece);
        Step::Do(Output::ReadPiece {
            from,
            transfer: transfer.to_string(),
            piece,
            link: link.0,
            start: bytes.start,
            end: bytes.end,
        })
    }

    fn is_right(&self, transfer: TransferId, piece: u32, bytes: &[u8]) -> bool {
        let source = self.sources.get(&transfer);
        if let Some(Source { manifest, hashes }) = source {
            let hash = hashes.get(piece as usize);
            return hash.is_some_and(|hash| manifest.verify_piece(piece, hash, bytes));
        }
        let sink = self.sinks.get(&transfer);
        sink.is_some_and(|sink| sink.verifies(piece, bytes))
    }
}

/// Where bytes are.
#[derive(Debug)]
enum Found {
    Here(ReadFrom),
    OnItsWay,
    Nowhere(&'static str),
}

/// Which bytes of all are a piece's.
fn piece_bytes(manifest: &Manifest, piece: u32) -> Range<u64> {
    let start = u64::from(piece) * PIECE_BYTES as u64;
    start..start + manifest.piece_len(piece) as u64
}

/// The pieces that have bytes of a range.
fn pieces_of(bytes: &Range<u64>) -> Range<u32> {
    let piece = |at: u64| u32::try_from(at / PIECE_BYTES as u64).unwrap_or(u32::MAX);
    if bytes.is_empty() {
        return 0..0;
    }
    piece(bytes.start)..piece(bytes.end - 1).saturating_add(1)
}

/// Something to write, and where its bytes are.
fn write(transfer: TransferId, run: u32, piece: u32, start: u64, bytes: Bytes) -> Step {
    let output = Output::WritePiece {
        transfer: transfer.to_string(),
        run,
        piece,
        start,
        bytes: View::of(&bytes),
    };
    Step::Write(output, bytes)
}

#[cfg(test)]
mod tests;
