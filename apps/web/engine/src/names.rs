//! Names that cross over as texts.

use std::{fmt::Display, str::FromStr};

use wasm_bindgen::prelude::wasm_bindgen;

/// What JavaScript has for a name: it is written as a text and read from one.
pub type Text = String;

/// Reads a name that the page got from here.
///
/// # Errors
/// Says what is wrong with one that it did not.
pub(crate) fn parse<T: FromStr<Err: Display>>(name: &str) -> Result<T, String> {
    name.parse().map_err(|error: T::Err| error.to_string())
}

#[wasm_bindgen(typescript_custom_section)]
const NAMES: &str = r"
/** Names a member: chosen by itself, new for every room. */
export type ClientId = string;
/** Names a message: its author, a slash, and the author's count. */
export type MessageId = string;
/** Names something on offer: 32 hexadecimal digits. */
export type TransferId = string;
/** Names one connection to a member. */
export type LinkId = number;
";
