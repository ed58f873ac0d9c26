//! One author's chain.

use snug_protocol::{Body, Entry};

use super::Forgery;
use crate::maps::BTreeMap;

/// One author's chain, from the entry at which this member's time starts.
#[derive(Debug)]
pub(super) struct Author {
    pub(super) start: u64,
    /// Whether the author itself has said where this member's time starts.
    pub(super) settled: bool,
    /// All from the start to before this one are here.
    pub(super) next: u64,
    /// All from the start to this one have come. It stays behind when a hole is given up.
    pub(super) delivered: u64,
    /// The largest number known to exist.
    pub(super) known: u64,
    pub(super) entries: BTreeMap<u64, Entry>,
    pub(super) bytes: usize,
}

impl Author {
    pub(super) fn from(start: u64, settled: bool) -> Self {
        Self {
            start,
            settled,
            next: start,
            delivered: start - 1,
            known: start - 1,
            entries: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Checks an entry against its neighbours, as far as they are here.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), Forgery> {
        let before = self.entries.get(&(entry.seq - 1));
        let after = self.entries.get(&(entry.seq + 1));
        let follows = before.is_none_or(|before| before.hash() == entry.previous);
        let followed = after.is_none_or(|after| after.previous == entry.hash());
        // Also across holes, an author's time only grows.
        let earlier = self.entries.range(..entry.seq).next_back();
        let later = self.entries.range(entry.seq + 1..).next();
        let grows = earlier.is_none_or(|(_, e)| e.lamport < entry.lamport)
            && later.is_none_or(|(_, e)| entry.lamport < e.lamport);
        if follows && followed && grows {
            Ok(())
        } else {
            Err(Forgery::BrokenChain)
        }
    }

    pub(super) fn last_heard(&self) -> Option<u64> {
        self.entries.last_key_value().map(|(_, last)| last.lamport)
    }

    /// Lets the oldest entry go, and gives up the holes before it.
    pub(super) fn let_go(&mut self) -> Option<Entry> {
        let (seq, entry) = self.entries.pop_first()?;
        self.bytes -= cost(&entry);
        self.start = self.start.max(seq + 1);
        self.next = self.next.max(self.start);
        Some(entry)
    }

    pub(super) fn advance(&mut self) {
        let is_whole = self.delivered + 1 == self.next;
        while self.entries.contains_key(&self.next) {
            self.next += 1;
        }
        if is_whole {
            self.delivered = self.next - 1;
        }
    }

    pub(super) fn missing(&self) -> u64 {
        let expected = (self.known + 1).saturating_sub(self.next);
        let present = self.entries.range(self.next..).count() as u64;
        expected.saturating_sub(present)
    }
}

/// Bytes that an entry takes, roughly.
pub(super) fn cost(entry: &Entry) -> usize {
    let text = match &entry.body {
        Body::Text { text } | Body::Reply { text, .. } | Body::Edit { text, .. } => text.len(),
        Body::Reaction { emoji, .. } => emoji.len(),
        Body::Delete { .. } => 0,
    };
    text + 256
}
