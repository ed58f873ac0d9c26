//! Scenarios: the rooms under a driven clock, and a real server on loopback.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod client;
mod drain;
mod frames;
mod http;
mod limits;
mod model;
mod page;
mod privacy;
mod raw;
mod rooms;
mod server;
mod sockets;
mod stun;
