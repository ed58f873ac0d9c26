//! What a file may be called on the receiver's disk.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::FILE_NAME_BYTES;

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
        let visible: String = last
            .chars()
            .filter(|c| !is_invisible(*c))
            .map(replace)
            .collect();
        let mut name = shorten(trim(&visible), FILE_NAME_BYTES);
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

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
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
    let extension = match name.rfind('.') {
        Some(dot) if name.len() - dot <= 16 => &name[dot..],
        _ => "",
    };
    let stem = &name[..name.floor_char_boundary(limit - extension.len())];
    format!("{}{extension}", trim(stem))
}

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
