//! Reading from a browser: much at once, handed on in small steps.
//!
//! The stack reads until its socket is empty and acknowledges all of that at once. A browser's
//! stack sends no more than four packets for each acknowledgement that it gets (RFC 9260 §16,
//! `Max.Burst`): with one for twenty packets it has four on their way afterwards, and the path is
//! idle until the next ones have added up again. So what a browser sends is handed on a few
//! packets at a time, and the stack acknowledges those before it gets more.
//!
//! Whoever reads each step as it comes has four threads of the browser, in two processes, wake up
//! for every four packets, which costs more than what they then do. So while data comes it is read
//! about once a millisecond, with one system call ([`reads`]): the acknowledgements of all steps
//! follow each other closely, and the browser has as much to do when it wakes up as we have. Where
//! the system gives one message at a time there is no pause.
//!
//! A peer of our own kind has no such limit, and is read as it sends.

mod reads;

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::Sleep;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use self::reads::Reads;
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
    reads: Reads,
    /// Until when nothing is read, so that more comes together.
    pause: Option<Pin<Box<Sleep>>>,
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

    /// Reads what is there, after the pause that follows data.
    fn poll_fill(
        &self,
        reads: &mut Reads,
        pause: &mut Option<Pin<Box<Sleep>>>,
        cx: &mut Context<'_>,
        len: usize,
    ) -> Poll<io::Result<()>> {
        if let Some(pausing) = pause {
            ready!(pausing.as_mut().poll(cx));
            *pause = None;
        }
        ready!(reads.poll_fill(self.inner.as_ref(), cx, len))?;
        if reads.is_data() {
            *pause = Some(Box::pin(tokio::time::sleep(PAUSE)));
        }
        Poll::Ready(Ok(()))
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
        let State { reads, pause } = &mut *state;
        if reads.is_empty() && self.tokens.peer().is_some() {
            reads.free();
            return self.inner.poll_recv(cx, bufs, meta);
        }
        let (Some(buf), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        if reads.is_step() {
            reads.begin_step();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if reads.is_empty() {
            let filled = self.poll_fill(reads, pause, cx, buf.len());
            if filled.is_pending() {
                reads.begin_step();
            }
            ready!(filled)?;
        }
        reads.hand_on(buf, meta);
        Poll::Ready(Ok(1))
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

/// Between two reads while data comes. Twice as long makes threads that have to wait, half as long
/// is less than the timer can do.
const PAUSE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
