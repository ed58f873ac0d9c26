//! What was read at once, and is handed on in steps.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, IoSliceMut},
    task::{Context, Poll, ready},
};

use webrtc::runtime::{AsyncUdpSocket, BATCH_SIZE, RecvMeta};

/// Messages of the system: each of one datagram or of several, all but the last as long as its
/// stride.
#[derive(Default)]
pub(super) struct Reads {
    /// Room for [`MESSAGES`]: zeroed by the system, which keeps memory only for what is used of it.
    room: Vec<u8>,
    /// Where in `room` there is something left, and what the system says about it.
    left: VecDeque<(usize, RecvMeta)>,
    /// Bytes handed on in this step.
    taken: usize,
}

impl Reads {
    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Whether data is among what is left, and not only what acknowledges it. Says no when as much
    /// came as is read at once: then there may be more, which must not wait.
    pub(super) fn is_data(&self) -> bool {
        self.left.len() < MESSAGES && self.left.iter().any(|(_, meta)| meta.stride >= DATA_BYTES)
    }

    /// Whether enough was handed on for a step.
    pub(super) fn is_step(&self) -> bool {
        self.taken >= STEP_BYTES
    }

    pub(super) fn begin_step(&mut self) {
        self.taken = 0;
    }

    /// Reads what is there, in messages of `len` bytes at most, or more if there is room already.
    pub(super) fn poll_fill(
        &mut self,
        socket: &dyn AsyncUdpSocket,
        cx: &mut Context<'_>,
        len: usize,
    ) -> Poll<io::Result<()>> {
        let len = len.max(self.room.len() / MESSAGES).max(1);
        if self.room.len() < len * MESSAGES {
            self.room = vec![0; len * MESSAGES];
        }
        let bufs = self.room.chunks_exact_mut(len);
        let mut bufs: Vec<IoSliceMut<'_>> = bufs.map(IoSliceMut::new).collect();
        let mut metas = [RecvMeta::default(); MESSAGES];
        let count = ready!(socket.poll_recv(cx, &mut bufs, &mut metas))?;
        for (at, mut meta) in metas.into_iter().take(count).enumerate() {
            meta.len = meta.len.min(len);
            self.left.push_back((at * len, meta));
        }
        Poll::Ready(Ok(()))
    }

    /// Gives the memory back, if nothing is left.
    pub(super) fn free(&mut self) {
        if self.is_empty() {
            self.room = Vec::new();
        }
    }

    /// Puts what is left into a buffer, as much as the step takes: datagrams of one sender and of
    /// one length, but for the last. What a buffer has no room for is lost, as it is in the system.
    pub(super) fn hand_on(&mut self, buf: &mut [u8], meta: &mut RecvMeta) {
        meta.len = 0;
        while let Some((at, next)) = self.left.front_mut() {
            if meta.len == 0 {
                *meta = RecvMeta::clone(next);
                meta.len = 0;
            }
            let follows = meta.len.is_multiple_of(meta.stride)
                && next.addr == meta.addr
                && (next.stride == meta.stride || next.len <= next.stride.min(meta.stride));
            let room = STEP_BYTES.saturating_sub(self.taken);
            let len = next.len.min(room.next_multiple_of(next.stride.max(1)));
            let fits = len.min(buf.len() - meta.len);
            if meta.len > 0 && (!follows || len == 0 || fits < len) {
                break;
            }
            buf[meta.len..meta.len + fits].copy_from_slice(&self.room[*at..*at + fits]);
            (meta.len, self.taken) = (meta.len + fits, self.taken + len);
            (*at, next.len) = (*at + len, next.len - len);
            if next.len == 0 {
                self.left.pop_front();
            }
        }
    }
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reads")
            .field("left", &self.left)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

/// Bytes to acknowledge at once: of three or four packets with data, and of as many
/// acknowledgements as there may be.
const STEP_BYTES: usize = 4 * 1100;

/// Messages to be read at once: a browser at its fastest sends about twenty packets in a
/// millisecond. Some systems give them one by one; a pause after each would be all that is read.
const MESSAGES: usize = if BATCH_SIZE < 16 { BATCH_SIZE } else { 16 };

/// A datagram with data is longer, one that acknowledges data is shorter.
const DATA_BYTES: usize = 1000;
