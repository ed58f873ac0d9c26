//! `send`: offers every file, and ends when enough people have them all.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    time::Duration,
};

use snug_protocol::{ClientId, TransferId};
use snug_session::{Event, LinkStatus, Progress, Time};

use super::Step;
use crate::{
    exit::Exit,
    happening::Happening,
    request::Request,
    units::{count, named},
};

/// Offers files until enough people have verified them.
#[derive(Debug)]
pub(crate) struct Send {
    paths: Vec<PathBuf>,
    wanted: usize,
    give_up_at: Option<Time>,
    timeout: Option<Duration>,
    /// Whether the offer is on its way.
    preparing: bool,
    /// Files in it.
    files: usize,
    transfers: BTreeSet<TransferId>,
    receivers: BTreeMap<ClientId, Receiver>,
    others: Others,
    over: bool,
    steps: VecDeque<Step>,
}

/// What has become of the others so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Others {
    /// Nobody was connected yet.
    Unmet,
    Met,
    /// Somebody left midway, who may come back as somebody else.
    Lost,
}

/// How far someone has got.
#[derive(Debug, Default)]
struct Receiver {
    present: bool,
    started: bool,
    has: BTreeSet<TransferId>,
    failed: BTreeSet<TransferId>,
}

const CLOSED: &str = "wrong words were tried too often, so that nobody is let in any more: send \
    again, in a new room";

impl Send {
    /// Will send files and folders to so many people, and give up after `timeout`.
    pub(crate) fn new(
        paths: Vec<PathBuf>,
        receivers: u16,
        timeout: Option<Duration>,
        now: Time,
    ) -> Self {
        Self {
            preparing: true,
            files: 0,
            paths,
            wanted: receivers.into(),
            give_up_at: timeout.map(|timeout| now + timeout),
            timeout,
            transfers: BTreeSet::new(),
            receivers: BTreeMap::new(),
            others: Others::Unmet,
            over: false,
            steps: VecDeque::new(),
        }
    }

    pub(super) fn handle(&mut self, happening: &Happening) {
        match happening {
            Happening::Event(event) => self.handle_event(event),
            Happening::Offering(own) => {
                self.transfers.insert(own.transfer);
                self.files = own.files;
                self.preparing = false;
                self.steps.push_back(Step::Ready);
            }
            Happening::OfferFailed { paths, reason } => {
                let what = named(paths);
                self.end(Exit::Failed(format!("cannot send {what}: {reason}")));
            }
            _ => {}
        }
        self.check();
    }

    fn handle_event(&mut self, event: &Event) {
        match event {
            Event::Joined { .. } => {
                let paths = std::mem::take(&mut self.paths);
                self.steps.push_back(Step::Offer(paths));
            }
            Event::Link {
                peer,
                status: LinkStatus::Connected { .. },
            } => {
                self.others = self.others.max(Others::Met);
                self.receiver(peer).present = true;
            }
            // Whoever was to have the files cannot come any more.
            Event::Guesses { closed: true, .. } if self.others == Others::Unmet => {
                self.end(Exit::KeptOut(CLOSED.to_owned()));
            }
            Event::Progress(Progress { to: Some(to), .. }) => self.receiver(to).started = true,
            Event::Delivered { transfer, to } => {
                let receiver = self.receiver(to);
                receiver.failed.remove(transfer);
                receiver.has.insert(*transfer);
            }
            Event::Declined {
                transfer, by: to, ..
            }
            | Event::TransferFailed {
                transfer,
                to: Some(to),
                ..
            } => {
                self.receiver(to).failed.insert(*transfer);
            }
            Event::TransferFailed {
                to: None, reason, ..
            } => self.end(Exit::Incomplete(reason.to_string())),
            Event::PeerLeft { peer, .. } => self.handle_left(peer),
            _ => {}
        }
    }

    /// Whoever leaves in the middle does not come back as the same person.
    fn handle_left(&mut self, peer: &ClientId) {
        let Some(receiver) = self.receivers.get_mut(peer) else {
            return;
        };
        receiver.present = false;
        if receiver.started {
            if !receiver.is_settled(&self.transfers) {
                self.others = Others::Lost;
            }
            receiver.failed.clone_from(&self.transfers);
        }
    }

