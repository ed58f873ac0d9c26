//! Transfers in words.

use std::sync::Arc;

use snug_protocol::{ClientId, DeclineReason, Listing, Offer, TransferId};
use snug_session::{Event, TransferError};

use super::{Item, State, View, notice};
use crate::{
    harmless::harmless,
    invitation::Purpose,
    style::Line,
    units::{bytes, grouped},
};

/// Files of an offer shown with it. A person asks for the rest.
const ITEMS: usize = 12;

impl View {
    /// What concerns files.
    pub(super) fn show_file(&mut self, event: &Event) -> Option<Vec<Item>> {
        match event {
            Event::Offered {
                transfer,
                from,
                offer,
                listing,
            } => Some(self.show_offer(*transfer, from, offer, listing)),
            Event::Progress(progress) => {
                self.files.progress(progress);
                Some(Vec::new())
            }
            Event::Stalled { transfer } => {
                self.files.stalled(*transfer);
                Some(Vec::new())
            }
            Event::Checking {
                transfer,
                bytes,
                total,
            } => {
                self.files.checking(*transfer, *bytes, *total);
                Some(Vec::new())
            }
            Event::Stranded { transfer, missing } => {
                self.files.stranded(*transfer);
                let line = Line::new().warn("nobody here has the missing ");
                let line = line.plain(format!("{} of ", bytes(*missing)));
                let line = line.join(self.file(*transfer));
                Some(notice(line.dim(" · it goes on as soon as somebody does")))
            }
            Event::Paused { transfer, on } => Some(self.show_paused(*transfer, *on)),
            event => self.show_file_end(event),
        }
    }

    fn show_offer(
        &mut self,
        transfer: TransferId,
        from: &ClientId,
        offer: &Offer,
        listing: &Arc<Listing>,
    ) -> Vec<Item> {
        let Some(file) = self.files.offered(transfer, from, offer, listing) else {
            return Vec::new();
        };
        let file = file.clone();
        let line = self.people.line(from).plain(" offers ").join(file.line());
        let number = file.number;
        // One file of the offer's own name is no news.
        let single = listing.items().len() == 1 && offer.own_listing().is_some();
        let (line, most, show): (_, _, fn(Line) -> Item) = match self.purpose {
            Purpose::List => (line, usize::MAX, Item::Result),
            _ if self.talks() => {
                let how = format!(" · /accept {number} or /decline {number}");
                (line.dim(how), ITEMS, Item::Notice)
            }
            _ => (line, ITEMS, Item::Notice),
        };
        let mut items = vec![show(line)];
        if !single {
            let lines = file.item_lines(most);
            let hidden = listing.items().len() - lines.len();
            items.extend(lines.into_iter().map(show));
            items.extend(self.hidden_line(hidden, number).map(show));
        }
        items.extend(self.relay_warning(offer.manifest.size(), Some(from)));
        items
    }

    /// How to see what is not shown, and to take some of it.
    fn hidden_line(&self, hidden: usize, number: u32) -> Option<Line> {
        let line = Line::new().dim(format!("  and {} more", grouped(hidden)));
        let how = format!(": /files {number} lists them, /accept {number} 1 3-5 *.jpg takes some");
        (hidden > 0).then(|| if self.talks() { line.dim(how) } else { line })
    }

    fn show_paused(&mut self, transfer: TransferId, on: bool) -> Vec<Item> {
        let state = if on { State::Paused } else { State::Accepted };
        self.files.set_state(transfer, state);
        let number = self.files.find(transfer).map_or(0, |file| file.number);
        let line = Line::new().plain(if on { "paused " } else { "going on with " });
        let line = line.join(self.file(transfer));
        if on && self.talks() {
            return notice(line.dim(format!(" · /resume {number} goes on")));
        }
        notice(line)
    }

    /// Whether a person can type commands here.
    fn talks(&self) -> bool {
        matches!(self.purpose, Purpose::Create | Purpose::Join)
    }

    fn show_file_end(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Received { transfer, place } => {
                let line = Line::new().good("received ").join(self.file(*transfer));
                let place = place.as_deref().unwrap_or("memory");
                self.files.set_state(*transfer, State::Here);
                let line = line.plain(" → ").plain(harmless(place));
                vec![Item::Result(line.dim(" · every byte verified"))]
            }
            Event::Delivered { transfer, to } => {
                self.files.stopped(*transfer, to);
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
                self.files.stopped(*transfer, by);
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
                match to {
                    Some(to) => self.files.stopped(*transfer, to),
                    None => self.files.set_state(*transfer, State::Over),
                }
                let line = line.plain(format!(": {}", harmless(&reason.to_string())));
                notice(match reason {
                    TransferError::ReceiverGone => line.dim(" · it goes on if they come back"),
                    _ => line,
                })
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
