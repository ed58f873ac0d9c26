//! `create` and `join`: stays until told otherwise.
//!
//! When the standard input ends, it stays until what was said and offered has arrived, so that
//! `echo done | snug join K7Q4X9` says it to someone.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use snug_protocol::{ClientId, TransferId};
use snug_session::{CommandError, Event, LinkStatus, Message, Progress, Time};

use super::Step;
use crate::{exit::Exit, happening::Happening, request::Request, units::count};

/// Stays in a room.
#[derive(Debug)]
pub(crate) struct Stay {
    rules: Rules,
    /// When to leave, come what may.
    leave_at: Option<Time>,
    /// Until when someone has to come.
    meet_by: Option<Time>,
    entered: bool,
    met_someone: bool,
    /// Until when what was said has to arrive, once the input has ended.
    drain_by: Option<Time>,
    /// Who stays.
    me: ClientId,
    /// Entries of one's own that were asked for; the last one has this sequence number.
    said: u64,
    /// Those of them that the session has taken.
    taken: u64,
    /// When to leave though not all is taken, once asked to leave.
    leave_by: Option<Time>,
    /// How much of them each of the connected has.
    delivered: BTreeMap<ClientId, u64>,
    /// Offers being prepared.
    preparing: usize,
    /// Lines and requests that came to nothing.
    lost: usize,
    /// Files of others that may be accepted.
    offered: BTreeSet<TransferId>,
    /// Own offers that nobody has answered.
    unanswered: BTreeSet<TransferId>,
    /// Files on their way, to someone or here.
    moving: BTreeSet<(TransferId, Option<ClientId>)>,
    over: bool,
    steps: VecDeque<Step>,
}

/// How long to stay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// Whether the room is a new one, to invite to.
    pub(crate) opens_room: bool,
    /// Leave after this long.
    pub(crate) duration: Option<Duration>,
    /// Give up when nobody has come after this long.
    pub(crate) timeout: Option<Duration>,
    /// Stay when the input ends.
    pub(crate) linger: bool,
    /// Whether all of the input has to be said, for all to be done: nobody is there to say it
    /// again.
    pub(crate) unattended: bool,
}

/// How long what was said may take to arrive once the input has ended, unless `--timeout` says
/// otherwise. Someone may have to type the code first.
const DRAIN: Duration = Duration::from_secs(30);

/// How long the session may take to say what it was told to before it was told to leave. From
/// then on it is the transport that gets it out.
const LEAVE: Duration = Duration::from_secs(1);

impl Stay {
    /// Will stay by these rules.
    pub(crate) fn new(me: ClientId, rules: Rules, now: Time) -> Self {
        Self {
            me,
            taken: 0,
            leave_by: None,
            rules,
            leave_at: rules.duration.map(|duration| now + duration),
            meet_by: rules.timeout.map(|timeout| now + timeout),
            entered: false,
            met_someone: false,
            drain_by: None,
            said: 0,
            delivered: BTreeMap::new(),
            preparing: 0,
            lost: 0,
            offered: BTreeSet::new(),
            unanswered: BTreeSet::new(),
            moving: BTreeSet::new(),
            over: false,
            steps: VecDeque::new(),
        }
    }

    pub(super) fn handle_request(&mut self, request: &Request, now: Time) {
        match request {
            Request::Say(_) => self.said += 1,
            Request::Offer(_) => self.preparing += 1,
            Request::Accept { transfer, .. } if self.offered.contains(transfer) => {
                self.moving.insert((*transfer, None));
            }
            Request::Decline(transfer) => {
                self.offered.remove(transfer);
            }
            Request::Nonsense { .. } => self.lost += 1,
            Request::Leave => {
                self.leave_by = Some(now + LEAVE);
                self.check();
            }
            Request::EndOfInput if !self.rules.linger => {
                self.drain_by = Some(now + self.rules.timeout.unwrap_or(DRAIN));
                self.check();
            }
            _ => {}
        }
    }

