//! The receiving side: what is missing, and what waits for it.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    is_alert,
    round_trip::RoundTrip,
    wire::{Gap, MAX_GAPS, Probe, Report},
};

/// Records in the order of their numbers, as far as that can be had.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// The record that is wanted next. `None` before the first.
    next: Option<u64>,
    /// The record after the last that is known to have been sent.
    end: u64,
    /// Whether the peer repairs, on this way: before it has shown so, nothing waits.
    repaired: bool,
    /// What came after something that did not.
    held: BTreeMap<u64, (Bytes, SocketAddr)>,
    held_bytes: usize,
    missing: BTreeMap<u64, Missing>,
    /// When something may have to be asked for or given up: that or later.
    due: Option<Instant>,
    /// How late a record may be that is merely overtaken.
    patience: Duration,
    /// The least time in which a question is answered.
    answer: Duration,
    /// The probe to answer.
    stamp: Option<u32>,
    ready: VecDeque<(Bytes, SocketAddr)>,
}

#[derive(Debug)]
struct Missing {
    since: Instant,
    asked: Option<Asked>,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    first: Instant,
    last: Instant,
}

impl Arrivals {
    /// Whether a run of `count` records from `first` on is just what is wanted, so that it needs
    /// no holding. If so it is taken.
    pub(super) fn pass(&mut self, first: u64, count: u64) -> bool {
        let passes = self.missing.is_empty() && self.ready.is_empty() && self.next == Some(first);
        if passes {
            self.end = self.end.max(first + count);
            self.next = Some(first + count);
        }
        passes
    }

    /// Takes a record; it or others may be ready then.
    pub(super) fn on_record(
        &mut self,
        number: u64,
        datagram: &[u8],
        from: SocketAddr,
        now: Instant,
    ) {
        let arrival = (Bytes::copy_from_slice(datagram), from);
        let next = self.next.unwrap_or(number);
        let is_far = number.abs_diff(next) > MAX_HELD;
        if self.next.is_none() || !self.repaired || is_far || is_alert(datagram) {
            // Nothing to wait for: another path, one without repair, or the end.
            self.restart();
            self.ready.push_back(arrival);
            let end = if is_far { 0 } else { self.end };
            self.end = end.max(number + 1);
            self.next = Some(self.end);
            return;
        }
        if number < next {
            // Given up, or here already: DTLS knows.
            self.ready.push_back(arrival);
            return;
        }
        self.expect_until(number, now);
        self.end = self.end.max(number + 1);
        if let Some(missing) = self.missing.remove(&number) {
            self.on_filled(&missing, now);
        }
        self.hold(number, arrival);
        self.release();
    }

    /// Takes what is no record. It waits for nothing but what is ready already.
    pub(super) fn on_other(&mut self, datagram: Bytes, from: SocketAddr) {
        self.ready.push_back((datagram, from));
    }

    /// Takes a probe. It is answered by the next report.
    pub(super) fn on_probe(&mut self, probe: &Probe, now: Instant) {
        self.on_peer_repairs();
        self.stamp = Some(probe.stamp);
        if self.next.is_none() && probe.last.saturating_sub(probe.first) < YOUNG {
            self.end = probe.first;
            self.next = Some(probe.first);
        }
        let Some(next) = self.next else { return };
        if probe.last >= next && probe.last - next < MAX_HELD {
            self.expect_until(probe.last + 1, now);
            self.end = self.end.max(probe.last + 1);
        }
        // What the peer does not keep will not come.
        self.missing = self.missing.split_off(&probe.first);
        self.release();
    }

    /// The peer has shown that it sends again what is asked for.
    pub(super) fn on_peer_repairs(&mut self) {
        self.repaired = true;
    }

    /// Begins anew, with whatever comes next. What waits is ready.
    pub(super) fn restart(&mut self) {
        self.missing.clear();
        self.release();
        self.next = None;
    }

    fn hold(&mut self, number: u64, arrival: (Bytes, SocketAddr)) {
        self.held_bytes += arrival.0.len();
        if let Some((double, _)) = self.held.insert(number, arrival) {
            self.held_bytes -= double.len();
        }
    }

