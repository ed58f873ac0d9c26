//! A socket that repairs.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Instant,
};

use bytes::Bytes;
use tokio::time::Sleep;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::{Token, Tokens, arrivals::Arrivals, record_number, sent::Sent, wire::Datagram};

/// Sends again what the peer misses, and hands on what it sends in order. Until the peer has told
/// that it does the same, everything passes as it is.
#[derive(Debug)]
pub(in crate::transport) struct RepairSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    tokens: Arc<Tokens>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    sent: Sent,
    arrivals: Arrivals,
    /// Where the stack's last record went. ICE has checked that the peer is there; who else
    /// sends us something, from wherever, neither changes anything here nor is sent anything.
    peer: Option<SocketAddr>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Who waits for something to come.
    receiver: Option<Waker>,
}

impl RepairSocket {
    pub(in crate::transport) fn new(inner: Arc<dyn AsyncUdpSocket>, tokens: Arc<Tokens>) -> Self {
        Self {
            inner,
            tokens,
            state: Mutex::new(State {
                sent: Sent::new(now()),
                arrivals: Arrivals::default(),
                peer: None,
                timer: None,
                receiver: None,
            }),
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
        let message = &buf[..len];
        if state.peer != Some(meta.addr) || state.passes(message, stride) {
            return Poll::Ready(Ok(Handling::Pass));
        }
        for datagram in message.chunks(stride) {
            self.on_datagram(state, cx, datagram, meta.addr);
        }
        self.on_time(state, cx, peer);
        Poll::Ready(Ok(Handling::Taken))
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
        if let Some(number) = record_number(datagram) {
            return state.arrivals.on_record(number, datagram, from, now);
        }
        if !Datagram::is_one(datagram) {
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
        let sent = ready!(self.inner.poll_send(cx, transmit))?;
        if let Some(peer) = self.tokens.peer()
            && is_record(transmit)
        {
            let mut state = self.state();
            let now = now();
            state.turn_to(transmit.destination, now);
            let arms = state
                .sent
                .on_send(transmit.contents, transmit.segment_size, now);
            // The timer is the receiver's.
            if arms && let Some(receiver) = state.receiver.take() {
                receiver.wake();
            }
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

/// What became of a message.
enum Handling {
    Pass,
    Taken,
}

impl State {
    /// Where the stack's records go from now on. On another path all begins anew.
    fn turn_to(&mut self, peer: SocketAddr, now: Instant) {
        if self.peer.replace(peer) != Some(peer) {
            self.sent = Sent::new(now);
            self.arrivals.restart();
        }
    }

    /// Whether a message needs nothing done: records in order, or what is no record at all.
    fn passes(&mut self, message: &[u8], stride: usize) -> bool {
        let mut datagrams = message.chunks(stride);
        let first = datagrams.next().and_then(record_number);
        let Some(first) = first else {
            return message.len() <= stride && !Datagram::is_one(message);
        };
        let mut count = 1;
        for datagram in datagrams {
            if record_number(datagram) != Some(first + count) {
                return false;
            }
            count += 1;
        }
        self.arrivals.pass(first, count)
    }

    /// Puts into a buffer what is ready, as the system would: datagrams of one length, from one
    /// address.
    fn hand_on(&mut self, buf: &mut IoSliceMut<'_>, meta: &mut RecvMeta) -> bool {
        let Some((datagram, from)) = self.arrivals.poll_ready() else {
            return false;
        };
        let stride = datagram.len().min(buf.len());
        buf[..stride].copy_from_slice(&datagram[..stride]);
        let mut len = stride;
        while let Some((next, other)) = self.arrivals.peek_ready()
            && next.len() == stride
            && *other == from
            && len + stride <= buf.len()
        {
            buf[len..len + stride].copy_from_slice(next);
            len += stride;
            self.arrivals.poll_ready();
        }
        *meta = RecvMeta::default();
        (meta.addr, meta.len, meta.stride) = (from, len, stride.max(1));
        true
    }

    /// Waits until something is due, for ever if nothing is.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.receiver = Some(cx.waker().clone());
        let due = [self.sent.deadline(), self.arrivals.deadline()];
        let Some(due) = due.into_iter().flatten().min() else {
            return Poll::Pending;
        };
        let due = due.into();
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

#[expect(clippy::disallowed_methods, reason = "a socket is driven by the clock")]
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, VecDeque},
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use rand::{RngExt, SeedableRng, rngs::StdRng};
    use tokio::sync::mpsc;

    use super::{super::tests::record, *};

    #[tokio::test(start_paused = true)]
    async fn what_the_wire_loses_comes_all_the_same_and_in_order() {
        for seed in 0..20 {
            let net = Net::new(seed);
            let [ann, ben] = net.pair();
            let mut numbers = ben.numbers();
            drop(ann.numbers());
            ann.say(&ben, 0).await;
            ben.say(&ann, 0).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            net.lossy.store(true, Ordering::Relaxed);
            for number in 1..=300 {
                ann.say(&ben, number).await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            for number in 0..=300 {
                assert_eq!(numbers.recv().await, Some(number), "seed {seed}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_has_not_told_gets_nothing_but_what_is_meant_for_it() {
        let net = Net::new(1);
        let [ann, browser] = [net.end(1), net.end(2)];
        drop(ann.numbers());
        ann.say(&browser, 1).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(net.carried(browser.addr), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_changes_nothing_and_is_sent_nothing() {
        let net = Net::new(1);
        let [ann, ben] = net.pair();
        let mut numbers = ben.numbers();
        drop(ann.numbers());
        let stranger = net.end(3);
        ben.say(&ann, 0).await;
        ann.say(&ben, 0).await;
        assert_eq!(numbers.recv().await, Some(0));
        for number in [9, 1 << 40] {
            stranger.say(&ben, number).await;
            // Only the stack knows that it is none of the peer's.
            assert_eq!(numbers.recv().await, Some(number));
        }
        ann.say(&ben, 1).await;
        assert_eq!(numbers.recv().await, Some(1));
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(net.carried(stranger.addr), 0);
    }

    /// Sockets that reach each other in memory and at once.
    #[derive(Debug)]
    struct Net {
        /// Whether a fifth of all datagrams gets lost.
        lossy: AtomicBool,
        rng: Mutex<StdRng>,
        inboxes: Mutex<BTreeMap<SocketAddr, Inbox>>,
    }

    #[derive(Debug, Default)]
    struct Inbox {
        datagrams: VecDeque<(Vec<u8>, SocketAddr)>,
        carried: usize,
        reader: Option<Waker>,
    }

    #[derive(Debug)]
    struct Plug {
        net: Arc<Net>,
        addr: SocketAddr,
    }

    struct End {
        addr: SocketAddr,
        socket: Arc<RepairSocket>,
    }

    impl Net {
        fn new(seed: u64) -> Arc<Self> {
            Arc::new(Self {
                lossy: AtomicBool::new(false),
                rng: Mutex::new(StdRng::seed_from_u64(seed)),
                inboxes: Mutex::default(),
            })
        }

        fn end(self: &Arc<Self>, port: u16) -> End {
            let (net, addr) = (Arc::clone(self), SocketAddr::from(([192, 0, 2, 1], port)));
            self.inboxes.lock().unwrap().entry(addr).or_default();
            let socket = RepairSocket::new(Arc::new(Plug { net, addr }), Arc::new(Tokens::new()));
            let socket = Arc::new(socket);
            End { addr, socket }
        }

        /// Two ends that have told each other.
        fn pair(self: &Arc<Self>) -> [End; 2] {
            let [one, other] = [self.end(1), self.end(2)];
            one.socket.tokens.on_told(other.socket.tokens.own());
            other.socket.tokens.on_told(one.socket.tokens.own());
            [one, other]
        }

        fn carried(&self, to: SocketAddr) -> usize {
            self.inboxes.lock().unwrap()[&to].carried
        }
    }

    impl End {
        async fn say(&self, to: &Self, number: u64) {
            self.socket.send_to(&record(number), to.addr).await.unwrap();
        }

        /// Reads until the test ends: the numbers of the records that the stack would get.
        fn numbers(&self) -> mpsc::UnboundedReceiver<u64> {
            let (sender, numbers) = mpsc::unbounded_channel();
            let socket = Arc::clone(&self.socket);
            tokio::spawn(async move {
                let mut buf = vec![0; 1500];
                while let Ok((len, _)) = socket.recv_from(&mut buf).await {
                    for datagram in buf[..len].chunks(record(0).len()) {
                        // Some tests do not listen to both sides.
                        sender.send(record_number(datagram).unwrap()).ok();
                    }
                }
            });
            numbers
        }
    }

    impl AsyncUdpSocket for Plug {
        fn local_addr(&self) -> io::Result<SocketAddr> {
            Ok(self.addr)
        }

        fn poll_send(
            &self,
            _: &mut Context<'_>,
            transmit: &Transmit<'_>,
        ) -> Poll<io::Result<usize>> {
            let len = transmit.contents.len();
            let lossy = self.net.lossy.load(Ordering::Relaxed);
            if lossy && self.net.rng.lock().unwrap().random_bool(0.2) {
                return Poll::Ready(Ok(len));
            }
            let mut inboxes = self.net.inboxes.lock().unwrap();
            let inbox = inboxes.get_mut(&transmit.destination).unwrap();
            inbox.carried += 1;
            let datagram = (transmit.contents.to_vec(), self.addr);
            inbox.datagrams.push_back(datagram);
            if let Some(reader) = inbox.reader.take() {
                reader.wake();
            }
            Poll::Ready(Ok(len))
        }

        fn poll_recv(
            &self,
            cx: &mut Context<'_>,
            bufs: &mut [IoSliceMut<'_>],
            meta: &mut [RecvMeta],
        ) -> Poll<io::Result<usize>> {
            let mut inboxes = self.net.inboxes.lock().unwrap();
            let inbox = inboxes.get_mut(&self.addr).unwrap();
            let Some((datagram, from)) = inbox.datagrams.pop_front() else {
                inbox.reader = Some(cx.waker().clone());
                return Poll::Pending;
            };
            let len = datagram.len().min(bufs[0].len());
            bufs[0][..len].copy_from_slice(&datagram[..len]);
            (meta[0].addr, meta[0].len, meta[0].stride) = (from, len, len);
            Poll::Ready(Ok(1))
        }
    }
}
