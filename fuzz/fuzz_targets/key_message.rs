//! What peers say to prove the words to each other: whatever decodes is written so that it decodes
//! to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{KeyMessage, Payload};

fuzz_target!(|json: &str| {
    let Ok(payload) = Payload::from_json(json.to_owned()) else {
        return;
    };
    if let Ok(message) = KeyMessage::decode(&payload) {
        assert_eq!(KeyMessage::decode(&message.encode()), Ok(message));
    }
});
