//! What the session tells, on its way to whoever listens.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use snug_session::Event;
use tokio::sync::Notify;

use crate::limits::{EVENTS_FULL, EVENTS_SLOW};

/// The events of a peer, in order.
///
/// None is lost, except that of a transfer's progress only the newest waits. Whoever listens too
/// slowly slows the peer down: after a few hundred events it takes no more requests, and reads
/// nothing from the others. So somebody has to listen while messages are sent, or drop this.
#[derive(Debug)]
pub struct Events(Arc<Queue>);

/// Where the driver puts the events.
#[derive(Debug)]
pub(crate) struct EventSink(Arc<Queue>);

/// How far the listener is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Backlog {
    /// Not worth mentioning.
    None,
    /// [`EVENTS_SLOW`] or more.
    Slow,
    /// [`EVENTS_FULL`] or more.
    Full,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    filled: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    /// One of the two ends is gone.
    closed: bool,
}

pub(crate) fn channel() -> (EventSink, Events) {
    let queue = Arc::new(Queue::default());
    (EventSink(queue.clone()), Events(queue))
}

impl Events {
    /// Waits for the next event; `None` after [`Event::Ended`].
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            // Before looking, so that what comes between is noticed.
            let filled = self.0.filled.notified();
            {
                let mut state = self.0.state();
                if let Some(event) = state.events.pop_front() {
                    self.0.emptied.notify_one();
                    return Some(event);
                }
                if state.closed {
                    return None;
                }
            }
            filled.await;
        }
    }
}

impl EventSink {
    /// Adds an event, or drops it if nobody listens.
    pub(crate) fn push(&self, event: Event) {
        let mut state = self.0.state();
        if state.closed {
            return;
        }
        match state
            .events
            .iter_mut()
            .find(|waiting| is_outdated(waiting, &event))
        {
            Some(waiting) => *waiting = event,
            None => state.events.push_back(event),
        }
        self.0.filled.notify_one();
    }

    /// Waits until the listener has taken something.
    pub(crate) async fn taken(&self) {
        self.0.emptied.notified().await;
    }

    pub(crate) fn backlog(&self) -> Backlog {
        match self.0.state().events.len() {
            EVENTS_FULL.. => Backlog::Full,
            EVENTS_SLOW.. => Backlog::Slow,
            _ => Backlog::None,
        }
    }
}

impl Drop for EventSink {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.filled.notify_one();
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        state.events.clear();
        self.0.emptied.notify_one();
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `newer` says all that `waiting` says.
fn is_outdated(waiting: &Event, newer: &Event) -> bool {
    match (waiting, newer) {
        (Event::Progress(waiting), Event::Progress(newer)) => {
            waiting.transfer == newer.transfer && waiting.to == newer.to
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::TransferId;
    use snug_session::{EndReason, Progress};

    use super::*;

    fn progress(transfer: u8, bytes: u64) -> Event {
        Event::Progress(Progress {
            transfer: TransferId::from_bytes([transfer; 16]),
            to: None,
            bytes,
            total: 100,
            rate: 1.0,
            eta: None,
        })
    }

    fn typing(n: usize) -> Event {
        let peer = n.to_string().parse().unwrap();
        Event::Typing { peer, on: true }
    }

    #[tokio::test]
    async fn only_the_newest_progress_waits() {
        let (sink, mut events) = channel();
        for event in [progress(1, 1), typing(1), progress(2, 5), progress(1, 2)] {
            sink.push(event);
        }
        for expected in [progress(1, 2), typing(1), progress(2, 5)] {
            assert_eq!(events.next().await, Some(expected));
        }
    }

    #[tokio::test]
    async fn nothing_is_lost_and_the_driver_is_told_to_wait() {
        let (sink, mut events) = channel();
        for n in 0..EVENTS_FULL {
            assert_eq!(sink.backlog() >= Backlog::Slow, n >= EVENTS_SLOW);
            sink.push(typing(n));
        }
        assert_eq!(sink.backlog(), Backlog::Full);
        for n in 0..EVENTS_FULL {
            assert_eq!(events.next().await, Some(typing(n)));
        }
        sink.taken().await;
        assert_eq!(sink.backlog(), Backlog::None);
    }

    #[tokio::test]
    async fn the_end_comes_after_the_last_event() {
        let (sink, mut events) = channel();
        sink.push(Event::Ended(EndReason::Left));
        drop(sink);
        assert_eq!(events.next().await, Some(Event::Ended(EndReason::Left)));
        assert_eq!(events.next().await, None);
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn events_that_nobody_hears_take_no_room() {
        let (sink, events) = channel();
        drop(events);
        (0..2 * EVENTS_FULL).for_each(|n| sink.push(typing(n)));
        assert_eq!(sink.backlog(), Backlog::None);
    }
}
