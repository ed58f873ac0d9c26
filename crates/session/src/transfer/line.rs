//! The way to a member, and what it is yet to be told of.
//!
//! A room may have thousands of things on offer. Told all at once they would fill whatever the way
//! has for a queue, and what is said would wait behind them. So a member is told some, asked
//! whether it has heard them, and told more once it has answered.

use std::collections::VecDeque;

use snug_protocol::{ControlFrame, Range, TransferId};

use crate::{LinkId, limits::INTRODUCTION_BYTES, outbox::Outbox};

/// A member that frames reach.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) link: LinkId,
    /// Transfers that it is to be told of, in this order.
    untold: VecDeque<TransferId>,
    turn: Turn,
}

/// Who has to say something before more is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Nobody: there is room.
    Ours {
        /// Bytes told since the member last answered.
        told: usize,
    },
    /// The member was asked whether it has heard what it was told.
    Theirs,
}

impl Line {
    pub(super) const fn new(link: LinkId) -> Self {
        Self {
            link,
            untold: VecDeque::new(),
            turn: Turn::Ours { told: 0 },
        }
    }

    /// Queues a transfer to tell of.
    pub(super) fn queue(&mut self, transfer: TransferId) {
        if !self.untold.contains(&transfer) {
            self.untold.push_back(transfer);
        }
    }

    /// Queues a transfer to tell of before all others.
    pub(super) fn queue_first(&mut self, transfer: TransferId) {
        self.untold.retain(|untold| *untold != transfer);
        self.untold.push_front(transfer);
    }

    /// What to tell of now.
    pub(super) fn next(&mut self) -> Option<TransferId> {
        match self.turn {
            Turn::Ours { .. } => self.untold.pop_front(),
            Turn::Theirs => None,
        }
    }

    /// So many bytes were told. When they are enough, the member has to answer first.
    pub(super) fn on_told(&mut self, bytes: usize, out: &mut Outbox) {
        let Turn::Ours { told } = &mut self.turn else {
            return;
        };
        *told += bytes;
        if *told >= INTRODUCTION_BYTES {
            self.turn = Turn::Theirs;
            let (transfer, pieces) = (NOBODYS, Range::one(0));
            out.control(self.link, &ControlFrame::Request { transfer, pieces });
        }
    }

    /// The member has answered. Says whether it was asked.
    pub(super) fn on_answer(&mut self) -> bool {
        let asked = self.turn == Turn::Theirs;
        if asked {
            self.turn = Turn::Ours { told: 0 };
        }
        asked
    }
}

/// Names a transfer that nobody offers, so that what is asked of it is answered with `unavailable`
/// by whoever has taken in everything that was said before.
pub(super) const NOBODYS: TransferId = TransferId::from_bytes([0; TransferId::BYTES]);

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(number: u8) -> TransferId {
        TransferId::from_bytes([number; TransferId::BYTES])
    }

    #[test]
    fn a_member_answers_before_it_is_told_more() {
        let (mut line, mut out) = (Line::new(LinkId(1)), Outbox::default());
        for number in [1, 2, 3, 2] {
            line.queue(transfer(number));
        }
        line.queue_first(transfer(3));
        assert_eq!(line.next(), Some(transfer(3)));
        line.on_told(INTRODUCTION_BYTES - 1, &mut out);
        assert_eq!(line.next(), Some(transfer(1)));
        assert!(out.pop().is_none() && !line.on_answer());
        line.on_told(1, &mut out);
        assert!(out.pop().is_some() && line.next().is_none());
        assert!(line.on_answer());
        assert_eq!(line.next(), Some(transfer(2)));
        assert_eq!(line.next(), None);
    }
}
