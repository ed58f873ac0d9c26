//! What front ends show and plans judge: events of the session, and what the program itself does
//! around it.

use std::path::PathBuf;

use snug_protocol::TransferId;
use snug_session::Event;

use crate::{exit::Exit, play::Film};

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// The session tells.
    Event(Event),
    /// Files are being read, to know their hashes before they are offered.
    Hashing {
        /// Which, as they were named.
        paths: Vec<PathBuf>,
        /// Bytes read.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
    /// One's own files are on offer.
    Offering(Own),
    /// Files could not be offered.
    OfferFailed {
        /// Which, as they were named.
        paths: Vec<PathBuf>,
        /// Why.
        reason: String,
    },
    /// Everything is prepared: it is time to pass the code on.
    Ready,
    /// A film can be played.
    Playing {
        /// Which.
        film: Film,
        /// Where a player finds it, on this machine alone.
        address: String,
    },
    /// A film cannot be played, or not any more.
    PlayFailed {
        /// Which.
        transfer: TransferId,
        /// Why.
        reason: String,
    },
    /// The player that was started has ended.
    PlayerEnded,
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

/// One's own files on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    /// Names the transfer.
    pub(crate) transfer: TransferId,
    /// The files and folders, as they were named.
    pub(crate) paths: Vec<PathBuf>,
    /// Files in all of them.
    pub(crate) files: usize,
    /// Bytes of them.
    pub(crate) size: u64,
    /// Links, devices and the like, which are not offered.
    pub(crate) left_out: usize,
}
