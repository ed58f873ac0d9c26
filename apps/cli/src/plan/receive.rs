//! `receive`: takes what is on offer, and ends when there is no more.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use snug_protocol::{ClientId, Listing, StopReason, TransferId};
use snug_session::{Event, LinkStatus, Time, TransferError};

use super::Step;
use crate::{
    choice::Choice,
    exit::Exit,
    happening::Happening,
    request::Request,
    units::{bytes, count},
};

/// Takes what is on offer until all of it is here.
#[derive(Debug)]
pub(crate) struct Receive {
    taking: Taking,
    idle: Duration,
    timeout: Option<Duration>,
    give_up_at: Option<Time>,
    /// When nothing more is expected: all that was offered is settled, or nobody is left who has
    /// the rest.
    settled_at: Option<Time>,
    offers: BTreeMap<TransferId, State>,
    senders: BTreeSet<ClientId>,
    /// Those in the room; the ones before us count once they are connected.
    present: BTreeSet<ClientId>,
    met_someone: bool,
    /// Whether anything has come of any offer, or had before.
    some_came: bool,
    over: bool,
    steps: VecDeque<Step>,
}

/// What is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taking {
    /// What is chosen, into a folder.
    Folder(Choice),
    /// What is chosen, to be thrown away.
    Discard(Choice),
    /// Nothing: it is only looked at.
    Nothing,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// On its way.
    Awaited,
    /// Nobody here has so many bytes of it.
    Stranded(u64),
    /// Here, every byte verified.
    Here,
    /// Not wanted.
    Unwanted,
    /// Not to be had for now.
    Failed(String),
    /// Not to be had, and what had come of it is gone.
    Withdrawn(String),
}

/// What becomes of what has come.
const KEPT: &str = "What has come is kept in ….part: run the same command in the same folder again, \
    in this room or another where it is offered, and it goes on from there";

impl Receive {
    /// Will wait so long for more files from a sender who stays, and for the rest when nobody has
    /// it; gives up after `timeout`.
    pub(crate) fn new(
        taking: Taking,
        idle: Duration,
        timeout: Option<Duration>,
        now: Time,
    ) -> Self {
        Self {
            taking,
            idle,
            timeout,
            give_up_at: timeout.map(|timeout| now + timeout),
            settled_at: None,
            offers: BTreeMap::new(),
            senders: BTreeSet::new(),
            present: BTreeSet::new(),
            met_someone: false,
            some_came: false,
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
            Event::Offered {
                transfer,
                from,
                listing,
                ..
            } => self.handle_offer(*transfer, from, listing),
            Event::Stranded { transfer, missing } => {
                self.settle(*transfer, State::Stranded(*missing));
            }
            // Somebody has more of it after all. Or it is the last of what had come before.
            Event::Progress(progress) if progress.to.is_none() => {
                self.settled_at = None;
                self.some_came = true;
            }
            Event::Checking { .. } => self.some_came = true,
            Event::Received { transfer, .. } => {
                self.settle(*transfer, State::Here);
                if let Taking::Discard(_) = self.taking {
                    self.steps.push_back(Step::Discard(*transfer));
                }
            }
            Event::TransferFailed {
                transfer,
                to: None,
                reason,
            } => self.settle(*transfer, failed(reason)),
            Event::OfferWithdrawn { transfer, .. } => {
                let withdrawn = State::Withdrawn("the sender withdrew it".to_owned());
                self.settle(*transfer, withdrawn);
            }
            Event::PeerLeft { peer, .. } => {
                self.present.remove(peer);
                self.senders.remove(peer);
            }
            _ => {}
        }
        self.check(now);
    }

    fn handle_offer(&mut self, transfer: TransferId, from: &ClientId, listing: &Listing) {
        self.senders.insert(from.clone());
        self.present.insert(from.clone());
        let known = self.offers.get(&transfer);
        match known {
            Some(State::Awaited | State::Here) => return,
            Some(State::Stranded(_)) => {
                self.offers.insert(transfer, State::Awaited);
                self.settled_at = None;
                return;
            }
            Some(State::Unwanted | State::Failed(_) | State::Withdrawn(_)) | None => {}
        }
        let chosen = match &self.taking {
            Taking::Folder(choice) | Taking::Discard(choice) => choice.select_any(listing),
            Taking::Nothing => {
                self.offers.insert(transfer, State::Unwanted);
                self.settled_at = None;
                return;
            }
        };
        let (state, step) = match chosen {
            Some(selection) => (State::Awaited, Step::Accept(transfer, selection)),
            None => (State::Unwanted, Step::Decline(transfer)),
        };
        self.offers.insert(transfer, state);
        self.settled_at = None;
        self.steps.push_back(step);
    }

