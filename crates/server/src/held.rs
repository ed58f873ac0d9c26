//! What waits for a member who is away.

use std::{collections::VecDeque, time::Instant};

use crate::{config::RoomConfig, error::ForwardError, registry::Stats, relay::Text};

/// What was relayed to a member that is away, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Held {
    messages: VecDeque<(Instant, Text)>,
    bytes: usize,
}

impl Held {
    /// Keeps `text`, or refuses it: what came first (an offer before its candidates) is worth more
    /// than what came last, and the sender hears of it. `left` is how many bytes all rooms together
    /// may still keep.
    pub(crate) fn push(
        &mut self,
        text: Text,
        left: usize,
        now: Instant,
        config: &RoomConfig,
    ) -> Result<(), ForwardError> {
        while self
            .messages
            .front()
            .is_some_and(|(at, _)| *at + config.hold_time <= now)
        {
            let (_, old) = self.messages.pop_front().expect("just looked at");
            self.bytes -= old.len();
        }
        let bytes = self.bytes + text.len();
        let is_full = self.messages.len() >= config.held_messages || bytes > config.held_bytes;
        if is_full || text.len() > left {
            return Err(ForwardError::RecipientBusy);
        }
        self.bytes = bytes;
        self.messages.push_back((now, text));
        Ok(())
    }

    /// What has not been kept for too long.
    pub(crate) fn into_fresh(self, now: Instant, config: &RoomConfig) -> Vec<Text> {
        let fresh = |at: Instant| at + config.hold_time > now;
        self.messages
            .into_iter()
            .filter(|(at, _)| fresh(*at))
            .map(|(_, text)| text)
            .collect()
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            held_messages: self.messages.len(),
            held_bytes: self.bytes,
            ..Stats::default()
        }
    }
}
