//! Offers whose listing is on its way.

use std::collections::VecDeque;

use bytes::Bytes;
use snug_protocol::{
    ClientId, Content, ControlFrame, Listing, Offer, TransferId, limits::LISTING_CHUNK_BYTES,
};

use super::{Cx, frames::memory_of, pieces::HaveMap};
use crate::{
    Time,
    limits::{EARLY_ACCEPTS, LISTING_PARTS_AHEAD, SOURCE_TIMEOUT},
    maps::BTreeMap,
};

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

/// An offer, and as much of its listing as is here.
#[derive(Debug)]
struct Incoming {
    offer: Offer,
    /// The first who offered it, and all others who do.
    first: ClientId,
    sources: BTreeMap<ClientId, Holding>,
    bytes: Vec<u8>,
    /// Who was asked, up to which byte, and when something last came.
    asked: Option<(ClientId, usize, Time)>,
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
        let transfer = offer.transfer();
        let incoming = self.offers.entry(transfer).or_insert_with(|| Incoming {
            offer,
            first: peer.clone(),
            sources: BTreeMap::new(),
            bytes: Vec::new(),
            asked: None,
        });
        incoming.sources.insert(peer.clone(), Holding::All);
        incoming.ask(transfer, cx);
    }

    /// What somebody has announced: how many offers, and bytes of their listings.
    pub(super) fn load_of(&self, peer: &ClientId) -> (usize, u64) {
        let theirs = self
            .offers
            .values()
            .filter(|it| it.sources.contains_key(peer));
        theirs.fold((0, 0), |(count, bytes), it| {
            (count + 1, bytes + memory_of(&it.offer))
        })
    }

    /// Takes out what is known of a transfer, as it is known from elsewhere now.
    pub(super) fn take(&mut self, transfer: TransferId) -> Others {
        let incoming = self.offers.remove(&transfer);
        self.others(transfer, incoming.map(|it| it.sources).unwrap_or_default())
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
        let have = HaveMap::new(incoming.offer.manifest.pieces());
        if let Some(holding) = incoming.sources.get_mut(peer) {
            // It only passes the offer on.
            *holding = Holding::Part {
                wanted,
                shares,
                have,
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
        let holding = incoming.and_then(|incoming| incoming.sources.get_mut(peer));
        if let Some(Holding::Part { have, .. }) = holding {
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
        let Some((from, _, moved)) = &mut incoming.asked else {
            return Ok(None);
        };
        if from != peer || offset as usize != incoming.bytes.len() {
            return Ok(None);
        }
        *moved = cx.now;
        let rest = incoming.len() - incoming.bytes.len();
        incoming
            .bytes
            .extend_from_slice(&part[..part.len().min(rest)]);
        if part.len() < rest {
            incoming.ask(transfer, cx);
            return Ok(None);
        }
        match incoming.offer.open_listing(&incoming.bytes) {
            Ok(listing) => Ok(self.complete(transfer, listing)),
            Err(error) => {
                incoming.bytes.clear();
                self.lose(peer, transfer, cx);
                Err(error.to_string())
            }
        }
    }

    /// A member does not offer something any more, or not what it announced.
    pub(super) fn lose(&mut self, peer: &ClientId, transfer: TransferId, cx: &mut Cx<'_>) {
        self.forget_early(peer, Some(transfer));
        let Some(incoming) = self.offers.get_mut(&transfer) else {
            return;
        };
        incoming.sources.remove(peer);
        incoming.asked.take_if(|(from, ..)| from == peer);
        if incoming.sources.is_empty() {
            self.offers.remove(&transfer);
        } else {
            incoming.ask(transfer, cx);
        }
    }

    pub(super) fn on_down(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        self.forget_early(peer, None);
        for (transfer, incoming) in &mut self.offers {
            incoming.asked.take_if(|(from, ..)| from == peer);
            incoming.ask(*transfer, cx);
        }
    }

    pub(super) fn on_departed(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        let transfers: Vec<_> = self.offers.keys().copied().collect();
        for transfer in transfers {
            self.lose(peer, transfer, cx);
        }
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        for (transfer, incoming) in &mut self.offers {
            let late =
                |(.., moved): &mut (ClientId, usize, Time)| cx.now >= *moved + SOURCE_TIMEOUT;
            if incoming.asked.take_if(late).is_some() {
                incoming.ask(*transfer, cx);
            }
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let asked = self.offers.values().filter_map(|it| it.asked.as_ref());
        asked.map(|(.., moved)| *moved + SOURCE_TIMEOUT).min()
    }

    fn complete(&mut self, transfer: TransferId, listing: Listing) -> Option<Complete> {
        let incoming = self.offers.remove(&transfer)?;
        Some(Complete {
            offer: incoming.offer,
            listing,
            encoded: incoming.bytes.into(),
            first: incoming.first,
            others: self.others(transfer, incoming.sources),
        })
    }
}

impl Incoming {
    /// Bytes of the listing.
    const fn len(&self) -> usize {
        match &self.offer.content {
            Content::File { .. } => 0,
            Content::Listed(summary) => summary.bytes as usize,
        }
    }

    /// Asks for as many parts as may be under way, of one source.
    fn ask(&mut self, transfer: TransferId, cx: &mut Cx<'_>) {
        if self.asked.is_none() {
            let mut sources = self.sources.keys();
            let Some(source) = sources.find(|peer| cx.links.contains_key(*peer)) else {
                return;
            };
            self.asked = Some((source.clone(), self.bytes.len(), cx.now));
        }
        let (len, here) = (self.len(), self.bytes.len());
        let Some((source, until, _)) = &mut self.asked else {
            return;
        };
        let ahead = len.min(here + LISTING_PARTS_AHEAD * LISTING_CHUNK_BYTES);
        while *until < ahead {
            let offset = u32::try_from(*until).expect("listings are bounded");
            cx.tell(source, &ControlFrame::FetchListing { transfer, offset });
            *until += LISTING_CHUNK_BYTES;
        }
    }
}
