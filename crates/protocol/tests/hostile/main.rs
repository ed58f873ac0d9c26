//! Inputs that a hostile or broken sender would try, each with the error it must get.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod files;
mod frames;
mod links;
mod listings;
mod signaling;

use std::fmt::Debug;

use rmp_serde::encode::write_named;
use serde::Serialize;
use snug_protocol::DecodeError;

/// The expected error, less its details.
#[derive(Debug)]
enum Why {
    TooLong,
    Truncated,
    Malformed,
    Unknown,
    Missing(&'static str),
    Invalid(&'static str),
}

#[track_caller]
fn refuses<T: Debug>(input: &str, decoded: &Result<T, DecodeError>, why: &Why) {
    let fits = match (decoded, why) {
        (Err(DecodeError::TooLong { .. }), Why::TooLong)
        | (Err(DecodeError::Truncated { .. }), Why::Truncated)
        | (Err(DecodeError::Malformed(_)), Why::Malformed)
        | (Err(DecodeError::UnknownType(_)), Why::Unknown) => true,
        (Err(DecodeError::MissingField(found)), Why::Missing(field))
        | (Err(DecodeError::InvalidField { field: found, .. }), Why::Invalid(field)) => {
            found == field
        }
        _ => false,
    };
    let start: String = input.chars().take(100).collect();
    assert!(fits, "{start:?}: {decoded:?} where {why:?} was expected");
}

/// A control frame of this number.
fn encode<T: Serialize>(number: u8, fields: &T) -> Vec<u8> {
    let mut frame = vec![number];
    write_named(&mut frame, fields).unwrap();
    frame
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap()
}