    pub(super) fn handle(&mut self, happening: &Happening, _now: Time) {
        match happening {
            Happening::Event(event) => self.handle_event(event),
            Happening::Offering(own) => {
                self.preparing = self.preparing.saturating_sub(1);
                self.unanswered.insert(own.transfer);
            }
            Happening::OfferFailed { .. } => {
                self.preparing = self.preparing.saturating_sub(1);
            }
            _ => {}
        }
        self.check();
    }

    fn handle_event(&mut self, event: &Event) {
        match event {
            Event::Joined { .. } => {
                self.entered = true;
                self.steps
                    .extend(self.rules.opens_room.then_some(Step::Ready));
            }
            Event::Link { peer, status } => self.handle_link(peer, *status),
            Event::PeerLeft { peer, .. } => {
                self.delivered.remove(peer);
                self.moving.retain(|(_, to)| to.as_ref() != Some(peer));
            }
            Event::Receipt {
                peer, delivered, ..
            } => {
                if let Some(known) = self.delivered.get_mut(peer) {
                    *known = *delivered;
                }
            }
            Event::Message(Message { id, .. })
            | Event::Edited { id, .. }
            | Event::Deleted { id } => self.taken += u64::from(id.author == self.me),
            Event::Reacted { peer, .. } => self.taken += u64::from(*peer == self.me),
            Event::Refused {
                reason:
                    CommandError::InvalidBody(_)
                    | CommandError::NotYourMessage
                    | CommandError::UnknownMessage,
            } => {
                self.said = self.said.saturating_sub(1);
                self.lost += 1;
            }
            event => self.handle_transfer(event),
        }
    }

    fn handle_link(&mut self, peer: &ClientId, status: LinkStatus) {
        match status {
            LinkStatus::Connected { .. } => {
                self.met_someone = true;
                self.delivered.entry(peer.clone()).or_default();
            }
            LinkStatus::Failed | LinkStatus::Refused(_) => {
                self.delivered.remove(peer);
            }
            LinkStatus::Connecting | LinkStatus::Verifying | LinkStatus::Reconnecting => {}
        }
    }

    fn handle_transfer(&mut self, event: &Event) {
        match event {
            Event::Progress(Progress { transfer, to, .. }) => {
                self.unanswered.remove(transfer);
                self.moving.insert((*transfer, to.clone()));
            }
            Event::Offered { transfer, .. } => {
                self.offered.insert(*transfer);
            }
            Event::Received { transfer, .. } | Event::OfferWithdrawn { transfer, .. } => {
                self.offered.remove(transfer);
                self.moving.remove(&(*transfer, None));
            }
            Event::Delivered { transfer, to }
            | Event::Declined {
                transfer, by: to, ..
            } => {
                self.unanswered.remove(transfer);
                self.moving.remove(&(*transfer, Some(to.clone())));
            }
            Event::TransferFailed { transfer, to, .. } => {
                self.unanswered.remove(transfer);
                self.moving.remove(&(*transfer, to.clone()));
            }
            _ => {}
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.leave_at) || due(self.leave_by) {
            self.end(self.verdict());
        } else if due(self.meet_by) && !self.met_someone {
            self.end(Exit::Nobody("nobody was reached in time".to_owned()));
        } else if due(self.drain_by) {
            self.end(if self.met_someone {
                Exit::Incomplete("not everyone got what was said or sent in time".to_owned())
            } else {
                Exit::Nobody("nobody was there to hear it".to_owned())
            });
        }
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let meet_by = self.meet_by.filter(|_| !self.met_someone);
        let times = [self.leave_at, self.leave_by, meet_by, self.drain_by].into_iter();
        times.flatten().min().filter(|_| !self.over)
    }

    /// Leaves once everything has been said, if asked to; once everything has arrived, if the
    /// input has ended.
    fn check(&mut self) {
        let all_taken = self.leave_by.is_some() && self.taken >= self.said;
        let all_arrived = self.drain_by.is_some() && self.has_arrived();
        if all_taken || all_arrived {
            self.end(self.verdict());
        }
    }

