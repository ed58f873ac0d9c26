//! What the relayed path may take of those who carry it.

use std::time::Duration;

use crate::limits::{
    RELAY_BULK_BYTES, RELAY_BURST, RELAY_PACE, RELAY_PATIENCE, RELAY_QUEUE_BYTES, RELAY_WINDOW,
    UPGRADE_CEILING,
};

/// How much may go on the relayed path, and how eagerly something better is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayBudget {
    /// Time between two messages, over all peers.
    pub pace: Duration,
    /// Messages that may go at once.
    pub burst: u32,
    /// Messages to one peer that are out and not acknowledged.
    pub window: usize,
    /// How long two members try to connect before frames go this way.
    pub patience: Duration,
    /// Shortest pause between two tries to connect while frames go this way.
    pub upgrade_floor: Duration,
    /// Longest pause between them.
    pub upgrade_ceiling: Duration,
}

impl RelayBudget {
    /// Through a server, which carries for many and takes whoever sends too much for a flood.
    pub const SERVER: Self = Self {
        pace: RELAY_PACE,
        burst: RELAY_BURST,
        window: RELAY_WINDOW,
        patience: RELAY_PATIENCE,
        upgrade_floor: Duration::ZERO,
        upgrade_ceiling: UPGRADE_CEILING,
    };

    /// From phone to phone over a radio, which carries for nobody else and paces itself. A megabyte
    /// under way fills a radio of 10 MB/s for 100 ms, behind which a message waits. A connection
    /// comes up only where there is a network as well, and each try takes power.
    pub const NEARBY: Self = Self {
        pace: Duration::ZERO,
        burst: 1,
        window: 32,
        patience: Duration::ZERO,
        upgrade_floor: Duration::from_mins(1),
        upgrade_ceiling: Duration::from_mins(1),
    };

    /// Bytes of bulk frames queued or out: as many as the window takes, and one.
    pub(crate) const fn credit(&self) -> usize {
        (self.window + 1) * RELAY_BULK_BYTES
    }

    /// Bytes queued before the path counts as broken.
    pub(crate) const fn queue(&self) -> usize {
        self.credit() + RELAY_QUEUE_BYTES
    }
}

impl Default for RelayBudget {
    fn default() -> Self {
        Self::SERVER
    }
}
