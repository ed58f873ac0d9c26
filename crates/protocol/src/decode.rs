//! The one error of every decoder, and the `MessagePack` entry point.

use serde::de::DeserializeOwned;

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
    pub(crate) fn invalid(field: &'static str, reason: impl ToString) -> Self {
        Self::InvalidField {
            field,
            reason: reason.to_string(),
        }
    }
}

/// Refuses a field of more than `limit` bytes.
pub(crate) fn check_len(field: &'static str, len: usize, limit: usize) -> Result<(), DecodeError> {
    if len > limit {
        return Err(DecodeError::invalid(
            field,
            format_args!("{len} bytes exceed {limit}"),
        ));
    }
    Ok(())
}

/// Decodes one `MessagePack` value and refuses anything after it.
pub(crate) fn from_msgpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = rmp_serde::Deserializer::from_read_ref(bytes);
    // Frames nest three deep; the default of 1024 would let a hostile frame use the stack.
    decoder.set_max_depth(16);
    let value = T::deserialize(&mut decoder).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let rest = decoder.get_ref().len();
    if rest > 0 {
        return Err(DecodeError::Malformed(format!(
            "{rest} bytes after the end"
        )));
    }
    Ok(value)
}
