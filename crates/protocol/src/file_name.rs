//! What a file may be called on the receiver's disk.

use std::{borrow::Cow, fmt};

use crate::{limits::FILE_NAME_BYTES, normal::composed};
use serde::{Deserialize, Deserializer, Serialize};

/// A file name that is safe to create on every common system: never a path, never hidden, never a
/// device, nothing that a terminal or a right-to-left reader would be deceived by.
///
/// There is no other way to get one than through [`FileName::sanitize`], which is total and
/// idempotent, so a name from the network is safe once it is decoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// Makes any text a safe file name.
    pub fn sanitize(name: &str) -> Self {
        let last = name
            .rsplit(['/', '\\'])
            .find(|part| !part.is_empty())
            .unwrap_or_default();
        // macOS takes both forms of `é` for one name, and Linux for two (UAX #15). What is left out
        // may have stood between two characters that compose.
        let last = composed(last);
        let visible = last.chars().filter(|c| !is_invisible(*c));
        let visible: String = visible.map(replace).collect();
        let mut name = shorten(trim(&composed(&visible)), FILE_NAME_BYTES);
        // Cutting a name can uncover a device, so this comes after.
        if is_device(&name) {
            name = format!("_{}", shorten(&name, FILE_NAME_BYTES - 1));
        }
        if name.starts_with('.') {
            name.replace_range(..1, "_");
        }
        if name.is_empty() {
            name.push_str("file");
        }
        Self(name)
    }

    /// Takes a name that is safe already.
    pub(crate) fn of_component(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `name (2).ext`, for when `name.ext` is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let (stem, extension) = split_extension(&self.0);
        let number = format!(" ({number}){extension}");
        let room = FILE_NAME_BYTES - number.len();
        let stem = &stem[..stem.floor_char_boundary(room)];
        // Neither makes it a device, nor leaves anything that is dropped at an end.
        Self(format!("{stem}{number}"))
    }

    /// Whether [`numbered`](Self::numbered) may have to cut it.
    pub(crate) const fn is_long(&self) -> bool {
        self.0.len() > FILE_NAME_BYTES - " (4294967295)".len()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|name| Self::sanitize(&name))
    }
}

/// Windows drops trailing dots and spaces, so two names would become one.
fn trim(name: &str) -> &str {
    name.trim_start()
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Control characters, and the format characters that hide or reorder text (Unicode `Bidi_Control`,
/// zero-width, tags, variation selectors stay).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// What Windows reserves. Slashes are gone by now.
fn replace(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') {
        '_'
    } else {
        c
    }
}

/// The names that Windows keeps for devices, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" => true,
        _ => stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"))
            .is_some_and(|n| {
                matches!(
                    n,
                    "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
                )
            }),
    }
}

/// Cuts the middle of a name that is too long, and keeps a short extension.
fn shorten(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let (stem, extension) = split_extension(name);
    let stem = &stem[..stem.floor_char_boundary(limit - extension.len())];
    format!("{}{extension}", trim(stem))
}

/// What stands before the extension, and the extension with its dot, unless it is so long that it
/// is none.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if name.len() - dot <= EXTENSION_BYTES => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Bytes of an extension with its dot: `.sublime-project` is among the longest.
const EXTENSION_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_paths_devices_or_tricks() {
        for (given, safe) in [
            ("holiday.mp4", "holiday.mp4"),
            ("../x", "x"),
            ("a/../../x", "x"),
            ("/abs", "abs"),
            ("C:\\x", "x"),
            ("C:x", "C_x"),
            ("\\\\srv\\x", "x"),
            ("NUL", "_NUL"),
            ("con.txt", "_con.txt"),
            ("com1.tar.gz", "_com1.tar.gz"),
            ("a:b", "a_b"),
            ("x. . ", "x"),
            (".ssh", "_ssh"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            ("///", "file"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("a\u{200b}b\x1b]0;x\x07\n", "ab]0;x"),
            ("\u{65e5}\u{672c}.txt", "\u{65e5}\u{672c}.txt"),
        ] {
            assert_eq!(FileName::sanitize(given).as_str(), safe, "{given:?}");
        }
    }

    #[test]
    fn both_forms_of_a_letter_are_one_name() {
        let name = FileName::sanitize("cafe\u{301}.txt");
        assert_eq!(name.as_str(), "caf\u{e9}.txt");
        assert_eq!(FileName::sanitize("e\u{200b}\u{301}").as_str(), "\u{e9}");
    }

    #[test]
    fn numbers_go_before_the_extension() {
        let numbered = |name: &str, number| FileName::sanitize(name).numbered(number);
        assert_eq!(numbered("a.tar.gz", 2).as_str(), "a.tar (2).gz");
        assert_eq!(numbered("README", 3).as_str(), "README (3)");
        let long = numbered(&format!("{}.mp4", "x".repeat(300)), 100);
        assert!(long.as_str().ends_with("x (100).mp4"));
        assert!(long.as_str().len() <= FILE_NAME_BYTES);
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = FileName::sanitize(&format!("{}.mp4", "\u{e9}".repeat(300)));
        assert!(name.as_str().len() <= FILE_NAME_BYTES);
        assert!(name.as_str().ends_with("\u{e9}.mp4"));
    }

    #[test]
    fn cutting_a_name_uncovers_no_device() {
        let name = FileName::sanitize(&format!("con{}x.txt", " ".repeat(300)));
        assert_eq!(name.as_str(), "_con.txt");
    }
}
