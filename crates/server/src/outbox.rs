//! What waits to be written to one socket: bounded, and never a wait for whoever fills it.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use futures_util::task::AtomicWaker;

use crate::{close::Closing, relay::Text};

/// A queue from the rooms to one socket's task.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    reader: AtomicWaker,
    max_messages: usize,
    max_bytes: usize,
}

/// The next thing for the socket's task to do.
#[derive(Debug)]
pub(crate) enum Next {
    /// Write this.
    Write(Text),
    /// Everything is written; close like this.
    Close(Closing),
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<(Text, Counted)>,
    messages: usize,
    bytes: usize,
    end: Option<Closing>,
}

/// Whether a message counts against the bounds.
#[derive(Debug, Clone, Copy)]
enum Counted {
    Yes,
    /// It waited in the room within a budget of its own.
    No,
}

/// The socket does not read; its queue is gone and it is about to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overflow;

impl Outbox {
    pub(crate) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            reader: AtomicWaker::new(),
            max_messages,
            max_bytes,
        }
    }

    /// Queues a message. When it does not fit, the queue is dropped and the socket closed.
    pub(crate) fn push(&self, text: Text) -> Result<(), Overflow> {
        let mut state = self.lock();
        if state.end.is_some() {
            return Ok(());
        }
        let bytes = state.bytes + text.len();
        if state.messages >= self.max_messages || bytes > self.max_bytes {
            *state = State {
                end: Some(Closing::QUEUE_FULL),
                ..State::default()
            };
            drop(state);
            self.reader.wake();
            return Err(Overflow);
        }
        state.bytes = bytes;
        state.messages += 1;
        state.queue.push_back((text, Counted::Yes));
        // Whoever wakes up wants the lock.
        drop(state);
        self.reader.wake();
        Ok(())
    }

    /// Queues a message that was held in the room until now.
    pub(crate) fn push_held(&self, text: Text) {
        let mut state = self.lock();
        if state.end.is_none() {
            state.queue.push_back((text, Counted::No));
            self.reader.wake();
        }
    }

    /// Closes the socket once the queue is written.
    pub(crate) fn close(&self, closing: Closing) {
        let mut state = self.lock();
        state.end.get_or_insert(closing);
        self.reader.wake();
    }

    /// Waits for the next thing to do. Only one task may wait.
    pub(crate) async fn next(&self) -> Next {
        self.wait_for(Self::try_next).await
    }

    /// The next thing to do, if there is one.
    pub(crate) fn try_next(&self) -> Option<Next> {
        let mut state = self.lock();
        let Some((text, counted)) = state.queue.pop_front() else {
            // An idle socket keeps no memory for a queue.
            state.queue = VecDeque::new();
            return state.end.map(Next::Close);
        };
        if let Counted::Yes = counted {
            state.bytes -= text.len();
            state.messages -= 1;
        }
        Some(Next::Write(text))
    }

    /// Waits until the queue has overflowed. Only one task may wait.
    pub(crate) async fn overflowed(&self) -> Closing {
        let overflow = |end: &Closing| *end == Closing::QUEUE_FULL;
        self.wait_for(|outbox| outbox.lock().end.filter(overflow))
            .await
    }

    async fn wait_for<T>(&self, look: impl Fn(&Self) -> Option<T>) -> T {
        poll_fn(|context| {
            if let Some(found) = look(self) {
                return Poll::Ready(found);
            }
            self.reader.register(context.waker());
            // It may have come between the look and the registration.
            look(self).map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing here panics halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(outbox: &Outbox) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(Next::Write(text)) = outbox.try_next() {
            texts.push(text.as_str().to_owned());
        }
        texts
    }

    #[test]
    fn messages_come_out_in_order_and_the_close_last() {
        let outbox = Outbox::new(3, 100);
        outbox.push(Text::copied("one")).unwrap();
        outbox.push(Text::copied("two")).unwrap();
        outbox.close(Closing::RESTART);
        outbox.push(Text::copied("late")).unwrap();
        assert_eq!(written(&outbox), ["one", "two"]);
        assert!(matches!(
            outbox.try_next(),
            Some(Next::Close(Closing::RESTART))
        ));
    }

    #[test]
    fn one_message_too_many_drops_all_and_closes() {
        let outbox = Outbox::new(2, 100);
        outbox.push(Text::copied("one")).unwrap();
        outbox.push(Text::copied("two")).unwrap();
        assert_eq!(outbox.push(Text::copied("three")), Err(Overflow));
        assert!(matches!(
            outbox.try_next(),
            Some(Next::Close(Closing::QUEUE_FULL))
        ));
    }

    #[test]
    fn one_byte_too_many_drops_all_and_closes() {
        let outbox = Outbox::new(64, 6);
        outbox.push(Text::copied("one")).unwrap();
        outbox.push(Text::copied("two")).unwrap();
        assert_eq!(outbox.push(Text::copied("3")), Err(Overflow));
    }

    #[test]
    fn what_was_written_makes_room() {
        let outbox = Outbox::new(1, 3);
        for _ in 0..100 {
            outbox.push(Text::copied("one")).unwrap();
            assert_eq!(written(&outbox), ["one"]);
        }
    }

    #[test]
    fn held_messages_do_not_count() {
        let outbox = Outbox::new(1, 3);
        for _ in 0..100 {
            outbox.push_held(Text::copied("held"));
        }
        outbox.push(Text::copied("one")).unwrap();
        assert_eq!(written(&outbox).len(), 101);
    }
}
