//! Reading from a browser in small steps.
//!
//! The stack reads until its socket is empty and acknowledges all of that at once. A browser's
//! stack sends no more than four packets for each acknowledgement that it gets (RFC 9260 §16,
//! `Max.Burst`): with one for twenty packets it has four on their way afterwards, and the path is
//! idle until the next ones have added up again. So what a browser sends is handed on a few
//! packets at a time, and the stack acknowledges those before it gets more. A peer of our own kind
//! has no such limit, and is spared the work.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::repair::Tokens;

/// Hands on no more than a step before the stack comes back, unless the peer is of our own kind.
#[derive(Debug)]
pub(super) struct SteppedSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    /// Whether the peer is of our own kind.
    tokens: Arc<Tokens>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes handed on in this step.
    taken: usize,
    /// What came in one go with them, and belongs to later steps.
    left: Bytes,
    /// About `left`.
    meta: RecvMeta,
}

impl SteppedSocket {
    pub(super) fn new(inner: Arc<dyn AsyncUdpSocket>, tokens: Arc<Tokens>) -> Self {
        Self {
            inner,
            tokens,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncUdpSocket for SteppedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        self.inner.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        if state.left.is_empty() && self.tokens.peer().is_some() {
            return self.inner.poll_recv(cx, bufs, meta);
        }
        let (Some(buf), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        if state.taken >= STEP_BYTES {
            state.taken = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if state.left.is_empty() {
            let polled = {
                let (bufs, metas) = (std::slice::from_mut(buf), std::slice::from_mut(meta));
                self.inner.poll_recv(cx, bufs, metas)
            };
            if polled.is_pending() {
                state.taken = 0;
            }
            if ready!(polled)? > 0 {
                state.cut(buf, meta);
                return Poll::Ready(Ok(1));
            }
            return Poll::Ready(Ok(0));
        }
        state.hand_on(buf, meta);
        Poll::Ready(Ok(1))
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

impl State {
    /// Keeps for later what is too much of a message for this step.
    fn cut(&mut self, buf: &[u8], meta: &mut RecvMeta) {
        let here = self.step(meta.len.min(buf.len()), meta.stride);
        if here < meta.len {
            self.left = Bytes::copy_from_slice(&buf[here..meta.len.min(buf.len())]);
            self.meta = *meta;
            meta.len = here;
        }
        self.taken += here;
    }

    /// Puts what was kept into a buffer, as much of it as the step takes.
    fn hand_on(&mut self, buf: &mut [u8], meta: &mut RecvMeta) {
        *meta = self.meta;
        meta.len = self.step(self.left.len().min(buf.len()), meta.stride);
        self.left.copy_to_slice(&mut buf[..meta.len]);
        self.taken += meta.len;
    }

    /// How many of `len` bytes belong to this step: whole datagrams, at least one.
    fn step(&self, len: usize, stride: usize) -> usize {
        let stride = stride.max(1);
        let room = STEP_BYTES.saturating_sub(self.taken).div_ceil(stride);
        len.min(room.max(1) * stride)
    }
}

/// Bytes to acknowledge at once: of three or four packets with data, and of as many
/// acknowledgements as there may be.
const STEP_BYTES: usize = 4 * 1100;

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, task::Waker};

    use super::*;

    #[test]
    fn what_a_browser_sends_in_one_go_comes_four_at_a_time() {
        let mut end = End::new(&[(10, DATAGRAM)]);
        assert_eq!(end.reads(6), "4 - 4 - 2 -");
    }

    #[test]
    fn what_comes_one_by_one_makes_steps_too() {
        let mut end = End::new(&[(1, DATAGRAM); 6]);
        assert_eq!(end.reads(8), "1 1 1 1 - 1 1 -");
    }

    #[test]
    fn a_step_ends_when_nothing_is_left_to_read() {
        let mut end = End::new(&[(3, DATAGRAM)]);
        assert_eq!(end.reads(2), "3 -");
        end.send(4, DATAGRAM);
        assert_eq!(end.reads(2), "4 -");
    }

    #[test]
    fn many_acknowledgements_make_one_step() {
        let mut end = End::new(&[(40, ACKNOWLEDGEMENT), (1, DATAGRAM)]);
        assert_eq!(end.reads(3), "40 1 -");
    }

    #[test]
    fn a_peer_of_our_own_kind_is_read_as_it_sends() {
        let mut end = End::new(&[(10, DATAGRAM), (10, DATAGRAM)]);
        end.socket.tokens.on_told(Tokens::new(false).own());
        assert_eq!(end.reads(3), "10 10 -");
    }

    #[test]
    fn what_was_kept_comes_first_when_the_peer_tells_its_kind() {
        let mut end = End::new(&[(5, DATAGRAM), (5, DATAGRAM)]);
        assert_eq!(end.reads(1), "4");
        end.socket.tokens.on_told(Tokens::new(false).own());
        assert_eq!(end.reads(4), "- 1 5 -");
    }

    /// A socket with something to read.
    struct End {
        socket: SteppedSocket,
        wire: Arc<Wire>,
        /// Datagrams put on the wire, and read.
        sent: u8,
        read: u8,
    }

    /// Messages as the system gives them: datagrams of one length, and that length.
    #[derive(Debug, Default)]
    struct Wire(Mutex<VecDeque<(Vec<u8>, usize)>>);

    impl End {
        fn new(messages: &[(u8, usize)]) -> Self {
            let wire = Arc::new(Wire::default());
            let inner: Arc<dyn AsyncUdpSocket> = Arc::<Wire>::clone(&wire);
            let socket = SteppedSocket::new(inner, Arc::new(Tokens::new(false)));
            let (sent, read) = (0, 0);
            let mut end = Self {
                socket,
                wire,
                sent,
                read,
            };
            for (count, len) in messages {
                end.send(*count, *len);
            }
            end
        }

        /// Datagrams that each begin with their number.
        fn send(&mut self, count: u8, len: usize) {
            let mut message = vec![0; usize::from(count) * len];
            for datagram in message.chunks_mut(len) {
                datagram[0] = self.sent;
                self.sent += 1;
            }
            self.wire.0.lock().unwrap().push_back((message, len));
        }

        /// Reads so many times: how many datagrams came, a dash for none. They must be whole and in
        /// order.
        fn reads(&mut self, times: usize) -> String {
            let counts: Vec<String> = (0..times).map(|_| self.read()).collect();
            counts.join(" ")
        }

        fn read(&mut self) -> String {
            let (mut buf, mut meta) = (vec![0; 64 * 1024], RecvMeta::default());
            let mut cx = Context::from_waker(Waker::noop());
            let (mut bufs, metas) = ([IoSliceMut::new(&mut buf)], std::slice::from_mut(&mut meta));
            if self
                .socket
                .poll_recv(&mut cx, &mut bufs, metas)
                .is_pending()
            {
                return "-".into();
            }
            let datagrams = buf[..meta.len].chunks_exact(meta.stride);
            assert!(datagrams.remainder().is_empty());
            for datagram in datagrams.clone() {
                assert_eq!(datagram[0], self.read);
                self.read += 1;
            }
            datagrams.len().to_string()
        }
    }

    impl AsyncUdpSocket for Wire {
        fn local_addr(&self) -> io::Result<SocketAddr> {
            Ok(([192, 0, 2, 1], 1).into())
        }

        fn poll_send(
            &self,
            _: &mut Context<'_>,
            transmit: &Transmit<'_>,
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(transmit.contents.len()))
        }

        fn poll_recv(
            &self,
            _: &mut Context<'_>,
            bufs: &mut [IoSliceMut<'_>],
            meta: &mut [RecvMeta],
        ) -> Poll<io::Result<usize>> {
            let Some((message, stride)) = self.0.lock().unwrap().pop_front() else {
                return Poll::Pending;
            };
            bufs[0][..message.len()].copy_from_slice(&message);
            (meta[0].len, meta[0].stride) = (message.len(), stride);
            Poll::Ready(Ok(1))
        }
    }

    /// Of a full packet of a browser's.
    const DATAGRAM: usize = 1228;

    const ACKNOWLEDGEMENT: usize = 65;
}
