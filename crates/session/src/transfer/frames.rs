//! What other members say about transfers.

use std::sync::Arc;

use bytes::Bytes;
use snug_protocol::{
    ClientId, Content, ControlFrame, DeclineReason, Offer, Range, StopReason, TransferId,
};

use super::{
    Transfers,
    announced::{Complete, Holding},
    line::{Line, NOBODYS},
    shared::{Gone, Shared},
};
use crate::{
    Time,
    limits::{OFFERED_BYTES_PER_MEMBER, OFFERS_PER_MEMBER},
    outbox::Outbox,
};

impl Transfers {
    /// A transfer frame came on `control`.
    ///
    /// # Errors
    /// What the peer did wrong, in words.
    pub(crate) fn on_frame(
        &mut self,
        peer: &ClientId,
        frame: ControlFrame,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        if !self.links.contains_key(peer) {
            return Ok(());
        }
        let result = match frame {
            ControlFrame::Offer(offer) => {
                self.on_offer(peer, offer, now, out);
                Ok(())
            }
            ControlFrame::Listing {
                transfer,
                offset,
                bytes,
            } => self.on_listing(peer, transfer, offset, &bytes, now, out),
            ControlFrame::Stop { transfer, reason } => {
                self.on_stop(peer, transfer, reason, now, out);
                Ok(())
            }
            ControlFrame::Request { transfer, pieces } => {
                self.on_request(peer, transfer, pieces, now, out);
                Ok(())
            }
            ControlFrame::Unavailable { transfer, .. } if transfer == NOBODYS => {
                if self.links.get_mut(peer).is_some_and(Line::on_answer) {
                    self.introduce_to(peer, now, out);
                }
                Ok(())
            }
            frame => self.on_shared_frame(peer, frame, now, out),
        };
        self.go_on(now, out);
        result
    }

    fn on_offer(&mut self, peer: &ClientId, offer: Offer, now: Time, out: &mut Outbox) {
        let transfer = offer.transfer();
        if let Ok((shared, mut cx)) = self.shared(transfer, now, out) {
            return shared.on_offered(peer, &mut cx);
        }
        if !self.has_room_for(peer, &offer) {
            let reason = DeclineReason::Unwanted;
            let (_, mut cx) = self.split(now, out);
            return cx.tell(peer, &ControlFrame::Decline { transfer, reason });
        }
        let Some(listing) = offer.own_listing() else {
            let (announced, mut cx) = self.split_announced(now, out);
            return announced.add(offer, peer, &mut cx);
        };
        let complete = Complete {
            offer,
            listing,
            encoded: Bytes::new(),
            first: peer.clone(),
            others: self
                .announced
                .others(transfer, [(peer.clone(), Holding::All)].into()),
        };
        self.on_complete_offer(complete, now, out);
    }

    /// Whether a member may have one more thing on offer.
    fn has_room_for(&self, peer: &ClientId, offer: &Offer) -> bool {
        let theirs = self.shared.values().filter(|it| it.is_charged_to(peer));
        let load = self.announced.load_of(peer);
        let (count, bytes) = theirs.fold(load, |(count, bytes), shared| {
            (count + 1, bytes + memory_of(&shared.offer))
        });
        count < OFFERS_PER_MEMBER && bytes + memory_of(offer) <= OFFERED_BYTES_PER_MEMBER
    }

    fn on_listing(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        offset: u32,
        part: &[u8],
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        let (announced, mut cx) = self.split_announced(now, out);
        if let Some(complete) = announced.on_part(peer, transfer, offset, part, &mut cx)? {
            self.on_complete_offer(complete, now, out);
        }
        Ok(())
    }

    fn on_complete_offer(&mut self, complete: Complete, now: Time, out: &mut Outbox) {
        let Complete {
            offer,
            listing,
            encoded,
            first,
            others,
        } = complete;
        let mut shared = Shared::offered(offer, Arc::new(listing), encoded, first);
        let (transfers, mut cx) = self.split(now, out);
        shared.meet_all(&cx);
        shared.meet(others, &mut cx);
        if shared.is_given(false) {
            shared.tell_offered(&mut cx);
            transfers.insert(shared.transfer, shared);
        }
    }

    fn on_stop(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        reason: StopReason,
        now: Time,
        out: &mut Outbox,
    ) {
        let (announced, mut cx) = self.split_announced(now, out);
        announced.lose(peer, transfer, &mut cx);
        self.with(transfer, now, out, |shared, cx| {
            shared.on_stop(peer, reason, cx)
        });
        let uplink = self
            .links
            .get(peer)
            .and_then(|line| self.uplinks.get_mut(&line.link));
        if let Some(uplink) = uplink {
            uplink.forget(transfer);
        }
    }

