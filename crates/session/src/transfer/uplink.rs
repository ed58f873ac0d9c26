//! The pieces on their way to one member: asked for, read, cut into frames, as fast as the link
//! takes them and no faster.

use std::collections::VecDeque;

use bytes::Bytes;
use snug_protocol::{BulkFrame, Range, TransferId, limits::BULK_PAYLOAD_BYTES};

use crate::{
    LinkId, LinkOutput, StoreOutput,
    limits::{READ_AHEAD, REQUESTS_PER_LINK},
    outbox::Outbox,
};

/// One member's requests.
#[derive(Debug, Default)]
pub(crate) struct Uplink {
    wanted: VecDeque<(TransferId, u32)>,
    reading: Vec<(TransferId, u32)>,
    ready: VecDeque<Piece>,
    /// Bytes that the link takes now.
    credit: usize,
}

#[derive(Debug)]
struct Piece {
    transfer: TransferId,
    number: u32,
    bytes: Bytes,
    sent: usize,
}

impl Uplink {
    /// Queues pieces. `false` when there are too many.
    pub(crate) fn request(&mut self, transfer: TransferId, pieces: Range) -> bool {
        let queued = self.wanted.len() + self.reading.len() + self.ready.len();
        if queued + pieces.count as usize > REQUESTS_PER_LINK {
            return false;
        }
        self.wanted
            .extend(pieces.iter().map(|piece| (transfer, piece)));
        true
    }

    pub(crate) fn grant(&mut self, bytes: usize) {
        self.credit = self.credit.saturating_add(bytes);
    }

    /// A piece was read. One that was forgotten meanwhile is dropped.
    pub(crate) fn on_read(&mut self, transfer: TransferId, piece: u32, bytes: Bytes) {
        let Some(at) = self
            .reading
            .iter()
            .position(|asked| *asked == (transfer, piece))
        else {
            return;
        };
        self.reading.swap_remove(at);
        self.ready.push_back(Piece {
            transfer,
            number: piece,
            bytes,
            sent: 0,
        });
    }

    /// Drops pieces that are not wanted any more.
    pub(crate) fn unrequest(&mut self, transfer: TransferId, pieces: Range) {
        let range = pieces.first..pieces.first.saturating_add(pieces.count);
        let keep = |of: TransferId, piece: u32| of != transfer || !range.contains(&piece);
        self.wanted.retain(|(of, piece)| keep(*of, *piece));
        self.reading.retain(|(of, piece)| keep(*of, *piece));
        self.ready
            .retain(|piece| keep(piece.transfer, piece.number));
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.wanted.clear();
        self.reading.clear();
        self.ready.clear();
    }

    /// Drops everything of one file.
    pub(crate) fn forget(&mut self, transfer: TransferId) {
        self.wanted.retain(|(of, _)| *of != transfer);
        self.reading.retain(|(of, _)| *of != transfer);
        self.ready.retain(|piece| piece.transfer != transfer);
    }

    /// Sends and reads as much as may be. `on_sent` hears of which piece how many bytes went.
    pub(crate) fn pump(
        &mut self,
        link: LinkId,
        out: &mut Outbox,
        mut on_sent: impl FnMut(TransferId, u32, usize),
    ) {
        while let Some(piece) = self.ready.front_mut() {
            let Some(frame) = piece.next_frame(self.credit) else {
                break;
            };
            self.credit -= BulkFrame::HEADER_BYTES + frame.payload.len();
            on_sent(frame.transfer, frame.piece, frame.payload.len());
            out.link(link, LinkOutput::SendBulk(frame.encode()));
            if piece.sent == piece.bytes.len() {
                self.ready.pop_front();
            }
        }
        while self.reading.len() + self.ready.len() < READ_AHEAD {
            let Some((transfer, piece)) = self.wanted.pop_front() else {
                break;
            };
            self.reading.push((transfer, piece));
            out.store(StoreOutput::ReadPiece {
                transfer,
                piece,
                link,
            });
        }
    }
}

impl Piece {
    /// The next frame, if the link takes it whole.
    fn next_frame(&mut self, credit: usize) -> Option<BulkFrame> {
        let len = (self.bytes.len() - self.sent).min(BULK_PAYLOAD_BYTES);
        if len == 0 || BulkFrame::HEADER_BYTES + len > credit {
            return None;
        }
        let frame = BulkFrame {
            transfer: self.transfer,
            piece: self.number,
            offset: u32::try_from(self.sent).ok()?,
            payload: self.bytes.slice(self.sent..self.sent + len),
        };
        self.sent += len;
        Some(frame)
    }
}
