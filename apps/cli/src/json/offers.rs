//! What is on offer, as far as commands refer to it.

use std::{collections::BTreeMap, sync::Arc};

use snug_protocol::{Listing, TransferId};
use snug_session::Event;

/// What is on offer.
#[derive(Debug, Default)]
pub(super) struct Offers(BTreeMap<TransferId, Known>);

/// One offer.
#[derive(Debug)]
pub(super) struct Known {
    /// The media type, if it is of one file.
    pub(super) media_type: String,
    /// What it consists of.
    pub(super) listing: Arc<Listing>,
}

/// Offers remembered: somebody may make them without end.
const OFFERS: usize = 4096;

impl Offers {
    /// Takes note of what is offered, and of what is not any more.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Offered {
                transfer,
                offer,
                listing,
                ..
            } => {
                if self.0.len() == OFFERS {
                    self.0.pop_first();
                }
                let known = Known {
                    media_type: offer.media_type().to_owned(),
                    listing: listing.clone(),
                };
                self.0.insert(*transfer, known);
            }
            Event::OfferWithdrawn { transfer, .. }
            | Event::TransferFailed {
                transfer, to: None, ..
            } => {
                self.0.remove(transfer);
            }
            _ => {}
        }
    }

    /// # Errors
    /// That there is no such offer, in words.
    pub(super) fn find(&self, transfer: TransferId) -> Result<&Known, String> {
        let known = self.0.get(&transfer);
        known.ok_or_else(|| format!("{transfer} is not on offer"))
    }
}
