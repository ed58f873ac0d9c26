//! The largest socket buffers that the kernel grants.

use std::fs;

use anyhow::{Context, Result};
use nix::unistd::geteuid;

/// What a kernel grants that nobody has tuned.
const STOCK_BYTES: u64 = 212_992;
const LIMITS: [&str; 2] = ["/proc/sys/net/core/rmem_max", "/proc/sys/net/core/wmem_max"];

/// Buffers of the whole machine, clamped to what a kernel grants that nobody has tuned, until
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Clamp {
    before: [String; 2],
}

impl Clamp {
    /// Whether this process may do that.
    pub(crate) fn is_possible() -> bool {
        geteuid().is_root()
    }

    pub(crate) fn stock() -> Result<Self> {
        let [receive, send] = LIMITS.map(fs::read_to_string);
        let clamp = Self {
            before: [receive?, send?],
        };
        for limit in LIMITS {
            fs::write(limit, STOCK_BYTES.to_string())
                .with_context(|| format!("{limit} cannot be set"))?;
        }
        Ok(clamp)
    }
}

impl Drop for Clamp {
    fn drop(&mut self) {
        for (limit, before) in LIMITS.iter().zip(&self.before) {
            fs::write(limit, before).ok();
        }
    }
}
