use std::{collections::VecDeque, task::Waker};

use proptest::prelude::*;

use super::*;

#[tokio::test(start_paused = true)]
async fn what_a_browser_sends_in_one_go_comes_four_at_a_time() {
    let mut end = End::new(&[(10, DATAGRAM)]);
    assert_eq!(end.reads(6), "4 - 4 - 2 -");
}

#[tokio::test(start_paused = true)]
async fn what_comes_one_by_one_makes_steps_too() {
    let mut end = End::new(&[(1, DATAGRAM); 6]);
    assert_eq!(end.reads(4), "4 - 2 -");
    assert_eq!(end.wire.reads(), 1, "with one system call");
}

#[tokio::test(start_paused = true)]
async fn a_step_ends_when_nothing_is_left_to_read() {
    let mut end = End::new(&[(3, DATAGRAM)]);
    assert_eq!(end.reads(2), "3 -");
    end.send(4, DATAGRAM);
    tokio::time::advance(2 * PAUSE).await;
    assert_eq!(end.reads(2), "4 -");
}

#[tokio::test(start_paused = true)]
async fn data_is_read_after_a_pause_and_not_as_it_comes() {
    let mut end = End::new(&[(1, DATAGRAM)]);
    assert_eq!(end.reads(2), "1 -");
    for _ in 0..3 {
        end.send(1, DATAGRAM);
        assert_eq!(end.reads(1), "-");
    }
    tokio::time::advance(2 * PAUSE).await;
    assert_eq!(end.reads(2), "3 -");
}

#[tokio::test(start_paused = true)]
async fn the_stack_is_woken_after_the_pause() {
    let mut end = End::new(&[(1, DATAGRAM)]);
    assert_eq!(end.reads(1), "1");
    end.send(2, DATAGRAM);
    let (mut buf, mut meta) = (vec![0; ROOM], [RecvMeta::default()]);
    let read = std::future::poll_fn(|cx| {
        let mut bufs = [IoSliceMut::new(&mut buf)];
        end.socket.poll_recv(cx, &mut bufs, &mut meta)
    });
    let read = tokio::time::timeout(100 * PAUSE, read).await;
    assert!(read.unwrap().is_ok());
    assert_eq!(meta[0].len, 2 * DATAGRAM);
}

