//! The one place that reads the clocks.

use std::time::{Duration, Instant};

/// The monotonic clock, as Tokio keeps it, so that tests can pause it.
#[expect(
    clippy::disallowed_methods,
    reason = "drivers tell the machines the time"
)]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The wall clock, as Unix time. It may jump; nothing but expiry dates may depend on it.
#[expect(
    clippy::disallowed_methods,
    reason = "expiry dates outlive the process"
)]
pub(crate) fn unix() -> Duration {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}
