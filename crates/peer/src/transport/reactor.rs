//! The threads that links run on.
//!
//! A link's tasks and the stack's driver share one single-threaded runtime: a send wakes nobody
//! on another core, and the lock around the stack's core is never contended. Links are dealt
//! out to the threads in turn.

use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use super::{
    TransportError,
    actor::Actor,
    event::{LinkEvent, LinkState},
};

/// A pool of threads, each started when its first link comes.
#[derive(Debug)]
pub(super) struct Reactors {
    lanes: Vec<OnceLock<Lane>>,
    next: AtomicUsize,
}

impl Reactors {
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let lanes = (0..(cores / 2).clamp(1, MAX_LANES))
            .map(|_| OnceLock::new())
            .collect();
        Self {
            lanes,
            next: AtomicUsize::new(0),
        }
    }

    /// Runs a link on the next thread. Without a thread the link ends at once.
    pub(super) fn spawn(&self, actor: Actor) {
        match self.lane() {
            Ok(lane) => drop(lane.handle.spawn(actor.run())),
            Err(error) => {
                let error = TransportError::Start(error.to_string());
                actor.sink.try_emit(LinkEvent::Error(error));
                actor.sink.try_emit(LinkEvent::State(LinkState::Closed));
            }
        }
    }

    fn lane(&self) -> io::Result<&Lane> {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len();
        let slot = &self.lanes[index];
        if let Some(lane) = slot.get() {
            return Ok(lane);
        }
        let lane = Lane::start(index)?;
        // Another caller may have been faster: then our thread ends as `lane` is dropped.
        Ok(slot.get_or_init(|| lane))
    }
}

#[derive(Debug)]
struct Lane {
    handle: Handle,
    /// Its end ends the thread, and with it the runtime.
    _alive: oneshot::Sender<()>,
}

impl Lane {
    fn start(index: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name(format!("snug-link-{index}"));
        thread.spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Self {
            handle,
            _alive: alive,
        })
    }
}

/// More than four threads of encryption outrun any network that a peer has.
const MAX_LANES: usize = 4;
