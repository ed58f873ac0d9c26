//! Scenarios: the rooms under a driven clock, and a real server on loopback.

mod client;
mod drain;
mod frames;
mod http;
mod limits;
mod privacy;
mod raw;
mod rooms;
mod server;
mod sockets;
mod stun;
