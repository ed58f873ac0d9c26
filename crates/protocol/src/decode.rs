//! The one error of every decoder, and the ways into JSON and `MessagePack`.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, SeqAccess, Visitor},
};

use crate::{
    decoder::{self, Decoder},
    limits::MAX_CLOCK,
};

/// Bytes from a wire that are not what they should be. Always the sender's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More bytes than this kind of message may have.
    #[error("{len} bytes exceed the limit of {limit}")]
    TooLong {
        /// Bytes received.
        len: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Fewer bytes than the header promises.
    #[error("truncated: {len} bytes where {needed} are needed")]
    Truncated {
        /// Bytes received.
        len: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// Neither JSON nor `MessagePack` of the expected shape.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A `type` or frame number that this version does not know.
    #[error("unknown message type {0:?}")]
    UnknownType(String),
    /// A field that the message needs is absent.
    #[error("missing field `{0}`")]
    MissingField(&'static str),
    /// A field whose value is out of its range.
    #[error("invalid field `{field}`: {reason}")]
    InvalidField {
        /// The field, as it is called on the wire.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl DecodeError {
    pub(crate) fn invalid(field: &'static str, reason: &(impl fmt::Display + ?Sized)) -> Self {
        Self::InvalidField {
            field,
            reason: reason.to_string(),
        }
    }

    /// Whether it may come from a newer version: the shape is right, the kind is not known.
    pub const fn is_unknown_type(&self) -> bool {
        matches!(self, Self::UnknownType(_))
    }

    pub(crate) fn unknown_type(kind: &str) -> Self {
        Self::UnknownType(kind.chars().take(32).collect())
    }
}

/// Takes a field that the message cannot do without.
pub(crate) fn require<T>(field: &'static str, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::MissingField(field))
}

/// Takes a field that is written as text.
pub(crate) fn parse_field<T>(field: &'static str, value: Option<&str>) -> Result<T, DecodeError>
where
    T: FromStr<Err: fmt::Display>,
{
    require(field, value)?
        .parse()
        .map_err(|error| DecodeError::invalid(field, &error))
}

/// Refuses a message of more than `limit` bytes.
pub(crate) fn check_total(len: usize, limit: usize) -> Result<(), DecodeError> {
    if len > limit {
        return Err(DecodeError::TooLong { len, limit });
    }
    Ok(())
}

/// Refuses a field of more than `limit` bytes.
pub(crate) fn check_len(field: &'static str, len: usize, limit: usize) -> Result<(), DecodeError> {
    if len > limit {
        return Err(DecodeError::invalid(
            field,
            &format_args!("{len} bytes exceed {limit}"),
        ));
    }
    Ok(())
}

/// Refuses a list of more than `limit` elements.
pub(crate) fn check_count(
    field: &'static str,
    count: usize,
    limit: usize,
) -> Result<(), DecodeError> {
    if count > limit {
        return Err(DecodeError::invalid(
            field,
            &format_args!("{count} elements exceed {limit}"),
        ));
    }
    Ok(())
}

/// Refuses a count or a time that a JavaScript number would not hold.
pub(crate) fn check_clock(field: &'static str, value: u64) -> Result<(), DecodeError> {
    if value > MAX_CLOCK {
        return Err(DecodeError::invalid(
            field,
            &format_args!("{value} exceeds 2^53-1"),
        ));
    }
    Ok(())
}

/// As [`check_clock`], for numbers that start at 1.
pub(crate) fn check_seq(field: &'static str, value: u64) -> Result<(), DecodeError> {
    if value == 0 {
        return Err(DecodeError::invalid(field, "0 where numbers start at 1"));
    }
    check_clock(field, value)
}

/// Decodes one JSON value and refuses anything after it.
pub(crate) fn from_json<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, DecodeError> {
    decode_all(&mut Decoder::json(json, DEPTH), json.len())
}

/// Takes one JSON value as it is written, without the white space around it.
pub(crate) fn raw_json(json: &str) -> Result<&str, DecodeError> {
    let mut decoder = Decoder::json(json, DEPTH);
    let raw = decoder.raw().and_then(|raw| {
        decoder.end()?;
        Ok(raw)
    });
    raw.map_err(|error| malformed(error, json.len() - decoder.rest().len()))
}

/// Takes a field of any JSON value as it is written; of `null` as well, which `Option` would read
/// as no field.
pub(crate) fn raw_field<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de str>, D::Error> {
    struct Raw;

    impl<'de> Visitor<'de> for Raw {
        type Value = Option<&'de str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }

        fn visit_borrowed_str<E>(self, json: &'de str) -> Result<Self::Value, E> {
            Ok(Some(json))
        }
    }

    deserializer.deserialize_newtype_struct(decoder::RAW, Raw)
}

/// Decodes one `MessagePack` value and refuses anything after it.
pub(crate) fn from_msgpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    decode_all(&mut Decoder::msgpack(bytes, DEPTH), bytes.len())
}

/// Messages and frames nest four deep.
const DEPTH: u8 = 16;

fn decode_all<'de, T: Deserialize<'de>>(
    decoder: &mut Decoder<'de>,
    len: usize,
) -> Result<T, DecodeError> {
    let value = T::deserialize(&mut *decoder).and_then(|value| {
        decoder.end()?;
        Ok(value)
    });
    value.map_err(|error| malformed(error, len - decoder.rest().len()))
}

/// Says where, and quotes nothing.
fn malformed(error: decoder::Error, at: usize) -> DecodeError {
    DecodeError::Malformed(format!("{error}, at byte {at}"))
}

/// Reads a list element by element, whatever length it announces: serde would reserve up to a
/// mebibyte on the word of a frame of ten bytes.
pub(crate) fn list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = elements.next_element()? {
                list.push(element);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List(PhantomData))
}