    /// Records before `number` have been sent.
    fn expect_until(&mut self, number: u64, now: Instant) {
        for absent in self.end..number {
            let (since, asked) = (now, None);
            self.missing.insert(absent, Missing { since, asked });
        }
        if self.end < number {
            self.due_by(now + self.patience());
        }
    }

    /// Learns how much later than others a record may come. What comes sooner after it was asked
    /// for than any answer can was on its way already.
    fn on_filled(&mut self, missing: &Missing, now: Instant) {
        let late = now.saturating_duration_since(missing.since);
        let is_answer = missing
            .asked
            .is_some_and(|asked| now.saturating_duration_since(asked.first) >= self.answer);
        if !is_answer && late > self.patience {
            self.patience = (late * 5 / 4).min(MAX_PATIENCE);
        } else {
            self.patience -= self.patience / 256;
        }
    }

    /// The report that is due, and gives up what has been missing for too long.
    pub(super) fn poll_report(&mut self, round_trip: RoundTrip, now: Instant) -> Option<Report> {
        let stamp = self.stamp.take();
        let is_due = self.due.is_some_and(|due| due <= now);
        if stamp.is_none() && !is_due {
            return None;
        }
        let mut gaps = Vec::new();
        if is_due {
            self.answer = (round_trip.shortest * 7 / 8).saturating_sub(HASTE);
            self.give_up(round_trip.smooth, now);
            gaps = self.ask(round_trip.smooth, now);
        }
        if stamp.is_none() && gaps.is_empty() {
            return None;
        }
        Some(Report {
            next: self.next?,
            stamp: stamp.unwrap_or_default(),
            gaps,
        })
    }

    /// When to poll.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// What the stack may have.
    pub(super) fn poll_ready(&mut self) -> Option<(Bytes, SocketAddr)> {
        self.ready.pop_front()
    }

    /// What would be next.
    pub(super) fn peek_ready(&self) -> Option<&(Bytes, SocketAddr)> {
        self.ready.front()
    }

    /// The gaps to ask for now, and when to come back for the others.
    fn ask(&mut self, round_trip: Duration, now: Instant) -> Vec<Gap> {
        let patience = self.patience();
        let again = round_trip * 5 / 4 + patience;
        let mut gaps: Vec<Gap> = Vec::new();
        let mut due: Option<Instant> = None;
        for (&number, missing) in &mut self.missing {
            let mut at = match missing.asked {
                Some(asked) => asked.last + again,
                None => missing.since + patience,
            };
            if at <= now && gaps.len() < MAX_GAPS {
                let first = missing.asked.map_or(now, |asked| asked.first);
                missing.asked = Some(Asked { first, last: now });
                push(&mut gaps, number);
                at = now + again;
            }
            due = Some(due.map_or(at, |due| due.min(at)));
        }
        self.due = due.map(|due| due.max(now + MIN_PATIENCE));
        gaps
    }

    fn give_up(&mut self, round_trip: Duration, now: Instant) {
        let patience = self.patience();
        let limit = (4 * (round_trip + patience)).clamp(MIN_WAIT, MAX_WAIT);
        while let Some(first) = self.missing.first_entry()
            && now.saturating_duration_since(first.get().since) > limit
        {
            first.remove();
        }
        self.release();
    }

    /// Hands on what is not behind anything that is missing.
    fn release(&mut self) {
        self.hand_on();
        while self.is_full() && self.missing.pop_first().is_some() {
            self.hand_on();
        }
        if self.missing.is_empty() {
            self.due = None;
        }
    }

    fn hand_on(&mut self) {
        let first = self.missing.first_key_value();
        let until = first.map_or(self.end, |(&first, _)| first);
        while let Some(first) = self.held.first_entry()
            && *first.key() < until
        {
            let arrival = first.remove();
            self.held_bytes -= arrival.0.len();
            self.ready.push_back(arrival);
        }
        self.next = self.next.max(Some(until));
    }

    fn is_full(&self) -> bool {
        self.held.len() as u64 > MAX_HELD || self.held_bytes > MAX_HELD_BYTES
    }

