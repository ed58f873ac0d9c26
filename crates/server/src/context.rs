//! What every task of one server shares.

use std::{
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio_util::task::TaskTracker;

use crate::{
    address::Addresses, clock, config::Config, driver::Rooms, metrics::Metrics, registry::SocketId,
};

/// One server, as its tasks see it.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) rooms: Rooms,
    pub(crate) addresses: Addresses,
    pub(crate) metrics: Arc<Metrics>,
    /// Where STUN is answered, if it is.
    pub(crate) stun_port: Option<u16>,
    /// The tasks of the sockets.
    pub(crate) sockets: TaskTracker,
    /// Whether it has been said that a proxy should be named.
    pub(crate) proxy_warning: Once,
    draining: AtomicBool,
    next_socket: AtomicU64,
    started: Instant,
}

impl Context {
    pub(crate) fn new(
        config: Config,
        addresses: Addresses,
        rooms: Rooms,
        metrics: Arc<Metrics>,
        stun_port: Option<u16>,
    ) -> Self {
        Self {
            config,
            addresses,
            rooms,
            metrics,
            stun_port,
            proxy_warning: Once::new(),
            draining: AtomicBool::new(false),
            sockets: TaskTracker::new(),
            next_socket: AtomicU64::new(0),
            started: clock::now(),
        }
    }

    pub(crate) fn next_socket(&self) -> SocketId {
        SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn uptime_seconds(&self) -> u64 {
        clock::now()
            .saturating_duration_since(self.started)
            .as_secs()
    }
}
