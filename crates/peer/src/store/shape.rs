//! What a transfer consists of, and what of it is wanted.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use snug_protocol::{FileName, Item, Listing, Manifest, Offer, TransferId, limits::PIECE_BYTES};
use snug_session::Selection;

/// A transfer's items, and which of them are wanted.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) transfer: TransferId,
    pub(super) name: FileName,
    pub(super) manifest: Manifest,
    pub(super) listing: Arc<Listing>,
    wanted: Vec<bool>,
    /// What is put into its place as one: the files and folders at the top.
    tops: Vec<FileName>,
    /// For each item, which of them it belongs to.
    top_of: Vec<usize>,
}

/// A run of bytes that belongs to one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) item: usize,
    /// Where in the item it begins.
    pub(super) at: u64,
    /// Which bytes of what was cut.
    pub(super) bytes: Range<usize>,
}

impl Shape {
    pub(super) fn new(
        transfer: TransferId,
        offer: &Offer,
        listing: Arc<Listing>,
        selection: &Selection,
    ) -> Self {
        let items = 0..listing.items().len();
        let (tops, top_of) = tops(&listing);
        Self {
            transfer,
            name: offer.name.clone(),
            manifest: offer.manifest,
            wanted: items.map(|item| selection.contains(item)).collect(),
            listing,
            tops,
            top_of,
        }
    }

    pub(super) fn item(&self, item: usize) -> &Item {
        &self.listing.items()[item]
    }

    pub(super) fn is_wanted(&self, item: usize) -> bool {
        self.wanted[item]
    }

    pub(super) fn wanted(&self) -> &[bool] {
        &self.wanted
    }

    /// The items that are wanted.
    pub(super) fn items(&self) -> impl Iterator<Item = usize> {
        (0..self.wanted.len()).filter(|item| self.wanted[*item])
    }

    /// Bytes of all that is wanted.
    pub(super) fn bytes(&self) -> u64 {
        self.items().map(|item| self.item(item).size()).sum()
    }

    pub(super) fn tops(&self) -> &[FileName] {
        &self.tops
    }

    pub(super) fn top_of(&self, item: usize) -> usize {
        self.top_of[item]
    }

    /// Whether anything is wanted of each of the files and folders at the top.
    pub(super) fn wanted_tops(&self) -> Vec<bool> {
        let mut wanted = vec![false; self.tops.len()];
        for item in self.items() {
            wanted[self.top_of[item]] = true;
        }
        wanted
    }

    /// Which bytes of all are a piece's.
    pub(super) fn piece(&self, number: u32) -> Range<u64> {
        piece(&self.manifest, number)
    }

    /// Cuts a piece where one item ends and the next begins. Leaves out what is not wanted.
    pub(super) fn wanted_spans(&self, piece: u32) -> impl Iterator<Item = Span> {
        let wanted = |span: &Span| self.wanted[span.item];
        spans(&self.listing, self.piece(piece)).filter(wanted)
    }

    /// Whether all of these bytes are wanted.
    pub(super) fn is_whole(&self, bytes: Range<u64>) -> bool {
        spans(&self.listing, bytes).all(|span| self.wanted[span.item])
    }
}

/// Which bytes of all are a piece's.
pub(super) fn piece(manifest: &Manifest, number: u32) -> Range<u64> {
    let start = u64::from(number) * PIECE_BYTES as u64;
    start..start + manifest.piece_len(number) as u64
}

/// Cuts a range of bytes where one item ends and the next begins.
pub(super) fn spans(listing: &Listing, bytes: Range<u64>) -> impl Iterator<Item = Span> {
    let length = |from: u64, to: u64| usize::try_from(to - from).unwrap_or(usize::MAX);
    listing.within(bytes.clone()).filter_map(move |item| {
        let span = listing.span(item);
        let (from, to) = (span.start.max(bytes.start), span.end.min(bytes.end));
        (from < to).then(|| Span {
            item,
            at: from - span.start,
            bytes: length(bytes.start, from)..length(bytes.start, to),
        })
    })
}

/// The items that have bytes in this range.
pub(super) fn items(listing: &Listing, bytes: Range<u64>) -> impl Iterator<Item = usize> {
    spans(listing, bytes).map(|span| span.item)
}

fn tops(listing: &Listing) -> (Vec<FileName>, Vec<usize>) {
    let (mut tops, mut known) = (Vec::new(), BTreeMap::new());
    let mut top_of = Vec::with_capacity(listing.items().len());
    for item in listing.items() {
        let name = item.path.components().next().unwrap_or_default();
        top_of.push(*known.entry(name).or_insert_with(|| {
            tops.push(FileName::sanitize(name));
            tops.len() - 1
        }));
    }
    (tops, top_of)
}
