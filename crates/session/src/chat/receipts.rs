//! Who has got how far with whose messages. Receipts are cumulative, so a lost one does no harm
//! and many become one.

use crate::maps::BTreeMap;
use snug_protocol::{ClientId, ControlFrame};

use super::log::Log;
use crate::{LinkId, Time, limits::RECEIPT_INTERVAL, outbox::Outbox};

/// Receipts owed to authors, and those that they gave.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    owed: BTreeMap<ClientId, Owed>,
    given: BTreeMap<ClientId, (u64, u64)>,
}

#[derive(Debug, Default)]
struct Owed {
    read: u64,
    due: Option<Time>,
    sent_at: Option<Time>,
}

impl Receipts {
    /// Something of an author's has come: says so soon.
    pub(crate) fn touch(&mut self, author: &ClientId, now: Time) {
        let owed = self.owed.entry(author.clone()).or_default();
        let earliest = owed
            .sent_at
            .map_or(now, |sent| (sent + RECEIPT_INTERVAL).max(now));
        owed.due.get_or_insert(earliest);
    }

    /// A person has seen an author's messages up to `seq`.
    pub(crate) fn read(&mut self, author: &ClientId, seq: u64, now: Time) {
        let owed = self.owed.entry(author.clone()).or_default();
        if seq > owed.read {
            owed.read = seq;
            self.touch(author, now);
        }
    }

    /// What an author is told: delivered and read.
    pub(crate) fn state(&self, author: &ClientId, delivered: u64) -> (u64, u64) {
        let read = self.owed.get(author).map_or(0, |owed| owed.read);
        (delivered, read.min(delivered))
    }

    /// A member tells how far it has got. Returns that, if it is further than before.
    pub(crate) fn on_receipt(&mut self, peer: &ClientId, told: (u64, u64)) -> Option<(u64, u64)> {
        let known = self.given.entry(peer.clone()).or_default();
        let further = (known.0.max(told.0), known.1.max(told.1));
        if further == *known {
            return None;
        }
        *known = further;
        Some(further)
    }

    pub(crate) fn forget(&mut self, author: &ClientId) {
        self.owed.remove(author);
        self.given.remove(author);
    }

    pub(crate) fn handle_timeout(
        &mut self,
        log: &Log,
        now: Time,
        link: &impl Fn(&ClientId) -> Option<LinkId>,
        out: &mut Outbox,
    ) {
        for (author, owed) in &mut self.owed {
            if owed.due.is_none_or(|due| now < due) {
                continue;
            }
            owed.due = None;
            // Without a link the next greeting says it.
            let Some(link) = link(author) else { continue };
            owed.sent_at = Some(now);
            let delivered = log.delivered(author);
            let read = owed.read.min(delivered);
            out.control(link, &ControlFrame::Receipt { delivered, read });
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.owed.values().filter_map(|owed| owed.due).min()
    }
}
