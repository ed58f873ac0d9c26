//! Which pieces of a file are here, and which blocks of a piece.

use std::ops::Range;

use snug_protocol::limits::{BULK_PAYLOAD_BYTES, HAVE_BYTES};

/// A bit for each piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HaveMap {
    /// The lowest bit first.
    words: Vec<u64>,
    pieces: u32,
    have: u32,
}

/// What a part of a map that came brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    /// Pieces that were not here before.
    pub(crate) pieces: u32,
    /// Whether the last piece of the file, which may be short, is one of them.
    pub(crate) last: bool,
}

/// A part of a map names pieces past the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a have-map that is longer than the file")]
pub(crate) struct PastTheEnd;

/// A bit for each block of one piece: what has arrived, in whatever order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blocks {
    len: usize,
    arrived: u32,
}

impl HaveMap {
    /// None of `pieces`.
    pub(crate) fn new(pieces: u32) -> Self {
        Self {
            words: vec![0; (pieces as usize).div_ceil(64)],
            pieces,
            have: 0,
        }
    }

    /// All of `pieces`.
    pub(crate) fn full(pieces: u32) -> Self {
        let mut map = Self::new(pieces);
        map.words.fill(u64::MAX);
        if let (Some(last), used @ 1..) = (map.words.last_mut(), pieces % 64) {
            *last = (1 << used) - 1;
        }
        map.have = pieces;
        map
    }

    pub(crate) fn has(&self, piece: u32) -> bool {
        self.words
            .get(piece as usize / 64)
            .is_some_and(|word| word >> (piece % 64) & 1 == 1)
    }

    /// Adds a piece. Says whether it is new.
    pub(crate) fn set(&mut self, piece: u32) -> bool {
        if piece >= self.pieces || self.has(piece) {
            return false;
        }
        self.words[piece as usize / 64] |= 1 << (piece % 64);
        self.have += 1;
        true
    }

    /// Adds the pieces that a part of a map names, as frames carry it (BEP 3).
    ///
    /// # Errors
    /// [`PastTheEnd`] when some of them are; then nothing is added.
    pub(crate) fn add(&mut self, first: u32, bits: &[u8]) -> Result<News, PastTheEnd> {
        if last_named(first, bits).is_some_and(|last| last >= u64::from(self.pieces)) {
            return Err(PastTheEnd);
        }
        let (had, had_last) = (self.have, self.has_last());
        let set = bits.iter().zip(0_u32..).filter(|(byte, _)| **byte != 0);
        for (byte, at) in set {
            let start = first + at * 8;
            let bits = u64::from(byte.reverse_bits());
            let word = start as usize / 64;
            self.set_bits(word, bits << (start % 64));
            self.set_bits(word + 1, bits.checked_shr(64 - start % 64).unwrap_or(0));
        }
        Ok(News {
            pieces: self.have - had,
            last: self.has_last() && !had_last,
        })
    }

    /// Takes pieces away.
    pub(crate) fn clear(&mut self, pieces: Range<u32>) {
        let pieces = pieces.start..pieces.end.min(self.pieces);
        if pieces.is_empty() {
            return;
        }
        let words = pieces.start / 64..=(pieces.end - 1) / 64;
        for at in words {
            let from = pieces.start.saturating_sub(at * 64);
            let to = (pieces.end - at * 64).min(64);
            let mask = (u64::MAX << from) & (u64::MAX >> (64 - to));
            let word = &mut self.words[at as usize];
            self.have -= (*word & mask).count_ones();
            *word &= !mask;
        }
    }

    pub(crate) const fn is_complete(&self) -> bool {
        self.have == self.pieces
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.have == 0
    }

    /// Pieces of the file, here or not.
    pub(crate) const fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Whether the last piece of the file is here.
    fn has_last(&self) -> bool {
        self.pieces
            .checked_sub(1)
            .is_some_and(|last| self.has(last))
    }

    fn set_bits(&mut self, word: usize, bits: u64) {
        if let Some(word) = self.words.get_mut(word) {
            self.have += (bits & !*word).count_ones();
            *word |= bits;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let words = self.words.iter().zip(0..);
        words.flat_map(|(word, at)| bits(*word).map(move |bit| at * 64 + bit))
    }

    /// The pieces that are here and not in `other`, from `from` on.
    pub(crate) fn without(&self, other: &Self, from: u32) -> impl Iterator<Item = u32> {
        self.in_both_without(self, other, from)
    }

    /// The pieces that are here and in `both`, and not in `other`, from `from` on.
    pub(crate) fn in_both_without(
        &self,
        both: &Self,
        other: &Self,
        from: u32,
    ) -> impl Iterator<Item = u32> {
        let words = self.words.iter().zip(&both.words).zip(&other.words);
        let first = from as usize / 64;
        words
            .zip(0..)
            .skip(first)
            .flat_map(move |(((a, b), not), at)| {
                let mut rest = a & b & !not;
                if at == from / 64 {
                    rest &= u64::MAX << (from % 64);
                }
                bits(rest).map(move |bit| at * 64 + bit)
            })
    }

    /// What is here and not in another map of the same file.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words);
        let words: Vec<u64> = words.map(|(mine, theirs)| mine & !theirs).collect();
        let have = words.iter().map(|word| word.count_ones()).sum();
        Self {
            words,
            pieces: self.pieces,
            have,
        }
    }

