//! What two peers say to prove to each other that they know the words: the payloads of `key`
//! (JSON). `docs/handshake.md` has the whole exchange.
//!
//! ```text
//! initiator ── hello ──▶ responder      who I am, and a commitment to my nonce
//!           ◀── share ──                who I am, my nonce and my share of the key
//!           ── proof ──▶                the nonce, my share, and that I know the words
//!           ◀─ confirm ─                that I know them too
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload,
    byte_string::byte_string,
    decode::{check_count, check_total, list},
    limits::{KEY_MESSAGE_BYTES, VERSIONS},
};

byte_string! {
    /// Who somebody is in one room: an Ed25519 public key (RFC 8032 §5.1.5), made for that room.
    IdentityKey, 32
}

byte_string! {
    /// An Ed25519 signature (RFC 8032 §5.1.6).
    Signature, 64
}

byte_string! {
    /// What binds the initiator to a [`Nonce`] before it has seen the responder's.
    Commitment, 32
}

byte_string! {
    /// A random number that is used once.
    Nonce, 32
}

byte_string! {
    /// A public share of `CPace`: a ristretto255 element (RFC 9496 §4.3.2), not yet checked.
    Share, 32
}

byte_string! {
    /// What confirms a key: HMAC-SHA256 over the transcript.
    Tag, 32
}

/// A message of the handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum KeyMessage {
    /// Opens the handshake.
    Hello(KeyHello),
    /// Answers [`KeyMessage::Hello`].
    Share(KeyShare),
    /// Answers [`KeyMessage::Share`].
    Proof(KeyProof),
    /// Answers [`KeyMessage::Proof`] and ends the handshake.
    Confirm(KeyConfirm),
    /// Takes the place of any of them. Nobody vouches for it: a hint for people, never more.
    Refused {
        /// Why.
        reason: RefusalReason,
    },
}

/// What the initiator says first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyHello {
    /// The versions of the handshake that the initiator speaks, 1 to [`VERSIONS`] of them.
    #[serde(deserialize_with = "list")]
    pub versions: Vec<u16>,
    /// Whether the initiator has a secret for this room.
    pub words: bool,
    /// Who the initiator is.
    pub identity: IdentityKey,
    /// Binds the initiator to the nonce of its [`KeyProof`].
    pub commitment: Commitment,
}

/// What the responder answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyShare {
    /// The version that the responder chose.
    pub version: u16,
    /// Whether the responder has a secret for this room.
    pub words: bool,
    /// Who the responder is.
    pub identity: IdentityKey,
    /// The responder's nonce.
    pub nonce: Nonce,
    /// The responder's share.
    pub share: Share,
    /// The commitment of the hello that this answers.
    pub answers: Commitment,
}

/// How the initiator proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyProof {
    /// The initiator's nonce, to which it had committed.
    pub nonce: Nonce,
    /// The initiator's share.
    pub share: Share,
    /// Confirms the key, and so the words.
    pub tag: Tag,
    /// Shows that the initiator holds the private key of its identity.
    pub signature: Signature,
    /// The nonce of the share that this answers.
    pub answers: Nonce,
}

/// How the responder proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyConfirm {
    /// Confirms the key, and so the words.
    pub tag: Tag,
    /// Shows that the responder holds the private key of its identity.
    pub signature: Signature,
    /// The nonce of the proof that this answers.
    pub answers: Nonce,
}

/// Why a handshake goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RefusalReason {
    /// The proof was made with other words.
    WrongWords,
    /// The room has words, the other side has none.
    WordsNeeded,
    /// The room is open, the other side has words.
    OpenRoom,
    /// No newcomers any more: too many have tried wrong words.
    Closed,
    /// No version in common.
    Version,
    /// A reason of a newer version.
    #[serde(other)]
    Other,
}

impl KeyMessage {
    /// Reads a payload.
    pub fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        check_total(payload.json().len(), KEY_MESSAGE_BYTES)?;
        let Kind { kind } = payload.decode_object()?;
        match kind.as_str() {
            "hello" => KeyHello::decode(payload).map(Self::Hello),
            "share" => payload.decode_object().map(Self::Share),
            "proof" => payload.decode_object().map(Self::Proof),
            "confirm" => payload.decode_object().map(Self::Confirm),
            "refused" => payload
                .decode_object()
                .map(|Refused { reason }| Self::Refused { reason }),
            unknown => Err(DecodeError::unknown_type(unknown)),
        }
    }

    /// Writes a payload.
    pub fn encode(&self) -> Payload {
        Payload::encode(self)
    }
}

impl KeyHello {
    fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        let hello: Self = payload.decode_object()?;
        if hello.versions.is_empty() {
            return Err(DecodeError::invalid("versions", "none"));
        }
        check_count("versions", hello.versions.len(), VERSIONS)?;
        Ok(hello)
    }
}

/// Says which message an object is.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

/// The fields of [`KeyMessage::Refused`].
#[derive(Deserialize)]
struct Refused {
    reason: RefusalReason,
}
