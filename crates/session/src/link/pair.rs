//! What two members who share keys say through the server.

use serde::Serialize;
use snug_protocol::{
    ClientId, ForwardKind, Payload,
    negotiation::{Candidate, TrickledCandidate},
};

use crate::{handshake::Keys, mesh::Context};

/// The peer, and the keys shared with it.
pub(super) struct Pair<'a> {
    pub(super) peer: &'a ClientId,
    pub(super) keys: &'a mut Keys,
}

impl Pair<'_> {
    /// Seals a value and sends it by the server.
    pub(super) fn send<T: Serialize, R>(
        &mut self,
        kind: ForwardKind,
        value: &T,
        cx: &mut Context<'_, R>,
    ) {
        let plain = Payload::encode(value);
        self.send_bytes(kind, plain.json().as_bytes(), cx);
    }

    pub(super) fn send_bytes<R>(
        &mut self,
        kind: ForwardKind,
        plain: &[u8],
        cx: &mut Context<'_, R>,
    ) {
        if !cx.signaling.is_online() {
            return;
        }
        match self.keys.seal(kind, plain) {
            Ok(sealed) => {
                let payload = sealed.encode();
                cx.signaling.forward(kind, self.peer, payload, cx.out);
            }
            Err(error) => tracing::debug!(%error, "not sealed"),
        }
    }

    pub(super) fn send_candidate<R>(
        &mut self,
        attempt: u32,
        candidate: Candidate,
        cx: &mut Context<'_, R>,
    ) {
        let trickled = TrickledCandidate { attempt, candidate };
        self.send(ForwardKind::IceCandidate, &trickled, cx);
    }
}
