//! What people say to each other to meet: the code of a room, or a link that ends in it.
//!
//! `K7Q4X9-otter-lemon-cloud-ferry` is the room, which the server knows, and a secret, which it
//! never sees: browsers keep what follows the `#` of a link to themselves.

mod error;
mod list;
mod token;
mod typed;
mod words;

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

pub use self::{error::InvalidInvite, token::Token, words::Words};
use self::{typed::Typed, words::join_yoyo};
use crate::{RoomId, id::InvalidRoomId};

/// The code of a room.
///
/// Parsing forgives case, spaces and dashes anywhere in between, the look-alikes of a [`RoomId`],
/// words that are cut short but clear, and a link in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The room that the code opens.
    pub room: RoomId,
    /// What those inside have in common, and the server does not know.
    pub secret: Secret,
}

/// What members of a room prove to each other that they know. Cleared from memory when dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// Nothing: whoever knows the room may enter, and nobody can tell who is in between.
    Open,
    /// Four words, to be said aloud.
    Words(Words),
    /// 128 bits, to be pasted.
    Token(Token),
}

impl Invite {
    /// The link that opens the room in a browser, given the address of the server.
    pub fn link(&self, server: &str) -> String {
        format!("{}/#{self}", server.trim_end_matches('/'))
    }
}

impl Secret {
    /// Whether there is none.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// What the handshake takes as the password (PRS in draft-irtf-cfrg-cpace §1): the words in
    /// lower case with dashes between them, the symbols of a token in upper case, or nothing.
    pub fn password(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Open => Zeroizing::default(),
            Self::Words(words) => words.password(),
            Self::Token(token) => Zeroizing::new(token.as_str().into()),
        }
    }

    /// Reads what follows the room.
    fn read(groups: &[&str]) -> Result<Self, InvalidInvite> {
        if groups.is_empty() {
            return Ok(Self::Open);
        }
        let symbols: usize = groups.iter().map(|group| group.len()).sum();
        // Words may have 26 letters too. But they have no digit, with which a token begins.
        let has_digit = || groups.iter().any(|group| group.contains(is_digit));
        if symbols == Token::SYMBOLS && has_digit() {
            return Token::read(groups).map(Self::Token);
        }
        match join_yoyo(groups)[..] {
            [a, b, c, d] => Words::read([a, b, c, d]).map(Self::Words),
            [_] if symbols > Words::LONGEST_TYPED => Err(InvalidInvite::Symbols(symbols)),
            ref words => Err(InvalidInvite::WordCount(words.len())),
        }
    }
}

impl FromStr for Invite {
    type Err = InvalidInvite;

    fn from_str(typed: &str) -> Result<Self, InvalidInvite> {
        let typed = Typed::read(typed)?;
        let mut groups = typed.groups();
        let room = read_room(&mut groups)?;
        let rest: Vec<&str> = groups.collect();
        let secret = Secret::read(&rest)?;
        Ok(Self { room, secret })
    }
}

/// Takes the groups that make up the six symbols of a room.
fn read_room<'a>(groups: &mut impl Iterator<Item = &'a str>) -> Result<RoomId, InvalidInvite> {
    let mut symbols = String::new();
    while symbols.len() < RoomId::SYMBOLS
        && let Some(group) = groups.next()
    {
        // What is too long may have the secret in it, and is not copied.
        if symbols.len() + group.len() > RoomId::SYMBOLS {
            return Err(InvalidRoomId::Length.into());
        }
        symbols.push_str(group);
    }
    if symbols.is_empty() {
        return Err(InvalidInvite::Empty);
    }
    Ok(symbols.parse()?)
}

fn is_digit(symbol: char) -> bool {
    symbol.is_ascii_digit()
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.secret {
            Secret::Open => write!(f, "{}", self.room),
            Secret::Words(words) => write!(f, "{}-{words}", self.room),
            Secret::Token(token) => write!(f, "{}-{}", self.room, token.as_str()),
        }
    }
}

#[cfg(test)]
mod tests;
