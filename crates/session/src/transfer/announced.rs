//! Offers whose listing is on its way.

mod incoming;

use std::collections::VecDeque;

use bytes::Bytes;
use snug_protocol::{ClientId, Listing, Offer, TransferId};

use self::incoming::{Incoming, UnderWay};
use super::{Cx, frames::memory_of, pieces::HaveMap};
use crate::{Time, limits::EARLY_ACCEPTS, maps::BTreeMap};

/// What was offered and cannot be shown yet.
#[derive(Debug, Default)]
pub(super) struct Announced {
    offers: BTreeMap<TransferId, Incoming>,
    /// Who gets what is not known here yet: it may have heard of it sooner.
    early: VecDeque<Early>,
}

/// Somebody who gets something that is not known here yet.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) peer: ClientId,
    transfer: TransferId,
    pub(super) wanted: u64,
    pub(super) shares: bool,
}

/// What somebody who offers something has of it.
#[derive(Debug)]
pub(super) enum Holding {
    All,
    /// What it has got so far, or wanted.
    Part {
        wanted: u64,
        shares: bool,
        have: HaveMap,
    },
}

/// An offer that is complete.
#[derive(Debug)]
pub(super) struct Complete {
    pub(super) offer: Offer,
    pub(super) listing: Listing,
    pub(super) encoded: Bytes,
    pub(super) first: ClientId,
    pub(super) others: Others,
}

/// Those who had to do with something before it was known here.
#[derive(Debug)]
pub(super) struct Others {
    pub(super) sources: BTreeMap<ClientId, Holding>,
    pub(super) early: Vec<Early>,
}

impl Announced {
    /// Notes that a member offers something, for the first time or again.
    pub(super) fn add(&mut self, offer: Offer, peer: &ClientId, cx: &mut Cx<'_>) {
        let incoming = self.offers.entry(offer.transfer()).or_default();
        incoming.add(offer, peer);
        self.ask(cx);
    }

    /// What somebody has announced: how many offers, and bytes of their listings.
    pub(super) fn load_of(&self, peer: &ClientId) -> (usize, u64) {
        let theirs = self.offers.values().filter_map(|it| it.announcer(peer));
        theirs.fold((0, 0), |(count, bytes), it| {
            (count + 1, bytes + memory_of(&it.offer))
        })
    }

    /// Takes out what is known of a transfer, as it is known from elsewhere now.
    pub(super) fn take(&mut self, transfer: TransferId) -> Others {
        let incoming = self.offers.remove(&transfer).unwrap_or_default();
        let (_, announcers) = incoming.into_parts();
        let sources = announcers.into_iter().map(|it| (it.peer, it.holding));
        self.others(transfer, sources.collect())
    }

    /// Those who offer a transfer, and those who get it and do not.
    pub(super) fn others(
        &mut self,
        transfer: TransferId,
        sources: BTreeMap<ClientId, Holding>,
    ) -> Others {
        let (now, later) = std::mem::take(&mut self.early)
            .into_iter()
            .partition::<VecDeque<_>, _>(|early| early.transfer == transfer);
        self.early = later;
        let early = now
            .into_iter()
            .filter(|early| !sources.contains_key(&early.peer));
        Others {
            early: early.collect(),
            sources,
        }
    }

    fn note_early(&mut self, early: Early) {
        self.forget_early(&early.peer, Some(early.transfer));
        self.early.push_back(early);
        if self.early.len() > EARLY_ACCEPTS {
            self.early.pop_front();
        }
    }

    /// A member does not get something any more, or anything.
    fn forget_early(&mut self, peer: &ClientId, transfer: Option<TransferId>) {
        let about = |early: &Early| transfer.is_none_or(|transfer| early.transfer == transfer);
        self.early
            .retain(|early| early.peer != *peer || !about(early));
    }

