//! What a person asks to see.

use snug_protocol::ItemKind;
use snug_session::LinkStatus;

use super::{File, State, View, links::state};
use crate::{harmless::harmless, invitation::Invitation, style::Line, units::bytes};

impl View {
    /// The code of the room, and the link to it.
    pub(crate) fn code(&self) -> Vec<Line> {
        let items = self.invitation.iter().flat_map(Invitation::lines);
        items.collect()
    }

    /// A file, and what became of it.
    pub(crate) fn file_line(&self, file: &File) -> Line {
        let line = Line::new().plain("  ").join(file.line());
        let line = match file.from.first() {
            Some(from) => line.plain(" from ").join(self.people.line(from)),
            None => line.plain(" from you"),
        };
        line.dim(match file.state {
            State::Offered => " · on offer",
            State::Accepted if file.is_own_offer() => " · on offer",
            State::Accepted => " · on its way",
            State::Paused => " · paused",
            State::Here => " · here",
            State::Over => " · over",
        })
    }

    /// Everyone who is here or on the way, with the id that nobody else has.
    pub(crate) fn peer_lines(&self) -> Vec<Line> {
        let line = |(person, link): (_, &LinkStatus)| {
            let status = state(*link);
            let line = Line::new().plain("  ").join(self.people.line(person));
            line.plain(format!(" {status}")).dim(format!(" · {person}"))
        };
        self.links.iter().map(line).collect()
    }
}

impl File {
    /// What is in an offer, with the numbers to pick it by; at most so many lines.
    pub(crate) fn item_lines(&self, most: usize) -> Vec<Line> {
        let Some(listing) = &self.listing else {
            return Vec::new();
        };
        let items = listing.items();
        let columns = items.len().to_string().len();
        let lines = (1..).zip(items).take(most).map(|(number, item)| {
            let line = Line::new().dim(format!("  {number:>columns$}  "));
            let path = harmless(item.path.as_str());
            match item.kind {
                ItemKind::Folder => line.plain(path).dim("/"),
                ItemKind::File { size, attributes } => {
                    let mark = if attributes.executable {
                        " · may run"
                    } else {
                        ""
                    };
                    line.plain(path).dim(format!("  {}{mark}", bytes(size)))
                }
            }
        });
        lines.collect()
    }
}