    fn patience(&self) -> Duration {
        self.patience.max(MIN_PATIENCE)
    }

    fn due_by(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}

fn push(gaps: &mut Vec<Gap>, number: u64) {
    match gaps.last_mut() {
        Some(gap) if gap.first + u64::from(gap.len) == number && gap.len < u16::MAX => gap.len += 1,
        _ => gaps.push(Gap {
            first: number,
            len: 1,
        }),
    }
}

/// Records that wait for others, at most: more than the window lets be on its way. A number
/// farther off than that belongs to another path.
const MAX_HELD: u64 = 16_384;

/// Bytes that wait for others, at most: as many records of the size that goes through any path.
const MAX_HELD_BYTES: usize = 20 * 1024 * 1024;

/// A connection that has sent fewer records has only begun: the first of them may be missing.
const YOUNG: u64 = 32;

/// Packets overtake each other by this much on any network.
const MIN_PATIENCE: Duration = Duration::from_millis(1);

/// An answer may come sooner than the shortest that was measured, by as much as threads differ in
/// how soon they run.
const HASTE: Duration = Duration::from_millis(1);

/// Later than this is lost.
const MAX_PATIENCE: Duration = Duration::from_millis(500);

/// How long a record is asked for, at least: many times on a short path, and less than the
/// second after which SCTP would send it again.
const MIN_WAIT: Duration = Duration::from_millis(600);

/// How long at most: SCTP gives up its patience too.
const MAX_WAIT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::{super::tests::record, *};

    #[test]
    fn without_a_peer_that_repairs_nothing_waits() {
        let mut arrivals = Arrivals::default();
        arrivals.take(&[1, 5, 3]);
        assert_eq!(arrivals.numbers(), [1, 5, 3]);
        assert_eq!(arrivals.deadline(), None);
    }

    #[test]
    fn what_came_early_waits_for_what_is_late() {
        let mut arrivals = repaired();
        arrivals.take(&[1, 3, 4]);
        assert_eq!(arrivals.numbers(), [1]);
        assert!(!arrivals.pass(5, 1));
        arrivals.take(&[2]);
        assert_eq!(arrivals.numbers(), [2, 3, 4]);
        assert!(arrivals.pass(5, 2));
        assert!(!arrivals.pass(8, 1));
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let (mut arrivals, start) = (repaired(), now());
        arrivals.take(&[1, 3]);
        assert_eq!(arrivals.numbers(), [1]);
        let later = start + MAX_WAIT + Duration::from_secs(1);
        arrivals.poll_report(RoundTrip::new(Duration::ZERO), later);
        assert_eq!(arrivals.numbers(), [3]);
        assert_eq!(arrivals.deadline(), None);
        arrivals.take(&[2]);
        assert_eq!(arrivals.numbers(), [2]);
    }

    #[test]
    fn an_answer_that_is_faster_than_the_fastest_before_teaches_no_patience() {
        let (mut arrivals, start) = (repaired(), now());
        let from = ([127, 0, 0, 1], 9).into();
        let round_trip = RoundTrip::new(Duration::from_micros(200));
        arrivals.on_record(0, &record(0), from, start);
        for round in 1..100 {
            let (late, early) = (2 * round - 1, 2 * round);
            let now = start + 10 * MIN_PATIENCE * u32::try_from(round).unwrap();
            arrivals.on_record(early, &record(early), from, now);
            let asked = now + MIN_PATIENCE;
            assert!(arrivals.poll_report(round_trip, asked).is_some());
            let answered = asked + round_trip.shortest / 2;
            arrivals.on_record(late, &record(late), from, answered);
        }
        assert_eq!(arrivals.patience(), MIN_PATIENCE);
    }

    #[test]
    fn a_jump_to_another_path_holds_nothing_back() {
        let mut arrivals = repaired();
        arrivals.take(&[1, 3, 3 + 2 * MAX_HELD, 4 + 2 * MAX_HELD]);
        let expected = [1, 3, 3 + 2 * MAX_HELD, 4 + 2 * MAX_HELD];
        assert_eq!(arrivals.numbers(), expected);
    }

