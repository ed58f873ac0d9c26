//! Latencies, and the median of a few figures.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Durations, told as percentiles.
#[derive(Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Self {
        Self(Histogram::new(3).expect("three digits are supported"))
    }

    pub(crate) fn add(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.0.record(micros).expect("it grows as needed");
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
        let ms = |micros: u64| micros as f64 / 1e3;
        let (p50, p99) = (
            self.0.value_at_quantile(0.5),
            self.0.value_at_quantile(0.99),
        );
        let (count, max) = (self.0.len(), self.0.max());
        write!(
            f,
            "p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms of {count}",
            ms(p50),
            ms(p99),
            ms(max)
        )
    }
}

/// The middle one; 0 of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
