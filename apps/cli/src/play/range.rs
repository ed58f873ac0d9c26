//! The part of a file that a request asks for (RFC 9110 §14).

use std::ops::Range;

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it: nothing else was asked for, or nothing that is understood (RFC 9110 §14.2).
    All,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that there are not.
    Unsatisfiable,
}

impl Asked {
    /// Reads a `Range` header for a file of this size. Several ranges at once are answered with all
    /// of it, which is allowed.
    pub(super) fn read(header: &str, size: u64) -> Self {
        let Some((unit, ranges)) = header.split_once('=') else {
            return Self::All;
        };
        let Some((first, last)) = ranges.trim().split_once('-') else {
            return Self::All;
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return Self::All;
        }
        match (position(first), position(last)) {
            (Ok(Some(first)), Ok(Some(last))) if first > last => Self::All,
            (Ok(Some(first)), Ok(last)) => {
                let end = last.map_or(size, |last| last.saturating_add(1).min(size));
                Self::part(first..end)
            }
            (Ok(None), Ok(Some(length))) => Self::part(size.saturating_sub(length)..size),
            _ => Self::All,
        }
    }

    fn part(bytes: Range<u64>) -> Self {
        if bytes.is_empty() {
            return Self::Unsatisfiable;
        }
        Self::Part(bytes)
    }
}

/// A number, or nothing. Those too large for any file are as good as the largest.
fn position(digits: &str) -> Result<Option<u64>, ()> {
    let digits = digits.trim();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(());
    }
    Ok((!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_understood() {
        for (header, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-", Asked::Part(0..100)),
            ("bytes=99-", Asked::Part(99..100)),
            ("bytes=10-19", Asked::Part(10..20)),
            ("Bytes = 10 - 19", Asked::Part(10..20)),
            ("bytes=10-1000", Asked::Part(10..100)),
            ("bytes=10-99999999999999999999999", Asked::Part(10..100)),
            ("bytes=-1", Asked::Part(99..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=100-", Asked::Unsatisfiable),
            ("bytes=18446744073709551615-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
        ] {
            assert_eq!(Asked::read(header, 100), expected, "{header}");
        }
        assert_eq!(Asked::read("bytes=0-", 0), Asked::Unsatisfiable);
        assert_eq!(Asked::read("bytes=-5", 0), Asked::Unsatisfiable);
    }

    #[test]
    fn what_makes_no_sense_is_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=x-",
            "bytes=+1-2",
            "bytes=20-10",
            "bytes=0-1,5-6",
            "bytes=1-2-3",
            "pages=1-2",
        ] {
            assert_eq!(Asked::read(header, 100), Asked::All, "{header}");
        }
    }
}
