//! QR codes (ISO/IEC 18004), as far as the page needs them: bytes, at the level of error correction
//! that stands a loss of 15 %.
//!
//! A crate that knows all modes and levels was a fortieth of what a browser had to load.

mod symbol;

use self::symbol::Symbol;
#[cfg(test)]
use self::symbol::line_penalty;

/// Which modules are dark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qr(Symbol);

impl Qr {
    /// Draws a text; nothing if it is too long.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let bare = draw(text.as_bytes())?;
        let masked = (0..8).map(|mask| bare.masked(mask));
        masked.min_by_key(Symbol::penalty).map(Self)
    }

    /// Modules in a row, and rows.
    pub(crate) fn size(&self) -> usize {
        self.0.size()
    }

    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.0.is_dark(x, y)
    }
}

fn draw(text: &[u8]) -> Option<Symbol> {
    let blocks = BLOCKS.into_iter().zip(CORRECTIONS);
    (1..)
        .zip(blocks)
        .find_map(|(version, (count, correction))| {
            let blocks = Blocks {
                count: count.into(),
                correction: correction.into(),
            };
            let mut symbol = Symbol::new(version);
            let codewords = symbol.free() / 8;
            let data = encode(text, version, codewords - blocks.count * blocks.correction)?;
            symbol.fill(&blocks.interleave(&data, codewords));
            Some(symbol)
        })
}

/// Writes the data codewords, of which there are so many (§7.4).
fn encode(text: &[u8], version: usize, codewords: usize) -> Option<Vec<u8>> {
    let length_bits = if version < 10 { 8 } else { 16 };
    let mut bits = Vec::new();
    push(&mut bits, 0b0100, 4);
    push(&mut bits, text.len(), length_bits);
    for byte in text {
        push(&mut bits, usize::from(*byte), 8);
    }
    if bits.len() > codewords * 8 || text.len() >= 1 << length_bits {
        return None;
    }
    // The end, as far as there is room for it.
    let end = 4.min(codewords * 8 - bits.len());
    push(&mut bits, 0, end);
    let whole = bits.chunks(8).map(|bits| {
        let byte = bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        byte << (8 - bits.len())
    });
    let padding = [0xec, 0x11].into_iter().cycle();
    Some(whole.chain(padding).take(codewords).collect())
}

fn push(bits: &mut Vec<bool>, value: usize, count: usize) {
    bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
}

/// How the codewords of a version are divided.
#[derive(Debug, Clone, Copy)]
struct Blocks {
    count: usize,
    /// Codewords of error correction in each.
    correction: usize,
}

impl Blocks {
    /// Takes a codeword of each block in turn: those of the data, then those that correct it
    /// (§7.6).
    fn interleave(self, data: &[u8], codewords: usize) -> Vec<u8> {
        let short = codewords / self.count - self.correction;
        let short_blocks = self.count - codewords % self.count;
        let mut rest = data;
        let blocks: Vec<&[u8]> = (0..self.count)
            .map(|number| {
                let len = short + usize::from(number >= short_blocks);
                let (block, after) = rest.split_at(len);
                rest = after;
                block
            })
            .collect();
        let divisor = divisor(self.correction);
        let corrections: Vec<_> = blocks.iter().map(|it| remainder(it, &divisor)).collect();
        let mut interleaved = Vec::with_capacity(codewords);
        for at in 0..=short {
            interleaved.extend(blocks.iter().filter_map(|block| block.get(at)));
        }
        for at in 0..self.correction {
            interleaved.extend(corrections.iter().map(|correction| correction[at]));
        }
        interleaved
    }
}

/// The generator polynomial of a Reed-Solomon code without its first coefficient, which is 1.
fn divisor(degree: usize) -> Vec<u8> {
    let mut divisor = vec![0; degree];
    divisor[degree - 1] = 1;
    let mut root = 1;
    for _ in 0..degree {
        for at in 0..degree {
            divisor[at] = multiply(divisor[at], root);
            divisor[at] ^= divisor.get(at + 1).copied().unwrap_or_default();
        }
        root = multiply(root, 2);
    }
    divisor
}

fn remainder(data: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut remainder = vec![0; divisor.len()];
    for byte in data {
        let factor = byte ^ remainder[0];
        remainder.rotate_left(1);
        remainder[divisor.len() - 1] = 0;
        for (sum, coefficient) in remainder.iter_mut().zip(divisor) {
            *sum ^= multiply(*coefficient, factor);
        }
    }
    remainder
}

/// In the field of 2^8 elements modulo x^8 + x^4 + x^3 + x^2 + 1.
fn multiply(a: u8, b: u8) -> u8 {
    (0..8).rev().fold(0, |product, bit| {
        let carry = (product >> 7) * 0x1d;
        (product << 1) ^ carry ^ ((b >> bit & 1) * a)
    })
}

/// Blocks of each version at level M (table 9).
const BLOCKS: [u8; 40] = [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25,
    26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];

/// Codewords of error correction in each of these blocks.
const CORRECTIONS: [u8; 40] = [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];

#[cfg(test)]
mod tests;
