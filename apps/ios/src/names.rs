//! Names that cross over as texts.

use std::{fmt::Display, str::FromStr, time::Duration};

use crate::SnugError;

/// Reads a name that the app got from here.
///
/// # Errors
/// Says what is wrong with one that it did not.
pub(crate) fn parse<T: FromStr<Err: Display>>(name: &str) -> Result<T, SnugError> {
    name.parse().map_err(SnugError::invalid)
}

pub(crate) fn texts<T: Display>(names: &[T]) -> Vec<String> {
    names.iter().map(T::to_string).collect()
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
