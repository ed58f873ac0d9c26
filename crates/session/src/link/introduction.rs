//! The first frames on a new connection: that it ends at the one whose keys these are, and hello.

use bytes::Bytes;
use snug_protocol::{ControlFrame, Hello};

use super::direct::{Misbehaviour, decode};
use crate::{Fingerprints, Time, greeting::Greeting, handshake::Keys};

/// How far the two ends of a connection have got with proving themselves and greeting.
#[derive(Debug)]
pub(super) struct Introduction {
    fingerprints: Fingerprints,
    /// Whether the peer has proven that the connection ends at it.
    bound: bool,
    greeting: Greeting,
}

/// What a frame has led to.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    /// The peer has greeted: it is answered.
    Answer,
    /// The connection ends at somebody else.
    Intercepted,
}

impl Introduction {
    pub(super) fn new(fingerprints: Fingerprints, now: Time) -> Self {
        Self {
            fingerprints,
            bound: false,
            greeting: Greeting::new(now),
        }
    }

    /// The frame that says that the connection ends here.
    pub(super) fn binding(&self, attempt: u32, keys: &Keys) -> ControlFrame {
        let mac = keys.bind(attempt, &self.fingerprints);
        ControlFrame::Binding { mac }
    }

    /// Takes a frame. Until the peer has proven that the connection ends at it, nothing that it
    /// says of itself is read.
    ///
    /// # Errors
    /// [`Misbehaviour`] when something else comes first.
    pub(super) fn on_frame(
        &mut self,
        frame: &Bytes,
        attempt: u32,
        keys: &Keys,
    ) -> Result<Step, Misbehaviour> {
        if !self.bound && ControlFrame::is_hello(frame) {
            // The stack lost the binding before it, as some do: both are said again.
            return Ok(Step::Nothing);
        }
        match decode(frame)? {
            Some(ControlFrame::Binding { mac }) => {
                if !keys.is_bound(attempt, &self.fingerprints, &mac) {
                    return Ok(Step::Intercepted);
                }
                self.bound = true;
                Ok(Step::Nothing)
            }
            Some(ControlFrame::Hello(hello)) if self.bound => {
                self.greeting.on_hello(hello);
                Ok(Step::Answer)
            }
            // It says nothing but that ours has come.
            Some(ControlFrame::Welcome) => {
                self.greeting.on_welcome();
                Ok(Step::Nothing)
            }
            _ => Err("the first frames are not a binding and a greeting".into()),
        }
    }

    /// The peer's greeting, once each side knows that the other has its own.
    pub(super) fn finish(&mut self) -> Option<Box<Hello>> {
        self.greeting.finish()
    }

    /// Whether it is time to say ours again.
    pub(super) fn repeats(&mut self, now: Time) -> bool {
        self.greeting.repeats(now)
    }

    pub(super) fn is_late(&self, now: Time) -> bool {
        self.greeting.is_late(now)
    }

    pub(super) fn poll_timeout(&self) -> Time {
        self.greeting.poll_timeout()
    }
}