    fn settle(&mut self, transfer: TransferId, state: State) {
        if let Some(known) = self.offers.get_mut(&transfer)
            && !matches!(known, State::Here | State::Unwanted)
        {
            *known = state;
            self.settled_at = None;
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
            Exit::Incomplete(self.and_kept(&format!("{} {after}", self.tally())))
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
        if self.offers.is_empty() {
            return Exit::Incomplete(self.tally());
        }
        let reason = self.offers.values().find_map(|state| match state {
            State::Failed(why) | State::Withdrawn(why) => Some(why.clone()),
            State::Stranded(missing) => Some(format!(
                "nobody in the room has the missing {}",
                bytes(*missing)
            )),
            State::Awaited | State::Here | State::Unwanted => None,
        });
        match reason {
            Some(why) => Exit::Incomplete(self.and_kept(&format!("{}: {why}", self.tally()))),
            None if self.awaits_something() => Exit::Incomplete(self.and_kept(&self.tally())),
            None if self.takes_none() => {
                Exit::Incomplete("nothing on offer is called that".to_owned())
            }
            None => Exit::Done,
        }
    }

    pub(super) fn interrupted(&self, signal: u8) -> Exit {
        if self.is_unfinished() {
            return Exit::Stopped(signal, self.and_kept(&self.tally()));
        }
        Exit::Signal(signal)
    }

    /// Ends when all is settled and no sender is left, or nobody at all. Waits a while for more
    /// when a sender stays, and for the rest when nobody has it.
    fn check(&mut self, now: Time) {
        if self.offers.is_empty() {
            if self.met_someone && self.present.is_empty() {
                self.end(self.verdict());
            }
            return;
        }
        let gone = self.senders.is_empty();
        if self.awaits_something() {
            let lost = gone && self.offers.values().all(|state| *state != State::Awaited);
            let since = self.settled_at.unwrap_or(now + self.idle);
            self.settled_at = lost.then_some(since);
        } else if gone {
            self.end(self.verdict());
        } else {
            self.settled_at.get_or_insert(now + self.idle);
        }
    }

    fn end(&mut self, exit: Exit) {
        if !self.over {
            self.over = true;
            self.steps.push_back(Step::End(exit));
        }
    }

    fn awaits_something(&self) -> bool {
        let mut states = self.offers.values();
        states.any(|state| matches!(state, State::Awaited | State::Stranded(_)))
    }

    /// Whether some of it may have come, and not all.
    fn is_unfinished(&self) -> bool {
        let failed = |state| matches!(state, &State::Failed(_));
        self.awaits_something() || self.offers.values().any(failed)
    }

    fn takes_none(&self) -> bool {
        let unwanted = self.offers.values().all(|state| *state == State::Unwanted);
        unwanted && self.taking != Taking::Nothing
    }

    /// Says what becomes of what has come.
    fn and_kept(&self, text: &str) -> String {
        match self.taking {
            Taking::Folder(_) if self.some_came && self.is_unfinished() => {
                format!("{text}. {KEPT}")
            }
            _ => text.to_owned(),
        }
    }

    fn tally(&self) -> String {
        if self.offers.is_empty() {
            return "nothing was offered".to_owned();
        }
        let states = self.offers.values();
        let wanted = states.clone().filter(|it| **it != State::Unwanted).count();
        let here = states.filter(|it| **it == State::Here).count();
        let offers = count(wanted, "offer", "offers");
        format!("{here} of {offers} arrived in full")
    }
}

fn failed(reason: &TransferError) -> State {
    match reason {
        TransferError::Cancelled | TransferError::Stopped(StopReason::Cancelled) => {
            State::Withdrawn(reason.to_string())
        }
        reason => State::Failed(reason.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use snug_session::{Progress, Selection};

    use super::{
        super::testing::{at, connected, left, offered, steps, transfer},
        *,
    };

    fn taking(taking: Taking) -> Receive {
        let timeout = Some(Duration::from_mins(1));
        let mut receive = Receive::new(taking, Duration::from_secs(3), timeout, at(0));
        receive.handle(&connected("ann"), at(1));
        receive
    }

    fn receive() -> Receive {
        taking(Taking::Folder(Choice::default()))
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
            reason: TransferError::Storage("no space left".to_owned()),
        })
    }

    fn stranded(number: u8) -> Happening {
        Happening::Event(Event::Stranded {
            transfer: transfer(number),
            missing: 5,
        })
    }

    fn progress(number: u8) -> Happening {
        Happening::Event(Event::Progress(Progress {
            transfer: transfer(number),
            to: None,
            bytes: 1,
            total: 2,
            rate: 1.0,
            eta: None,
        }))
    }

    fn accept(number: u8) -> Step {
        Step::Accept(transfer(number), Selection::All)
    }

    fn end(receive: &mut Receive) -> Option<Exit> {
        let last = steps(|| receive.poll_step()).pop();
        match last {
            Some(Step::End(exit)) => Some(exit),
            _ => None,
        }
    }

    fn code(receive: &mut Receive) -> Option<u8> {
        end(receive).map(|exit| exit.code())
    }

    #[test]
    fn takes_every_file_and_ends_with_the_sender() {
        let mut receive = receive();
        for number in [1, 2, 1] {
            receive.handle(&offered(number, "ann"), at(1));
        }
        let accepts = [accept(1), accept(2)];
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
        midway.handle(&progress(1), at(1));
        midway.handle(&left("ann"), at(2));
        midway.handle(&stranded(1), at(2));
        assert_eq!(end(&mut midway), None);
        midway.handle_timeout(at(5));
        let Some(Exit::Incomplete(why)) = end(&mut midway) else {
            panic!("it goes on");
        };
        assert!(why.contains("5 B") && why.contains(".part"), "{why}");
    }

    #[test]
    fn somebody_with_the_rest_may_come_in_time() {
        let mut receive = receive();
        receive.handle(&offered(1, "ann"), at(1));
        receive.handle(&stranded(1), at(1));
        assert_eq!(receive.poll_timeout(), Some(at(60)), "she may have more");
        receive.handle(&left("ann"), at(2));
        assert_eq!(receive.poll_timeout(), Some(at(5)));
        receive.handle(&progress(1), at(4));
        assert_eq!(receive.poll_timeout(), Some(at(7)));
        receive.handle(&offered(1, "bob"), at(6));
        assert_eq!(receive.poll_timeout(), Some(at(60)));
        receive.handle(&received(1), at(8));
        receive.handle(&left("bob"), at(8));
        assert_eq!(end(&mut receive), Some(Exit::Done));
    }

    #[test]
    fn some_of_it_is_taken_and_some_left() {
        let some = Taking::Folder(Choice::of_patterns(&["*.jpg".to_owned()]));
        let mut receive = taking(some);
        receive.handle(&offered(1, "ann"), at(1));
        let items = Selection::Items([1].into());
        let accept = Step::Accept(transfer(1), items);
        assert_eq!(steps(|| receive.poll_step()), [accept]);
        let none = Taking::Folder(Choice::of_patterns(&["*.mp4".to_owned()]));
        let mut receive = taking(none);
        receive.handle(&offered(1, "ann"), at(1));
        assert_eq!(steps(|| receive.poll_step()), [Step::Decline(transfer(1))]);
        receive.handle_timeout(at(4));
        assert_eq!(code(&mut receive), Some(5));
    }

    #[test]
    fn looking_takes_nothing() {
        let mut receive = taking(Taking::Nothing);
        receive.handle(&offered(1, "ann"), at(1));
        receive.handle(&offered(2, "ann"), at(2));
        assert_eq!(receive.poll_timeout(), Some(at(5)));
        receive.handle_timeout(at(5));
        assert_eq!(steps(|| receive.poll_step()), [Step::End(Exit::Done)]);
    }

    #[test]
    fn what_came_is_kept_when_it_is_stopped() {
        let mut receive = receive();
        assert_eq!(receive.interrupted(2), Exit::Signal(2));
        receive.handle(&offered(1, "ann"), at(1));
        let nothing_came = receive.interrupted(2);
        assert!(!nothing_came.message().unwrap().contains(".part"));
        receive.handle(&progress(1), at(1));
        let stopped = receive.interrupted(2);
        assert_eq!(stopped.code(), 130);
        assert!(stopped.message().unwrap().contains(".part"));
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
        assert_eq!(steps(|| receive.poll_step()).pop(), Some(accept(2)));
        receive.handle(&received(2), at(5));
        assert_eq!(receive.verdict(), Exit::Done);
    }

    #[test]
    fn gives_up_in_time() {
        let mut alone = Receive::new(
            Taking::Nothing,
            Duration::ZERO,
            Some(Duration::from_mins(1)),
            at(0),
        );
        alone.handle_timeout(at(60));
        assert_eq!(code(&mut alone), Some(6));
        let mut receive = receive();
        receive.handle_timeout(at(60));
        assert_eq!(code(&mut receive), Some(5));
    }
}
