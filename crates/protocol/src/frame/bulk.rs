//! Frames on the `bulk` channel: a fixed header and bytes of a piece.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+-----------------------------------------------+
//! |   type = 1    |                  reserved = 0                 |
//! +---------------+-----------------------------------------------+
//! |                                                               |
//! +                                                               +
//! |                                                               |
//! +                     transfer id (16 bytes)                    +
//! |                                                               |
//! +                                                               +
//! |                                                               |
//! +---------------------------------------------------------------+
//! |                  piece (big-endian, from 0)                   |
//! +---------------------------------------------------------------+
//! |             offset in the piece, bytes (big-endian)           |
//! +---------------------------------------------------------------+
//! |                    1 to 32,768 bytes of it ...
//! ```

use bytes::{BufMut, Bytes, BytesMut};

use crate::{
    DecodeError, TransferId,
    decode::check_total,
    limits::{BULK_PAYLOAD_BYTES, MAX_PIECES, PIECE_BYTES},
};

/// Bytes of a piece on the `bulk` channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkFrame {
    /// Of which file.
    pub transfer: TransferId,
    /// Which piece.
    pub piece: u32,
    /// Where in the piece, in bytes.
    pub offset: u32,
    /// 1 to [`BULK_PAYLOAD_BYTES`] bytes.
    pub payload: Bytes,
}

impl BulkFrame {
    /// Bytes before the payload.
    pub const HEADER_BYTES: usize = 28;
    const TYPE: u8 = 1;

    /// Decodes one frame without copying its payload. The reserved bytes are ignored.
    pub fn decode(frame: &Bytes) -> Result<Self, DecodeError> {
        check_total(frame.len(), Self::HEADER_BYTES + BULK_PAYLOAD_BYTES)?;
        let Some((header, payload)) = frame.split_first_chunk::<{ Self::HEADER_BYTES }>() else {
            return Err(DecodeError::Truncated {
                len: frame.len(),
                needed: Self::HEADER_BYTES + 1,
            });
        };
        if header[0] != Self::TYPE {
            return Err(DecodeError::UnknownType(header[0].to_string()));
        }
        let [.., p0, p1, p2, p3, o0, o1, o2, o3] = *header;
        let piece = u32::from_be_bytes([p0, p1, p2, p3]);
        if piece >= MAX_PIECES {
            return Err(DecodeError::invalid("piece", "outside every file"));
        }
        let offset = u32::from_be_bytes([o0, o1, o2, o3]);
        // In 64 bits: a browser's `usize` has 32, and would wrap.
        let end = u64::from(offset) + payload.len() as u64;
        if payload.is_empty() || end > PIECE_BYTES as u64 {
            return Err(DecodeError::invalid("offset", "outside the piece"));
        }
        let transfer = header[4..20]
            .try_into()
            .expect("sixteen bytes of the header");
        Ok(Self {
            transfer: TransferId::from_bytes(transfer),
            piece,
            offset,
            payload: frame.slice(Self::HEADER_BYTES..),
        })
    }

    /// Encodes one frame.
    pub fn encode(&self) -> Bytes {
        let mut frame = BytesMut::with_capacity(Self::HEADER_BYTES + self.payload.len());
        frame.put_u8(Self::TYPE);
        frame.put_bytes(0, 3);
        frame.put_slice(self.transfer.as_bytes());
        frame.put_u32(self.piece);
        frame.put_u32(self.offset);
        frame.put_slice(&self.payload);
        frame.freeze()
    }
}
