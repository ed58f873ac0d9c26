//! How long it takes to the peer and back.

use std::time::Duration;

/// What the answers to probes say.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoundTrip {
    /// As of late (RFC 6298 §2).
    pub(super) smooth: Duration,
    pub(super) shortest: Duration,
    /// How far answers are from that, mostly.
    deviation: Duration,
}

impl RoundTrip {
    /// What the first answer says.
    pub(super) fn new(sample: Duration) -> Self {
        Self {
            smooth: sample,
            shortest: sample,
            deviation: Duration::ZERO,
        }
    }

    /// A guess, before there is an answer.
    pub(super) fn unknown() -> Self {
        Self {
            shortest: Duration::ZERO,
            ..Self::new(UNKNOWN)
        }
    }

    /// Takes another answer.
    pub(super) fn on_sample(&mut self, sample: Duration) {
        // A route may get longer: so the shortest grows, by a percent in two seconds.
        let shortest = self.shortest + self.shortest / 8192;
        self.shortest = shortest.min(sample);
        self.deviation = (self.deviation * 3 + self.smooth.abs_diff(sample)) / 4;
        self.smooth = (self.smooth * 7 + sample) / 8;
    }

    /// Whether packets wait somewhere on the way, mostly. Not always: what is sent in bursts empties
    /// the queue between them. A delay that merely varies is no queue.
    pub(super) fn is_queued(&self) -> bool {
        self.smooth > self.shortest * 4 / 3 + self.deviation + MIN_QUEUE
    }
}

const UNKNOWN: Duration = Duration::from_millis(100);

/// Packets wait for this long on any path.
const MIN_QUEUE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_queue_shows_and_a_hiccup_does_not() {
        let [empty, full] = [20, 40].map(Duration::from_millis);
        let mut trip = RoundTrip::new(empty);
        assert!(!trip.is_queued());
        trip.on_sample(full);
        assert!(!trip.is_queued(), "a hiccup");
        for _ in 0..10 {
            trip.on_sample(full);
        }
        assert!(trip.is_queued());
    }

    #[test]
    fn a_delay_that_varies_is_no_queue() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut trip = RoundTrip::new(Duration::from_millis(600));
        let mut queued = 0;
        for _ in 0..1000 {
            let ways = [(); 2].map(|()| Duration::from_millis(rng.random_range(200..=400)));
            trip.on_sample(ways.iter().sum());
            queued += u32::from(trip.is_queued());
        }
        assert!(queued < 200, "{queued} of 1000");
    }

    #[test]
    fn a_longer_route_is_no_queue_for_ever() {
        let [before, after] = [20, 40].map(Duration::from_millis);
        let mut trip = RoundTrip::new(before);
        for _ in 0..10_000 {
            trip.on_sample(after);
        }
        assert!(!trip.is_queued());
    }
}
