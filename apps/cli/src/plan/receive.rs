//! `receive`: takes every file on offer, and ends when there are no more.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use snug_protocol::{ClientId, TransferId};
use snug_session::{Event, LinkStatus, Time};

use super::Step;
use crate::{exit::Exit, happening::Happening, request::Request, units::count};

/// Takes every file until all are here.
#[derive(Debug)]
pub(crate) struct Receive {
    idle: Duration,
    timeout: Option<Duration>,
    give_up_at: Option<Time>,
    /// When nothing more is expected from a sender who stays.
    settled_at: Option<Time>,
    files: BTreeMap<TransferId, State>,
    senders: BTreeSet<ClientId>,
    /// Those in the room; the ones before us count once they are connected.
    present: BTreeSet<ClientId>,
    met_someone: bool,
    over: bool,
    steps: VecDeque<Step>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// On its way.
    Awaited,
    /// Here, every byte verified.
    Here,
    /// Not to be had.
    Failed(String),
}

impl Receive {
    /// Will wait so long for more files from a sender who stays, and give up after `timeout`.
    pub(crate) fn new(idle: Duration, timeout: Option<Duration>, now: Time) -> Self {
        Self {
            idle,
            timeout,
            give_up_at: timeout.map(|timeout| now + timeout),
            settled_at: None,
            files: BTreeMap::new(),
            senders: BTreeSet::new(),
            present: BTreeSet::new(),
            met_someone: false,
            over: false,
            steps: VecDeque::new(),
        }
    }

    pub(super) fn handle(&mut self, happening: &Happening, now: Time) {
        let Happening::Event(event) = happening else {
            return;
        };
        match event {
            Event::Link {
                peer,
                status: LinkStatus::Connected { .. },
            } => {
                self.met_someone = true;
                self.present.insert(peer.clone());
            }
            Event::Offered { transfer, from, .. } => self.handle_offer(*transfer, from),
            Event::Received { transfer, .. } => self.settle(*transfer, State::Here, now),
            Event::TransferFailed {
                transfer,
                to: None,
                reason,
            } => self.settle(*transfer, State::Failed(reason.to_string()), now),
            Event::OfferWithdrawn { transfer, .. } => {
                let withdrawn = State::Failed("the sender withdrew it".to_owned());
                self.settle(*transfer, withdrawn, now);
            }
            Event::PeerLeft { peer, .. } => {
                self.present.remove(peer);
                self.senders.remove(peer);
            }
            _ => {}
        }
        self.check();
    }

    fn handle_offer(&mut self, transfer: TransferId, from: &ClientId) {
        self.senders.insert(from.clone());
        self.present.insert(from.clone());
        let state = self.files.get(&transfer);
        if matches!(state, Some(State::Awaited | State::Here)) {
            return;
        }
        self.files.insert(transfer, State::Awaited);
        self.settled_at = None;
        self.steps.push_back(Step::Accept(transfer));
    }

    fn settle(&mut self, transfer: TransferId, state: State, now: Time) {
        let Some(known) = self.files.get_mut(&transfer) else {
            return;
        };
        if *known != State::Here {
            *known = state;
        }
        if !self.awaits_something() {
            self.settled_at = Some(now + self.idle);
        }
    }

