//! A transfer on its way in.

use std::{ops::Range, sync::Arc};

use snug_protocol::{
    Hash, Item, Listing, Manifest, TransferId, limits::PIECE_BYTES, maps::BTreeMap,
};
use snug_session::{Selection, StoreInput, StoreOutput};

use super::{Step, piece_bytes, pieces_of, write};
use crate::{Output, Place};

/// A transfer on its way in, or received and still there.
#[derive(Debug)]
pub(super) struct Sink {
    /// Tells its reports from those of an earlier try.
    run: u32,
    manifest: Manifest,
    listing: Arc<Listing>,
    selection: Selection,
    stage: Stage,
    /// Pieces of which not all bytes have come.
    partial: BTreeMap<u32, Vec<u8>>,
    /// Pieces that are verified, with their hashes; stored or about to be.
    verified: BTreeMap<u32, Verified>,
    hashes: Option<Arc<[Hash]>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Open,
    /// An earlier try came to nothing, but what it brought is there.
    Suspended,
}

#[derive(Debug, Clone, Copy)]
struct Verified {
    hash: Hash,
    stored: bool,
}

impl Sink {
    pub(super) fn new(
        run: u32,
        manifest: Manifest,
        listing: Arc<Listing>,
        selection: Selection,
    ) -> Self {
        Self {
            run,
            manifest,
            listing,
            selection,
            stage: Stage::Opening,
            partial: BTreeMap::new(),
            verified: BTreeMap::new(),
            hashes: None,
        }
    }

    /// Makes room, or goes on with what an earlier try has kept.
    pub(super) fn open(mut self, transfer: TransferId, kept: Option<Self>) -> (Self, Step) {
        if let Some(mut kept) = kept.filter(|kept| kept.stage != Stage::Opening) {
            kept.verified.retain(|_, piece| piece.stored);
            (self.verified, self.hashes) = (kept.verified, kept.hashes);
            let opened = self.on_opened(transfer);
            return (self, Step::Tell(opened));
        }
        let open = Output::OpenSink {
            transfer: transfer.to_string(),
            run: self.run,
            size: self.manifest.size(),
            wanted: self.wanted().map(|(_, item)| item.size()).sum(),
        };
        (self, Step::Do(open))
    }

    pub(super) fn execute(&mut self, transfer: TransferId, output: StoreOutput) -> Step {
        match output {
            StoreOutput::KeepHashes { hashes, .. } => self.hashes = Some(hashes),
            StoreOutput::WriteBlock {
                piece,
                offset,
                bytes,
                ..
            } => self.write_block(piece, offset as usize, &bytes),
            StoreOutput::FinishPiece {
                piece, expected, ..
            } => return self.finish_piece(transfer, piece, expected),
            StoreOutput::DiscardPiece { piece, .. } => drop(self.partial.remove(&piece)),
            StoreOutput::FinishSink { .. } => return self.finish(transfer),
            StoreOutput::SuspendSink { .. } => self.suspend(),
            StoreOutput::ReadPiece { .. }
            | StoreOutput::CloseSource { .. }
            | StoreOutput::OpenSink { .. }
            | StoreOutput::DiscardSink { .. } => {}
        }
        Step::Nothing
    }

    pub(super) fn on_opened(&mut self, transfer: TransferId) -> StoreInput {
        self.stage = Stage::Open;
        let mut have: Vec<u32> = self.verified.keys().copied().collect();
        have.sort_unstable();
        StoreInput::SinkOpened {
            transfer,
            have,
            hashes: self.hashes.clone(),
        }
    }

    /// Notes that a piece is stored; `false` if nobody wanted it to be.
    pub(super) fn on_stored(&mut self, piece: u32) -> bool {
        let verified = self.verified.get_mut(&piece);
        verified.is_some_and(|piece| !std::mem::replace(&mut piece.stored, true))
    }

    pub(super) fn is_run(&self, run: u32) -> bool {
        self.run == run
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn has_piece(&self, piece: u32) -> bool {
        self.verified.get(&piece).is_some_and(|piece| piece.stored)
    }

    /// Whether all of these bytes are stored.
    pub(super) fn has(&self, bytes: &Range<u64>) -> bool {
        pieces_of(bytes).all(|piece| self.has_piece(piece))
    }

    /// Whether all of these bytes are to be stored.
    pub(super) fn wants(&self, bytes: &Range<u64>) -> bool {
        let mut items = self.listing.within(bytes.clone());
        items.all(|item| self.selection.contains(item) || self.listing.span(item).is_empty())
    }

    pub(super) fn verifies(&self, piece: u32, bytes: &[u8]) -> bool {
        let verified = self.verified.get(&piece);
        verified.is_some_and(|it| self.manifest.verify_piece(piece, &it.hash, bytes))
    }

    fn write_block(&mut self, piece: u32, offset: usize, bytes: &[u8]) {
        let len = self.manifest.piece_len(piece);
        let end = offset.saturating_add(bytes.len());
        // Without these bytes the piece does not hash to what is expected.
        if piece < self.manifest.pieces() && end <= len && self.stage == Stage::Open {
            let buffer = self.partial.entry(piece);
            let buffer = buffer.or_insert_with(|| vec![0; len]);
            buffer[offset..end].copy_from_slice(bytes);
        }
    }

    fn finish_piece(&mut self, transfer: TransferId, piece: u32, expected: Hash) -> Step {
        let Some(bytes) = self.partial.remove(&piece) else {
            return Step::Nothing;
        };
        if !self.manifest.verify_piece(piece, &expected, &bytes) {
            return Step::Tell(StoreInput::PieceCorrupt { transfer, piece });
        }
        let (hash, stored) = (expected, false);
        self.verified.insert(piece, Verified { hash, stored });
        let start = piece_bytes(&self.manifest, piece).start;
        write(transfer, self.run, piece, start, bytes.into())
    }

    fn finish(&self, transfer: TransferId) -> Step {
        if !self.is_complete() {
            let reason = "not all of it has arrived".into();
            return Step::Tell(StoreInput::SinkFailed { transfer, reason });
        }
        let files = self.wanted().filter(|(_, item)| item.is_file());
        let files = files.map(|(at, item)| Place {
            item: u32::try_from(at).expect("a listing is within the limits"),
            path: item.path.to_string(),
            start: self.listing.span(at).start,
            size: item.size(),
        });
        Step::Do(Output::FinishSink {
            transfer: transfer.to_string(),
            run: self.run,
            files: files.collect(),
        })
    }

    fn suspend(&mut self) {
        self.partial.clear();
        if self.stage == Stage::Open {
            self.stage = Stage::Suspended;
        }
    }

    /// Whether all that is wanted is stored.
    fn is_complete(&self) -> bool {
        self.wanted()
            .all(|(at, _)| self.has(&self.listing.span(at)))
    }

    fn wanted(&self) -> impl Iterator<Item = (usize, &Item)> {
        let items = self.listing.items().iter().enumerate();
        items.filter(|(at, _)| self.selection.contains(*at))
    }
}

// A piece is held in memory until it is verified, and a browser's memory has 32-bit addresses.
const _: () = assert!(PIECE_BYTES <= u32::MAX as usize);
