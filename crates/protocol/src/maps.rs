//! The ordered maps and sets of what also runs in browsers.
//!
//! In a browser they are sorted arrays. Each kind of B-tree is ten kilobytes of code, a fifth of
//! what a page had to load together, and these hold members, files and messages: a few, or many
//! that come in order.

#[cfg(not(target_family = "wasm"))]
pub use std::collections::{BTreeMap, BTreeSet};

#[cfg(target_family = "wasm")]
pub use self::flat::{FlatMap as BTreeMap, FlatSet as BTreeSet};

#[cfg(any(target_family = "wasm", test))]
#[allow(
    missing_docs,
    unnameable_types,
    reason = "its types and methods are those of a tree"
)]
#[cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, unreachable_pub, reason = "only the tests use it")
)]
mod flat;
