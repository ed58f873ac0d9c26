//! Unicode's normalization forms (UAX #15), and what case is to them.
//!
//! In a browser they are the browser's: its tables are there anyway, and ours would be a tenth of
//! what a page has to load.

use std::borrow::Cow;

/// Normalization Form C: what can be composed is.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    forms::composed(text)
}

/// Normalization Form D: what can be taken apart is.
pub(crate) fn decomposed(text: &str) -> String {
    if text.is_ascii() {
        return text.into();
    }
    forms::decomposed(text)
}

/// What texts have in common that differ in case: they meet in upper case, as `ς` and `σ`, `ß` and
/// `ss`, `ı` and `i` do. By characters, since the lower case of `Σ` in a text depends on what
/// follows.
pub(crate) fn caseless(chars: impl Iterator<Item = char>) -> String {
    chars.fold(String::new(), |mut text, c| {
        forms::push_caseless(&mut text, c);
        text
    })
}

#[cfg(not(target_family = "wasm"))]
mod forms {
    use std::borrow::Cow;

    use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

    pub(super) fn composed(text: &str) -> Cow<'_, str> {
        match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.into(),
            IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
        }
    }

    pub(super) fn decomposed(text: &str) -> String {
        text.nfd().collect()
    }

    pub(super) fn push_caseless(text: &mut String, c: char) {
        let upper = c.to_lowercase().flat_map(char::to_uppercase);
        text.extend(upper.flat_map(char::to_lowercase));
    }
}

#[cfg(target_family = "wasm")]
mod forms {
    use std::borrow::Cow;

    use js_sys::JsString;

    pub(super) fn composed(text: &str) -> Cow<'_, str> {
        String::from(JsString::from(text).normalize("NFC")).into()
    }

    pub(super) fn decomposed(text: &str) -> String {
        String::from(JsString::from(text).normalize("NFD"))
    }

    pub(super) fn push_caseless(text: &mut String, c: char) {
        let upper = JsString::from(c).to_lower_case().to_upper_case();
        // One by one again: `İ` has two.
        for c in String::from(upper).chars() {
            text.push_str(&String::from(JsString::from(c).to_lower_case()));
        }
    }
}
