//! One file that other members offer.
//!
//! ```text
//!  Offered ─► Queued ─► Opening ─► Hashing ─► Pulling ─► Finishing ─► Done
//!          accept   its turn   room    hashes     every piece   in its
//!                              made    fold       verified      place
//! ```

use std::collections::{BTreeMap, BTreeSet};

use snug_protocol::{
    ClientId, ControlFrame, Hash, Offer, Range, TransferId, limits::HASHES_PER_FRAME,
};

use super::{
    Links,
    meter::Meter,
    pieces::{Blocks, HaveMap},
};
use crate::{
    Event, LinkId, StoreOutput, Time,
    limits::{PIECES_PER_SOURCE, SOURCE_TIMEOUT},
    outbox::Outbox,
};

/// An offer, and what has become of it.
#[derive(Debug)]
pub(super) struct Download {
    pub(super) offer: Offer,
    /// Members who have the file.
    pub(super) sources: BTreeSet<ClientId>,
    pub(super) stalled: bool,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Offered,
    Queued,
    Opening,
    Hashing {
        hashes: Vec<Hash>,
        asked: Option<(ClientId, Time)>,
        have: HaveMap,
    },
    Pulling(Pull),
    Finishing {
        meter: Meter,
    },
    Done,
}

#[derive(Debug)]
pub(super) struct Pull {
    pub(super) hashes: Vec<Hash>,
    pub(super) have: HaveMap,
    pub(super) arriving: BTreeMap<u32, Arriving>,
    pub(super) meter: Meter,
}

/// A piece that was asked for.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) from: ClientId,
    pub(super) blocks: Blocks,
    pub(super) bytes: u64,
    /// When something of it last came.
    pub(super) moved: Time,
}

impl Download {
    /// The same file is on offer again: after a drop, or by somebody else.
    pub(super) fn on_offered_again(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        link: LinkId,
        out: &mut Outbox,
    ) {
        self.sources.insert(peer.clone());
        match self.state {
            State::Offered => {}
            State::Done => out.control(link, &ControlFrame::Complete { transfer }),
            State::Queued
            | State::Opening
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => out.control(link, &self.accept()),
        }
    }

    pub(super) fn accept(&self) -> ControlFrame {
        ControlFrame::Accept {
            transfer: self.offer.transfer(),
            wanted: self.offer.manifest.size(),
            shares: false,
        }
    }

    pub(super) fn ask_hashes(
        &mut self,
        transfer: TransferId,
        links: &Links,
        now: Time,
        out: &mut Outbox,
    ) {
        let source = self
            .sources
            .iter()
            .find(|source| links.contains_key(*source))
            .cloned();
        let State::Hashing {
            hashes,
            asked: asked @ None,
            ..
        } = &mut self.state
        else {
            return;
        };
        let Some(source) = source else { return };
        self.stalled = false;
        let missing = self.offer.manifest.pieces() as usize - hashes.len();
        let fits = "piece counts are bounded";
        let first = u32::try_from(hashes.len()).expect(fits);
        let count = u32::try_from(missing.min(HASHES_PER_FRAME)).expect(fits);
        let pieces = Range { first, count };
        out.control(
            links[&source],
            &ControlFrame::FetchHashes { transfer, pieces },
        );
        *asked = Some((source, now));
    }

    /// Asks for at most `budget` pieces. Returns how many were asked for.
    pub(super) fn ask_pieces(
        &mut self,
        transfer: TransferId,
        budget: usize,
        links: &Links,
        now: Time,
        out: &mut Outbox,
    ) -> usize {
        let State::Pulling(pull) = &mut self.state else {
            return 0;
        };
        let mut asked = 0;
        let mut cursor = 0;
        while asked < budget {
            let Some((source, link)) = pull.idlest(&self.sources, links) else {
                break;
            };
            let Some(piece) = pull.next_wanted(cursor) else {
                break;
            };
            self.stalled = false;
            let blocks = Blocks::new(self.offer.manifest.piece_len(piece));
            let arriving = Arriving {
                from: source,
                blocks,
                bytes: 0,
                moved: now,
            };
            pull.arriving.insert(piece, arriving);
            let pieces = Range::one(piece);
            out.control(link, &ControlFrame::Request { transfer, pieces });
            cursor = piece + 1;
            asked += 1;
        }
        asked
    }

