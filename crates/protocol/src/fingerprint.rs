//! DTLS certificates, by their hash.

use std::{fmt, str::FromStr};

/// The SHA-256 of a DTLS certificate (RFC 8122 §5).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Not 32 bytes in hex with colons between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    /// Reads the form that descriptions use: 32 bytes in hex, with colons between.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            *byte = parts.next().and_then(read_byte).ok_or(InvalidFingerprint)?;
        }
        if parts.next().is_some() {
            return Err(InvalidFingerprint);
        }
        Ok(Self(bytes))
    }
}

/// Two digits, without the sign that `from_str_radix` would take.
fn read_byte(part: &str) -> Option<u8> {
    let is_hex = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(part, 16).ok())?
}

impl fmt::Display for Fingerprint {
    /// Writes the form that descriptions use, in upper case as RFC 8122 §5 has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = &self.0;
        write!(f, "{first:02X}")?;
        rest.iter().try_for_each(|byte| write!(f, ":{byte:02X}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, ..] = self.0;
        write!(f, "Fingerprint({a:02x}{b:02x}{c:02x}…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_form_of_descriptions() {
        let text = (0..32)
            .map(|n| format!("{n:02X}"))
            .collect::<Vec<_>>()
            .join(":");
        let fingerprint: Fingerprint = text.parse().unwrap();
        assert_eq!(fingerprint.0[31], 31);
        assert_eq!(fingerprint.to_string(), text);
        assert_eq!(text.to_lowercase().parse(), Ok(fingerprint));
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint(000102…)");
    }

    #[test]
    fn refuses_everything_else() {
        let long = ["00"; 33].join(":");
        let signed = ["+1"; 32].join(":");
        let trailing = "01:".repeat(32);
        for text in ["", "00:11", &long, "zz", &signed, &trailing] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
