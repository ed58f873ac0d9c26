//! How the link to a member is.

/// The link to one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    /// On the way.
    Connecting,
    /// In reach; whether it knows the words of the code is being checked.
    Verifying,
    /// Open for everything.
    Connected {
        /// Whether the other end proved that it knows the words of the code. Never in a room
        /// without words.
        verified: bool,
        /// How frames travel.
        path: Path,
    },
    /// Interrupted; on the way back.
    Reconnecting,
    /// Given up for now; another try follows later.
    Failed,
    /// Nothing is taken from this member, nor sent to it.
    Refused(Refusal),
}

/// How frames travel to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Straight to the peer.
    Direct,
    /// Through a TURN server (RFC 8656).
    Turn,
    /// Sealed, through the server that introduced the peers. Slow.
    Relay,
}

/// Why two members do not come together. The text says what it means and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The words differ, or somebody in between does not know them.
    #[error(
        "the words do not match: check them with whoever invited you, then join again; \
         if they are right, somebody is in between"
    )]
    WrongWords,
    /// The room has words, and this member came without.
    #[error("this room has words: join with the whole code, not its first six symbols alone")]
    WordsNeeded,
    /// The room has no words, and this member came with some.
    #[error(
        "this room was opened without words: join with the first six symbols of the code alone, \
         knowing that nobody in it can be verified"
    )]
    OpenRoom,
    /// Too many wrong words were tried.
    #[error(
        "the room takes nobody in any more, because wrong words were tried too often: \
         open a new room"
    )]
    Closed,
    /// No version of the handshake in common.
    #[error("the other side speaks another version of Snug: update both")]
    Version,
    /// The connection ends at somebody else than the one who knows the words.
    #[error(
        "somebody is in between: the connection does not end at the one who knows the words; \
         do not trust this network or this server"
    )]
    Intercepted,
    /// It came back as somebody else.
    #[error("another person came under the name of one who was here before")]
    Impostor,
    /// The handshake got no answer.
    #[error(
        "nobody in the room answers the handshake: they may be gone, or the server is in the way"
    )]
    Silent,
}
