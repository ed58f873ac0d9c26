//! Notices that the machine has moved to another network.
//!
//! Otherwise nobody would know for long: a socket whose address is gone only stays silent.

use std::net::IpAddr;

use tokio::time::{self, Interval, MissedTickBehavior};

use crate::{limits::NETWORK_PAUSE, transport::Interfaces};

/// The addresses of this machine, as they were when somebody last looked.
#[derive(Debug)]
pub(crate) struct Network {
    interfaces: Interfaces,
    known: Vec<IpAddr>,
    looks: Interval,
}

impl Network {
    pub(crate) fn new(interfaces: Interfaces) -> Self {
        let mut looks = time::interval(NETWORK_PAUSE);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            known: Vec::new(),
            interfaces,
            looks,
        }
    }

    /// Waits until an address that was there is gone. May be dropped and called again.
    pub(crate) async fn moved(&mut self) {
        loop {
            self.looks.tick().await;
            // Where they cannot be had, nothing is known to have changed.
            let Ok(now) = self.interfaces.addrs() else {
                continue;
            };
            let moved = has_moved(&self.known, &now);
            self.known = now;
            if moved {
                return;
            }
        }
    }
}

/// A further address changes nothing for the sockets that there are. A machine that is offline has
/// loopback only, which is gone when it is online again.
fn has_moved(before: &[IpAddr], now: &[IpAddr]) -> bool {
    before.iter().any(|address| !now.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(before: &[&str], now: &[&str]) -> bool {
        let [before, now] = [before, now].map(|addresses| {
            let parsed = addresses.iter().map(|address| address.parse().unwrap());
            parsed.collect::<Vec<IpAddr>>()
        });
        has_moved(&before, &now)
    }

    #[test]
    fn another_address_is_a_move() {
        assert!(moved(&["192.0.2.1"], &["192.0.2.2"]));
        assert!(moved(&["192.0.2.1", "2001:db8::1"], &["2001:db8::1"]));
    }

    #[test]
    fn going_offline_and_coming_back_are_moves() {
        assert!(moved(&["192.0.2.1"], &["127.0.0.1"]));
        assert!(moved(&["127.0.0.1"], &["192.0.2.1"]));
    }

    #[test]
    fn the_first_look_and_further_addresses_are_none() {
        assert!(!moved(&[], &["192.0.2.1"]));
        assert!(!moved(&["192.0.2.1"], &["198.51.100.1", "192.0.2.1"]));
        assert!(!moved(&["192.0.2.1"], &["192.0.2.1"]));
    }
}
