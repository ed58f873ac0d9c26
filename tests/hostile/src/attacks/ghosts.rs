//! Members who never were.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    ClientId, ClientMessage, Forward, ForwardKind, KeyMessage, Payload, RefusalReason,
    ServerMessage,
    key::{KeyConfirm, KeyShare, Nonce, Share, Tag},
};
use snug_protocol::{IdentityKey, Signature};
use snug_session::sim::Adversary;

use crate::wire::{Sent, deliver, forward, is_nobody, key, key_of, nobody};

/// How many.
const GHOSTS: usize = 4;

/// Somebody who fills the room with people.
#[derive(Debug, Default)]
pub(crate) struct Ghosts {}

impl Adversary for Ghosts {
    fn pass(&mut self, to: &ClientId, mut message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        if let ServerMessage::InitSuccess { peers, .. } = &mut message {
            peers.extend((0..GHOSTS).map(nobody));
        }
        let mut sent = Vec::new();
        // A ghost repeats what a member says.
        if let ServerMessage::Forward(said) = &message
            && rng.random_range(0..4) == 0
        {
            let from = nobody(rng.random_range(0..GHOSTS));
            sent.push(deliver(Forward {
                from,
                ..said.clone()
            }));
        }
        if rng.random_range(0..8) == 0 {
            let from = nobody(rng.random_range(0..GHOSTS));
            sent.push((to.clone(), ServerMessage::PeerJoined { client_id: from }));
        }
        sent.push((to.clone(), message));
        sent
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Sent {
        let ClientMessage::Forward(said) = message else {
            return Vec::new();
        };
        if !is_nobody(&said.to) {
            return Vec::new();
        }
        answer(said, rng)
            .map(|answer| key(&answer, &said.to, from))
            .into_iter()
            .chain(noise(&said.to, from, rng))
            .collect()
    }
}

/// What a ghost says that knows nothing.
fn answer(said: &Forward, rng: &mut ChaCha12Rng) -> Option<KeyMessage> {
    let message = key_of(said)?;
    let reason = RefusalReason::WrongWords;
    match (message, rng.random_range(0..4)) {
        (_, 0) => None,
        (_, 1) => Some(KeyMessage::Refused { reason }),
        // Its own words in its mouth.
        (message, 2) => Some(message),
        (KeyMessage::Hello(hello), _) => Some(KeyMessage::Share(KeyShare {
            version: 1,
            words: hello.words,
            identity: IdentityKey::new(rng.random()),
            nonce: Nonce::new(rng.random()),
            share: Share::new(rng.random()),
            answers: hello.commitment,
        })),
        (KeyMessage::Proof(proof), _) => Some(KeyMessage::Confirm(KeyConfirm {
            tag: Tag::new(rng.random()),
            signature: signature(rng),
            answers: proof.nonce,
        })),
        (KeyMessage::Share(_) | KeyMessage::Confirm(_) | KeyMessage::Refused { .. }, _) => None,
    }
}

/// Something unsealed where everything is sealed.
fn noise(
    from: &ClientId,
    to: &ClientId,
    rng: &mut ChaCha12Rng,
) -> Option<(ClientId, ServerMessage)> {
    let kinds = [
        ForwardKind::Offer,
        ForwardKind::Answer,
        ForwardKind::IceCandidate,
        ForwardKind::Relay,
    ];
    let kind = kinds[rng.random_range(0..kinds.len())];
    let texts = [
        r#"{"attempt":1,"sdp":"v=0"}"#,
        r#"{"number":1,"box":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "null",
    ];
    let text = texts[rng.random_range(0..texts.len())];
    let payload = Payload::from_json(text.to_owned()).ok()?;
    rng.random::<bool>()
        .then(|| forward(kind, from, to, payload))
}

fn signature(rng: &mut ChaCha12Rng) -> Signature {
    let mut bytes = [0; 64];
    rng.fill(&mut bytes);
    Signature::new(bytes)
}
