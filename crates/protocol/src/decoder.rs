//! Reads JSON and `MessagePack`: as much of them as our messages and frames are written in.
//!
//! `serde_json` and `rmp_serde` read them as well, but their decoders are compiled anew for every
//! field of every message, in full: together that was a seventh of the module that a browser loads.
//! Here what reads the next value's head is compiled once, and for each field only what its type
//! may begin with.
//!
//! A value of another type than is ever written is refused, such as bytes where text belongs or a
//! list where fields belong, and so is a fraction or an extension. Otherwise it takes what those two take, which a test compares.

mod deserializer;
mod elements;
mod json;
mod msgpack;

use std::{borrow::Cow, fmt};

use serde::de;

use self::elements::Elements;
pub(crate) use self::json::is_plain;

/// A decoder of bytes, which it borrows from.
#[derive(Debug)]
pub(crate) struct Decoder<'de> {
    format: Format,
    rest: &'de [u8],
    /// How many arrays and maps may still be opened within each other.
    depth: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    MessagePack,
}

/// Why bytes could not be read. Nothing of them is quoted: it may be what people said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    EndsEarly,
    /// Of another shape than the format has.
    Syntax,
    NotUtf8,
    TooDeep,
    /// Of another type or value than expected, or missing, or twice.
    Unexpected,
    /// More than the one value.
    GoesOn,
}

/// What a value begins with: all of it, but for what arrays and maps hold.
#[derive(Debug, Clone)]
enum Head<'de> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// A number that none of our types holds.
    Unreadable,
    Str(Cow<'de, str>),
    Bin(&'de [u8]),
    Array(Left),
    Map(Left),
}

/// How many elements of an array or a map are left.
#[derive(Debug, Clone, Copy)]
enum Left {
    Exactly(u32),
    /// As many as there are before this bracket.
    Before {
        bracket: u8,
        is_first: bool,
    },
}

impl<'de> Decoder<'de> {
    pub(crate) const fn json(text: &'de str, depth: u8) -> Self {
        Self {
            format: Format::Json,
            rest: text.as_bytes(),
            depth,
        }
    }

    pub(crate) const fn msgpack(bytes: &'de [u8], depth: u8) -> Self {
        Self {
            format: Format::MessagePack,
            rest: bytes,
            depth,
        }
    }

    /// What follows the values read so far.
    pub(crate) const fn rest(&self) -> &'de [u8] {
        self.rest
    }

    /// Makes sure that nothing follows.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.format == Format::Json {
            self.skip_space();
        }
        if !self.rest.is_empty() {
            return Err(Error::GoesOn);
        }
        Ok(())
    }

    fn head(&mut self) -> Result<Head<'de>, Error> {
        match self.format {
            Format::Json => self.json_head(),
            Format::MessagePack => self.msgpack_head(),
        }
    }

    fn skip(&mut self) -> Result<(), Error> {
        match self.format {
            Format::Json => self.skip_json(),
            Format::MessagePack => self.skip_msgpack(),
        }
    }

    fn is_nil(&mut self) -> bool {
        match self.format {
            Format::Json => self.peek() == Ok(b'n'),
            Format::MessagePack => self.rest.first() == Some(&0xc0),
        }
    }

    /// Passes over what is between a key and its value.
    fn skip_colon(&mut self) -> Result<(), Error> {
        match self.format {
            Format::Json => self.json_colon(),
            Format::MessagePack => Ok(()),
        }
    }

    fn text(&mut self) -> Result<Cow<'de, str>, Error> {
        match self.head()? {
            Head::Str(text) => Ok(text),
            _ => Err(Error::Unexpected),
        }
    }

    /// Takes a value as it is written.
    pub(crate) fn raw(&mut self) -> Result<&'de str, Error> {
        self.skip_space();
        let before = self.rest;
        self.skip()?;
        let raw = &before[..before.len() - self.rest.len()];
        std::str::from_utf8(raw).map_err(|_| Error::NotUtf8)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Error::EndsEarly)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn take(&mut self, len: u64) -> Result<&'de [u8], Error> {
        let len = usize::try_from(len).map_err(|_| Error::EndsEarly)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Error::EndsEarly)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Goes into an array or a map.
    fn enter(&mut self, left: Left) -> Result<Elements<'_, 'de>, Error> {
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        let decoder = self;
        Ok(Elements { decoder, left })
    }

    fn enter_array(&mut self) -> Result<Elements<'_, 'de>, Error> {
        match self.head()? {
            Head::Array(left) => self.enter(left),
            _ => Err(Error::Unexpected),
        }
    }

    fn enter_map(&mut self) -> Result<Elements<'_, 'de>, Error> {
        match self.head()? {
            Head::Map(left) => self.enter(left),
            _ => Err(Error::Unexpected),
        }
    }
}

/// Asks for a [`Decoder`]'s next value as it is written.
pub(crate) const RAW: &str = "snug raw JSON";

/// What serde says in more words costs a browser more than it tells anybody.
impl de::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Unexpected
    }
}

impl de::StdError for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndsEarly => "it ends early",
            Self::Syntax => "JSON syntax",
            Self::NotUtf8 => "text that is not UTF-8",
            Self::TooDeep => "nested too deeply",
            Self::Unexpected => "a field that is missing, repeated or of the wrong type",
            Self::GoesOn => "something after the end",
        })
    }
}

#[cfg(test)]
mod tests;