    /// How it ends when nothing is waited for any more.
    pub(super) fn verdict(&self) -> Exit {
        if self.lost == 0 || !self.rules.unattended {
            return Exit::Done;
        }
        let lines = count(self.lost, "line", "lines");
        Exit::Incomplete(format!("{lines} could not be said"))
    }

    fn has_arrived(&self) -> bool {
        let behind = self
            .delivered
            .values()
            .any(|delivered| *delivered < self.said);
        let unheard = !self.entered || self.said > 0 && (self.delivered.is_empty() || behind);
        !unheard && self.preparing == 0 && self.unanswered.is_empty() && self.moving.is_empty()
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
    use snug_protocol::{Body, MessageId};
    use snug_session::Selection;

    use super::{
        super::testing::{at, connected, delivered, id, joined, left, offered, transfer},
        *,
    };
    use crate::{happening::Own, request::Save};

    fn stay() -> Stay {
        let mut stay = Stay::new(id("me"), Rules::default(), at(0));
        stay.handle(&joined(), at(0));
        stay
    }

    fn say() -> Request {
        let text = "hi".to_owned();
        Request::Say(Body::Text { text })
    }

    fn receipt(peer: &str, delivered: u64) -> Happening {
        Happening::Event(Event::Receipt {
            peer: id(peer),
            delivered,
            read: 0,
        })
    }

    #[test]
    fn leaves_at_the_end_of_input_when_there_is_nothing_to_say() {
        let mut stay = stay();
        stay.handle_request(&Request::EndOfInput, at(1));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn enters_the_room_before_it_leaves() {
        let mut stay = Stay::new(id("me"), Rules::default(), at(0));
        stay.handle_request(&Request::EndOfInput, at(1));
        assert_eq!(stay.poll_step(), None);
        stay.handle(&joined(), at(2));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn what_was_said_arrives_first() {
        let mut stay = stay();
        stay.handle_request(&say(), at(1));
        stay.handle_request(&say(), at(1));
        stay.handle_request(&Request::EndOfInput, at(1));
        assert_eq!(stay.poll_timeout(), Some(at(31)));
        for happening in [connected("ann"), connected("bob"), receipt("ann", 2)] {
            stay.handle(&happening, at(2));
            assert_eq!(stay.poll_step(), None);
        }
        stay.handle(&receipt("bob", 1), at(2));
        assert_eq!(stay.poll_step(), None);
        stay.handle(&left("bob"), at(3));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn leaving_waits_for_what_was_said_to_go_out() {
        let taken = |seq| {
            Happening::Event(Event::Deleted {
                id: MessageId {
                    author: id("me"),
                    seq,
                },
            })
        };
        let mut stay = stay();
        stay.handle_request(&say(), at(1));
        stay.handle_request(&Request::Leave, at(1));
        assert_eq!(stay.poll_step(), None);
        stay.handle(&taken(1), at(1));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
        let mut stuck = tests::stay();
        stuck.handle_request(&say(), at(1));
        stuck.handle_request(&Request::Leave, at(1));
        stuck.handle_timeout(at(2));
        assert_eq!(stuck.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn what_was_refused_is_not_waited_for() {
        let mut stay = stay();
        stay.handle_request(&say(), at(1));
        stay.handle_request(&Request::EndOfInput, at(1));
        let refused = Event::Refused {
            reason: CommandError::InvalidBody("empty".to_owned()),
        };
        stay.handle(&Happening::Event(refused), at(1));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn a_line_that_was_lost_is_a_failure_where_nobody_saw_it() {
        for (unattended, exit) in [
            (false, Exit::Done),
            (
                true,
                Exit::Incomplete("2 lines could not be said".to_owned()),
            ),
        ] {
            let rules = Rules {
                unattended,
                ..Rules::default()
            };
            let mut stay = Stay::new(id("me"), rules, at(0));
            stay.handle(&joined(), at(0));
            stay.handle_request(&say(), at(1));
            let refused = Event::Refused {
                reason: CommandError::InvalidBody("too long".to_owned()),
            };
            stay.handle(&Happening::Event(refused), at(1));
            let nonsense = Request::Nonsense {
                reason: "the line is not UTF-8".to_owned(),
                line: Some(2),
            };
            stay.handle_request(&nonsense, at(1));
            stay.handle_request(&Request::EndOfInput, at(2));
            assert_eq!(stay.poll_step(), Some(Step::End(exit)));
        }
    }

    #[test]
    fn what_is_over_is_not_waited_for_when_it_is_accepted_again() {
        let accept = Request::Accept {
            transfer: transfer(1),
            selection: Selection::All,
            save: Save::Default,
        };
        let received = Event::Received {
            transfer: transfer(1),
            place: None,
        };
        let withdrawn = Event::OfferWithdrawn {
            transfer: transfer(1),
            from: id("ann"),
        };
        for over in [received, withdrawn] {
            let mut stay = stay();
            stay.handle(&offered(1, "ann"), at(1));
            stay.handle_request(&accept, at(1));
            stay.handle_request(&Request::EndOfInput, at(2));
            assert_eq!(stay.poll_step(), None, "it is on its way");
            stay.handle(&Happening::Event(over), at(3));
            assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
        }
        let mut stay = stay();
        stay.handle(&offered(1, "ann"), at(1));
        stay.handle_request(&Request::Decline(transfer(1)), at(1));
        stay.handle_request(&accept, at(1));
        stay.handle_request(&Request::EndOfInput, at(2));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn what_was_offered_arrives_first() {
        let mut stay = stay();
        stay.handle(&connected("ann"), at(0));
        stay.handle_request(&Request::Offer(vec!["x".into()]), at(1));
        stay.handle_request(&Request::EndOfInput, at(1));
        assert_eq!(stay.poll_step(), None);
        let own = Own {
            transfer: transfer(1),
            paths: vec!["x".into()],
            files: 1,
            size: 1,
            left_out: 0,
        };
        stay.handle(&Happening::Offering(own), at(1));
        assert_eq!(stay.poll_step(), None);
        stay.handle(&delivered(1, "ann"), at(1));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn nobody_to_hear_it_is_a_failure() {
        let mut stay = stay();
        stay.handle_request(&say(), at(1));
        stay.handle_request(&Request::EndOfInput, at(1));
        stay.handle_timeout(at(31));
        let exit = Exit::Nobody("nobody was there to hear it".to_owned());
        assert_eq!(stay.poll_step(), Some(Step::End(exit)));
    }

    #[test]
    fn lingers_if_told_to() {
        let rules = Rules {
            linger: true,
            duration: Some(Duration::from_secs(5)),
            ..Rules::default()
        };
        let mut stay = Stay::new(id("me"), rules, at(0));
        stay.handle_request(&Request::EndOfInput, at(1));
        assert_eq!(stay.poll_step(), None);
        assert_eq!(stay.poll_timeout(), Some(at(5)));
        stay.handle_timeout(at(5));
        assert_eq!(stay.poll_step(), Some(Step::End(Exit::Done)));
    }

    #[test]
    fn someone_has_to_come_in_time() {
        let rules = Rules {
            opens_room: true,
            timeout: Some(Duration::from_secs(5)),
            ..Rules::default()
        };
        let mut alone = Stay::new(id("me"), rules, at(0));
        alone.handle(&joined(), at(0));
        assert_eq!(alone.poll_step(), Some(Step::Ready));
        alone.handle_timeout(at(5));
        assert!(matches!(
            alone.poll_step(),
            Some(Step::End(Exit::Nobody(_)))
        ));
        let mut met = Stay::new(id("me"), rules, at(0));
        met.handle(&connected("ann"), at(1));
        assert_eq!(met.poll_timeout(), None);
        met.handle_timeout(at(5));
        assert_eq!(met.poll_step(), None);
    }
}
