//! Records in fragments, each in a datagram of its own.
//!
//! ```text
//!          0        1          9             15       16
//!          +--------+----------+-------------+--------+---------+
//! fragment    | 0xF2   | token    | number (6)  | place  | bytes … |
//!          +--------+----------+-------------+--------+---------+
//! ```
//!
//! Integers are big-endian. The low seven bits of the place say how many fragments of the record
//! follow, and the highest whether this is its first. Numbers have no holes.
//!
//! The stack takes about the same time for a packet of any length: so the fewer the better, and
//! they may be longer than what a path takes.

use bytes::{BufMut, Bytes, BytesMut};

use super::Token;

/// A fragment of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment<'a> {
    pub(super) place: Place,
    pub(super) bytes: &'a [u8],
}

/// Where a fragment belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    is_first: bool,
    /// Fragments of the record that follow.
    left: u8,
}

/// Datagrams of one length, but for the last, that are nothing but whole records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole {
    /// The number of the first fragment.
    pub(super) first: u64,
    /// Fragments.
    pub(super) count: u64,
    /// The length of each record, but for the last, which may be shorter.
    pub(super) record_bytes: usize,
}

/// Puts records together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    bytes: BytesMut,
    last: Option<Place>,
    /// Whether something of the record before is missing, so that it will never be whole.
    lacks: bool,
}

/// Whether a datagram is a fragment, or pretends to be one.
pub(super) fn is_fragment(datagram: &[u8]) -> bool {
    datagram.first() == Some(&FRAGMENT)
}

impl<'a> Fragment<'a> {
    /// Reads a datagram. It must carry our token: anybody can send to a socket.
    pub(super) fn decode(datagram: &'a [u8], own: Token) -> Option<Self> {
        let token = datagram.get(1..)?.first_chunk()?;
        Self::read(datagram).filter(|_| u64::from_be_bytes(*token) == own.0)
    }

    /// Reads a fragment, whose token is not looked at.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let (header, bytes) = datagram.split_first_chunk::<HEADER_BYTES>()?;
        let [FRAGMENT, .., place] = header else {
            return None;
        };
        let place = Place {
            // The six bytes before the place.
            number: u64::from_be_bytes(*header.last_chunk()?) >> 8 & NUMBER_BITS,
            is_first: place & FIRST != 0,
            left: place & !FIRST,
        };
        Some(Self { place, bytes })
    }
}

impl Place {
    /// Whether a fragment here comes right after another: of the same record, or as the next one's
    /// first.
    fn follows(self, other: Self) -> bool {
        let next_in_record = !self.is_first && Some(self.left) == other.left.checked_sub(1);
        let next_record = self.is_first && other.left == 0;
        self.number == other.number + 1 && (next_in_record || next_record)
    }
}

/// Cuts a record into datagrams for the peer, all of one length but the last, and appends them.
/// Answers with the number after the last.
pub(super) fn cut(record: &[u8], first: u64, peer: Token, datagrams: &mut BytesMut) -> u64 {
    let fragments = record.chunks(FRAGMENT_BYTES);
    let mut left = fragments.len();
    let mut number = first;
    for bytes in fragments {
        left -= 1;
        let place = u8::try_from(left).unwrap_or(u8::MAX) & !FIRST;
        datagrams.put_u8(FRAGMENT);
        datagrams.put_u64(peer.0);
        datagrams.put_uint(number, 6);
        datagrams.put_u8(if number == first {
            place | FIRST
        } else {
            place
        });
        datagrams.put_slice(bytes);
        number += 1;
    }
    number
}

/// The length of the datagrams that a record is cut into.
pub(super) fn cut_bytes(record_bytes: usize) -> usize {
    record_bytes + record_bytes.div_ceil(FRAGMENT_BYTES) * HEADER_BYTES
}

