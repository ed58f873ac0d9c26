//! How many bytes of bulk may be on their way.
//!
//! Bytes on their way wait in the peer's socket buffer whenever its thread is not running. What
//! overflows there is lost, and SCTP sends it again a second later. So the limit follows from
//! the buffer; and it bounds how far a chat message can be behind.

use snug_protocol::limits::BULK_PAYLOAD_BYTES;

/// The limit on bytes sent and not acknowledged, on one link's bulk channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    limit: usize,
}

impl Window {
    /// `receive_buffer`: the peer's, as it tells; browsers do not.
    pub(super) fn new(receive_buffer: Option<usize>) -> Self {
        let usable = receive_buffer.map_or(UNKNOWN, |bytes| bytes / 8 * 5);
        Self {
            limit: usable.clamp(UNKNOWN, MAX),
        }
    }

    /// Whether a frame of `len` bytes may follow `outstanding` ones.
    pub(super) fn admits(self, outstanding: usize, len: usize) -> bool {
        outstanding == 0 || outstanding + len <= self.limit
    }

    /// The outstanding bytes below which a frame is admitted for certain, and a few at a time.
    pub(super) fn low_mark(self) -> usize {
        (self.limit / 4 * 3).min(self.limit.saturating_sub(BULK_FRAME_BYTES))
    }
}

/// Bytes of a bulk frame, with room for its header.
pub(super) const BULK_FRAME_BYTES: usize = BULK_PAYLOAD_BYTES + 64;

/// One frame at a time: Chromium drops packets from some 64 KiB in flight on.
const UNKNOWN: usize = 48 * 1024;

/// SCTP's receive window.
const MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_one_frame_at_a_time() {
        let window = Window::new(None);
        assert!(window.admits(0, BULK_FRAME_BYTES));
        assert!(!window.admits(BULK_FRAME_BYTES, BULK_FRAME_BYTES));
    }

    #[test]
    fn a_stock_linux_buffer_takes_about_256_kib() {
        // `net.core.rmem_max` is 208 KiB; the kernel doubles it for its bookkeeping.
        let window = Window::new(Some(2 * 208 * 1024));
        assert!(window.admits(220 * 1024, BULK_FRAME_BYTES));
        assert!(!window.admits(256 * 1024, BULK_FRAME_BYTES));
    }

    #[test]
    fn whatever_a_peer_says_the_limit_is_sane() {
        for told in [Some(0), Some(1), Some(usize::MAX)] {
            let window = Window::new(told);
            assert!(window.admits(0, BULK_FRAME_BYTES));
            assert!(!window.admits(MAX, 1));
        }
    }

    #[test]
    fn below_the_low_mark_a_frame_fits() {
        for told in [None, Some(100_000), Some(425_984), Some(8 << 20)] {
            let window = Window::new(told);
            assert!(window.admits(window.low_mark(), BULK_FRAME_BYTES));
        }
    }
}
