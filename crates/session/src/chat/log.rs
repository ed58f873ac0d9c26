//! What was said: every author's chain, the order that all share, and the holes.

mod author;

use snug_protocol::{
    Body, ClientId, Entry, Hash, MessageId, Signature,
    limits::{MAX_CLOCK, MAX_LAMPORT_JUMP},
};

use self::author::{Author, cost};
use crate::{
    limits::{CLAIM_JUMP, LOG_BYTES, LOG_ENTRIES, MAX_AUTHORS},
    maps::BTreeMap,
};

/// The entries of all authors, ordered by Lamport time, then author.
#[derive(Debug)]
pub(crate) struct Log {
    authors: BTreeMap<ClientId, Author>,
    order: BTreeMap<(u64, ClientId), u64>,
    lamport: u64,
    bytes: usize,
    /// How many entries this member has written, whether they are still here or not.
    written: u64,
    /// The hash of the last of them, which others have.
    last_written: Hash,
    /// What has gone since somebody asked.
    evicted: Vec<Entry>,
}

/// What became of an entry that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// It is new. `late` if others that come after it in the order were here before.
    New {
        late: bool,
    },
    Duplicate,
    /// From before this member's time, so old that it is not kept, or of one author too many.
    Unwanted,
}

/// Why an entry cannot be what its author said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forgery {
    #[error("two different messages with one number")]
    Equivocation,
    #[error("a message that does not follow the one before it")]
    BrokenChain,
    #[error("a message from the far future")]
    Future,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            authors: BTreeMap::new(),
            order: BTreeMap::new(),
            lamport: 0,
            bytes: 0,
            written: 0,
            last_written: Hash::ZERO,
            evicted: Vec::new(),
        }
    }

    /// Writes the next entry of `author`, who is this member.
    pub(crate) fn write(
        &mut self,
        author: &ClientId,
        body: Body,
        sent_at: u64,
        sign: impl FnOnce(&Hash) -> Signature,
    ) -> Entry {
        self.authors
            .entry(author.clone())
            .or_insert_with(|| Author::from(1, true));
        self.written += 1;
        let mut entry = Entry {
            author: author.clone(),
            seq: self.written,
            previous: self.last_written,
            lamport: (self.lamport + 1).min(MAX_CLOCK),
            sent_at,
            body,
            signature: Signature::new([0; 64]),
        };
        self.last_written = entry.hash();
        entry.signature = sign(&self.last_written);
        self.store(entry.clone());
        entry
    }

    /// Takes an entry that somebody else wrote.
    pub(crate) fn insert(&mut self, entry: Entry) -> Result<Insertion, Forgery> {
        let first = || Author::from(entry.seq, false);
        let Some(chain) = self.chain(&entry.author, first) else {
            return Ok(Insertion::Unwanted);
        };
        if entry.seq < chain.start {
            return Ok(Insertion::Unwanted);
        }
        if let Some(known) = chain.entries.get(&entry.seq) {
            let same = known.hash() == entry.hash();
            return if same {
                Ok(Insertion::Duplicate)
            } else {
                Err(Forgery::Equivocation)
            };
        }
        chain.check(&entry)?;
        let too_far = entry.seq > chain.known + CLAIM_JUMP;
        if too_far || entry.lamport > self.lamport + MAX_LAMPORT_JUMP {
            return Err(Forgery::Future);
        }
        let late = self
            .order
            .last_key_value()
            .is_some_and(|((lamport, author), _)| {
                (*lamport, author) > (entry.lamport, &entry.author)
            });
        let id = entry.id();
        self.store(entry);
        let kept = self.entry(&id).is_some();
        Ok(if kept {
            Insertion::New { late }
        } else {
            Insertion::Unwanted
        })
    }

    /// Where this member's time with an author starts. The author itself is right about it;
    /// others only help as long as the author has not said.
    pub(crate) fn set_start(&mut self, author: &ClientId, start: u64, by_author: bool) {
        let start = start.clamp(1, MAX_CLOCK);
        let Some(chain) = self.chain(author, || Author::from(start, by_author)) else {
            return;
        };
        if chain.settled {
            return;
        }
        chain.settled = by_author;
        if start < chain.start || (by_author && chain.entries.is_empty()) {
            chain.start = start;
            chain.known = chain.known.max(start - 1);
            chain.next = start;
            chain.delivered = start - 1;
            chain.advance();
        }
    }

    /// Hears of an author. If nobody has said where this member's time starts, all is of that time.
    pub(crate) fn meet(&mut self, author: &ClientId) {
        self.chain(author, || Author::from(1, false));
    }

    /// Learns that an author has got as far as `seq`.
    pub(crate) fn claim(&mut self, author: &ClientId, seq: u64) {
        if let Some(chain) = self.authors.get_mut(author) {
            chain.known = chain
                .known
                .max(seq.min(chain.known.saturating_add(CLAIM_JUMP)));
        }
    }

    /// The largest Lamport time seen.
    pub(crate) const fn lamport(&self) -> u64 {
        self.lamport
    }

    /// Learns how late it is for somebody else: what is said from now on comes after that.
    pub(crate) fn witness(&mut self, lamport: u64) {
        self.lamport = self
            .lamport
            .max(lamport.min(self.lamport + MAX_LAMPORT_JUMP));
    }

    pub(crate) fn entry(&self, id: &MessageId) -> Option<&Entry> {
        self.authors.get(&id.author)?.entries.get(&id.seq)
    }

    /// The entries of one author within a range.
    pub(crate) fn range(
        &self,
        author: &ClientId,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = &Entry> {
        let chain = self.authors.get(author).filter(|_| from <= to);
        chain
            .into_iter()
            .flat_map(move |chain| chain.entries.range(from..=to))
            .map(|(_, e)| e)
    }

    /// All entries in the order that every member shares.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.order
            .iter()
            .filter_map(|((_, author), seq)| self.authors[author].entries.get(seq))
    }

    /// For each author the last entry before the first hole.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (&ClientId, u64)> {
        self.authors
            .iter()
            .map(|(author, chain)| (author, chain.next - 1))
    }

    /// The last entry of `author` before the first hole that ever was; 0 for none.
    pub(crate) fn delivered(&self, author: &ClientId) -> u64 {
        self.authors.get(author).map_or(0, |chain| chain.delivered)
    }

    /// How many entries this member has written.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// How many entries of `author` are known to exist but are not here.
    pub(crate) fn missing(&self, author: &ClientId) -> u64 {
        self.authors.get(author).map_or(0, Author::missing)
    }

    /// The first hole in the chain of `author`, as first and last number.
    pub(crate) fn hole(&self, author: &ClientId) -> Option<(u64, u64)> {
        let chain = self
            .authors
            .get(author)
            .filter(|chain| chain.next <= chain.known)?;
        let after = chain.entries.range(chain.next..).next();
        Some((chain.next, after.map_or(chain.known, |(seq, _)| seq - 1)))
    }

    pub(crate) fn is_settled(&self, author: &ClientId) -> bool {
        self.authors.get(author).is_some_and(|chain| chain.settled)
    }

    /// Gives the entries that had to go for newer ones.
    pub(crate) fn take_evicted(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.evicted)
    }

    /// Whether there are as many authors as there may be.
    pub(crate) fn is_full(&self) -> bool {
        self.authors.len() >= MAX_AUTHORS
    }

    /// The author heard longest ago, of those not spared; whoever has said nothing comes first.
    pub(crate) fn least_heard(&self, spares: impl Fn(&ClientId) -> bool) -> Option<&ClientId> {
        let authors = self.authors.iter().filter(|(author, _)| !spares(author));
        let least = authors.min_by_key(|(_, chain)| (chain.last_heard(), chain.settled));
        least.map(|(author, _)| author)
    }

    /// The Lamport time of the last entry of `author` that is here.
    pub(crate) fn last_heard(&self, author: &ClientId) -> Option<u64> {
        self.authors.get(author)?.last_heard()
    }

    /// Forgets an author. Gives what was here of it.
    pub(crate) fn forget(&mut self, author: &ClientId) -> Vec<Entry> {
        let Some(chain) = self.authors.remove(author) else {
            return Vec::new();
        };
        self.bytes -= chain.bytes;
        let entries: Vec<_> = chain.entries.into_values().collect();
        for entry in &entries {
            self.order.remove(&(entry.lamport, entry.author.clone()));
        }
        entries
    }

    /// The chain of an author, made if there is room for one more.
    fn chain(&mut self, author: &ClientId, make: impl FnOnce() -> Author) -> Option<&mut Author> {
        if self.is_full() && !self.knows(author) {
            return None;
        }
        Some(self.authors.entry(author.clone()).or_insert_with(make))
    }

    pub(crate) fn knows(&self, author: &ClientId) -> bool {
        self.authors.contains_key(author)
    }

    fn store(&mut self, entry: Entry) {
        self.lamport = self.lamport.max(entry.lamport);
        self.bytes += cost(&entry);
        self.order
            .insert((entry.lamport, entry.author.clone()), entry.seq);
        let chain = self
            .authors
            .get_mut(&entry.author)
            .expect("the caller made the chain");
        chain.known = chain.known.max(entry.seq);
        chain.bytes += cost(&entry);
        chain.entries.insert(entry.seq, entry);
        self.evict();
        // What is not kept has not come.
        self.authors.values_mut().for_each(Author::advance);
    }

    /// Lets entries go while there are too many: the oldest of whoever takes the most, so that a
    /// flood drowns nobody else.
    fn evict(&mut self) {
        while self.order.len() > LOG_ENTRIES || self.bytes > LOG_BYTES {
            let too_many = self.order.len() > LOG_ENTRIES;
            let most = self.authors.values_mut().max_by_key(|chain| {
                if too_many {
                    chain.entries.len()
                } else {
                    chain.bytes
                }
            });
            let Some(entry) = most.and_then(Author::let_go) else {
                return;
            };
            self.bytes -= cost(&entry);
            self.order.remove(&(entry.lamport, entry.author.clone()));
            self.evicted.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ClientId {
        name.parse().unwrap()
    }

    fn text(text: &str) -> Body {
        Body::Text { text: text.into() }
    }

    fn unsigned(_: &Hash) -> Signature {
        Signature::new([0; 64])
    }

    /// Ann's first `n` messages.
    fn written(n: usize) -> Vec<Entry> {
        let mut log = Log::new();
        (0..n)
            .map(|at| log.write(&id("ann"), text(&at.to_string()), 0, unsigned))
            .collect()
    }

    fn listening() -> Log {
        let mut log = Log::new();
        log.set_start(&id("ann"), 1, true);
        log
    }

    #[test]
    fn holes_are_seen_and_filled_in_any_order() {
        let entries = written(4);
        let mut log = listening();
        log.insert(entries[3].clone()).unwrap();
        assert_eq!(
            (log.missing(&id("ann")), log.hole(&id("ann"))),
            (3, Some((1, 3)))
        );
        log.insert(entries[1].clone()).unwrap();
        assert_eq!(
            (log.missing(&id("ann")), log.hole(&id("ann"))),
            (2, Some((1, 1)))
        );
        assert_eq!(
            log.insert(entries[0].clone()),
            Ok(Insertion::New { late: true })
        );
        log.insert(entries[2].clone()).unwrap();
        assert_eq!((log.missing(&id("ann")), log.hole(&id("ann"))), (0, None));
        assert_eq!(log.delivered(&id("ann")), 4);
        assert_eq!(log.insert(entries[2].clone()), Ok(Insertion::Duplicate));
        assert!(log.iter().eq(&entries));
    }

    #[test]
    fn a_claim_makes_a_hole_but_not_an_endless_one() {
        let mut log = listening();
        log.claim(&id("ann"), 3);
        assert_eq!(log.missing(&id("ann")), 3);
        log.claim(&id("ann"), u64::MAX);
        assert!(log.missing(&id("ann")) <= 2 * CLAIM_JUMP);
        log.meet(&id("bob"));
        log.claim(&id("bob"), 5);
        assert_eq!(log.hole(&id("bob")), Some((1, 5)));
    }

    #[test]
    fn the_past_cannot_be_rewritten() {
        let entries = written(3);
        let mut log = listening();
        log.insert(entries[0].clone()).unwrap();
        let twin = Entry {
            body: text("other"),
            ..entries[0].clone()
        };
        assert_eq!(log.insert(twin), Err(Forgery::Equivocation));
        let orphan = Entry {
            previous: Hash::of(b"x"),
            ..entries[1].clone()
        };
        assert_eq!(log.insert(orphan), Err(Forgery::BrokenChain));
        let backwards = Entry {
            lamport: 1,
            ..entries[2].clone()
        };
        assert_eq!(log.insert(backwards), Err(Forgery::BrokenChain));
        let far = Entry {
            lamport: MAX_CLOCK,
            ..entries[2].clone()
        };
        assert_eq!(log.insert(far), Err(Forgery::Future));
        log.insert(entries[2].clone()).unwrap();
        let middle = Entry {
            body: text("changed"),
            ..entries[1].clone()
        };
        assert_eq!(log.insert(middle), Err(Forgery::BrokenChain));
        assert_eq!(
            log.insert(entries[1].clone()),
            Ok(Insertion::New { late: true })
        );
    }

    #[test]
    fn a_newcomers_time_starts_where_the_author_says() {
        let entries = written(5);
        let mut log = Log::new();
        log.set_start(&id("ann"), 3, false);
        log.set_start(&id("ann"), 4, true);
        log.set_start(&id("ann"), 1, false);
        assert_eq!(log.insert(entries[2].clone()), Ok(Insertion::Unwanted));
        log.insert(entries[4].clone()).unwrap();
        assert_eq!(log.hole(&id("ann")), Some((4, 4)));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_go_first() {
        let mut log = Log::new();
        for _ in 0..LOG_ENTRIES + 10 {
            log.write(&id("ann"), text("x"), 0, unsigned);
        }
        assert_eq!(log.iter().count(), LOG_ENTRIES);
        assert_eq!(log.iter().next().map(|e| e.seq), Some(11));
        assert_eq!(log.missing(&id("ann")), 0);
        for _ in 0..2000 {
            log.write(&id("ann"), text(&"x".repeat(16 * 1024)), 0, unsigned);
        }
        assert!(log.bytes <= LOG_BYTES);
    }

    #[test]
    fn who_says_little_is_not_drowned() {
        let mut log = listening();
        for _ in 0..LOG_ENTRIES {
            log.write(&id("bob"), text("x"), 0, unsigned);
        }
        let first = written(1).remove(0);
        assert_eq!(log.insert(first), Ok(Insertion::New { late: true }));
        assert_eq!(log.delivered(&id("ann")), 1);
        assert_eq!(log.iter().count(), LOG_ENTRIES);
    }

    #[test]
    fn what_comes_too_late_to_be_kept_does_not_count_as_delivered() {
        let mut entries = written(LOG_ENTRIES + 1);
        let mut log = listening();
        for entry in entries.drain(1..) {
            log.insert(entry).unwrap();
        }
        assert_eq!(log.insert(entries.remove(0)), Ok(Insertion::Unwanted));
        assert_eq!(log.delivered(&id("ann")), 0);
        assert_eq!(log.hole(&id("ann")), None, "it is not asked for again");
    }

    #[test]
    fn ones_own_chain_goes_on_from_an_entry_that_is_not_kept() {
        let page = || text(&"x".repeat(16 * 1024));
        let mut log = Log::new();
        let first = log.write(&id("zoe"), page(), 0, unsigned);
        for author in 0..LOG_BYTES / (16 * 1024) {
            let entry = Entry {
                author: id(&format!("author-{author}")),
                body: page(),
                ..first.clone()
            };
            log.insert(entry).unwrap();
        }
        assert_eq!(log.entry(&first.id()), None);
        assert_eq!(log.written(), 1);
        let second = log.write(&id("zoe"), page(), 0, unsigned);
        assert_eq!(second.previous, first.hash());
    }
}
