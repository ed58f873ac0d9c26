//! A member's simulated files, in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use snug_protocol::{Hash, Listing, Manifest, TransferId, limits::PIECE_BYTES};

use crate::{Selection, StoreInput, StoreOutput};

/// Files offered and received.
#[derive(Debug, Default)]
pub struct Store {
    sources: BTreeMap<TransferId, Vec<u8>>,
    sinks: BTreeMap<TransferId, Sink>,
    disk: Disk,
    reads: BTreeMap<(TransferId, u32), usize>,
    fetches: BTreeMap<(TransferId, u32), usize>,
    lies: bool,
    mute: bool,
    full: bool,
}

/// What outlives a process.
#[derive(Debug, Default)]
pub(super) struct Disk {
    unfinished: BTreeMap<TransferId, Sink>,
    received: BTreeMap<TransferId, Sink>,
    /// How often each piece was found good.
    stored: BTreeMap<(TransferId, u32), usize>,
}

#[derive(Debug)]
struct Sink {
    manifest: Manifest,
    bytes: Vec<u8>,
    have: BTreeSet<u32>,
    hashes: Option<Arc<[Hash]>>,
    /// Where the files are that are not wanted.
    unwanted: Vec<Range<usize>>,
}

impl Store {
    /// Sends other bytes than were offered from now on.
    pub fn lie(&mut self) {
        self.lies = true;
    }

    /// Reads nothing any more: requests stay without an answer.
    pub fn fall_silent(&mut self) {
        self.mute = true;
    }

    /// Has no room from now on.
    pub fn fill_up(&mut self) {
        self.full = true;
    }

    /// Has room again.
    pub fn make_room(&mut self) {
        self.full = false;
    }

    /// An offered file vanishes.
    pub fn lose_source(&mut self, transfer: TransferId) {
        self.sources.remove(&transfer);
    }

    /// What arrived whole; of files that were not wanted, zeros.
    pub fn received(&self, transfer: TransferId) -> Option<&[u8]> {
        let sink = self.disk.received.get(&transfer)?;
        Some(&sink.bytes)
    }

    /// The pieces that are here, of something that may not be whole.
    pub fn pieces(&self, transfer: TransferId) -> BTreeSet<u32> {
        let kept = || self.disk.unfinished.get(&transfer);
        let sink = self.sinks.get(&transfer).or_else(kept);
        let sink = sink.or_else(|| self.disk.received.get(&transfer));
        sink.map(|sink| sink.have.clone()).unwrap_or_default()
    }

    /// Files that are open and not whole.
    pub fn unfinished(&self) -> usize {
        self.sinks.len()
    }

    /// Files that are not whole, and kept for another try.
    pub fn kept(&self) -> usize {
        self.disk.unfinished.len()
    }

    /// How often a piece was read for somebody.
    pub fn reads(&self, transfer: TransferId, piece: u32) -> usize {
        let reads = self.reads.get(&(transfer, piece));
        reads.copied().unwrap_or_default()
    }

    /// Whether it gives something else than was offered.
    pub fn lies(&self) -> bool {
        self.lies
    }

    /// How often a piece was found good and kept, over all lives of this disk.
    pub fn stored(&self, transfer: TransferId, piece: u32) -> usize {
        let stored = self.disk.stored.get(&(transfer, piece));
        stored.copied().unwrap_or_default()
    }

    /// How often a piece arrived, good or bad.
    pub fn fetches(&self, transfer: TransferId, piece: u32) -> usize {
        let fetches = self.fetches.get(&(transfer, piece));
        fetches.copied().unwrap_or_default()
    }

    pub(super) fn add_source(&mut self, transfer: TransferId, bytes: Vec<u8>) {
        self.sources.insert(transfer, bytes);
    }

    /// What a process that was killed leaves behind.
    pub(super) fn take_disk(&mut self) -> Disk {
        for (transfer, sink) in std::mem::take(&mut self.sinks) {
            self.disk.unfinished.insert(transfer, sink.found_again());
        }
        std::mem::take(&mut self.disk)
    }

    pub(super) fn set_disk(&mut self, disk: Disk) {
        self.disk = disk;
    }

