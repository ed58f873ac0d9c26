//! A connection on which no packets come: ICE is restarted (RFC 8445 §9), then it is given up.

use std::time::Duration;

use rand::Rng;
use snug_protocol::negotiation::Description;

use super::{Direct, State};
use crate::{
    Time,
    limits::{POLITE_PATIENCE, RESTART_TIMEOUT},
    mesh::Context,
};

impl Direct {
    /// The machine's addresses changed.
    pub(in crate::link) fn on_network_changed<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        match &self.state {
            State::Connected { .. } | State::Interrupted { .. } => self.restart_ice(cx),
            State::Idle { .. } => self.offer(cx),
            State::Connecting { .. } | State::Verifying { .. } => {}
        }
    }

    /// An offer for the connection that there is.
    pub(super) fn on_restart<R: Rng>(&mut self, offer: Description, cx: &mut Context<'_, R>) {
        if let Some(connection) = self.connection_mut() {
            connection.answer_restart(offer, cx);
        }
        self.await_restart(cx.now);
    }

    pub(super) fn restart_ice<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.await_restart(cx.now);
        if cx.signaling.is_online()
            && let Some(connection) = self.connection_mut()
        {
            connection.restart_ice(cx);
        }
    }

    /// An ICE restart is under way, and gets its time.
    fn await_restart(&mut self, now: Time) {
        if let State::Interrupted {
            restart_at, until, ..
        } = &mut self.state
        {
            *restart_at = None;
            *until = now + RESTART_TIMEOUT;
        }
    }

    pub(super) fn transition_to_interrupted(&mut self, now: Time) {
        let (connection, hello) = match self.take_state() {
            State::Connected { connection, hello } => (connection, hello),
            other => {
                self.state = other;
                return;
            }
        };
        let patience = if self.polite {
            POLITE_PATIENCE
        } else {
            Duration::ZERO
        };
        self.state = State::Interrupted {
            connection,
            hello,
            restart_at: Some(now + patience),
            until: now + patience + RESTART_TIMEOUT,
        };
    }

    pub(super) fn transition_to_resumed(&mut self) {
        self.state = match self.take_state() {
            State::Interrupted {
                connection, hello, ..
            } => State::Connected { connection, hello },
            other => other,
        };
    }
}
