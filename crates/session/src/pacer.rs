//! How fast sealed frames may go through the server: over all peers together, well under the rate
//! at which it takes a member for a flood.

use std::time::Duration;

use crate::{RelayBudget, Time};

/// A bucket of messages that refills with time.
#[derive(Debug)]
pub(crate) struct Pacer {
    budget: RelayBudget,
    /// When the bucket will be full again.
    full_at: Option<Time>,
}

impl Pacer {
    pub(crate) const fn new(budget: RelayBudget) -> Self {
        Self {
            budget,
            full_at: None,
        }
    }

    /// What it keeps to.
    pub(crate) const fn budget(&self) -> &RelayBudget {
        &self.budget
    }

    /// Takes a message out of the bucket, if one is left.
    pub(crate) fn take(&mut self, now: Time) -> bool {
        let free = self.ready_at(now) <= now;
        if free {
            let from = self.full_at.map_or(now, |full_at| full_at.max(now));
            self.full_at = Some(from + self.budget.pace);
        }
        free
    }

    /// When a message will be there.
    pub(crate) fn ready_at(&self, now: Time) -> Time {
        let ahead = self.full_at.map_or(Duration::ZERO, |full| full.since(now));
        let RelayBudget { pace, burst, .. } = self.budget;
        now + (ahead + pace).saturating_sub(pace * burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_pace() {
        let budget = RelayBudget::SERVER;
        let mut pacer = Pacer::new(budget);
        let mut now = Time::ZERO + Duration::from_secs(5);
        let burst = std::iter::from_fn(|| pacer.take(now).then_some(())).count();
        assert_eq!(burst, budget.burst as usize);
        now = pacer.ready_at(now);
        assert!(pacer.take(now) && !pacer.take(now));
        now = now + budget.pace * 10;
        let more = std::iter::from_fn(|| pacer.take(now).then_some(())).count();
        assert_eq!(more, 10);
    }

    #[test]
    fn without_a_pace_there_is_no_waiting() {
        let mut pacer = Pacer::new(RelayBudget::NEARBY);
        let now = Time::ZERO + Duration::from_secs(5);
        assert!((0..1000).all(|_| pacer.take(now)));
        assert_eq!(pacer.ready_at(now), now);
    }
}
