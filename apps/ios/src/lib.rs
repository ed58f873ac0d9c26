//! A peer for apps: [`snug_peer`] with what Swift can call around it.
//!
//! A [`Session`] takes part in a room. The app asks it for things, and pulls what happens:
//!
//! ```text
//!  app ── say, offer, accept, read, … ──► Session ──► Peer, on threads of the library's own
//!   ▲                                        │
//!   └──── nextEvent(), until nothing ◄───────┘
//! ```
//!
//! There are conversions here, and nothing that would be a rule of the protocol. What crosses over
//! is made of numbers, texts and bytes; names of members, messages and transfers are texts.
//!
//! - **Waiting ends when the app says so.** A Swift task that is cancelled does not cancel what it
//!   waits for here. [`Session::close`] ends whatever is under way in the session, and a
//!   [`Cancellation`] a single call.
//! - **Errors are few** ([`SnugError`]), and a panic in here is one of them.
//! - **Nothing is written** but into folders that the app names.
//! - **Nearby**, phones share a room without any network: the app carries bytes between them
//!   ([`Session::next_nearby`]).

mod boundary;
mod code;
mod config;
mod error;
mod event;
mod names;
mod nearby;
mod offering;
mod reason;
mod session;

pub use self::{
    boundary::Cancellation,
    code::{Code, CodeProblem, CodeReading, QrCode, invite_link, qr_code, read_code},
    config::{Entry, Secrecy, SessionConfig, Way},
    error::SnugError,
    event::{Check, Event, Item, LinkStatus, Offer, Person, Said, ServerStatus},
    nearby::{NearbyFrame, nearby_matches, nearby_name},
    offering::{Hashing, Offered, Offering},
    reason::{CommandRefusal, DeclineReason, EndReason, Path, Refusal, TransferFailure},
    session::{ReceivedFile, Session},
};

uniffi::setup_scaffolding!();
