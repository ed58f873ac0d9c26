//! What a front end asks for, on behalf of a person or a script.

use std::path::PathBuf;

use snug_protocol::{Body, TransferId};

/// Something asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Say, answer, react, edit or delete.
    Say(Body),
    /// Offer files.
    Offer(Vec<PathBuf>),
    /// Receive a file.
    Accept {
        /// Which.
        transfer: TransferId,
        /// Where to.
        save: Save,
    },
    /// Do not receive a file.
    Decline(TransferId),
    /// Stop offering or receiving a file.
    Cancel(TransferId),
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
