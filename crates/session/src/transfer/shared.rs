//! One transfer, as every member of the room takes part in it.
//!
//! ```text
//!  Offered ─► Queued ─► Opening ─► Hashing ─► Pulling ─► Finishing ─► Done
//!          accept   its turn   room    hashes    what is     in its
//!                              made     fold     wanted      place
//!  Own: offered from here
//! ```
//!
//! What is here is given to whoever asks, in every state.

mod giving;
mod hashing;
mod receiving;
mod supply;

use std::sync::Arc;

use bytes::Bytes;
use snug_protocol::{
    ClientId, ControlFrame, Hash, Listing, Manifest, Offer, StopReason, TransferId,
};

use self::{hashing::Fetch, supply::Supply};
use super::{
    Cx, Members,
    announced::{Holding, Others},
    member::{Member, Role},
    meter::Meter,
    pieces::HaveMap,
    pull::Pull,
    wanted::Wanted,
};
use crate::{
    Event, Progress, Selection, Source, StoreOutput, Time, TransferError, maps::BTreeMap,
    outbox::Outbox,
};

/// A transfer.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) transfer: TransferId,
    pub(super) offer: Offer,
    listing: Arc<Listing>,
    /// As it is passed on; nothing for a single file.
    encoded_listing: Bytes,
    /// Whose share of the room for offers it takes until it goes: the first who offered it here.
    /// Nobody's if it is this member's own.
    charged: Option<ClientId>,
    /// One a piece, once they are known.
    hashes: Option<Arc<[Hash]>>,
    pub(super) state: State,
    members: Members,
    supply: Supply,
    paused: bool,
    /// Pieces to ask for before all others, once pieces are asked for.
    priority: std::ops::Range<u32>,
    /// Whether what is here can be read, as far as is known.
    readable: bool,
}

/// What has become of a transfer here.
#[derive(Debug)]
pub(super) enum State {
    /// Offered from here.
    Own,
    Offered,
    Queued {
        selection: Selection,
    },
    Opening {
        wanted: Wanted,
    },
    Hashing {
        wanted: Wanted,
        have: HaveMap,
        fetch: Option<Fetch>,
    },
    Pulling(Pull),
    Finishing {
        wanted: Wanted,
        meter: Meter,
    },
    Done {
        wanted: Wanted,
    },
}

impl Shared {
    /// Somebody offers it.
    pub(super) fn offered(
        offer: Offer,
        listing: Arc<Listing>,
        encoded_listing: Bytes,
        first: ClientId,
    ) -> Self {
        Self {
            charged: Some(first),
            ..Self::new(offer, listing, encoded_listing)
        }
    }

    fn new(offer: Offer, listing: Arc<Listing>, encoded_listing: Bytes) -> Self {
        Self {
            transfer: offer.transfer(),
            charged: None,
            hashes: only_hash(&offer.manifest),
            offer,
            listing,
            encoded_listing,
            state: State::Offered,
            members: BTreeMap::new(),
            supply: Supply::Flowing,
            paused: false,
            priority: 0..0,
            readable: true,
        }
    }

    /// It is offered from here.
    pub(super) fn own(source: Source, listing: Arc<Listing>) -> Self {
        let Source {
            offer,
            listing: encoded_listing,
            hashes,
        } = source;
        Self {
            state: State::Own,
            hashes: Some(hashes),
            ..Self::new(offer, listing, encoded_listing)
        }
    }

    /// What is on its way in, or here, is offered from here as well.
    pub(super) fn transition_to_own(&mut self, source: Source, cx: &mut Cx<'_>) {
        if self.has_sink() {
            cx.out.store(StoreOutput::DiscardSink {
                transfer: self.transfer,
            });
        }
        self.hashes = Some(source.hashes);
        self.charged = None;
        self.state = State::Own;
        self.readable = true;
    }

    pub(super) const fn manifest(&self) -> &Manifest {
        &self.offer.manifest
    }

    pub(super) const fn is_own(&self) -> bool {
        matches!(self.state, State::Own)
    }

    /// Whether it is here in full, as far as it was wanted.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    /// Whether it takes of a member's share of the room for offers.
    pub(super) fn is_charged_to(&self, peer: &ClientId) -> bool {
        let offers = self.members.get(peer).is_some_and(Member::offers);
        offers || self.charged.as_ref() == Some(peer)
    }

    /// Whether the host has something open for it that is not complete.
    pub(super) const fn has_sink(&self) -> bool {
        match self.state {
            State::Own | State::Offered | State::Queued { .. } | State::Done { .. } => false,
            State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => true,
        }
    }

    fn is_stranded(&self) -> bool {
        self.supply == Supply::Stranded
    }

    /// Whether it takes part in the competition for storage and network.
    pub(super) fn is_active(&self) -> bool {
        self.has_sink() && !self.paused && !self.is_stranded()
    }

