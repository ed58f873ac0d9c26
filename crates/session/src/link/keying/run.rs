//! A message of the handshake that is said until it is answered.

use std::time::Duration;

use snug_protocol::{ClientId, ForwardKind, KeyMessage};

use crate::{
    Time,
    limits::{KEY_PAUSE, KEY_TIMEOUT},
    mesh::Context,
};

/// One message, and when it is said again or given up.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) message: KeyMessage,
    pub(super) again_at: Time,
    pause: Duration,
    pub(super) until: Time,
}

impl Run {
    /// Says a message for the first time.
    pub(super) fn new<R>(message: KeyMessage, peer: &ClientId, cx: &mut Context<'_, R>) -> Self {
        say(&message, peer, cx);
        Self {
            message,
            again_at: cx.now + KEY_PAUSE,
            pause: KEY_PAUSE,
            until: cx.now + KEY_TIMEOUT,
        }
    }

    pub(super) fn repeat<R>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if cx.now >= self.again_at {
            self.pause *= 2;
            self.again_at = cx.now + self.pause;
            say(&self.message, peer, cx);
        }
    }

    /// Says it again with all the time there was at first.
    pub(super) fn renew<R>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.pause = KEY_PAUSE;
        self.again_at = cx.now + KEY_PAUSE;
        self.until = cx.now + KEY_TIMEOUT;
        say(&self.message, peer, cx);
    }
}

/// Sends a message by the server.
pub(super) fn say<R>(message: &KeyMessage, peer: &ClientId, cx: &mut Context<'_, R>) {
    cx.signaling
        .forward(ForwardKind::Key, peer, message.encode(), cx.out);
}
