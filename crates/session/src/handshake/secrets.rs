//! Where secrets come from, and the one that people know.

use std::{fmt, sync::Arc};

use chacha20::ChaCha20;
use cipher::{KeyIvInit, StreamCipher};
use curve25519_dalek::Scalar;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The source of every secret of a session: a generator that forgets what it gave.
///
/// Each draw is the keystream of `ChaCha20` (RFC 8439 §2.4, nonce and counter zero) under the
/// current key, and its first 32 bytes are the next key (fast key erasure, Bernstein 2017): who
/// sees the state later learns nothing drawn before. The same seed gives the same draws.
#[derive(ZeroizeOnDrop)]
pub struct Secrets {
    key: [u8; 32],
}

/// The secret of a room as the handshake uses it: its words, its token, or nothing.
///
/// Clones share it; it is erased with the last of them.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<Vec<u8>>>);

impl Secrets {
    /// Starts from a seed, which must be random and is used for nothing else.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { key: seed }
    }

    /// Draws `N` bytes.
    pub fn draw<const N: usize>(&mut self) -> Zeroizing<[u8; N]> {
        let mut drawn = Zeroizing::new([0; N]);
        let mut next = Zeroizing::new([0; 32]);
        let mut stream = ChaCha20::new(&self.key.into(), &[0; 12].into());
        stream.apply_keystream(next.as_mut_slice());
        stream.apply_keystream(drawn.as_mut_slice());
        self.key.copy_from_slice(next.as_slice());
        drawn
    }

    /// Draws a private scalar, uniform below the order of the group.
    pub(super) fn draw_scalar(&mut self) -> PrivateScalar {
        PrivateScalar(Scalar::from_bytes_mod_order_wide(&self.draw()))
    }
}

impl Password {
    /// Takes the bytes of a secret; none for an open room.
    pub fn new(secret: &[u8]) -> Self {
        Self(Arc::new(Zeroizing::new(secret.to_vec())))
    }

    /// Whether there is a secret at all: without one the room is open.
    pub fn has_words(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A private scalar of `CPace`.
pub(super) struct PrivateScalar(pub(super) Scalar);

impl Drop for PrivateScalar {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for PrivateScalar {}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::ChaCha20Poly1305;
    use ed25519_dalek::SigningKey;
    use sha2::{Sha256, Sha512};

    use super::{super::cpace::Generator, *};

    /// Most of it depends on features of other crates, which are easily lost.
    #[test]
    fn what_holds_secrets_is_erased_when_dropped() {
        fn erased<T: ZeroizeOnDrop>() {}
        erased::<Secrets>();
        erased::<PrivateScalar>();
        erased::<Generator>();
        erased::<SigningKey>();
        erased::<ChaCha20>();
        erased::<ChaCha20Poly1305>();
        erased::<Sha256>();
        erased::<Sha512>();
    }

    #[test]
    fn draws_repeat_with_the_seed_and_never_within_one() {
        let (mut one, mut same) = (Secrets::new([7; 32]), Secrets::new([7; 32]));
        let first = one.draw::<32>();
        assert_eq!(first, same.draw::<32>());
        assert_ne!(first, one.draw::<32>());
        assert_ne!(*first, [7; 32]);
    }

    #[test]
    fn the_state_after_a_draw_does_not_contain_it() {
        let mut secrets = Secrets::new([7; 32]);
        let drawn = secrets.draw::<32>();
        assert_ne!(secrets.key, *drawn);
        assert_ne!(secrets.key, [7; 32]);
    }

    #[test]
    fn secrets_print_as_nothing() {
        let password = Password::new(b"otter");
        assert_eq!(format!("{password:?}"), "Password(..)");
        assert_eq!(format!("{:?}", Secrets::new([7; 32])), "Secrets(..)");
        assert!(password.has_words() && !Password::new(b"").has_words());
    }
}
