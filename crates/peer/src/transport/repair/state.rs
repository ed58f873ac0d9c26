//! What a socket that repairs knows: of both directions, of fragments, and of time.

use std::{
    collections::VecDeque,
    io::IoSliceMut,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Instant,
};

use bytes::{Bytes, BytesMut};
use tokio::time::Sleep;
use webrtc::runtime::{RecvMeta, Transmit};

use super::{
    Token,
    arrivals::Arrivals,
    fragment::{self, Assembly, FRAGMENT_BYTES, Fragment, HEADER_BYTES, Whole},
    record_number,
    sent::Sent,
    wire::Datagram,
};

#[derive(Debug)]
pub(super) struct State {
    pub(super) sent: Sent,
    pub(super) arrivals: Arrivals,
    /// Where the stack's last record went. ICE has checked that the peer is there; who else
    /// sends us something, from wherever, neither changes anything here nor is sent anything.
    pub(super) peer: Option<SocketAddr>,
    /// The number of the next fragment.
    pub(super) next_fragment: u64,
    /// Fragments to which more may be added.
    pub(super) gathering: Option<Gathering>,
    /// Fragments that the system has not taken yet.
    pub(super) outgoing: VecDeque<Batch>,
    /// Of fragments in the order of their numbers.
    pub(super) assembly: Assembly,
    /// Of fragments that come from elsewhere than the peer is known to be, in whatever order.
    pub(super) stray: Assembly,
    pub(super) timer: Option<Pin<Box<Sleep>>>,
    /// Who waits for something to come.
    pub(super) receiver: Option<Waker>,
}

/// Datagrams of one length, but for the last, on their way to one address.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) contents: Bytes,
    pub(super) segment: usize,
    pub(super) destination: SocketAddr,
}

/// A [`Batch`] that grows.
#[derive(Debug)]
pub(super) struct Gathering {
    contents: BytesMut,
    segment: usize,
    destination: SocketAddr,
}

impl Gathering {
    /// Whether a record's fragments may follow: all but the last have to be as long as those
    /// before.
    fn takes(&self, record: &[u8], destination: SocketAddr) -> bool {
        let first = record.len().min(FRAGMENT_BYTES) + HEADER_BYTES;
        let fits = first == self.segment || (first < self.segment && record.len() < FRAGMENT_BYTES);
        let is_even = self.contents.len().is_multiple_of(self.segment);
        let len = self.contents.len() + fragment::cut_bytes(record.len());
        fits && is_even && destination == self.destination && len <= MAX_BATCH_BYTES
    }
}

