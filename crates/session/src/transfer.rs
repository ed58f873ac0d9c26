//! Files: offered to everyone, pulled piece by piece by whoever wants them.

mod download;
mod meter;
mod pieces;
mod receive;
mod send;
mod uplink;

use std::collections::BTreeMap;

use bytes::Bytes;
use snug_protocol::{
    BulkFrame, ClientId, ControlFrame, DecodeError, Hash, Offer, Range, StopReason, TransferId,
};

use self::{receive::Downloads, send::Uploads, uplink::Uplink};
use crate::{CommandError, LinkId, Source, StoreInput, Time, outbox::Outbox};

/// Everything that this member sends and receives.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    uploads: Uploads,
    downloads: Downloads,
    /// For each linked member, the pieces on their way to it.
    uplinks: BTreeMap<LinkId, Uplink>,
    links: Links,
}

/// The members that frames reach, and how.
type Links = BTreeMap<ClientId, LinkId>;

impl Transfers {
    /// Offers a file to everyone.
    pub(crate) fn offer(&mut self, file: Source, out: &mut Outbox) -> Result<(), CommandError> {
        self.uploads.offer(file, &self.links, out)
    }

    pub(crate) fn accept(
        &mut self,
        transfer: TransferId,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        self.downloads.accept(transfer, &self.links, out)
    }

    pub(crate) fn decline(
        &mut self,
        transfer: TransferId,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        self.downloads.decline(transfer, &self.links, out)
    }

    /// Stops offering or receiving.
    pub(crate) fn cancel(
        &mut self,
        transfer: TransferId,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        if self
            .uploads
            .cancel(transfer, StopReason::Cancelled, &self.links, out)
        {
            self.forget_pieces(transfer);
            return Ok(());
        }
        self.downloads.cancel(transfer, &self.links, out)
    }

    pub(crate) fn on_up(&mut self, peer: &ClientId, link: LinkId, now: Time, out: &mut Outbox) {
        self.links.insert(peer.clone(), link);
        self.uplinks.entry(link).or_default();
        self.uploads.on_up(peer, link, out);
        self.downloads.pull(&self.links, now, out);
    }

    pub(crate) fn on_down(&mut self, peer: &ClientId, link: LinkId, now: Time, out: &mut Outbox) {
        self.links.remove(peer);
        self.uplinks.remove(&link);
        self.downloads.on_down(peer, &self.links, out);
        self.downloads.pull(&self.links, now, out);
    }

