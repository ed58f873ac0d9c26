//! How many bytes of bulk may be on their way.
//!
//! Bytes on their way wait in the peer's socket buffer whenever its thread is not running. What
//! overflows there is lost, and sent again: soon by the repair between peers of our kind, up to a
//! second later by SCTP to others. So the limit begins with a share of that buffer. On a long path
//! more is on the wire, and may be: what a round trip takes at the rate at which the peer
//! acknowledges. On a slow path less may be than the buffer holds, since a chat message is behind
//! all of it.
//!
//! Where acknowledgements come together, what they make room for would go out in one burst, and be
//! lost in the queue of the first slow router. So frames are paced, at a little more than the rate.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use snug_protocol::limits::BULK_PAYLOAD_BYTES;

/// The limit on bytes sent and not acknowledged, on one link's bulk channel.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// What the peer's socket buffer holds for certain.
    base: usize,
    limit: usize,
    /// Where the limit may be.
    bounds: RangeInclusive<usize>,
    sent: u64,
    round: Option<Round>,
    shortest: Option<Duration>,
    /// What rounds take of late, and how far they are from that, mostly (RFC 6298 §2).
    smooth: Duration,
    deviation: Duration,
    /// Bytes a second, of the latest rounds.
    rates: [u64; ROUNDS],
    rounds: usize,
    /// When all that was sent would have been, at the pace. `None` before the first frame.
    paced: Option<Instant>,
}

/// A round trip being measured.
#[derive(Debug, Clone)]
struct Round {
    began: Instant,
    /// Bytes acknowledged when it began.
    acked: u64,
    /// It ends when so many are.
    until: u64,
    /// Whether the limit held a frame back: only then is the rate that of the path.
    limited: bool,
}

impl Window {
    /// `receive_buffer`: the peer's, as it tells; some browsers do not. `round_trip`: of the path
    /// while it was empty, if known. Frames measure it too, but the first are behind each other.
    pub(super) fn new(receive_buffer: Option<usize>, round_trip: Option<Duration>) -> Self {
        // Systems count a packet with its bookkeeping. Linux loses the first at three quarters.
        let share = receive_buffer.map_or(UNKNOWN, |bytes| bytes / 8 * 5);
        let base = share.clamp(UNKNOWN, MAX_SHARE);
        Self {
            base,
            limit: base.min(FIRST),
            bounds: 0..=MAX,
            sent: 0,
            round: None,
            shortest: round_trip,
            smooth: Duration::ZERO,
            deviation: Duration::ZERO,
            rates: [0; ROUNDS],
            rounds: 0,
            paced: None,
        }
    }

    /// A limit that stays where it is.
    pub(super) fn fixed(limit: usize) -> Self {
        Self {
            limit,
            bounds: limit..=limit,
            ..Self::new(None, None)
        }
    }

    /// Notes how many bytes are outstanding.
    pub(super) fn on_outstanding(&mut self, outstanding: usize, now: Instant) {
        let acked = self.sent.saturating_sub(outstanding as u64);
        let ended = self.round.take_if(|round| acked >= round.until);
        if let Some(round) = ended {
            self.on_round(&round, acked, now.saturating_duration_since(round.began));
        }
    }

    /// Whether a frame of `len` bytes may follow `outstanding` ones.
    pub(super) fn admits(&mut self, outstanding: usize, len: usize) -> bool {
        let admitted = outstanding == 0 || outstanding + len <= self.limit;
        if let Some(round) = &mut self.round {
            round.limited |= !admitted;
        }
        admitted
    }

