//! What a person sees of the log: messages as edited, deleted and reacted to.
//!
//! The outcome depends only on the set of entries, not on the order of their arrival: of an
//! author's edits, and of its changes to one reaction, the last by number counts; a deletion
//! counts whatever else there is. An entry counts as long as the log keeps it, so the log bounds
//! this too.

use snug_protocol::{Body, ClientId, Entry, MessageId};

use crate::{Event, maps::BTreeMap};

/// The changes to every message that has any.
#[derive(Debug, Default)]
pub(crate) struct View(BTreeMap<MessageId, Changes>);

#[derive(Debug, Default)]
struct Changes {
    edit: Option<(u64, String)>,
    deleted: Option<u64>,
    reactions: BTreeMap<(ClientId, String), (u64, bool)>,
}

impl View {
    /// Takes a new entry. Says what to tell, given whether the message it is about is here.
    pub(crate) fn apply(&mut self, entry: &Entry, target_is_here: bool) -> Option<Event> {
        let event = match &entry.body {
            Body::Edit { to, text } if to.author == entry.author => {
                self.edit(to, entry.seq, text)?
            }
            Body::Delete { to } if to.author == entry.author => self.delete(to, entry.seq)?,
            Body::Reaction { to, emoji, on } => self.react(entry, to, emoji, *on)?,
            // Only the author may edit and delete.
            Body::Text { .. } | Body::Reply { .. } | Body::Edit { .. } | Body::Delete { .. } => {
                return None;
            }
        };
        target_is_here.then_some(event)
    }

    /// Takes out again what came of an entry that is not here any more. Says what to tell, if the
    /// message that it is about is here.
    pub(crate) fn take_back(&mut self, entry: &Entry) -> Option<Event> {
        let to = match &entry.body {
            Body::Edit { to, .. } | Body::Delete { to } if to.author == entry.author => to,
            Body::Reaction { to, .. } => to,
            Body::Text { .. } | Body::Reply { .. } | Body::Edit { .. } | Body::Delete { .. } => {
                return None;
            }
        };
        let changes = self.0.get_mut(to)?;
        let event = changes.take_back(entry);
        if changes.is_empty() {
            self.0.remove(to);
        }
        event
    }

    /// The body as it stands; `None` once deleted.
    pub(crate) fn body(&self, entry: &Entry) -> Option<Body> {
        let Some(changes) = self.0.get(&entry.id()) else {
            return Some(entry.body.clone());
        };
        if changes.deleted.is_some() {
            return None;
        }
        let Some((_, edited)) = &changes.edit else {
            return Some(entry.body.clone());
        };
        Some(match &entry.body {
            Body::Reply { to, .. } => Body::Reply {
                to: to.clone(),
                text: edited.clone(),
            },
            _ => Body::Text {
                text: edited.clone(),
            },
        })
    }

    /// The reactions that are set.
    pub(crate) fn reactions(&self, id: &MessageId) -> impl Iterator<Item = (&ClientId, &str)> {
        let changes = self
            .0
            .get(id)
            .into_iter()
            .flat_map(|changes| &changes.reactions);
        changes
            .filter(|(_, (_, on))| *on)
            .map(|((peer, emoji), _)| (peer, emoji.as_str()))
    }

    fn edit(&mut self, to: &MessageId, seq: u64, text: &str) -> Option<Event> {
        let changes = self.0.entry(to.clone()).or_default();
        if changes
            .edit
            .as_ref()
            .is_some_and(|(latest, _)| *latest > seq)
        {
            return None;
        }
        changes.edit = Some((seq, text.to_owned()));
        changes.deleted.is_none().then(|| Event::Edited {
            id: to.clone(),
            text: text.to_owned(),
        })
    }

    fn delete(&mut self, to: &MessageId, seq: u64) -> Option<Event> {
        let changes = self.0.entry(to.clone()).or_default();
        let before = changes.deleted;
        changes.deleted = before.max(Some(seq));
        before.is_none().then(|| Event::Deleted { id: to.clone() })
    }

    fn react(&mut self, entry: &Entry, to: &MessageId, emoji: &str, on: bool) -> Option<Event> {
        let changes = self.0.entry(to.clone()).or_default();
        let key = (entry.author.clone(), emoji.to_owned());
        let before = changes.reactions.get(&key).copied();
        if before.is_some_and(|(latest, _)| latest > entry.seq) {
            return None;
        }
        changes.reactions.insert(key, (entry.seq, on));
        let was_on = before.is_some_and(|(_, was)| was);
        (was_on != on).then(|| Event::Reacted {
            id: to.clone(),
            peer: entry.author.clone(),
            emoji: emoji.to_owned(),
            on,
        })
    }
}