    fn on_request(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        pieces: Range,
        now: Time,
        out: &mut Outbox,
    ) {
        let shared = self.shared(transfer, now, out);
        let gives = shared.is_ok_and(|(shared, cx)| shared.gives(pieces, &cx));
        let Some(link) = self.links.get(peer).map(|line| line.link) else {
            return;
        };
        let uplink = self.uplinks.entry(link).or_default();
        if !gives || !uplink.request(transfer, pieces) {
            out.control(link, &ControlFrame::Unavailable { transfer, pieces });
            return;
        }
        self.pump(link, out);
    }

    /// A frame about a transfer that is known, or else of no use.
    fn on_shared_frame(
        &mut self,
        peer: &ClientId,
        frame: ControlFrame,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        let Some(transfer) = frame.transfer() else {
            return Ok(());
        };
        let link = self.links.get(peer).map(|line| line.link);
        let Ok((shared, mut cx)) = self.shared(transfer, now, out) else {
            return self.on_early_frame(peer, frame, now, out);
        };
        let mut gone = Gone::No;
        let mut result = Ok(());
        match frame {
            ControlFrame::Accept { wanted, shares, .. } => {
                gone = shared.on_accept(peer, wanted, shares, &mut cx);
            }
            ControlFrame::Decline { reason, .. } => {
                gone = shared.on_decline(peer, reason, &mut cx);
            }
            ControlFrame::FetchHashes { pieces, .. } => {
                shared.on_fetch_hashes(peer, pieces, &mut cx);
            }
            ControlFrame::Hashes { first, hashes, .. } => {
                result = shared.on_hashes(peer, first, &hashes, &mut cx);
                if result.is_err() {
                    gone = shared.fail_if_nobody_is_left();
                }
            }
            ControlFrame::Unavailable { pieces, .. } => {
                shared.on_unavailable(peer, pieces, &mut cx);
            }
            ControlFrame::Complete { .. } => shared.on_complete(peer, &mut cx),
            ControlFrame::Have { first, bits, .. } => {
                result = shared.on_have(peer, first, &bits, &mut cx);
            }
            ControlFrame::Asked { pieces, .. } => shared.on_asked(peer, pieces, &cx),
            ControlFrame::FetchListing { offset, .. } => {
                shared.on_fetch_listing(peer, offset, &mut cx);
            }
            ControlFrame::Unrequest { pieces, .. } => {
                let uplink = link.and_then(|link| self.uplinks.get_mut(&link));
                if let Some(uplink) = uplink {
                    uplink.unrequest(transfer, pieces);
                }
            }
            // About no transfer, or dealt with before.
            _ => {}
        }
        self.on_gone(transfer, gone, now, out);
        result
    }

    /// A frame about a transfer that is not known here, or not yet.
    fn on_early_frame(
        &mut self,
        peer: &ClientId,
        frame: ControlFrame,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        match frame {
            ControlFrame::Accept {
                transfer,
                wanted,
                shares,
            } if self.announced.on_accept(peer, transfer, wanted, shares) => Ok(()),
            ControlFrame::Have {
                transfer,
                first,
                bits,
            } => self.announced.on_have(peer, transfer, first, &bits),
            frame => {
                if let Some(answer) = unknown(&frame) {
                    let (_, mut cx) = self.split(now, out);
                    cx.tell(peer, &answer);
                }
                Ok(())
            }
        }
    }
}

/// Bytes that an offer takes here: its listing, and a have-map.
pub(super) fn memory_of(offer: &Offer) -> u64 {
    let listing = match &offer.content {
        Content::File { .. } => 0,
        Content::Listed(summary) => u64::from(summary.bytes),
    };
    listing + u64::from(offer.manifest.pieces().div_ceil(8))
}

/// What is answered to a frame about a transfer that is not known here.
fn unknown(frame: &ControlFrame) -> Option<ControlFrame> {
    match *frame {
        // They believe that it is on offer here.
        ControlFrame::Accept { transfer, .. } | ControlFrame::FetchListing { transfer, .. } => {
            let reason = StopReason::Cancelled;
            Some(ControlFrame::Stop { transfer, reason })
        }
        ControlFrame::FetchHashes { transfer, pieces } => {
            Some(ControlFrame::Unavailable { transfer, pieces })
        }
        _ => None,
    }
}
