//! What the server sends a client: whatever decodes is written so that it decodes to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::ServerMessage;

fuzz_target!(|text: &str| {
    if let Ok(message) = ServerMessage::decode(text) {
        assert_eq!(ServerMessage::decode(&message.encode()), Ok(message));
    }
});
