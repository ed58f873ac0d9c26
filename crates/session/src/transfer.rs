//! Files: offered to everyone, pulled piece by piece by whoever wants them, from whoever has them.

mod announced;
mod frames;
mod line;
mod member;
mod meter;
mod pace;
mod pieces;
mod pull;
mod shared;
mod storage;
mod uplink;
mod wanted;

use std::{collections::VecDeque, ops, sync::Arc};

use bytes::Bytes;
use snug_protocol::{BulkFrame, ClientId, ControlFrame, DecodeError, StopReason, TransferId};

use self::{
    announced::Announced,
    line::Line,
    member::Member,
    shared::{Gone, Shared},
    uplink::Uplink,
};
use crate::{
    CommandError, Event, LinkId, LinkOutput, Selection, Source, StoreOutput, Time, TransferError,
    limits::{ACTIVE_DOWNLOADS, OFFERS_PER_MEMBER, PIECES_IN_FLIGHT},
    maps::BTreeMap,
    outbox::Outbox,
};

/// Everything that this member sends and receives.
#[derive(Debug)]
pub(crate) struct Transfers {
    me: ClientId,
    /// Whether what is received is passed on.
    shares: bool,
    shared: BTreeMap<TransferId, Shared>,
    announced: Announced,
    /// Accepted, waiting for their turn.
    queue: VecDeque<TransferId>,
    /// For each linked member, the pieces on their way to it.
    uplinks: BTreeMap<LinkId, Uplink>,
    links: Links,
}

/// The members that frames reach, and how.
type Links = BTreeMap<ClientId, Line>;

/// The other members, as far as one transfer goes.
type Members = BTreeMap<ClientId, Member>;

/// What a transfer acts with.
struct Cx<'a> {
    me: &'a ClientId,
    shares: bool,
    links: &'a mut Links,
    /// Bytes told so far.
    told: usize,
    now: Time,
    out: &'a mut Outbox,
}

impl Cx<'_> {
    fn tell(&mut self, peer: &ClientId, frame: &ControlFrame) {
        if let Some(line) = self.links.get(peer) {
            let frame = frame.encode();
            self.told += frame.len();
            self.out.link(line.link, LinkOutput::SendControl(frame));
        }
    }

    fn tell_all(&mut self, frame: &ControlFrame) {
        for line in self.links.values() {
            self.out.control(line.link, frame);
        }
    }
}

impl Transfers {
    pub(crate) fn new(me: ClientId, shares: bool) -> Self {
        Self {
            me,
            shares,
            shared: BTreeMap::new(),
            announced: Announced::default(),
            queue: VecDeque::new(),
            uplinks: BTreeMap::new(),
            links: Links::new(),
        }
    }

    /// Offers something to everyone.
    pub(crate) fn offer(
        &mut self,
        source: Source,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let own = self.shared.values().filter(|shared| shared.is_own());
        if own.count() >= OFFERS_PER_MEMBER {
            return Err(CommandError::TooManyTransfers);
        }
        let listing = match source.offer.own_listing() {
            Some(listing) => listing,
            None => source
                .offer
                .open_listing(&source.listing)
                .map_err(|error| CommandError::InvalidOffer(error.to_string()))?,
        };
        let transfer = source.offer.transfer();
        // Its listing need not be fetched any more.
        let others = self.announced.take(transfer);
        let (transfers, mut cx) = self.split(now, out);
        if let Some(shared) = transfers.get_mut(&transfer) {
            shared.transition_to_own(source, &mut cx);
        } else {
            let mut shared = Shared::own(source, Arc::new(listing));
            shared.meet(others, &mut cx);
            transfers.insert(transfer, shared);
        }
        cx.out.event(Event::Offering { transfer });
        for line in cx.links.values_mut() {
            line.queue(transfer);
        }
        self.introduce(now, out);
        Ok(())
    }

    pub(crate) fn accept(
        &mut self,
        transfer: TransferId,
        selection: Selection,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (shared, mut cx) = self.shared(transfer, now, out)?;
        if shared.accept_all_or_some(selection, &mut cx) {
            self.queue.push_back(transfer);
            self.open_queued(now, out);
        }
        Ok(())
    }

    pub(crate) fn decline(
        &mut self,
        transfer: TransferId,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (shared, mut cx) = self.shared(transfer, now, out)?;
        shared.decline(&mut cx)?;
        self.shared.remove(&transfer);
        Ok(())
    }

    /// Stops offering or receiving.
    pub(crate) fn cancel(
        &mut self,
        transfer: TransferId,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (shared, mut cx) = self.shared(transfer, now, out)?;
        if shared.is_own() {
            self.withdraw(
                transfer,
                StopReason::Cancelled,
                TransferError::Cancelled,
                now,
                out,
            );
            return Ok(());
        }
        if shared.is_over() {
            return Err(CommandError::UnknownTransfer);
        }
        if shared.decline(&mut cx).is_ok() {
            self.shared.remove(&transfer);
            return Ok(());
        }
        let reason = StopReason::Cancelled;
        cx.tell_all(&ControlFrame::Stop { transfer, reason });
        self.fail(transfer, TransferError::Cancelled, now, out);
        Ok(())
    }

