//! An offer on its way in: those who make it, and as much of its listing as one of them has given.

use snug_protocol::{
    ClientId, Content, ControlFrame, DecodeError, Listing, Offer, TransferId,
    limits::LISTING_CHUNK_BYTES,
};

use super::{super::Cx, Holding};
use crate::{
    Time,
    limits::{LISTING_PARTS_AHEAD, SOURCE_TIMEOUT},
    maps::BTreeMap,
};

/// What several members may announce as the same.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// In the order in which they said so.
    announcers: Vec<Announcer>,
    fetch: Option<Fetch>,
}

/// A member that offers it.
#[derive(Debug)]
pub(super) struct Announcer {
    pub(super) peer: ClientId,
    /// In its own words: the name of a transfer does not cover how many files and how long a
    /// listing it has.
    pub(super) offer: Offer,
    pub(super) holding: Holding,
    /// When it was last given up waiting for.
    silent: Option<Time>,
}

/// The listing, all of it from one source: should it be a wrong one, it is clear who lied.
#[derive(Debug)]
struct Fetch {
    from: ClientId,
    bytes: Vec<u8>,
    /// Bytes that its source announced.
    len: usize,
    /// Up to which byte it was asked for.
    until: usize,
    /// When something last came, or was first asked for.
    moved: Time,
}

/// Parts of listings that are under way from each source.
pub(super) type UnderWay = BTreeMap<ClientId, usize>;

impl Incoming {
    /// A member offers it, for the first time or again.
    pub(super) fn add(&mut self, offer: Offer, peer: &ClientId) {
        if let Some(known) = self.announcer_mut(peer) {
            known.holding = Holding::All;
            let news = known.offer.content != offer.content;
            known.offer = offer;
            if news {
                self.fetch.take_if(|fetch| fetch.from == *peer);
            }
            return;
        }
        self.announcers.push(Announcer {
            peer: peer.clone(),
            offer,
            holding: Holding::All,
            silent: None,
        });
    }

    /// A member does not offer it any more. Says whether nobody does.
    pub(super) fn remove(&mut self, peer: &ClientId) -> bool {
        self.announcers.retain(|announcer| announcer.peer != *peer);
        self.fetch.take_if(|fetch| fetch.from == *peer);
        self.announcers.is_empty()
    }

    pub(super) fn announcer(&self, peer: &ClientId) -> Option<&Announcer> {
        self.announcers.iter().find(|it| it.peer == *peer)
    }

    pub(super) fn announcer_mut(&mut self, peer: &ClientId) -> Option<&mut Announcer> {
        self.announcers.iter_mut().find(|it| it.peer == *peer)
    }

    /// What was asked of a member will not come.
    pub(super) fn on_down(&mut self, peer: &ClientId) {
        let fetch = self.fetch.as_mut().filter(|fetch| fetch.from == *peer);
        fetch.into_iter().for_each(Fetch::rest);
    }