    /// Somebody gets it. Says whether its listing is on its way here.
    pub(super) fn on_accept(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        wanted: u64,
        shares: bool,
    ) -> bool {
        self.note_early(Early {
            peer: peer.clone(),
            transfer,
            wanted,
            shares,
        });
        let Some(incoming) = self.offers.get_mut(&transfer) else {
            return false;
        };
        if let Some(announcer) = incoming.announcer_mut(peer) {
            // It only passes the offer on.
            announcer.holding = Holding::Part {
                wanted,
                shares,
                have: HaveMap::new(announcer.offer.manifest.pieces()),
            };
        }
        true
    }

    /// Somebody names pieces that it has.
    ///
    /// # Errors
    /// What the peer did wrong, in words.
    pub(super) fn on_have(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        first: u32,
        bits: &[u8],
    ) -> Result<(), String> {
        let incoming = self.offers.get_mut(&transfer);
        let announcer = incoming.and_then(|incoming| incoming.announcer_mut(peer));
        if let Some(Holding::Part { have, .. }) = announcer.map(|it| &mut it.holding) {
            have.add(first, bits).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// A part of a listing came.
    ///
    /// # Errors
    /// What the peer did wrong, in words.
    pub(super) fn on_part(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        offset: u32,
        part: &[u8],
        cx: &mut Cx<'_>,
    ) -> Result<Option<Complete>, String> {
        let Some(incoming) = self.offers.get_mut(&transfer) else {
            return Ok(None);
        };
        if !incoming.on_part(peer, offset, part, cx.now) {
            self.ask(cx);
            return Ok(None);
        }
        let opened = incoming.open(peer);
        let result = match opened {
            Ok(listing) => Ok(self.complete(transfer, peer, listing)),
            Err(error) => {
                self.remove(peer, transfer);
                Err(error.to_string())
            }
        };
        self.ask(cx);
        result
    }

    /// A member does not offer something any more.
    pub(super) fn lose(&mut self, peer: &ClientId, transfer: TransferId, cx: &mut Cx<'_>) {
        self.remove(peer, transfer);
        self.ask(cx);
    }

    pub(super) fn on_down(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        self.forget_early(peer, None);
        for incoming in self.offers.values_mut() {
            incoming.on_down(peer);
        }
        self.ask(cx);
    }

    pub(super) fn on_departed(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        self.forget_early(peer, None);
        self.offers.retain(|_, incoming| !incoming.remove(peer));
        self.ask(cx);
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        for incoming in self.offers.values_mut() {
            incoming.on_silence(cx.now);
        }
        self.ask(cx);
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let offers = self.offers.values();
        offers.filter_map(Incoming::poll_timeout).min()
    }

    /// Asks each source for as many parts as may be under way from there.
    fn ask(&mut self, cx: &mut Cx<'_>) {
        let mut under_way = UnderWay::new();
        for incoming in self.offers.values() {
            incoming.count(&mut under_way);
        }
        // What has begun goes on before anything else begins.
        for (transfer, incoming) in self.offers.iter_mut().filter(|(_, it)| it.waits()) {
            incoming.ask(*transfer, &mut under_way, cx);
        }
        for (transfer, incoming) in self.offers.iter_mut().filter(|(_, it)| !it.waits()) {
            incoming.choose(&under_way, cx);
            incoming.ask(*transfer, &mut under_way, cx);
        }
    }

    /// A member does not offer something any more, or not what it announced.
    fn remove(&mut self, peer: &ClientId, transfer: TransferId) {
        self.forget_early(peer, Some(transfer));
        let incoming = self.offers.get_mut(&transfer);
        if incoming.is_some_and(|incoming| incoming.remove(peer)) {
            self.offers.remove(&transfer);
        }
    }

    /// The listing is here, from one who described the offer truly.
    fn complete(
        &mut self,
        transfer: TransferId,
        from: &ClientId,
        listing: Listing,
    ) -> Option<Complete> {
        let incoming = self.offers.remove(&transfer)?;
        let offer = incoming.announcer(from)?.offer.clone();
        let (encoded, announcers) = incoming.into_parts();
        let sources = announcers.into_iter().map(|it| (it.peer, it.holding));
        Some(Complete {
            offer,
            listing,
            encoded: encoded.into(),
            first: from.clone(),
            others: self.others(transfer, sources.collect()),
        })
    }
}
