//! The ordered maps and sets that this crate uses.
//!
//! In a browser they are sorted arrays. Each kind of B-tree is ten kilobytes of code, a fifth of
//! what a page had to load together, and these hold members, files and messages: a few, or many
//! that come in order.

#[cfg(not(target_family = "wasm"))]
pub(crate) use std::collections::{BTreeMap, BTreeSet};

#[cfg(target_family = "wasm")]
pub(crate) use self::flat::{FlatMap as BTreeMap, FlatSet as BTreeSet};

#[cfg(any(target_family = "wasm", test))]
#[cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "only the tests use it")
)]
mod flat;
