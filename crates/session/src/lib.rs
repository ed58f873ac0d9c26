//! One participant of a room, whole, as a state machine without I/O.
//!
//! A [`Session`] is told what happens ([`Input`]) and says what to do ([`Output`]); its host has
//! the sockets, the files and the clock. The same session runs in the command line, in a phone
//! and in a browser, and eight of them run in one test.

mod command;
mod event;
mod io;
mod session;
mod time;

pub use self::{
    command::{Command, Config, Intent, SourceFile},
    event::{
        CommandError, EndReason, Event, LinkStatus, Message, Progress, ServerStatus, TransferError,
    },
    io::{
        Input, LinkId, LinkInput, LinkOutput, Output, SignalingError, SignalingInput,
        SignalingOutput, StoreInput, StoreOutput,
    },
    session::Session,
    time::Time,
};