#[tokio::test(start_paused = true)]
async fn more_than_is_read_at_once_is_read_without_a_pause() {
    let mut end = End::new(&[(1, DATAGRAM); 40]);
    let read = end.reads(20);
    assert_eq!(read, "4 - 4 - 4 - 4 - 4 - 4 - 4 - 4 - 4 - 4 -");
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_are_read_as_they_come() {
    let mut end = End::new(&[(1, ACKNOWLEDGEMENT)]);
    assert_eq!(end.reads(2), "1 -");
    end.send(40, ACKNOWLEDGEMENT);
    end.send(1, DATAGRAM);
    assert_eq!(end.reads(3), "40 1 -");
}

#[tokio::test(start_paused = true)]
async fn a_peer_of_our_own_kind_is_read_as_it_sends() {
    let mut end = End::new(&[(10, DATAGRAM), (10, DATAGRAM)]);
    end.socket.tokens.on_told(Tokens::new(false).own());
    assert_eq!(end.reads(3), "10 10 -");
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_comes_first_when_the_peer_tells_its_kind() {
    let mut end = End::new(&[(5, DATAGRAM)]);
    assert_eq!(end.reads(1), "4");
    end.send(5, DATAGRAM);
    end.socket.tokens.on_told(Tokens::new(false).own());
    assert_eq!(end.reads(4), "- 1 5 -");
}

#[tokio::test(start_paused = true)]
async fn a_datagram_that_is_longer_than_the_buffer_is_cut() {
    let mut end = End::new(&[(1, DATAGRAM), (1, 9000), (1, DATAGRAM)]);
    assert_eq!(end.reads(1), "1");
    let (mut buf, mut meta) = ([0; 2048], [RecvMeta::default()]);
    let mut cx = Context::from_waker(Waker::noop());
    let mut bufs = [IoSliceMut::new(&mut buf)];
    assert!(
        end.socket
            .poll_recv(&mut cx, &mut bufs, &mut meta)
            .is_ready()
    );
    assert_eq!(meta[0].len, 2048);
    end.read += 1;
    assert_eq!(end.reads(2), "- 1");
}

proptest! {
    /// Whatever comes in whatever messages, `read` checks that it is whole and in order.
    #[test]
    fn nothing_is_lost(messages in proptest::collection::vec((1..60_u8, 1..1500_usize), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut end = End::new(&[]);
            for (count, len) in &messages {
                end.send(*count, *len);
            }
            // Each read hands something on, ends a step or is in a pause.
            for _ in 0..3 * end.sent {
                if end.read < end.sent && end.read() == "-" {
                    tokio::time::advance(PAUSE).await;
                }
            }
            prop_assert_eq!(end.read, end.sent);
            Ok(())
        })?;
    }
}

/// A socket with something to read.
struct End {
    socket: SteppedSocket,
    wire: Arc<Wire>,
    /// Datagrams put on the wire, and read.
    sent: u64,
    read: u64,
}

/// Messages as the system gives them: datagrams of one length, and that length.
#[derive(Debug, Default)]
struct Wire {
    messages: Mutex<VecDeque<(Vec<u8>, usize)>>,
    /// How often something was read.
    reads: Mutex<usize>,
}

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

    /// Datagrams that are each filled with their number.
    fn send(&mut self, count: u8, len: usize) {
        let mut message = Vec::new();
        for _ in 0..count {
            message.resize(message.len() + len, number(self.sent));
            self.sent += 1;
        }
        self.wire.messages.lock().unwrap().push_back((message, len));
    }

    /// Reads so many times: how many datagrams came, a dash for none. They must be whole and in
    /// order.
    fn reads(&mut self, times: usize) -> String {
        let counts: Vec<String> = (0..times).map(|_| self.read()).collect();
        counts.join(" ")
    }

    fn read(&mut self) -> String {
        let (mut buf, mut meta) = (vec![0; ROOM], RecvMeta::default());
        let mut cx = Context::from_waker(Waker::noop());
        let (mut bufs, metas) = ([IoSliceMut::new(&mut buf)], std::slice::from_mut(&mut meta));
        if self
            .socket
            .poll_recv(&mut cx, &mut bufs, metas)
            .is_pending()
        {
            return "-".into();
        }
        let datagrams = buf[..meta.len].chunks(meta.stride);
        for datagram in datagrams.clone() {
            assert!(datagram.iter().all(|byte| *byte == number(self.read)));
            self.read += 1;
        }
        datagrams.len().to_string()
    }
}

impl Wire {
    fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }
}

impl AsyncUdpSocket for Wire {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(([192, 0, 2, 1], 1).into())
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(transmit.contents.len()))
    }

    fn poll_recv(
        &self,
        _: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut messages = self.messages.lock().unwrap();
        if messages.is_empty() {
            return Poll::Pending;
        }
        let count = messages.len().min(bufs.len());
        for ((message, stride), (buf, meta)) in
            messages.drain(..count).zip(bufs.iter_mut().zip(metas))
        {
            buf[..message.len()].copy_from_slice(&message);
            (meta.len, meta.stride) = (message.len(), stride);
        }
        *self.reads.lock().unwrap() += 1;
        Poll::Ready(Ok(count))
    }
}

/// Which of the last 256 datagrams it is.
fn number(datagram: u64) -> u8 {
    datagram.to_le_bytes()[0]
}

/// Bytes of the buffer that the stack reads into.
const ROOM: usize = 96_000;

/// Of a full packet of a browser's.
const DATAGRAM: usize = 1228;

const ACKNOWLEDGEMENT: usize = 65;
