//! What tells people whether somebody stands between them.

use snug_protocol::ClientId;
use snug_session::{Event, WRONG_GUESSES, handshake::Check};

use super::{Item, View, links::trust, notice};
use crate::{invitation::Purpose, style::Line};

impl View {
    /// What concerns check strings, guesses, and members kept apart.
    pub(super) fn show_trust(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Check { peer, check } => {
                self.checks.insert(peer.clone(), *check);
                // Those who are not here yet are shown when they are.
                let shown = self.purpose == Purpose::Verify && self.met.contains(peer);
                if shown {
                    self.check_items(peer)
                } else {
                    Vec::new()
                }
            }
            Event::Guesses { wrong, closed } => self.show_guesses(*wrong, *closed),
            Event::Split { peers } => self.show_split(peers),
            _ => return None,
        };
        Some(items)
    }

    fn show_guesses(&mut self, wrong: u32, closed: bool) -> Vec<Item> {
        // Outside it was oneself who tried.
        if !self.inside {
            return Vec::new();
        }
        if std::mem::replace(&mut self.closed, closed) {
            return Vec::new();
        }
        if closed {
            let line = Line::new().bad("wrong words were tried too often: nobody new is let in");
            return notice(line.plain(
                ". Those who are here are safe and go on; open a new room to invite others",
            ));
        }
        let tries = format!("wrong words were tried ({wrong} of {WRONG_GUESSES})");
        notice(Line::new().warn(tries))
    }

    fn show_split(&self, peers: &[ClientId]) -> Vec<Item> {
        let Some((first, rest)) = peers.split_first() else {
            return notice(Line::new().good("everyone whom the others see is here, or has left"));
        };
        let names = rest.iter().fold(self.people.line(first), |line, peer| {
            line.plain(", ").join(self.people.line(peer))
        });
        let line = Line::new().warn("others in this room see ").join(names);
        notice(line.warn(" and you do not: the server may be keeping you apart"))
    }

    /// The check string of somebody, for whoever came to compare it.
    pub(super) fn check_items(&self, peer: &ClientId) -> Vec<Item> {
        let line = self.check_line(peer);
        line.map(Item::Result).into_iter().collect()
    }

    /// What to compare with everyone who is connected, or with one of them.
    pub(crate) fn check_lines(&self, with: &str) -> Result<Vec<Line>, String> {
        let connected = self.connected().map(|(person, _)| person);
        let wanted = connected.filter(|person| with.is_empty() || self.is_called(person, with));
        let lines: Vec<Line> = wanted.filter_map(|it| self.check_line(it)).collect();
        match (lines.is_empty(), with) {
            (true, "") => Ok(vec![Line::new().dim("nobody is here to compare with yet")]),
            (true, _) => Err("there is no such person here; /peers lists them".to_owned()),
            (false, _) => Ok([Line::new().plain(COMPARE)]
                .into_iter()
                .chain(lines)
                .chain([Line::new().dim(IF_NOT)])
                .collect()),
        }
    }

    /// `Ann · verified: 🐶 Dog, 🐱 Cat, …`. The names are there for terminals without emoji, and for
    /// saying them aloud.
    fn check_line(&self, peer: &ClientId) -> Option<Line> {
        let check = self.checks.get(peer)?;
        let (_, verified) = self.connected().find(|(person, _)| *person == peer)?;
        let line = self.people.line(peer);
        let line = line.dim(format!(" · {}", trust(verified))).plain(": ");
        Some(line.bold(emoji(*check)))
    }

    fn is_called(&self, person: &ClientId, name: &str) -> bool {
        let called = self.people.name(person).to_lowercase();
        called == name.to_lowercase() || person.as_str() == name
    }
}

/// What to do with check strings.
pub(crate) const COMPARE: &str = "Compare these six with each of them, by voice or side by side. \
    If they see the same for you, nobody is between you:";

const IF_NOT: &str = "If they see others, somebody is in between: say nothing more here, and do not \
    use this server.";

/// Emoji with their names, which stay together where the line breaks.
fn emoji(check: Check) -> String {
    let emojis = check.emojis().map(|(emoji, name)| {
        let name = name.replace(' ', "\u{a0}");
        format!("{emoji}\u{a0}{name}")
    });
    emojis.join(", ")
}
