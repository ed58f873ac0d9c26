//! The queues between a radio and a peer.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use snug_protocol::limits::SIGNAL_MESSAGE_BYTES;
use tokio::sync::Notify;

use crate::limits::{PHONE_FRAMES, PHONES};

/// What is on its way between a radio and a peer, either way.
///
/// Bounded for each phone on its own, so that one which sends without end, or takes nothing, is
/// its own trouble alone.
#[derive(Debug, Default)]
pub(super) struct Air {
    state: Mutex<State>,
    heard: Notify,
    to_send: Notify,
    sent: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Those in reach, with the frames that wait: from them, and for them.
    phones: BTreeMap<String, Waiting>,
    inbox: VecDeque<Heard>,
    outbox: VecDeque<(String, Bytes)>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    from: usize,
    to: usize,
}

/// Something that a radio has told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Found(String),
    Lost(String),
    Frame(String, Bytes),
}

impl Air {
    pub(super) fn found(&self, phone: &str) {
        let mut state = self.state();
        if state.closed || state.phones.contains_key(phone) || state.phones.len() >= PHONES {
            return;
        }
        state.phones.insert(phone.to_owned(), Waiting::default());
        state.inbox.push_back(Heard::Found(phone.to_owned()));
        self.heard.notify_one();
    }

    pub(super) fn lost(&self, phone: &str) {
        let mut state = self.state();
        if state.phones.remove(phone).is_none() {
            return;
        }
        state.outbox.retain(|(to, _)| to != phone);
        self.sent.notify_one();
        // What nobody has looked at never was. So the queue stays short however often it happens.
        let unseen = state.inbox.contains(&Heard::Found(phone.to_owned()));
        state.inbox.retain(|heard| match heard {
            Heard::Found(of) | Heard::Frame(of, _) => of != phone,
            Heard::Lost(_) => true,
        });
        if !unseen {
            state.inbox.push_back(Heard::Lost(phone.to_owned()));
            self.heard.notify_one();
        }
    }

    pub(super) fn received(&self, phone: &str, bytes: Bytes) {
        let mut state = self.state();
        let Some(waiting) = state.phones.get_mut(phone) else {
            return;
        };
        if waiting.from >= PHONE_FRAMES || bytes.len() > SIGNAL_MESSAGE_BYTES {
            return tracing::debug!(bytes = bytes.len(), "dropped what a phone sent");
        }
        waiting.from += 1;
        state.inbox.push_back(Heard::Frame(phone.to_owned(), bytes));
        self.heard.notify_one();
    }

    /// Waits for what is to be sent next; `None` after the end. May be dropped and called again.
    pub(super) async fn next_to_send(&self) -> Option<(String, Bytes)> {
        loop {
            // Before looking, so that what comes between is noticed.
            let to_send = self.to_send.notified();
            {
                let mut state = self.state();
                if let Some((phone, bytes)) = state.outbox.pop_front() {
                    if let Some(waiting) = state.phones.get_mut(&phone) {
                        waiting.to -= 1;
                    }
                    self.sent.notify_one();
                    return Some((phone, bytes));
                }
                if state.closed {
                    // Should others wait, too.
                    self.to_send.notify_one();
                    return None;
                }
            }
            to_send.await;
        }
    }

    /// Queues a frame for a phone, or drops it if too many wait: the session says again what
    /// matters.
    pub(super) fn send(&self, phone: &str, bytes: Bytes) {
        let mut state = self.state();
        let Some(waiting) = state.phones.get_mut(phone) else {
            return;
        };
        if waiting.to >= PHONE_FRAMES {
            return tracing::debug!("a phone takes nothing");
        }
        waiting.to += 1;
        state.outbox.push_back((phone.to_owned(), bytes));
        self.to_send.notify_one();
    }

    /// Waits for what the radio tells next. May be dropped and called again.
    pub(super) async fn hear(&self) -> Heard {
        loop {
            let notified = self.heard.notified();
            if let Some(heard) = self.pop_heard() {
                return heard;
            }
            notified.await;
        }
    }

    /// Those in reach, as far as the peer has heard.
    pub(super) fn phones(&self) -> Vec<String> {
        let state = self.state();
        let known = |phone: &&String| !state.inbox.contains(&Heard::Found((*phone).clone()));
        state.phones.keys().filter(known).cloned().collect()
    }

    /// Waits until everything has gone out.
    pub(super) async fn flush(&self) {
        loop {
            let sent = self.sent.notified();
            if self.state().outbox.is_empty() {
                return;
            }
            sent.await;
        }
    }

    pub(super) fn close(&self) {
        let mut state = self.state();
        *state = State {
            closed: true,
            ..State::default()
        };
        self.to_send.notify_one();
    }

    fn pop_heard(&self) -> Option<Heard> {
        let mut state = self.state();
        let heard = state.inbox.pop_front()?;
        if let Heard::Frame(phone, _) = &heard
            && let Some(waiting) = state.phones.get_mut(phone)
        {
            waiting.from -= 1;
        }
        Some(heard)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
