//! The sending side: what may have to be sent again.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    number,
    round_trip::RoundTrip,
    wire::{Gap, Probe, Report},
};

/// Records on their way, for as long as the peer may ask for them.
#[derive(Debug)]
pub(super) struct Sent {
    /// Of which stamps count the microseconds.
    began: Instant,
    records: VecDeque<Record>,
    bytes: usize,
    last: Option<u64>,
    probe_at: Option<Instant>,
    /// Bytes sent since the last probe.
    unprobed: usize,
    /// Probes in a row, up to [`MAX_UNANSWERED`].
    unanswered: u32,
    round_trip: Option<RoundTrip>,
    /// Bytes that may be sent again.
    credit: usize,
    judged: Judged,
}

/// What has been sent since the path was last judged to be crowded or not.
#[derive(Debug)]
struct Judged {
    at: Instant,
    fresh: usize,
    again: usize,
}

#[derive(Debug)]
struct Record {
    number: u64,
    datagram: Bytes,
    resent: Option<Instant>,
}

impl Sent {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            records: VecDeque::new(),
            bytes: 0,
            last: None,
            probe_at: None,
            unprobed: 0,
            unanswered: 0,
            round_trip: None,
            credit: FIRST_CREDIT,
            judged: Judged::new(began),
        }
    }

    /// Notes what was sent: one datagram, or several of `segment` bytes of which the last may be
    /// shorter. Whether a probe is due sooner than before.
    pub(super) fn on_send(
        &mut self,
        contents: &Bytes,
        segment: Option<usize>,
        now: Instant,
    ) -> bool {
        let segment = segment.unwrap_or(contents.len()).max(1);
        for (index, datagram) in contents.chunks(segment).enumerate() {
            if let Some(number) = number(datagram) {
                let at = index * segment;
                self.push(number, contents.slice(at..at + datagram.len()));
            }
        }
        self.unprobed = self.unprobed.saturating_add(contents.len());
        self.credit = (self.credit + contents.len()).min(MAX_CREDIT);
        self.judged.fresh = self.judged.fresh.saturating_add(contents.len());
        let arms = self.probe_at.is_none();
        let pause = self.pause();
        self.probe_at.get_or_insert(now + pause);
        arms
    }

    fn push(&mut self, number: u64, datagram: Bytes) {
        if self.last.is_some_and(|last| number <= last) {
            return;
        }
        if self.last.is_some_and(|last| number != last + 1) {
            // What is between went another way, and must not be waited for.
            self.forget_all();
        }
        self.last = Some(number);
        if self.is_deaf() {
            return;
        }
        self.bytes += datagram.len();
        self.records.push_back(Record {
            number,
            datagram,
            resent: None,
        });
        while self.bytes > MAX_BYTES {
            self.forget();
        }
    }

    /// Takes a report, and answers with what to send again.
    pub(super) fn on_report(&mut self, report: &Report, now: Instant) -> Vec<Bytes> {
        if report.stamp != 0 {
            self.on_stamp(report.stamp, now);
        }
        while self.first().is_some_and(|first| first < report.next) {
            self.forget();
        }
        self.on_heard(now);
        let asks_too_late = |gap: &Gap| self.kept_from().is_some_and(|kept| gap.first < kept);
        if report.gaps.first().is_some_and(asks_too_late) {
            // It need not wait any longer.
            self.probe_at = Some(now);
        }
        let pause = self.round_trip().smooth / 2;
        let mut again = Vec::new();
        for gap in &report.gaps {
            self.resend(*gap, pause, now, &mut again);
        }
        again
    }

    /// Judges the path now and then, and answers whether it is crowded: whether more is lost than by
    /// chance while packets wait in a queue on the way.
    pub(super) fn judge(&mut self, now: Instant) -> bool {
        let Some(trip) = self.round_trip else {
            return false;
        };
        let pause = (trip.smooth * 2).max(MIN_JUDGED);
        if now.saturating_duration_since(self.judged.at) < pause {
            return false;
        }
        let is_too_much = self.judged.again > self.judged.fresh / TOLERATED;
        self.judged = Judged::new(now);
        is_too_much && trip.is_queued()
    }

    /// Notes that the peer is there.
    pub(super) fn on_heard(&mut self, now: Instant) {
        self.unanswered = 0;
        self.probe_at = self.first().map(|_| now + self.pause());
    }

    fn resend(&mut self, gap: Gap, pause: Duration, now: Instant, again: &mut Vec<Bytes>) {
        let from = self
            .records
            .partition_point(|record| record.number < gap.first);
        for record in self.records.range_mut(from..) {
            if record.number >= gap.end() || self.credit < record.datagram.len() {
                return;
            }
            // Two reports that cross on the wire ask for the same.
            let is_recent = |at| now.saturating_duration_since(at) < pause;
            if !record.resent.is_some_and(is_recent) {
                record.resent = Some(now);
                self.credit -= record.datagram.len();
                self.judged.again += record.datagram.len();
                again.push(record.datagram.clone());
            }
        }
    }

    /// The probe that is due.
    pub(super) fn poll_probe(&mut self, now: Instant) -> Option<Probe> {
        let last = self.last?;
        if self.probe_at.take_if(|at| *at <= now).is_some() {
            self.on_silence(now);
        } else if self.unprobed < PROBE_BYTES || self.is_deaf() {
            return None;
        }
        self.unprobed = 0;
        Some(Probe {
            first: self.kept_from()?,
            last,
            stamp: self.stamp(now),
        })
    }

    /// The probe that goes out now may be the last for which anything is kept.
    fn on_silence(&mut self, now: Instant) {
        self.unanswered = (self.unanswered + 1).min(MAX_UNANSWERED);
        if self.is_deaf() {
            self.forget_all();
        } else {
            self.probe_at = Some(now + self.pause());
        }
    }

    /// When to poll.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.probe_at
    }

    /// Of the path, or a guess.
    pub(super) fn round_trip(&self) -> RoundTrip {
        self.round_trip.unwrap_or_else(RoundTrip::unknown)
    }

    fn on_stamp(&mut self, stamp: u32, now: Instant) {
        let micros = self.stamp(now).wrapping_sub(stamp);
        let sample = Duration::from_micros(micros.into());
        if sample > MAX_ROUND_TRIP {
            return;
        }
        self.on_trip(sample);
    }

    fn on_trip(&mut self, sample: Duration) {
        match &mut self.round_trip {
            Some(trip) => trip.on_sample(sample),
            None => self.round_trip = Some(RoundTrip::new(sample)),
        }
    }

    /// Wraps after 71 minutes: no report is that late. Zero would say that there is none.
    fn stamp(&self, now: Instant) -> u32 {
        let micros = now.saturating_duration_since(self.began).as_micros();
        let wrapped = u32::try_from(micros & u128::from(u32::MAX));
        wrapped.unwrap_or_default().max(1)
    }

    /// What to wait for the answer to a probe, or for more to probe for. Not at the beginning:
    /// only a peer that has shown itself is waited for.
    fn pause(&self) -> Duration {
        match (self.round_trip, self.unanswered) {
            (None, 0) => Duration::ZERO,
            (_, unanswered) => PROBE_PAUSE * (1 << unanswered),
        }
    }

    /// Whether nobody answers: a partition, or a peer behind its TURN server, which hands our
    /// probes to its stack.
    fn is_deaf(&self) -> bool {
        self.unanswered == MAX_UNANSWERED
    }

    fn first(&self) -> Option<u64> {
        self.records.front().map(|record| record.number)
    }

    /// The first record that can be sent again, or will be the first.
    fn kept_from(&self) -> Option<u64> {
        let next = self.last.map(|last| last + 1);
        self.first().or(next)
    }

    fn forget(&mut self) {
        if let Some(record) = self.records.pop_front() {
            self.bytes -= record.datagram.len();
        }
    }

    fn forget_all(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }
}

