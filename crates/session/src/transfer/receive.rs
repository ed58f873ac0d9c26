//! Files that other members offer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use snug_protocol::{
    BulkFrame, ClientId, ControlFrame, DeclineReason, Hash, Offer, StopReason, TransferId,
};

use super::{
    Links,
    download::{Download, Pull, State},
    meter::Meter,
    pieces::HaveMap,
};
use crate::{
    CommandError, Event, LinkId, Progress, StoreOutput, Time, TransferError,
    limits::{ACTIVE_DOWNLOADS, OFFERS_PER_MEMBER, PIECES_IN_FLIGHT},
    outbox::Outbox,
};

/// The files that others offer, and what has become of the offers.
#[derive(Debug, Default)]
pub(crate) struct Downloads {
    files: BTreeMap<TransferId, Download>,
    /// Accepted, waiting for their turn.
    queue: VecDeque<TransferId>,
}

impl Downloads {
    pub(crate) fn on_offer(
        &mut self,
        peer: &ClientId,
        link: LinkId,
        offer: Offer,
        out: &mut Outbox,
    ) {
        let transfer = offer.transfer();
        if let Some(download) = self.files.get_mut(&transfer) {
            download.on_offered_again(peer, transfer, link, out);
            return;
        }
        let from_peer = self
            .files
            .values()
            .filter(|download| download.sources.contains(peer));
        if from_peer.count() >= OFFERS_PER_MEMBER {
            let reason = DeclineReason::Unwanted;
            out.control(link, &ControlFrame::Decline { transfer, reason });
            return;
        }
        let Some(listing) = offer.own_listing() else {
            let reason = DeclineReason::Unknown;
            out.control(link, &ControlFrame::Decline { transfer, reason });
            return;
        };
        out.event(Event::Offered {
            listing: listing.into(),
            transfer,
            from: peer.clone(),
            offer: offer.clone(),
        });
        let sources = BTreeSet::from([peer.clone()]);
        let download = Download {
            offer,
            sources,
            stalled: false,
            state: State::Offered,
        };
        self.files.insert(transfer, download);
    }

    pub(crate) fn accept(
        &mut self,
        transfer: TransferId,
        links: &Links,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let download = self
            .files
            .get_mut(&transfer)
            .ok_or(CommandError::UnknownTransfer)?;
        if !matches!(download.state, State::Offered) {
            return Ok(());
        }
        download.state = State::Queued;
        download.tell_sources(&download.accept(), links, out);
        self.queue.push_back(transfer);
        self.open_queued(out);
        Ok(())
    }

    pub(crate) fn decline(
        &mut self,
        transfer: TransferId,
        links: &Links,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let download = self
            .files
            .get(&transfer)
            .ok_or(CommandError::UnknownTransfer)?;
        if !matches!(download.state, State::Offered) {
            return Err(CommandError::UnknownTransfer);
        }
        let reason = DeclineReason::Unwanted;
        download.tell_sources(&ControlFrame::Decline { transfer, reason }, links, out);
        self.files.remove(&transfer);
        Ok(())
    }

    pub(crate) fn cancel(
        &mut self,
        transfer: TransferId,
        links: &Links,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let download = self
            .files
            .get(&transfer)
            .ok_or(CommandError::UnknownTransfer)?;
        match download.state {
            State::Offered => self.decline(transfer, links, out),
            State::Done => Err(CommandError::UnknownTransfer),
            State::Queued
            | State::Opening
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => {
                let reason = StopReason::Cancelled;
                download.tell_sources(&ControlFrame::Stop { transfer, reason }, links, out);
                self.fail(transfer, TransferError::Cancelled, out);
                Ok(())
            }
        }
    }

    /// Asks for as much as may be on its way at once.
    pub(crate) fn pull(&mut self, links: &Links, now: Time, out: &mut Outbox) {
        let mut budget = PIECES_IN_FLIGHT.saturating_sub(self.arriving());
        for (transfer, download) in &mut self.files {
            match &mut download.state {
                State::Hashing { .. } => download.ask_hashes(*transfer, links, now, out),
                State::Pulling(_) => {
                    budget -= download.ask_pieces(*transfer, budget, links, now, out);
                }
                State::Offered
                | State::Queued
                | State::Opening
                | State::Finishing { .. }
                | State::Done => {}
            }
        }
    }