impl State {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            sent: Sent::new(now),
            arrivals: Arrivals::default(),
            peer: None,
            next_fragment: 0,
            gathering: None,
            outgoing: VecDeque::new(),
            assembly: Assembly::default(),
            stray: Assembly::default(),
            timer: None,
            receiver: None,
        }
    }

    /// Where the stack's records go from now on. On another path all begins anew.
    pub(super) fn turn_to(&mut self, peer: SocketAddr, now: Instant) {
        if self.peer.replace(peer) != Some(peer) {
            self.sent = Sent::new(now);
            self.arrivals.restart();
        }
    }

    /// Cuts records into fragments, and adds them to what goes out together.
    pub(super) fn gather(&mut self, transmit: &Transmit<'_>, peer: Token, now: Instant) {
        let contents = transmit.contents;
        let destination = transmit.destination;
        let record_bytes = transmit.segment_size.unwrap_or(contents.len()).max(1);
        for record in contents.chunks(record_bytes) {
            let gathering = self.gathering.as_ref();
            if gathering.is_some_and(|gathering| !gathering.takes(record, destination)) {
                self.part(now);
            }
            let gathering = self.gathering.get_or_insert_with(|| {
                // A long record seldom comes alone, and a short one often does.
                let is_long = record.len() > FRAGMENT_BYTES;
                let bytes = fragment::cut_bytes(contents.len());
                Gathering {
                    contents: BytesMut::with_capacity(bytes.max(if is_long {
                        RUN_BYTES
                    } else {
                        0
                    })),
                    segment: record.len().min(FRAGMENT_BYTES) + HEADER_BYTES,
                    destination,
                }
            });
            self.next_fragment =
                fragment::cut(record, self.next_fragment, peer, &mut gathering.contents);
        }
        // The stack comes back to read when it is told that something came.
        if let Some(receiver) = self.receiver.take() {
            receiver.wake();
        }
    }

    /// What is gathered goes out.
    pub(super) fn part(&mut self, now: Instant) {
        let Some(gathered) = self.gathering.take() else {
            return;
        };
        // It is kept for the peer to ask for, and the room for more need not be.
        let contents = if gathered.contents.len() < gathered.contents.capacity() / 2 {
            Bytes::copy_from_slice(&gathered.contents)
        } else {
            gathered.contents.freeze()
        };
        self.on_sent(&contents, Some(gathered.segment), now);
        self.outgoing.push_back(Batch {
            contents,
            segment: gathered.segment,
            destination: gathered.destination,
        });
    }

    /// Notes what is sent.
    pub(super) fn on_sent(&mut self, contents: &Bytes, segment: Option<usize>, now: Instant) {
        let arms = self.sent.on_send(contents, segment, now);
        // The timer is the receiver's.
        if arms && let Some(receiver) = self.receiver.take() {
            receiver.wake();
        }
    }

    /// Takes a message if it is just what is wanted: whole records, in order.
    pub(super) fn takes_whole(
        &mut self,
        message: &[u8],
        stride: usize,
        own: Token,
    ) -> Option<Whole> {
        let whole = fragment::whole(message, stride, own)?;
        self.arrivals
            .pass(whole.first, whole.count)
            .then_some(whole)
    }

    /// Takes a fragment of the peer's.
    pub(super) fn on_fragment(
        &mut self,
        fragment: &Fragment<'_>,
        datagram: &[u8],
        from: SocketAddr,
        now: Instant,
    ) {
        let number = fragment.place.number;
        if !self.arrivals.pass(number, 1) {
            self.arrivals.on_record(number, datagram, from, now);
        } else if let Some(record) = self.assembly.take(fragment) {
            self.arrivals.on_other(record, from);
        }
    }

    /// Whether a message needs nothing done: records in order, or what is no record at all.
    pub(super) fn passes(&mut self, message: &[u8], stride: usize, fragments: bool) -> bool {
        if fragments {
            return !message.chunks(stride).any(Datagram::is_one);
        }
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

    /// What the stack may have: a datagram, or the record that fragments make.
    fn next_ready(&mut self) -> Option<(Bytes, SocketAddr)> {
        while let Some((datagram, from)) = self.arrivals.poll_ready() {
            if !fragment::is_fragment(&datagram) {
                return Some((datagram, from));
            }
            let fragment = Fragment::read(&datagram);
            if let Some(record) = fragment.and_then(|fragment| self.assembly.take(&fragment)) {
                return Some((record, from));
            }
        }
        None
    }

    /// Puts into a buffer what is ready, as the system would: datagrams of one length, from one
    /// address.
    pub(super) fn hand_on(&mut self, buf: &mut IoSliceMut<'_>, meta: &mut RecvMeta) -> bool {
        let Some((datagram, from)) = self.next_ready() else {
            return false;
        };
        let stride = datagram.len().min(buf.len());
        buf[..stride].copy_from_slice(&datagram[..stride]);
        let mut len = stride;
        while let Some((next, other)) = self.arrivals.peek_ready()
            && next.len() == stride
            && *other == from
            && len + stride <= buf.len()
            && !fragment::is_fragment(next)
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
    pub(super) fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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

/// Bytes that the system takes at once: the longest datagram (RFC 768, RFC 791 §3.1).
pub(super) const MAX_BATCH_BYTES: usize = 65_507;

/// What a bulk frame comes to, in fragments.
const RUN_BYTES: usize = 36 * 1024;
