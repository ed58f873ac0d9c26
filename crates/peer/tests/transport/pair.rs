//! Two links, and the signaling between them.

use std::{collections::VecDeque, future};

use bytes::Bytes;
use snug_peer::transport::{
    Interfaces, Link, LinkCommand, LinkEvent, LinkId, SdpKind, Transport, TransportConfig,
};
use tokio::sync::mpsc;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    A,
    B,
}

/// Two links. A offers unless a test says otherwise.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) a: End,
    pub(crate) b: End,
    /// What the signaling makes of descriptions on their way.
    pub(crate) alter: fn(SdpKind, String) -> String,
    /// What came while the links opened.
    kept: VecDeque<(Who, LinkEvent)>,
}

/// One link and its events.
#[derive(Debug)]
pub(crate) struct End {
    link: Link,
    events: mpsc::Receiver<(LinkId, LinkEvent)>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::of(End::new(), End::new())
    }

    pub(crate) fn of(a: End, b: End) -> Self {
        Self {
            a,
            b,
            alter: |_, sdp| sdp,
            kept: VecDeque::new(),
        }
    }

    pub(crate) fn offering() -> Self {
        let pair = Self::new();
        pair.a.command(LinkCommand::CreateOffer {
            ice_restart: false,
            plain: false,
        });
        pair
    }

    pub(crate) async fn connected() -> Self {
        let mut pair = Self::offering();
        pair.both_open().await;
        pair
    }

    pub(crate) async fn both_open(&mut self) {
        let (mut open, mut kept) = (0, VecDeque::new());
        while open < 2 {
            match self.next().await {
                (_, LinkEvent::Open { .. }) => open += 1,
                other => kept.push_back(other),
            }
        }
        self.kept = kept;
    }

    /// Waits for an event, and drops all others.
    pub(crate) async fn until(&mut self, who: Who, event: LinkEvent) {
        let expected = (who, event);
        while self.next().await != expected {}
    }

    /// Carries signaling to and fro until something else happens.
    pub(crate) async fn next(&mut self) -> (Who, LinkEvent) {
        if let Some(kept) = self.kept.pop_front() {
            return kept;
        }
        loop {
            let (who, event) = self.next_raw().await;
            if let Some(event) = self.carry(who, event) {
                return (who, event);
            }
        }
    }

    /// The next event of either end, signaling or not.
    pub(crate) async fn next_raw(&mut self) -> (Who, LinkEvent) {
        tokio::select! {
            event = self.a.next() => (Who::A, event),
            event = self.b.next() => (Who::B, event),
        }
    }

    /// Carries signaling of one end to the other, and gives anything else back.
    pub(crate) fn carry(&self, who: Who, event: LinkEvent) -> Option<LinkEvent> {
        let other = self.end(who.other());
        match event {
            LinkEvent::LocalDescription { kind, sdp } => {
                let sdp = (self.alter)(kind, sdp);
                match kind {
                    SdpKind::Offer => other.accept_offer(sdp),
                    SdpKind::Answer => other.command(LinkCommand::AcceptAnswer { sdp }),
                }
            }
            LinkEvent::LocalCandidate(found) => other.command(LinkCommand::AddCandidate(found)),
            event => return Some(event),
        }
        None
    }

    pub(crate) fn end(&self, who: Who) -> &End {
        match who {
            Who::A => &self.a,
            Who::B => &self.b,
        }
    }
}

impl Who {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl End {
    pub(crate) fn new() -> Self {
        Self::with(TransportConfig {
            interfaces: Interfaces::LoopbackOnly,
            ..Default::default()
        })
    }

    pub(crate) fn with(config: TransportConfig) -> Self {
        let (sender, events) = mpsc::channel(32);
        let link = Transport::new(config).open(LinkId(1), sender);
        Self { link, events }
    }

    pub(crate) fn command(&self, command: LinkCommand) {
        self.link.command(command);
    }

    pub(crate) fn send_control(&self, frame: impl Into<Bytes>) {
        self.command(LinkCommand::SendControl(frame.into()));
    }

    pub(crate) fn accept_offer(&self, sdp: String) {
        self.command(LinkCommand::AcceptOffer {
            sdp,
            rollback: false,
        });
    }

    /// Waits for a description, and drops all else.
    pub(crate) async fn description(&mut self) -> String {
        loop {
            if let LinkEvent::LocalDescription { sdp, .. } = self.next().await {
                return sdp;
            }
        }
    }

    /// Waits for an error, and drops all else.
    pub(crate) async fn trouble(&mut self) -> LinkEvent {
        loop {
            if let error @ LinkEvent::Error(_) = self.next().await {
                return error;
            }
        }
    }

    /// The next event, signaling or not; none after the end. May be dropped and tried again.
    pub(crate) async fn next(&mut self) -> LinkEvent {
        match self.events.recv().await {
            Some((_, event)) => event,
            None => future::pending().await,
        }
    }
}
