//! Reads `MessagePack`: the part of it that our frames are written in.
//!
//! `rmp_serde` reads it as well, but its decoder is compiled anew for every field of every frame,
//! in full: that was a fifth of what a browser had to load. Here one function, compiled once,
//! reads the next value's head, and for each field only what its type may begin with is compiled.
//!
//! Extension types are refused, and so is a value of another type than is ever written, such as
//! bytes where text belongs. Otherwise it takes what `rmp_serde` takes, which a test compares.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess,
    Visitor, value::BorrowedStrDeserializer,
};
use serde::forward_to_deserialize_any;

/// A decoder of bytes, which it borrows from.
#[derive(Debug)]
pub(crate) struct Decoder<'de> {
    rest: &'de [u8],
    /// How many arrays and maps may still be opened within each other.
    depth: u8,
}

/// Why bytes could not be read. Nothing of them is quoted: it may be what people said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    EndsEarly,
    NotUtf8,
    TooDeep,
    /// Of another type or value than expected, or missing, or twice.
    Unexpected,
}

/// What a value begins with: all of it, but for what arrays and maps hold.
#[derive(Debug, Clone, Copy)]
enum Head<'de> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Str(&'de str),
    Bin(&'de [u8]),
    Array(u32),
    Map(u32),
}

impl<'de> Decoder<'de> {
    pub(crate) const fn new(bytes: &'de [u8], depth: u8) -> Self {
        Self { rest: bytes, depth }
    }

    /// What follows the values read so far.
    pub(crate) const fn rest(&self) -> &'de [u8] {
        self.rest
    }

    /// Reads a value's head (the formats of the `MessagePack` specification).
    fn head(&mut self) -> Result<Head<'de>, Error> {
        let [marker] = self.array()?;
        Ok(match marker {
            0x00..=0x7f => Head::Unsigned(marker.into()),
            0x80..=0x8f => Head::Map((marker & 0x0f).into()),
            0x90..=0x9f => Head::Array((marker & 0x0f).into()),
            0xa0..=0xbf => self.str((marker & 0x1f).into())?,
            0xc0 => Head::Nil,
            0xc2 => Head::Bool(false),
            0xc3 => Head::Bool(true),
            0xc4 => {
                let len = self.unsigned(1)?;
                Head::Bin(self.take(len)?)
            }
            0xc5 => {
                let len = self.unsigned(2)?;
                Head::Bin(self.take(len)?)
            }
            0xc6 => {
                let len = self.unsigned(4)?;
                Head::Bin(self.take(len)?)
            }
            0xca => Head::Float(f32::from_be_bytes(self.array()?).into()),
            0xcb => Head::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Head::Unsigned(self.unsigned(1)?),
            0xcd => Head::Unsigned(self.unsigned(2)?),
            0xce => Head::Unsigned(self.unsigned(4)?),
            0xcf => Head::Unsigned(self.unsigned(8)?),
            0xd0 => Head::Signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Head::Signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Head::Signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Head::Signed(i64::from_be_bytes(self.array()?)),
            0xd9 => {
                let len = self.unsigned(1)?;
                self.str(len)?
            }
            0xda => {
                let len = self.unsigned(2)?;
                self.str(len)?
            }
            0xdb => {
                let len = self.unsigned(4)?;
                self.str(len)?
            }
            0xdc => Head::Array(u16::from_be_bytes(self.array()?).into()),
            0xdd => Head::Array(u32::from_be_bytes(self.array()?)),
            0xde => Head::Map(u16::from_be_bytes(self.array()?).into()),
            0xdf => Head::Map(u32::from_be_bytes(self.array()?)),
            0xe0..=0xff => Head::Signed(marker.cast_signed().into()),
            // Extensions, and the one that is reserved.
            0xc1 | 0xc7..=0xc9 | 0xd4..=0xd8 => return Err(Error::Unexpected),
        })
    }

    fn unsigned(&mut self, bytes: u64) -> Result<u64, Error> {
        let bytes = self.take(bytes)?.iter();
        Ok(bytes.fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Error::EndsEarly)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn str(&mut self, len: u64) -> Result<Head<'de>, Error> {
        let text = std::str::from_utf8(self.take(len)?);
        text.map(Head::Str).map_err(|_| Error::NotUtf8)
    }

    fn take(&mut self, len: u64) -> Result<&'de [u8], Error> {
        let len = usize::try_from(len).map_err(|_| Error::EndsEarly)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Error::EndsEarly)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn is_nil(&self) -> bool {
        self.rest.first() == Some(&0xc0)
    }

    /// Goes into an array or a map of so many elements.
    fn enter(&mut self, left: u32) -> Result<Elements<'_, 'de>, Error> {
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        Ok(Elements {
            decoder: self,
            left,
        })
    }

    /// Comes out again. Whoever read it must have read all of it.
    fn leave(&mut self, left: u32) -> Result<(), Error> {
        self.depth += 1;
        if left > 0 {
            return Err(Error::Unexpected);
        }
        Ok(())
    }
}

