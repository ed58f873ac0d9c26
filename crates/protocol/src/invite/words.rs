//! A secret to be said aloud.

use std::fmt;

use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    InvalidInvite,
    list::{self, LIST},
};

/// Four words of a list of 1,295: 41 bits, of which the handshake gives away one guess at a time.
/// Cleared from memory when dropped.
///
/// Displayed in lower case with dashes between them.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Words([u16; Self::COUNT]);

impl Words {
    /// Words in a code.
    pub const COUNT: usize = 4;

    /// Letters that somebody may have meant as one word: five, the longest of the list, and some
    /// that slipped in. More are several words without a space.
    pub(super) const LONGEST_TYPED: usize = 8;

    /// Picks words by bits that must be uniform. That there are more words than fit evenly into
    /// 128 bits favours some by less than 2^-86.
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        let mut rest = u128::from_be_bytes(entropy);
        let words = LIST.len() as u128;
        Self(std::array::from_fn(|_| {
            let at = usize::try_from(rest % words).expect("below the length of the list");
            rest /= words;
            list::place(at)
        }))
    }

    /// Reads words that may be cut short.
    pub(super) fn read(typed: [&str; Self::COUNT]) -> Result<Self, InvalidInvite> {
        let mut words = Self([0; Self::COUNT]);
        for (word, typed) in words.0.iter_mut().zip(typed) {
            *word = list::find(typed)?;
        }
        Ok(words)
    }

    /// The words as the handshake takes them.
    pub(super) fn password(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it, because growing would leave a copy behind.
        let mut password = Zeroizing::new(Vec::with_capacity(Self::COUNT * 6));
        for (at, word) in self.iter().enumerate() {
            if at > 0 {
                password.push(b'-');
            }
            password.extend_from_slice(word.as_bytes());
        }
        password
    }

    fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|at| LIST[usize::from(*at)])
    }
}

/// Joins `yo yo` and `yo-yo` to the `yoyo` of the list: the one word that many write in two.
pub(super) fn join_yoyo<'a>(groups: &[&'a str]) -> Vec<&'a str> {
    let mut words: Vec<&str> = Vec::with_capacity(groups.len());
    for group in groups {
        match words.last_mut() {
            Some(last) if *last == "yo" && *group == "yo" => *last = "yoyo",
            _ => words.push(group),
        }
    }
    words
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.iter().enumerate() {
            let dash = if at > 0 { "-" } else { "" };
            write!(f, "{dash}{word}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
