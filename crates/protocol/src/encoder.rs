//! Writes JSON and `MessagePack`: the same bytes as `serde_json` and `rmp_serde` would, which a
//! test compares, by code that is compiled once where theirs is compiled for every type.

mod elements;
mod serializer;

use std::fmt;

use serde::ser::{Error, Serialize, StdError};

use self::elements::Elements;
use crate::decoder::is_plain;

/// Writes a value as JSON.
///
/// # Panics
/// When it holds what none of our types does: a fraction, or a list without a length.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    let json = encode(Format::Json, Vec::new(), value);
    String::from_utf8(json).expect("JSON is made of texts")
}

/// Writes a value as `MessagePack` after what is there, with the names of its fields.
///
/// # Panics
/// As [`to_json`].
pub(crate) fn to_msgpack<T: Serialize>(start: Vec<u8>, value: &T) -> Vec<u8> {
    encode(Format::MessagePack, start, value)
}

/// Writes a value as `MessagePack` without names: its fields are arrays.
///
/// # Panics
/// As [`to_json`].
pub(crate) fn to_msgpack_compact<T: Serialize>(value: &T) -> Vec<u8> {
    encode(Format::Compact, Vec::new(), value)
}

fn encode<T: Serialize + ?Sized>(format: Format, start: Vec<u8>, value: &T) -> Vec<u8> {
    let mut encoder = Encoder { format, out: start };
    let encoded = value.serialize(&mut encoder);
    encoded.expect("wire types always serialize");
    encoder.out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    MessagePack,
    Compact,
}

#[derive(Debug)]
struct Encoder {
    format: Format,
    out: Vec<u8>,
}

/// A value that none of our types holds.
#[derive(Debug)]
struct Unwritable;

/// Opens and closes something in JSON.
type Brackets = [&'static str; 2];

const LIST: Brackets = ["[", "]"];
const OBJECT: Brackets = ["{", "}"];

impl Encoder {
    fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes what JSON has a word for, and `MessagePack` a byte.
    fn word(&mut self, json: &str, msgpack: u8) {
        if self.is_json() {
            self.push(json);
        } else {
            self.out.push(msgpack);
        }
    }

    fn unsigned(&mut self, value: u64) {
        match value {
            _ if self.is_json() => self.push(&value.to_string()),
            0..0x80 => self.sized(value, [0; 4], Some(0)),
            _ => self.sized(value, [0xcc, 0xcd, 0xce, 0xcf], None),
        }
    }

    fn negative(&mut self, value: i64) {
        let (marker, bytes) = match value {
            _ if self.is_json() => return self.push(&value.to_string()),
            -0x20.. => (None, 1),
            -0x80.. => (Some(0xd0), 1),
            -0x8000.. => (Some(0xd1), 2),
            -0x8000_0000.. => (Some(0xd2), 4),
            _ => (Some(0xd3), 8),
        };
        self.out.extend(marker);
        self.out
            .extend_from_slice(&value.to_be_bytes()[8 - bytes..]);
    }

    fn text(&mut self, text: &str) -> Result<(), Unwritable> {
        if self.is_json() {
            self.quote(text);
            return Ok(());
        }
        let len = length(text.len())?;
        let short = (len < 0x20).then_some(0xa0);
        self.sized(len, [0xd9, 0xda, 0xdb, 0], short);
        self.push(text);
        Ok(())
    }

    /// RFC 8259 §7.
    fn quote(&mut self, text: &str) {
        self.push("\"");
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| !is_plain(*byte)) {
            self.out.extend_from_slice(&rest[..at]);
            self.escape(rest[at]);
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        self.push("\"");
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => {
                self.push("\\u00");
                let digits = [byte >> 4, byte & 0x0f];
                let digits = digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]);
                self.out.extend(digits);
                return;
            }
            itself => itself,
        };
        self.out.extend([b'\\', short]);
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Unwritable> {
        if self.is_json() {
            // JSON has none, and bytes of ours are texts in it.
            return Err(Unwritable);
        }
        self.sized(length(bytes.len())?, [0xc4, 0xc5, 0xc6, 0], None);
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes a number that tells a value or a length behind the marker for its size, of 1, 2, 4 or
    /// 8 bytes; or within a marker for short ones.
    fn sized(&mut self, value: u64, markers: [u8; 4], short: Option<u8>) {
        let bytes = value.to_be_bytes();
        if let Some(short) = short {
            self.out.push(short | bytes[7]);
            return;
        }
        let size = match value {
            // Not everything has a marker for one byte.
            0..0x100 => usize::from(markers[0] == 0),
            0x100..0x1_0000 => 1,
            0x1_0000..0x1_0000_0000 => 2,
            _ => 3,
        };
        self.out.push(markers[size]);
        self.out.extend_from_slice(&bytes[8 - (1 << size)..]);
    }

    fn list(&mut self, len: Option<usize>) -> Result<Elements<'_>, Unwritable> {
        if !self.is_json() {
            let len = length(len.ok_or(Unwritable)?)?;
            let short = (len < 0x10).then_some(0x90);
            self.sized(len, [0, 0xdc, 0xdd, 0], short);
        }
        Ok(self.elements(LIST))
    }

    fn object(&mut self, len: Option<usize>) -> Result<Elements<'_>, Unwritable> {
        if !self.is_json() {
            let len = length(len.ok_or(Unwritable)?)?;
            let short = (len < 0x10).then_some(0x80);
            self.sized(len, [0, 0xde, 0xdf, 0], short);
        }
        Ok(self.elements(OBJECT))
    }

    fn fields(&mut self, len: usize) -> Result<Elements<'_>, Unwritable> {
        match self.format {
            Format::Compact => self.list(Some(len)),
            Format::Json | Format::MessagePack => self.object(Some(len)),
        }
    }

    fn elements(&mut self, brackets: Brackets) -> Elements<'_> {
        let [opening, closing] = brackets;
        if self.is_json() {
            self.push(opening);
        }
        Elements {
            encoder: self,
            is_first: true,
            closing: [closing, ""],
        }
    }

    /// A variant with content is a map from its name to that.
    fn variant(&mut self, name: &str) -> Result<(), Unwritable> {
        let mut map = self.object(Some(1))?;
        map.key(name)
    }

    fn end_variant(&mut self) {
        if self.is_json() {
            self.push("}");
        }
    }
}

/// Within what `MessagePack` has lengths for.
fn length(len: usize) -> Result<u64, Unwritable> {
    u32::try_from(len).map(Into::into).map_err(|_| Unwritable)
}

impl Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl StdError for Unwritable {}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that none of our types holds")
    }
}

#[cfg(test)]
mod tests;
