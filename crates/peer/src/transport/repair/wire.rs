//! The two datagrams that go beside the records.
//!
//! ```text
//!          0        1          9                  17          21
//!          +--------+----------+------------------+-----------+------------------+
//! probe    | 0xF0   | token    | last number (8)  | stamp (4) | first number (8) |
//!          +--------+----------+------------------+-----------+------------------+
//! report   | 0xF1   | token    | next number (8)  | stamp (4) | gaps …           |
//!          +--------+----------+------------------+-----------+------------------+
//!            a gap: how far after the next number it begins (2), its length (2)
//! ```
//!
//! Numbers are big-endian. The first byte is one that nothing else on our sockets begins with
//! (RFC 9443 §3).

use bytes::{BufMut, Bytes, BytesMut};

use super::Token;

/// A datagram of the repair's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datagram {
    Probe(Probe),
    Report(Report),
}

/// The sender says how far it has come. Answered by a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probe {
    /// The number of the first record that it can send again.
    pub(super) first: u64,
    /// The number of the last record sent.
    pub(super) last: u64,
    /// The sender's clock, in microseconds from any beginning, and never 0.
    pub(super) stamp: u32,
}

/// The receiver says what it has, and asks for what it misses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The first record that is not there. Everything before it may be forgotten.
    pub(super) next: u64,
    /// The stamp of the probe that this answers, or 0 without one.
    pub(super) stamp: u32,
    /// Numbers to send again, ascending and apart.
    pub(super) gaps: Vec<Gap>,
}

/// Numbers that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) first: u64,
    pub(super) len: u16,
}

impl Datagram {
    /// Whether a datagram is ours and not the stack's.
    pub(super) fn is_one(datagram: &[u8]) -> bool {
        matches!(datagram.first(), Some(&(PROBE | REPORT)))
    }

    /// Reads a datagram. It must carry our token: anybody can send to a socket.
    pub(super) fn decode(datagram: &[u8], own: Token) -> Option<Self> {
        let (kind, rest) = datagram.split_first()?;
        let (token, rest) = rest.split_first_chunk()?;
        if u64::from_be_bytes(*token) != own.0 {
            return None;
        }
        let (number, rest) = rest.split_first_chunk()?;
        let (stamp, rest) = rest.split_first_chunk()?;
        let number = decode_number(*number)?;
        let stamp = u32::from_be_bytes(*stamp);
        match *kind {
            PROBE => Some(Self::Probe(Probe {
                first: decode_number(*rest.first_chunk()?)?,
                last: number,
                stamp,
            })),
            REPORT => Some(Self::Report(Report {
                next: number,
                stamp,
                gaps: decode_gaps(number, rest),
            })),
            _ => None,
        }
    }
}

/// A record's number, or the one after the last of all.
fn decode_number(bytes: [u8; 8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes)).filter(|number| *number <= RECORDS)
}

/// As far as they ascend: what asks twice for the same costs the time for it twice.
fn decode_gaps(next: u64, bytes: &[u8]) -> Vec<Gap> {
    let (gaps, _) = bytes.as_chunks::<GAP_BYTES>();
    let gap = |[a, b, c, d]: &[u8; GAP_BYTES]| Gap {
        first: next.saturating_add(u16::from_be_bytes([*a, *b]).into()),
        len: u16::from_be_bytes([*c, *d]),
    };
    let mut end = next;
    let gaps = gaps.iter().take(MAX_GAPS).map(gap);
    let ascending = gaps.take_while(|gap| {
        let ascends = gap.first >= end;
        end = gap.end();
        ascends
    });
    ascending.collect()
}

impl Gap {
    /// The number after its last.
    pub(super) fn end(&self) -> u64 {
        self.first.saturating_add(self.len.into())
    }
}

impl Probe {
    /// Writes the datagram, with the token of the peer.
    pub(super) fn encode(&self, peer: Token) -> Bytes {
        let mut bytes = header(PROBE, peer, self.last, self.stamp);
        bytes.put_u64(self.first);
        bytes.freeze()
    }
}

