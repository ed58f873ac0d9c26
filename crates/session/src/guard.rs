//! How often somebody has tried wrong words, and what may still be risked.
//!
//! Whoever reveals a confirmation tag lets the other side test one guess of the words; whoever
//! gets a wrong tag has seen one. Both cost the same small budget, so that four words hold out.

use std::collections::VecDeque;

use snug_protocol::ClientId;

use crate::{
    limits::WRONG_GUESSES,
    maps::{BTreeMap, BTreeSet},
};

/// The door of the room, as this member keeps it.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Without words there is nothing to guess.
    has_words: bool,
    /// Whether this member opened the room, or somebody in it has proven to know its words.
    accepted: bool,
    /// Wrong or unanswered tags here.
    spent: u32,
    /// What other members told of theirs.
    told: BTreeMap<ClientId, u32>,
    /// Those to whom a tag is, or is about to be, revealed.
    trying: BTreeSet<ClientId>,
    /// Those who wait for a place, or for this member to be accepted; in turn, so that some who
    /// never answer do not keep the others from it.
    waiting: VecDeque<ClientId>,
    /// Whether somebody who waits for a place may try now.
    freed: bool,
}

impl Guard {
    pub(crate) fn new(has_words: bool, opened_room: bool) -> Self {
        Self {
            has_words,
            accepted: opened_room,
            spent: 0,
            told: BTreeMap::new(),
            trying: BTreeSet::new(),
            waiting: VecDeque::new(),
            freed: false,
        }
    }

    /// Takes a place among those to whom a tag may be revealed. Until somebody has accepted this
    /// member there is one: a mistyped word then costs the room one guess.
    pub(crate) fn try_peer(&mut self, peer: &ClientId) -> bool {
        let places = match (self.has_words, self.accepted) {
            (false, _) => usize::MAX,
            (true, false) => 1,
            (true, true) => WRONG_GUESSES.saturating_sub(self.wrong()) as usize,
        };
        let free = self.trying.contains(peer) || self.trying.len() < places;
        if free {
            self.trying.insert(peer.clone());
        } else {
            self.wait(peer);
        }
        free
    }

    /// Whether this member does not know yet that its words are right, and is finding out from
    /// somebody else than `peer`, who is heard of when it does.
    pub(crate) fn is_unsure(&mut self, peer: &ClientId) -> bool {
        let unsure = !self.accepted && self.trying.iter().any(|other| other != peer);
        if unsure {
            self.wait(peer);
        }
        unsure
    }

    /// Lets `peer` know when places have become free, or this member was accepted.
    pub(crate) fn wait(&mut self, peer: &ClientId) {
        if !self.waiting.contains(peer) {
            self.waiting.push_back(peer.clone());
        }
    }

    /// Those who wait, who came first before the others. They wait again if they say so.
    pub(crate) fn take_waiting(&mut self) -> VecDeque<ClientId> {
        std::mem::take(&mut self.waiting)
    }

    /// Gives the place back.
    pub(crate) fn release(&mut self, peer: &ClientId) {
        self.freed |= self.trying.remove(peer);
    }

    /// Whether places have become free, or this member was accepted, since this was asked last.
    pub(crate) fn take_freed(&mut self) -> bool {
        std::mem::take(&mut self.freed)
    }

    /// Somebody has proven to know the words.
    pub(crate) fn accept(&mut self) {
        self.freed |= !std::mem::replace(&mut self.accepted, true);
    }

    pub(crate) const fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// A tag was wrong, or ours was not answered.
    pub(crate) fn spend(&mut self) {
        if self.has_words {
            self.spent = self.spent.saturating_add(1);
        }
    }

    /// Another member tells how many it has seen. `true` if that is news.
    pub(crate) fn on_told(&mut self, peer: &ClientId, wrong: u32) -> bool {
        // More would close the room just as well, and a sum must not overflow.
        let wrong = wrong.min(WRONG_GUESSES);
        let known = self.told.get(peer).copied().unwrap_or(0);
        let news = self.has_words && wrong > known;
        if news {
            self.told.insert(peer.clone(), wrong);
        }
        news
    }

    /// Wrong tries that this member has seen itself.
    pub(crate) const fn spent(&self) -> u32 {
        self.spent
    }

    /// Wrong tries in the room, as far as is known here.
    pub(crate) fn wrong(&self) -> u32 {
        self.told
            .values()
            .fold(self.spent, |sum, wrong| sum.saturating_add(*wrong))
    }

    /// Whether nobody new is let in any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.wrong() >= WRONG_GUESSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers<const N: usize>() -> [ClientId; N] {
        std::array::from_fn(|n| format!("peer-{n}").parse().unwrap())
    }

    #[test]
    fn a_newcomer_tries_one_peer_first() {
        let [ann, bob, ..] = peers::<3>();
        let mut guard = Guard::new(true, false);
        assert!(guard.try_peer(&ann) && !guard.try_peer(&bob) && guard.try_peer(&ann));
        assert!(!guard.take_freed());
        guard.release(&ann);
        assert!(guard.take_freed() && !guard.take_freed());
        assert!(guard.try_peer(&bob));
        guard.accept();
        assert!(guard.take_freed() && guard.try_peer(&ann));
    }

    #[test]
    fn no_more_tags_are_out_than_guesses_are_left() {
        let peers = peers::<8>();
        let mut guard = Guard::new(true, true);
        guard.spend();
        guard.spend();
        let tried = peers.iter().filter(|peer| guard.try_peer(peer)).count();
        assert_eq!(tried, 3);
    }

    #[test]
    fn what_others_saw_counts_once_each() {
        let [ann, bob] = peers();
        let mut guard = Guard::new(true, true);
        guard.spend();
        assert!(guard.on_told(&ann, 2) && !guard.on_told(&ann, 2) && !guard.on_told(&ann, 1));
        assert_eq!((guard.wrong(), guard.is_closed()), (3, false));
        assert!(guard.on_told(&bob, u32::MAX));
        assert!(guard.is_closed());
        assert_eq!(guard.spent(), 1);
    }

    #[test]
    fn without_words_there_is_nothing_to_guess() {
        let [ann] = peers();
        let mut guard = Guard::new(false, false);
        guard.spend();
        assert!(!guard.on_told(&ann, 9) && guard.try_peer(&ann));
        assert_eq!(guard.wrong(), 0);
    }
}
