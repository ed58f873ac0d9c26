//! Whether a socket is alive: the time for `init`, then pings and pongs.

use std::time::Instant;

use crate::config::SocketConfig;

/// The deadlines of one socket as a state machine.
#[derive(Debug)]
pub(crate) struct Pulse(State);

#[derive(Debug)]
enum State {
    /// `init` has yet to come.
    Unseated { until: Instant },
    /// Heard of not long ago.
    Quiet { ping_at: Instant },
    /// Asked for a sign of life.
    Pinged { pong_by: Instant },
}

/// What a deadline calls for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// `init` did not come in time.
    InitTimeout,
    /// Ask for a sign of life.
    Ping,
    /// It did not come in time.
    Dead,
}

impl Pulse {
    pub(crate) fn new(now: Instant, config: &SocketConfig) -> Self {
        Self(State::Unseated {
            until: now + config.init_timeout,
        })
    }

    /// Notes that `init` was accepted.
    pub(crate) fn on_seated(&mut self, now: Instant, config: &SocketConfig) {
        self.0 = State::Quiet {
            ping_at: now + config.ping_interval,
        };
    }

    /// Notes a frame of any kind.
    pub(crate) fn on_frame(&mut self, now: Instant, config: &SocketConfig) {
        match self.0 {
            State::Unseated { .. } => {}
            State::Quiet { .. } | State::Pinged { .. } => self.on_seated(now, config),
        }
    }

    /// What is due at `now`, if anything is.
    pub(crate) fn handle_timeout(&mut self, now: Instant, config: &SocketConfig) -> Option<Beat> {
        if now < self.poll_timeout() {
            return None;
        }
        Some(match self.0 {
            State::Unseated { .. } => Beat::InitTimeout,
            State::Quiet { .. } => {
                self.0 = State::Pinged {
                    pong_by: now + config.pong_timeout,
                };
                Beat::Ping
            }
            State::Pinged { .. } => Beat::Dead,
        })
    }

    /// When to come back.
    pub(crate) fn poll_timeout(&self) -> Instant {
        match self.0 {
            State::Unseated { until: at }
            | State::Quiet { ping_at: at }
            | State::Pinged { pong_by: at } => at,
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the start"
)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn init_that_never_comes_runs_out_whatever_else_comes() {
        let (now, config) = (Instant::now(), SocketConfig::default());
        let mut pulse = Pulse::new(now, &config);
        pulse.on_frame(now + Duration::from_secs(9), &config);
        assert_eq!(
            pulse.handle_timeout(now + Duration::from_secs(9), &config),
            None
        );
        let late = now + Duration::from_secs(10);
        assert_eq!(pulse.handle_timeout(late, &config), Some(Beat::InitTimeout));
    }

    #[test]
    fn silence_is_pinged_and_an_unanswered_ping_is_death() {
        let (now, config) = (Instant::now(), SocketConfig::default());
        let mut pulse = Pulse::new(now, &config);
        pulse.on_seated(now, &config);
        let ping = now + Duration::from_secs(25);
        assert_eq!(pulse.handle_timeout(ping, &config), Some(Beat::Ping));
        assert_eq!(
            pulse.handle_timeout(ping + Duration::from_secs(7), &config),
            None
        );
        let late = ping + Duration::from_secs(8);
        assert_eq!(pulse.handle_timeout(late, &config), Some(Beat::Dead));
    }

    #[test]
    fn any_frame_is_a_sign_of_life() {
        let (now, config) = (Instant::now(), SocketConfig::default());
        let mut pulse = Pulse::new(now, &config);
        pulse.on_seated(now, &config);
        let ping = pulse.poll_timeout();
        assert_eq!(pulse.handle_timeout(ping, &config), Some(Beat::Ping));
        pulse.on_frame(ping + Duration::from_secs(1), &config);
        assert_eq!(pulse.poll_timeout(), ping + Duration::from_secs(26));
    }
}
