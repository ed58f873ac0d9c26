//! Transfers in words.

use snug_protocol::{DeclineReason, TransferId};
use snug_session::Event;

use super::{Item, State, View, notice};
use crate::{harmless::harmless, invitation::Purpose, style::Line};

impl View {
    /// What concerns files.
    pub(super) fn show_file(&mut self, event: &Event) -> Option<Vec<Item>> {
        match event {
            Event::Offered {
                transfer,
                from,
                offer,
                listing: _,
            } => {
                let Some(file) = self.files.offered(*transfer, from, offer) else {
                    return Some(Vec::new());
                };
                let line = self.people.line(from).plain(" offers ").join(file.line());
                let how = format!(" · /accept {0} or /decline {0}", file.number);
                let line = match self.purpose {
                    Purpose::Receive => line,
                    _ => line.dim(how),
                };
                let size = offer.manifest.size();
                let warning = self.relay_warning(size, Some(from));
                Some([Item::Notice(line)].into_iter().chain(warning).collect())
            }
            Event::Progress(progress) => {
                self.files.progress(progress);
                Some(Vec::new())
            }
            Event::Stalled { transfer } => {
                self.files.stalled(*transfer);
                Some(Vec::new())
            }
            event => self.show_file_end(event),
        }
    }

    fn show_file_end(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Received { transfer, place } => {
                let line = Line::new().good("received ").join(self.file(*transfer));
                let place = place.as_deref().unwrap_or("memory");
                self.files.stopped(*transfer, None);
                let line = line.plain(" → ").plain(harmless(place));
                vec![Item::Result(line.dim(" · every byte verified"))]
            }
            Event::Delivered { transfer, to } => {
                self.files.stopped(*transfer, Some(to));
                let line = self
                    .people
                    .line(to)
                    .good(" has ")
                    .join(self.file(*transfer));
                vec![Item::Result(line.dim(" · every byte verified"))]
            }
            Event::Declined {
                transfer,
                by,
                reason,
            } => {
                self.files.stopped(*transfer, Some(by));
                let why = match reason {
                    DeclineReason::NoSpace => " has no space for ",
                    _ => " does not want ",
                };
                notice(self.people.line(by).warn(why).join(self.file(*transfer)))
            }
            Event::TransferFailed {
                transfer,
                to,
                reason,
            } => {
                let line = Line::new().bad("failed: ").join(self.file(*transfer));
                let line = match to {
                    Some(to) => line.plain(" to ").join(self.people.line(to)),
                    None => line,
                };
                self.files.stopped(*transfer, to.as_ref());
                notice(line.plain(format!(": {}", harmless(&reason.to_string()))))
            }
            Event::OfferWithdrawn { transfer, from } => {
                let line = self.people.line(from).plain(" withdrew ");
                let line = line.join(self.file(*transfer));
                self.files.set_state(*transfer, State::Over);
                notice(line)
            }
            _ => return None,
        };
        Some(items)
    }

    fn file(&self, transfer: TransferId) -> Line {
        match self.files.find(transfer) {
            Some(file) => file.line(),
            None => Line::new().plain("a file"),
        }
    }
}
