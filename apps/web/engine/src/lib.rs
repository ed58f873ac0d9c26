//! The engine in a browser: a [`Session`](snug_session::Session) with JavaScript around it.
//!
//! An [`Engine`] is a state machine like the session inside it. The page hands in what happens
//! ([`Input`]) and takes out what is to be done ([`Output`]) until there is nothing left:
//!
//! ```text
//!  page, RTCPeerConnection, WebSocket, files, clock
//!      │ handle(input, now), control(…), bulk(…)     ▲ poll() → Output, until undefined
//!      ▼                                             │
//!   Engine: codes, descriptions, pieces  ◄────►  Session
//! ```
//!
//! All types that cross over are generated from those here, with their comments. Bytes of files
//! cross as they are: on the way in they are copied once into the module's memory, on the way out
//! the page reads them there ([`View`]).
//!
//! Files are hashed by an [`Offering`], which belongs into a worker.

mod calls;
mod command;
mod config;
mod engine;
mod event;
mod input;
mod invite;
mod links;
mod names;
mod object;
mod offering;
mod output;
mod panics;
mod reason;
mod storage;

pub use self::{
    command::Command,
    config::{Config, Entry, Secrecy},
    engine::Engine,
    event::{Check, Event, Item, LinkStatus, Offered, Person, Said, ServerStatus},
    input::{ConnectionState, Input},
    invite::{Code, CodeProblem, CodeReading, QrPicture, qr_code, read_code},
    names::Text,
    offering::{Files, Listed, Look, Offering},
    output::{Candidate, IceServer, Output, Place, ReadFrom, View},
    reason::{CommandRefusal, DeclineReason, EndReason, Path, Refusal, TransferFailure},
};
