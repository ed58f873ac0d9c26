//! `CPace` over ristretto255 with SHA-512: draft-irtf-cfrg-cpace-21, RFC 9496 for the group.

use curve25519_dalek::{RistrettoPoint, ristretto::CompressedRistretto, traits::IsIdentity};
use sha2::{Digest, Sha512};
use snug_protocol::key::Share;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    encoding::{lv_cat, prepended_len},
    secrets::PrivateScalar,
};

/// The domain separation identifier of the group (§8.3).
const DSI: &[u8] = b"CPaceRistretto255";

/// Input block of SHA-512 in bytes (§6.2, `s_in_bytes`).
const BLOCK: usize = 128;

/// The generator of one run. Whoever has it can try words at leisure, so it is a secret.
pub(super) struct Generator(RistrettoPoint);

/// The secret that both sides of a run compute, `K` in the draft. It never leaves this module but
/// in a hash, as it would let words be tried (§10.3).
pub(super) struct SharedPoint(Zeroizing<[u8; 32]>);

/// A public share and the associated data of who sent it.
pub(super) type Part<'a> = (&'a Share, &'a [u8]);

impl Generator {
    /// `calculate_generator` (§8.1, §8.3), from the password, the channel and the session.
    pub(super) fn new(password: &[u8], channel: &[u8], session: &[u8]) -> Self {
        let zeros = [0; BLOCK];
        let padding = BLOCK.saturating_sub(prepended_len(password) + prepended_len(DSI) + 1);
        let string = Zeroizing::new(lv_cat(&[
            DSI,
            password,
            &zeros[..padding],
            channel,
            session,
        ]));
        let uniform = finish(Sha512::new_with_prefix(string.as_slice()));
        Self(RistrettoPoint::from_uniform_bytes(&uniform))
    }

    /// `scalar_mult`: the public share of who knows `scalar`.
    pub(super) fn share(&self, scalar: &PrivateScalar) -> Share {
        Share::new((self.0 * scalar.0).compress().to_bytes())
    }

    #[cfg(feature = "test-utils")]
    pub(super) fn encode(&self) -> [u8; 32] {
        self.0.compress().to_bytes()
    }
}

impl SharedPoint {
    /// `scalar_mult_vfy` (§8.3): `None` for what is no canonical encoding of an element, and for
    /// the identity, with which anybody would know the result.
    pub(super) fn new(scalar: &PrivateScalar, theirs: &Share) -> Option<Self> {
        let theirs = CompressedRistretto(*theirs.as_bytes()).decompress()?;
        let mut product = theirs * scalar.0;
        let degenerate = theirs.is_identity() || product.is_identity();
        let encoded = Zeroizing::new(product.compress().to_bytes());
        product.zeroize();
        (!degenerate).then_some(Self(encoded))
    }

    /// The intermediate session key `ISK` of the initiator-responder setting (§7.2): `a` is the
    /// part of A, `b` that of B.
    pub(super) fn session_key(
        &self,
        session: &[u8],
        a: Part<'_>,
        b: Part<'_>,
    ) -> Zeroizing<[u8; 64]> {
        let label = [DSI, b"_ISK"].concat();
        let secret = Zeroizing::new(lv_cat(&[&label, session, self.0.as_slice()]));
        let hash = Sha512::new()
            .chain_update(secret.as_slice())
            .chain_update(lv_cat(&[a.0.as_bytes(), a.1]))
            .chain_update(lv_cat(&[b.0.as_bytes(), b.1]));
        finish(hash)
    }

    #[cfg(feature = "test-utils")]
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Ends a hash without a copy of it elsewhere.
fn finish(hash: Sha512) -> Zeroizing<[u8; 64]> {
    let mut out = Zeroizing::new([0; 64]);
    hash.finalize_into((&mut *out).into());
    out
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Generator {}
