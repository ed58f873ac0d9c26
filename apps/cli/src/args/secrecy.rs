//! What those in a new room have in common, and the server does not know.

use clap::Args;
use snug_protocol::{Secret, Token, Words};

/// Another secret than four words.
#[derive(Debug, Clone, Copy, Default, Args)]
#[group(multiple = false)]
pub(crate) struct Secrecy {
    /// Put 128 random bits into the link instead of four words: to paste, not to say aloud
    #[arg(long)]
    strong: bool,
    /// Have no words: nobody in the room can be verified, and the server could listen in
    #[arg(long)]
    open: bool,
}

impl Secrecy {
    /// Makes the secret of a new room from uniform bits.
    pub(crate) fn secret(self, entropy: [u8; 16]) -> Secret {
        match self {
            Self { open: true, .. } => Secret::Open,
            Self { strong: true, .. } => Secret::Token(Token::from_entropy(entropy)),
            Self { .. } => Secret::Words(Words::from_entropy(entropy)),
        }
    }
}
