//! What a front end asks for, on behalf of a person or a script.

use std::path::PathBuf;

use snug_protocol::{Body, TransferId};
use snug_session::Selection;

use crate::play::Film;

/// Something asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Say, answer, react, edit or delete.
    Say(Body),
    /// Offer files and folders, all in one offer.
    Offer(Vec<PathBuf>),
    /// Receive what is on offer.
    Accept {
        /// Which.
        transfer: TransferId,
        /// What of it.
        selection: Selection,
        /// Where to.
        save: Save,
    },
    /// Do not receive it.
    Decline(TransferId),
    /// Stop offering or receiving it.
    Cancel(TransferId),
    /// Ask for nothing more of it until it is resumed.
    Pause(TransferId),
    /// Go on receiving it.
    Resume(TransferId),
    /// Let a player have a film or a song while it arrives.
    Play(Film),
    /// Forget what was received into memory.
    Discard(TransferId),
    /// Be called something else.
    Nick(String),
    /// Tell that one is typing, or stopped.
    Typing(bool),
    /// Tell that all messages were seen.
    MarkRead,
    /// Look for other paths now.
    NetworkChanged,
    /// Leave.
    Leave,
    /// Nothing more will be asked for.
    EndOfInput,
    /// Stop, as by Ctrl-C.
    Interrupt,
    /// What was asked for made no sense.
    Nonsense {
        /// Why.
        reason: String,
        /// On which line of the standard input.
        line: Option<u64>,
    },
    /// Nobody reads what we write.
    OutputClosed,
    /// What we write cannot be written, and why.
    OutputFailed(String),
}

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Save {
    /// Where the command line says.
    Default,
    /// Into this folder.
    Folder(PathBuf),
    /// Nowhere: it is kept in memory until the end.
    Memory,
}