    /// Asks for nothing more of a transfer, or goes on with it.
    pub(crate) fn set_paused(
        &mut self,
        transfer: TransferId,
        paused: bool,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (shared, mut cx) = self.shared(transfer, now, out)?;
        shared.set_paused(paused, &mut cx)?;
        self.go_on(now, out);
        Ok(())
    }

    /// Asks for some bytes of a transfer before all others.
    pub(crate) fn prioritize(
        &mut self,
        transfer: TransferId,
        bytes: &ops::Range<u64>,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (shared, _) = self.shared(transfer, now, out)?;
        shared.prioritize(bytes)?;
        self.go_on(now, out);
        Ok(())
    }

    pub(crate) fn on_up(&mut self, peer: &ClientId, link: LinkId, now: Time, out: &mut Outbox) {
        self.links.insert(peer.clone(), Line::new(link));
        self.uplinks.entry(link).or_default();
        let (transfers, mut cx) = self.split(now, out);
        for shared in transfers.values_mut() {
            shared.on_up(peer, &mut cx);
        }
        self.introduce(now, out);
        self.go_on(now, out);
    }

    pub(crate) fn on_down(&mut self, peer: &ClientId, link: LinkId, now: Time, out: &mut Outbox) {
        self.links.remove(peer);
        // What the link takes counts on when it comes up again.
        if let Some(uplink) = self.uplinks.get_mut(&link) {
            uplink.clear();
        }
        let (transfers, mut cx) = self.split(now, out);
        for shared in transfers.values_mut() {
            shared.on_down(peer, &mut cx);
        }
        self.introduce(now, out);
        let (announced, mut cx) = self.split_announced(now, out);
        announced.on_down(peer, &mut cx);
        self.go_on(now, out);
    }

    pub(crate) fn on_departed(&mut self, peer: &ClientId, now: Time, out: &mut Outbox) {
        let (transfers, mut cx) = self.split(now, out);
        let ended: Vec<_> = transfers
            .iter_mut()
            .map(|(transfer, shared)| (*transfer, shared.on_departed(peer, &mut cx)))
            .collect();
        for (transfer, gone) in ended {
            self.on_gone(transfer, gone, now, out);
        }
        let (announced, mut cx) = self.split_announced(now, out);
        announced.on_departed(peer, &mut cx);
        self.go_on(now, out);
    }

    /// Bytes of a piece came on `bulk`.
    ///
    /// # Errors
    /// [`DecodeError`] when they are not a frame.
    pub(crate) fn on_bulk(
        &mut self,
        peer: &ClientId,
        frame: &Bytes,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), DecodeError> {
        let frame = BulkFrame::decode(frame)?;
        if let Ok((shared, mut cx)) = self.shared(frame.transfer, now, out) {
            shared.on_block(peer, frame, &mut cx);
        }
        Ok(())
    }

    /// A link takes more on `bulk`.
    pub(crate) fn on_credit(&mut self, link: LinkId, bytes: usize, out: &mut Outbox) {
        self.uplinks.entry(link).or_default().grant(bytes);
        self.pump(link, out);
    }

    /// A connection is gone for good.
    pub(crate) fn forget_link(&mut self, link: LinkId) {
        self.uplinks.remove(&link);
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outbox) {
        let (transfers, mut cx) = self.split(now, out);
        for shared in transfers.values_mut() {
            shared.handle_timeout(&mut cx);
        }
        let (announced, mut cx) = self.split_announced(now, out);
        announced.handle_timeout(&mut cx);
        self.go_on(now, out);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let transfers = self.shared.values().filter_map(Shared::poll_timeout);
        transfers.chain(self.announced.poll_timeout()).min()
    }

