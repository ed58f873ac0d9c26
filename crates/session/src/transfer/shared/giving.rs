//! What of a transfer is given to others, and what they make of it.

use snug_protocol::{
    ClientId, ControlFrame, DeclineReason, Manifest, Range, StopReason,
    limits::{HASHES_PER_FRAME, LISTING_CHUNK_BYTES, PIECE_BYTES},
};

use super::{
    super::{
        Cx,
        member::{Role, Upload},
        meter::Meter,
        pieces::{HaveMap, News},
    },
    Gone, Shared, State,
};
use crate::{Event, StoreOutput, limits::REQUESTS_PER_LINK};

impl Shared {
    /// Withdraws what is offered from here.
    pub(in super::super) fn withdraw(&self, reason: StopReason, cx: &mut Cx<'_>) {
        let transfer = self.transfer;
        let done = |peer: &ClientId| {
            let role = self.members.get(peer).map(|member| member.role);
            matches!(role, Some(Role::Declined | Role::Complete { .. }))
        };
        for (_, line) in cx.links.iter().filter(|(peer, _)| !done(peer)) {
            cx.out
                .control(line.link, &ControlFrame::Stop { transfer, reason });
        }
        cx.out.store(StoreOutput::CloseSource { transfer });
    }

    /// A member gets it now. Says whether nothing is left of the transfer: who only passed the offer
    /// on may have nothing to give.
    pub(in super::super) fn on_accept(
        &mut self,
        peer: &ClientId,
        wanted: u64,
        shares: bool,
        cx: &mut Cx<'_>,
    ) -> Gone {
        self.note_accept(peer, wanted, shares, cx);
        self.withdraw_if_nobody_gives(peer, false, cx)
    }

    pub(super) fn note_accept(
        &mut self,
        peer: &ClientId,
        wanted: u64,
        shares: bool,
        cx: &mut Cx<'_>,
    ) {
        let member = self.member(peer);
        let known = member.pulls();
        if !known {
            member.upload = Upload::default();
        }
        if member.offers() {
            // It only passes the offer on, and has what it names.
            member.have = HaveMap::new(member.have.pieces());
        }
        member.role = Role::Pulls { wanted, shares };
        self.on_members_changed();
        if cx.shares {
            self.tell_have(peer, cx);
        }
        // Who comes to it later than this one does not know yet that this one is at it.
        let at_it = self.has_sink() || matches!(self.state, State::Queued { .. });
        if at_it && !known {
            cx.tell(peer, &self.accept(cx));
        }
    }

    pub(in super::super) fn on_decline(
        &mut self,
        peer: &ClientId,
        reason: DeclineReason,
        cx: &mut Cx<'_>,
    ) -> Gone {
        let own = self.is_own();
        let before = std::mem::replace(&mut self.member(peer).role, Role::Declined);
        if own && !matches!(before, Role::Declined | Role::Complete { .. }) {
            cx.out.event(Event::Declined {
                transfer: self.transfer,
                by: peer.clone(),
                reason,
            });
        }
        self.on_members_changed();
        self.withdraw_if_nobody_gives(peer, false, cx)
    }

    /// A member has all that it wanted.
    pub(in super::super) fn on_complete(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        let (transfer, size) = (self.transfer, self.manifest().size());
        let member = self.member(peer);
        let (wanted, shares) = match member.role {
            Role::Pulls { wanted, shares } => (wanted, shares),
            // What it has it says when somebody wants it.
            Role::Bystander | Role::Declined => (size, true),
            Role::Offers | Role::Complete { .. } => return,
        };
        member.role = Role::Complete { shares };
        let meter = std::mem::take(&mut member.upload).meter;
        self.on_members_changed();
        if !self.is_own() {
            return;
        }
        let rest = wanted.saturating_sub(meter.bytes());
        let mut whole = meter;
        whole.add(rest);
        cx.out
            .event(self.progress(Some(peer.clone()), &whole, wanted));
        cx.out.event(Event::Delivered {
            transfer,
            to: peer.clone(),
        });
    }

