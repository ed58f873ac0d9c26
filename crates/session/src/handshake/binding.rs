//! Ties a DTLS connection to the keys: the first frame each way on `control`.
//!
//! DTLS by itself knows the other end only by a fingerprint in the description (RFC 8122 §5,
//! RFC 8827 §6.5). The descriptions are sealed, and this shows besides that both ends see the same
//! two certificates, so that neither speaks to another than it believes (RFC 8844).

use hmac::Mac;
use snug_protocol::Fingerprint;

use super::{
    encoding::lv_cat,
    parties::Role,
    schedule::{Key, mac},
};

/// What the sender of a binding says.
pub(super) struct Claim<'a> {
    pub(super) sender: Role,
    pub(super) attempt: u32,
    /// Of the sender's certificate, as its own stack reports it.
    pub(super) senders: &'a Fingerprint,
    /// Of the other's certificate, as the sender's stack has checked it.
    pub(super) others: &'a Fingerprint,
}

/// HMAC-SHA256 over the claim.
pub(super) fn bind(key: &Key, claim: &Claim<'_>) -> [u8; 32] {
    mac(key, &claim.encode()).finalize().into_bytes().into()
}

/// Whether `code` is that of the claim, in a time that does not tell.
pub(super) fn is_bound(key: &Key, claim: &Claim<'_>, code: &[u8; 32]) -> bool {
    mac(key, &claim.encode()).verify_slice(code).is_ok()
}

impl Claim<'_> {
    fn encode(&self) -> Vec<u8> {
        lv_cat(&[
            b"snug v1 binding",
            self.sender.as_str().as_bytes(),
            &self.attempt.to_be_bytes(),
            &fingerprint(self.senders),
            &fingerprint(self.others),
        ])
    }
}

/// A fingerprint with the name of its hash, as descriptions have it (RFC 8122 §5).
fn fingerprint(Fingerprint(hash): &Fingerprint) -> Vec<u8> {
    lv_cat(&[b"sha-256", hash])
}