    pub(super) fn handle_request(&mut self, request: &Request) {
        // The end of the input means nothing here: it all ends by itself.
        if *request == Request::Leave {
            self.end(self.verdict());
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        let Some(timeout) = self
            .timeout
            .filter(|_| self.give_up_at.is_some_and(|at| at <= now))
        else {
            return;
        };
        let after = format!("within {} seconds", timeout.as_secs_f64());
        self.end(if self.others > Others::Unmet {
            Exit::Incomplete(format!("{} {after}", self.tally()))
        } else {
            Exit::Nobody(format!("nobody came {after}"))
        });
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.give_up_at.filter(|_| !self.over)
    }

    pub(super) fn verdict(&self) -> Exit {
        if !self.preparing && self.complete() >= self.wanted {
            return Exit::Done;
        }
        Exit::Incomplete(format!("{} when this ended", self.tally()))
    }

    /// Ends once enough have everything, or once it is clear that they will not.
    fn check(&mut self) {
        if self.over || self.preparing {
            return;
        }
        if self.complete() >= self.wanted {
            self.end(Exit::Done);
        } else if self.settled() >= self.wanted && !self.anyone_in_the_middle() {
            let why = format!("{}; those who were here are done or gone", self.tally());
            self.end(Exit::Incomplete(why));
        }
    }

    fn end(&mut self, exit: Exit) {
        if !self.over {
            self.over = true;
            self.steps.push_back(Step::End(exit));
        }
    }

    fn receiver(&mut self, person: &ClientId) -> &mut Receiver {
        self.receivers.entry(person.clone()).or_default()
    }

    /// Those who have everything.
    fn complete(&self) -> usize {
        let receivers = self.receivers.values();
        receivers
            .filter(|it| it.has.is_superset(&self.transfers))
            .count()
    }

    /// Those for whom nothing will change any more.
    fn settled(&self) -> usize {
        let receivers = self.receivers.values();
        receivers
            .filter(|it| it.is_settled(&self.transfers))
            .count()
    }

    /// Those who have begun. Once somebody was lost in the middle, whoever is here may be the same
    /// again, who looks through what is there before asking for the rest.
    fn anyone_in_the_middle(&self) -> bool {
        let mut receivers = self.receivers.values();
        receivers.any(|it| {
            let begun = it.started || self.others == Others::Lost && it.present;
            begun && !it.is_settled(&self.transfers)
        })
    }

    fn tally(&self) -> String {
        let has = if self.wanted == 1 {
            "receiver has"
        } else {
            "receivers have"
        };
        let files = match self.files {
            0 | 1 => "the file".to_owned(),
            files => count(files, "file", "files"),
        };
        format!("{} of {} {has} {files}", self.complete(), self.wanted)
    }
}

impl Receiver {
    fn is_settled(&self, transfers: &BTreeSet<TransferId>) -> bool {
        transfers
            .iter()
            .all(|it| self.has.contains(it) || self.failed.contains(it))
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::DeclineReason;

    use super::{
        super::testing::{at, connected, delivered, id, joined, left, steps, transfer},
        *,
    };
    use crate::happening::Own;

    /// A sender whose files are on offer.
    fn sending(receivers: u16) -> Send {
        let paths: Vec<PathBuf> = vec!["a".into(), "b".into()];
        let timeout = Some(Duration::from_secs(10));
        let mut send = Send::new(paths.clone(), receivers, timeout, at(0));
        send.handle(&joined());
        let offer = Step::Offer(paths.clone());
        assert_eq!(steps(|| send.poll_step()), [offer]);
        send.handle(&Happening::Offering(Own {
            transfer: transfer(1),
            paths,
            files: 7,
            size: 1,
            left_out: 0,
        }));
        assert_eq!(send.poll_step(), Some(Step::Ready));
        send
    }

    fn progress(number: u8, to: &str) -> Happening {
        Happening::Event(Event::Progress(Progress {
            transfer: transfer(number),
            to: Some(id(to)),
            bytes: 1,
            total: 2,
            rate: 1.0,
            eta: None,
        }))
    }

    fn declined(number: u8, by: &str) -> Happening {
        Happening::Event(Event::Declined {
            transfer: transfer(number),
            by: id(by),
            reason: DeclineReason::Unwanted,
        })
    }

    fn code(step: Option<Step>) -> Option<u8> {
        match step {
            Some(Step::End(exit)) => Some(exit.code()),
            _ => None,
        }
    }

    #[test]
    fn ends_when_every_file_is_there() {
        let mut send = sending(1);
        assert_eq!(send.poll_step(), None);
        let verdict = "0 of 1 receiver has 7 files when this ended".to_owned();
        assert_eq!(send.verdict(), Exit::Incomplete(verdict));
        send.handle(&delivered(1, "ann"));
        assert_eq!(send.poll_step(), Some(Step::End(Exit::Done)));
        send.handle(&delivered(1, "bob"));
        assert_eq!(send.poll_step(), None, "ends once");
        assert_eq!(send.verdict(), Exit::Done);
    }

    #[test]
    fn waits_for_as_many_as_asked() {
        let mut send = sending(2);
        for _ in 0..2 {
            send.handle(&delivered(1, "ann"));
        }
        send.handle(&left("ann"));
        assert_eq!(send.poll_step(), None);
        send.handle(&delivered(1, "bob"));
        assert_eq!(send.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn a_receiver_who_leaves_midway_ends_it() {
        let mut send = sending(1);
        send.handle(&left("passer-by"));
        assert_eq!(send.poll_step(), None);
        send.handle(&progress(1, "ann"));
        send.handle(&left("ann"));
        assert_eq!(code(send.poll_step()), Some(5));
    }

    #[test]
    fn one_who_comes_again_is_waited_for() {
        let mut send = sending(1);
        send.handle(&connected("ann"));
        send.handle(&progress(1, "ann"));
        send.handle(&connected("ann-again"));
        send.handle(&left("ann"));
        assert_eq!(send.poll_step(), None);
        send.handle(&delivered(1, "ann-again"));
        assert_eq!(send.poll_step(), Some(Step::End(Exit::Done)));
        let mut send = sending(1);
        for peer in ["ann", "ann-again"] {
            send.handle(&connected(peer));
            send.handle(&progress(1, peer));
        }
        send.handle(&left("ann"));
        send.handle(&left("ann-again"));
        assert_eq!(code(send.poll_step()), Some(5));
    }

    #[test]
    fn a_refusal_ends_it_unless_someone_else_is_at_it() {
        let mut send = sending(1);
        send.handle(&progress(1, "bob"));
        send.handle(&declined(1, "ann"));
        assert_eq!(send.poll_step(), None);
        send.handle(&delivered(1, "bob"));
        assert_eq!(send.poll_step(), Some(Step::End(Exit::Done)));
        let mut send = sending(1);
        send.handle(&declined(1, "ann"));
        assert_eq!(code(send.poll_step()), Some(5));
    }

    #[test]
    fn a_file_that_cannot_be_read_ends_it() {
        let mut send = sending(1);
        send.handle(&Happening::OfferFailed {
            paths: vec!["x".into()],
            reason: "permission denied".to_owned(),
        });
        assert_eq!(code(send.poll_step()), Some(1));
    }

    #[test]
    fn a_room_that_closes_before_anybody_came_ends_it() {
        let guesses = |wrong, closed| Happening::Event(Event::Guesses { wrong, closed });
        let mut send = sending(1);
        send.handle(&guesses(4, false));
        assert_eq!(send.poll_step(), None);
        send.handle(&guesses(5, true));
        assert_eq!(code(send.poll_step()), Some(8));
        let mut met = sending(1);
        met.handle(&connected("ann"));
        met.handle(&guesses(5, true));
        assert_eq!(met.poll_step(), None);
    }

    #[test]
    fn gives_up_in_time() {
        let mut send = sending(1);
        assert_eq!(send.poll_timeout(), Some(at(10)));
        send.handle_timeout(at(9));
        assert_eq!(send.poll_step(), None);
        send.handle_timeout(at(10));
        assert_eq!(code(send.poll_step()), Some(6));
        assert_eq!(send.poll_timeout(), None);
        let mut send = sending(1);
        send.handle(&connected("ann"));
        send.handle_timeout(at(10));
        assert_eq!(code(send.poll_step()), Some(5));
    }
}