    /// A member says what it has.
    ///
    /// # Errors
    /// What it did wrong, in words.
    pub(in super::super) fn on_have(
        &mut self,
        peer: &ClientId,
        first: u32,
        bits: &[u8],
        cx: &mut Cx<'_>,
    ) -> Result<(), String> {
        let (own, manifest) = (self.is_own(), *self.manifest());
        let member = self.member(peer);
        let news = member
            .on_have(first, bits)
            .map_err(|error| error.to_string())?;
        if news.pieces == 0 {
            return Ok(());
        }
        if own {
            let bytes = bytes_of(news, &manifest);
            member.upload.on_have(&member.have, bytes);
        }
        self.check_supply(cx);
        Ok(())
    }

    pub(in super::super) fn on_asked(&mut self, peer: &ClientId, pieces: Range, cx: &Cx<'_>) {
        self.member(peer).on_asked(pieces, cx.now);
    }

    pub(in super::super) fn on_fetch_hashes(
        &self,
        peer: &ClientId,
        pieces: Range,
        cx: &mut Cx<'_>,
    ) {
        let transfer = self.transfer;
        let count = (pieces.count as usize).min(HASHES_PER_FRAME);
        let first = pieces.first as usize;
        let known = self.hashes.as_ref();
        let Some(hashes) = known.and_then(|hashes| hashes.get(first..first + count)) else {
            return cx.tell(peer, &ControlFrame::Unavailable { transfer, pieces });
        };
        let frame = ControlFrame::Hashes {
            transfer,
            first: pieces.first,
            hashes: hashes.to_vec(),
        };
        cx.tell(peer, &frame);
    }

    pub(in super::super) fn on_fetch_listing(&self, peer: &ClientId, offset: u32, cx: &mut Cx<'_>) {
        let rest = self
            .encoded_listing
            .get(offset as usize..)
            .unwrap_or_default();
        let bytes = rest[..rest.len().min(LISTING_CHUNK_BYTES)].to_vec();
        if !bytes.is_empty() {
            let frame = ControlFrame::Listing {
                transfer: self.transfer,
                offset,
                bytes,
            };
            cx.tell(peer, &frame);
        }
    }

    /// Whether these pieces can be had from here.
    pub(in super::super) fn gives(&self, pieces: Range, cx: &Cx<'_>) -> bool {
        let end = pieces.first.saturating_add(pieces.count);
        let willing = self.readable && (self.is_own() || cx.shares);
        // Before looking at each: a few bytes can name a million.
        let few = pieces.count as usize <= REQUESTS_PER_LINK;
        willing
            && few
            && end <= self.manifest().pieces()
            && pieces.iter().all(|piece| self.has(piece))
    }

    /// Bytes of a piece go to a member.
    pub(in super::super) fn on_sent(&mut self, peer: &ClientId, piece: u32, bytes: u64) {
        let len = self.manifest().piece_len(piece) as u64;
        if self.is_own()
            && let Some(member) = self.members.get_mut(peer)
            && !member.have.has(piece)
        {
            member.upload.on_sent(piece, bytes, len);
        }
    }

    /// What was received cannot be read any more: nobody gets it from here.
    pub(in super::super) fn on_unreadable(&mut self, cx: &mut Cx<'_>) {
        self.readable = false;
        let count = self.manifest().pieces();
        let pieces = Range { first: 0, count };
        let transfer = self.transfer;
        for (peer, _) in self.members.iter().filter(|(_, member)| member.pulls()) {
            cx.tell(peer, &ControlFrame::Unavailable { transfer, pieces });
        }
    }

    /// Tells a member which pieces can be had from here.
    pub(super) fn tell_have(&self, peer: &ClientId, cx: &mut Cx<'_>) {
        for frame in self.have_frames() {
            cx.tell(peer, &frame);
        }
    }

    /// Tells everyone who is at it which pieces are here, after an earlier try.
    pub(super) fn tell_all_have(&self, cx: &mut Cx<'_>) {
        for frame in self.have_frames() {
            self.tell_interested(&frame, cx);
        }
    }

    /// A piece is here.
    pub(super) fn announce(&self, piece: u32, cx: &mut Cx<'_>) {
        let frame = ControlFrame::Have {
            transfer: self.transfer,
            first: piece,
            bits: vec![0x80],
        };
        self.tell_interested(&frame, cx);
    }

