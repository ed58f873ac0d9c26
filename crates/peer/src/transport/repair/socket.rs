//! A socket that repairs.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::{Buf, Bytes};
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::{
    Crowding, Token, Tokens,
    fragment::{self, Fragment},
    record_number,
    state::{MAX_BATCH_BYTES, State},
    wire::Datagram,
};

/// Sends again what the peer misses, and hands on what it sends in order. Until the peer has told
/// that it does the same, everything passes as it is.
#[derive(Debug)]
pub(in crate::transport) struct RepairSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    tokens: Arc<Tokens>,
    crowding: Arc<Crowding>,
    state: Mutex<State>,
}

impl RepairSocket {
    pub(in crate::transport) fn new(
        inner: Arc<dyn AsyncUdpSocket>,
        tokens: Arc<Tokens>,
        crowding: Arc<Crowding>,
    ) -> Self {
        Self {
            inner,
            tokens,
            crowding,
            state: Mutex::new(State::new(now())),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message off the wire. What of it may be handed on as it is stays in `buf`.
    fn poll_wire(
        &self,
        state: &mut State,
        cx: &mut Context<'_>,
        buf: &mut IoSliceMut<'_>,
        meta: &mut RecvMeta,
        peer: Token,
    ) -> Poll<io::Result<Handling>> {
        let bufs = std::slice::from_mut(buf);
        ready!(self.inner.poll_recv(cx, bufs, std::slice::from_mut(meta)))?;
        let (len, stride) = (meta.len.min(buf.len()), meta.stride.max(1));
        let message = &mut buf[..len];
        let is_peer = state.peer == Some(meta.addr);
        if self.tokens.fragments() && message.chunks(stride).any(fragment::is_fragment) {
            if is_peer && let Some(whole) = state.takes_whole(message, stride, self.tokens.own()) {
                meta.len = fragment::join(message, stride);
                meta.stride = whole.record_bytes;
                return Poll::Ready(Ok(Handling::Pass));
            }
        } else if !is_peer || state.passes(message, stride, self.tokens.fragments()) {
            return Poll::Ready(Ok(Handling::Pass));
        }
        for datagram in message.chunks(stride) {
            if is_peer {
                self.on_datagram(state, cx, datagram, meta.addr);
            } else {
                self.on_stray(state, datagram, meta.addr);
            }
        }
        self.on_time(state, cx, peer);
        Poll::Ready(Ok(Handling::Taken))
    }

    /// Takes a datagram from where the peer is not known to be. A fragment that shows our token is
    /// the peer's all the same, whose way has changed before ours has.
    fn on_stray(&self, state: &mut State, datagram: &[u8], from: SocketAddr) {
        if !fragment::is_fragment(datagram) {
            let datagram = Bytes::copy_from_slice(datagram);
            return state.arrivals.on_other(datagram, from);
        }
        let fragment = Fragment::decode(datagram, self.tokens.own());
        if let Some(record) = fragment.and_then(|fragment| state.stray.take(&fragment)) {
            state.arrivals.on_other(record, from);
        }
    }

    /// Takes a datagram of the peer.
    fn on_datagram(
        &self,
        state: &mut State,
        cx: &mut Context<'_>,
        datagram: &[u8],
        from: SocketAddr,
    ) {
        let now = now();
        if self.tokens.fragments() && fragment::is_fragment(datagram) {
            if let Some(fragment) = Fragment::decode(datagram, self.tokens.own()) {
                state.on_fragment(&fragment, datagram, from, now);
            }
            return;
        }
        if let Some(number) = record_number(datagram)
            && !self.tokens.fragments()
        {
            return state.arrivals.on_record(number, datagram, from, now);
        }
        if !Datagram::is_one(datagram) {
            let datagram = Bytes::copy_from_slice(datagram);
            return state.arrivals.on_other(datagram, from);
        }
        match Datagram::decode(datagram, self.tokens.own()) {
            Some(Datagram::Probe(probe)) => {
                state.sent.on_heard(now);
                state.arrivals.on_probe(&probe, now);
            }
            Some(Datagram::Report(report)) => {
                state.arrivals.on_peer_repairs();
                for again in state.sent.on_report(&report, now) {
                    self.send(cx, &again, from);
                }
                if state.sent.judge(now) {
                    self.crowding.tell();
                }
            }
            None => tracing::trace!("not the peer's"),
        }
    }

    /// Sends what is due.
    fn on_time(&self, state: &mut State, cx: &mut Context<'_>, peer: Token) {
        let Some(to) = state.peer else { return };
        let now = now();
        let round_trip = state.sent.round_trip();
        if let Some(report) = state.arrivals.poll_report(round_trip, now) {
            self.send(cx, &report.encode(peer), to);
        }
        if let Some(probe) = state.sent.poll_probe(now) {
            self.send(cx, &probe.encode(peer), to);
        }
    }

    /// Takes records to be sent in fragments. They go out together with what the stack gives next,
    /// as much at once as the system takes; at the latest when it comes back to read.
    fn send_fragments(
        &self,
        state: &mut State,
        cx: &mut Context<'_>,
        transmit: &Transmit<'_>,
        peer: Token,
    ) -> io::Result<usize> {
        let now = now();
        if state.peer != Some(transmit.destination) {
            state.part(now);
        }
        state.turn_to(transmit.destination, now);
        state.gather(transmit, peer, now);
        if let Poll::Ready(sent) = self.flush(state, cx) {
            sent?;
        }
        if let Some(probe) = state.sent.poll_probe(now) {
            self.send(cx, &probe.encode(peer), transmit.destination);
        }
        Ok(transmit.contents.len())
    }

    /// Sends what waits, as much at once as the system takes.
    fn flush(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let most = self.inner.max_gso_segments().max(1);
        while let Some(batch) = state.outgoing.front_mut() {
            let segments = most.min(MAX_BATCH_BYTES / batch.segment).max(1);
            let len = batch.contents.len().min(segments * batch.segment);
            let transmit = Transmit {
                destination: batch.destination,
                ecn: None,
                contents: &batch.contents[..len],
                segment_size: (len > batch.segment).then_some(batch.segment),
                src_ip: None,
            };
            let sent = ready!(self.inner.poll_send(cx, &transmit));
            // What failed is lost, as any datagram may be.
            batch.contents.advance(len);
            if batch.contents.is_empty() {
                state.outgoing.pop_front();
            }
            sent?;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends a datagram if the system takes it at once. If not, it is lost, which happens.
    fn send(&self, cx: &mut Context<'_>, contents: &Bytes, destination: SocketAddr) {
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size: None,
            src_ip: None,
        };
        if let Poll::Ready(Err(error)) = self.inner.poll_send(cx, &transmit) {
            tracing::debug!(%error, "sending for repair");
        }
    }
}

impl AsyncUdpSocket for RepairSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let Some(peer) = self.tokens.peer().filter(|_| is_record(transmit)) else {
            return self.inner.poll_send(cx, transmit);
        };
        let mut state = self.state();
        let state = &mut *state;
        if self.tokens.fragments() {
            ready!(self.flush(state, cx))?;
            if is_data(transmit) {
                return Poll::Ready(self.send_fragments(state, cx, transmit, peer));
            }
            state.part(now());
            ready!(self.flush(state, cx))?;
        }
        let sent = ready!(self.inner.poll_send(cx, transmit))?;
        if !self.tokens.fragments() {
            let now = now();
            state.turn_to(transmit.destination, now);
            let contents = Bytes::copy_from_slice(transmit.contents);
            state.on_sent(&contents, transmit.segment_size, now);
            if let Some(probe) = state.sent.poll_probe(now) {
                self.send(cx, &probe.encode(peer), transmit.destination);
            }
        }
        Poll::Ready(Ok(sent))
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let Some(peer) = self.tokens.peer() else {
            return self.inner.poll_recv(cx, bufs, meta);
        };
        let (Some(buf), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let mut state = self.state();
        state.part(now());
        if let Poll::Ready(Err(error)) = self.flush(&mut state, cx) {
            tracing::debug!(%error, "sending fragments");
        }
        loop {
            if state.hand_on(buf, meta) {
                return Poll::Ready(Ok(1));
            }
            match self.poll_wire(&mut state, cx, buf, meta, peer)? {
                Poll::Ready(Handling::Pass) => return Poll::Ready(Ok(1)),
                Poll::Ready(Handling::Taken) => continue,
                Poll::Pending => {}
            }
            ready!(state.poll_timer(cx));
            self.on_time(&mut state, cx, peer);
        }
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

/// Whether a transmission is of records.
fn is_record(transmit: &Transmit<'_>) -> bool {
    let len = transmit.contents.len();
    let segment = transmit.segment_size.unwrap_or(len).min(len);
    record_number(&transmit.contents[..segment]).is_some()
}

/// Whether records are the connection's data (RFC 5246 §6.2.1), and not about the connection.
fn is_data(transmit: &Transmit<'_>) -> bool {
    transmit.contents.first() == Some(&APPLICATION_DATA)
}

const APPLICATION_DATA: u8 = 23;

/// What became of a message.
enum Handling {
    Pass,
    Taken,
}

#[expect(clippy::disallowed_methods, reason = "a socket is driven by the clock")]
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests;
