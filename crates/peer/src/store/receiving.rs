//! What a session wants done with a transfer that comes in.
//!
//! Each does its work in the transfer's own lane, one after the other.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use snug_protocol::{Hash, Listing, Offer, TransferId};
use snug_session::{Selection, StoreInput};

use super::{
    Incoming, ReadError, Store,
    incoming::Stage,
    shape::Shape,
    sink::{Place, Sink, SinkError},
};

impl Store {
    pub(super) fn open_sink(
        &mut self,
        transfer: TransferId,
        offer: Offer,
        listing: Arc<Listing>,
        selection: Selection,
    ) {
        self.close_sink(transfer, Sink::suspend);
        self.lanes.retain(|_, lane| !lane.is_idle());
        let destination = self
            .destinations
            .get(&transfer)
            .cloned()
            .unwrap_or_default();
        self.runs += 1;
        let sink = Arc::new(Sink::default());
        let incoming = Incoming {
            run: self.runs,
            manifest: offer.manifest,
            sink: sink.clone(),
            pieces: BTreeMap::new(),
            stage: Stage::Opening,
            listing: listing.clone(),
            selection: selection.clone(),
            stored: vec![false; offer.manifest.pieces() as usize],
        };
        self.incoming.insert(transfer, incoming);
        let (reports, memory) = (self.reports(Some(self.runs)), self.memory.clone());
        self.lane(transfer).push(move || {
            let shape = Shape::new(transfer, &offer, listing, &selection);
            let checking = |bytes, total| {
                reports.send(StoreInput::SinkChecking {
                    transfer,
                    bytes,
                    total,
                });
            };
            match sink.open(shape, &destination, &memory, &checking) {
                Ok(Some(opened)) => reports.send(StoreInput::SinkOpened {
                    transfer,
                    have: opened.have,
                    hashes: opened.hashes,
                }),
                // Not wanted any more.
                Ok(None) => {}
                Err(error) => reports.send(failed(transfer, &error)),
            }
        });
    }

    pub(super) fn keep_hashes(&mut self, transfer: TransferId, hashes: Arc<[Hash]>) {
        let Some(incoming) = self.incoming.get(&transfer) else {
            return;
        };
        let (reports, sink) = (self.reports(Some(incoming.run)), incoming.sink.clone());
        self.lane(transfer).push(move || {
            if let Err(error) = sink.keep_hashes(hashes) {
                reports.send(failed(transfer, &error));
            }
        });
    }

    pub(super) fn write_block(
        &mut self,
        transfer: TransferId,
        piece: u32,
        offset: u32,
        bytes: &Bytes,
    ) {
        let Some(incoming) = self.incoming.get_mut(&transfer) else {
            return;
        };
        let start = offset as usize;
        let end = start.saturating_add(bytes.len());
        if end > incoming.manifest.piece_len(piece) {
            // Without these bytes the piece does not hash to what is expected.
            return;
        }
        let pool = &self.pool;
        let buffer = incoming.pieces.entry(piece).or_insert_with(|| pool.take());
        buffer[start..end].copy_from_slice(bytes);
    }

    pub(super) fn finish_piece(&mut self, transfer: TransferId, piece: u32, expected: Hash) {
        let Some(incoming) = self.incoming.get_mut(&transfer) else {
            return;
        };
        let Some(mut buffer) = incoming.pieces.remove(&piece) else {
            return;
        };
        buffer.truncate(incoming.manifest.piece_len(piece));
        let (manifest, run) = (incoming.manifest, incoming.run);
        let sink = incoming.sink.clone();
        let (reports, waiting) = (self.reports(Some(run)), self.backlog.enter());
        self.lane(transfer).push(move || {
            if !manifest.verify_piece(piece, &expected, &buffer) {
                return reports.send(StoreInput::PieceCorrupt { transfer, piece });
            }
            let written = sink.write(piece, expected, &buffer);
            drop((buffer, waiting));
            match written {
                Ok(true) => reports.send(StoreInput::PieceStored { transfer, piece }),
                // Ended meanwhile.
                Ok(false) => {}
                Err(error) => reports.send(failed(transfer, &error)),
            }
        });
    }

    pub(super) fn finish_sink(&mut self, transfer: TransferId) {
        let Some(incoming) = self.incoming.get(&transfer) else {
            return;
        };
        let (is_complete, sink) = (incoming.is_complete(), incoming.sink.clone());
        let reports = self.reports(Some(incoming.run));
        self.lane(transfer).push(move || {
            let finished = if is_complete {
                sink.finish()
            } else {
                Err(SinkError::Incomplete)
            };
            match finished {
                Ok(Some(place)) => reports.send(StoreInput::SinkFinished {
                    transfer,
                    place: match place {
                        Place::Memory => None,
                        Place::Path(path) => Some(path.display().to_string()),
                    },
                }),
                // Ended meanwhile.
                Ok(None) => {}
                Err(error) => reports.send(failed(transfer, &error)),
            }
        });
    }

    /// Stops receiving, one way or another. What is in its place stays there.
    pub(super) fn end_sink(&mut self, transfer: TransferId, why: &ReadError, end: fn(&Sink)) {
        self.reads.fail(transfer, why);
        self.close_sink(transfer, end);
    }

    fn close_sink(&mut self, transfer: TransferId, end: fn(&Sink)) {
        if let Some(incoming) = self.incoming.remove(&transfer) {
            incoming.sink.abandon();
            // After what still waits in the lane.
            self.lane(transfer).push(move || end(&incoming.sink));
        }
    }
}

fn failed(transfer: TransferId, error: &SinkError) -> StoreInput {
    StoreInput::SinkFailed {
        transfer,
        reason: error.to_string(),
    }
}
