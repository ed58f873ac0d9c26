//! Offers whose listing is on its way.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use snug_protocol::{
    ClientId, Content, ControlFrame, Listing, Offer, TransferId, limits::LISTING_CHUNK_BYTES,
};

use super::{Cx, frames::memory_of};
use crate::{
    Time,
    limits::{LISTING_PARTS_AHEAD, SOURCE_TIMEOUT},
};

/// What was offered and cannot be shown yet.
#[derive(Debug, Default)]
pub(super) struct Announced {
    offers: BTreeMap<TransferId, Incoming>,
}

/// An offer, and as much of its listing as is here.
#[derive(Debug)]
struct Incoming {
    offer: Offer,
    /// The first who offered it, and all others who do.
    first: ClientId,
    sources: BTreeSet<ClientId>,
    bytes: Vec<u8>,
    /// Who was asked, up to which byte, and when something last came.
    asked: Option<(ClientId, usize, Time)>,
}

/// An offer that is complete.
#[derive(Debug)]
pub(super) struct Complete {
    pub(super) offer: Offer,
    pub(super) listing: Listing,
    pub(super) encoded: Bytes,
    pub(super) first: ClientId,
    pub(super) sources: BTreeSet<ClientId>,
}

impl Announced {
    /// Notes that a member offers something, for the first time or again.
    pub(super) fn add(&mut self, offer: Offer, peer: &ClientId, cx: &mut Cx<'_>) {
        let transfer = offer.transfer();
        let incoming = self.offers.entry(transfer).or_insert_with(|| Incoming {
            offer,
            first: peer.clone(),
            sources: BTreeSet::new(),
            bytes: Vec::new(),
            asked: None,
        });
        incoming.sources.insert(peer.clone());
        incoming.ask(transfer, cx);
    }

    /// What somebody has announced: how many offers, and bytes of their listings.
    pub(super) fn load_of(&self, peer: &ClientId) -> (usize, u64) {
        let theirs = self.offers.values().filter(|it| it.sources.contains(peer));
        theirs.fold((0, 0), |(count, bytes), it| {
            (count + 1, bytes + memory_of(&it.offer))
        })
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
            sources: incoming.sources,
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
            let mut sources = self.sources.iter();
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
