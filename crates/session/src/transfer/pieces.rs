//! Which pieces of a file are here, and which blocks of a piece.

use snug_protocol::limits::BULK_PAYLOAD_BYTES;

/// A bit for each piece.
#[derive(Debug, Clone)]
pub(crate) struct HaveMap {
    bits: Vec<u64>,
    pieces: u32,
    have: u32,
    /// All before this one are here.
    floor: u32,
}

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
            bits: vec![0; (pieces as usize).div_ceil(64)],
            pieces,
            have: 0,
            floor: 0,
        }
    }

    pub(crate) fn has(&self, piece: u32) -> bool {
        self.bits
            .get(piece as usize / 64)
            .is_some_and(|bits| bits >> (piece % 64) & 1 == 1)
    }

    /// Adds a piece. Says whether it is new.
    pub(crate) fn set(&mut self, piece: u32) -> bool {
        if piece >= self.pieces || self.has(piece) {
            return false;
        }
        self.bits[piece as usize / 64] |= 1 << (piece % 64);
        self.have += 1;
        while self.has(self.floor) {
            self.floor += 1;
        }
        true
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.have == self.pieces
    }

    /// The first piece that is not here, from `from` on.
    pub(crate) fn next_missing(&self, from: u32) -> Option<u32> {
        (from.max(self.floor)..self.pieces).find(|piece| !self.has(*piece))
    }
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
        assert_eq!(map.next_missing(0), Some(1));
        assert_eq!(map.next_missing(129), None);
        for piece in 0..130 {
            map.set(piece);
        }
        assert!(map.is_complete() && HaveMap::new(0).is_complete());
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
