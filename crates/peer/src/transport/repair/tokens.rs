//! What the two ends of a link have told each other.

use std::{fmt, num::ParseIntError, str::FromStr, sync::OnceLock};

/// What a peer's probes and reports begin with. It travels in the sealed description, so that
/// nobody else can make us send anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) struct Token(pub(super) u64);

/// What both ends of a link have told, which its sockets share.
#[derive(Debug)]
pub(in crate::transport) struct Tokens {
    own: Token,
    /// Whether records go in fragments, both ways.
    fragments: bool,
    peer: OnceLock<Token>,
}

impl Tokens {
    pub(in crate::transport) fn new(fragments: bool) -> Self {
        Self {
            own: Token(rand::random()),
            fragments,
            peer: OnceLock::new(),
        }
    }

    /// What the peer has to show.
    pub(in crate::transport) fn own(&self) -> Token {
        self.own
    }

    /// Whether records go in fragments.
    pub(in crate::transport) fn fragments(&self) -> bool {
        self.fragments
    }

    /// What the peer wants to be shown, if it repairs.
    pub(in crate::transport) fn peer(&self) -> Option<Token> {
        self.peer.get().copied()
    }

    /// The peer told its token. It keeps it for as long as the link lives.
    pub(in crate::transport) fn on_told(&self, peer: Token) {
        self.peer.get_or_init(|| peer);
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// It is a secret of the two.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}