    pub(super) fn handle(&mut self, output: StoreOutput) -> Option<StoreInput> {
        match output {
            StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            } => {
                if self.mute {
                    return None;
                }
                *self.reads.entry((transfer, piece)).or_default() += 1;
                let Some(bytes) = self.read(transfer, piece) else {
                    let reason = "no such file".into();
                    return Some(StoreInput::SourceFailed { transfer, reason });
                };
                Some(StoreInput::PieceRead {
                    transfer,
                    piece,
                    link,
                    bytes,
                })
            }
            StoreOutput::CloseSource { transfer } => {
                self.sources.remove(&transfer);
                None
            }
            StoreOutput::OpenSink { transfer, .. } if self.full => {
                let reason = "no space left".into();
                Some(StoreInput::SinkFailed { transfer, reason })
            }
            StoreOutput::OpenSink {
                transfer,
                offer,
                listing,
                selection,
            } => {
                let before = self.disk.unfinished.remove(&transfer);
                let mut sink = before.unwrap_or_else(|| Sink::new(offer.manifest));
                sink.unwanted = unwanted(&listing, &selection);
                let have = sink.have.iter().copied().collect();
                let hashes = sink.hashes.clone();
                self.sinks.insert(transfer, sink);
                Some(StoreInput::SinkOpened {
                    transfer,
                    have,
                    hashes,
                })
            }
            StoreOutput::KeepHashes { transfer, hashes } => {
                let sink = self.sinks.get_mut(&transfer).expect("a sink was opened");
                sink.hashes = Some(hashes);
                None
            }
            StoreOutput::WriteBlock {
                transfer,
                piece,
                offset,
                bytes,
            } => {
                let sink = self.sinks.get_mut(&transfer).expect("a sink was opened");
                let start = piece as usize * PIECE_BYTES + offset as usize;
                sink.bytes[start..start + bytes.len()].copy_from_slice(&bytes);
                None
            }
            StoreOutput::FinishPiece {
                transfer, piece, ..
            } if self.full => {
                let reason = format!("no space left for piece {piece}");
                Some(StoreInput::SinkFailed { transfer, reason })
            }
            StoreOutput::FinishPiece {
                transfer,
                piece,
                expected,
            } => {
                *self.fetches.entry((transfer, piece)).or_default() += 1;
                let sink = self.sinks.get_mut(&transfer).expect("a sink was opened");
                let good = sink
                    .manifest
                    .verify_piece(piece, &expected, sink.piece(piece)?);
                if !good {
                    return Some(StoreInput::PieceCorrupt { transfer, piece });
                }
                sink.have.insert(piece);
                *self.disk.stored.entry((transfer, piece)).or_default() += 1;
                Some(StoreInput::PieceStored { transfer, piece })
            }
            StoreOutput::DiscardPiece { .. } => None,
            StoreOutput::FinishSink { transfer } => {
                let mut sink = self.sinks.remove(&transfer).expect("a sink was opened");
                for bytes in &sink.unwanted {
                    sink.bytes[bytes.clone()].fill(0);
                }
                self.disk.received.insert(transfer, sink);
                Some(StoreInput::SinkFinished {
                    transfer,
                    place: None,
                })
            }
            StoreOutput::SuspendSink { transfer } => {
                if let Some(sink) = self.sinks.remove(&transfer) {
                    self.disk.unfinished.insert(transfer, sink.found_again());
                }
                None
            }
            StoreOutput::DiscardSink { transfer } => {
                self.sinks.remove(&transfer);
                None
            }
        }
    }

    fn read(&self, transfer: TransferId, piece: u32) -> Option<Bytes> {
        let bytes = if let Some(bytes) = self.sources.get(&transfer) {
            slice(bytes, piece)?
        } else {
            let arriving = self.sinks.get(&transfer);
            let arriving = arriving.filter(|sink| sink.keeps(piece));
            let sink = arriving.or_else(|| self.disk.received.get(&transfer))?;
            assert!(sink.keeps(piece), "asked for what is not here");
            sink.piece(piece)?
        };
        let mut bytes = bytes.to_vec();
        if self.lies {
            bytes[0] ^= 1;
        }
        Some(bytes.into())
    }
}

impl Sink {
    fn new(manifest: Manifest) -> Self {
        let size = usize::try_from(manifest.size()).expect("tests use small files");
        Self {
            manifest,
            bytes: vec![0; size],
            have: BTreeSet::new(),
            hashes: None,
            unwanted: Vec::new(),
        }
    }

    /// What of it another try finds. Of a piece that was wanted in part there is not enough to tell
    /// what it should hash to.
    fn found_again(mut self) -> Self {
        let unwanted = std::mem::take(&mut self.unwanted);
        self.have.retain(|piece| !touches(&unwanted, *piece));
        self
    }

    /// Whether a piece is here from its beginning to its end.
    fn keeps(&self, piece: u32) -> bool {
        self.have.contains(&piece) && !touches(&self.unwanted, piece)
    }

    fn piece(&self, piece: u32) -> Option<&[u8]> {
        slice(&self.bytes, piece)
    }
}

fn slice(bytes: &[u8], piece: u32) -> Option<&[u8]> {
    let start = piece as usize * PIECE_BYTES;
    bytes.get(start..bytes.len().min(start + PIECE_BYTES))
}

fn touches(ranges: &[Range<usize>], piece: u32) -> bool {
    let start = piece as usize * PIECE_BYTES;
    let mut ranges = ranges.iter();
    ranges.any(|range| range.start < start + PIECE_BYTES && start < range.end)
}

fn unwanted(listing: &Listing, selection: &Selection) -> Vec<Range<usize>> {
    let items = (0..listing.items().len()).filter(|item| !selection.contains(*item));
    let spans = items.map(|item| listing.span(item));
    let spans = spans.map(|span| {
        let at = |byte| usize::try_from(byte).expect("tests use small files");
        at(span.start)..at(span.end)
    });
    spans.filter(|span| !span.is_empty()).collect()
}