    /// What was asked of a member will not come.
    pub(super) fn take_back(&mut self, peer: &ClientId, transfer: TransferId, out: &mut Outbox) {
        match &mut self.state {
            State::Hashing { asked, .. } => {
                if asked.as_ref().is_some_and(|(from, _)| from == peer) {
                    *asked = None;
                }
            }
            State::Pulling(pull) => {
                pull.take_back(transfer, |arriving| arriving.from == *peer, out);
            }
            State::Offered
            | State::Queued
            | State::Opening
            | State::Finishing { .. }
            | State::Done => {}
        }
    }

    /// What was asked long ago and has not moved since is asked again.
    pub(super) fn on_silence(&mut self, transfer: TransferId, now: Time, out: &mut Outbox) {
        match &mut self.state {
            State::Hashing { asked, .. } => {
                if asked
                    .as_ref()
                    .is_some_and(|(_, since)| now >= *since + SOURCE_TIMEOUT)
                {
                    *asked = None;
                }
            }
            State::Pulling(pull) => {
                pull.take_back(transfer, |a| now >= a.moved + SOURCE_TIMEOUT, out);
            }
            State::Offered
            | State::Queued
            | State::Opening
            | State::Finishing { .. }
            | State::Done => {}
        }
    }

    pub(super) fn check_stalled(&mut self, transfer: TransferId, links: &Links, out: &mut Outbox) {
        let moving = matches!(self.state, State::Hashing { .. } | State::Pulling(_));
        let reachable = self.sources.iter().any(|source| links.contains_key(source));
        if moving && !reachable && !self.sources.is_empty() && !self.stalled {
            self.stalled = true;
            out.event(Event::Stalled { transfer });
        }
    }

    pub(super) fn finish_if_complete(&mut self, transfer: TransferId, out: &mut Outbox) {
        let State::Pulling(pull) = &self.state else {
            return;
        };
        if pull.have.is_complete() {
            let meter = pull.meter.clone();
            self.state = State::Finishing { meter };
            out.store(StoreOutput::FinishSink { transfer });
        }
    }

    pub(super) fn tell_sources(&self, frame: &ControlFrame, links: &Links, out: &mut Outbox) {
        for link in self.sources.iter().filter_map(|source| links.get(source)) {
            out.control(*link, frame);
        }
    }

    /// Whether the host has something open for it.
    pub(super) fn has_sink(&self) -> bool {
        match self.state {
            State::Offered | State::Queued | State::Done => false,
            State::Opening
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => true,
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match &self.state {
            State::Hashing { asked, .. } => {
                asked.as_ref().map(|(_, since)| *since + SOURCE_TIMEOUT)
            }
            State::Pulling(pull) => {
                let oldest = pull.arriving.values().map(|arriving| arriving.moved).min();
                // Nothing moves without anything under way.
                oldest.map(|oldest| (oldest + SOURCE_TIMEOUT).min(pull.meter.due()))
            }
            State::Offered
            | State::Queued
            | State::Opening
            | State::Finishing { .. }
            | State::Done => None,
        }
    }
}

impl Pull {
    /// The linked source that has least to do for this file, if one may be asked for more.
    pub(super) fn idlest(
        &self,
        sources: &BTreeSet<ClientId>,
        links: &Links,
    ) -> Option<(ClientId, LinkId)> {
        let load = |source: &ClientId| {
            self.arriving
                .values()
                .filter(|arriving| arriving.from == *source)
                .count()
        };
        let linked = sources
            .iter()
            .filter_map(|source| Some((source, *links.get(source)?)));
        let loads = linked.map(|(source, link)| (load(source), source, link));
        let (load, source, link) = loads.min_by_key(|(load, ..)| *load)?;
        (load < PIECES_PER_SOURCE).then(|| (source.clone(), link))
    }

    /// The first piece from `from` on that is neither here nor on its way.
    pub(super) fn next_wanted(&self, from: u32) -> Option<u32> {
        let mut piece = self.have.next_missing(from)?;
        while self.arriving.contains_key(&piece) {
            piece = self.have.next_missing(piece + 1)?;
        }
        Some(piece)
    }

    /// Forgets what will not come, so that it is asked for again.
    pub(super) fn take_back(
        &mut self,
        transfer: TransferId,
        lost: impl Fn(&Arriving) -> bool,
        out: &mut Outbox,
    ) {
        // A piece that is complete is with the storage already.
        let lost = |arriving: &Arriving| !arriving.blocks.is_complete() && lost(arriving);
        let gone: Vec<u32> = self
            .arriving
            .iter()
            .filter(|(_, a)| lost(a))
            .map(|(piece, _)| *piece)
            .collect();
        for piece in gone {
            if let Some(arriving) = self.arriving.remove(&piece) {
                self.meter.take_back(arriving.bytes);
                out.store(StoreOutput::DiscardPiece { transfer, piece });
            }
        }
    }
}