    /// Whether another map of the same file has any of these.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(&other.words);
        words.any(|(mine, theirs)| mine & theirs != 0)
    }

    /// The map as frames carry it (BEP 3): in parts, each with the piece that it begins with.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (u32, Vec<u8>)> {
        let len = (self.pieces as usize).div_ceil(8);
        let words = self.words.chunks(HAVE_BYTES / 8).zip(0..);
        words.filter_map(move |(words, part)| {
            let first = part * HAVE_BYTES;
            let bytes = words.iter().flat_map(|word| word.to_le_bytes());
            let bits: Vec<u8> = bytes.take(len - first).map(u8::reverse_bits).collect();
            let any = bits.iter().any(|byte| *byte != 0);
            let first = u32::try_from(first * 8).ok()?;
            any.then_some((first, bits))
        })
    }
}

/// The bits that are set, from the lowest.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}

/// The highest piece that a part of a map names.
fn last_named(first: u32, bits: &[u8]) -> Option<u64> {
    let at = bits.iter().rposition(|byte| *byte != 0)?;
    let bit = 7 - u64::from(bits[at].trailing_zeros());
    Some(u64::from(first) + at as u64 * 8 + bit)
}

impl Blocks {
    /// None of a piece of `len` bytes.
    pub(crate) const fn new(len: usize) -> Self {
        Self { len, arrived: 0 }
    }

    /// Takes a block that has come. `false` if it is no block of this piece or came before.
    pub(crate) fn take(&mut self, offset: usize, len: usize) -> bool {
        let aligned = offset.is_multiple_of(BULK_PAYLOAD_BYTES);
        let expected = self.len.saturating_sub(offset).min(BULK_PAYLOAD_BYTES);
        if !aligned || expected == 0 || len != expected {
            return false;
        }
        let bit = 1 << (offset / BULK_PAYLOAD_BYTES);
        let new = self.arrived & bit == 0;
        self.arrived |= bit;
        new
    }

    pub(crate) fn is_complete(self) -> bool {
        self.arrived.count_ones() as usize == self.len.div_ceil(BULK_PAYLOAD_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::limits::PIECE_BYTES;

    use super::*;

    #[test]
    fn a_map_counts_what_it_has() {
        let mut map = HaveMap::new(130);
        assert!(map.set(0) && map.set(129) && map.set(64));
        assert!(!map.set(64) && !map.set(130) && !map.has(130));
        assert_eq!(map.iter().collect::<Vec<_>>(), [0, 64, 129]);
        map.clear(60..70);
        map.clear(64..65);
        assert!(!map.has(64) && !map.is_complete());
        let missing: Vec<_> = HaveMap::full(130).without(&map, 120).collect();
        assert_eq!(missing, (120..129).collect::<Vec<_>>());
        for piece in 0..130 {
            map.set(piece);
        }
        assert_eq!(map, HaveMap::full(130));
        assert!(map.is_complete() && HaveMap::new(0).is_complete());
    }

    #[test]
    fn a_map_survives_the_wire() {
        let pieces = 300_000;
        let mut map = HaveMap::new(pieces);
        for piece in (0..pieces).filter(|piece| piece % 7 == 0 || *piece > 290_000) {
            map.set(piece);
        }
        let mut told = HaveMap::new(pieces);
        for (first, bits) in map.parts() {
            told.add(first, &bits).unwrap();
        }
        assert_eq!(told, map);
    }

    #[test]
    fn parts_of_maps_may_begin_anywhere_and_must_end_with_the_file() {
        let mut map = HaveMap::new(130);
        let news = |pieces, last| Ok(News { pieces, last });
        assert_eq!(map.add(5, &[0b1000_0001]), news(2, false));
        assert_eq!(map.iter().collect::<Vec<_>>(), [5, 12]);
        assert_eq!(map.add(60, &[0xff, 0]), news(8, false));
        assert_eq!(map.add(128, &[0b0100_0000]), news(1, true));
        assert_eq!(map.add(122, &[0b0000_0001]), news(0, false));
        assert_eq!(map.add(0, &[0xff; 17]), Err(PastTheEnd));
        assert_eq!(map.add(u32::MAX, &[0xff]), Err(PastTheEnd));
        assert_eq!(map.iter().count(), 11);
    }

    #[test]
    fn ranges_are_taken_away_as_if_piece_by_piece() {
        for (start, end) in [
            (0, 0),
            (0, 1),
            (3, 64),
            (63, 65),
            (64, 128),
            (0, 500),
            (129, 130),
        ] {
            let mut map = HaveMap::full(130);
            map.clear(start..end);
            let left: Vec<_> = (0..130)
                .filter(|piece| !(start..end).contains(piece))
                .collect();
            assert_eq!(map.iter().collect::<Vec<_>>(), left);
            assert_eq!(map.have as usize, left.len());
        }
    }

    #[test]
    fn blocks_come_in_any_order_but_only_whole_and_once() {
        let len = 2 * BULK_PAYLOAD_BYTES + 5;
        let mut blocks = Blocks::new(len);
        assert!(blocks.take(2 * BULK_PAYLOAD_BYTES, 5));
        assert!(!blocks.take(2 * BULK_PAYLOAD_BYTES, 5), "twice");
        assert!(!blocks.take(0, 5), "a part");
        assert!(!blocks.take(1, BULK_PAYLOAD_BYTES), "askew");
        assert!(!blocks.take(3 * BULK_PAYLOAD_BYTES, 1), "past the end");
        assert!(blocks.take(0, BULK_PAYLOAD_BYTES) && !blocks.is_complete());
        assert!(blocks.take(BULK_PAYLOAD_BYTES, BULK_PAYLOAD_BYTES) && blocks.is_complete());
    }

    #[test]
    fn a_whole_piece_fits_the_bits() {
        let mut blocks = Blocks::new(PIECE_BYTES);
        for offset in (0..PIECE_BYTES).step_by(BULK_PAYLOAD_BYTES) {
            assert!(!blocks.is_complete() && blocks.take(offset, BULK_PAYLOAD_BYTES));
        }
        assert!(blocks.is_complete());
    }
}
