//! What somebody typed or pasted, less all that does not matter.

use zeroize::Zeroizing;

use super::InvalidInvite;
use crate::limits::INVITE_BYTES;

/// Groups of lower-case letters and digits with dashes between them. Cleared from memory when
/// dropped.
pub(super) struct Typed(Zeroizing<String>);

impl Typed {
    /// Reads a code, or the code at the end of a link.
    pub(super) fn read(typed: &str) -> Result<Self, InvalidInvite> {
        if typed.len() > INVITE_BYTES {
            return Err(InvalidInvite::TooLong(typed.len()));
        }
        let text = unescape(typed);
        let code = match text.rsplit_once('#') {
            Some((_link, code)) => code,
            None if text.contains("://") => return Err(InvalidInvite::BareLink),
            None => &text,
        };
        let mut groups = Zeroizing::new(String::with_capacity(code.len()));
        for c in code.chars() {
            groups.push(plain(c).ok_or(InvalidInvite::Character(c))?);
        }
        Ok(Self(groups))
    }

    /// The groups, none of which is empty.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.split('-').filter(|group| !group.is_empty())
    }
}

/// Undoes the percent-encoding of links (RFC 3986 §2.1), as far as it stands for ASCII.
fn unescape(typed: &str) -> Zeroizing<String> {
    // As long as what was typed, because growing would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(typed.len()));
    let mut rest = typed;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let digits = after.get(..2).filter(|digits| is_hexadecimal(digits));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(u8::is_ascii) {
            text.push(byte.into());
            rest = &after[2..];
        } else {
            text.push('%');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// A letter or digit in lower case, or a dash for all that may stand between them.
///
/// Letters that look like those of a code but are others are refused: whoever sends them may want
/// a code to be read differently than it is typed.
fn plain(c: char) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        // U+2010 to U+2015 and U+2212 are what word processors make of dashes.
        '-' | '_' | '.' | ',' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => c.is_whitespace().then_some('-'),
    }
}
