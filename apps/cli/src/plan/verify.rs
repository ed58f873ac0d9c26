//! `verify`: stays until told otherwise, and has done its work once somebody was verified.

use std::time::Duration;

use snug_session::{Event, LinkStatus, Time};

use super::Step;
use crate::{exit::Exit, happening::Happening, request::Request, signals::SIGINT};

/// Meets the members of a room, so that a person can compare check strings with them.
#[derive(Debug)]
pub(crate) struct Verify {
    timeout: Option<Duration>,
    give_up_at: Option<Time>,
    met: Met,
    step: Option<Step>,
}

/// Who was met, at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Nobody,
    /// Somebody in a room without words.
    Unverified,
    Verified,
}

impl Verify {
    /// Will stay until `timeout`, if there is one.
    pub(crate) fn new(timeout: Option<Duration>, now: Time) -> Self {
        Self {
            timeout,
            give_up_at: timeout.map(|timeout| now + timeout),
            met: Met::Nobody,
            step: None,
        }
    }

    pub(super) fn handle(&mut self, happening: &Happening) {
        if let Happening::Event(Event::Link {
            status: LinkStatus::Connected { verified, .. },
            ..
        }) = happening
        {
            let met = if *verified {
                Met::Verified
            } else {
                Met::Unverified
            };
            self.met = self.met.max(met);
        }
    }

    pub(super) fn handle_request(&mut self, request: &Request) {
        // The end of the input means nothing here: it all ends by itself.
        if *request == Request::Leave {
            self.step = Some(Step::End(self.verdict()));
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.give_up_at.is_some_and(|at| at <= now) {
            self.give_up_at = None;
            self.step = Some(Step::End(self.verdict()));
        }
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.step.take()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.give_up_at
    }

    pub(super) fn verdict(&self) -> Exit {
        match (self.met, self.timeout) {
            (Met::Verified, _) => Exit::Done,
            (Met::Unverified, _) => Exit::Nobody(
                "nobody can be verified in a room without words: only the emoji tell, once you \
                 have compared them"
                    .to_owned(),
            ),
            (Met::Nobody, Some(timeout)) => {
                let seconds = timeout.as_secs_f64();
                Exit::Nobody(format!("nobody was verified within {seconds} seconds"))
            }
            (Met::Nobody, None) => Exit::Nobody("nobody was verified".to_owned()),
        }
    }

    /// Ctrl-C is how this usually ends, and no failure when it has done its work.
    pub(super) fn interrupted(&self, signal: u8) -> Exit {
        match self.met {
            Met::Verified if signal == SIGINT => Exit::Done,
            Met::Verified | Met::Unverified | Met::Nobody => Exit::Signal(signal),
        }
    }
}

#[cfg(test)]
mod tests {
    use snug_session::Path;

    use super::{
        super::testing::{at, connected, id, joined},
        *,
    };

    fn verify() -> Verify {
        let mut verify = Verify::new(Some(Duration::from_secs(5)), at(0));
        verify.handle(&joined());
        verify
    }

    fn code(verify: &mut Verify) -> Option<u8> {
        match verify.poll_step() {
            Some(Step::End(exit)) => Some(exit.code()),
            _ => None,
        }
    }

    #[test]
    fn somebody_verified_is_success() {
        let mut verify = verify();
        assert_eq!(verify.interrupted(2), Exit::Signal(2));
        verify.handle(&connected("ann"));
        assert_eq!(code(&mut verify), None, "others may come");
        assert_eq!(verify.interrupted(2), Exit::Done);
        assert_eq!(verify.interrupted(15), Exit::Signal(15));
        assert_eq!(verify.poll_timeout(), Some(at(5)));
        verify.handle_timeout(at(5));
        assert_eq!(code(&mut verify), Some(0));
        assert_eq!(verify.poll_timeout(), None);
    }

    #[test]
    fn nobody_verified_is_a_failure() {
        let mut verify = verify();
        verify.handle_timeout(at(5));
        assert_eq!(code(&mut verify), Some(6));
    }

    #[test]
    fn nobody_is_verified_in_an_open_room() {
        let mut verify = verify();
        verify.handle(&Happening::Event(Event::Link {
            peer: id("ann"),
            status: LinkStatus::Connected {
                verified: false,
                path: Path::Direct,
            },
        }));
        assert_eq!(verify.interrupted(2), Exit::Signal(2));
        verify.handle_request(&Request::EndOfInput);
        assert_eq!(code(&mut verify), None);
        verify.handle_request(&Request::Leave);
        assert_eq!(code(&mut verify), Some(6));
    }
}
