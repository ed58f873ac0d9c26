//! The session's links, on the transport.

use std::collections::HashMap;

use snug_session::{Fingerprints, LinkId, LinkInput, LinkOutput, Path};
use tokio::sync::mpsc;

use crate::{
    limits::LINK_REPORTS,
    transport::{
        self, Link, LinkCommand, LinkEvent, LinkState, SdpKind, Transport, TransportError,
    },
};

/// The links that are open or still saying goodbye.
#[derive(Debug)]
pub(crate) struct Links {
    transport: Transport,
    entries: HashMap<LinkId, Entry>,
    sender: mpsc::Sender<Report>,
    inbox: mpsc::Receiver<Report>,
}

/// What a link tells.
pub(crate) type Report = (transport::LinkId, LinkEvent);

#[derive(Debug)]
struct Entry {
    link: Link,
    state: State,
    /// What the transport said went wrong last.
    trouble: Option<TransportError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Packets pass, or none have yet.
    Live,
    /// No packets have come for a while.
    Interrupted,
    /// The transport has closed it; the session has not.
    Dead,
    /// The session has closed it; what is queued still goes out.
    Closing,
}

impl Links {
    pub(crate) fn new(transport: Transport) -> Self {
        let (sender, inbox) = mpsc::channel(LINK_REPORTS);
        Self {
            transport,
            entries: HashMap::new(),
            sender,
            inbox,
        }
    }

    /// Does what the session wants. Returns at once.
    pub(crate) fn execute(&mut self, id: LinkId, output: LinkOutput) {
        let command = match output {
            LinkOutput::Open => return self.open(id),
            LinkOutput::Close => return self.close(id),
            LinkOutput::CreateOffer { ice_restart, plain } => {
                LinkCommand::CreateOffer { ice_restart, plain }
            }
            LinkOutput::AcceptOffer { sdp, rollback } => LinkCommand::AcceptOffer { sdp, rollback },
            LinkOutput::AcceptAnswer { sdp } => LinkCommand::AcceptAnswer { sdp },
            LinkOutput::AddCandidate(candidate) => LinkCommand::AddCandidate(candidate),
            LinkOutput::SendControl(frame) => LinkCommand::SendControl(frame),
            LinkOutput::SendBulk(frame) => LinkCommand::SendBulk(frame),
        };
        if let Some(entry) = self.entries.get(&id) {
            entry.link.command(command);
        }
    }

    /// Waits for reports and takes those that are there. May be dropped and tried again.
    pub(crate) async fn next(&mut self, reports: &mut Vec<Report>) {
        self.inbox.recv_many(reports, LINK_REPORTS).await;
    }

    /// Says what a report means to the session, if anything.
    pub(crate) fn translate(&mut self, (id, event): Report) -> Option<(LinkId, LinkInput)> {
        let id = LinkId(id.0);
        let entry = self.entries.get_mut(&id)?;
        if entry.state == State::Closing {
            if event == LinkEvent::State(LinkState::Closed) {
                self.entries.remove(&id);
            }
            return None;
        }
        entry.translate(event).map(|input| (id, input))
    }

    /// Waits until every closed link has said what it had to say.
    pub(crate) async fn close_all(&mut self) {
        let open: Vec<_> = self.entries.keys().copied().collect();
        for id in open {
            self.close(id);
        }
        let mut reports = Vec::with_capacity(LINK_REPORTS);
        while !self.entries.is_empty() {
            self.next(&mut reports).await;
            for report in reports.drain(..) {
                self.translate(report);
            }
        }
    }

    fn open(&mut self, id: LinkId) {
        let link = self
            .transport
            .open(transport::LinkId(id.0), self.sender.clone());
        let entry = Entry {
            link,
            state: State::Live,
            trouble: None,
        };
        self.entries.insert(id, entry);
    }

    fn close(&mut self, id: LinkId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        match entry.state {
            State::Live | State::Interrupted => {
                entry.link.command(LinkCommand::Close);
                entry.state = State::Closing;
            }
            State::Dead => drop(self.entries.remove(&id)),
            State::Closing => {}
        }
    }
}

impl Entry {
    fn translate(&mut self, event: LinkEvent) -> Option<LinkInput> {
        match event {
            LinkEvent::LocalDescription { kind, sdp } => Some(match kind {
                SdpKind::Offer => LinkInput::LocalOffer { sdp },
                SdpKind::Answer => LinkInput::LocalAnswer { sdp },
            }),
            LinkEvent::LocalCandidate(candidate) => Some(LinkInput::LocalCandidate(candidate)),
            LinkEvent::Open {
                local_fingerprint: local,
                remote_fingerprint: remote,
            } => {
                let fingerprints = Fingerprints { local, remote };
                Some(LinkInput::Opened { fingerprints })
            }
            LinkEvent::Control(frame) => Some(LinkInput::Control(frame)),
            LinkEvent::Bulk(frame) => Some(LinkInput::Bulk(frame)),
            LinkEvent::BulkCredit(bytes) => Some(LinkInput::BulkCredit(bytes)),
            LinkEvent::State(state) => self.on_state(state),
            LinkEvent::Path(path) => Some(LinkInput::Path(match path {
                transport::Path::Direct { .. } => Path::Direct,
                transport::Path::Turn => Path::Turn,
            })),
            LinkEvent::Error(error) => self.on_error(error),
        }
    }

    fn on_state(&mut self, state: LinkState) -> Option<LinkInput> {
        match state {
            LinkState::Connected if self.state == State::Interrupted => {
                self.state = State::Live;
                Some(LinkInput::Resumed)
            }
            LinkState::Connected => None,
            LinkState::Disconnected => {
                self.state = State::Interrupted;
                Some(LinkInput::Interrupted)
            }
            LinkState::Failed => {
                // After an ICE restart packets may flow again.
                self.state = State::Interrupted;
                Some(LinkInput::Failed("no packets get through".into()))
            }
            LinkState::Closed => {
                self.state = State::Dead;
                let trouble = self.trouble.take();
                let why = trouble.map_or_else(|| "closed by the peer".into(), |t| t.to_string());
                Some(LinkInput::Failed(why))
            }
        }
    }

    fn on_error(&mut self, error: TransportError) -> Option<LinkInput> {
        match error {
            TransportError::PeerIsPlain => Some(LinkInput::PeerIsPlain),
            TransportError::Negotiation(_) => Some(LinkInput::Rejected(error.to_string())),
            // The link is closed next.
            TransportError::Start(_)
            | TransportError::PeerFrameTooLong { .. }
            | TransportError::PeerOpenedChannel
            | TransportError::PeerStalled(_)
            | TransportError::Send(_)
            | TransportError::WrongCertificate
            | TransportError::NoFingerprints => {
                self.trouble = Some(error);
                None
            }
        }
    }
}
