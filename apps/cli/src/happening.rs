//! What front ends show and plans judge: events of the session, and what the program itself does
//! around it.

use std::path::PathBuf;

use snug_protocol::TransferId;
use snug_session::Event;

use crate::exit::Exit;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// The session tells.
    Event(Event),
    /// A file is being read, to know its hash before it is offered.
    Hashing {
        /// Which, as it was named.
        path: PathBuf,
        /// Bytes read.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
    /// One's own file is on offer.
    Offering(Own),
    /// A file could not be offered.
    OfferFailed {
        /// Which, as it was named.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Everything is prepared: it is time to pass the code on.
    Ready,
    /// A request made no sense.
    Problem {
        /// Why.
        reason: String,
        /// On which line of the standard input.
        line: Option<u64>,
    },
    /// The program leaves the room.
    Leaving,
    /// The program is about to end.
    Exit(Exit),
}

/// One's own file on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    /// Names the transfer.
    pub(crate) transfer: TransferId,
    /// The file, as it was named.
    pub(crate) path: PathBuf,
    /// Bytes of it.
    pub(crate) size: u64,
}