    pub(crate) fn on_departed(&mut self, peer: &ClientId, out: &mut Outbox) {
        self.uploads.on_departed(peer, out);
        self.downloads.on_departed(peer, &self.links, out);
    }

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
        let Some(link) = self.links.get(peer).copied() else {
            return Ok(());
        };
        match frame {
            ControlFrame::Offer(offer) => self.on_offer(peer, link, offer, now, out),
            ControlFrame::Accept { transfer, .. } => {
                self.uploads.on_accept(peer, transfer, link, out)
            }
            ControlFrame::Decline { transfer, reason } => {
                self.uploads.on_decline(peer, transfer, reason, out);
            }
            ControlFrame::FetchHashes { transfer, pieces } => {
                self.uploads.on_fetch_hashes(transfer, pieces, link, out);
            }
            ControlFrame::Hashes {
                transfer,
                first,
                hashes,
            } => {
                self.on_hashes(peer, transfer, first, &hashes, now, out)?;
            }
            ControlFrame::Request { transfer, pieces } => {
                self.on_request(peer, transfer, pieces, link, out);
            }
            ControlFrame::Unavailable {
                transfer,
                pieces: _,
            } => {
                self.downloads
                    .on_unavailable(peer, transfer, &self.links, out);
                self.downloads.pull(&self.links, now, out);
            }
            ControlFrame::Stop { transfer, reason } => {
                self.uploads.on_stop(peer, transfer, reason, out);
                self.downloads
                    .on_stop(peer, transfer, reason, &self.links, out);
                if let Some(uplink) = self.uplinks.get_mut(&link) {
                    uplink.forget(transfer);
                }
            }
            ControlFrame::Complete { transfer } => self.uploads.on_complete(peer, transfer, out),
            ControlFrame::Have { .. }
            | ControlFrame::Asked { .. }
            | ControlFrame::Unrequest { .. }
            | ControlFrame::FetchListing { .. }
            | ControlFrame::Listing { .. }
            | ControlFrame::Hello(_)
            | ControlFrame::Welcome
            | ControlFrame::Binding { .. }
            | ControlFrame::Roster(_)
            | ControlFrame::Guesses { .. }
            | ControlFrame::Profile(_)
            | ControlFrame::Entry(_)
            | ControlFrame::Heads(_)
            | ControlFrame::Fetch { .. }
            | ControlFrame::Receipt { .. }
            | ControlFrame::Typing { .. }
            | ControlFrame::Bye => {}
        }
        Ok(())
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
        self.downloads.on_block(peer, frame, now, out);
        Ok(())
    }

    /// A link takes more on `bulk`.
    pub(crate) fn on_credit(&mut self, link: LinkId, bytes: usize, out: &mut Outbox) {
        let uplink = self.uplinks.entry(link).or_default();
        uplink.grant(bytes);
        uplink.pump(link, &mut self.uploads, out);
    }

    /// A connection is gone before it was ever up.
    pub(crate) fn forget_link(&mut self, link: LinkId) {
        self.uplinks.remove(&link);
    }

    pub(crate) fn on_store(&mut self, input: StoreInput, now: Time, out: &mut Outbox) {
        match input {
            StoreInput::PieceRead {
                transfer,
                piece,
                link,
                bytes,
            } => {
                if let Some(uplink) = self.uplinks.get_mut(&link) {
                    uplink.on_read(transfer, piece, bytes);
                    uplink.pump(link, &mut self.uploads, out);
                }
            }
            StoreInput::SourceFailed { transfer, reason } => {
                self.uploads
                    .on_source_failed(transfer, &reason, &self.links, out);
                self.forget_pieces(transfer);
            }
            StoreInput::SinkChecking { .. } => {}
            StoreInput::SinkOpened { transfer, have, .. } => {
                self.downloads
                    .on_sink_opened(transfer, &have, &self.links, out);
            }
            StoreInput::SinkFailed { transfer, reason } => {
                self.downloads
                    .on_sink_failed(transfer, reason, &self.links, out);
            }
            StoreInput::PieceStored { transfer, piece } => {
                self.downloads.on_piece_stored(transfer, piece, out);
            }
            StoreInput::PieceCorrupt { transfer, piece } => {
                self.downloads
                    .on_piece_corrupt(transfer, piece, &self.links, out);
            }
            StoreInput::SinkFinished { transfer, place } => {
                self.downloads
                    .on_sink_finished(transfer, place, &self.links, out);
            }
        }
        self.downloads.pull(&self.links, now, out);
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outbox) {
        self.uploads.handle_timeout(now, out);
        self.downloads.handle_timeout(now, out);
        self.downloads.pull(&self.links, now, out);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.uploads
            .poll_timeout()
            .into_iter()
            .chain(self.downloads.poll_timeout())
            .min()
    }

    /// The session ends: nothing half-done stays behind.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        self.downloads.close(out);
        self.uploads.close(out);
    }

    fn on_offer(
        &mut self,
        peer: &ClientId,
        link: LinkId,
        offer: Offer,
        now: Time,
        out: &mut Outbox,
    ) {
        self.downloads.on_offer(peer, link, offer, out);
        self.downloads.pull(&self.links, now, out);
    }

    fn on_hashes(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        first: u32,
        hashes: &[Hash],
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        self.downloads
            .on_hashes(peer, transfer, first, hashes, &self.links, out)?;
        self.downloads.pull(&self.links, now, out);
        Ok(())
    }

    fn on_request(
        &mut self,
        peer: &ClientId,
        transfer: TransferId,
        pieces: Range,
        link: LinkId,
        out: &mut Outbox,
    ) {
        let uplink = self.uplinks.entry(link).or_default();
        let serves = self.uploads.serves(peer, transfer, pieces);
        if !serves || !uplink.request(transfer, pieces) {
            out.control(link, &ControlFrame::Unavailable { transfer, pieces });
            return;
        }
        uplink.pump(link, &mut self.uploads, out);
    }

    fn forget_pieces(&mut self, transfer: TransferId) {
        for uplink in self.uplinks.values_mut() {
            uplink.forget(transfer);
        }
    }
}