impl Judged {
    fn new(at: Instant) -> Self {
        Self {
            at,
            fresh: 0,
            again: 0,
        }
    }
}

/// Bytes kept for the peer to ask for: what the window lets be on its way, and what the peer
/// takes to ask. What is forgotten too early is SCTP's to send again.
const MAX_BYTES: usize = 14 * 1024 * 1024;

/// Bytes that may be sent again at once. More would be a burst that is lost itself. Every byte
/// sent grants another, so that whatever the peer asks for, it gets no more than twice of it.
const MAX_CREDIT: usize = 256 * 1024;

/// Before anything was sent: the first few packets, some times each.
const FIRST_CREDIT: usize = 16 * 1024;

/// Time in which a path is judged, at least: what a smaller window takes to show on a short path.
const MIN_JUDGED: Duration = Duration::from_millis(50);

/// One loss in so many is never too many (`BBRLossThresh` of draft-ietf-ccwg-bbr).
const TOLERATED: usize = 50;

/// Pause between what is sent and the probe for it. The end of a burst is missed only then, so
/// it is short; and a full flow of packets is hardly aware of fifty more in a second.
const PROBE_PAUSE: Duration = Duration::from_millis(20);

/// Bytes sent until the next probe at the latest: what has arrived is forgotten while it is
/// still in the processor's cache.
const PROBE_BYTES: usize = 1024 * 1024;

