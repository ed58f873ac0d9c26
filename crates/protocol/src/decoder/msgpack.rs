//! `MessagePack`, without its extension types, which are refused.

use std::borrow::Cow;

use super::{Decoder, Error, Head, Left};

impl<'de> Decoder<'de> {
    /// Reads a value's head (the formats of the `MessagePack` specification).
    pub(super) fn msgpack_head(&mut self) -> Result<Head<'de>, Error> {
        let [marker] = self.array()?;
        Ok(match marker {
            0x00..=0x7f => Head::Unsigned(marker.into()),
            0x80..=0x8f => Head::Map(Left::Exactly((marker & 0x0f).into())),
            0x90..=0x9f => Head::Array(Left::Exactly((marker & 0x0f).into())),
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
            0xca => {
                self.take(4)?;
                Head::Unreadable
            }
            0xcb => {
                self.take(8)?;
                Head::Unreadable
            }
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
            0xdc => Head::Array(Left::Exactly(u16::from_be_bytes(self.array()?).into())),
            0xdd => Head::Array(Left::Exactly(u32::from_be_bytes(self.array()?))),
            0xde => Head::Map(Left::Exactly(u16::from_be_bytes(self.array()?).into())),
            0xdf => Head::Map(Left::Exactly(u32::from_be_bytes(self.array()?))),
            0xe0..=0xff => Head::Signed(marker.cast_signed().into()),
            // Extensions, and the one that is reserved.
            0xc1 | 0xc7..=0xc9 | 0xd4..=0xd8 => return Err(Error::Unexpected),
        })
    }

    pub(super) fn skip_msgpack(&mut self) -> Result<(), Error> {
        let (left, parts) = match self.msgpack_head()? {
            Head::Array(left) => (left, 1),
            Head::Map(left) => (left, 2),
            _ => return Ok(()),
        };
        self.enter(left)?.all(|elements| {
            while elements.next()? {
                for _ in 0..parts {
                    elements.decoder.skip_msgpack()?;
                }
            }
            Ok(())
        })
    }

    fn unsigned(&mut self, bytes: u64) -> Result<u64, Error> {
        let bytes = self.take(bytes)?.iter();
        Ok(bytes.fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn str(&mut self, len: u64) -> Result<Head<'de>, Error> {
        let text = std::str::from_utf8(self.take(len)?).map_err(|_| Error::NotUtf8)?;
        Ok(Head::Str(Cow::Borrowed(text)))
    }
}
