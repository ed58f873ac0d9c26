//! Where each member's time starts: what was said before is not theirs to see.

use std::collections::VecDeque;

use snug_protocol::ClientId;

use crate::{limits::MAX_AUTHORS, maps::BTreeMap};

/// For each author the first number that a member may see.
pub(crate) type Starts = BTreeMap<ClientId, u64>;

/// The members who are here, and those who may come back.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    here: BTreeMap<ClientId, Starts>,
    /// Those who left without a goodbye, the last ones last.
    away: VecDeque<(ClientId, Starts)>,
}

impl Arrivals {
    /// A member is here from now on. Who comes back after an absence keeps the time it had.
    pub(crate) fn on_arrived(&mut self, peer: &ClientId, starts: impl FnOnce() -> Starts) {
        if self.here.contains_key(peer) {
            return;
        }
        let known = self.away.iter().position(|(away, _)| away == peer);
        let known = known.and_then(|at| self.away.remove(at));
        let starts = known.map_or_else(starts, |(_, starts)| starts);
        self.here.insert(peer.clone(), starts);
    }

    /// A member is gone, and may come back or not.
    pub(crate) fn on_departed(&mut self, peer: &ClientId, returns: bool) {
        let Some(starts) = self.here.remove(peer).filter(|_| returns) else {
            return;
        };
        if self.away.len() >= MAX_AUTHORS {
            self.away.pop_front();
        }
        self.away.push_back((peer.clone(), starts));
    }

    /// Where the time of a member that is here starts in each chain.
    pub(crate) fn starts(&self, peer: &ClientId) -> Option<&Starts> {
        self.here.get(peer)
    }

    /// The first entry of an author that a member may see. An author of whom nobody knew when it
    /// came had said nothing before. Of somebody who is not here, nothing is known.
    pub(crate) fn start(&self, peer: &ClientId, author: &ClientId) -> Option<u64> {
        let starts = self.starts(peer)?;
        Some(starts.get(author).copied().unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ClientId {
        name.parse().unwrap()
    }

    fn from(seq: u64) -> impl FnOnce() -> Starts {
        move || Starts::from([(id("me"), seq)])
    }

    #[test]
    fn who_may_come_back_keeps_its_time() {
        let mut arrivals = Arrivals::default();
        for (returns, second) in [(true, 3), (false, 5)] {
            arrivals.on_arrived(&id("ann"), from(3));
            arrivals.on_departed(&id("ann"), returns);
            assert_eq!(arrivals.start(&id("ann"), &id("me")), None);
            arrivals.on_arrived(&id("ann"), from(5));
            assert_eq!(arrivals.start(&id("ann"), &id("me")), Some(second));
        }
    }

    #[test]
    fn of_those_away_the_oldest_are_forgotten_and_of_those_here_nobody() {
        let mut arrivals = Arrivals::default();
        arrivals.on_arrived(&id("0-here"), from(1));
        for name in (0..=MAX_AUTHORS).map(|n| id(&format!("away-{n}"))) {
            arrivals.on_arrived(&name, from(2));
            arrivals.on_departed(&name, true);
        }
        assert_eq!(arrivals.away.len(), MAX_AUTHORS);
        assert_eq!(arrivals.start(&id("0-here"), &id("me")), Some(1));
        for (name, start) in [("away-0", 9), ("away-1", 2)] {
            arrivals.on_arrived(&id(name), from(9));
            assert_eq!(arrivals.start(&id(name), &id("me")), Some(start));
        }
    }
}