    /// Pieces under way to here.
    pub(super) fn under_way(&self) -> usize {
        match &self.state {
            State::Pulling(pull) => pull.under_way(),
            _ => 0,
        }
    }

    /// Takes note of everyone who may want it, so that all deal out its pieces alike.
    pub(super) fn meet_all(&mut self, cx: &Cx<'_>) {
        for peer in cx.links.keys() {
            self.member(peer);
        }
    }

    /// Takes note of those who had to do with it before it was known here.
    pub(super) fn meet(&mut self, others: Others, cx: &mut Cx<'_>) {
        for (peer, holding) in others.sources {
            self.on_offered(&peer, cx);
            if let Holding::Part {
                wanted,
                shares,
                have,
            } = holding
            {
                self.note_accept(&peer, wanted, shares, cx);
                self.member(&peer).have = have;
            }
        }
        for early in others.early {
            self.note_accept(&early.peer, early.wanted, early.shares, cx);
        }
    }

    /// Tells of it when somebody offers it for the first time.
    pub(super) fn tell_offered(&self, cx: &mut Cx<'_>) {
        let Some(from) = self.charged.clone() else {
            return;
        };
        cx.out.event(Event::Offered {
            transfer: self.transfer,
            from,
            offer: self.offer.clone(),
            listing: self.listing.clone(),
        });
    }

    /// A member is linked.
    pub(super) fn on_up(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        self.member(peer).linked = true;
        self.on_members_changed();
        let Some(line) = cx.links.get_mut(peer) else {
            return;
        };
        match &self.state {
            State::Offered => {}
            State::Own | State::Done { .. } => line.queue(self.transfer),
            // What is on its way does not wait for what may never be.
            State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => line.queue_first(self.transfer),
        }
    }

    /// A member hears what this one has to do with it.
    pub(super) fn introduce(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        let role = self.member(peer).role;
        let interested = !matches!(role, Role::Declined | Role::Complete { .. });
        match &self.state {
            State::Own => {
                if interested {
                    cx.tell(peer, &ControlFrame::Offer(self.offer.clone()));
                }
            }
            State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => {
                if role == Role::Bystander && self.is_orphaned(cx) && self.can_pass_on(cx) {
                    cx.tell(peer, &ControlFrame::Offer(self.offer.clone()));
                }
                cx.tell(peer, &self.accept(cx));
                self.tell_have(peer, cx);
            }
            State::Done { .. } => {
                if interested && self.is_orphaned(cx) {
                    self.pass_on(peer, cx);
                }
            }
            State::Offered => {}
        }
    }

    pub(super) fn on_down(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        let mut offered = false;
        if let Some(member) = self.members.get_mut(peer) {
            member.on_down();
            offered = member.offers();
        }
        self.take_back(peer, cx);
        self.on_members_changed();
        self.check_supply(cx);
        if offered && self.is_orphaned(cx) {
            self.pass_on_to_bystanders(cx);
        }
    }

    /// A member has left. Says whether nothing is left of the transfer.
    pub(super) fn on_departed(&mut self, peer: &ClientId, cx: &mut Cx<'_>) -> Gone {
        self.take_back(peer, cx);
        let Some(member) = self.members.remove(peer) else {
            return Gone::No;
        };
        if self.is_own() && member.pulls() {
            cx.out.event(Event::TransferFailed {
                transfer: self.transfer,
                to: Some(peer.clone()),
                reason: TransferError::ReceiverGone,
            });
        }
        self.on_members_changed();
        self.lose_offer(peer, member.role, TransferError::SourceGone, cx)
    }

    /// Somebody stops giving or getting it. Says whether nothing is left of the transfer.
    pub(super) fn on_stop(&mut self, peer: &ClientId, reason: StopReason, cx: &mut Cx<'_>) -> Gone {
        self.take_back(peer, cx);
        let member = self.member(peer);
        let role = member.role;
        if role != Role::Bystander {
            member.role = Role::Declined;
        }
        member.have = HaveMap::new(member.have.pieces());
        member.forget_requests();
        if self.is_own() && matches!(role, Role::Pulls { .. }) {
            cx.out.event(Event::TransferFailed {
                transfer: self.transfer,
                to: Some(peer.clone()),
                reason: TransferError::Stopped(reason),
            });
        }
        self.on_members_changed();
        self.lose_offer(peer, role, TransferError::Stopped(reason), cx)
    }

