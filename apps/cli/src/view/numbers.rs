//! Short numbers for messages, so that people can point at them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use snug_protocol::MessageId;

/// Numbers the messages shown, from 1.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    last: u32,
    by_number: BTreeMap<u32, MessageId>,
    by_id: HashMap<MessageId, u32>,
    reactions: BTreeSet<(MessageId, String)>,
}

/// Messages that can be pointed at. Nobody scrolls back further.
const MESSAGES: usize = 4096;

impl Numbers {
    /// The number of a message, a new one if it has none yet.
    pub(crate) fn assign(&mut self, id: &MessageId) -> u32 {
        if let Some(number) = self.by_id.get(id) {
            return *number;
        }
        if self.by_number.len() == MESSAGES
            && let Some((_, oldest)) = self.by_number.pop_first()
        {
            self.by_id.remove(&oldest);
            self.reactions.retain(|(id, _)| *id != oldest);
        }
        self.last += 1;
        self.by_number.insert(self.last, id.clone());
        self.by_id.insert(id.clone(), self.last);
        self.last
    }

    /// The number of a message that was shown.
    pub(crate) fn number(&self, id: &MessageId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// The message of a number.
    pub(crate) fn message(&self, number: u32) -> Option<&MessageId> {
        self.by_number.get(&number)
    }

    /// Takes note of one's own reaction, so that the same again takes it back.
    pub(crate) fn react(&mut self, id: &MessageId, emoji: &str, on: bool) {
        let reaction = (id.clone(), emoji.to_owned());
        if on && self.by_id.contains_key(id) {
            self.reactions.insert(reaction);
        } else {
            self.reactions.remove(&reaction);
        }
    }

    /// Whether one has reacted so.
    pub(crate) fn has_reacted(&self, id: &MessageId, emoji: &str) -> bool {
        self.reactions.contains(&(id.clone(), emoji.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(seq: u64) -> MessageId {
        MessageId {
            author: "ann".parse().unwrap(),
            seq,
        }
    }

    #[test]
    fn a_message_keeps_its_number() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.assign(&message(7)), 1);
        assert_eq!(numbers.assign(&message(9)), 2);
        assert_eq!(numbers.assign(&message(7)), 1);
        assert_eq!(numbers.message(2), Some(&message(9)));
        assert_eq!(numbers.message(3), None);
    }

    #[test]
    fn old_messages_are_forgotten() {
        let mut numbers = Numbers::default();
        for seq in 1..=5000 {
            numbers.assign(&message(seq));
        }
        assert_eq!(numbers.by_id.len(), MESSAGES);
        assert_eq!(numbers.number(&message(1)), None);
        assert_eq!(numbers.number(&message(5000)), Some(5000));
    }

    #[test]
    fn reactions_are_remembered_until_taken_back() {
        let mut numbers = Numbers::default();
        numbers.assign(&message(1));
        numbers.react(&message(1), "+", true);
        assert!(numbers.has_reacted(&message(1), "+"));
        numbers.react(&message(1), "+", false);
        assert!(!numbers.has_reacted(&message(1), "+"));
        numbers.react(&message(2), "+", true);
        assert!(!numbers.has_reacted(&message(2), "+"));
    }
}