/// What a message is, if it is fragments of whole records without a hole.
pub(super) fn whole(message: &[u8], stride: usize, own: Token) -> Option<Whole> {
    let mut fragments = message
        .chunks(stride)
        .map(|datagram| Fragment::decode(datagram, own));
    let first = fragments.next()??;
    let (mut last, mut count, mut record) = (first.place, 1, first.bytes.len());
    let mut record_bytes = None;
    for fragment in fragments {
        let Fragment { place, bytes } = fragment.filter(|fragment| fragment.place.follows(last))?;
        if place.is_first {
            // Only the last may be shorter.
            if *record_bytes.get_or_insert(record) != record {
                return None;
            }
            record = 0;
        }
        record += bytes.len();
        (last, count) = (place, count + 1);
    }
    let record_bytes = record_bytes.unwrap_or(record);
    let is_whole = first.place.is_first && last.left == 0 && record <= record_bytes;
    is_whole.then_some(Whole {
        first: first.place.number,
        count,
        record_bytes,
    })
}

/// Takes the headers out of a message of fragments, and answers with what is left of its length.
pub(super) fn join(message: &mut [u8], stride: usize) -> usize {
    let mut len = 0;
    for start in (0..message.len()).step_by(stride) {
        let end = message.len().min(start + stride);
        let bytes = end.min(start + HEADER_BYTES)..end;
        let joined = len + bytes.len();
        message.copy_within(bytes, len);
        len = joined;
    }
    len
}

impl Assembly {
    /// Takes a fragment, and answers with the record that it completes. A fragment that neither
    /// begins a record nor follows the one before belongs to one that lacks something. One that is
    /// not after the one before came twice, or too late.
    pub(super) fn take(&mut self, fragment: &Fragment<'_>) -> Option<Bytes> {
        let place = fragment.place;
        if self.last.is_some_and(|last| place.number <= last.number) {
            return None;
        }
        let follows = self.last.is_some_and(|last| place.follows(last));
        self.last = Some(place);
        let len = self.bytes.len() + fragment.bytes.len();
        if place.is_first {
            self.bytes.clear();
            self.lacks = false;
        } else if !follows || len > MAX_RECORD_BYTES {
            self.lacks = true;
        }
        if self.lacks {
            return None;
        }
        self.bytes.extend_from_slice(fragment.bytes);
        (place.left == 0).then(|| self.bytes.split().freeze())
    }
}

const FRAGMENT: u8 = 0xf2;

/// The bit of a place that says that a fragment is the first of its record.
const FIRST: u8 = 0x80;

pub(super) const HEADER_BYTES: usize = 16;

/// Numbers have 48 bits, as those of records do.
const NUMBER_BITS: u64 = (1 << 48) - 1;

/// Bytes of a record in one datagram. With all headers it takes less than the 1280 bytes that any
/// path takes (RFC 8200 §5).
pub(super) const FRAGMENT_BYTES: usize = 1211;

/// What DTLS adds to a packet: its header, a nonce and a tag (RFC 5288 §3).
const RECORD_OVERHEAD_BYTES: usize = 13 + 8 + 16;

/// The longest record (RFC 6347 §4.1, RFC 5246 §6.2.3).
const MAX_RECORD_BYTES: usize = (1 << 14) + 2048 + 13;

/// The longest packet of SCTP: a record of full fragments, as the stack rounds it. Longer ones cost
/// the processor less still, but SCTP needs some on their way to notice that one is lost.
#[expect(clippy::cast_possible_truncation, reason = "less than 16 KiB")]
pub(in crate::transport) const PACKET_BYTES: u32 =
    (3 * FRAGMENT_BYTES - RECORD_OVERHEAD_BYTES) as u32;

#[cfg(test)]
mod tests {
    use super::*;

    const DATAGRAM_BYTES: usize = HEADER_BYTES + FRAGMENT_BYTES;

    const OWN: Token = Token(0x0102_0304_0506_0708);

    #[test]
    fn a_record_comes_out_as_it_went_in() {
        for len in [1, FRAGMENT_BYTES, FRAGMENT_BYTES + 1, 13 * FRAGMENT_BYTES] {
            let record = record(len);
            let mut message = cut_all(&[&record], 7);
            let whole = whole(&message, DATAGRAM_BYTES, OWN).unwrap();
            let count = len.div_ceil(FRAGMENT_BYTES) as u64;
            assert_eq!(
                (whole.first, whole.count, whole.record_bytes),
                (7, count, len)
            );
            let mut assembly = Assembly::default();
            let put_together = message
                .chunks(DATAGRAM_BYTES)
                .filter_map(|datagram| assembly.take(&Fragment::read(datagram)?))
                .collect::<Vec<_>>();
            assert_eq!(put_together, std::slice::from_ref(&record));
            let len = join(&mut message, DATAGRAM_BYTES);
            assert_eq!(message[..len], record);
        }
    }

