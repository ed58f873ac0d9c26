//! The server of Snug: it introduces peers, relays what they say to meet, and stores nothing.

pub mod config;
pub mod limits;
mod rate;
mod registry;
mod relay;
mod resume;
mod room;

pub use self::{
    config::Config,
    rate::{Bucket, Rate},
    registry::{
        CloseReason, CreateError, ForwardError, InitError, JoinError, Output, Registry, SocketId,
        Stats,
    },
    relay::{Envelope, Text},
    resume::{InvalidResumeKey, ResumeKey},
};
