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
            let part = parts.next().filter(|part| part.len() == 2);
            let part = part.ok_or(InvalidFingerprint)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| InvalidFingerprint)?;
        }
        if parts.next().is_some() {
            return Err(InvalidFingerprint);
        }
        Ok(Self(bytes))
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
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint(000102…)");
    }

    #[test]
    fn refuses_everything_else() {
        let long = ["00"; 33].join(":");
        for text in ["", "00:11", long.as_str(), "zz", &"+1:".repeat(32)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
