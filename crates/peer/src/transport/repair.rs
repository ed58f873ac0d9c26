//! Repairs what a path loses, below DTLS, between peers of our kind.
//!
//! SCTP takes every loss for congestion, sends a packet that is lost twice again after a second
//! at the earliest, and takes packets that overtake each other for losses. So a path with one
//! loss in a hundred carries 1 % of what it could. What is lost is therefore asked for again
//! before SCTP sees it, and what comes early waits for what is late. Congestion is the
//! [`window`](super::window)'s to avoid: it is told when a path is crowded ([`Crowding`]).
//!
//! DTLS records carry a number in clear (RFC 6347 §4.1), one record is in each datagram, and
//! numbers have no holes: so a missing one shows, and the very same datagram can be sent again.
//! Nothing is added to the datagrams themselves. Beside them go two of our own ([`wire`]): the
//! sender's *probe* says how far it has come, the receiver's *report* what is missing.
//!
//! Both sides tell in their descriptions that they do this, with a token that the other side's
//! probes and reports must carry. Only what comes from where the stack itself sends its records,
//! and so where ICE has found the peer, is looked at, and only there is anything sent. To a
//! browser, and through TURN, everything passes as it is.
//!
//! Where no TURN server can be on the way, records are longer than a datagram and go in fragments
//! ([`fragment`]), which have numbers of their own: these are then what is missed and sent again.

mod arrivals;
mod crowding;
mod fragment;
mod round_trip;
mod sent;
mod socket;
mod state;
mod tokens;
mod wire;

use self::fragment::Fragment;
pub(super) use self::{
    crowding::Crowding,
    fragment::PACKET_BYTES,
    socket::RepairSocket,
    tokens::{Token, Tokens},
};

/// The number of the DTLS record that a datagram consists of, if it is one under the keys of the
/// connection: epoch 1, since neither side ever changes them again.
fn record_number(datagram: &[u8]) -> Option<u64> {
    let (header, body) = datagram.split_at_checked(RECORD_HEADER_BYTES)?;
    let [kind, version @ .., 0, 1, _, _, _, _, _, _, high, low] = header else {
        return None;
    };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    let is_record = RECORD_KINDS.contains(kind) && version == DTLS_1_2 && len == body.len();
    let epoch_and_number = u64::from_be_bytes(*header[3..].first_chunk()?);
    is_record.then_some(epoch_and_number & NUMBER_BITS)
}

/// The number by which a datagram is missed, if it has one.
fn number(datagram: &[u8]) -> Option<u64> {
    if fragment::is_fragment(datagram) {
        return Some(Fragment::read(datagram)?.place.number);
    }
    record_number(datagram)
}

/// Whether a record ends the connection, or says that it cannot go on.
fn is_alert(record: &[u8]) -> bool {
    record.first() == Some(&ALERT)
}

const RECORD_HEADER_BYTES: usize = 13;

/// Content types of DTLS (RFC 7983 §7): alerts and late handshake messages count too.
const RECORD_KINDS: std::ops::RangeInclusive<u8> = 20..=63;

const NUMBER_BITS: u64 = (1 << 48) - 1;

const ALERT: u8 = 21;

