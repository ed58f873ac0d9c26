//! A transfer on its way in, as the driver sees it.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use snug_protocol::{Listing, Manifest, limits::PIECE_BYTES};
use snug_session::Selection;

use super::{pool::Buffer, reads, shape, sink::Sink};

/// A transfer on its way in, or received and still served.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Tells its reports from those of an earlier try.
    pub(super) run: u64,
    pub(super) manifest: Manifest,
    pub(super) sink: Arc<Sink>,
    /// Pieces that are not complete.
    pub(super) pieces: BTreeMap<u32, Buffer>,
    pub(super) stage: Stage,
    pub(super) listing: Arc<Listing>,
    pub(super) selection: Selection,
    /// For each piece, whether it is stored.
    pub(super) stored: Vec<bool>,
}

/// How far it has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Opening,
    Open,
    Finished,
}

/// Counts pieces that wait for a disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Backlog(Arc<AtomicUsize>);

/// A piece that waits; until it is dropped.
#[derive(Debug)]
pub(super) struct InBacklog(Arc<AtomicUsize>);

impl Incoming {
    /// Whether all of these bytes are wanted.
    pub(super) fn is_wanted(&self, bytes: Range<u64>) -> bool {
        shape::items(&self.listing, bytes).all(|item| self.selection.contains(item))
    }

    /// Whether all of these bytes are stored.
    pub(super) fn has(&self, bytes: &Range<u64>) -> bool {
        let stored = |piece| self.stored.get(piece as usize) == Some(&true);
        self.stage != Stage::Opening && reads::pieces(bytes).all(stored)
    }

    /// Whether all that is wanted is stored.
    pub(super) fn is_complete(&self) -> bool {
        let missing = (0_u64..).zip(&self.stored).filter(|(_, stored)| !**stored);
        missing.map(|(piece, _)| piece).all(|piece| {
            let start = piece * PIECE_BYTES as u64;
            let bytes = start..self.manifest.size().min(start + PIECE_BYTES as u64);
            !shape::items(&self.listing, bytes).any(|item| self.selection.contains(item))
        })
    }

    pub(super) fn note_stored(&mut self, piece: u32) {
        if let Some(stored) = self.stored.get_mut(piece as usize) {
            *stored = true;
        }
    }
}

impl Backlog {
    pub(super) fn enter(&self) -> InBacklog {
        self.0.fetch_add(1, Ordering::Relaxed);
        InBacklog(self.0.clone())
    }

    pub(super) fn len(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for InBacklog {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
