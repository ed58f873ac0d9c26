//! What is given up: for want of room, or because its author never said it.

use snug_protocol::{Body, ClientId, Entry};

use super::Chat;
use crate::{Event, outbox::Outbox};

impl Chat {
    /// Forgets an author when there are too many for one more. Whoever is here goes before those
    /// who are not, and those only before others who have said nothing.
    pub(super) fn make_room(&mut self, author: &ClientId, out: &mut Outbox) {
        if !self.log.is_full() || self.log.knows(author) {
            return;
        }
        let is_here = |author: &ClientId| *author == self.me || self.peers.contains_key(author);
        let least_heard = self.log.least_heard(is_here);
        let forgotten = least_heard
            .filter(|least| is_here(author) || self.log.last_heard(least).is_none())
            .cloned();
        let Some(forgotten) = forgotten else { return };
        for entry in self.forget(&forgotten, out) {
            self.view.take_back(&entry);
        }
    }

    /// What the log has let go of counts no more.
    pub(super) fn drop_evicted(&mut self) {
        for entry in self.log.take_evicted() {
            self.view.take_back(&entry);
        }
    }

    /// Forgets an author. Gives what was here of it.
    fn forget(&mut self, author: &ClientId, out: &mut Outbox) -> Vec<Entry> {
        self.gaps.forget_author(author, out);
        self.receipts.forget(author);
        self.log.forget(author)
    }

    /// Takes back everything said in the name of an author.
    pub(super) fn disown(&mut self, author: &ClientId, out: &mut Outbox) {
        for entry in self.forget(author, out) {
            let event = match &entry.body {
                Body::Text { .. } | Body::Reply { .. } => {
                    let id = entry.id();
                    self.view.body(&entry).map(|_| Event::Deleted { id })
                }
                Body::Edit { to, .. } | Body::Delete { to } | Body::Reaction { to, .. } => {
                    let here = self.log.entry(to).is_some();
                    self.view.take_back(&entry).filter(|_| here)
                }
            };
            if let Some(event) = event {
                out.event(event);
            }
        }
    }
}