const DTLS_1_2: &[u8] = &[0xfe, 0xfd];

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, VecDeque},
        net::SocketAddr,
        time::{Duration, Instant},
    };

    use bytes::Bytes;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::{arrivals::Arrivals, round_trip::RoundTrip, sent::Sent, wire::Datagram, *};

    #[test]
    fn only_records_under_the_connections_keys_count() {
        let record = record(7);
        assert_eq!(record_number(&record), Some(7));
        assert_eq!(record_number(&record[..record.len() - 1]), None);
        assert_eq!(record_number(&record[..5]), None);
        let mut handshake = record.to_vec();
        handshake[4] = 0;
        assert_eq!(record_number(&handshake), None);
        assert_eq!(record_number(&[]), None);
    }

    #[test]
    fn a_clean_path_costs_nothing_but_probes() {
        let run = Path::default().run(2000);
        assert_eq!(run.in_order, 2000);
        assert_eq!(run.resent, 0);
    }

    #[test]
    fn a_fifth_lost_both_ways_arrives_whole_and_in_order() {
        let path = Path {
            lost: 0.2,
            ..Path::default()
        };
        let run = path.run(5000);
        assert_eq!(run.in_order, 5000);
        assert!(run.resent < 5000 / 2, "{} resent", run.resent);
    }

    #[test]
    fn what_is_overtaken_is_waited_for_and_not_asked_for() {
        let path = Path {
            jitter: Duration::from_millis(30),
            ..Path::default()
        };
        let run = path.run(5000);
        assert_eq!(run.in_order, 5000);
        assert!(run.resent < 100, "{} resent", run.resent);
    }

    #[test]
    fn the_last_record_is_missed_too() {
        for seed in 0..50 {
            let path = Path {
                lost: 0.2,
                seed,
                ..Path::default()
            };
            assert_eq!(path.run(1).in_order, 1, "seed {seed}");
        }
    }

    #[test]
    fn duplicates_are_no_news() {
        let path = Path {
            doubled: 0.2,
            ..Path::default()
        };
        let run = path.run(2000);
        assert_eq!(run.in_order, 2000);
        assert_eq!(run.resent, 0);
    }

    /// A path with faults, both ways the same.
    struct Path {
        delay: Duration,
        jitter: Duration,
        lost: f64,
        doubled: f64,
        seed: u64,
    }

    #[derive(Debug, Default)]
    struct Run {
        /// Records that came in order, from the first on.
        in_order: u64,
        resent: usize,
    }

    impl Default for Path {
        fn default() -> Self {
            Self {
                delay: Duration::from_millis(5),
                jitter: Duration::ZERO,
                lost: 0.0,
                doubled: 0.0,
                seed: 1,
            }
        }
    }

    /// Datagrams on their way: when they arrive, and whether at the receiver.
    type Flight = BTreeMap<(Instant, u64), (bool, Bytes)>;

    impl Path {
        /// Sends `count` records, a millisecond between them, and everything that follows.
        fn run(&self, count: u64) -> Run {
            let (mut rng, start) = (StdRng::seed_from_u64(self.seed), now());
            let (mut sent, mut arrivals) = (Sent::new(start), Arrivals::default());
            let mut flight = Flight::new();
            let mut run = Run::default();
            let round_trip = RoundTrip::new(self.delay * 2);
            // Something came through before: otherwise nobody knows what is the first.
            arrivals.on_peer_repairs();
            arrivals.on_record(0, &record(0), addr(), start);
            for tick in 0..count * 2 + 3000 {
                let now = start + Duration::from_millis(1) * u32::try_from(tick).unwrap();
                if tick < count {
                    let record = record(tick + 1);
                    sent.on_send(&record, None, now);
                    self.put(&mut flight, &mut rng, now, true, &record);
                }
                while let Some(entry) = flight.first_entry()
                    && entry.key().0 <= now
                {
                    let (at_receiver, datagram) = entry.remove();
                    let answers = if at_receiver {
                        self.arrive(&mut arrivals, &datagram, now)
                    } else {
                        let resent = report(&mut sent, &datagram, now);
                        run.resent += resent.len();
                        resent
                    };
                    for answer in answers {
                        self.put(&mut flight, &mut rng, now, !at_receiver, &answer);
                    }
                }
                if let Some(probe) = sent.poll_probe(now) {
                    self.put(&mut flight, &mut rng, now, true, &probe.encode(Token(1)));
                }
                if let Some(report) = arrivals.poll_report(round_trip, now) {
                    self.put(&mut flight, &mut rng, now, false, &report.encode(Token(1)));
                }
                while let Some((datagram, _)) = arrivals.poll_ready() {
                    let number = record_number(&datagram).unwrap();
                    run.in_order += u64::from(number == run.in_order + 1);
                }
            }
            run
        }

        fn put(
            &self,
            flight: &mut Flight,
            rng: &mut StdRng,
            now: Instant,
            to_receiver: bool,
            datagram: &Bytes,
        ) {
            let copies = 1 + u64::from(rng.random_bool(self.doubled));
            for _ in 0..copies {
                if !rng.random_bool(self.lost) {
                    let at = now + self.delay + self.jitter.mul_f64(rng.random());
                    flight.insert((at, rng.random()), (to_receiver, datagram.clone()));
                }
            }
        }

        #[expect(clippy::unused_self, reason = "reads like its counterpart")]
        fn arrive(
            &self,
            arrivals: &mut Arrivals,
            datagram: &[u8],
            now: Instant,
        ) -> VecDeque<Bytes> {
            if let Some(number) = record_number(datagram) {
                arrivals.on_record(number, datagram, addr(), now);
                return VecDeque::new();
            }
            let Some(Datagram::Probe(probe)) = Datagram::decode(datagram, Token(1)) else {
                unreachable!()
            };
            arrivals.on_probe(&probe, now);
            VecDeque::new()
        }
    }

    fn report(sent: &mut Sent, datagram: &[u8], now: Instant) -> VecDeque<Bytes> {
        let Some(Datagram::Report(report)) = Datagram::decode(datagram, Token(1)) else {
            unreachable!()
        };
        sent.on_report(&report, now).into()
    }

    pub(super) fn record(number: u64) -> Bytes {
        let mut record = vec![23, 0xfe, 0xfd, 0, 1];
        record.extend_from_slice(&number.to_be_bytes()[2..]);
        record.extend_from_slice(&[0, 3, 1, 2, 3]);
        record.into()
    }

    fn addr() -> SocketAddr {
        ([127, 0, 0, 1], 9).into()
    }

    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn now() -> Instant {
        Instant::now()
    }
}
