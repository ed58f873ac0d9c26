//! Attacks, each as somebody in the server.

pub(crate) mod alter;
mod between;
mod chaos;
pub(crate) mod drop;
mod flap;
mod ghosts;
mod intruder;
mod reflect;
mod reorder;
mod replay;
pub(crate) mod split;
mod swap;

pub(crate) use self::{
    alter::Alter, between::Between, chaos::Chaos, drop::Loss, flap::Flap, ghosts::Ghosts,
    intruder::Intruder, reflect::Reflect, reorder::Reorder, replay::Replay, split::Split,
    swap::Swap,
};
