//! Rates, as the generic cell rate algorithm: one instant of state per counted thing.

use std::time::{Duration, Instant};

/// How often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    /// Allows `count` in each `period`, and `burst` at once after a rest.
    ///
    /// # Panics
    /// When `count` or `burst` is zero.
    pub const fn new(count: u32, period: Duration, burst: u32) -> Self {
        assert!(burst > 0, "a burst of nothing");
        let interval = period.checked_div(count).expect("a rate of nothing");
        Self { interval, burst }
    }

    /// Time until the next one is allowed when all are used up, in whole seconds.
    pub fn retry_after(&self) -> u64 {
        self.interval.as_secs().max(1)
    }
}

/// What is left of a [`Rate`].
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// When it will be full again.
    full: Instant,
}

impl Bucket {
    /// A full bucket.
    pub const fn new(now: Instant) -> Self {
        Self { full: now }
    }

    /// Whether nothing is missing from it.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.full <= now
    }

    /// Takes one if there is one.
    #[must_use]
    pub fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let full = self.full.max(now) + rate.interval;
        let allowed = full <= now + rate.interval * rate.burst;
        if allowed {
            self.full = full;
        }
        allowed
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the start"
)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::new(50, Duration::from_secs(1), 200);

    fn taken(bucket: &mut Bucket, tries: u32, now: Instant) -> usize {
        (0..tries).filter(|_| bucket.take(RATE, now)).count()
    }

    #[test]
    fn a_rested_bucket_gives_its_burst_and_no_more() {
        let now = Instant::now();
        let mut bucket = Bucket::new(now);
        assert_eq!(taken(&mut bucket, 1000, now), 200);
    }

    #[test]
    fn a_spent_bucket_fills_at_the_rate() {
        let now = Instant::now();
        let mut bucket = Bucket::new(now);
        assert_eq!(taken(&mut bucket, 200, now), 200);
        assert_eq!(taken(&mut bucket, 1000, now + Duration::from_millis(19)), 0);
        assert_eq!(taken(&mut bucket, 1000, now + Duration::from_secs(1)), 50);
        assert_eq!(taken(&mut bucket, 1000, now + Duration::from_hours(1)), 200);
    }
}
