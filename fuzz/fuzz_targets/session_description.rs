//! What is read from a session description is all that it says, and says it once more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{SessionDescription, limits::SDP_BYTES};

fuzz_target!(|text: &str| {
    let Ok(read) = SessionDescription::read(text) else {
        return;
    };
    // Each line has an end of two bytes now, which can be too much.
    if read.sdp.len() > SDP_BYTES {
        return;
    }
    let again = SessionDescription::read(&read.sdp).expect("it was read before");
    assert_eq!(again.sdp, read.sdp);
    assert_eq!(again.certificate, read.certificate);
    assert_eq!(again.ufrag, read.ufrag);
    assert!(again.candidates.is_empty());
});
