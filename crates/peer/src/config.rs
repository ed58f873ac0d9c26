//! How a peer takes part.

use snug_protocol::{ClientId, Profile, api::IceServer};
use snug_session::Intent;

use crate::{MEMORY_CAP, ServerUrl, transport::Interfaces};

/// How a peer takes part in a room.
#[derive(Debug, Clone)]
pub struct PeerConfig {
    /// Who introduces the peers.
    pub server: ServerUrl,
    /// Which room.
    pub intent: Intent,
    /// Who takes part; a fresh `UUIDv4` if nobody in particular.
    pub client: Option<ClientId>,
    /// How to appear.
    pub profile: Profile,
    /// Makes the session's random choices repeat; from the system's randomness if unset.
    pub seed: Option<u64>,
    /// STUN and TURN servers besides those that the server names.
    pub ice_servers: Vec<IceServer>,
    /// Addresses that links use.
    pub interfaces: Interfaces,
    /// Hides this machine's addresses from the others: links go through TURN servers only.
    pub relay_only: bool,
    /// Bytes of files received into memory that have not been taken yet.
    pub memory_cap: u64,
}

impl PeerConfig {
    /// The defaults for a room: every interface, or loopback alone when the server is on it.
    pub fn new(server: ServerUrl, intent: Intent) -> Self {
        let interfaces = if server.is_loopback() {
            Interfaces::LoopbackOnly
        } else {
            Interfaces::default()
        };
        Self {
            server,
            intent,
            client: None,
            profile: Profile::default(),
            seed: None,
            ice_servers: Vec::new(),
            interfaces,
            relay_only: false,
            memory_cap: MEMORY_CAP,
        }
    }
}