    #[test]
    fn records_of_one_length_are_joined_at_once() {
        let [long, short] = [record(3 * FRAGMENT_BYTES), record(2 * FRAGMENT_BYTES + 1)];
        let message = cut_all(&[&long, &long, &short], 0);
        let together = whole(&message, DATAGRAM_BYTES, OWN).unwrap();
        assert_eq!((together.count, together.record_bytes), (9, long.len()));
        let message = cut_all(&[&short, &long], 0);
        assert_eq!(whole(&message, DATAGRAM_BYTES, OWN), None);
    }

    #[test]
    fn a_message_with_a_hole_a_tail_or_a_strangers_fragment_is_not_whole() {
        let record = record(4 * FRAGMENT_BYTES);
        let message = cut_all(&[&record, &record], 0);
        let fragment = |at: usize| &message[at * DATAGRAM_BYTES..(at + 1) * DATAGRAM_BYTES];
        let of = |fragments: &[usize]| {
            let fragments: Vec<_> = fragments.iter().map(|at| fragment(*at)).collect();
            whole(&fragments.concat(), DATAGRAM_BYTES, OWN)
        };
        assert!(of(&[0, 1, 2, 3]).is_some());
        for torn in [
            &[0, 1, 3][..],
            &[1, 2, 3],
            &[0, 1, 2],
            &[0, 1, 2, 3, 5],
            &[3],
        ] {
            assert_eq!(of(torn), None, "{torn:?}");
        }
        assert_eq!(whole(&message, DATAGRAM_BYTES, Token(1)), None);
    }

    #[test]
    fn what_lacks_a_fragment_is_left_out_and_what_follows_is_not() {
        let records: Vec<_> = (0..3).map(|_| record(3 * FRAGMENT_BYTES)).collect();
        let message = cut_all(&[&records[0], &records[1], &records[2]], 0);
        for lost in 0..9 {
            let mut assembly = Assembly::default();
            let came = message
                .chunks(DATAGRAM_BYTES)
                .enumerate()
                .filter(|(at, _)| *at != lost)
                .filter_map(|(_, datagram)| assembly.take(&Fragment::read(datagram)?))
                .count();
            assert_eq!(came, 2, "without {lost}");
        }
    }

    #[test]
    fn what_comes_twice_or_late_spoils_no_record() {
        let records: Vec<_> = (0..3).map(|_| record(3 * FRAGMENT_BYTES)).collect();
        let message = cut_all(&[&records[0], &records[1], &records[2]], 0);
        let datagrams: Vec<_> = message.chunks(DATAGRAM_BYTES).collect();
        for ago in 0..9 {
            let mut assembly = Assembly::default();
            let mut take = |at: usize| assembly.take(&Fragment::read(datagrams[at])?);
            let came = (0..9)
                .flat_map(|at| [take(at), take(at.saturating_sub(ago))])
                .flatten()
                .count();
            assert_eq!(came, 3, "again after {ago}");
        }
    }

    #[test]
    fn whatever_comes_is_read_or_not() {
        let message = cut_all(&[&record(5)], 1 << 40);
        for len in 0..HEADER_BYTES {
            assert_eq!(Fragment::decode(&message[..len], OWN), None, "{len}");
        }
        assert_eq!(Fragment::decode(&message, Token(1)), None);
        assert_eq!(
            Fragment::decode(&message, OWN).unwrap().place.number,
            1 << 40
        );
        assert_eq!(join(&mut [FRAGMENT; 3], 2), 0);
    }

    fn cut_all(records: &[&Bytes], first: u64) -> BytesMut {
        let mut message = BytesMut::new();
        let mut number = first;
        for record in records {
            number = cut(record, number, OWN, &mut message);
        }
        message
    }

    fn record(len: usize) -> Bytes {
        (0..251_u8).cycle().take(len).collect()
    }
}
