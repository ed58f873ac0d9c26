//! A server that does what it must not.
//!
//! Each [`Attack`] is written once, as an [`Adversary`](snug_session::sim::Adversary) that sees
//! what passes through the server. [`simulate`] lets it loose on a simulated room and judges what
//! became of the members; [`proxy`] puts it between real programs and a real server.

mod attack;
mod attacks;
pub mod proxy;
pub mod simulate;
mod wire;

pub use self::attack::{Attack, Knowledge};
