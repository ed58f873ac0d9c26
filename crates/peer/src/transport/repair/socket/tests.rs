//! Sockets that reach each other in memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::{AtomicBool, Ordering},
    task::Waker,
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::sync::mpsc;

use super::{super::fragment::FRAGMENT_BYTES, *};

#[tokio::test(start_paused = true)]
async fn what_the_wire_loses_comes_all_the_same_and_in_order() {
    for (seed, record_bytes) in (0..10).flat_map(|seed| [(seed, SHORT), (seed, LONG)]) {
        let net = Net::new(seed, record_bytes);
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
async fn what_the_wire_doubles_spoils_no_record() {
    let net = Net::new(1, LONG);
    let [ann, ben] = net.pair();
    let mut numbers = ben.numbers();
    drop(ann.numbers());
    ann.say(&ben, 0).await;
    ben.say(&ann, 0).await;
    net.doubles.store(true, Ordering::Relaxed);
    for number in 1..=300 {
        ann.say(&ben, number).await;
    }
    for number in 0..=300 {
        assert_eq!(numbers.recv().await, Some(number));
    }
}

/// The peer goes another way before we do.
#[tokio::test(start_paused = true)]
async fn fragments_from_another_address_of_the_peers_are_put_together() {
    let net = Net::new(1, LONG);
    let [ann, ben] = net.pair();
    let mut numbers = ben.numbers();
    drop(ann.numbers());
    ben.say(&ann, 0).await;
    ann.say(&ben, 0).await;
    assert_eq!(numbers.recv().await, Some(0));
    let elsewhere = net.end(3, Arc::clone(&ann.socket.tokens));
    let stranger = net.end(4, Arc::new(Tokens::new(true)));
    drop((elsewhere.numbers(), stranger.numbers()));
    stranger.socket.tokens.on_told(stranger.socket.tokens.own());
    for number in 1..=3 {
        stranger.say(&ben, 9).await;
        elsewhere.say(&ben, number).await;
        assert_eq!(numbers.recv().await, Some(number));
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_has_not_told_gets_nothing_but_what_is_meant_for_it() {
    let net = Net::new(1, SHORT);
    let [ann, browser] = [net.stranger(1), net.stranger(2)];
    drop(ann.numbers());
    ann.say(&browser, 1).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(net.carried(browser.addr), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_changes_nothing_and_is_sent_nothing() {
    let net = Net::new(1, SHORT);
    let [ann, ben] = net.pair();
    let mut numbers = ben.numbers();
    drop(ann.numbers());
    let stranger = net.stranger(3);
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
    /// Of every record: those that need several datagrams go in fragments.
    record_bytes: usize,
    /// Whether a fifth of all datagrams gets lost.
    lossy: AtomicBool,
    /// Whether a fifth of all datagrams comes twice.
    doubles: AtomicBool,
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
    record_bytes: usize,
}

impl Net {
    fn new(seed: u64, record_bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            record_bytes,
            lossy: AtomicBool::new(false),
            doubles: AtomicBool::new(false),
            rng: Mutex::new(StdRng::seed_from_u64(seed)),
            inboxes: Mutex::default(),
        })
    }

    fn end(self: &Arc<Self>, port: u16, tokens: Arc<Tokens>) -> End {
        let (net, addr) = (Arc::clone(self), SocketAddr::from(([192, 0, 2, 1], port)));
        self.inboxes.lock().unwrap().entry(addr).or_default();
        let socket = Arc::new(RepairSocket::new(
            Arc::new(Plug { net, addr }),
            tokens,
            Arc::default(),
        ));
        let record_bytes = self.record_bytes;
        End {
            addr,
            socket,
            record_bytes,
        }
    }

    fn stranger(self: &Arc<Self>, port: u16) -> End {
        self.end(
            port,
            Arc::new(Tokens::new(self.record_bytes > FRAGMENT_BYTES)),
        )
    }

    /// Two ends that have told each other.
    fn pair(self: &Arc<Self>) -> [End; 2] {
        let [one, other] = [self.stranger(1), self.stranger(2)];
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
        let record = record(number, self.record_bytes);
        self.socket.send_to(&record, to.addr).await.unwrap();
    }

    /// Reads until the test ends: the numbers of the records that the stack would get.
    fn numbers(&self) -> mpsc::UnboundedReceiver<u64> {
        let (sender, numbers) = mpsc::unbounded_channel();
        let (socket, record_bytes) = (Arc::clone(&self.socket), self.record_bytes);
        tokio::spawn(async move {
            let mut buf = vec![0; 65_535];
            while let Ok((len, _)) = socket.recv_from(&mut buf).await {
                for datagram in buf[..len].chunks(record_bytes) {
                    // Some tests do not listen to both sides, and strangers probe.
                    if let Some(number) = record_number(datagram) {
                        sender.send(number).ok();
                    }
                }
            }
        });
        numbers
    }
}

/// A record of application data.
fn record(number: u64, len: usize) -> Vec<u8> {
    let mut record = vec![23, 0xfe, 0xfd, 0, 1];
    record.extend_from_slice(&number.to_be_bytes()[2..]);
    record.extend_from_slice(&u16::try_from(len - 13).unwrap().to_be_bytes());
    record.resize(len, 7);
    record
}

const SHORT: usize = 18;
const LONG: usize = 5 * FRAGMENT_BYTES + 1;

impl AsyncUdpSocket for Plug {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.addr)
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let len = transmit.contents.len();
        let lossy = self.net.lossy.load(Ordering::Relaxed);
        if lossy && self.net.rng.lock().unwrap().random_bool(0.2) {
            return Poll::Ready(Ok(len));
        }
        let mut inboxes = self.net.inboxes.lock().unwrap();
        let inbox = inboxes.get_mut(&transmit.destination).unwrap();
        inbox.carried += 1;
        let doubles = self.net.doubles.load(Ordering::Relaxed);
        let copies = 1 + usize::from(doubles && self.net.rng.lock().unwrap().random_bool(0.2));
        for _ in 0..copies {
            let datagram = (transmit.contents.to_vec(), self.addr);
            inbox.datagrams.push_back(datagram);
        }
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