impl Changes {
    fn take_back(&mut self, entry: &Entry) -> Option<Event> {
        match &entry.body {
            Body::Text { .. } | Body::Reply { .. } => None,
            Body::Edit { .. } => {
                self.edit.take_if(|(latest, _)| *latest == entry.seq);
                None
            }
            Body::Delete { .. } => {
                self.deleted.take_if(|latest| *latest == entry.seq);
                None
            }
            Body::Reaction { to, emoji, .. } => {
                let key = (entry.author.clone(), emoji.clone());
                let (_, on) = *self
                    .reactions
                    .get(&key)
                    .filter(|(latest, _)| *latest == entry.seq)?;
                self.reactions.remove(&key);
                on.then(|| Event::Reacted {
                    id: to.clone(),
                    peer: entry.author.clone(),
                    emoji: emoji.clone(),
                    on: false,
                })
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.edit.is_none() && self.deleted.is_none() && self.reactions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::Hash;

    use super::*;

    fn entry(author: &str, seq: u64, body: Body) -> Entry {
        let author = author.parse().unwrap();
        Entry {
            author,
            seq,
            previous: Hash::ZERO,
            lamport: seq,
            sent_at: 0,
            body,
            signature: snug_protocol::Signature::new([0; 64]),
        }
    }

    fn first() -> MessageId {
        "ann/1".parse().unwrap()
    }

    fn edit(seq: u64, text: &str) -> Entry {
        entry(
            "ann",
            seq,
            Body::Edit {
                to: first(),
                text: text.into(),
            },
        )
    }

    #[test]
    fn the_last_edit_counts_however_they_arrive() {
        let message = entry("ann", 1, Body::Text { text: "one".into() });
        for order in [[2, 3], [3, 2]] {
            let mut view = View::default();
            for seq in order {
                view.apply(&edit(seq, &seq.to_string()), true);
            }
            assert_eq!(view.body(&message), Some(Body::Text { text: "3".into() }));
        }
    }

    #[test]
    fn only_the_author_edits_and_deletes() {
        let message = entry("ann", 1, Body::Text { text: "one".into() });
        let mut view = View::default();
        let edit = Body::Edit {
            to: first(),
            text: "mine".into(),
        };
        assert_eq!(view.apply(&entry("bob", 1, edit), true), None);
        assert_eq!(
            view.apply(&entry("bob", 2, Body::Delete { to: first() }), true),
            None
        );
        assert_eq!(view.body(&message), Some(message.body.clone()));
    }

    #[test]
    fn a_deletion_wins_and_is_told_once() {
        let message = entry("ann", 1, Body::Text { text: "one".into() });
        let mut view = View::default();
        let delete = entry("ann", 2, Body::Delete { to: first() });
        assert_eq!(
            view.apply(&delete, true),
            Some(Event::Deleted { id: first() })
        );
        assert_eq!(view.apply(&edit(3, "again"), true), None);
        assert_eq!(view.body(&message), None);
    }

    #[test]
    fn reactions_are_set_and_taken_back() {
        let mut view = View::default();
        let react = |seq, on| {
            entry(
                "bob",
                seq,
                Body::Reaction {
                    to: first(),
                    emoji: "\u{1f44d}".into(),
                    on,
                },
            )
        };
        assert!(view.apply(&react(1, true), true).is_some());
        assert_eq!(view.reactions(&first()).count(), 1);
        assert!(view.apply(&react(3, false), true).is_some());
        assert_eq!(view.apply(&react(2, true), true), None);
        assert_eq!(view.reactions(&first()).count(), 0);
    }

    #[test]
    fn nothing_is_left_of_entries_taken_back() {
        let react = Body::Reaction {
            to: first(),
            emoji: "\u{1f44d}".into(),
            on: true,
        };
        let others = Body::Delete { to: first() };
        let (deletion, reaction) = (
            entry("ann", 4, Body::Delete { to: first() }),
            entry("bob", 1, react),
        );
        let mut view = View::default();
        for entry in [&edit(2, "two"), &edit(3, "three"), &deletion, &reaction] {
            view.apply(entry, true);
        }
        // Neither what had been replaced nor what never counted takes anything with it.
        for entry in [edit(2, "two"), entry("bob", 4, others)] {
            assert_eq!(view.take_back(&entry), None);
        }
        let message = entry("ann", 1, Body::Text { text: "one".into() });
        assert_eq!(view.body(&message), None);
        view.take_back(&deletion);
        assert_eq!(
            view.body(&message),
            Some(Body::Text {
                text: "three".into()
            })
        );
        view.take_back(&edit(3, "three"));
        let gone = view.take_back(&reaction);
        assert!(
            matches!(gone, Some(Event::Reacted { on: false, .. })),
            "{gone:?}"
        );
        assert!(view.0.is_empty());
    }
}
