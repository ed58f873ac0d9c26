//! How a peer takes part.

use snug_protocol::{ClientId, Profile, Secret, api::IceServer};
use snug_session::Intent;

use crate::{Introduction, MEMORY_CAP, ServerUrl, nearby::Radio, transport::Interfaces};

/// How a peer takes part in a room.
#[derive(Debug, Clone)]
pub struct PeerConfig {
    /// How the peers come to know of each other.
    pub introduction: Introduction,
    /// Which room.
    pub intent: Intent,
    /// The words of its code, which the server never learns; none in an open room.
    pub secret: Secret,
    /// Who takes part; a fresh `UUIDv4` if nobody in particular.
    pub client: Option<ClientId>,
    /// How to appear.
    pub profile: Profile,
    /// Makes the session's random choices repeat, its keys among them: whoever knows the seed can
    /// read along. From the system's randomness if unset.
    pub seed: Option<u64>,
    /// STUN and TURN servers besides those that the server names.
    pub ice_servers: Vec<IceServer>,
    /// Addresses that links use.
    pub interfaces: Interfaces,
    /// Hides this machine's addresses from the others: frames go through TURN servers, or sealed
    /// through the server itself.
    pub relay_only: bool,
    /// Passes on what it receives to others who want it.
    pub shares: bool,
    /// Bytes of files received into memory that have not been taken yet.
    pub memory_cap: u64,
}

impl PeerConfig {
    /// The defaults for a room: every interface, or loopback alone when the server is on it.
    pub fn new(server: ServerUrl, intent: Intent, secret: Secret) -> Self {
        let interfaces = if server.is_loopback() {
            Interfaces::LoopbackOnly
        } else {
            Interfaces::default()
        };
        Self::introduced(server.into(), interfaces, intent, secret)
    }

    /// The defaults for a room of phones that a radio brings together, without a server. There is
    /// nobody to keep to the seats of a room that is created.
    pub fn nearby(radio: Radio, intent: Intent, secret: Secret) -> Self {
        Self::introduced(radio.into(), Interfaces::default(), intent, secret)
    }

    fn introduced(
        introduction: Introduction,
        interfaces: Interfaces,
        intent: Intent,
        secret: Secret,
    ) -> Self {
        Self {
            introduction,
            intent,
            secret,
            client: None,
            profile: Profile::default(),
            seed: None,
            ice_servers: Vec::new(),
            interfaces,
            relay_only: false,
            shares: true,
            memory_cap: MEMORY_CAP,
        }
    }
}
