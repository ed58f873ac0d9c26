//! Files that this member offers.

use std::collections::BTreeMap;

use snug_protocol::{
    ClientId, ControlFrame, DeclineReason, Range, StopReason, TransferId, limits::HASHES_PER_FRAME,
};

use super::{Links, meter::Meter};
use crate::{
    CommandError, Event, LinkId, Progress, Source, StoreOutput, Time, TransferError,
    limits::OFFERS_PER_MEMBER, outbox::Outbox,
};

/// The files on offer and who takes them.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    files: BTreeMap<TransferId, Upload>,
}

#[derive(Debug)]
struct Upload {
    file: Source,
    receivers: BTreeMap<ClientId, Receiver>,
}

/// How one member took the offer.
#[derive(Debug)]
enum Receiver {
    Offered,
    Pulling {
        link: LinkId,
        meter: Meter,
    },
    Complete,
    /// Declined, stopped or gone.
    Ended,
}

impl Uploads {
    pub(crate) fn offer(
        &mut self,
        file: Source,
        links: &Links,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        if self.files.len() >= OFFERS_PER_MEMBER {
            return Err(CommandError::TooManyTransfers);
        }
        let transfer = file.offer.transfer();
        let frame = ControlFrame::Offer(file.offer.clone());
        let receivers = links
            .keys()
            .map(|peer| (peer.clone(), Receiver::Offered))
            .collect();
        self.files.insert(transfer, Upload { file, receivers });
        out.event(Event::Offering { transfer });
        for link in links.values() {
            out.control(*link, &frame);
        }
        Ok(())
    }

    /// Withdraws a file. `false` if there is none.
    pub(crate) fn cancel(
        &mut self,
        transfer: TransferId,
        reason: StopReason,
        links: &Links,
        out: &mut Outbox,
    ) -> bool {
        let Some(upload) = self.files.remove(&transfer) else {
            return false;
        };
        for (peer, receiver) in upload.receivers {
            let open = matches!(receiver, Receiver::Offered | Receiver::Pulling { .. });
            if let Some(link) = links.get(&peer).filter(|_| open) {
                out.control(*link, &ControlFrame::Stop { transfer, reason });
            }
        }
        out.store(StoreOutput::CloseSource { transfer });
        if reason == StopReason::Cancelled {
            let reason = TransferError::Cancelled;
            out.event(Event::TransferFailed {
                transfer,
                to: None,
                reason,
            });
        }
        true
    }

    /// A member is linked: it hears of everything on offer that it has not answered yet.
    pub(crate) fn on_up(&mut self, peer: &ClientId, link: LinkId, out: &mut Outbox) {
        for upload in self.files.values_mut() {
            let receiver = upload
                .receivers
                .entry(peer.clone())
                .or_insert(Receiver::Offered);
            if matches!(receiver, Receiver::Offered | Receiver::Pulling { .. }) {
                out.control(link, &ControlFrame::Offer(upload.file.offer.clone()));
            }
        }
    }

    pub(crate) fn on_departed(&mut self, peer: &ClientId, out: &mut Outbox) {
        for (transfer, upload) in &mut self.files {
            let Some(Receiver::Pulling { .. }) = upload.receivers.remove(peer) else {
                continue;
            };
            out.event(Event::TransferFailed {
                transfer: *transfer,
                to: Some(peer.clone()),
                reason: TransferError::ReceiverGone,
            });
        }
    }

    pub(crate) fn on_accept(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        link: LinkId,
        out: &mut Outbox,
    ) {
        let Some(upload) = self.files.get_mut(&transfer) else {
            let reason = StopReason::Cancelled;
            out.control(link, &ControlFrame::Stop { transfer, reason });
            return;
        };
        let receiver = upload
            .receivers
            .entry(peer.clone())
            .or_insert(Receiver::Offered);
        match receiver {
            Receiver::Pulling { link: on, .. } => *on = link,
            Receiver::Offered | Receiver::Complete | Receiver::Ended => {
                *receiver = Receiver::Pulling {
                    link,
                    meter: Meter::default(),
                };
            }
        }
    }

    pub(crate) fn on_decline(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        reason: DeclineReason,
        out: &mut Outbox,
    ) {
        let Some(upload) = self.files.get_mut(&transfer) else {
            return;
        };
        let before = upload.receivers.insert(peer.clone(), Receiver::Ended);
        if matches!(before, Some(Receiver::Offered | Receiver::Pulling { .. })) {
            out.event(Event::Declined {
                transfer,
                by: peer.clone(),
                reason,
            });
        }
    }

