//! The handshake of two peers under the words of their room, and what its keys are for.
//!
//! Two typestate machines without a clock or I/O exchange the four messages of
//! [`snug_protocol::key`]. Whoever drives them decides when to start, to repeat and to give up:
//!
//! ```text
//! Initiator::start ─── hello ──▶ Responder::start
//! Initiator::on_share ◀─ share ──┘
//!        └──────────── proof ──▶ Responder::on_proof ──▶ Keys
//! Awaiting::on_confirm ◀ confirm ┘
//!        └──▶ Keys
//! ```
//!
//! Each step takes its machine by value: a message that belongs to the run and is wrong ends the
//! run, so that nobody has two tries at one. `expects` tells beforehand, at no cost, whether a
//! message belongs to it. `docs/handshake.md` has the protocol and why it is so.

mod binding;
mod check;
mod cpace;
mod encoding;
mod error;
mod identity;
mod initiator;
mod keys;
mod parties;
mod responder;
mod run;
mod schedule;
mod seal;
mod secrets;
#[cfg(feature = "test-utils")]
pub mod vectors;

pub use self::{
    check::Check,
    error::{HandshakeError, OpenError, SealError},
    identity::{Identity, verify_entry},
    initiator::{Awaiting, Initiator},
    keys::Keys,
    parties::Parties,
    responder::Responder,
    secrets::{Password, Secrets},
};

/// The version of the handshake that this is.
pub const VERSION: u16 = 1;
