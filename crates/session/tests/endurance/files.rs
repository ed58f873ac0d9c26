//! What is offered in a storm.

use std::{
    collections::BTreeSet,
    ops::{Range, RangeInclusive},
};

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{TransferId, limits::PIECE_BYTES};
use snug_session::{Selection, sim::Network};

/// What is offered: one file, or several under a listing.
pub(super) struct Files {
    files: Vec<(String, Vec<u8>)>,
    listed: bool,
}

impl Files {
    pub(super) fn random(rng: &mut ChaCha12Rng) -> Self {
        let listed = rng.random();
        let count = if listed { rng.random_range(1..5) } else { 1 };
        let sizes: RangeInclusive<usize> = 0..=8 * PIECE_BYTES / count;
        let files = (0..count).map(|number| {
            let mut bytes = vec![0; rng.random_range(sizes.clone())];
            rng.fill(&mut bytes[..]);
            (format!("folder/{number}"), bytes)
        });
        let files = files.collect();
        Self { files, listed }
    }

    pub(super) fn offer(&self, net: &mut Network, node: usize) -> TransferId {
        if !self.listed {
            return net.offer(node, "video.mp4", self.files[0].1.clone());
        }
        let files = self.files.iter();
        let files: Vec<_> = files
            .map(|(path, bytes)| (&**path, Some(bytes.clone())))
            .collect();
        net.offer_all(node, "folder", &files)
    }

    /// All of it, or some of several files.
    pub(super) fn selection(&self, rng: &mut ChaCha12Rng) -> Selection {
        if !self.listed || rng.random() {
            return Selection::All;
        }
        let some = (0..self.files.len()).filter(|_| rng.random());
        Selection::Items(some.collect())
    }

    pub(super) fn random_bytes(&self, rng: &mut ChaCha12Rng) -> Range<u64> {
        let start = rng.random_range(0..=self.len());
        start..rng.random_range(start..=self.len())
    }

    fn len(&self) -> u64 {
        let lens = self.files.iter().map(|(_, bytes)| bytes.len() as u64);
        lens.sum()
    }

    pub(super) fn piece_len(&self, piece: u32) -> u64 {
        let start = u64::from(piece) * PIECE_BYTES as u64;
        (self.len() - start).min(PIECE_BYTES as u64)
    }

    /// What a receiver keeps in the end: zeros where the files are that it did not want.
    pub(super) fn wanted(&self, selection: &Selection) -> Vec<u8> {
        let files = self.files.iter().zip(0..).map(|((_, bytes), item)| {
            let wanted = selection.contains(item);
            if wanted {
                bytes.clone()
            } else {
                vec![0; bytes.len()]
            }
        });
        files.flatten().collect()
    }

    /// The pieces with something in them that is wanted.
    pub(super) fn pieces(&self, selection: &Selection) -> BTreeSet<u32> {
        self.pieces_where(|item| selection.contains(item))
    }

    /// Those of them with something that is not.
    pub(super) fn partly(&self, selection: &Selection) -> BTreeSet<u32> {
        let unwanted = self.pieces_where(|item| !selection.contains(item));
        self.pieces(selection)
            .intersection(&unwanted)
            .copied()
            .collect()
    }

    fn pieces_where(&self, chosen: impl Fn(usize) -> bool) -> BTreeSet<u32> {
        let mut end = 0;
        let mut pieces = BTreeSet::new();
        for ((_, bytes), item) in self.files.iter().zip(0..) {
            let start = end;
            end += bytes.len();
            if chosen(item) && start < end {
                let range = start / PIECE_BYTES..end.div_ceil(PIECE_BYTES);
                pieces.extend(range.map(|piece| u32::try_from(piece).unwrap()));
            }
        }
        pieces
    }
}
