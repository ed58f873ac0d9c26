//! The Tokio runtime, as the stack sees it from one link.

use std::{
    fmt,
    future::Future,
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

use super::socket::enlarge_buffers;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Adds to the stack's own runtime what it has no settings for: socket buffers, a pace while
/// connecting, a limit on name lookups, and no TCP.
#[derive(Clone)]
pub(super) struct LinkRuntime {
    shared: Arc<Shared>,
}

struct Shared {
    hurried: AtomicBool,
    receive_buffer: AtomicUsize,
}

impl LinkRuntime {
    pub(super) fn new() -> Self {
        let hurried = AtomicBool::new(false);
        let receive_buffer = AtomicUsize::new(usize::MAX);
        Self {
            shared: Arc::new(Shared {
                hurried,
                receive_buffer,
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
        let bytes = enlarge_buffers(&socket)?;
        self.shared
            .receive_buffer
            .fetch_min(bytes, Ordering::Relaxed);
        TokioRuntime.wrap_udp_socket(socket)
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
        Box::pin(tokio::time::sleep(self.pace(duration)))
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

impl fmt::Debug for LinkRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRuntime")
            .field("receive_buffer", &self.receive_buffer())
            .finish()
    }
}

/// A handshake has about eight steps; at 4 ms each they cost less than a frame of video.
const TICK: Duration = Duration::from_millis(4);

/// A name server that answers at all answers within this.
const LOOKUP: Duration = Duration::from_secs(1);
