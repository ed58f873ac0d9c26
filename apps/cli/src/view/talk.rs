//! Messages in words.

use snug_protocol::{Body, ClientId, MessageId};
use snug_session::{Event, Message};

use super::{Item, View, notice};
use crate::{
    harmless::{harmless, harmless_lines},
    style::Line,
    units,
};

impl View {
    /// What concerns messages.
    pub(super) fn show_talk(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Message(message) => self.show_message(message),
            Event::Edited { id, text } => {
                let head = self.people.line(&id.author).dim(" edited ");
                said(None, head.join(self.pointer(id)).plain(": "), text)
            }
            Event::Deleted { id } => {
                let line = self.people.line(&id.author).dim(" deleted ");
                notice(line.join(self.pointer(id)))
            }
            Event::Reacted {
                id,
                peer,
                emoji,
                on,
            } => {
                if *peer == self.me {
                    self.numbers.react(id, emoji, *on);
                }
                let verb = if *on { " reacted " } else { " took back " };
                let line = self.people.line(peer).dim(verb).plain(harmless(emoji));
                notice(line.dim(" to ").join(self.pointer(id)))
            }
            Event::Missing { author, count } => self.show_missing(author, *count),
            _ => return None,
        };
        Some(items)
    }

    fn show_message(&mut self, message: &Message) -> Vec<Item> {
        let number = self.numbers.assign(&message.id);
        let author = &message.id.author;
        self.typing.remove(author);
        if *author == self.me {
            self.said = Some((number, message.id.seq));
        }
        let head = self.people.line(author);
        let late = if message.late { " (late)" } else { "" };
        match &message.body {
            Some(Body::Reply { to, text }) => {
                let head = head.dim(" → ").join(self.pointer(to)).dim(late);
                said(Some(number), head.plain(": "), text)
            }
            Some(Body::Text { text }) => said(Some(number), head.dim(late).plain(": "), text),
            Some(_) => Vec::new(),
            None => notice(head.dim(format!(" deleted message #{number}"))),
        }
    }

    fn show_missing(&mut self, author: &ClientId, count: u64) -> Vec<Item> {
        let line = self.people.line(author);
        if count == 0 {
            self.missing.remove(author);
            return notice(
                Line::new()
                    .dim("all messages from ")
                    .join(line)
                    .dim(" are here"),
            );
        }
        self.missing.insert(author.clone());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let are = if count == 1 { " is" } else { " are" };
        let what = units::count(count, "message", "messages");
        let line = Line::new().warn(format!("{what} from ")).join(line);
        notice(line.warn(format!("{are} missing, fetching")))
    }

    /// How to point at a message.
    fn pointer(&self, id: &MessageId) -> Line {
        match self.numbers.number(id) {
            Some(number) => Line::new().dim(format!("#{number}")),
            None => Line::new().dim("an older message"),
        }
    }
}

fn said(number: Option<u32>, head: Line, text: &str) -> Vec<Item> {
    vec![Item::Said {
        number,
        head,
        text: harmless_lines(text),
    }]
}
