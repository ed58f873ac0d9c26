//! A transfer on its way in.

use std::sync::Arc;

use snug_protocol::{BulkFrame, ClientId, ControlFrame, DeclineReason, Hash, Range, StopReason};

use super::{
    super::{
        Cx,
        member::{self, Role, Standing},
        meter::Meter,
        pieces::HaveMap,
        pull::Pull,
        wanted::{Wanted, pieces_of},
    },
    Gone, Shared, State, Supply,
};
use crate::{CommandError, Event, Selection, StoreOutput, TransferError};

impl Shared {
    /// A member has all of it and gives it: for the first time, after a drop, or as another one.
    pub(in super::super) fn on_offered(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        let transfer = self.transfer;
        let pieces = self.manifest().pieces();
        let member = self.member(peer);
        member.role = Role::Offers;
        if member.standing != Standing::Banned {
            member.have = HaveMap::full(pieces);
        }
        match self.state {
            State::Own | State::Offered => {}
            State::Done { .. } => cx.tell(peer, &ControlFrame::Complete { transfer }),
            State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. } => {
                cx.tell(peer, &self.accept(cx));
                self.tell_have(peer, cx);
            }
        }
        self.on_members_changed();
        self.check_supply(cx);
    }

    /// A person wants it. Says whether it has to wait for its turn now.
    pub(in super::super) fn accept_all_or_some(
        &mut self,
        selection: Selection,
        cx: &mut Cx<'_>,
    ) -> bool {
        match &self.state {
            State::Offered => {}
            // More of it than before.
            State::Done { wanted } if !wanted.pieces.is_complete() => {}
            State::Own
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Hashing { .. }
            | State::Pulling(_)
            | State::Finishing { .. }
            | State::Done { .. } => return false,
        }
        self.state = State::Queued { selection };
        cx.tell_all(&self.accept(cx));
        true
    }

    pub(in super::super) fn decline(&self, cx: &mut Cx<'_>) -> Result<(), CommandError> {
        if !matches!(self.state, State::Offered) {
            return Err(CommandError::UnknownTransfer);
        }
        let frame = ControlFrame::Decline {
            transfer: self.transfer,
            reason: DeclineReason::Unwanted,
        };
        for (peer, _) in self.members.iter().filter(|(_, member)| member.offers()) {
            cx.tell(peer, &frame);
        }
        Ok(())
    }

    /// It is its turn.
    pub(in super::super) fn open(&mut self, cx: &mut Cx<'_>) {
        let State::Queued { selection } = &self.state else {
            return;
        };
        let (wanted, selection) = (self.wanted(selection), selection.clone());
        self.state = State::Opening { wanted };
        cx.out.store(StoreOutput::OpenSink {
            transfer: self.transfer,
            offer: self.offer.clone(),
            listing: self.listing.clone(),
            selection,
        });
    }

    pub(in super::super) fn on_sink_opened(
        &mut self,
        here: &[u32],
        hashes: Option<Arc<[Hash]>>,
        cx: &mut Cx<'_>,
    ) -> Gone {
        let State::Opening { wanted } = &mut self.state else {
            return Gone::No;
        };
        let pieces = self.offer.manifest.pieces();
        let wanted = std::mem::replace(wanted, Wanted::nothing());
        let mut have = HaveMap::new(pieces);
        for piece in here {
            have.set(*piece);
        }
        // Small files have only one piece, whose hash is their own.
        let known = self.hashes.clone().or(hashes);
        if known.is_none() && wanted.pieces.minus(&have).is_empty() {
            // Empty files and folders only: nothing will come that has to be checked.
            let meter = Meter::starting_at(wanted.bytes);
            self.transition_to_finishing(wanted, meter, cx);
            return Gone::No;
        }
        self.state = State::Hashing {
            wanted,
            have,
            fetch: None,
        };
        let Some(hashes) = known else {
            self.check_supply(cx);
            return Gone::No;
        };
        if !self.manifest().matches(&hashes) {
            return Gone::Failed(TransferError::Corrupt);
        }
        self.transition_to_pulling(hashes, cx);
        Gone::No
    }

    /// Asks for as much as may be on its way at once. Returns how many pieces were asked for.
    pub(in super::super) fn pull(&mut self, budget: usize, cx: &mut Cx<'_>) -> usize {
        if self.paused {
            return 0;
        }
        match &mut self.state {
            State::Hashing { .. } => self.ask_hashes(cx),
            State::Pulling(pull) => {
                let asked = pull.ask(&mut self.members, budget, cx);
                if asked == 0 && pull.under_way() == 0 {
                    self.check_supply(cx);
                }
                return asked;
            }
            State::Own
            | State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Finishing { .. }
            | State::Done { .. } => {}
        }
        0
    }

    pub(in super::super) fn on_block(
        &mut self,
        peer: &ClientId,
        frame: BulkFrame,
        cx: &mut Cx<'_>,
    ) {
        let State::Pulling(pull) = &mut self.state else {
            return;
        };
        let complete = pull.on_block(peer, frame, &mut self.members, cx);
        let expected = |piece: u32| self.hashes.as_ref()?.get(piece as usize).copied();
        if let Some(piece) = complete
            && let Some(expected) = expected(piece)
        {
            cx.out.store(StoreOutput::FinishPiece {
                transfer: self.transfer,
                piece,
                expected,
            });
        }
    }

    pub(in super::super) fn on_piece_stored(&mut self, piece: u32, cx: &mut Cx<'_>) {
        let State::Pulling(pull) = &mut self.state else {
            return;
        };
        if !pull.on_stored(piece) {
            return;
        }
        if !pull.wanted.partly.has(piece) {
            self.announce(piece, cx);
        }
        self.finish_if_complete(cx);
    }

    /// A source gave something else than the file.
    pub(in super::super) fn on_piece_corrupt(&mut self, piece: u32, cx: &mut Cx<'_>) -> Gone {
        let State::Pulling(pull) = &mut self.state else {
            return Gone::No;
        };
        let Some(from) = pull.on_corrupt(piece) else {
            return Gone::No;
        };
        cx.out.event(Event::Misbehaved {
            peer: from.clone(),
            reason: "a piece that does not match its hash".into(),
        });
        let stop = ControlFrame::Stop {
            transfer: self.transfer,
            reason: StopReason::Corrupt,
        };
        // To the others it is as good as before, so it hears that it is not wanted here.
        cx.tell(&from, &stop);
        self.ban(&from, cx);
        self.fail_if_nobody_is_left()
    }

    /// A source cannot give some pieces.
    pub(in super::super) fn on_unavailable(
        &mut self,
        peer: &ClientId,
        pieces: Range,
        cx: &mut Cx<'_>,
    ) {
        let member = self.member(peer);
        let end = pieces.first.saturating_add(pieces.count);
        member.have.clear(pieces.first..end);
        match &mut self.state {
            State::Hashing {
                fetch: Some(fetch), ..
            } => fetch.take_back(peer),
            State::Pulling(pull) => pull.take_back_pieces(peer, pieces, cx),
            _ => {}
        }
        self.on_members_changed();
        self.check_supply(cx);
    }

    pub(in super::super) fn on_sink_finished(&mut self, place: Option<String>, cx: &mut Cx<'_>) {
        let State::Finishing { wanted, meter } = &mut self.state else {
            return;
        };
        let (wanted, meter) = (std::mem::replace(wanted, Wanted::nothing()), meter.clone());
        let transfer = self.transfer;
        cx.out.event(self.progress(None, &meter, wanted.bytes));
        cx.out.event(Event::Received { transfer, place });
        self.state = State::Done { wanted };
        cx.tell_all(&ControlFrame::Complete { transfer });
    }

    /// Goes on with it, or waits.
    pub(in super::super) fn set_paused(
        &mut self,
        paused: bool,
        cx: &mut Cx<'_>,
    ) -> Result<(), CommandError> {
        let (State::Queued { .. }
        | State::Opening { .. }
        | State::Hashing { .. }
        | State::Pulling(_)) = self.state
        else {
            return Err(CommandError::UnknownTransfer);
        };
        if self.paused == paused {
            return Ok(());
        }
        self.paused = paused;
        if let State::Pulling(pull) = &mut self.state
            && paused
        {
            pull.take_back_all(cx);
        }
        let (transfer, on) = (self.transfer, paused);
        cx.out.event(Event::Paused { transfer, on });
        Ok(())
    }

    /// Some bytes are wanted before all others.
    pub(in super::super) fn prioritize(
        &mut self,
        bytes: &std::ops::Range<u64>,
    ) -> Result<(), CommandError> {
        match &mut self.state {
            State::Pulling(pull) => pull.prioritize(pieces_of(bytes)),
            // Whatever is here already needs no priority.
            State::Own | State::Finishing { .. } | State::Done { .. } => {}
            State::Queued { .. } | State::Opening { .. } | State::Hashing { .. } => {
                self.priority = pieces_of(bytes);
            }
            State::Offered => return Err(CommandError::UnknownTransfer),
        }
        Ok(())
    }

    pub(super) fn tell_progress(&mut self, cx: &mut Cx<'_>) {
        let State::Pulling(pull) = &mut self.state else {
            return;
        };
        // What waits for somebody was told so.
        if pull.meter.tick(cx.now) && self.supply == Supply::Flowing {
            self.tell_progress_now(cx);
        }
    }

    pub(super) fn tell_progress_now(&self, cx: &mut Cx<'_>) {
        if let State::Pulling(pull) = &self.state {
            cx.out
                .event(self.progress(None, &pull.meter, pull.wanted.bytes));
        }
    }

    pub(super) fn transition_to_pulling(&mut self, hashes: Arc<[Hash]>, cx: &mut Cx<'_>) {
        let State::Hashing { wanted, have, .. } = &mut self.state else {
            return;
        };
        let wanted = std::mem::replace(wanted, Wanted::nothing());
        let have = std::mem::replace(have, HaveMap::new(0));
        let transfer = self.transfer;
        self.hashes = Some(hashes.clone());
        cx.out.store(StoreOutput::KeepHashes { transfer, hashes });
        let key = member::key(cx.me, transfer);
        let mut pull = Pull::new(transfer, self.offer.manifest, wanted, have, key);
        pull.prioritize(std::mem::take(&mut self.priority));
        self.state = State::Pulling(pull);
        self.tell_all_have(cx);
        self.finish_if_complete(cx);
        self.check_supply(cx);
    }

    fn finish_if_complete(&mut self, cx: &mut Cx<'_>) {
        let State::Pulling(pull) = &mut self.state else {
            return;
        };
        if pull.is_complete() {
            let meter = pull.meter.clone();
            let wanted = std::mem::replace(&mut pull.wanted, Wanted::nothing());
            self.transition_to_finishing(wanted, meter, cx);
        }
    }

    fn transition_to_finishing(&mut self, wanted: Wanted, meter: Meter, cx: &mut Cx<'_>) {
        self.state = State::Finishing { wanted, meter };
        let transfer = self.transfer;
        cx.out.store(StoreOutput::FinishSink { transfer });
    }

    /// Never asks a member for anything of this file again.
    pub(super) fn ban(&mut self, peer: &ClientId, cx: &mut Cx<'_>) {
        self.take_back(peer, cx);
        let member = self.member(peer);
        member.standing = Standing::Banned;
        member.have = HaveMap::new(member.have.pieces());
        self.on_members_changed();
        self.check_supply(cx);
    }

    /// Whether the last one who had it was a liar.
    pub(in super::super) fn fail_if_nobody_is_left(&self) -> Gone {
        let incoming = matches!(self.state, State::Hashing { .. } | State::Pulling(_));
        if incoming && !self.members.values().any(member::Member::gives) {
            return Gone::Failed(TransferError::Corrupt);
        }
        Gone::No
    }
}
