//! What people type to join, and the other ids that come as text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{ClientId, Invite, MessageId, RoomId, TransferId};

fuzz_target!(|typed: &str| {
    if let Ok(invite) = typed.parse::<Invite>() {
        assert!(invite.secret.password().len() <= 26);
        assert_eq!(invite.to_string().parse(), Ok(invite.clone()));
        assert_eq!(invite.link("https://snug.example/").parse(), Ok(invite));
    }
    if let Ok(room) = typed.parse::<RoomId>() {
        assert_eq!(room.to_string().parse(), Ok(room));
    }
    if let Ok(client) = typed.parse::<ClientId>() {
        assert_eq!(client.as_str(), typed);
    }
    if let Ok(transfer) = typed.parse::<TransferId>() {
        assert_eq!(transfer.to_string(), typed.to_ascii_lowercase());
    }
    if let Ok(message) = typed.parse::<MessageId>() {
        assert_eq!(message.to_string().parse(), Ok(message));
    }
});
