//! What the host's storage reports.

use snug_protocol::{ControlFrame, StopReason, TransferId};

use super::{Transfers, shared::Gone};
use crate::{Event, StoreInput, Time, TransferError, outbox::Outbox};

impl Transfers {
    pub(crate) fn on_store(&mut self, input: StoreInput, now: Time, out: &mut Outbox) {
        match input {
            StoreInput::PieceRead {
                transfer,
                piece,
                link,
                bytes,
            } => {
                if let Some(uplink) = self.uplinks.get_mut(&link) {
                    uplink.on_read(transfer, piece, bytes);
                }
                self.pump(link, out);
            }
            StoreInput::SourceFailed { transfer, reason } => {
                self.on_source_failed(transfer, reason, now, out);
            }
            StoreInput::SinkChecking {
                transfer,
                bytes,
                total,
            } => out.event(Event::Checking {
                transfer,
                bytes,
                total,
            }),
            StoreInput::SinkOpened {
                transfer,
                have,
                hashes,
            } => self.with(transfer, now, out, |shared, cx| {
                shared.on_sink_opened(&have, hashes, cx)
            }),
            StoreInput::SinkFailed { transfer, reason } => {
                self.on_sink_failed(transfer, reason, now, out);
            }
            StoreInput::PieceStored { transfer, piece } => {
                self.with(transfer, now, out, |shared, cx| {
                    shared.on_piece_stored(piece, cx);
                    Gone::No
                });
            }
            StoreInput::PieceCorrupt { transfer, piece } => {
                self.with(transfer, now, out, |shared, cx| {
                    shared.on_piece_corrupt(piece, cx)
                });
            }
            StoreInput::SinkFinished { transfer, place } => {
                self.with(transfer, now, out, |shared, cx| {
                    shared.on_sink_finished(place, cx);
                    Gone::No
                });
            }
        }
        self.go_on(now, out);
    }

    /// What is offered, or was received, cannot be read.
    fn on_source_failed(
        &mut self,
        transfer: TransferId,
        reason: String,
        now: Time,
        out: &mut Outbox,
    ) {
        let Ok((shared, mut cx)) = self.shared(transfer, now, out) else {
            return;
        };
        if shared.is_own() {
            let (stop, reason) = (StopReason::SourceChanged, TransferError::Source(reason));
            self.withdraw(transfer, stop, reason, now, out);
        } else {
            shared.on_unreadable(&mut cx);
            self.forget_pieces(transfer);
        }
    }

    fn on_sink_failed(
        &mut self,
        transfer: TransferId,
        reason: String,
        now: Time,
        out: &mut Outbox,
    ) {
        let Ok((shared, mut cx)) = self.shared(transfer, now, out) else {
            return;
        };
        if shared.has_sink() {
            let stop = StopReason::StorageFailed;
            cx.tell_all(&ControlFrame::Stop {
                transfer,
                reason: stop,
            });
            self.fail(transfer, TransferError::Storage(reason), now, out);
        }
    }
}