/// Probes without an answer, at doubling pauses: two and a half seconds. Then nothing is kept,
/// until one that goes out every two and a half seconds of sending is answered.
const MAX_UNANSWERED: u32 = 7;

/// A longer one is a forgery or an hour old.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::{super::tests::record, *};

    #[test]
    fn what_was_sent_is_sent_again_once_in_half_a_round_trip() {
        let (mut sent, start) = sent(1..=10);
        assert_eq!(sent.on_report(&asking(3, 2), start).len(), 2);
        assert_eq!(sent.on_report(&asking(3, 2), start).len(), 0);
        let later = start + TRIP;
        assert_eq!(sent.on_report(&asking(3, 2), later).len(), 2);
    }

    #[test]
    fn no_more_is_sent_again_than_was_sent() {
        let (mut sent, start) = sent(1..=10_000);
        let fresh = sent.bytes;
        let mut again = 0;
        for round in 0..1000 {
            let now = start + TRIP * round;
            let datagrams = sent.on_report(&asking(1, u16::MAX), now);
            again += datagrams.iter().map(Bytes::len).sum::<usize>();
        }
        assert!(again > fresh / 2);
        assert!(again <= fresh + FIRST_CREDIT, "{again} of {fresh}");
    }

    #[test]
    fn a_peer_is_looked_for_at_once() {
        let (mut sent, start) = sent(1..=1);
        let probe = sent.poll_probe(start).unwrap();
        assert_eq!(sent.poll_probe(start), None);
        let report = Report {
            next: 2,
            stamp: probe.stamp,
            gaps: Vec::new(),
        };
        sent.on_report(&report, start);
        sent.on_send(&record(2), None, start);
        assert_eq!(sent.poll_probe(start), None);
        assert!(sent.poll_probe(start + PROBE_PAUSE).is_some());
    }

    #[test]
    fn a_path_that_loses_and_queues_is_crowded_now_and_then() {
        let crowded = |trips: [Duration; 2], one_in: u64| {
            let (mut sent, start) = sent(1..=1000);
            sent.round_trip = Some(RoundTrip::new(trips[0]));
            for _ in 0..20 {
                sent.on_trip(trips[1]);
            }
            let mut crowded = 0;
            for number in 1..=500 {
                let now = start + Duration::from_millis(1) * u32::try_from(number).unwrap();
                sent.on_send(&record(1000 + number), None, now);
                if number % one_in == 0 {
                    sent.on_report(&asking(number, 1), now);
                }
                crowded += u32::from(sent.judge(now));
            }
            crowded
        };
        let [short, long] = [10, 20].map(Duration::from_millis);
        assert_eq!(crowded([short, long], 20), 9, "not at first");
        assert_eq!(
            crowded([long, long], 20),
            0,
            "nothing queues: it was chance"
        );
        assert!(crowded([short, long], 400) <= 1, "one in 400 is chance");
    }

    #[test]
    fn whoever_asks_for_what_is_forgotten_is_told() {
        let (mut sent, start) = sent(1..=3);
        // The numbers up to 7 went another way.
        sent.on_send(&record(8), None, start);
        sent.on_report(&asking(4, 4), start);
        let probe = sent.poll_probe(start).unwrap();
        assert_eq!((probe.first, probe.last), (8, 8));
    }

    #[test]
    fn for_a_peer_that_never_answers_nothing_is_kept() {
        let (mut sent, mut now) = sent(1..=3);
        let (mut number, mut probes) = (4, 0);
        for _ in 0..30_000 {
            now += Duration::from_millis(1);
            sent.on_send(&record(number), None, now);
            probes += u32::from(sent.poll_probe(now).is_some());
            number += 1;
        }
        assert_eq!(sent.bytes, 0);
        assert!(probes < 20, "{probes} probes in half a minute");
        sent.on_report(&asking(number, 1), now);
        sent.on_send(&record(number), None, now);
        assert_eq!(sent.first(), Some(number), "it is there after all");
    }

    #[test]
    fn numbers_that_repeat_are_not_kept() {
        let (mut sent, start) = sent(1..=3);
        sent.on_send(&record(2), None, start);
        assert_eq!(sent.records.len(), 3);
    }

    /// As it is guessed.
    const TRIP: Duration = Duration::from_millis(100);

    fn sent(numbers: impl IntoIterator<Item = u64>) -> (Sent, Instant) {
        let start = now();
        let mut sent = Sent::new(start);
        for number in numbers {
            sent.on_send(&record(number), None, start);
        }
        (sent, start)
    }

    fn asking(first: u64, len: u16) -> Report {
        Report {
            next: 0,
            stamp: 0,
            gaps: vec![Gap { first, len }],
        }
    }

    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn now() -> Instant {
        Instant::now()
    }
}
