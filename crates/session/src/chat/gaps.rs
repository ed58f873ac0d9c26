//! Holes in authors' chains: said to the person, and filled from whoever has what is missing.

use snug_protocol::{ClientId, ControlFrame, limits::FETCH_ENTRIES};

use super::log::Log;
use crate::{
    Event, LinkId, Time,
    limits::{FETCH_TIMEOUT, GAP_PATIENCE},
    maps::BTreeMap,
    outbox::Outbox,
};

/// The holes, and who can fill them.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    by_author: BTreeMap<ClientId, Gap>,
    /// For each linked member, how far it has got with each author.
    holders: BTreeMap<ClientId, BTreeMap<ClientId, u64>>,
}

#[derive(Debug)]
struct Gap {
    /// What the person was last told to be missing.
    told: u64,
    /// What somebody new is asked for at once may be here before it has to be said.
    tell_at: Time,
    ask_at: Time,
    /// The last number asked for.
    asked_to: u64,
    tries: usize,
}

impl Gaps {
    /// A member has an author's entries up to `seq`.
    pub(crate) fn note_holder(&mut self, peer: &ClientId, author: &ClientId, seq: u64) {
        let has = self
            .holders
            .entry(peer.clone())
            .or_default()
            .entry(author.clone())
            .or_default();
        *has = seq.max(*has);
    }

    pub(crate) fn forget_holder(&mut self, peer: &ClientId) {
        self.holders.remove(peer);
    }

    /// An author is forgotten: nothing of it is missing any more.
    pub(crate) fn forget_author(&mut self, author: &ClientId, out: &mut Outbox) {
        for heads in self.holders.values_mut() {
            heads.remove(author);
        }
        self.close(author, out);
    }

    /// Someone new is here who may have what is missing.
    pub(crate) fn hurry(&mut self, now: Time) {
        for gap in self.by_author.values_mut() {
            gap.ask_at = now;
        }
    }

    /// Looks at one author's chain again after it changed.
    pub(crate) fn review(&mut self, log: &Log, author: &ClientId, now: Time, out: &mut Outbox) {
        let Some((first, _)) = log.hole(author) else {
            return self.close(author, out);
        };
        let gap = self.by_author.entry(author.clone()).or_insert_with(|| Gap {
            told: 0,
            tell_at: now + GAP_PATIENCE,
            ask_at: now + GAP_PATIENCE,
            asked_to: 0,
            tries: 0,
        });
        // What was asked for has come, and there is more.
        if gap.asked_to != 0 && first > gap.asked_to {
            gap.asked_to = 0;
            gap.ask_at = now;
        }
    }

    pub(crate) fn handle_timeout(
        &mut self,
        log: &Log,
        now: Time,
        link: &impl Fn(&ClientId) -> Option<LinkId>,
        out: &mut Outbox,
    ) {
        for (author, gap) in &mut self.by_author {
            if now >= gap.ask_at {
                gap.ask(author, log, &self.holders, link, now, out);
                gap.ask_at = now + FETCH_TIMEOUT;
            }
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.by_author.values().map(|gap| gap.ask_at).min()
    }

    /// There is no hole in an author's chain any more.
    fn close(&mut self, author: &ClientId, out: &mut Outbox) {
        let told = self.by_author.remove(author).map_or(0, |gap| gap.told);
        if told > 0 {
            out.event(Event::Missing {
                author: author.clone(),
                count: 0,
            });
        }
    }
}

impl Gap {
    fn ask(
        &mut self,
        author: &ClientId,
        log: &Log,
        holders: &BTreeMap<ClientId, BTreeMap<ClientId, u64>>,
        link: &impl Fn(&ClientId) -> Option<LinkId>,
        now: Time,
        out: &mut Outbox,
    ) {
        let Some((from, to)) = log.hole(author) else {
            return;
        };
        self.tries += 1;
        // The author knows best where our time starts: it gets one round to say so.
        if self.tries == 1 && !log.is_settled(author) {
            return;
        }
        let missing = log.missing(author);
        if self.told != missing && now >= self.tell_at {
            self.told = missing;
            out.event(Event::Missing {
                author: author.clone(),
                count: missing,
            });
        }
        let has = |peer: &ClientId| {
            let seq = holders.get(peer).and_then(|heads| heads.get(author));
            seq.is_some_and(|seq| *seq >= from)
        };
        // The author first, then the others in turn.
        let candidates: Vec<LinkId> = std::iter::once(author)
            .chain(holders.keys().filter(|peer| *peer != author))
            .filter(|peer| has(peer))
            .filter_map(link)
            .collect();
        if candidates.is_empty() {
            return;
        }
        let to = to.min(from.saturating_add(FETCH_ENTRIES - 1));
        self.asked_to = to;
        let link = candidates[(self.tries - 1) % candidates.len()];
        out.control(
            link,
            &ControlFrame::Fetch {
                author: author.clone(),
                from,
                to,
            },
        );
    }
}
