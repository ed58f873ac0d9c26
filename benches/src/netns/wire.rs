//! A bad line: carries packets between two interfaces, and loses, delays, doubles and reorders
//! them on the way.
//!
//! `tc` has `netem` for that, which not every kernel has.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nix::{
    ifaddrs::getifaddrs,
    poll::{PollFd, PollFlags, ppoll},
    sys::{
        socket::{
            AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recvfrom,
            send, socket,
        },
        time::TimeSpec,
    },
};
use rand::{RngExt as _, SeedableRng, rngs::SmallRng};

use crate::now;

/// What a line does to packets, each way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// The share that is lost.
    pub(crate) loss: f64,
    /// The share that arrives twice.
    pub(crate) duplication: f64,
    /// The share that overtakes all that is delayed.
    pub(crate) reordering: f64,
    /// How long the others take.
    pub(crate) delay: Duration,
    /// By how much that is more or less.
    pub(crate) jitter: Duration,
    /// Whether those that take less time overtake those that take more.
    pub(crate) overtaking: bool,
}

impl Line {
    /// One that does nothing to packets.
    pub(crate) const GOOD: Self = Self {
        loss: 0.0,
        duplication: 0.0,
        reordering: 0.0,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        overtaking: false,
    };
}

/// The longest that a stop goes unnoticed.
const LOOK_AROUND: Duration = Duration::from_millis(50);
/// A frame of Ethernet, and room for one that was not cut into packets.
const FRAME_BYTES: usize = 1 << 16;
/// `PACKET_OUTGOING` of packet(7): what we sent ourselves.
const OUTGOING: u8 = 4;

/// Carries packets until it is dropped.
#[derive(Debug)]
pub(crate) struct Wire {
    done: Arc<AtomicBool>,
    carrier: Option<JoinHandle<()>>,
}

impl Wire {
    pub(crate) fn between(one: &str, other: &str, line: Line) -> Result<Self> {
        let done = Arc::new(AtomicBool::new(false));
        let mut carrier = Carrier {
            ends: [open(one)?, open(other)?],
            line,
            rng: SmallRng::seed_from_u64(1),
            under_way: BinaryHeap::new(),
            last_due: [now(); 2],
            carried: 0,
        };
        let carrier = thread::spawn({
            let done = done.clone();
            move || {
                while !done.load(Ordering::Relaxed) {
                    carrier.step();
                }
            }
        });
        Ok(Self {
            done,
            carrier: Some(carrier),
        })
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(carrier) = self.carrier.take() {
            carrier.join().ok();
        }
    }
}

/// A packet on its way: when it arrives, which it is, at which end, and what is in it.
type UnderWay = Reverse<(Instant, u64, usize, Vec<u8>)>;

/// The state of the thread that carries.
#[derive(Debug)]
struct Carrier {
    ends: [OwnedFd; 2],
    line: Line,
    rng: SmallRng,
    under_way: BinaryHeap<UnderWay>,
    /// When the last packet arrives at each end.
    last_due: [Instant; 2],
    carried: u64,
}

impl Carrier {
    /// Waits for a packet, or until one is due.
    fn step(&mut self) {
        let next = self.under_way.peek().map(|Reverse((due, ..))| *due);
        let wait = next.map_or(LOOK_AROUND, |due| due.saturating_duration_since(now()));
        let mut ends = [0, 1].map(|end| PollFd::new(self.ends[end].as_fd(), PollFlags::POLLIN));
        ppoll(&mut ends, Some(TimeSpec::from(wait.min(LOOK_AROUND))), None).ok();
        let mut frame = vec![0; FRAME_BYTES];
        for end in [0, 1] {
            while let Some(len) = receive(&self.ends[end], &mut frame) {
                self.take(1 - end, &frame[..len]);
            }
        }
        self.deliver();
    }

    /// Decides what becomes of a packet that is going to that end.
    fn take(&mut self, to: usize, frame: &[u8]) {
        if self.rng.random_bool(self.line.loss) {
            return;
        }
        let copies = 1 + u64::from(self.rng.random_bool(self.line.duplication));
        for _ in 0..copies {
            let due = self.due(to);
            self.carried += 1;
            self.under_way
                .push(Reverse((due, self.carried, to, frame.to_vec())));
        }
    }

    fn due(&mut self, to: usize) -> Instant {
        let now = now();
        if self.rng.random_bool(self.line.reordering) {
            return now;
        }
        let shortest = self.line.delay.saturating_sub(self.line.jitter);
        let due = now + shortest + (2 * self.line.jitter).mul_f64(self.rng.random());
        if self.line.overtaking {
            return due;
        }
        self.last_due[to] = self.last_due[to].max(due);
        self.last_due[to]
    }

    /// Sends what is due.
    fn deliver(&mut self) {
        while let Some(Reverse((due, ..))) = self.under_way.peek()
            && *due <= now()
        {
            let Some(Reverse((_, _, to, frame))) = self.under_way.pop() else {
                return;
            };
            // An end that is down loses packets, as a line does whose cable was pulled.
            send(self.ends[to].as_raw_fd(), &frame, MsgFlags::empty()).ok();
        }
    }
}

/// Opens an end: whatever comes out of the interface can be read, and whatever is written goes in.
fn open(interface: &str) -> Result<OwnedFd> {
    let end = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
        SockProtocol::EthAll,
    )?;
    let address = getifaddrs()?
        .filter(|it| it.interface_name == interface)
        .find_map(|it| it.address?.as_link_addr().copied())
        .with_context(|| format!("{interface} has no address"))?;
    bind(end.as_raw_fd(), &address)?;
    Ok(end)
}

/// Reads the next packet that the interface received, if there is one.
fn receive(end: &OwnedFd, frame: &mut [u8]) -> Option<usize> {
    loop {
        let (len, from) = recvfrom::<LinkAddr>(end.as_raw_fd(), frame).ok()?;
        if from.is_none_or(|from| from.pkttype() != OUTGOING) {
            return Some(len);
        }
    }
}
