//! What two peers that cannot connect send each other by the server: frames of their two
//! channels, in numbered segments, each sealed as the payload of a `relay`.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! ├───────────────────────────────────────────────────────────────┤
//! │                             epoch                             │
//! │                           ack epoch                           │
//! │                              seq                              │
//! │                                                               │
//! │                              ack                              │
//! │                                                               │
//! ├───────────────┬───────────────────────────────────────────────┤
//! │    channel    │                 length (24 bits)              │  a frame
//! │  bytes …                                                      │
//! ├───────────────┴───────────────────────────────────────────────┤
//! │  more frames …                                                │
//! ```
//!
//! Numbers are big-endian. The seal around a segment says how long it is. One whose `seq` is all
//! ones is a farewell: it stands outside of every run.

use bytes::{Buf, BufMut, Bytes};

use crate::{
    ControlFrame, DecodeError,
    decode::{check_count, check_total},
    limits::{RELAY_FRAMES, RELAY_SEGMENT_BYTES},
};

/// One message of the relayed path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelaySegment {
    /// Names the sender's run of segments; a new one starts everything over.
    pub epoch: u32,
    /// The receiver's run that `ack` is about.
    pub ack_epoch: u32,
    /// The sender's count of segments with frames, from 1; 0 for one that only acknowledges.
    pub seq: u64,
    /// The last of the receiver's segments that came in order; 0 for none.
    pub ack: u64,
    /// At most [`RELAY_FRAMES`]; none if `seq` is 0.
    pub frames: Vec<RelayFrame>,
}

/// A frame of one of the two channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayFrame {
    /// Of `control`.
    Control(Bytes),
    /// Of `bulk`.
    Bulk(Bytes),
}

impl RelaySegment {
    /// Bytes before the frames.
    pub const HEADER_BYTES: usize = 24;
    const FAREWELL: u64 = u64::MAX;

    /// What a member who leaves says to a peer, whether there is a run of segments or not.
    pub fn farewell() -> Self {
        Self {
            seq: Self::FAREWELL,
            frames: vec![RelayFrame::Control(ControlFrame::Bye.encode())],
            ..Self::default()
        }
    }

    /// Whether the sender says with it that it leaves.
    pub const fn is_farewell(&self) -> bool {
        self.seq == Self::FAREWELL
    }

    /// Decodes one segment.
    pub fn decode(segment: &[u8]) -> Result<Self, DecodeError> {
        check_total(segment.len(), RELAY_SEGMENT_BYTES)?;
        let mut rest = segment;
        check_remaining(rest, Self::HEADER_BYTES)?;
        let mut segment = Self {
            epoch: rest.get_u32(),
            ack_epoch: rest.get_u32(),
            seq: rest.get_u64(),
            ack: rest.get_u64(),
            frames: Vec::new(),
        };
        while !rest.is_empty() {
            check_count("frames", segment.frames.len() + 1, RELAY_FRAMES)?;
            segment.frames.push(RelayFrame::decode(&mut rest)?);
        }
        if (segment.seq == 0) != segment.frames.is_empty() {
            return Err(DecodeError::invalid("seq", "frames are numbered"));
        }
        Ok(segment)
    }

    /// Encodes one segment.
    pub fn encode(&self) -> Vec<u8> {
        let frames = self.frames.iter().map(RelayFrame::len);
        let mut segment = Vec::with_capacity(Self::HEADER_BYTES + frames.sum::<usize>());
        segment.put_u32(self.epoch);
        segment.put_u32(self.ack_epoch);
        segment.put_u64(self.seq);
        segment.put_u64(self.ack);
        for frame in &self.frames {
            segment.put_u8(frame.channel());
            segment.put_uint(frame.bytes().len() as u64, 3);
            segment.put_slice(frame.bytes());
        }
        segment
    }
}

impl RelayFrame {
    /// Bytes before those of the frame itself.
    pub const HEADER_BYTES: usize = 4;
    const CONTROL: u8 = 0;
    const BULK: u8 = 1;

    /// The frame itself.
    pub const fn bytes(&self) -> &Bytes {
        match self {
            Self::Control(bytes) | Self::Bulk(bytes) => bytes,
        }
    }

    /// Bytes in a segment.
    fn len(&self) -> usize {
        Self::HEADER_BYTES + self.bytes().len()
    }

    const fn channel(&self) -> u8 {
        match self {
            Self::Control(_) => Self::CONTROL,
            Self::Bulk(_) => Self::BULK,
        }
    }

    fn decode(rest: &mut &[u8]) -> Result<Self, DecodeError> {
        check_remaining(rest, Self::HEADER_BYTES)?;
        let channel = rest.get_u8();
        let len = usize::try_from(rest.get_uint(3)).unwrap_or(usize::MAX);
        check_remaining(rest, len)?;
        let (bytes, after) = rest.split_at(len);
        *rest = after;
        let bytes = Bytes::copy_from_slice(bytes);
        match channel {
            Self::CONTROL => Ok(Self::Control(bytes)),
            Self::BULK => Ok(Self::Bulk(bytes)),
            unknown => Err(DecodeError::UnknownType(unknown.to_string())),
        }
    }
}

fn check_remaining(rest: &[u8], needed: usize) -> Result<(), DecodeError> {
    if rest.len() < needed {
        let len = rest.len();
        return Err(DecodeError::Truncated { len, needed });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_channel_and_order() {
        let segment = RelaySegment {
            epoch: 1,
            ack_epoch: 2,
            seq: 3,
            ack: 4,
            frames: vec![
                RelayFrame::Control(Bytes::from_static(b"said")),
                RelayFrame::Bulk(Bytes::from_static(b"")),
                RelayFrame::Bulk(Bytes::from(vec![7; 300])),
            ],
        };
        assert_eq!(
            RelaySegment::decode(&segment.encode()).as_ref(),
            Ok(&segment)
        );
        let farewell = RelaySegment::farewell();
        assert!(farewell.is_farewell() && !segment.is_farewell());
        assert_eq!(RelaySegment::decode(&farewell.encode()), Ok(farewell));
        let nothing = RelaySegment::default();
        assert_eq!(RelaySegment::decode(&nothing.encode()), Ok(nothing));
    }

    #[test]
    fn what_is_cut_short_or_not_numbered_is_refused() {
        let frames = vec![RelayFrame::Control(Bytes::from_static(b"said"))];
        let whole = RelaySegment {
            seq: 1,
            frames,
            ..RelaySegment::default()
        };
        let bytes = whole.encode();
        for len in 0..bytes.len() {
            assert!(RelaySegment::decode(&bytes[..len]).is_err(), "{len}");
        }
        let unnumbered = RelaySegment { seq: 0, ..whole };
        assert!(RelaySegment::decode(&unnumbered.encode()).is_err());
        let many = RelaySegment {
            frames: vec![RelayFrame::Bulk(Bytes::new()); RELAY_FRAMES + 1],
            ..RelaySegment::default()
        };
        assert!(RelaySegment::decode(&many.encode()).is_err());
        assert!(RelaySegment::decode(&vec![0; RELAY_SEGMENT_BYTES + 1]).is_err());
    }
}