    /// How long the next frame has to wait for its turn.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        let (Some(paced), Some(pace)) = (self.paced, self.pace()) else {
            return Duration::ZERO;
        };
        let burst = time(BURST, pace).max(MAX_WAIT);
        paced.saturating_duration_since(now + burst)
    }

    /// Notes that a frame of `len` bytes was sent after `outstanding` ones.
    pub(super) fn on_sent(&mut self, outstanding: usize, len: usize, now: Instant) {
        let paced = self.paced.map_or(now, |paced| paced.max(now));
        self.paced = self.pace().map(|pace| paced + time(len, pace));
        let acked = self.sent.saturating_sub(outstanding as u64);
        self.sent += len as u64;
        self.round.get_or_insert(Round {
            began: now,
            acked,
            until: self.sent,
            limited: false,
        });
    }

    /// Notes that more is on the path than it carries, ours and what others send.
    pub(super) fn on_crowded(&mut self) {
        for rate in &mut self.rates {
            *rate = *rate / 10 * SHARE_OF_TEN;
        }
        if let Some(shortest) = self.shortest {
            self.limit = self.limit_at(shortest);
        }
    }

    /// Notes that there is nothing to send: what is measured now is not the path.
    pub(super) fn on_idle(&mut self) {
        self.round = None;
        self.paced = None;
    }

    /// The outstanding bytes below which a frame is admitted for certain, and the next at once:
    /// the stack sends 20 KiB and more in one go three times cheaper than packet by packet.
    pub(super) fn low_mark(&self) -> usize {
        (self.limit / 2).min(self.limit.saturating_sub(BULK_FRAME_BYTES))
    }

    fn on_round(&mut self, round: &Round, acked: u64, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let carried = acked.saturating_sub(round.acked);
        let rate = carried.saturating_mul(1_000_000) / micros;
        if round.limited || rate > self.rate() {
            self.rates[self.rounds % ROUNDS] = rate;
            self.rounds += 1;
        }
        if self.smooth.is_zero() {
            self.smooth = took;
        }
        self.deviation = (self.deviation * 3 + self.smooth.abs_diff(took)) / 4;
        self.smooth = (self.smooth * 7 + took) / 8;
        let shortest = self.shortest.map_or(took, |shortest| shortest.min(took));
        self.shortest = Some(shortest);
        self.limit = self.limit_at(shortest);
    }

    fn limit_at(&self, round_trip: Duration) -> usize {
        // An eighth and a frame more than what seems to be enough, to find out if it is.
        // Where the delay varies, the shortest is seldom met.
        let usual = round_trip * 9 / 8 + (self.deviation * 2).min(round_trip);
        let prompt = self.carried(usual + MAX_WAIT) + BULK_FRAME_BYTES;
        let lossless = self.base + self.carried(round_trip.saturating_sub(STALL));
        // Coarse, so that the limit does not move with every round.
        let limit = prompt.min(lossless).next_multiple_of(GRAIN);
        limit.clamp(*self.bounds.start(), *self.bounds.end())
    }

    /// Bytes that the path carries in a time.
    fn carried(&self, time: Duration) -> usize {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bytes = self.rate().saturating_mul(micros) / 1_000_000;
        usize::try_from(bytes).unwrap_or(usize::MAX).min(MAX)
    }

    /// Bytes a second at which frames may follow each other: somewhat more than the path carries,
    /// to find out if it carries more. `None` while nothing is known of it, and under a fixed
    /// limit.
    fn pace(&self) -> Option<u64> {
        let is_fixed = self.bounds.start() == self.bounds.end();
        let rate = self.rate();
        (rate > 0 && !is_fixed).then_some((rate / 4 * 5).max(MIN_PACE))
    }

    fn rate(&self) -> u64 {
        self.rates.iter().copied().max().unwrap_or_default()
    }
}

/// What `len` bytes take at so many a second.
fn time(len: usize, rate: u64) -> Duration {
    Duration::from_micros(len as u64 * 1_000_000 / rate)
}

/// Bytes of a bulk frame, with room for its header.
pub(super) const BULK_FRAME_BYTES: usize = BULK_PAYLOAD_BYTES + 64;

/// The share of a buffer of unknown size: one frame at a time. Chromium drops packets from some
/// 64 KiB in flight on.
const UNKNOWN: usize = 48 * 1024;

/// Half as much costs a quarter of the rate between two processes of one machine; half as much
/// again makes a chat message, which is behind all of it, wait three times as long.
const MAX_SHARE: usize = 2 * 1024 * 1024;

/// Below SCTP's receive window, which must not close: it opens again a timeout later.
const MAX: usize = RECEIVE_WINDOW as usize / 4 * 3;

/// Before anything is known of the path: two frames. SCTP itself begins with less.
const FIRST: usize = 2 * BULK_FRAME_BYTES;

/// How long a chat message may wait behind bulk, besides the frame that is being sent; and how
/// much of it the routers on the way must hold.
const MAX_WAIT: Duration = Duration::from_millis(8);

/// Bytes that may go out at once, at least: what the queue of a slow router holds.
const BURST: usize = 2 * BULK_FRAME_BYTES;

/// Bytes a second at which frames may follow each other on any path: what is slower has no room for
/// a burst anyway, and a rate that was misjudged keeps nobody waiting.
const MIN_PACE: u64 = 10 * BULK_FRAME_BYTES as u64;

