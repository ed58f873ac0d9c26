//! What another member has of a transfer, and does with it.

use snug_protocol::{ClientId, Hash, Range, TransferId};

use super::{
    meter::Meter,
    pace::Pace,
    pieces::{HaveMap, News, PastTheEnd},
};
use crate::{
    Time,
    limits::{ASKED_LAPSE, ASKED_PIECES},
    maps::BTreeMap,
};

/// Another member, as far as one transfer goes.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) standing: Standing,
    /// Whether frames reach it now.
    pub(super) linked: bool,
    /// What it says to have, and what it has not been asked for in vain.
    pub(super) have: HaveMap,
    pub(super) pace: Pace,
    /// What it gets, from whomever, for the one whose offer it is.
    pub(super) upload: Upload,
    /// Pieces on their way to it, and since when it says so.
    asked: BTreeMap<u32, Time>,
    /// When it was last asked for hashes, unless it has answered.
    pub(super) hashes_asked: Option<Time>,
    /// Its place where pieces are divided among all.
    pub(super) key: u64,
}

/// What a member does with a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing yet, as far as is known.
    Bystander,
    /// Has all of it, and gives it.
    Offers,
    /// Gets it.
    Pulls {
        /// Bytes that it wants.
        wanted: u64,
        /// Whether it gives what it has.
        shares: bool,
    },
    /// Has what it wanted.
    Complete {
        /// Whether it gives what it has.
        shares: bool,
    },
    /// Does not want it, or no longer.
    Declined,
}

/// What its pieces were worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// It has kept us waiting: others first.
    Slow,
    /// It gave something else than the file: never again.
    Banned,
}

/// What a member gets.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) meter: Meter,
    /// Bytes sent to it of pieces that it does not have yet.
    sent: BTreeMap<u32, u64>,
}

impl Member {
    pub(super) fn new(peer: &ClientId, transfer: TransferId, pieces: u32) -> Self {
        Self {
            role: Role::Bystander,
            standing: Standing::Good,
            linked: true,
            have: HaveMap::new(pieces),
            pace: Pace::default(),
            upload: Upload::default(),
            asked: BTreeMap::new(),
            hashes_asked: None,
            key: key(peer, transfer),
        }
    }

    /// Whether it would give what it has.
    pub(super) fn gives(&self) -> bool {
        let willing = match self.role {
            Role::Bystander | Role::Offers => true,
            Role::Pulls { shares, .. } | Role::Complete { shares } => shares,
            Role::Declined => false,
        };
        willing && self.standing != Standing::Banned
    }

    pub(super) const fn pulls(&self) -> bool {
        matches!(self.role, Role::Pulls { .. })
    }

    pub(super) const fn offers(&self) -> bool {
        matches!(self.role, Role::Offers)
    }

    /// Whether it may yet want the file and pass it on.
    pub(super) const fn may_pull(&self) -> bool {
        let may = matches!(
            self.role,
            Role::Bystander | Role::Pulls { shares: true, .. }
        );
        may && self.linked
    }

    pub(super) fn on_asked(&mut self, pieces: Range, now: Time) {
        self.asked.retain(|_, since| now < *since + ASKED_LAPSE);
        let room = ASKED_PIECES.saturating_sub(self.asked.len());
        // Before looking at each: a few bytes can name a million.
        let few = pieces.iter().take(ASKED_PIECES);
        let news = few.filter(|piece| !self.have.has(*piece));
        self.asked.extend(news.take(room).map(|piece| (piece, now)));
    }

    /// Whether a piece is on its way to it.
    pub(super) fn awaits(&self, piece: u32, now: Time) -> bool {
        let since = self.asked.get(&piece);
        since.is_some_and(|since| now < *since + ASKED_LAPSE)
    }

    /// It has the pieces that a part of a map names. Returns how many of them are new.
    pub(super) fn on_have(&mut self, first: u32, bits: &[u8]) -> Result<News, PastTheEnd> {
        let news = self.have.add(first, bits)?;
        self.asked.retain(|piece, _| !self.have.has(*piece));
        Ok(news)
    }

    /// It cannot be reached: what it waited for will come to nothing.
    pub(super) fn on_down(&mut self) {
        self.linked = false;
        // It could not answer.
        self.hashes_asked = None;
        self.forget_requests();
    }

    /// What it waited for it does not want any more.
    pub(super) fn forget_requests(&mut self) {
        self.asked.clear();
        let sent: u64 = std::mem::take(&mut self.upload.sent).into_values().sum();
        self.upload.meter.take_back(sent);
    }
}

impl Upload {
    /// Bytes of a piece are on their way to it.
    pub(super) fn on_sent(&mut self, piece: u32, bytes: u64, piece_len: u64) {
        let sent = self.sent.entry(piece).or_default();
        // What goes twice after a drop does not count twice.
        let counted = bytes.min(piece_len.saturating_sub(*sent));
        *sent += counted;
        self.meter.add(counted);
    }

    /// It has more pieces than before, of so many bytes, from whomever.
    pub(super) fn on_have(&mut self, have: &HaveMap, bytes: u64) {
        let mut counted = 0;
        self.sent.retain(|piece, sent| {
            let here = have.has(*piece);
            counted += if here { *sent } else { 0 };
            !here
        });
        self.meter.add(bytes.saturating_sub(counted));
    }
}

/// The place of a member where pieces are divided among all: the same to everyone, and another
/// one in every transfer.
pub(super) fn key(peer: &ClientId, transfer: TransferId) -> u64 {
    let both = [transfer.as_bytes(), peer.as_str().as_bytes()].concat();
    let hash = Hash::of(&both);
    let first = hash.as_bytes().first_chunk().expect("a hash is longer");
    u64::from_le_bytes(*first)
}

/// Numbers that are different for every member and piece.
pub(super) const fn mix(key: u64, piece: u32) -> u64 {
    // SplitMix64: well mixed, and cheap enough for a glance at thousands of pieces.
    let mut z = key ^ (piece as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_counts_once() {
        let mut upload = Upload::default();
        for _ in 0..3 {
            upload.on_sent(0, 60, 100);
        }
        upload.on_sent(1, 10, 100);
        let mut have = HaveMap::new(3);
        have.add(0, &[0b1010_0000]).unwrap();
        upload.on_have(&have, 200);
        assert_eq!(upload.meter.bytes(), 210);
        have.add(0, &[0b0100_0000]).unwrap();
        upload.on_have(&have, 100);
        assert_eq!(upload.meter.bytes(), 300);
    }

    #[test]
    fn what_somebody_claims_to_await_is_bounded_and_lapses() {
        let mut member = Member::new(
            &"ann".parse().unwrap(),
            TransferId::from_bytes([1; 16]),
            1000,
        );
        let pieces = Range {
            first: 0,
            count: 1000,
        };
        member.on_asked(pieces, Time::ZERO);
        assert!(member.awaits(0, Time::ZERO) && !member.awaits(999, Time::ZERO));
        assert!(!member.awaits(0, Time::ZERO + ASKED_LAPSE));
        let news = member.on_have(0, &[0x80]).unwrap();
        assert!(news.pieces == 1 && !member.awaits(0, Time::ZERO));
    }
}
