//! `play`: takes a film or a song and lets a player have it while it arrives.

use std::{collections::VecDeque, time::Duration};

use snug_protocol::{Listing, Offer, TransferId};
use snug_session::{Event, LinkStatus, Time};

use super::Step;
use crate::{
    choice::Choice, exit::Exit, happening::Happening, play::Film, request::Request, signals::SIGINT,
};

/// Plays the first film that is offered.
#[derive(Debug)]
pub(crate) struct Play {
    only: Option<Choice>,
    idle: Duration,
    timeout: Option<Duration>,
    give_up_at: Option<Time>,
    /// When nothing to play is expected any more.
    settled_at: Option<Time>,
    state: State,
    met_someone: bool,
    over: bool,
    steps: VecDeque<Step>,
}

/// What has come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No film was offered yet.
    Waiting,
    /// One was, and is being prepared.
    Found(TransferId),
    /// A player can have it.
    Playing(TransferId),
}

impl Play {
    /// Will play the first film, or of those chosen, that is offered at most `idle` after others.
    pub(crate) fn new(
        only: Option<Choice>,
        idle: Duration,
        timeout: Option<Duration>,
        now: Time,
    ) -> Self {
        Self {
            only,
            idle,
            timeout,
            give_up_at: timeout.map(|timeout| now + timeout),
            settled_at: None,
            state: State::Waiting,
            met_someone: false,
            over: false,
            steps: VecDeque::new(),
        }
    }

    pub(super) fn handle(&mut self, happening: &Happening, now: Time) {
        match happening {
            Happening::Event(event) => self.handle_event(event, now),
            Happening::Playing { film, .. } => self.state = State::Playing(film.transfer),
            Happening::PlayFailed { reason, .. } => self.end(Exit::Failed(reason.clone())),
            Happening::PlayerEnded => self.end(Exit::Done),
            _ => {}
        }
    }

    fn handle_event(&mut self, event: &Event, now: Time) {
        match event {
            Event::Link {
                status: LinkStatus::Connected { .. },
                ..
            } => self.met_someone = true,
            Event::Offered {
                transfer,
                offer,
                listing,
                ..
            } => self.handle_offer(*transfer, offer, listing, now),
            Event::TransferFailed {
                transfer,
                to: None,
                reason,
            } if self.film() == Some(*transfer) => {
                self.end(Exit::Incomplete(reason.to_string()));
            }
            _ => {}
        }
    }

    fn handle_offer(&mut self, transfer: TransferId, offer: &Offer, listing: &Listing, now: Time) {
        if self.state != State::Waiting {
            return;
        }
        let Some(film) = Film::pick(transfer, offer.media_type(), listing, self.only.as_ref())
        else {
            self.settled_at = Some(now + self.idle);
            return;
        };
        self.state = State::Found(transfer);
        self.settled_at = None;
        let selection = film.selection(listing);
        self.steps.push_back(Step::Accept(transfer, selection));
        self.steps.push_back(Step::Play(film));
    }

    pub(super) fn handle_request(&mut self, request: &Request) {
        // The end of the input means nothing here: it ends with the player.
        if *request == Request::Leave {
            self.end(self.verdict());
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.poll_timeout().is_none_or(|at| at > now) {
            return;
        }
        let in_time = self.timeout.filter(|_| self.settled_at.is_none());
        let after = in_time.map(|it| format!(" within {} seconds", it.as_secs_f64()));
        let after = after.unwrap_or_default();
        self.end(if self.met_someone {
            Exit::Incomplete(format!("nothing to play was offered{after}"))
        } else {
            Exit::Nobody(format!("reached nobody{after}"))
        });
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let times = [self.settled_at, self.give_up_at].into_iter();
        let waits = self.state == State::Waiting && !self.over;
        times.flatten().min().filter(|_| waits)
    }

    pub(super) fn verdict(&self) -> Exit {
        match self.state {
            State::Waiting | State::Found(_) => Exit::Incomplete("nothing was played".to_owned()),
            State::Playing(_) => Exit::Done,
        }
    }

    /// Ctrl-C is how it usually ends.
    pub(super) fn interrupted(&self, signal: u8) -> Exit {
        match self.state {
            State::Playing(_) if signal == SIGINT => Exit::Done,
            State::Waiting | State::Found(_) | State::Playing(_) => Exit::Signal(signal),
        }
    }

    fn film(&self) -> Option<TransferId> {
        match self.state {
            State::Waiting => None,
            State::Found(transfer) | State::Playing(transfer) => Some(transfer),
        }
    }

    fn end(&mut self, exit: Exit) {
        if !self.over {
            self.over = true;
            self.steps.push_back(Step::End(exit));
        }
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::{FileName, Hash, Manifest};

    use super::{
        super::testing::{at, connected, id, steps},
        *,
    };

    fn play() -> Play {
        let timeout = Some(Duration::from_mins(1));
        let mut play = Play::new(None, Duration::from_secs(3), timeout, at(0));
        play.handle(&connected("ann"), at(1));
        play
    }

    fn offered(name: &str) -> Happening {
        let manifest = Manifest::new(1, Hash::ZERO).unwrap();
        let offer = Offer::of_file(FileName::sanitize(name), manifest);
        Happening::Event(Event::Offered {
            transfer: offer.transfer(),
            from: id("ann"),
            listing: offer.own_listing().unwrap().into(),
            offer,
        })
    }

    /// The film that it has found.
    fn found(play: &mut Play) -> Film {
        let Step::Play(film) = steps(|| play.poll_step()).pop().unwrap() else {
            panic!("it plays nothing");
        };
        film
    }

    #[test]
    fn the_first_film_is_played_until_its_player_ends() {
        let mut play = play();
        play.handle(&offered("a.txt"), at(1));
        assert_eq!(play.poll_timeout(), Some(at(4)));
        play.handle(&offered("b.mp4"), at(2));
        assert_eq!(play.poll_timeout(), None);
        let film = found(&mut play);
        assert_eq!(film.name, "b.mp4");
        play.handle(&offered("c.mp4"), at(3));
        assert_eq!(steps(|| play.poll_step()), []);
        assert_eq!(play.interrupted(2), Exit::Signal(2));
        let address = "http://127.0.0.1:5/x".to_owned();
        play.handle(&Happening::Playing { film, address }, at(3));
        assert_eq!(play.interrupted(2), Exit::Done);
        assert_eq!(play.interrupted(15), Exit::Signal(15));
        play.handle(&Happening::PlayerEnded, at(9));
        assert_eq!(steps(|| play.poll_step()), [Step::End(Exit::Done)]);
    }

    #[test]
    fn nothing_to_play_is_said() {
        let mut play = play();
        play.handle(&offered("a.txt"), at(1));
        play.handle_timeout(at(4));
        let nothing = Exit::Incomplete("nothing to play was offered".to_owned());
        assert_eq!(steps(|| play.poll_step()), [Step::End(nothing)]);
        let mut alone = Play::new(None, Duration::ZERO, Some(Duration::from_secs(5)), at(0));
        alone.handle_timeout(at(5));
        let nobody = Exit::Nobody("reached nobody within 5 seconds".to_owned());
        assert_eq!(steps(|| alone.poll_step()), [Step::End(nobody)]);
    }
}
