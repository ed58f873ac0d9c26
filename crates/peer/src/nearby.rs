//! Rooms without a server: a radio of the host's brings phones together.
//!
//! ```text
//!  host's radio ── found, lost, received ──► Radio ──► Hall ──► session
//!       ▲                                      │         │
//!       └─────────────── next ◄────────────────┴─────────┘
//! ```
//!
//! Every phone plays the server's part for itself. It says to each phone in reach what it would
//! say to a server, on the same wire: `init`, with the room and its name, then what is for that
//! phone. The session does the rest: the handshake, and sealed frames on its relayed path. The
//! radio, and whoever is at its other end, is trusted no more than a server is.

mod air;
mod hall;
mod name;

use std::sync::Arc;

use bytes::Bytes;

use self::air::Air;
pub(crate) use self::hall::Hall;
pub use self::name::{announce, is_of};

/// The host's end of a radio: what it finds and hears goes in, what it is to send comes out.
///
/// Clones are the same radio. It serves one peer.
#[derive(Debug, Clone, Default)]
pub struct Radio {
    air: Arc<Air>,
}

impl Radio {
    /// A radio on which nobody has been found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A phone is in reach from now on. Its name is the host's, and new for every connection.
    pub fn found(&self, phone: &str) {
        self.air.found(phone);
    }

    /// A phone is out of reach.
    pub fn lost(&self, phone: &str) {
        self.air.lost(phone);
    }

    /// A phone has sent something. What is too much at once is dropped, and comes again.
    pub fn received(&self, phone: &str, bytes: Bytes) {
        self.air.received(phone, bytes);
    }

    /// Waits for what is to be sent to a phone next, whole and in order; `None` once the peer has
    /// left.
    pub async fn next(&self) -> Option<(String, Bytes)> {
        self.air.next_to_send().await
    }
}
