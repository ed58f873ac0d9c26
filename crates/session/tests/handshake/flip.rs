//! Flips single bits of messages, field by field.

use snug_protocol::{
    IdentityKey, Signature,
    key::{Commitment, KeyConfirm, KeyHello, KeyProof, KeyShare, Nonce, Share, Tag},
};

/// Something with bits that can be flipped one at a time.
pub(crate) trait Flip {
    /// How many there are.
    fn bits(&self) -> usize;
    /// Flips one, counted from 0.
    fn flip(&mut self, bit: usize);
}

impl Flip for bool {
    fn bits(&self) -> usize {
        1
    }

    fn flip(&mut self, _bit: usize) {
        *self = !*self;
    }
}

impl Flip for u16 {
    fn bits(&self) -> usize {
        16
    }

    fn flip(&mut self, bit: usize) {
        *self ^= 1 << bit;
    }
}

impl Flip for u32 {
    fn bits(&self) -> usize {
        32
    }

    fn flip(&mut self, bit: usize) {
        *self ^= 1 << bit;
    }
}

impl Flip for u64 {
    fn bits(&self) -> usize {
        64
    }

    fn flip(&mut self, bit: usize) {
        *self ^= 1 << bit;
    }
}

impl Flip for [u8] {
    fn bits(&self) -> usize {
        8 * self.len()
    }

    fn flip(&mut self, bit: usize) {
        self[bit / 8] ^= 1 << (bit % 8);
    }
}

macro_rules! flip_bytes {
    ($($name:ident),*) => {$(
        impl Flip for $name {
            fn bits(&self) -> usize {
                8 * Self::BYTES
            }

            fn flip(&mut self, bit: usize) {
                let mut bytes = *self.as_bytes();
                bytes.as_mut_slice().flip(bit);
                *self = Self::new(bytes);
            }
        }
    )*};
}

flip_bytes!(IdentityKey, Signature, Commitment, Nonce, Share, Tag);

/// Every field of a message that can be flipped, by name.
pub(crate) trait Fields {
    fn fields(&mut self) -> Vec<(&'static str, &mut dyn Flip)>;
}

impl Fields for KeyHello {
    fn fields(&mut self) -> Vec<(&'static str, &mut dyn Flip)> {
        vec![
            ("versions", &mut self.versions[0]),
            ("words", &mut self.words),
            ("identity", &mut self.identity),
            ("commitment", &mut self.commitment),
        ]
    }
}

impl Fields for KeyShare {
    fn fields(&mut self) -> Vec<(&'static str, &mut dyn Flip)> {
        vec![
            ("version", &mut self.version),
            ("words", &mut self.words),
            ("identity", &mut self.identity),
            ("nonce", &mut self.nonce),
            ("share", &mut self.share),
            ("answers", &mut self.answers),
        ]
    }
}

impl Fields for KeyProof {
    fn fields(&mut self) -> Vec<(&'static str, &mut dyn Flip)> {
        vec![
            ("nonce", &mut self.nonce),
            ("share", &mut self.share),
            ("tag", &mut self.tag),
            ("signature", &mut self.signature),
            ("answers", &mut self.answers),
        ]
    }
}

impl Fields for KeyConfirm {
    fn fields(&mut self) -> Vec<(&'static str, &mut dyn Flip)> {
        vec![
            ("tag", &mut self.tag),
            ("signature", &mut self.signature),
            ("answers", &mut self.answers),
        ]
    }
}

/// Every version of `message` with one bit flipped, and the name of the field.
pub(crate) fn flips<M: Fields + Clone>(
    message: &M,
) -> impl Iterator<Item = (&'static str, M)> + use<'_, M> {
    let mut counted = message.clone();
    let bits: Vec<_> = counted
        .fields()
        .iter()
        .enumerate()
        .flat_map(|(at, (name, field))| (0..field.bits()).map(move |bit| (at, *name, bit)))
        .collect();
    bits.into_iter().map(|(at, name, bit)| {
        let mut flipped = message.clone();
        flipped.fields()[at].1.flip(bit);
        (name, flipped)
    })
}