/// Reads what begins alike by one method.
macro_rules! forward {
    ($($by:ident: $($method:ident)+,)+) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$by(visitor)
        }
    )+)+};
}

impl<'de> de::Deserializer<'de> for &mut Decoder<'de> {
    type Error = Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Nil => visitor.visit_unit(),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Unsigned(value) => visitor.visit_u64(value),
            Head::Signed(value) => visitor.visit_i64(value),
            Head::Float(value) => visitor.visit_f64(value),
            Head::Str(text) => visitor.visit_borrowed_str(text),
            Head::Bin(bytes) => visitor.visit_borrowed_bytes(bytes),
            Head::Array(len) => {
                let mut elements = self.enter(len)?;
                let value = visitor.visit_seq(&mut elements)?;
                let left = elements.left;
                self.leave(left)?;
                Ok(value)
            }
            Head::Map(len) => {
                let mut elements = self.enter(len)?;
                let value = visitor.visit_map(&mut elements)?;
                let left = elements.left;
                self.leave(left)?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_nil() {
            self.head()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant without content is its name, one with content a map from its name to that.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Str(name) => {
                let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(name);
                visitor.visit_enum(name)
            }
            Head::Map(1) => {
                let value = visitor.visit_enum(self.enter(0)?)?;
                self.leave(0)?;
                Ok(value)
            }
            _ => Err(Error::Unexpected),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Bool(value) => visitor.visit_bool(value),
            _ => Err(Error::Unexpected),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Unsigned(value) => visitor.visit_u64(value),
            Head::Signed(value) => visitor.visit_i64(value),
            _ => Err(Error::Unexpected),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Str(text) => visitor.visit_borrowed_str(text),
            _ => Err(Error::Unexpected),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            Head::Bin(bytes) => visitor.visit_borrowed_bytes(bytes),
            _ => Err(Error::Unexpected),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Head::Array(len) = self.head()? else {
            return Err(Error::Unexpected);
        };
        let mut elements = self.enter(len)?;
        let value = visitor.visit_seq(&mut elements)?;
        let left = elements.left;
        self.leave(left)?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Head::Map(len) = self.head()? else {
            return Err(Error::Unexpected);
        };
        let mut elements = self.enter(len)?;
        let value = visitor.visit_map(&mut elements)?;
        let left = elements.left;
        self.leave(left)?;
        Ok(value)
    }

    forward! {
        deserialize_u64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
            deserialize_u8 deserialize_u16 deserialize_u32,
        deserialize_str: deserialize_string deserialize_char deserialize_identifier,
        deserialize_bytes: deserialize_byte_buf,
    }

    forward_to_deserialize_any! {
        f32 f64 unit unit_struct tuple_struct struct ignored_any
    }
}

/// An array or a map, of which some elements are left.
#[derive(Debug)]
struct Elements<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: u32,
}

impl Elements<'_, '_> {
    fn next(&mut self) -> bool {
        let is_there = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_there
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if !self.next() {
            return Ok(None);
        }
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.left).ok()
    }
}

impl<'de> MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.next() {
            return Ok(None);
        }
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.decoder)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.left).ok()
    }
}

impl<'de> EnumAccess<'de> for Elements<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let Head::Str(name) = self.decoder.head()? else {
            return Err(Error::Unexpected);
        };
        Ok((seed.deserialize(name.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.decoder.head()? {
            Head::Nil => Ok(()),
            _ => Err(Error::Unexpected),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self.decoder, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self.decoder, visitor)
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Unexpected
    }
}

impl de::StdError for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndsEarly => "MessagePack that ends early",
            Self::NotUtf8 => "text that is not UTF-8",
            Self::TooDeep => "MessagePack nested too deeply",
            Self::Unexpected => "a field that is missing, repeated or of the wrong type",
        })
    }
}

#[cfg(test)]
mod tests;
