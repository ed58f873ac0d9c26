//! What a benchmark may change.

use super::{socket, window};

/// Settings that are measured, and else left alone: the defaults are what the measurements gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// Bytes of the longest bulk frame that a peer may send.
    pub frame_bytes: usize,
    /// Bytes of bulk that may be on their way, whatever the path. `None` follows the path.
    pub outstanding_bytes: Option<usize>,
    /// Bytes to ask of the system for each of a socket's two buffers. It grants what it likes.
    pub socket_buffer_bytes: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            frame_bytes: window::BULK_FRAME_BYTES,
            outstanding_bytes: None,
            socket_buffer_bytes: socket::WANTED_BYTES,
        }
    }
}
