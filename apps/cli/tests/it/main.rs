//! The real program, many times over, against a real server on loopback.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod blocked;
mod captured;
mod ends;
mod endure;
mod exchange;
mod files;
mod folders;
mod glass;
mod hostile;
mod member;
mod outlive;
mod play;
mod relay;
mod rooms;
mod server;
mod terminal;
mod verify;
mod words;
