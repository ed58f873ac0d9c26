//! The handshake of two peers: what an honest pair gets out of it, and what everyone else does
//! not. The numbers above tests are those of hostile.md.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod binding;
mod fixture;
mod flip;
mod honest;
mod hostile;
mod identity;
mod sealing;
mod tampering;
