//! Descriptions and candidates, from the peer and for it.

use std::net::SocketAddr;

use snug_protocol::{InvalidDescription, SessionDescription};

use super::{
    Fingerprint, Negotiation, TransportError,
    candidate::RemoteCandidates,
    connection::Connection,
    event::{LinkEvent, SdpKind},
    sdp::{self, Role},
};

/// What a link knows of its peer's side.
#[derive(Debug)]
pub(super) struct Negotiator {
    candidates: RemoteCandidates,
    /// `None` until a description is applied.
    peer: Option<Described>,
    /// Our part in DTLS. `None` until there is an answer.
    role: Option<Role>,
}

/// What the peer's last description said.
#[derive(Debug)]
struct Described {
    certificate: Fingerprint,
    ufrag: Option<String>,
    /// The peer's receive buffer, as it tells; some browsers do not.
    receive_buffer: Option<usize>,
}

impl Negotiator {
    /// `loopback`: whether the peer may be on this machine.
    pub(super) fn new(loopback: bool) -> Self {
        Self {
            candidates: RemoteCandidates::new(loopback),
            peer: None,
            role: None,
        }
    }

    /// The bytes that the peer's socket can hold, if it told.
    pub(super) fn receive_buffer(&self) -> Option<usize> {
        self.peer.as_ref()?.receive_buffer
    }

    /// The certificate that the peer has to show.
    pub(super) fn certificate(&self) -> Option<Fingerprint> {
        Some(self.peer.as_ref()?.certificate)
    }

    /// Whether the peer said that a TURN server takes packets for it at `addr`.
    pub(super) fn is_relay(&self, addr: SocketAddr) -> bool {
        self.candidates.is_relay(addr)
    }

    /// Does one step, and says what came of it.
    pub(super) async fn handle(
        &mut self,
        connection: &Connection,
        command: Negotiation,
    ) -> Option<LinkEvent> {
        let outcome = match command {
            Negotiation::CreateOffer { ice_restart, .. } => offer(connection, ice_restart).await,
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

    async fn accept_offer(&mut self, connection: &Connection, sdp: &str, rollback: bool) -> Step {
        let remote = self.read(connection, sdp)?;
        let accepted = connection.accept_offer(remote.sdp.clone(), rollback).await;
        accepted.map_err(TransportError::negotiation)?;
        self.on_described(connection, remote).await;
        let sdp = connection
            .answer()
            .await
            .map_err(TransportError::negotiation)?;
        Ok(Some(local(SdpKind::Answer, self.in_role(sdp))))
    }

    async fn accept_answer(&mut self, connection: &Connection, sdp: &str) -> Step {
        let remote = self.read(connection, sdp)?;
        let accepted = connection.accept_answer(remote.sdp.clone()).await;
        accepted.map_err(TransportError::negotiation)?;
        if self.role.is_none() {
            self.role = Role::of(&remote.sdp).map(Role::other);
        }
        self.on_described(connection, remote).await;
        Ok(None)
    }

    /// Our answer, with the part that we have in DTLS since the first: the stack would take
    /// another one in each answer, which browsers refuse without a new handshake (RFC 8842 §5.3).
    fn in_role(&mut self, answer: String) -> String {
        if let Some(role) = self.role {
            return role.take_in(&answer);
        }
        self.role = Role::of(&answer);
        answer
    }

    /// A new certificate asks for a new handshake (RFC 8842 §3.1), which the stack does not make:
    /// nothing would be checked against the certificate of a later description.
    fn read(
        &self,
        connection: &Connection,
        sdp: &str,
    ) -> Result<SessionDescription, TransportError> {
        let remote = read(sdp)?;
        if connection.fragments() && !sdp::fragments(&remote) {
            return Err(TransportError::PeerIsPlain);
        }
        match self.certificate() {
            Some(known) if known != remote.certificate => {
                Err(InvalidDescription::OtherCertificate.into())
            }
            _ => Ok(remote),
        }
    }

    /// The peer's description is applied: its candidates can be.
    async fn on_described(&mut self, connection: &Connection, remote: SessionDescription) {
        // Only then has the stack let go of the candidates before.
        if self
            .peer
            .as_ref()
            .is_some_and(|peer| peer.ufrag != remote.ufrag)
        {
            self.candidates.restart();
        }
        if let Some(token) = sdp::repair(&remote) {
            connection.repair(token);
        }
        self.peer = Some(Described {
            receive_buffer: sdp::receive_buffer(&remote),
            certificate: remote.certificate,
            ufrag: remote.ufrag,
        });
        let mut candidates = self.candidates.described();
        let inline = remote.candidates.iter();
        candidates.extend(inline.filter_map(|line| self.candidates.take(line)));
        add(connection, candidates).await;
    }
}

/// Whether an offer's records go in fragments.
pub(super) fn offers_fragments(sdp: &str) -> bool {
    read(sdp).is_ok_and(|remote| sdp::fragments(&remote))
}

/// Reads a description of the peer.
pub(super) fn read(sdp: &str) -> Result<SessionDescription, TransportError> {
    Ok(SessionDescription::read(sdp)?)
}

async fn offer(connection: &Connection, ice_restart: bool) -> Step {
    let sdp = connection
        .offer(ice_restart)
        .await
        .map_err(TransportError::negotiation)?;
    Ok(Some(local(SdpKind::Offer, sdp)))
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
