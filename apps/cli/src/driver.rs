//! Runs one command: between a peer that takes part, a plan that decides and a front that shows.

use std::{collections::VecDeque, future};

use snug_peer::{Events, Peer};
use snug_session::{Event, ServerStatus, Time};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    errands::{Errands, Stage},
    exit::Exit,
    front::Front,
    happening::Happening,
    plan::{Plan, Step},
    request::{Request, Save},
    signals::{SIGINT, Signals},
};

/// Runs one command.
#[derive(Debug)]
pub(crate) struct Driver<F> {
    peer: Peer,
    events: Events,
    plan: Plan,
    front: F,
    clock: Clock,
    signals: Signals,
    errands: mpsc::Sender<Request>,
    reports: mpsc::Receiver<Happening>,
    /// What was asked for and not yet done.
    backlog: VecDeque<Request>,
    entry: Entry,
    /// How it ends, once that is known.
    exit: Option<Exit>,
}

/// Whether the room was ever entered.
#[derive(Debug)]
enum Entry {
    /// Not yet; here is why, if there is a reason.
    Waiting(Option<String>),
    Entered,
}

/// Requests taken from the front before they are done. Those of a plan come on top.
const BACKLOG: usize = 64;

impl<F: Front> Driver<F> {
    /// Prepares to run a command with a peer that was just started.
    pub(crate) fn new(
        (peer, events): (Peer, Events),
        plan: Plan,
        front: F,
        stage: Stage,
        clock: Clock,
        signals: Signals,
    ) -> Self {
        let (errands, reports) = Errands::start(peer.clone(), stage);
        Self {
            peer,
            events,
            plan,
            front,
            clock,
            signals,
            errands,
            reports,
            backlog: VecDeque::new(),
            entry: Entry::Waiting(None),
            exit: None,
        }
    }

    /// Runs until the room is left.
    pub(crate) async fn run(mut self) -> Exit {
        loop {
            self.take_steps();
            match self.wake().await {
                Wake::Event(Some(event)) => self.on_event(event),
                Wake::Event(None) => break,
                Wake::Report(happening) => self.tell(&happening),
                Wake::Request(Request::Interrupt) if self.exit.is_some() => break,
                Wake::Request(request) => self.on_request(request),
                Wake::Errands => self.send_errand(),
                Wake::Signal(signal) => self.leave(self.plan.interrupted(signal)),
                Wake::Time => self.plan.handle_timeout(self.clock.now()),
            }
        }
        let exit = self.exit.take();
        let exit = exit.unwrap_or_else(|| Exit::Failed("the session broke off".to_owned()));
        self.front.tell(&Happening::Exit(exit.clone()));
        self.front.finish();
        exit
    }

    async fn wake(&mut self) -> Wake {
        let deadline = self.plan.poll_timeout().filter(|_| self.exit.is_none());
        let hears = self.backlog.len() < BACKLOG;
        tokio::select! {
            event = self.events.next() => Wake::Event(event),
            Some(happening) = self.reports.recv() => Wake::Report(happening),
            request = self.front.next(), if hears => Wake::Request(request),
            Ok(_) = self.errands.reserve(), if !self.backlog.is_empty() => Wake::Errands,
            signal = self.signals.next() => Wake::Signal(signal),
            () = self.clock.reach(deadline) => Wake::Time,
        }
    }

    fn send_errand(&mut self) {
        if let Some(request) = self.backlog.pop_front() {
            // There was room just now, and nobody else sends.
            drop(self.errands.try_send(request));
        }
    }

    fn on_event(&mut self, event: Event) {
        match &event {
            Event::Joined { .. } => self.entry = Entry::Entered,
            Event::Server(ServerStatus::Offline { reason, .. }) => self.entry.note(reason),
            Event::Ended(reason) => {
                self.exit.get_or_insert_with(|| reason.into());
            }
            _ => {}
        }
        self.tell(&Happening::Event(event));
    }

    fn on_request(&mut self, request: Request) {
        self.plan.handle_request(&request, self.clock.now());
        match request {
            Request::Interrupt => self.leave(self.plan.interrupted(SIGINT)),
            Request::OutputClosed => self.leave(self.plan.verdict()),
            Request::OutputFailed(why) => {
                self.leave(Exit::Failed(format!("cannot write what happens: {why}")));
            }
            Request::Nonsense { reason, line } => {
                self.front.tell(&Happening::Problem { reason, line });
            }
            // The plan decides when.
            Request::Leave | Request::EndOfInput => {}
            request => self.backlog.push_back(request),
        }
    }

    fn tell(&mut self, happening: &Happening) {
        self.front.tell(happening);
        if self.exit.is_none() {
            self.plan.handle(happening, self.clock.now());
        }
    }

    fn take_steps(&mut self) {
        while let Some(step) = self.plan.poll_step() {
            match step {
                Step::Offer(paths) => self.backlog.push_back(Request::Offer(paths)),
                Step::Decline(transfer) => self.backlog.push_back(Request::Decline(transfer)),
                Step::Discard(transfer) => self.backlog.push_back(Request::Discard(transfer)),
                Step::Play(film) => self.backlog.push_back(Request::Play(film)),
                Step::Accept(transfer, selection) => self.backlog.push_back(Request::Accept {
                    transfer,
                    selection,
                    save: Save::Default,
                }),
                Step::Ready => self.front.tell(&Happening::Ready),
                Step::End(exit) => self.leave(self.entry.judge(exit)),
            }
        }
    }

    /// Starts to leave; the events end once that is done.
    fn leave(&mut self, exit: Exit) {
        if self.exit.is_some() {
            return;
        }
        self.exit = Some(exit);
        self.front.tell(&Happening::Leaving);
        // Players end with the room.
        self.backlog.push_back(Request::Leave);
        let peer = self.peer.clone();
        tokio::spawn(async move { peer.leave().await });
    }
}

impl Entry {
    /// Notes why the server is not reached.
    fn note(&mut self, why: &str) {
        if let Self::Waiting(reason) = self {
            *reason = Some(why.to_owned());
        }
    }

    /// What an end means: nothing was done in a room that was never entered.
    fn judge(&self, exit: Exit) -> Exit {
        match (self, &exit) {
            (Self::Waiting(why), Exit::Done | Exit::Nobody(_) | Exit::Incomplete(_)) => {
                Exit::unreachable(why.as_deref().unwrap_or("the server does not answer"))
            }
            _ => exit,
        }
    }
}

/// What the driver wakes up for.
#[derive(Debug)]
enum Wake {
    Event(Option<Event>),
    Report(Happening),
    Request(Request),
    /// There is room for an errand.
    Errands,
    Signal(u8),
    Time,
}

/// Time since the program started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the plans' time comes from"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time now.
    pub(crate) fn now(self) -> Time {
        Time::new(self.0.elapsed())
    }

    async fn reach(self, deadline: Option<Time>) {
        let deadline = deadline.and_then(|time| self.0.checked_add(time.since_origin()));
        match deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_never_in_a_room_did_nothing_in_it() {
        let mut entry = Entry::Waiting(None);
        let silent = entry.judge(Exit::Done);
        assert_eq!(silent, Exit::unreachable("the server does not answer"));
        entry.note("connection refused");
        let refused = entry.judge(Exit::Nobody("nobody came".to_owned()));
        assert_eq!(refused, Exit::unreachable("connection refused"));
        assert_eq!(entry.judge(Exit::Signal(15)), Exit::Signal(15));
        assert_eq!(Entry::Entered.judge(Exit::Done), Exit::Done);
    }
}
