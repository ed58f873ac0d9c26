//! What goes wrong on a link.

use webrtc::error::Error as StackError;

use snug_protocol::InvalidDescription;

/// A link in trouble.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No socket, no thread or no certificate: the link never began.
    #[error("cannot start a connection: {0}")]
    Start(String),
    /// A description of the peer that cannot be applied. The link goes on as it was.
    #[error("cannot negotiate: {0}")]
    Negotiation(String),
    /// The peer is not one that puts records together from fragments, or cannot on this way. Only
    /// an offer that is plain helps, on another link.
    #[error("the peer takes records whole only")]
    PeerIsPlain,
    /// A frame that no peer of ours sends. The link is closed.
    #[error("peer sent a frame of {len} bytes where {limit} are allowed")]
    PeerFrameTooLong {
        /// Bytes received.
        len: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A data channel besides the two that are agreed on. The link is closed.
    #[error("peer opened a data channel of its own")]
    PeerOpenedChannel,
    /// Control frames that the peer does not acknowledge. The link is closed.
    #[error("peer leaves {0} bytes of control frames unacknowledged")]
    PeerStalled(usize),
    /// A channel that failed under a send. The link is closed.
    #[error("cannot send: {0}")]
    Send(String),
    /// The peer showed another certificate than its description names: somebody is in between,
    /// or the description was changed on its way. The link is closed before a frame passes.
    #[error("the peer's certificate is not the one that its description names")]
    WrongCertificate,
    /// Both channels are open, but the stack names no certificates. The link is closed.
    #[error("no fingerprints")]
    NoFingerprints,
}

impl From<InvalidDescription> for TransportError {
    fn from(error: InvalidDescription) -> Self {
        Self::Negotiation(error.to_string())
    }
}

/// The stack's errors, by what was asked of it.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
impl TransportError {
    pub(super) fn start(error: StackError) -> Self {
        Self::Start(error.to_string())
    }

    pub(super) fn negotiation(error: StackError) -> Self {
        Self::Negotiation(error.to_string())
    }

    pub(super) fn send(error: StackError) -> Self {
        Self::Send(error.to_string())
    }
}