    pub(crate) fn on_fetch_hashes(
        &self,
        transfer: TransferId,
        pieces: Range,
        link: LinkId,
        out: &mut Outbox,
    ) {
        let hashes = self.files.get(&transfer).map(|upload| &upload.file.hashes);
        let count = (pieces.count as usize).min(HASHES_PER_FRAME);
        let first = pieces.first as usize;
        let Some(hashes) = hashes.and_then(|hashes| hashes.get(first..first + count)) else {
            out.control(link, &ControlFrame::Unavailable { transfer, pieces });
            return;
        };
        let hashes = hashes.to_vec();
        out.control(
            link,
            &ControlFrame::Hashes {
                transfer,
                first: pieces.first,
                hashes,
            },
        );
    }

    /// Whether a member may have these pieces from here.
    pub(crate) fn serves(&self, peer: &ClientId, transfer: TransferId, pieces: Range) -> bool {
        self.files.get(&transfer).is_some_and(|upload| {
            let pulling = matches!(upload.receivers.get(peer), Some(Receiver::Pulling { .. }));
            pulling && pieces.first.saturating_add(pieces.count) <= upload.file.manifest().pieces()
        })
    }

    pub(crate) fn on_sent(&mut self, link: LinkId, transfer: TransferId, bytes: usize) {
        let Some(upload) = self.files.get_mut(&transfer) else {
            return;
        };
        for receiver in upload.receivers.values_mut() {
            if let Receiver::Pulling { link: on, meter } = receiver
                && *on == link
            {
                meter.add(bytes as u64);
            }
        }
    }

    pub(crate) fn on_stop(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        reason: StopReason,
        out: &mut Outbox,
    ) {
        let Some(upload) = self.files.get_mut(&transfer) else {
            return;
        };
        let before = upload.receivers.insert(peer.clone(), Receiver::Ended);
        if matches!(before, Some(Receiver::Pulling { .. })) {
            let (to, reason) = (Some(peer.clone()), TransferError::Stopped(reason));
            out.event(Event::TransferFailed {
                transfer,
                to,
                reason,
            });
        }
    }

    pub(crate) fn on_complete(&mut self, peer: &ClientId, transfer: TransferId, out: &mut Outbox) {
        let Some(upload) = self.files.get_mut(&transfer) else {
            return;
        };
        let before = upload.receivers.insert(peer.clone(), Receiver::Complete);
        if !matches!(before, Some(Receiver::Complete)) {
            let total = upload.file.manifest().size();
            out.event(Event::Progress(Progress {
                transfer,
                to: Some(peer.clone()),
                bytes: total,
                total,
                rate: match before {
                    Some(Receiver::Pulling { meter, .. }) => meter.rate(total).0,
                    _ => 0.0,
                },
                eta: None,
            }));
            out.event(Event::Delivered {
                transfer,
                to: peer.clone(),
            });
        }
    }

    pub(crate) fn on_source_failed(
        &mut self,
        transfer: TransferId,
        reason: &str,
        links: &Links,
        out: &mut Outbox,
    ) {
        if self.cancel(transfer, StopReason::SourceChanged, links, out) {
            let reason = TransferError::Source(reason.to_owned());
            out.event(Event::TransferFailed {
                transfer,
                to: None,
                reason,
            });
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outbox) {
        for (transfer, upload) in &mut self.files {
            let total = upload.file.manifest().size();
            for (peer, receiver) in &mut upload.receivers {
                let Receiver::Pulling { meter, .. } = receiver else {
                    continue;
                };
                if meter.tick(now) {
                    let (rate, eta) = meter.rate(total);
                    out.event(Event::Progress(Progress {
                        transfer: *transfer,
                        to: Some(peer.clone()),
                        // What is sent twice after a drop does not count twice.
                        bytes: meter.bytes().min(total),
                        total,
                        rate,
                        eta,
                    }));
                }
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let receivers = self
            .files
            .values()
            .flat_map(|upload| upload.receivers.values());
        let meters = receivers.filter_map(|receiver| match receiver {
            Receiver::Pulling { meter, .. } => Some(meter.due()),
            Receiver::Offered | Receiver::Complete | Receiver::Ended => None,
        });
        meters.min()
    }

    pub(crate) fn close(&mut self, out: &mut Outbox) {
        for transfer in std::mem::take(&mut self.files).into_keys() {
            out.store(StoreOutput::CloseSource { transfer });
        }
    }
}
