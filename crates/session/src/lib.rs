//! One participant of a room, whole, as a state machine without I/O.
//!
//! A [`Session`] is told what happens ([`Input`]) and says what to do ([`Output`]); its host has
//! the sockets, the files and the clock. The same session runs in the command line, in a phone
//! and in a browser, and eight of them run in one test.
//!
//! Inside, each part minds one thing: `signaling` the way to the server, `mesh` and `link` the
//! connections to the other members, `chat` what they say, `transfer` their files. `session`
//! takes what happens to the part that it concerns.

mod backoff;
mod budget;
mod chat;
mod command;
mod credentials;
mod event;
mod greeting;
mod guard;
pub mod handshake;
mod io;
mod limits;
mod link;
mod mesh;
mod outbox;
mod pacer;
mod roster;
mod session;
mod signaling;
#[cfg(feature = "test-utils")]
pub mod sim;
mod status;
mod time;
mod transfer;

use snug_protocol::maps;

pub use self::{
    budget::RelayBudget,
    command::{Command, Config, Intent, Selection, Source},
    event::{CommandError, EndReason, Event, Message, Progress, ServerStatus, TransferError},
    io::{
        Fingerprints, Input, LinkId, LinkInput, LinkOutput, Output, SignalingError, SignalingInput,
        SignalingOutput, StoreInput, StoreOutput,
    },
    limits::WRONG_GUESSES,
    session::Session,
    status::{LinkStatus, Path, Refusal},
    time::Time,
};