    /// # Errors
    /// What the peer did wrong, in words.
    pub(crate) fn on_hashes(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        first: u32,
        came: &[Hash],
        links: &Links,
        out: &mut Outbox,
    ) -> Result<(), String> {
        let Some(download) = self.files.get_mut(&transfer) else {
            return Ok(());
        };
        let State::Hashing {
            hashes,
            asked,
            have,
        } = &mut download.state
        else {
            return Ok(());
        };
        let expected = asked.as_ref().is_some_and(|(from, _)| from == peer);
        if !expected || first as usize != hashes.len() || came.is_empty() {
            return Ok(());
        }
        *asked = None;
        let missing = download.offer.manifest.pieces() as usize - hashes.len();
        hashes.extend(came.iter().take(missing));
        if came.len() < missing {
            return Ok(());
        }
        if !download.offer.manifest.matches(hashes) {
            hashes.clear();
            self.lose_source(peer, transfer, TransferError::Corrupt, links, out);
            return Err("piece hashes that do not fold into the file's".into());
        }
        let (hashes, have) = (std::mem::take(hashes), have.clone());
        self.transition_to_pulling(transfer, hashes, have, out);
        Ok(())
    }

    pub(crate) fn on_block(
        &mut self,
        peer: &ClientId,
        frame: BulkFrame,
        now: Time,
        out: &mut Outbox,
    ) {
        let BulkFrame {
            transfer,
            piece,
            offset,
            payload,
        } = frame;
        // What nobody asked for, or no longer wants, falls to the floor.
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        let State::Pulling(pull) = &mut download.state else {
            return;
        };
        let Some(arriving) = pull.arriving.get_mut(&piece) else {
            return;
        };
        if arriving.from != *peer || !arriving.blocks.take(offset as usize, payload.len()) {
            return;
        }
        arriving.moved = now;
        arriving.bytes += payload.len() as u64;
        pull.meter.add(payload.len() as u64);
        let complete = arriving.blocks.is_complete();
        out.store(StoreOutput::WriteBlock {
            transfer,
            piece,
            offset,
            bytes: payload,
        });
        if complete {
            let expected = pull.hashes[piece as usize];
            out.store(StoreOutput::FinishPiece {
                transfer,
                piece,
                expected,
            });
        }
    }

    /// A source cannot serve what was asked of it.
    pub(crate) fn on_unavailable(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        links: &Links,
        out: &mut Outbox,
    ) {
        self.lose_source(peer, transfer, TransferError::SourceGone, links, out);
    }

    pub(crate) fn on_stop(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        reason: StopReason,
        links: &Links,
        out: &mut Outbox,
    ) {
        self.lose_source(peer, transfer, TransferError::Stopped(reason), links, out);
    }

    /// A member cannot be reached for now.
    pub(crate) fn on_down(&mut self, peer: &ClientId, links: &Links, out: &mut Outbox) {
        for (transfer, download) in &mut self.files {
            download.take_back(peer, *transfer, out);
            download.check_stalled(*transfer, links, out);
        }
    }

    pub(crate) fn on_departed(&mut self, peer: &ClientId, links: &Links, out: &mut Outbox) {
        let theirs = |(_, download): &(&TransferId, &Download)| download.sources.contains(peer);
        let transfers: Vec<_> = self
            .files
            .iter()
            .filter(theirs)
            .map(|(id, _)| *id)
            .collect();
        for transfer in transfers {
            self.lose_source(peer, transfer, TransferError::SourceGone, links, out);
        }
    }

    pub(crate) fn on_sink_opened(
        &mut self,
        transfer: TransferId,
        pieces: &[u32],
        links: &Links,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        if !matches!(download.state, State::Opening) {
            return;
        }
        let manifest = download.offer.manifest;
        let mut have = HaveMap::new(manifest.pieces());
        for piece in pieces {
            have.set(*piece);
        }
        let only = [manifest.root()];
        let hashes = &only[..manifest.pieces().min(1) as usize];
        if manifest.pieces() > 1 {
            download.state = State::Hashing {
                hashes: Vec::new(),
                asked: None,
                have,
            };
            download.check_stalled(transfer, links, out);
        } else if manifest.matches(hashes) {
            let hashes = hashes.to_vec();
            self.transition_to_pulling(transfer, hashes, have, out);
        } else {
            self.fail(transfer, TransferError::Corrupt, out);
        }
    }

    pub(crate) fn on_sink_failed(
        &mut self,
        transfer: TransferId,
        reason: String,
        links: &Links,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get(&transfer) else {
            return;
        };
        if matches!(download.state, State::Offered | State::Done) {
            return;
        }
        let stop = ControlFrame::Stop {
            transfer,
            reason: StopReason::StorageFailed,
        };
        download.tell_sources(&stop, links, out);
        self.fail(transfer, TransferError::Storage(reason), out);
    }

