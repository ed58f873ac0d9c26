//! Who somebody is in a room: a fresh Ed25519 key (RFC 8032).

use std::{fmt, sync::Arc};

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use snug_protocol::{Hash, IdentityKey, RoomId, Signature};

use super::{Secrets, encoding::lv_cat, parties::Role, schedule::Transcript};

/// The private half of an [`IdentityKey`]. Clones share it; it is erased with the last of them.
#[derive(Clone)]
pub struct Identity(Arc<SigningKey>);

impl Identity {
    /// Makes a new one.
    pub fn generate(secrets: &mut Secrets) -> Self {
        Self(Arc::new(SigningKey::from_bytes(&secrets.draw())))
    }

    /// The public half.
    pub fn key(&self) -> IdentityKey {
        IdentityKey::new(self.0.verifying_key().to_bytes())
    }

    /// Signs an entry of the chat of `room`, given its hash.
    pub fn sign(&self, room: RoomId, hash: &Hash) -> Signature {
        self.sign_bytes(&entry_message(room, hash))
    }

    /// Signs a handshake as the one of `role`.
    pub(super) fn sign_transcript(&self, role: Role, transcript: &Transcript) -> Signature {
        self.sign_bytes(&transcript_message(role, transcript))
    }

    fn sign_bytes(&self, message: &[u8]) -> Signature {
        Signature::new(self.0.sign(message).to_bytes())
    }
}

/// Whether the one of `key` signed this entry of the chat of `room`.
pub fn verify_entry(key: &IdentityKey, room: RoomId, hash: &Hash, signature: &Signature) -> bool {
    verify(key, &entry_message(room, hash), signature)
}

/// Whether the one of `key` signed this handshake as the one of `role`.
pub(super) fn verify_transcript(
    key: &IdentityKey,
    role: Role,
    transcript: &Transcript,
    signature: &Signature,
) -> bool {
    verify(key, &transcript_message(role, transcript), signature)
}

fn entry_message(room: RoomId, hash: &Hash) -> Vec<u8> {
    lv_cat(&[b"snug v1 entry", room.as_str().as_bytes(), hash.as_bytes()])
}

fn transcript_message(role: Role, transcript: &Transcript) -> Vec<u8> {
    lv_cat(&[
        b"snug v1 identity",
        role.as_str().as_bytes(),
        transcript.as_bytes(),
    ])
}

/// Verifies strictly: no key of small order, no second spelling of a signature. So a signature
/// means one message and one signer.
fn verify(key: &IdentityKey, message: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    VerifyingKey::from_bytes(key.as_bytes())
        .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?})", self.key())
    }
}