impl Report {
    /// Writes the datagram, with the token of the peer.
    pub(super) fn encode(&self, peer: Token) -> Bytes {
        let mut bytes = header(REPORT, peer, self.next, self.stamp);
        for gap in self.gaps.iter().take(MAX_GAPS) {
            let Ok(after) = u16::try_from(gap.first.saturating_sub(self.next)) else {
                break;
            };
            bytes.put_u16(after);
            bytes.put_u16(gap.len);
        }
        bytes.freeze()
    }
}

fn header(kind: u8, peer: Token, number: u64, stamp: u32) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(64);
    bytes.put_u8(kind);
    bytes.put_u64(peer.0);
    bytes.put_u64(number);
    bytes.put_u32(stamp);
    bytes
}

const PROBE: u8 = 0xf0;
const REPORT: u8 = 0xf1;

/// Numbers of DTLS records have 48 bits (RFC 6347 §4.1).
const RECORDS: u64 = 1 << 48;

const GAP_BYTES: usize = 4;

/// Gaps in one report: as many as a packet takes on any path.
pub(super) const MAX_GAPS: usize = 250;

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Token = Token(0x0102_0304_0506_0708);

    fn probe() -> Probe {
        Probe {
            first: 3,
            last: 7,
            stamp: 8,
        }
    }

    fn report() -> Report {
        Report {
            next: 1 << 40,
            stamp: 9,
            gaps: vec![Gap {
                first: (1 << 40) + 3,
                len: 2,
            }],
        }
    }

    #[test]
    fn both_are_read_as_written() {
        let read = Datagram::decode(&probe().encode(OWN), OWN);
        assert_eq!(read, Some(Datagram::Probe(probe())));
        let read = Datagram::decode(&report().encode(OWN), OWN);
        assert_eq!(read, Some(Datagram::Report(report())));
    }

    #[test]
    fn a_strangers_token_and_a_torn_datagram_are_nothing() {
        let bytes = report().encode(OWN);
        assert_eq!(Datagram::decode(&bytes, Token(1)), None);
        let probe = probe().encode(OWN);
        for len in 0..21 {
            assert_eq!(Datagram::decode(&bytes[..len], OWN), None, "{len}");
        }
        for len in 0..29 {
            assert_eq!(Datagram::decode(&probe[..len], OWN), None, "{len}");
        }
    }

    #[test]
    fn whatever_comes_nothing_overflows() {
        let mut bytes = report().encode(OWN).to_vec();
        bytes[9..17].fill(0xff);
        assert_eq!(Datagram::decode(&bytes, OWN), None);
        bytes[9..17].copy_from_slice(&RECORDS.to_be_bytes());
        bytes.truncate(21);
        bytes.extend_from_slice(&[0xff, 0xff, 0, 0].repeat(1000));
        let Some(Datagram::Report(read)) = Datagram::decode(&bytes, OWN) else {
            panic!("no report");
        };
        assert_eq!(read.gaps.len(), MAX_GAPS);
        assert!(read.gaps.iter().all(|gap| gap.first >= RECORDS));
    }

    #[test]
    fn gaps_that_do_not_ascend_are_not_read() {
        let gap = |after, len| Gap {
            first: report().next + after,
            len,
        };
        let gaps = vec![gap(0, 5), gap(5, 9), gap(13, 1), gap(20, 1)];
        let bytes = Report { gaps, ..report() }.encode(OWN);
        let Some(Datagram::Report(read)) = Datagram::decode(&bytes, OWN) else {
            panic!("no report");
        };
        assert_eq!(read.gaps, [gap(0, 5), gap(5, 9)]);
    }

    #[test]
    fn a_report_fits_a_packet() {
        let gaps = vec![report().gaps[0]; 5000];
        let report = Report { gaps, ..report() };
        assert!(report.encode(OWN).len() < 1100);
    }
}