    /// The session ends: what is not complete is kept for another time, where it can be.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        for shared in std::mem::take(&mut self.shared).into_values() {
            shared.close(out);
        }
    }

    fn withdraw(
        &mut self,
        transfer: TransferId,
        stop: StopReason,
        reason: TransferError,
        now: Time,
        out: &mut Outbox,
    ) {
        let (transfers, mut cx) = self.split(now, out);
        let Some(shared) = transfers.remove(&transfer) else {
            return;
        };
        shared.withdraw(stop, &mut cx);
        cx.out.event(Event::TransferFailed {
            transfer,
            to: None,
            reason,
        });
        self.forget_pieces(transfer);
    }

    /// What came of something that happened to a transfer.
    fn on_gone(&mut self, transfer: TransferId, gone: Gone, now: Time, out: &mut Outbox) {
        match gone {
            Gone::No => {}
            Gone::Yes => drop(self.shared.remove(&transfer)),
            Gone::Failed(reason) => self.fail(transfer, reason, now, out),
        }
    }

    fn fail(&mut self, transfer: TransferId, reason: TransferError, now: Time, out: &mut Outbox) {
        let Some(shared) = self.shared.remove(&transfer) else {
            return;
        };
        if shared.has_sink() {
            out.store(match reason {
                TransferError::Cancelled => StoreOutput::DiscardSink { transfer },
                // Whoever says that it is not to be had any more may not have the right to.
                _ => StoreOutput::SuspendSink { transfer },
            });
        }
        out.event(Event::TransferFailed {
            transfer,
            to: None,
            reason,
        });
        self.forget_pieces(transfer);
        self.open_queued(now, out);
    }

    /// Asks for more, and lets others have the turn of those that wait for somebody.
    fn go_on(&mut self, now: Time, out: &mut Outbox) {
        self.pull(now, out);
        self.open_queued(now, out);
    }

    /// Opens the next ones while there is room for them.
    fn open_queued(&mut self, now: Time, out: &mut Outbox) {
        if self.queue.is_empty() {
            return;
        }
        let active = self.shared.values().filter(|it| it.is_active());
        let mut active = active.count();
        while active < ACTIVE_DOWNLOADS {
            let Some(transfer) = self.queue.pop_front() else {
                return;
            };
            if let Ok((shared, mut cx)) = self.shared(transfer, now, out) {
                shared.open(&mut cx);
                active += usize::from(shared.is_active());
            }
        }
    }

    /// Tells everyone of what they have not heard of yet, as much as each takes now.
    fn introduce(&mut self, now: Time, out: &mut Outbox) {
        let peers: Vec<_> = self.links.keys().cloned().collect();
        for peer in peers {
            self.introduce_to(&peer, now, out);
        }
    }

    fn introduce_to(&mut self, peer: &ClientId, now: Time, out: &mut Outbox) {
        while let Some(transfer) = self.links.get_mut(peer).and_then(Line::next) {
            let Ok((shared, mut cx)) = self.shared(transfer, now, out) else {
                continue;
            };
            shared.introduce(peer, &mut cx);
            let told = cx.told;
            if let Some(line) = self.links.get_mut(peer) {
                line.on_told(told, out);
            }
        }
    }

    /// Asks for as much as may be on its way at once.
    fn pull(&mut self, now: Time, out: &mut Outbox) {
        let (transfers, mut cx) = self.split(now, out);
        let under_way: usize = transfers.values().map(Shared::under_way).sum();
        let mut budget = PIECES_IN_FLIGHT.saturating_sub(under_way);
        for shared in transfers.values_mut() {
            budget -= shared.pull(budget, &mut cx);
        }
    }

    /// Sends as much as a link takes.
    fn pump(&mut self, link: LinkId, out: &mut Outbox) {
        let Some(uplink) = self.uplinks.get_mut(&link) else {
            return;
        };
        let peer = self.links.iter().find(|(_, line)| line.link == link);
        let peer = peer.map(|(peer, _)| peer);
        uplink.pump(link, out, |transfer, piece, bytes| {
            let shared = self.shared.get_mut(&transfer);
            if let (Some(shared), Some(peer)) = (shared, peer) {
                shared.on_sent(peer, piece, bytes as u64);
            }
        });
    }

    fn forget_pieces(&mut self, transfer: TransferId) {
        for uplink in self.uplinks.values_mut() {
            uplink.forget(transfer);
        }
    }

    /// Lets something happen to a transfer, if it is known.
    fn with(
        &mut self,
        transfer: TransferId,
        now: Time,
        out: &mut Outbox,
        act: impl FnOnce(&mut Shared, &mut Cx<'_>) -> Gone,
    ) {
        let Ok((shared, mut cx)) = self.shared(transfer, now, out) else {
            return;
        };
        let gone = act(shared, &mut cx);
        self.on_gone(transfer, gone, now, out);
    }

    fn shared<'a>(
        &'a mut self,
        transfer: TransferId,
        now: Time,
        out: &'a mut Outbox,
    ) -> Result<(&'a mut Shared, Cx<'a>), CommandError> {
        let (transfers, cx) = self.split(now, out);
        let shared = transfers.get_mut(&transfer);
        shared
            .map(|shared| (shared, cx))
            .ok_or(CommandError::UnknownTransfer)
    }

    fn split<'a>(
        &'a mut self,
        now: Time,
        out: &'a mut Outbox,
    ) -> (&'a mut BTreeMap<TransferId, Shared>, Cx<'a>) {
        let cx = Cx {
            me: &self.me,
            shares: self.shares,
            links: &mut self.links,
            told: 0,
            now,
            out,
        };
        (&mut self.shared, cx)
    }

    fn split_announced<'a>(
        &'a mut self,
        now: Time,
        out: &'a mut Outbox,
    ) -> (&'a mut Announced, Cx<'a>) {
        let cx = Cx {
            me: &self.me,
            shares: self.shares,
            links: &mut self.links,
            told: 0,
            now,
            out,
        };
        (&mut self.announced, cx)
    }
}
