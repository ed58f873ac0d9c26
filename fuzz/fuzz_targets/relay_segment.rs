//! What a peer sends through the server, once the seal is open: whatever decodes keeps to the limits
//! and is written as it came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    RelaySegment,
    limits::{RELAY_FRAMES, RELAY_SEGMENT_BYTES},
};

fuzz_target!(|segment: &[u8]| {
    if let Ok(decoded) = RelaySegment::decode(segment) {
        assert!(segment.len() <= RELAY_SEGMENT_BYTES && decoded.frames.len() <= RELAY_FRAMES);
        assert_eq!(decoded.encode(), segment);
    }
});
