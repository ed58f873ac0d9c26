//! Who this member is, and what it knows of the room.

use crate::handshake::{Identity, Password, Secrets};

/// What a handshake is made with.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// Made for this room alone.
    pub(crate) identity: Identity,
    /// The words of the code.
    pub(crate) password: Password,
    /// Where every secret comes from.
    pub(crate) secrets: Secrets,
    /// Whether addresses are to be hidden from the others.
    pub(crate) relay_only: bool,
}
