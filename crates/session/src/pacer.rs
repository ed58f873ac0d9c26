//! How fast sealed frames may go through the server: over all peers together, well under the rate
//! at which it takes a member for a flood.

use std::time::Duration;

use crate::{
    Time,
    limits::{RELAY_BURST, RELAY_PACE},
};

/// A bucket of messages that refills with time.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    /// When the bucket will be full again.
    full_at: Option<Time>,
}

impl Pacer {
    /// Takes a message out of the bucket, if one is left.
    pub(crate) fn take(&mut self, now: Time) -> bool {
        let free = self.ready_at(now) <= now;
        if free {
            let from = self.full_at.map_or(now, |full_at| full_at.max(now));
            self.full_at = Some(from + RELAY_PACE);
        }
        free
    }

    /// When a message will be there.
    pub(crate) fn ready_at(&self, now: Time) -> Time {
        let ahead = self.full_at.map_or(Duration::ZERO, |full| full.since(now));
        now + (ahead + RELAY_PACE).saturating_sub(RELAY_PACE * RELAY_BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_pace() {
        let mut pacer = Pacer::default();
        let mut now = Time::ZERO + Duration::from_secs(5);
        let burst = std::iter::from_fn(|| pacer.take(now).then_some(())).count();
        assert_eq!(burst, RELAY_BURST as usize);
        now = pacer.ready_at(now);
        assert!(pacer.take(now) && !pacer.take(now));
        now = now + RELAY_PACE * 10;
        let more = std::iter::from_fn(|| pacer.take(now).then_some(())).count();
        assert_eq!(more, 10);
    }
}