    pub(super) fn handle_request(&mut self, request: &Request) {
        // The end of the input means nothing here: it all ends by itself.
        if *request == Request::Leave {
            self.end(self.verdict());
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.settled_at.is_some_and(|at| at <= now) {
            self.end(self.verdict());
        }
        let Some(timeout) = self
            .timeout
            .filter(|_| self.give_up_at.is_some_and(|at| at <= now))
        else {
            return;
        };
        let after = format!("within {} seconds", timeout.as_secs_f64());
        self.end(if self.met_someone {
            Exit::Incomplete(format!("{} {after}", self.tally()))
        } else {
            Exit::Nobody(format!("reached nobody {after}"))
        });
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let times = [self.settled_at, self.give_up_at].into_iter();
        times.flatten().min().filter(|_| !self.over)
    }

    pub(super) fn verdict(&self) -> Exit {
        let failed = self.files.values().find_map(|state| match state {
            State::Failed(why) => Some(why),
            State::Awaited | State::Here => None,
        });
        match failed {
            Some(why) => Exit::Incomplete(format!("{}: {why}", self.tally())),
            None if self.files.is_empty() || self.awaits_something() => {
                Exit::Incomplete(self.tally())
            }
            None => Exit::Done,
        }
    }

    /// Ends when all is settled and no sender is left, or nobody at all.
    fn check(&mut self) {
        let alone = self.met_someone && self.present.is_empty();
        let settled = !self.files.is_empty() && !self.awaits_something();
        if alone || settled && self.senders.is_empty() {
            self.end(self.verdict());
        }
    }

    fn end(&mut self, exit: Exit) {
        if !self.over {
            self.over = true;
            self.steps.push_back(Step::End(exit));
        }
    }

    fn awaits_something(&self) -> bool {
        self.files.values().any(|state| *state == State::Awaited)
    }

    fn tally(&self) -> String {
        if self.files.is_empty() {
            return "no file was offered".to_owned();
        }
        let here = self.files.values().filter(|it| **it == State::Here).count();
        let files = count(self.files.len(), "file", "files");
        format!("{here} of {files} arrived")
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::{FileName, Hash, Manifest, Offer};
    use snug_session::TransferError;

    use super::{
        super::testing::{at, connected, id, left, steps, transfer},
        *,
    };

    fn receive() -> Receive {
        let timeout = Some(Duration::from_mins(1));
        let mut receive = Receive::new(Duration::from_secs(3), timeout, at(0));
        receive.handle(&connected("ann"), at(1));
        receive
    }

    fn offered(number: u8, from: &str) -> Happening {
        let manifest = Manifest::new(1, Hash::ZERO).unwrap();
        let offer = Offer::of_file(FileName::sanitize("x"), manifest);
        Happening::Event(Event::Offered {
            transfer: transfer(number),
            from: id(from),
            listing: offer.own_listing().unwrap().into(),
            offer,
        })
    }

    fn received(number: u8) -> Happening {
        Happening::Event(Event::Received {
            transfer: transfer(number),
            place: None,
        })
    }

    fn failed(number: u8) -> Happening {
        Happening::Event(Event::TransferFailed {
            transfer: transfer(number),
            to: None,
            reason: TransferError::SourceGone,
        })
    }

    fn code(receive: &mut Receive) -> Option<u8> {
        let last = steps(|| receive.poll_step()).pop();
        match last {
            Some(Step::End(exit)) => Some(exit.code()),
            _ => None,
        }
    }

    #[test]
    fn takes_every_file_and_ends_with_the_sender() {
        let mut receive = receive();
        for number in [1, 2, 1] {
            receive.handle(&offered(number, "ann"), at(1));
        }
        let accepts = [Step::Accept(transfer(1)), Step::Accept(transfer(2))];
        assert_eq!(steps(|| receive.poll_step()), accepts);
        receive.handle(&received(1), at(2));
        assert_eq!(receive.verdict().code(), 5);
        receive.handle(&received(2), at(3));
        assert_eq!(code(&mut receive), None);
        receive.handle(&left("ann"), at(4));
        assert_eq!(code(&mut receive), Some(0));
    }

    #[test]
    fn a_sender_who_stays_has_a_while_to_offer_more() {
        let mut receive = receive();
        receive.handle(&offered(1, "ann"), at(1));
        receive.handle(&received(1), at(2));
        assert_eq!(receive.poll_timeout(), Some(at(5)));
        receive.handle(&offered(2, "ann"), at(4));
        assert_eq!(receive.poll_timeout(), Some(at(60)));
        receive.handle(&received(2), at(7));
        receive.handle_timeout(at(9));
        assert_eq!(code(&mut receive), None);
        receive.handle_timeout(at(10));
        assert_eq!(code(&mut receive), Some(0));
        assert_eq!(receive.poll_timeout(), None);
    }

    #[test]
    fn a_sender_who_vanishes_is_a_failure() {
        let mut early = receive();
        early.handle(&left("ann"), at(2));
        assert_eq!(code(&mut early), Some(5), "nothing was offered");
        let mut midway = receive();
        midway.handle(&offered(1, "ann"), at(1));
        midway.handle(&left("ann"), at(2));
        assert_eq!(code(&mut midway), Some(5));
    }

    #[test]
    fn another_who_has_the_file_may_save_it() {
        let mut receive = receive();
        receive.handle(&connected("bob"), at(1));
        receive.handle(&offered(1, "ann"), at(1));
        receive.handle(&left("ann"), at(2));
        assert_eq!(code(&mut receive), None);
        receive.handle(&received(1), at(3));
        assert_eq!(code(&mut receive), Some(0));
    }

    #[test]
    fn one_failed_file_fails_it_all_unless_it_comes_again() {
        let mut receive = receive();
        receive.handle(&offered(1, "ann"), at(1));
        receive.handle(&offered(2, "ann"), at(1));
        receive.handle(&received(1), at(2));
        receive.handle(&failed(2), at(3));
        assert_eq!(receive.verdict().code(), 5);
        receive.handle(&offered(2, "ann"), at(4));
        assert_eq!(
            steps(|| receive.poll_step()).pop(),
            Some(Step::Accept(transfer(2)))
        );
        receive.handle(&received(2), at(5));
        assert_eq!(receive.verdict(), Exit::Done);
    }

    #[test]
    fn gives_up_in_time() {
        let mut alone = Receive::new(Duration::ZERO, Some(Duration::from_mins(1)), at(0));
        alone.handle_timeout(at(60));
        assert_eq!(code(&mut alone), Some(6));
        let mut receive = receive();
        receive.handle_timeout(at(60));
        assert_eq!(code(&mut receive), Some(5));
    }
}
