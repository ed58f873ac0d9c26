//! A server that does as it pleases.

use std::fmt;

use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, ServerMessage};

/// Somebody who runs the server, or has broken into it: sees every message to every member and
/// decides what arrives in its place.
pub trait Adversary: fmt::Debug {
    /// Takes what was for `to`. Gives what the server sends instead, and to whom.
    fn pass(
        &mut self,
        to: &ClientId,
        message: ServerMessage,
        rng: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)>;

    /// Hears what a member says, before the server acts on it. Gives what is sent in addition, and
    /// to whom: so members are played who never were.
    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        let _ = (from, message, rng);
        Vec::new()
    }
}

impl<T: Adversary + ?Sized> Adversary for Box<T> {
    fn pass(
        &mut self,
        to: &ClientId,
        message: ServerMessage,
        rng: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        (**self).pass(to, message, rng)
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        (**self).overhear(from, message, rng)
    }
}
