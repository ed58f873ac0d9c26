//! Which piece to ask a source for.
//!
//! Everyone could ask the sender for everything, and then it sends as many copies as there are
//! receivers. So the pieces are dealt out: each receiver asks the sender for those that fall to it,
//! and gets the others from those to whom they fell, the rarest first. Only when that is too slow
//! does it ask the sender for more.

use super::{
    super::{Members, member, member::Member},
    Pull,
};
use crate::{
    Time,
    limits::{FELLOW_PATIENCE, OWN_SAMPLE, PIECE_SAMPLE},
};

/// The pieces of a file, and who has them.
pub(super) struct Choice<'a> {
    pull: &'a Pull,
    members: &'a Members,
    now: Time,
    /// Those to whom pieces are dealt out, each with whether it gets the file already: in the same
    /// order for everyone.
    turns: Vec<(u64, bool)>,
    /// Whether nobody else gets the file now: then pieces come in order, for whoever plays what is
    /// here already.
    alone: bool,
}

impl<'a> Choice<'a> {
    pub(super) fn new(pull: &'a Pull, members: &'a Members, now: Time) -> Self {
        let others = members.values().filter(|member| member.may_pull());
        let others = others.map(|member| (member.key, member.pulls()));
        let mut turns: Vec<(u64, bool)> = others.chain([(pull.key, true)]).collect();
        turns.sort_unstable();
        // Others may be about to accept, as this member just did.
        let settled = pull.begun.is_some_and(|at| now >= at + FELLOW_PATIENCE);
        let alone = settled && !members.values().any(Member::pulls);
        Self {
            pull,
            members,
            now,
            turns,
            alone,
        }
    }

    /// What a person waits for, in order.
    pub(super) fn urgent(&self, source: &Member) -> Option<u32> {
        let pull = self.pull;
        let open = self.open(pull.priority.start, source);
        let mut soon = open.take_while(|piece| *piece < pull.priority.end);
        soon.next()
    }

    /// A piece that falls to this member and that nobody else has, in order, and where to look on.
    pub(super) fn own(&self, source: &Member) -> (Option<u32>, u32) {
        let mut cursor = if self.alone { 0 } else { self.pull.cursor };
        // All of them may be with others, and there may be a million.
        for piece in self.open(cursor, source).take(OWN_SAMPLE) {
            cursor = piece + 1;
            let mine = self.alone || self.turn(piece).0 == self.pull.key;
            if mine && !self.is_with_others(piece) {
                return (Some(piece), cursor);
            }
        }
        (None, cursor)
    }

    /// A piece that falls to somebody who may never want it, and then to this member.
    pub(super) fn left_over(&self, source: &Member) -> Option<u32> {
        let mut open = self.open(0, source).take(PIECE_SAMPLE);
        open.find(|piece| {
            self.second_turn(*piece) == Some(self.pull.key) && !self.is_with_others(*piece)
        })
    }

    /// A piece that nobody else has or has asked for. Everyone has another order, so that two who
    /// are done with their own do not take the same.
    pub(super) fn unclaimed(&self, source: &Member) -> Option<u32> {
        let open = self.open(0, source).take(PIECE_SAMPLE);
        let free = open.filter(|piece| !self.is_with_others(*piece));
        free.min_by_key(|piece| member::mix(self.pull.key, *piece))
    }

    /// A piece that fewest have. Everyone begins elsewhere, so that two who ask the same source
    /// get different pieces to swap.
    pub(super) fn rarest(&self, source: &Member) -> Option<u32> {
        if self.alone {
            return self.open(0, source).next();
        }
        let start = self.start();
        let open = self
            .open(start, source)
            .chain(self.open(0, source).take_while(|piece| *piece < start));
        open.take(PIECE_SAMPLE)
            .min_by_key(|piece| self.spread(*piece))
    }

    /// Wanted, not here, not on its way, and to be had.
    fn open(&self, from: u32, source: &'a Member) -> impl Iterator<Item = u32> {
        let pull = self.pull;
        let there = source
            .have
            .in_both_without(&pull.wanted.pieces, &pull.have, from);
        there.filter(|piece| !pull.arriving.contains_key(piece))
    }

    fn start(&self) -> u32 {
        let pieces = u64::from(self.pull.manifest.pieces().max(1));
        let start = member::mix(self.pull.key, self.pull.asked) % pieces;
        u32::try_from(start).unwrap_or(0)
    }

    /// To whom a piece falls.
    fn turn(&self, piece: u32) -> (u64, bool) {
        self.turns[piece as usize % self.turns.len()]
    }

    /// To whom a piece falls next if it fell to somebody who does not get the file.
    fn second_turn(&self, piece: u32) -> Option<u64> {
        if self.turn(piece).1 {
            return None;
        }
        let getting = self.turns.iter().filter(|(_, pulls)| *pulls);
        let round = piece as usize / self.turns.len();
        let at = round % getting.clone().count();
        getting.map(|(key, _)| *key).nth(at)
    }

    /// Whether somebody who gets the file has the piece, or will have it soon.
    fn is_with_others(&self, piece: u32) -> bool {
        let others = self.members.values().filter(|member| member.linked);
        let mut others = others.filter(|member| !member.offers());
        others.any(|member| {
            member.gives() && (member.have.has(piece) || member.awaits(piece, self.now))
        })
    }

    /// How many have the piece or soon will.
    fn spread(&self, piece: u32) -> usize {
        let with = self
            .members
            .values()
            .filter(|member| member.have.has(piece) || member.awaits(piece, self.now));
        with.count()
    }
}
