//! What is left to chance before a session begins.

use anyhow::Context as _;
use rand::{Rng as _, SeedableRng as _, TryRng as _, rngs::SysRng};
use rand_chacha::ChaCha8Rng;

/// Where random bits come from.
#[derive(Debug)]
pub(crate) enum Randomness {
    /// The system.
    System,
    /// A seed, so that tests repeat. Whoever knows it knows the bits.
    Seeded(Box<ChaCha8Rng>),
}

impl Randomness {
    /// The system's, unless there is a seed.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::System, |seed| {
            Self::Seeded(Box::new(ChaCha8Rng::seed_from_u64(seed)))
        })
    }

    /// 128 uniform bits.
    pub(crate) fn draw(&mut self) -> anyhow::Result<[u8; 16]> {
        let mut bits = [0; 16];
        match self {
            Self::System => SysRng
                .try_fill_bytes(&mut bits)
                .context("the system has no random numbers")?,
            Self::Seeded(rng) => rng.fill_bytes(&mut bits),
        }
        Ok(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_seed_repeats() {
        let draws = |seed| {
            let mut randomness = Randomness::new(seed);
            [randomness.draw().unwrap(), randomness.draw().unwrap()]
        };
        assert_eq!(draws(Some(7)), draws(Some(7)));
        assert_ne!(draws(Some(7)), draws(Some(8)));
        assert_ne!(draws(Some(7))[0], draws(Some(7))[1]);
        assert_ne!(draws(None), draws(None));
    }
}
