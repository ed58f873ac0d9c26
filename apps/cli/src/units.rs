//! Sizes, rates and times in words.

use std::{path::PathBuf, time::Duration};

use crate::harmless::harmless;

/// Bytes as people count them: `0 B`, `12.3 kB`, `4.5 GB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut scaled = count as f64 / 1000.0;
    let mut unit = 0;
    // From 999.95 on it would be shown as 1000.0.
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// Bytes a second.
pub(crate) fn rate(bytes_per_second: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate, and negative rates are cut off"
    )]
    let whole = bytes_per_second.max(0.0) as u64;
    format!("{}/s", bytes(whole))
}

/// A time as on a stopwatch: `0:07`, `12:34`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        return format!("{hours}:{minutes:02}:{seconds:02}");
    }
    format!("{minutes}:{seconds:02}")
}

/// `1 file`, `4,988 files`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// `4,988`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The first of some paths as it was named, harmless, and how many more there are.
pub(crate) fn named(paths: &[PathBuf]) -> String {
    let Some((first, more)) = paths.split_first() else {
        return "nothing".to_owned();
    };
    and_more(&harmless(&first.to_string_lossy()), more.len())
}

/// `photos and 2 more`.
pub(crate) fn and_more(first: &str, more: usize) -> String {
    match more {
        0 => first.to_owned(),
        more => format!("{first} and {} more", grouped(more)),
    }
}

/// Hundredths of the way, 100 only at the end.
pub(crate) fn percent(bytes: u64, total: u64) -> u8 {
    if bytes >= total {
        return 100;
    }
    let percent = u128::from(bytes) * 100 / u128::from(total);
    u8::try_from(percent).expect("bytes are less than the total")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_to_four_digits() {
        for (count, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (12_345_678, "12.3 MB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(bytes(count), words);
        }
    }

    #[test]
    fn large_numbers_are_grouped() {
        for (number, words) in [
            (0, "0"),
            (999, "999"),
            (4988, "4,988"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), words);
        }
        assert_eq!(named(&["a".into(), "b".into()]), "a and 1 more");
    }

    #[test]
    fn rates_survive_nonsense() {
        assert_eq!(rate(4_500_000.0), "4.5 MB/s");
        assert_eq!(rate(f64::NAN), "0 B/s");
        assert_eq!(rate(-1.0), "0 B/s");
        assert_eq!(rate(f64::INFINITY), "18446.7 PB/s");
    }

    #[test]
    fn times_read_like_a_stopwatch() {
        assert_eq!(clock(Duration::from_millis(7900)), "0:07");
        assert_eq!(clock(Duration::from_secs(754)), "12:34");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn all_is_reached_only_at_the_end() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(0, 10), 0);
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }
}
