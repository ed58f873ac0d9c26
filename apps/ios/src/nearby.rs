//! Rooms without a network: the app carries bytes between phones.

use snug_peer::nearby;
use snug_protocol::Invite;

use crate::{SnugError, boundary::guard, names::parse};

/// Bytes for a phone nearby.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NearbyFrame {
    /// Which phone, by the name that the app gave it.
    pub phone: String,
    /// What it is to be sent, whole and in order.
    pub bytes: Vec<u8>,
}

/// What a phone in a room is announced as to phones nearby: 20 symbols, other ones each time, by
/// which those who know the code recognise the room.
///
/// # Errors
/// [`SnugError::Invalid`] when it is no code.
#[uniffi::export]
pub fn nearby_name(code: &str) -> Result<String, SnugError> {
    guard(|| {
        let invite: Invite = parse(code)?;
        Ok(nearby::announce(invite.room))
    })
}

/// Whether a phone that is announced so is, in all likelihood, in the room of a code.
#[uniffi::export]
pub fn nearby_matches(name: &str, code: &str) -> bool {
    let fits = guard(|| {
        let invite: Invite = parse(code)?;
        Ok(nearby::is_of(name, invite.room))
    });
    fits.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_recognised_by_its_code() {
        let code = "K7Q4X9-otter-lemon-cloud-ferry";
        let name = nearby_name(code).unwrap();
        assert_eq!(name.len(), 20);
        assert!(nearby_matches(&name, "k7q4x9 otter lemon cloud ferry"));
        assert!(!nearby_matches("somebody's phone", code));
        assert!(!nearby_matches(&name, "otter"));
        assert!(nearby_name("otter").is_err());
    }
}
