//! The Tokio runtime, as the stack sees it from one link.

use std::{
    fmt,
    future::Future,
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

use super::{
    repair::{Crowding, RepairSocket, Tokens},
    socket::enlarge_buffers,
    stepped::SteppedSocket,
};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Adds to the stack's own runtime what it has no settings for: socket buffers, a pace while
/// connecting, a limit on name lookups, and no TCP.
#[derive(Clone)]
pub(super) struct LinkRuntime {
    shared: Arc<Shared>,
}

struct Shared {
    hurried: AtomicBool,
    /// Bytes to ask for.
    socket_buffer: usize,
    receive_buffer: AtomicUsize,
    tokens: Arc<Tokens>,
    crowding: Arc<Crowding>,
    rounds: Rounds,
}

/// Has the stack's driver go round again before it sleeps.
#[derive(Debug, Default)]
struct Rounds {
    wanted: AtomicBool,
    left: AtomicU8,
    /// Whether the driver went round because of us, and not because something happened.
    taken: AtomicBool,
}

impl LinkRuntime {
    /// `fragments`: whether records go in fragments.
    pub(super) fn new(socket_buffer: usize, fragments: bool) -> Self {
        let hurried = AtomicBool::new(false);
        let receive_buffer = AtomicUsize::new(usize::MAX);
        Self {
            shared: Arc::new(Shared {
                hurried,
                socket_buffer,
                receive_buffer,
                tokens: Arc::new(Tokens::new(fragments)),
                crowding: Arc::default(),
                rounds: Rounds::default(),
            }),
        }
    }

    /// Wakes the stack's driver every few milliseconds, or no longer.
    ///
    /// While connecting the driver loses wake-ups: what its own handlers produce waits for the
    /// next timer, up to 200 ms off, at each step of ICE and DTLS.
    pub(super) fn hurry(&self, hurried: bool) {
        self.shared.hurried.store(hurried, Ordering::Relaxed);
    }

    /// Has the driver look twice whether there is something to do before it sleeps, or no longer.
    ///
    /// It takes a packet to or from a TURN server one step further each time that it goes round:
    /// off the wire, into the connection, out of it, onto the wire. In between it sleeps until
    /// something else happens, and every step would wait for up to 200 ms.
    pub(super) fn relay(&self, relayed: bool) {
        self.shared.rounds.wanted.store(relayed, Ordering::Relaxed);
    }

    /// What the two ends of the link have told each other for the repair of lost packets.
    pub(super) fn tokens(&self) -> &Arc<Tokens> {
        &self.shared.tokens
    }

    /// Whether the link's path is crowded.
    pub(super) fn crowding(&self) -> &Arc<Crowding> {
        &self.shared.crowding
    }

    /// The smallest receive buffer of the link's sockets, in bytes as the system counts them.
    pub(super) fn receive_buffer(&self) -> usize {
        self.shared.receive_buffer.load(Ordering::Relaxed)
    }

    fn pace(&self, duration: Duration) -> Duration {
        if self.shared.hurried.load(Ordering::Relaxed) {
            duration.min(TICK)
        } else {
            duration
        }
    }
}

impl Runtime for LinkRuntime {
    fn spawn(&self, future: Boxed<'static, ()>) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(future)
    }

    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let bytes = enlarge_buffers(&socket, self.shared.socket_buffer)?;
        self.shared
            .receive_buffer
            .fetch_min(bytes, Ordering::Relaxed);
        let socket = TokioRuntime.wrap_udp_socket(socket)?;
        let tokens = Arc::clone(&self.shared.tokens);
        let socket = Arc::new(SteppedSocket::new(socket, Arc::clone(&tokens)));
        let crowding = Arc::clone(&self.shared.crowding);
        Ok(Arc::new(RepairSocket::new(socket, tokens, crowding)))
    }

    fn wrap_tcp_listener(&self, _: TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A peer's TCP candidate would make us connect wherever it likes.
    fn connect_tcp(&self, _: SocketAddr) -> Boxed<'_, io::Result<Arc<dyn AsyncTcpStream>>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    /// The driver reads no socket and reports no candidate until this is done.
    fn resolve_host<'a>(&'a self, host: &'a str) -> Boxed<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            let lookup = tokio::time::timeout(LOOKUP, TokioRuntime.resolve_host(host));
            lookup
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        })
    }

    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        if !self.shared.rounds.go_again() {
            return Box::pin(tokio::time::sleep(self.pace(duration)));
        }
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { shared.rounds.taken.store(true, Ordering::Relaxed) })
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Boxed<'static, ()> {
        TokioRuntime.yield_now()
    }

    fn name(&self) -> &'static str {
        "snug"
    }
}

impl Rounds {
    /// Whether the sleep that begins now is to end at once.
    fn go_again(&self) -> bool {
        let left = if self.taken.swap(false, Ordering::Relaxed) {
            self.left.load(Ordering::Relaxed).saturating_sub(1)
        } else {
            ROUNDS
        };
        self.left.store(left, Ordering::Relaxed);
        left > 0 && self.wanted.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for LinkRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRuntime")
            .field("receive_buffer", &self.receive_buffer())
            .finish()
    }
}

/// A handshake has about eight steps; at 4 ms each they cost less than a frame of video.
const TICK: Duration = Duration::from_millis(4);

/// What came in is answered in the first round, and the answer written in the second.
const ROUNDS: u8 = 2;

/// A name server that answers at all answers within this.
const LOOKUP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::{super::socket::WANTED_BYTES, *};

    /// Whether the next sleep of the driver ends at once, and is taken if so.
    fn goes_again(runtime: &LinkRuntime) -> bool {
        let again = runtime.shared.rounds.go_again();
        runtime.shared.rounds.taken.store(again, Ordering::Relaxed);
        again
    }

    #[test]
    fn a_relayed_link_looks_twice_more_whatever_woke_it() {
        let runtime = LinkRuntime::new(WANTED_BYTES, false);
        runtime.relay(true);
        for _ in 0..3 {
            let rounds = [(); 3].map(|()| goes_again(&runtime));
            assert_eq!(rounds, [true, true, false]);
        }
    }

    #[test]
    fn a_packet_between_the_rounds_begins_them_anew() {
        let runtime = LinkRuntime::new(WANTED_BYTES, false);
        runtime.relay(true);
        assert!(goes_again(&runtime));
        assert!(runtime.shared.rounds.go_again(), "and a packet was faster");
        let rounds = [(); 3].map(|()| goes_again(&runtime));
        assert_eq!(rounds, [true, true, false]);
    }

    #[test]
    fn a_direct_link_sleeps_at_once() {
        let runtime = LinkRuntime::new(WANTED_BYTES, false);
        assert!(!goes_again(&runtime));
        runtime.relay(true);
        assert!(goes_again(&runtime));
        runtime.relay(false);
        assert!(!goes_again(&runtime));
    }
}
