//! What two people read to each other to be sure that nobody is between them: a short
//! authentication string of six emoji.
//!
//! It depends on both identities and both nonces. One nonce is committed to before the other is
//! seen, so somebody in the middle settles on theirs blindly and has one try in 2^36 to make the
//! two sides read alike, even with the words (Vaudenay 2005; RFC 6189 §4.4.1.1 does the same).

mod emoji;

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use snug_protocol::{IdentityKey, key::Nonce};

use self::emoji::EMOJI;
use super::{Parties, encoding::lv_cat, parties::Pair};

/// Six of 64 emoji, the same at both sides of an honest handshake.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Check([u8; Self::EMOJI]);

impl Check {
    /// How many emoji: 36 bits of them.
    pub const EMOJI: usize = 6;

    pub(super) fn new(
        parties: &Parties,
        identities: &Pair<IdentityKey>,
        initiator_nonce: &Nonce,
        responder_nonce: &Nonce,
    ) -> Self {
        let role = parties.role();
        let [id_a, id_b] = parties.ids().ordered(role);
        let [identity_a, identity_b] = identities.ordered(role);
        let nonces = [*initiator_nonce.as_bytes(), *responder_nonce.as_bytes()].concat();
        let info = lv_cat(&[
            parties.room.as_str().as_bytes(),
            id_a.as_str().as_bytes(),
            id_b.as_str().as_bytes(),
            identity_a.as_bytes(),
            identity_b.as_bytes(),
        ]);
        let mut bits = [0; 8];
        Hkdf::<Sha256>::new(Some(b"snug v1 check"), &nonces)
            .expand(&info, &mut bits)
            .expect("8 bytes are less than a block of HKDF");
        Self::from_bits(u64::from_be_bytes(bits))
    }

    /// Takes six bits for each emoji, from the top.
    fn from_bits(bits: u64) -> Self {
        Self(std::array::from_fn(|at| {
            (bits >> (u64::BITS as usize - 6 * (at + 1)) & 63) as u8
        }))
    }

    /// The places of the emoji in the table.
    pub const fn indices(&self) -> [u8; Self::EMOJI] {
        self.0
    }

    /// Each emoji and its English name.
    pub fn emojis(&self) -> [(&'static str, &'static str); Self::EMOJI] {
        self.0.map(|index| EMOJI[usize::from(index)])
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let emoji = self.emojis().map(|(emoji, _)| emoji);
        f.write_str(&emoji.join(" "))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_taken_from_the_top() {
        let bits = [1, 2, 3, 63, 0, 32]
            .iter()
            .fold(0, |bits, index| bits << 6 | index);
        let check = Check::from_bits(bits << 28);
        assert_eq!(check.indices(), [1, 2, 3, 63, 0, 32]);
        assert_eq!(check.to_string(), "🐱 🦁 🐎 📌 🐶 🎩");
        assert_eq!(check.emojis()[3], ("📌", "Pin"));
    }

    #[test]
    fn both_sides_read_alike_and_everything_counts() {
        let parties = |room: &str, me: &str, peer: &str| Parties {
            room: room.parse().unwrap(),
            me: me.parse().unwrap(),
            peer: peer.parse().unwrap(),
        };
        let check = |parties: &Parties, me, peer, first, second| {
            let identities = Pair {
                me: IdentityKey::new([me; 32]),
                peer: IdentityKey::new([peer; 32]),
            };
            let nonces = [first, second].map(|byte| Nonce::new([byte; 32]));
            Check::new(parties, &identities, &nonces[0], &nonces[1])
        };
        let (at_ann, at_ben) = (
            parties("K7Q4X9", "ann", "ben"),
            parties("K7Q4X9", "ben", "ann"),
        );
        let honest = check(&at_ann, 1, 2, 3, 4);
        assert_eq!(check(&at_ben, 2, 1, 3, 4), honest);
        for other in [
            check(&at_ann, 9, 2, 3, 4),
            check(&at_ann, 1, 9, 3, 4),
            check(&at_ann, 2, 1, 3, 4),
            check(&at_ann, 1, 2, 9, 4),
            check(&at_ann, 1, 2, 3, 9),
            check(&at_ann, 1, 2, 4, 3),
            check(&parties("K7Q4X8", "ann", "ben"), 1, 2, 3, 4),
            check(&parties("K7Q4X9", "ann", "bob"), 1, 2, 3, 4),
        ] {
            assert_ne!(other, honest);
        }
    }

    #[test]
    fn no_two_emoji_are_alike() {
        let mut names: Vec<_> = EMOJI
            .iter()
            .flat_map(|(emoji, name)| [emoji, name])
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * EMOJI.len());
    }
}
