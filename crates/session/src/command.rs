//! What a person, or the program that stands for one, asks of a session.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use snug_protocol::{Body, ClientId, Hash, Manifest, Offer, Profile, RoomId, Secret, TransferId};

/// How a session begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Who takes part: fresh for every session.
    pub client: ClientId,
    /// Which room.
    pub intent: Intent,
    /// What proves to the others that this member was invited: the words of the code, or nothing
    /// in an open room. The server never learns it.
    pub secret: Secret,
    /// How to appear.
    pub profile: Profile,
    /// Hides this machine's addresses from the others: frames go through the server from the
    /// start, until TURN offers something better. The host must gather no other candidates.
    pub relay_only: bool,
}

/// Which room a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// A new one.
    Create {
        /// Seats, if not the server's default.
        capacity: Option<u16>,
    },
    /// One that exists.
    Join(RoomId),
}

/// What a session is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Says something to everyone.
    Say {
        /// What.
        body: Body,
        /// Milliseconds since the Unix epoch, for display.
        sent_at: u64,
    },
    /// Changes how this member appears.
    SetProfile(Profile),
    /// Tells the others that this member is typing, or stopped.
    Typing {
        /// Started or stopped.
        on: bool,
    },
    /// Says that a person has seen every message so far.
    MarkRead,
    /// Offers a file to everyone, and to those who come later.
    OfferFile(SourceFile),
    /// Starts to receive an offered file.
    Accept {
        /// Which.
        transfer: TransferId,
    },
    /// Does not want an offered file.
    Decline {
        /// Which.
        transfer: TransferId,
    },
    /// Stops offering or receiving a file.
    Cancel {
        /// Which.
        transfer: TransferId,
    },
    /// The machine has other addresses, or woke up: look at every path again now.
    NetworkChanged,
    /// Leaves the room for good.
    Leave,
}

/// A file to offer, already hashed by the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// What the others are told.
    pub offer: Offer,
    /// The hashes of its pieces, which fold into the offer's manifest.
    pub hashes: Arc<[Hash]>,
}

impl SourceFile {
    /// Size and hash of the file.
    pub fn manifest(&self) -> &Manifest {
        &self.offer.manifest
    }
}
