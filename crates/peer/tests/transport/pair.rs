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
        let kept = VecDeque::new();
        Self { a, b, kept }
    }

    pub(crate) fn offering() -> Self {
        let pair = Self::new();
        pair.a
            .command(LinkCommand::CreateOffer { ice_restart: false });
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
            let (who, event) = tokio::select! {
                event = self.a.next() => (Who::A, event),
                event = self.b.next() => (Who::B, event),
            };
            let other = match who {
                Who::A => &self.b,
                Who::B => &self.a,
            };
            match event {
                LinkEvent::LocalDescription {
                    kind: SdpKind::Offer,
                    sdp,
                } => {
                    other.command(LinkCommand::AcceptOffer {
                        sdp,
                        rollback: false,
                    });
                }
                LinkEvent::LocalDescription {
                    kind: SdpKind::Answer,
                    sdp,
                } => {
                    other.command(LinkCommand::AcceptAnswer { sdp });
                }
                LinkEvent::LocalCandidate(found) => {
                    other.command(LinkCommand::AddCandidate(found));
                }
                event => return (who, event),
            }
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

    /// The next event, signaling or not; none after the end. May be dropped and tried again.
    pub(crate) async fn next(&mut self) -> LinkEvent {
        match self.events.recv().await {
            Some((_, event)) => event,
            None => future::pending().await,
        }
    }
}
