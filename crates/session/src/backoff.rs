//! Pauses that grow and scatter.

use std::time::Duration;

use rand::{Rng, RngExt};

/// Exponential pauses with jitter, so that many who failed together do not come back together.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    floor: Duration,
    ceiling: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) const fn new(floor: Duration, ceiling: Duration) -> Self {
        Self {
            floor,
            ceiling,
            failures: 0,
        }
    }

    /// Counts a failure and says how long to wait: half to all of the doubled pause.
    pub(crate) fn fail(&mut self, rng: &mut impl Rng) -> Duration {
        let doubled = self.floor.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        doubled
            .min(self.ceiling)
            .mul_f64(rng.random_range(0.5..=1.0))
    }

    pub(crate) fn succeed(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn pauses_double_to_the_ceiling_and_start_over() {
        let mut rng = rand_chacha::ChaCha12Rng::from_seed([0; 32]);
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(8));
        let pauses: Vec<_> = (0..100).map(|_| backoff.fail(&mut rng)).collect();
        assert!(pauses[0] <= Duration::from_millis(250));
        assert!(pauses[5..].iter().all(|p| (4..=8).contains(&p.as_secs())));
        backoff.succeed();
        assert!(backoff.fail(&mut rng) <= Duration::from_millis(250));
    }
}
