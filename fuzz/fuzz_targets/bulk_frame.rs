//! What a peer sends on `bulk`: whatever decodes lies within a piece and reads back.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    BulkFrame,
    limits::{MAX_PIECES, PIECE_BYTES},
};

fuzz_target!(|frame: &[u8]| {
    let Ok(frame) = BulkFrame::decode(&Bytes::copy_from_slice(frame)) else {
        return;
    };
    assert!(frame.piece < MAX_PIECES && !frame.payload.is_empty());
    assert!(frame.offset as usize + frame.payload.len() <= PIECE_BYTES);
    assert_eq!(BulkFrame::decode(&frame.encode()), Ok(frame));
});