    pub(crate) fn on_piece_stored(&mut self, transfer: TransferId, piece: u32, out: &mut Outbox) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        let State::Pulling(pull) = &mut download.state else {
            return;
        };
        if pull.arriving.remove(&piece).is_some() {
            pull.have.set(piece);
            download.finish_if_complete(transfer, out);
        }
    }

    /// A source sent something else than the file.
    pub(crate) fn on_piece_corrupt(
        &mut self,
        transfer: TransferId,
        piece: u32,
        links: &Links,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        let State::Pulling(pull) = &mut download.state else {
            return;
        };
        let Some(arriving) = pull.arriving.remove(&piece) else {
            return;
        };
        pull.meter.take_back(arriving.bytes);
        let reason = "a piece that does not match its hash".into();
        out.event(Event::Misbehaved {
            peer: arriving.from.clone(),
            reason,
        });
        if let Some(link) = links.get(&arriving.from) {
            let reason = StopReason::Corrupt;
            out.control(*link, &ControlFrame::Stop { transfer, reason });
        }
        self.lose_source(&arriving.from, transfer, TransferError::Corrupt, links, out);
    }

    pub(crate) fn on_sink_finished(
        &mut self,
        transfer: TransferId,
        place: Option<String>,
        links: &Links,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        let State::Finishing { meter } = &download.state else {
            return;
        };
        let total = download.offer.manifest.size();
        let (rate, _) = meter.rate(total);
        let progress = Progress {
            transfer,
            to: None,
            bytes: total,
            total,
            rate,
            eta: None,
        };
        out.event(Event::Progress(progress));
        out.event(Event::Received { transfer, place });
        download.state = State::Done;
        download.offer.preview = None;
        download.tell_sources(&ControlFrame::Complete { transfer }, links, out);
        self.open_queued(out);
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outbox) {
        for (transfer, download) in &mut self.files {
            download.on_silence(*transfer, now, out);
            let total = download.offer.manifest.size();
            let State::Pulling(pull) = &mut download.state else {
                continue;
            };
            if pull.meter.tick(now) {
                let (rate, eta) = pull.meter.rate(total);
                let (transfer, bytes) = (*transfer, pull.meter.bytes());
                let progress = Progress {
                    transfer,
                    to: None,
                    bytes,
                    total,
                    rate,
                    eta,
                };
                out.event(Event::Progress(progress));
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.files.values().filter_map(Download::poll_timeout).min()
    }

    /// Gives up what is not complete.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        for (transfer, download) in std::mem::take(&mut self.files) {
            if download.has_sink() {
                out.store(StoreOutput::DiscardSink { transfer });
            }
        }
    }

    fn arriving(&self) -> usize {
        let counts = self.files.values().map(|download| match &download.state {
            State::Pulling(pull) => pull.arriving.len(),
            _ => 0,
        });
        counts.sum()
    }

    /// Opens the next files while there is room for them.
    fn open_queued(&mut self, out: &mut Outbox) {
        let mut active = self
            .files
            .values()
            .filter(|download| download.has_sink())
            .count();
        while active < ACTIVE_DOWNLOADS {
            let Some(transfer) = self.queue.pop_front() else {
                return;
            };
            let Some(download) = self.files.get_mut(&transfer) else {
                continue;
            };
            if matches!(download.state, State::Queued) {
                download.state = State::Opening;
                let offer = download.offer.clone();
                let listing = offer.own_listing().expect("no others are kept").into();
                out.store(StoreOutput::OpenSink {
                    transfer,
                    offer,
                    listing,
                    selection: crate::Selection::All,
                });
                active += 1;
            }
        }
    }

    fn transition_to_pulling(
        &mut self,
        transfer: TransferId,
        hashes: Vec<Hash>,
        have: HaveMap,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        let manifest = download.offer.manifest;
        let here = (0..manifest.pieces()).filter(|piece| have.has(*piece));
        let bytes = here.map(|piece| manifest.piece_len(piece) as u64).sum();
        let (arriving, meter) = (BTreeMap::new(), Meter::starting_at(bytes));
        download.state = State::Pulling(Pull {
            hashes,
            have,
            arriving,
            meter,
        });
        download.finish_if_complete(transfer, out);
    }

    /// One source less; the last one takes the transfer with it.
    fn lose_source(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        reason: TransferError,
        links: &Links,
        out: &mut Outbox,
    ) {
        let Some(download) = self.files.get_mut(&transfer) else {
            return;
        };
        if !download.sources.remove(peer) {
            return;
        }
        download.take_back(peer, transfer, out);
        download.check_stalled(transfer, links, out);
        if !download.sources.is_empty() {
            return;
        }
        match download.state {
            State::Offered => {
                self.files.remove(&transfer);
                out.event(Event::OfferWithdrawn {
                    transfer,
                    from: peer.clone(),
                });
            }
            State::Queued | State::Opening | State::Hashing { .. } | State::Pulling(_) => {
                self.fail(transfer, reason, out);
            }
            // Everything is here already.
            State::Finishing { .. } | State::Done => {}
        }
    }

    fn fail(&mut self, transfer: TransferId, reason: TransferError, out: &mut Outbox) {
        let Some(download) = self.files.remove(&transfer) else {
            return;
        };
        if download.has_sink() {
            out.store(StoreOutput::DiscardSink { transfer });
        }
        out.event(Event::TransferFailed {
            transfer,
            to: None,
            reason,
        });
        self.open_queued(out);
    }
}