    /// Tells how far those are who get what is offered from here.
    pub(super) fn tell_uploads(&mut self, cx: &mut Cx<'_>) {
        let mut moved: Vec<(ClientId, Meter, u64)> = Vec::new();
        for (peer, member) in &mut self.members {
            if let Role::Pulls { wanted, .. } = member.role
                && member.upload.meter.tick(cx.now)
            {
                moved.push((peer.clone(), member.upload.meter.clone(), wanted));
            }
        }
        for (peer, meter, wanted) in moved {
            cx.out.event(self.progress(Some(peer), &meter, wanted));
        }
    }

    /// Whether none of those who can be reached offers it, so that a newcomer would not hear of it.
    pub(super) fn is_orphaned(&self, cx: &Cx<'_>) -> bool {
        let mut offering = self.members.iter().filter(|(_, member)| member.offers());
        !offering.any(|(peer, _)| cx.links.contains_key(peer))
    }

    /// Offers it to those who may not know of it: nobody who offered it can be reached any more.
    pub(super) fn pass_on_to_bystanders(&self, cx: &mut Cx<'_>) {
        if !self.can_offer(cx) && !self.can_pass_on(cx) {
            return;
        }
        let members = self.members.iter();
        for (peer, _) in members.filter(|(_, member)| member.role == Role::Bystander) {
            if let Some(line) = cx.links.get_mut(peer) {
                line.queue(self.transfer);
            }
        }
    }

    /// Offers to a member what can be had from here, and says how much of it that is.
    pub(super) fn pass_on(&self, peer: &ClientId, cx: &mut Cx<'_>) {
        if self.can_offer(cx) {
            return cx.tell(peer, &ControlFrame::Offer(self.offer.clone()));
        }
        if !self.can_pass_on(cx) {
            return;
        }
        cx.tell(peer, &ControlFrame::Offer(self.offer.clone()));
        cx.tell(peer, &self.accept(cx));
        self.tell_have(peer, cx);
        let transfer = self.transfer;
        cx.tell(peer, &ControlFrame::Complete { transfer });
    }

    /// Whether any of it can be had from here.
    pub(super) fn can_pass_on(&self, cx: &Cx<'_>) -> bool {
        self.readable && cx.shares && !self.have_frames().is_empty()
    }

    /// Whether all of it can be had from here.
    pub(super) fn can_offer(&self, cx: &Cx<'_>) -> bool {
        let whole = matches!(&self.state, State::Done { wanted } if wanted.pieces.is_complete());
        whole && self.readable && cx.shares
    }

    /// Who gets it, and who wants to know how far others are: those whose offer it is.
    fn tell_interested(&self, frame: &ControlFrame, cx: &mut Cx<'_>) {
        let interested = self.members.iter();
        for (peer, _) in interested.filter(|(_, member)| member.pulls() || member.offers()) {
            cx.tell(peer, frame);
        }
    }

    fn has(&self, piece: u32) -> bool {
        match &self.state {
            State::Own => true,
            State::Pulling(pull) => pull.have.has(piece) && !pull.wanted.partly.has(piece),
            State::Finishing { wanted, .. } | State::Done { wanted } => {
                wanted.pieces.has(piece) && !wanted.partly.has(piece)
            }
            State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. } => false,
        }
    }

    fn have_frames(&self) -> Vec<ControlFrame> {
        let whole: HaveMap = match &self.state {
            State::Pulling(pull) => pull.have.minus(&pull.wanted.partly),
            State::Finishing { wanted, .. } | State::Done { wanted } if self.readable => {
                wanted.pieces.minus(&wanted.partly)
            }
            // Whose offer it is has everything, as everyone knows.
            State::Own
            | State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Finishing { .. }
            | State::Done { .. } => return Vec::new(),
        };
        let transfer = self.transfer;
        let parts = whole.parts().map(|(first, bits)| ControlFrame::Have {
            transfer,
            first,
            bits,
        });
        parts.collect()
    }
}

/// Bytes of pieces that somebody has now.
fn bytes_of(news: News, manifest: &Manifest) -> u64 {
    let whole = u64::from(news.pieces) * PIECE_BYTES as u64;
    let last = manifest.pieces().saturating_sub(1);
    let short = PIECE_BYTES - manifest.piece_len(last);
    whole - if news.last { short as u64 } else { 0 }
}
