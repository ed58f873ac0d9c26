//! How fast a source gives, and so how much to ask of it at once.

use std::time::Duration;

use snug_protocol::limits::PIECE_BYTES;

use crate::{
    Time,
    limits::{PIECES_IN_FLIGHT, SOURCE_SLACK},
};

/// What pieces from one source have shown of the path to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// Shortest time from asking to the first bytes, with nothing else under way.
    latency: Option<Duration>,
    /// Bytes a second while something was under way.
    rate: Option<f64>,
    /// When the last piece was complete.
    completed: Option<Time>,
}

/// Bytes of late, from several sources together.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    since: Time,
    current: u64,
    before: u64,
}

impl Pace {
    /// Pieces to have under way: what the path carries in a round trip, and one more so that the
    /// source never waits for us.
    pub(super) fn window(&self) -> usize {
        let Some(rate) = self.rate else {
            return FIRST_WINDOW;
        };
        let ahead = self.latency.unwrap_or_default() + SOURCE_SLACK;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate, which saturates"
        )]
        let pieces = (rate * ahead.as_secs_f64() / PIECE_BYTES as f64).ceil() as usize;
        pieces
            .saturating_add(1)
            .clamp(FIRST_WINDOW, PIECES_IN_FLIGHT)
    }

    /// Bytes a second, once a piece has come.
    pub(super) const fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// The first bytes came of what was asked while nothing else was under way.
    pub(super) fn on_first(&mut self, asked: Time, now: Time) {
        let took = now.since(asked);
        self.latency = Some(self.latency.map_or(took, |latency| latency.min(took)));
    }

    /// A piece is complete that was asked for then.
    pub(super) fn on_complete(&mut self, bytes: u64, asked: Time, now: Time) {
        let since = self.completed.map_or(asked, |before| before.max(asked));
        self.completed = Some(now);
        let took = now.since(since).max(Duration::from_micros(100));
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let rate = bytes as f64 / took.as_secs_f64();
        // Old pieces fade: the last four make two thirds of it.
        self.rate = Some(
            self.rate
                .map_or(rate, |before| before + (rate - before) / 4.0),
        );
    }
}

impl Flow {
    pub(super) fn add(&mut self, bytes: u64, now: Time) {
        self.roll(now);
        self.current += bytes;
    }

    /// Bytes a second over the last second or two.
    pub(super) fn rate(&mut self, now: Time) -> f64 {
        self.roll(now);
        let seconds = (now.since(self.since) + BUCKET).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let bytes = (self.before + self.current) as f64;
        bytes / seconds
    }

    fn roll(&mut self, now: Time) {
        let elapsed = now.since(self.since);
        if elapsed < BUCKET {
            return;
        }
        self.before = if elapsed < 2 * BUCKET {
            self.current
        } else {
            0
        };
        (self.current, self.since) = (0, now);
    }
}

/// Pieces asked of a source of which nothing is known: one that comes, and one that follows.
const FIRST_WINDOW: usize = 2;

const BUCKET: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::new(Duration::from_millis(ms))
    }

    /// What is under way after ten pieces over a path.
    fn window(bytes_a_second: u64, latency: u64) -> usize {
        let mut pace = Pace::default();
        let each = PIECE_BYTES as u64 * 1000 / bytes_a_second;
        pace.on_first(at(0), at(latency));
        for piece in 1..=10 {
            pace.on_complete(PIECE_BYTES as u64, at(0), at(latency + piece * each));
        }
        pace.window()
    }

    #[test]
    fn the_window_follows_the_path() {
        assert_eq!(Pace::default().window(), FIRST_WINDOW);
        assert_eq!(window(2_500_000, 20), 2, "20 Mbit/s near by");
        assert_eq!(window(100_000, 600), 2, "slow and far");
        assert!(
            (8..=12).contains(&window(50_000_000, 100)),
            "400 Mbit/s far away"
        );
        assert_eq!(window(300_000_000, 1), PIECES_IN_FLIGHT, "this machine");
    }

    #[test]
    fn a_flow_that_ends_is_forgotten() {
        let mut flow = Flow::default();
        for step in 0..40 {
            flow.add(1000, at(step * 100));
        }
        assert!((8_000.0..12_000.0).contains(&flow.rate(at(4000))));
        assert!(flow.rate(at(7000)) < 1.0);
    }
}
