//! What the server passes on sealed: whatever decodes is written so that it decodes to the same
//! again, and keeps to its bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    Payload, Sealed,
    limits::{SEAL_BYTES, SEALED_BYTES, SEALED_MESSAGES},
};

fuzz_target!(|json: &str| {
    let Ok(payload) = Payload::from_json(json.to_owned()) else {
        return;
    };
    if let Ok(sealed) = Sealed::decode(&payload) {
        assert!((1..=SEALED_MESSAGES).contains(&sealed.number));
        assert!((SEAL_BYTES..=SEALED_BYTES).contains(&sealed.data.len()));
        assert_eq!(Sealed::decode(&sealed.encode()), Ok(sealed));
    }
});
