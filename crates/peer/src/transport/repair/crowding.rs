//! Whether more is sent than a path carries.

use std::sync::atomic::{AtomicBool, Ordering};

/// Told by the repair of a link, which sees what is lost, and heeded by whoever sends its bulk. SCTP
/// sees no losses, and would not slow down.
#[derive(Debug, Default)]
pub(in crate::transport) struct Crowding(AtomicBool);

impl Crowding {
    /// The path is crowded now.
    pub(super) fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the path was crowded since this was asked last.
    pub(in crate::transport) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}
