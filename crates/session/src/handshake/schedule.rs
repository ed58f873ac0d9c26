//! From the shared secret and everything said to the keys: HKDF-SHA256 (RFC 5869).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use snug_protocol::key::{KeyHello, KeyShare, Nonce, Share, Tag};
use zeroize::{Zeroize, Zeroizing};

use super::{encoding::lv_cat, parties::Role};

/// The hash of everything said, but the tags and signatures that are made from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Transcript([u8; 32]);

/// The keys of one run, before they are drawn from it.
pub(super) struct Schedule {
    hkdf: Hkdf<Sha256>,
}

/// A key, erased when it is dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// What a key is for. Those of one direction are named by the role of who uses it to send.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Confirm(Role),
    Seal(Role),
    Relay(Role),
    Binding,
}

impl Transcript {
    /// Hashes every field of the first three messages, in their order.
    pub(super) fn new(
        hello: &KeyHello,
        share: &KeyShare,
        initiator_nonce: &Nonce,
        initiator_share: &Share,
        proof_answers: &Nonce,
    ) -> Self {
        let versions: Vec<u8> = hello
            .versions
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect();
        let fields = lv_cat(&[
            b"snug v1 transcript",
            &versions,
            &[u8::from(hello.words)],
            hello.identity.as_bytes(),
            hello.commitment.as_bytes(),
            &share.version.to_be_bytes(),
            &[u8::from(share.words)],
            share.identity.as_bytes(),
            share.nonce.as_bytes(),
            share.share.as_bytes(),
            share.answers.as_bytes(),
            initiator_nonce.as_bytes(),
            initiator_share.as_bytes(),
            proof_answers.as_bytes(),
        ]);
        Self(Sha256::digest(fields).into())
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    #[cfg(feature = "test-utils")]
    pub(super) const fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl Schedule {
    /// HKDF-Extract, with the transcript as the salt: other words said, other keys.
    pub(super) fn new(session_key: &[u8; 64], transcript: &Transcript) -> Self {
        let (mut extracted, hkdf) = Hkdf::extract(Some(transcript.as_bytes()), session_key);
        extracted.zeroize();
        Self { hkdf }
    }

    /// HKDF-Expand to one key.
    pub(super) fn key(&self, purpose: Purpose) -> Key {
        let mut key = Zeroizing::new([0; 32]);
        let info = lv_cat(&[b"snug v1", purpose.label().as_bytes()]);
        self.hkdf
            .expand(&info, key.as_mut_slice())
            .expect("32 bytes are one block of HKDF");
        key
    }
}

impl Purpose {
    fn label(self) -> String {
        match self {
            Self::Confirm(role) => format!("confirm {}", role.as_str()),
            Self::Seal(role) => format!("seal {}", role.as_str()),
            Self::Relay(role) => format!("relay {}", role.as_str()),
            Self::Binding => "binding".into(),
        }
    }
}

/// HMAC-SHA256 (RFC 2104), to be finished or verified.
pub(super) fn mac(key: &Key, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("any length is a key");
    mac.update(message);
    mac
}

/// The tag that confirms a key.
pub(super) fn tag(key: &Key, transcript: &Transcript) -> Tag {
    Tag::new(
        mac(key, transcript.as_bytes())
            .finalize()
            .into_bytes()
            .into(),
    )
}

/// Whether this is the tag, in a time that does not tell.
pub(super) fn is_tag(key: &Key, transcript: &Transcript, tag: &Tag) -> bool {
    mac(key, transcript.as_bytes())
        .verify_slice(tag.as_bytes())
        .is_ok()
}
