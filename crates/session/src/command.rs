//! What a person, or the program that stands for one, asks of a session.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use snug_protocol::{
    Body, ClientId, Hash, Manifest, Offer, Profile, RoomId, Secret, TransferId, maps::BTreeSet,
};

use crate::RelayBudget;

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
    /// What the relayed path may take.
    pub relay: RelayBudget,
    /// Passes on what it receives to others who want it. Without it, only what is offered here
    /// leaves this machine.
    pub shares: bool,
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
    /// Offers something to everyone, and to those who come later.
    Offer(Source),
    /// Starts to receive what is on offer.
    Accept {
        /// Which.
        transfer: TransferId,
        /// What of it.
        selection: Selection,
    },
    /// Asks for nothing more of what is being received, until it is resumed.
    Pause {
        /// Which.
        transfer: TransferId,
    },
    /// Goes on receiving.
    Resume {
        /// Which.
        transfer: TransferId,
    },
    /// Asks for some bytes of what is being received before all others. The latest wish counts.
    Prioritize {
        /// Which.
        transfer: TransferId,
        /// Which bytes; of several files, counted through them all.
        bytes: Range<u64>,
    },
    /// Does not want what is on offer.
    Decline {
        /// Which.
        transfer: TransferId,
    },
    /// Stops offering or receiving.
    Cancel {
        /// Which.
        transfer: TransferId,
    },
    /// The machine has other addresses, or woke up: look at every path again now.
    NetworkChanged,
    /// Leaves the room for good.
    Leave,
}

/// Something to offer, already hashed by the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What the others are told.
    pub offer: Offer,
    /// The encoded listing, which the offer announces; nothing for a single file.
    pub listing: Bytes,
    /// The hashes of its pieces, which fold into the offer's manifest.
    pub hashes: Arc<[Hash]>,
}

/// What of an offer is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of it.
    All,
    /// These items of its listing, counted from 0.
    Items(BTreeSet<usize>),
}

impl Source {
    /// Size and hash.
    pub fn manifest(&self) -> &Manifest {
        &self.offer.manifest
    }
}

impl Selection {
    /// Whether an item is wanted.
    pub fn contains(&self, item: usize) -> bool {
        match self {
            Self::All => true,
            Self::Items(items) => items.contains(&item),
        }
    }
}