    /// A member who had it or was getting it is out.
    fn lose_offer(
        &mut self,
        peer: &ClientId,
        role: Role,
        reason: TransferError,
        cx: &mut Cx<'_>,
    ) -> Gone {
        match &self.state {
            State::Offered => {
                let withdrawn = role == Role::Offers && is_withdrawal(&reason);
                self.withdraw_if_nobody_gives(peer, withdrawn, cx)
            }
            State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_) => {
                let offered = self.members.values().any(Member::offers);
                if role == Role::Offers && !offered && is_withdrawal(&reason) {
                    return Gone::Failed(reason);
                }
                self.check_supply(cx);
                match reason {
                    // Why it cannot be had is known: its owner said so.
                    TransferError::Stopped(_) if role == Role::Offers && self.is_stranded() => {
                        Gone::Failed(reason)
                    }
                    _ => Gone::No,
                }
            }
            // Everything is here already.
            State::Own | State::Finishing { .. } | State::Done { .. } => Gone::No,
        }
    }

    /// It is on offer as long as somebody has something of it to give. Says whether it is not.
    fn withdraw_if_nobody_gives(&self, last: &ClientId, withdrawn: bool, cx: &mut Cx<'_>) -> Gone {
        if !matches!(self.state, State::Offered) || self.is_given(withdrawn) {
            return Gone::No;
        }
        cx.out.event(Event::OfferWithdrawn {
            transfer: self.transfer,
            from: last.clone(),
        });
        Gone::Yes
    }

    /// Whether any of it can be had, and all of it may be.
    pub(super) fn is_given(&self, withdrawn: bool) -> bool {
        let gives = |member: &Member| match member.role {
            Role::Offers | Role::Complete { shares: true } => true,
            // Together they may have all of it.
            Role::Pulls { shares, .. } => shares && !withdrawn,
            Role::Bystander | Role::Complete { shares: false } | Role::Declined => false,
        };
        self.members.values().any(gives)
    }

    /// The session ends: what is here can be gone on with another time, where it can be kept.
    pub(super) fn close(self, out: &mut Outbox) {
        let transfer = self.transfer;
        if self.has_sink() {
            out.store(StoreOutput::SuspendSink { transfer });
        } else if matches!(self.state, State::Own | State::Done { .. }) {
            out.store(StoreOutput::CloseSource { transfer });
        }
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        match &mut self.state {
            State::Own => self.tell_uploads(cx),
            State::Hashing {
                fetch: Some(fetch), ..
            } => fetch.on_silence(cx.now),
            State::Pulling(pull) => {
                pull.on_silence(&mut self.members, cx);
                self.tell_progress(cx);
            }
            State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { fetch: None, .. }
            | State::Finishing { .. }
            | State::Done { .. } => {}
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Own => {
                let receivers = self.members.values().filter(|member| member.pulls());
                receivers.map(|member| member.upload.meter.due()).min()
            }
            State::Hashing { .. } => self.poll_hashes(),
            State::Pulling(pull) => pull.poll_timeout(),
            State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Finishing { .. }
            | State::Done { .. } => None,
        }
    }

    /// What every member is told that may have something to give.
    fn accept(&self, cx: &Cx<'_>) -> ControlFrame {
        let wanted = match &self.state {
            State::Opening { wanted }
            | State::Hashing { wanted, .. }
            | State::Finishing { wanted, .. }
            | State::Done { wanted } => wanted.bytes,
            State::Pulling(pull) => pull.wanted.bytes,
            State::Queued { selection } => self.wanted(selection).bytes,
            State::Own | State::Offered => 0,
        };
        ControlFrame::Accept {
            transfer: self.transfer,
            wanted,
            shares: cx.shares,
        }
    }

    fn wanted(&self, selection: &Selection) -> Wanted {
        Wanted::new(&self.offer.manifest, &self.listing, selection)
    }

    fn member(&mut self, peer: &ClientId) -> &mut Member {
        let pieces = self.offer.manifest.pieces();
        let transfer = self.transfer;
        self.members
            .entry(peer.clone())
            .or_insert_with(|| Member::new(peer, transfer, pieces))
    }

    fn on_members_changed(&mut self) {
        if let State::Pulling(pull) = &mut self.state {
            pull.on_members_changed();
        }
    }

    fn take_back(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        match &mut self.state {
            State::Hashing {
                fetch: Some(fetch), ..
            } => fetch.take_back(peer),
            State::Pulling(pull) => pull.take_back(peer, cx),
            _ => {}
        }
    }

    fn progress(&self, to: Option<ClientId>, meter: &Meter, total: u64) -> Event {
        let (rate, eta) = meter.rate(total);
        Event::Progress(Progress {
            transfer: self.transfer,
            to,
            bytes: meter.bytes().min(total),
            total,
            rate,
            eta,
        })
    }
}

/// What is left of a transfer after somebody went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gone {
    /// It goes on, or waits.
    No,
    /// Nobody offers it, and nobody here wanted it yet.
    Yes,
    /// It cannot go on.
    Failed(TransferError),
}

/// Whether the one who offered it does not want it to be had.
const fn is_withdrawal(reason: &TransferError) -> bool {
    matches!(reason, TransferError::Stopped(StopReason::Cancelled))
}

/// The only piece of a small file has the file's own hash, if it is what it claims to be.
fn only_hash(manifest: &Manifest) -> Option<Arc<[Hash]>> {
    match manifest.pieces() {
        0 => Some(Arc::from([])),
        1 => Some(Arc::from([manifest.root()])),
        _ => None,
    }
}
