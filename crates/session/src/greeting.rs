//! The first words each way on a new connection.
//!
//! Ours is said again until it is answered: a stack may lose what comes in the moment in which
//! its association is coming up. The connection is up once both have heard and been answered.

use std::time::Duration;

use snug_protocol::Hello;

use crate::{
    Time,
    limits::{GREETING_PAUSE, VERIFY_TIMEOUT},
};

/// How far two peers have got with greeting each other.
#[derive(Debug)]
pub(crate) struct Greeting {
    until: Time,
    again_at: Time,
    pause: Duration,
    /// The peer's.
    heard: Option<Box<Hello>>,
    /// Whether the peer has ours.
    answered: bool,
}

impl Greeting {
    /// Ours is said now.
    pub(crate) fn new(now: Time) -> Self {
        Self {
            until: now + VERIFY_TIMEOUT,
            again_at: now + GREETING_PAUSE,
            pause: GREETING_PAUSE,
            heard: None,
            answered: false,
        }
    }

    pub(crate) fn on_hello(&mut self, hello: Hello) {
        self.heard.get_or_insert_with(|| Box::new(hello));
    }

    pub(crate) fn on_welcome(&mut self) {
        self.answered = true;
    }

    /// The peer's greeting, once each side knows that the other has its own.
    pub(crate) fn finish(&mut self) -> Option<Box<Hello>> {
        self.heard.take_if(|_| self.answered)
    }

    /// Whether it is time to say ours again.
    pub(crate) fn repeats(&mut self, now: Time) -> bool {
        let due = !self.answered && now >= self.again_at;
        if due {
            self.pause *= 2;
            self.again_at = now + self.pause;
        }
        due
    }

    pub(crate) fn is_late(&self, now: Time) -> bool {
        now >= self.until
    }

    pub(crate) fn poll_timeout(&self) -> Time {
        if self.answered {
            return self.until;
        }
        self.again_at.min(self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_again_with_longer_pauses_until_it_is_answered() {
        let mut greeting = Greeting::new(Time::ZERO);
        let mut said = Vec::new();
        while !greeting.is_late(greeting.poll_timeout()) {
            let now = greeting.poll_timeout();
            assert!(greeting.repeats(now) && !greeting.repeats(now));
            said.push(now.since_origin().as_millis());
        }
        assert_eq!(said, [50, 150, 350, 750, 1550, 3150]);
        greeting.on_welcome();
        assert_eq!(greeting.poll_timeout(), Time::ZERO + VERIFY_TIMEOUT);
    }
}