    #[test]
    fn a_flood_of_gaps_is_bounded() {
        let mut arrivals = repaired();
        arrivals.take(&[1]);
        for number in 0..4 * MAX_HELD {
            arrivals.take(&[3 + 2 * number]);
        }
        assert!(arrivals.held.len() as u64 <= MAX_HELD + 1);
        assert!(arrivals.missing.len() as u64 <= MAX_HELD + 1);
    }

    #[test]
    fn large_records_are_bounded_by_their_bytes() {
        let (mut arrivals, from) = (repaired(), ([127, 0, 0, 1], 9).into());
        let large = vec![23; 60_000];
        arrivals.take(&[1]);
        for number in 0..4000 {
            arrivals.on_record(3 + 2 * number, &large, from, now());
            assert!(arrivals.held_bytes <= MAX_HELD_BYTES + 60_000);
        }
        arrivals.restart();
        assert_eq!(arrivals.held_bytes, 0);
    }

    #[test]
    fn a_probe_beyond_belief_is_answered_and_not_believed() {
        let (mut arrivals, start) = (repaired(), now());
        arrivals.take(&[1]);
        arrivals.on_probe(&probe(0, u64::MAX), start);
        let report = arrivals
            .poll_report(RoundTrip::new(Duration::ZERO), start)
            .unwrap();
        assert_eq!((report.next, report.stamp), (2, 7));
        assert!(arrivals.missing.is_empty());
    }

    #[test]
    fn what_the_peer_does_not_keep_is_not_waited_for() {
        let (mut arrivals, start) = (repaired(), now());
        arrivals.take(&[1, 3, 5]);
        assert_eq!(arrivals.numbers(), [1]);
        arrivals.on_probe(&probe(4, 5), start);
        assert_eq!(arrivals.numbers(), [3]);
        arrivals.on_probe(&probe(6, 5), start);
        assert_eq!(arrivals.numbers(), [5]);
        assert_eq!(arrivals.deadline(), None);
    }

    #[test]
    fn the_first_record_of_all_is_missed_too() {
        let (mut arrivals, start) = (Arrivals::default(), now());
        arrivals.on_probe(&probe(4, 6), start);
        let later = start + Duration::from_millis(2);
        let report = arrivals
            .poll_report(RoundTrip::new(Duration::ZERO), later)
            .unwrap();
        assert_eq!(report.gaps, [Gap { first: 4, len: 3 }]);
    }

    #[test]
    fn nothing_waits_once_the_peer_says_goodbye() {
        let (mut arrivals, from) = (repaired(), ([127, 0, 0, 1], 9).into());
        arrivals.take(&[1, 3]);
        let alert = [21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0, 0];
        arrivals.on_record(5, &alert, from, now());
        assert_eq!(arrivals.ready.len(), 3);
        assert_eq!(arrivals.deadline(), None);
    }

    #[test]
    fn a_number_that_was_forged_is_left_behind() {
        let mut arrivals = repaired();
        arrivals.take(&[1, 1 << 40, 2, 4]);
        assert_eq!(arrivals.numbers(), [1, 1 << 40, 2]);
        arrivals.take(&[3]);
        assert_eq!(arrivals.numbers(), [3, 4]);
    }

    fn probe(first: u64, last: u64) -> Probe {
        let stamp = 7;
        Probe { first, last, stamp }
    }

    impl Arrivals {
        fn take(&mut self, numbers: &[u64]) {
            for number in numbers {
                let from = ([127, 0, 0, 1], 9).into();
                self.on_record(*number, &number.to_be_bytes(), from, now());
            }
        }

        fn numbers(&mut self) -> Vec<u64> {
            let number = |(bytes, _): (Bytes, _)| u64::from_be_bytes(bytes[..].try_into().unwrap());
            self.ready.drain(..).map(number).collect()
        }
    }

    fn repaired() -> Arrivals {
        let mut arrivals = Arrivals::default();
        arrivals.on_peer_repairs();
        arrivals
    }

    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn now() -> Instant {
        Instant::now()
    }
}