    /// Waits no longer for who has been silent for too long.
    pub(super) fn on_silence(&mut self, now: Time) {
        let fetch = self.fetch.as_mut().filter(|fetch| fetch.waits());
        let Some(fetch) = fetch.filter(|fetch| now >= fetch.moved + SOURCE_TIMEOUT) else {
            return;
        };
        fetch.rest();
        let from = fetch.from.clone();
        if let Some(announcer) = self.announcer_mut(&from) {
            announcer.silent = Some(now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let fetch = self.fetch.as_ref().filter(|fetch| fetch.waits());
        fetch.map(|fetch| fetch.moved + SOURCE_TIMEOUT)
    }

    /// Whether something was asked for and has not come.
    pub(super) fn waits(&self) -> bool {
        self.fetch.as_ref().is_some_and(Fetch::waits)
    }

    /// Adds the parts that are under way to those of others.
    pub(super) fn count(&self, under_way: &mut UnderWay) {
        if let Some(fetch) = &self.fetch {
            *under_way.entry(fetch.from.clone()).or_default() += fetch.under_way();
        }
    }

    /// Chooses of whom to ask for the listing: who has not been silent first, and then who has for
    /// the longest time.
    pub(super) fn choose(&mut self, under_way: &UnderWay, cx: &Cx<'_>) {
        let fetch = self.fetch.as_ref();
        let begun = |peer: &ClientId| fetch.is_some_and(|fetch| fetch.from == *peer);
        let busy = |peer: &ClientId| {
            let parts = under_way.get(peer).copied().unwrap_or_default();
            parts >= LISTING_PARTS_AHEAD
        };
        let linked = self.announcers.iter();
        let linked = linked.filter(|it| cx.links.contains_key(&it.peer));
        let free = linked.filter(|it| begun(&it.peer) || !busy(&it.peer));
        let best = free.min_by_key(|it| (it.silent, !begun(&it.peer)));
        if let Some(best) = best.filter(|best| !begun(&best.peer)) {
            self.fetch = Some(Fetch::new(best, cx.now));
        }
    }

    /// Asks for as many parts as may be under way from one source.
    pub(super) fn ask(&mut self, transfer: TransferId, under_way: &mut UnderWay, cx: &mut Cx<'_>) {
        let linked = |fetch: &&mut Fetch| cx.links.contains_key(&fetch.from);
        let Some(fetch) = self.fetch.as_mut().filter(linked) else {
            return;
        };
        if !fetch.waits() {
            fetch.moved = cx.now;
        }
        let parts = under_way.entry(fetch.from.clone()).or_default();
        while *parts < LISTING_PARTS_AHEAD && fetch.until < fetch.len {
            let offset = u32::try_from(fetch.until).expect("listings are bounded");
            cx.tell(
                &fetch.from,
                &ControlFrame::FetchListing { transfer, offset },
            );
            fetch.until += LISTING_CHUNK_BYTES;
            *parts += 1;
        }
    }

    /// A part came. Says whether all is here now.
    pub(super) fn on_part(&mut self, peer: &ClientId, offset: u32, part: &[u8], now: Time) -> bool {
        let expected = |fetch: &&mut Fetch| {
            let next = fetch.bytes.len() == offset as usize && !part.is_empty();
            fetch.from == *peer && fetch.waits() && next
        };
        let Some(fetch) = self.fetch.as_mut().filter(expected) else {
            return false;
        };
        let rest = fetch.len - fetch.bytes.len();
        fetch.bytes.extend_from_slice(&part[..part.len().min(rest)]);
        fetch.moved = now;
        if part.len() < LISTING_CHUNK_BYTES {
            // What follows was asked for from another place on.
            fetch.rest();
        }
        let complete = fetch.bytes.len() == fetch.len;
        if let Some(announcer) = self.announcer_mut(peer) {
            announcer.silent = None;
        }
        complete
    }

    /// Reads the listing that a member gave.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not what that member announced.
    pub(super) fn open(&self, peer: &ClientId) -> Result<Listing, DecodeError> {
        let bytes = self.fetch.as_ref().map(|fetch| &fetch.bytes[..]);
        let announcer = self.announcer(peer).expect("its listing is here");
        announcer.offer.open_listing(bytes.unwrap_or_default())
    }

    /// What is known in the end: the listing, and those who offer it, each in its own words.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Announcer>) {
        let bytes = self.fetch.map(|fetch| fetch.bytes).unwrap_or_default();
        (bytes, self.announcers)
    }
}

impl Fetch {
    fn new(announcer: &Announcer, now: Time) -> Self {
        Self {
            from: announcer.peer.clone(),
            bytes: Vec::new(),
            len: listing_len(&announcer.offer),
            until: 0,
            moved: now,
        }
    }

    const fn waits(&self) -> bool {
        self.until > self.bytes.len()
    }

    /// What was asked for will not come.
    fn rest(&mut self) {
        self.until = self.bytes.len();
    }

    fn under_way(&self) -> usize {
        let until = self.until.min(self.len);
        (until - self.bytes.len()).div_ceil(LISTING_CHUNK_BYTES)
    }
}

const fn listing_len(offer: &Offer) -> usize {
    match &offer.content {
        Content::File { .. } => 0,
        Content::Listed(summary) => summary.bytes as usize,
    }
}
