//! Descriptions and candidates, from the peer and for it.

use snug_protocol::{limits::SDP_BYTES, negotiation::Candidate};

use super::{
    Negotiation, TransportError,
    candidate::RemoteCandidates,
    connection::Connection,
    event::{LinkEvent, SdpKind},
    sdp::Remote,
};

/// What a link knows of its peer's side.
#[derive(Debug)]
pub(super) struct Negotiator {
    candidates: RemoteCandidates,
    /// The peer's receive buffer, as it tells; browsers do not.
    receive_buffer: Option<usize>,
}

impl Negotiator {
    /// `loopback`: whether the peer may be on this machine.
    pub(super) fn new(loopback: bool) -> Self {
        let candidates = RemoteCandidates::new(loopback);
        Self {
            candidates,
            receive_buffer: None,
        }
    }

    /// The bytes that the peer's socket can hold, if it told.
    pub(super) fn receive_buffer(&self) -> Option<usize> {
        self.receive_buffer
    }

    /// Does one step, and says what came of it.
    pub(super) async fn handle(
        &mut self,
        connection: &Connection,
        command: Negotiation,
    ) -> Option<LinkEvent> {
        let outcome = match command {
            Negotiation::CreateOffer { ice_restart } => self.offer(connection, ice_restart).await,
            Negotiation::AcceptOffer { sdp, rollback } => {
                self.accept_offer(connection, &sdp, rollback).await
            }
            Negotiation::AcceptAnswer { sdp } => self.accept_answer(connection, &sdp).await,
            Negotiation::AddCandidate(candidate) => {
                let candidates = self.candidates.take(&candidate);
                add(connection, candidates).await;
                Ok(None)
            }
            Negotiation::Close => Ok(None),
        };
        outcome.unwrap_or_else(|error| Some(LinkEvent::Error(error)))
    }

    async fn offer(&mut self, connection: &Connection, ice_restart: bool) -> Step {
        self.candidates.restart();
        let sdp = connection
            .offer(ice_restart)
            .await
            .map_err(TransportError::negotiation)?;
        Ok(Some(local(SdpKind::Offer, sdp)))
    }

    async fn accept_offer(&mut self, connection: &Connection, sdp: &str, rollback: bool) -> Step {
        let remote = self.read(sdp)?;
        self.candidates.restart();
        let accepted = connection.accept_offer(remote.sdp, rollback).await;
        accepted.map_err(TransportError::negotiation)?;
        self.described(connection, &remote.candidates).await;
        let sdp = connection
            .answer()
            .await
            .map_err(TransportError::negotiation)?;
        Ok(Some(local(SdpKind::Answer, sdp)))
    }

    async fn accept_answer(&mut self, connection: &Connection, sdp: &str) -> Step {
        let remote = self.read(sdp)?;
        let accepted = connection.accept_answer(remote.sdp).await;
        accepted.map_err(TransportError::negotiation)?;
        self.described(connection, &remote.candidates).await;
        Ok(None)
    }

    fn read(&mut self, sdp: &str) -> Result<Remote, TransportError> {
        if sdp.len() > SDP_BYTES {
            return Err(TransportError::DescriptionTooLong(sdp.len()));
        }
        let remote = Remote::read(sdp);
        self.receive_buffer = remote.receive_buffer;
        Ok(remote)
    }

    /// The peer's description is applied: its candidates can be.
    async fn described(&mut self, connection: &Connection, inline: &[Candidate]) {
        let mut candidates = self.candidates.described();
        candidates.extend(inline.iter().filter_map(|line| self.candidates.take(line)));
        add(connection, candidates).await;
    }
}

/// Adds what the stack takes: a candidate of a kind that it does not know costs nobody the link.
async fn add(connection: &Connection, candidates: impl IntoIterator<Item = String>) {
    for candidate in candidates {
        if let Err(error) = connection.add_candidate(candidate).await {
            tracing::debug!(%error, "a candidate is refused");
        }
    }
}

type Step = Result<Option<LinkEvent>, TransportError>;

fn local(kind: SdpKind, sdp: String) -> LinkEvent {
    LinkEvent::LocalDescription { kind, sdp }
}
