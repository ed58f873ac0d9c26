//! Which pieces of an offer are wanted.

use std::ops::Range;

use snug_protocol::{Listing, Manifest, limits::PIECE_BYTES};

use super::pieces::HaveMap;
use crate::Selection;

/// What a selection of files comes to in pieces.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Those with something in them that is wanted.
    pub(super) pieces: HaveMap,
    /// Those of them with something that is not, which is not kept: they cannot be passed on.
    pub(super) partly: HaveMap,
    /// Bytes of the wanted pieces.
    pub(super) bytes: u64,
}

impl Wanted {
    pub(super) fn nothing() -> Self {
        Self {
            pieces: HaveMap::new(0),
            partly: HaveMap::new(0),
            bytes: 0,
        }
    }

    pub(super) fn new(manifest: &Manifest, listing: &Listing, selection: &Selection) -> Self {
        let count = manifest.pieces();
        let (pieces, partly) = match selection {
            Selection::All => (HaveMap::full(count), HaveMap::new(count)),
            Selection::Items(_) => select(count, listing, selection),
        };
        let lens = pieces.iter().map(|piece| manifest.piece_len(piece) as u64);
        let bytes = lens.sum();
        Self {
            pieces,
            partly,
            bytes,
        }
    }
}

fn select(count: u32, listing: &Listing, selection: &Selection) -> (HaveMap, HaveMap) {
    let (mut wanted, mut unwanted) = (HaveMap::new(count), HaveMap::new(count));
    for item in 0..listing.items().len() {
        let map = if selection.contains(item) {
            &mut wanted
        } else {
            &mut unwanted
        };
        for piece in pieces_of(&listing.span(item)) {
            map.set(piece);
        }
    }
    let mut partly = HaveMap::new(count);
    for piece in wanted.iter().filter(|piece| unwanted.has(*piece)) {
        partly.set(piece);
    }
    (wanted, partly)
}

/// The pieces that some bytes are in.
pub(super) fn pieces_of(bytes: &Range<u64>) -> Range<u32> {
    let piece = |byte: u64| u32::try_from(byte).unwrap_or(u32::MAX);
    if bytes.is_empty() {
        return 0..0;
    }
    piece(bytes.start / PIECE_BYTES as u64)..piece(bytes.end.div_ceil(PIECE_BYTES as u64))
}

#[cfg(test)]
mod tests {
    use snug_protocol::{Attributes, FilePath, Hash, Item, ItemKind};

    use super::*;

    #[test]
    fn pieces_of_two_files_are_wanted_with_either() {
        let mib = PIECE_BYTES as u64;
        let sizes = [mib + 5, 7, 0, 3 * mib];
        let items = sizes.iter().zip(0..).map(|(size, number)| Item {
            path: FilePath::sanitize(&format!("{number}")),
            kind: ItemKind::File {
                size: *size,
                attributes: Attributes::default(),
            },
        });
        let listing = Listing::new(items.collect()).unwrap();
        let manifest = Manifest::new(listing.size(), Hash::ZERO).unwrap();
        let wanted = |items: &[usize]| {
            let selection = Selection::Items(items.iter().copied().collect());
            let wanted = Wanted::new(&manifest, &listing, &selection);
            let pieces: Vec<_> = wanted.pieces.iter().collect();
            let partly: Vec<_> = wanted.partly.iter().collect();
            (pieces, partly, wanted.bytes)
        };
        assert_eq!(wanted(&[0]), (vec![0, 1], vec![1], 2 * mib));
        assert_eq!(wanted(&[1, 2]), (vec![1], vec![1], mib));
        assert_eq!(wanted(&[2]), (vec![], vec![], 0));
        assert_eq!(wanted(&[0, 1, 3]).1, Vec::<u32>::new());
        let all = Wanted::new(&manifest, &listing, &Selection::All);
        assert!(all.pieces.is_complete() && all.bytes == listing.size());
    }
}
