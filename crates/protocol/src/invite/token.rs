//! A secret to be pasted, for rooms that programs open.

use std::fmt;

use zeroize::ZeroizeOnDrop;

use super::InvalidInvite;
use crate::crockford;

/// 128 random bits, written as 26 symbols of Crockford's base32. Cleared from memory when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Token([u8; Self::SYMBOLS]);

impl Token {
    /// Symbols in a token: 128 bits, five a symbol, below two zeros.
    pub const SYMBOLS: usize = 26;

    /// Writes bits that must be uniform.
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(entropy);
        Self(std::array::from_fn(|at| {
            let below = 5 * (Self::SYMBOLS - 1 - at);
            crockford::ALPHABET[(bits >> below) as usize % crockford::ALPHABET.len()]
        }))
    }

    /// Reads symbols, in however many groups.
    pub(super) fn read(groups: &[&str]) -> Result<Self, InvalidInvite> {
        let typed = groups.iter().flat_map(|group| group.bytes());
        let mut token = Self([0; Self::SYMBOLS]);
        let mut symbols = 0;
        for (at, typed) in typed.enumerate() {
            let place = token.0.get_mut(at).ok_or(InvalidInvite::Token)?;
            *place = crockford::symbol(typed).ok_or(InvalidInvite::Token)?;
            symbols = at + 1;
        }
        // Two bits of the first symbol are above the 128.
        if symbols != Self::SYMBOLS || token.0[0] > b'7' {
            return Err(InvalidInvite::Token);
        }
        Ok(token)
    }

    /// The symbols, in upper case.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("symbols are ASCII")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bits_are_written() {
        let token = |bits: u128| Token::from_entropy(bits.to_be_bytes());
        for (bits, symbols) in [
            (0, "00000000000000000000000000"),
            (u128::MAX, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
            (1, "00000000000000000000000001"),
            (1 << 125, "10000000000000000000000000"),
            // The example of the ULID specification, whose symbols are these too.
            (
                0x0156_3e3a_b5d3_d676_4c61_efb9_9302_bd5b,
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            ),
        ] {
            assert_eq!(token(bits).as_str(), symbols);
            let groups = [&symbols[..7], &symbols[7..]];
            assert_eq!(Token::read(&groups), Ok(token(bits)));
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for typed in [
            "0000000000000000000000000",
            "000000000000000000000000000",
            "80000000000000000000000000",
            "0000000000000000000000000U",
            "",
        ] {
            assert_eq!(
                Token::read(&[typed]),
                Err(InvalidInvite::Token),
                "{typed:?}"
            );
        }
    }
}
