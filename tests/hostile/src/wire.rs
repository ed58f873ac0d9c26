//! What passes through the server, as somebody there can read and change it.

use rand::{Rng, RngExt};
use snug_protocol::{
    ClientId, ClientMessage, Forward, ForwardKind, KeyMessage, Payload, RoomId, Sealed,
    ServerMessage,
};

/// What a server sends, and to whom.
pub(crate) type Sent = Vec<(ClientId, ServerMessage)>;

/// A message for a member, as if it came from another one.
pub(crate) fn forward(
    kind: ForwardKind,
    from: &ClientId,
    to: &ClientId,
    payload: Payload,
) -> (ClientId, ServerMessage) {
    let forward = Forward {
        kind,
        from: from.clone(),
        to: to.clone(),
        payload,
    };
    deliver(forward)
}

/// Sends a forwarded message to the one it is for.
pub(crate) fn deliver(forward: Forward) -> (ClientId, ServerMessage) {
    (forward.to.clone(), ServerMessage::Forward(forward))
}

/// A message of the handshake for a member.
pub(crate) fn key(
    message: &KeyMessage,
    from: &ClientId,
    to: &ClientId,
) -> (ClientId, ServerMessage) {
    forward(ForwardKind::Key, from, to, message.encode())
}

/// The message of the handshake that is being forwarded, if it is one.
pub(crate) fn key_of(forward: &Forward) -> Option<KeyMessage> {
    let is_key = forward.kind == ForwardKind::Key;
    is_key
        .then(|| KeyMessage::decode(&forward.payload).ok())
        .flatten()
}

/// The room that somebody enters.
pub(crate) fn room_of(message: &ClientMessage) -> Option<RoomId> {
    match message {
        ClientMessage::Init { room_id, .. } => Some(*room_id),
        ClientMessage::Forward(_) | ClientMessage::Leave => None,
    }
}

/// Changes one character of the longest text in a payload to another one that may stand there.
pub(crate) fn flip(payload: &Payload, rng: &mut impl Rng) -> Payload {
    let json = payload.json();
    let texts = json.split('"').filter(|text| text.len() >= 22);
    let count = texts.clone().count();
    if count == 0 {
        return payload.clone();
    }
    let text = texts.clone().nth(rng.random_range(0..count));
    let text = text.unwrap_or_default();
    let start = text.as_ptr() as usize - json.as_ptr() as usize;
    // The last character may have bits that must be zero: changed, it would not even decode.
    let at = start + rng.random_range(0..text.len() - 1);
    let mut bytes = json.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    let json = String::from_utf8(bytes).unwrap_or_default();
    Payload::from_json(json).unwrap_or_else(|_| payload.clone())
}

/// Cuts the end off a sealed payload.
pub(crate) fn truncate(payload: &Payload, rng: &mut impl Rng) -> Payload {
    let Ok(mut sealed) = Sealed::decode(payload) else {
        return payload.clone();
    };
    let len = rng.random_range(0..sealed.data.len());
    sealed.data.truncate(len);
    sealed.encode()
}

/// Whether the kind is part of the negotiation of a direct connection.
pub(crate) const fn is_description(kind: ForwardKind) -> bool {
    match kind {
        ForwardKind::Offer | ForwardKind::Answer | ForwardKind::IceCandidate => true,
        ForwardKind::Key | ForwardKind::Relay => false,
    }
}

/// The name of a member who never was. It comes before all others in every list.
pub(crate) fn nobody(number: usize) -> ClientId {
    format!("{NOBODY}{number}")
        .parse()
        .expect("a short text of letters, digits and dashes")
}

/// Whether that is such a name.
pub(crate) fn is_nobody(client: &ClientId) -> bool {
    client.as_str().starts_with(NOBODY)
}

const NOBODY: &str = "-nobody-";
