//! How fast something goes, of late.

use std::time::Duration;

use crate::{Time, limits::PROGRESS_INTERVAL};

/// An exponentially weighted rate, and when to tell it next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    bytes: u64,
    rate: Option<f64>,
    mark: Option<(Time, u64)>,
    told: bool,
}

impl Meter {
    /// Starts with bytes that were there before.
    pub(crate) fn starting_at(bytes: u64) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.told = false;
    }

    /// What came does not count after all.
    pub(crate) fn take_back(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes a second of late, and the time left until `total` at this rate.
    pub(crate) fn rate(&self, total: u64) -> (f64, Option<Duration>) {
        let rate = self.rate.unwrap_or_default();
        let left = total.saturating_sub(self.bytes);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = left as f64 / rate;
        (rate, Duration::try_from_secs_f64(seconds).ok())
    }

    /// Takes a measurement if it is time for one. Says whether there is something new to tell.
    pub(crate) fn tick(&mut self, now: Time) -> bool {
        let (since, before) = *self.mark.get_or_insert((now, self.bytes));
        let elapsed = now.since(since);
        if elapsed < PROGRESS_INTERVAL {
            return false;
        }
        self.mark = Some((now, self.bytes));
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let current = self.bytes.saturating_sub(before) as f64 / elapsed.as_secs_f64();
        // Old measurements fade with a time constant of two seconds.
        let weight = 1.0 - (-elapsed.as_secs_f64() / 2.0).exp();
        self.rate = Some(
            self.rate
                .map_or(current, |rate| rate + weight * (current - rate)),
        );
        !std::mem::replace(&mut self.told, true)
    }

    /// When to measure next; at once if never before.
    pub(crate) fn due(&self) -> Time {
        self.mark
            .map_or(Time::ZERO, |(since, _)| since + PROGRESS_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_follows_and_the_time_left_with_it() {
        let mut meter = Meter::starting_at(1_000_000);
        let at = |ms| Time::new(Duration::from_millis(ms));
        meter.tick(at(0));
        for step in 1..=40 {
            meter.add(250_000);
            assert!(meter.tick(at(250 * step)));
        }
        let (rate, eta) = meter.rate(21_000_000);
        assert!((rate - 1_000_000.0).abs() < 1.0);
        assert_eq!(eta.map(|eta| eta.as_secs()), Some(10));
        assert!(!meter.tick(at(10_010)), "too early");
        assert!(!meter.tick(at(11_000)), "nothing moved");
    }
}
