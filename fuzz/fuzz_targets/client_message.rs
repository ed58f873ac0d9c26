//! What a client sends the server: whatever decodes is written so that it decodes to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::ClientMessage;

fuzz_target!(|text: &str| {
    if let Ok(message) = ClientMessage::decode(text) {
        assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }
});
