//! The public machine.

use crate::{Config, Input, Output, Time};

/// One participant of a room.
///
/// Every [`handle`](Self::handle) is followed by [`poll_output`](Self::poll_output) until `None`;
/// [`poll_timeout`](Self::poll_timeout) says when to come back with [`Input::Timeout`].
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// Starts to take part. The first outputs are there at once.
    pub fn new(_config: Config, _seed: [u8; 32], _now: Time) -> Self {
        Self {}
    }

    /// Takes one input.
    pub fn handle(&mut self, _input: Input, _now: Time) {}

    /// Gives the next thing to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When to come back at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }
}