/// The part of a round trip that is our threads' and not the wire's.
const STALL: Duration = Duration::from_millis(2);

/// What to take of a path that is crowded, of what was taken before, in tenths (RFC 9438 §4.6).
const SHARE_OF_TEN: u64 = 7;

const GRAIN: usize = 16 * 1024;

/// Rounds whose best counts: fewer forget the path's rate at the first hiccup, more hold on to
/// a rate that is gone.
const ROUNDS: usize = 8;

/// Bytes that SCTP lets a peer have on its way to us: three quarters of it are what 1 Gbit/s
/// carries in 100 ms, once around the world.
pub(super) const RECEIVE_WINDOW: u32 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn browsers_get_one_frame_at_a_time() {
        let mut window = Window::new(None, None);
        assert!(window.admits(0, BULK_FRAME_BYTES));
        assert!(!window.admits(BULK_FRAME_BYTES, BULK_FRAME_BYTES));
    }

    #[test]
    fn a_stock_linux_buffer_takes_eight_frames() {
        let path = Path::new(300_000_000, Duration::from_micros(500));
        let mut window = path.run(Window::new(Some(STOCK), None)).window;
        assert!(window.admits(7 * BULK_FRAME_BYTES, BULK_FRAME_BYTES));
        assert!(!window.admits(9 * BULK_FRAME_BYTES, BULK_FRAME_BYTES));
    }

    #[test]
    fn whatever_a_peer_says_the_limit_is_sane() {
        for told in [Some(0), Some(1), Some(usize::MAX)] {
            let mut window = Window::new(told, None);
            assert!(window.admits(0, BULK_FRAME_BYTES));
            assert!(!window.admits(MAX, 1));
        }
    }

    #[test]
    fn a_fixed_limit_stays_on_any_path() {
        let path = Path::new(300_000_000, Duration::from_micros(500));
        assert_eq!(path.run(Window::fixed(FRAME)).limit, FRAME);
    }

    #[test]
    fn below_the_low_mark_a_frame_fits() {
        for told in [None, Some(100_000), Some(STOCK), Some(8 << 20)] {
            let mut window = Window::new(told, None);
            assert!(window.admits(window.low_mark(), BULK_FRAME_BYTES) || told.is_none());
        }
    }

    #[test]
    fn a_short_path_keeps_to_the_buffer_however_fast_it_is() {
        let path = Path::new(300_000_000, Duration::from_micros(500));
        assert!(path.run(Window::new(Some(STOCK), None)).limit <= STOCK / 8 * 5 + GRAIN);
    }

    #[test]
    fn a_long_path_is_filled() {
        let path = Path::new(12_500_000, Duration::from_millis(100));
        let run = path.run(Window::new(Some(STOCK), None));
        assert!(run.rate > 11_000_000, "{run:?}");
        assert!(run.wait < Duration::from_millis(50), "{run:?}");
    }

    #[test]
    fn a_path_whose_delay_varies_is_not_left_empty() {
        let path = Path {
            jitter: Duration::from_millis(400),
            ..Path::new(2_500_000, Duration::from_millis(400))
        };
        let run = path.run(Window::new(Some(STOCK), Some(Duration::from_millis(450))));
        let run = path.run(path.run(run.window).window);
        assert!(run.rate > 800_000, "{run:?}");
    }

    #[test]
    fn a_slow_path_is_kept_shallow() {
        let path = Path::new(1_250_000, Duration::from_millis(20));
        let run = path.run(Window::new(Some(8 << 20), None));
        assert!(run.rate > 1_200_000, "{run:?}");
        assert!(run.wait < Duration::from_millis(60), "{run:?}");
    }

    #[test]
    fn a_rate_that_is_gone_is_forgotten() {
        let round_trip = Duration::from_millis(20);
        let fast = Path::new(50_000_000, round_trip).run(Window::new(Some(8 << 20), None));
        let slow = Path::new(2_000_000, round_trip).run(fast.window);
        assert!(
            slow.wait < Duration::from_millis(60),
            "wait {:?}",
            slow.wait
        );
    }

    #[test]
    fn what_there_is_suddenly_room_for_goes_out_at_the_pace_of_the_path() {
        let path = Path::new(2_500_000, Duration::from_millis(600));
        let mut window = path.run(Window::new(Some(STOCK), None)).window;
        let (start, mut sent) = (test_time() + Duration::from_secs(20), 0);
        window.on_outstanding(0, start);
        while window.pause(start).is_zero() {
            window.on_sent(sent, FRAME, start);
            sent += FRAME;
        }
        assert!((2..=3).contains(&(sent / FRAME)), "{sent} bytes at once");
        assert!(window.admits(sent, FRAME), "the window alone has room");
    }

    #[test]
    fn a_path_that_is_crowded_for_long_is_still_used() {
        let path = Path::new(12_500_000, Duration::from_millis(20));
        let mut window = path.run(Window::new(Some(STOCK), None)).window;
        let mut now = test_time() + Duration::from_secs(20);
        for _ in 0..1000 {
            window.on_crowded();
            let pause = window.pause(now);
            assert!(pause <= Duration::from_millis(100), "{pause:?}");
            now += pause;
            window.on_sent(0, FRAME, now);
        }
        assert!(window.admits(0, BULK_FRAME_BYTES));
        let run = path.run(window);
        assert!(run.rate > 11_000_000, "{run:?}");
    }

    #[test]
    fn a_crowded_path_is_left_to_others_and_taken_again() {
        let path = Path::new(12_500_000, Duration::from_millis(20));
        let mut window = path.run(Window::new(Some(STOCK), None)).window;
        let before = window.limit;
        window.on_crowded();
        assert!(
            window.limit < before / 5 * 4,
            "{} of {before}",
            window.limit
        );
        let run = path.run(window);
        assert!(run.rate > 11_000_000, "{run:?}");
    }

    #[test]
    fn a_pause_of_the_sender_is_not_the_path() {
        let path = Path::new(12_500_000, Duration::from_millis(20));
        let mut window = path.run(Window::new(Some(STOCK), None)).window;
        let limit = window.limit;
        let now = test_time();
        for seconds in 0..20 {
            window.on_sent(0, 1000, now + Duration::from_secs(seconds));
            window.on_idle();
            window.on_outstanding(0, now + Duration::from_secs(seconds + 1));
        }
        assert_eq!(window.limit, limit);
    }

    /// A wire with a rate and a length, and an endless transfer over it.
    struct Path {
        rate: u32,
        round_trip: Duration,
        /// By how much that may be more, at random.
        jitter: Duration,
    }

    /// What a transfer came to in its last second.
    #[derive(Debug)]
    struct Run {
        window: Window,
        limit: usize,
        rate: usize,
        /// How long a message sent now is behind.
        wait: Duration,
    }

    impl Path {
        fn new(rate: u32, round_trip: Duration) -> Self {
            let jitter = Duration::ZERO;
            Self {
                rate,
                round_trip,
                jitter,
            }
        }

        /// Ten seconds of it.
        fn run(&self, mut window: Window) -> Run {
            let start = test_time();
            let (mut now, mut wire_free) = (start, start);
            let mut flight: VecDeque<(Instant, usize)> = VecDeque::new();
            let mut late = 0;
            let mut rng = StdRng::seed_from_u64(1);
            // What is outstanding is none of the new transfer.
            window.on_idle();
            while now < start + Duration::from_secs(10) {
                let outstanding = flight.iter().map(|(_, len)| len).sum();
                window.on_outstanding(outstanding, now);
                let turn = now + window.pause(now);
                let is_next = flight.front().is_none_or(|(acked, _)| turn <= *acked);
                if window.admits(outstanding, FRAME) && is_next {
                    now = turn;
                    window.on_sent(outstanding, FRAME, now);
                    wire_free = wire_free.max(now) + Duration::from_secs(1) * FRAME_U32 / self.rate;
                    let delay = self.round_trip + self.jitter.mul_f64(rng.random());
                    // What overtakes waits.
                    let before = flight.back().map_or(start, |(acked, _)| *acked);
                    flight.push_back((before.max(wire_free + delay), FRAME));
                    continue;
                }
                let (acked, len) = flight.pop_front().unwrap();
                now = now.max(acked);
                late += if now > start + Duration::from_secs(9) {
                    len
                } else {
                    0
                };
            }
            let (limit, wait) = (window.limit, wire_free.saturating_duration_since(now));
            Run {
                window,
                limit,
                rate: late,
                wait,
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn test_time() -> Instant {
        Instant::now()
    }

    const FRAME: usize = 32 * 1024;
    const FRAME_U32: u32 = 32 * 1024;

    /// `net.core.rmem_max` is 208 KiB, which the kernel doubles for its bookkeeping.
    const STOCK: usize = 2 * 208 * 1024;
}
