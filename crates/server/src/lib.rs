//! The server of Snug: it introduces peers, relays what they say to meet, and stores nothing.
//!
//! From the inside out:
//!
//! 1. [`Registry`] is all rooms as a state machine, without sockets, tasks or a clock. It decides
//!    who may sit where, who hears of whom, and what waits for those who are away.
//! 2. One task, the driver, owns it. Every WebSocket has a task of its own, which decodes what
//!    comes up, asks the driver, and writes what the driver puts into its bounded outbox. Nobody
//!    ever waits for somebody else's socket.
//! 3. The listener accepts connections under the limits per address; hyper reads requests; `/ws`
//!    becomes a WebSocket with small buffers, everything else goes through warp.
//! 4. [`Server`] binds all of it, serves, and drains.

mod address;
mod association;
mod clock;
mod close;
pub mod config;
mod connection;
mod context;
mod driver;
mod error;
mod held;
mod host;
mod http;
mod ice;
mod intake;
pub mod limits;
mod listener;
mod metrics;
mod origin;
mod outbox;
mod page;
mod pulse;
mod rate;
mod registry;
mod relay;
mod reply;
mod resume;
mod room;
mod routes;
mod server;
mod stun;
mod upgrade;

pub use self::{
    association::{AppId, InvalidAppId},
    config::Config,
    error::{CreateError, ForwardError, InitError, JoinError},
    host::{Host, InvalidHost},
    page::Page,
    rate::{Bucket, Rate},
    registry::{CloseReason, Output, Registry, SocketId, Stats},
    relay::{Envelope, Text},
    resume::{InvalidResumeKey, ResumeKey},
    server::{BindError, ServeError, Server},
};
