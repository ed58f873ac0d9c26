//! How and why a WebSocket is closed.

use tokio_tungstenite::tungstenite::{
    Error, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::registry::CloseReason;

/// A close frame to send: its code (RFC 6455 §7.4) and its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closing {
    code: u16,
    reason: &'static str,
}

impl Closing {
    pub(crate) const LEFT: Self = Self::new(1000, "left");
    pub(crate) const PROTOCOL: Self = Self::new(1002, "not a WebSocket message");
    pub(crate) const BINARY: Self = Self::new(1003, "binary messages are not part of this");
    pub(crate) const NOT_UTF8: Self = Self::new(1007, "text that is not UTF-8");
    pub(crate) const INIT_TIMEOUT: Self = Self::new(1008, "no init in time");
    pub(crate) const FLOOD: Self = Self::new(1008, "too many messages");
    pub(crate) const TOO_LARGE: Self = Self::new(1009, "the message is too large");
    pub(crate) const RESTART: Self = Self::new(1012, "the server restarts");
    pub(crate) const REPLACED: Self = Self::new(4001, "this seat was taken on another socket");
    pub(crate) const EXPIRED: Self = Self::new(4004, "the room expired");
    pub(crate) const QUEUE_FULL: Self = Self::new(4008, "this socket reads too slowly");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }

    pub(crate) fn frame(self) -> CloseFrame {
        CloseFrame {
            code: CloseCode::from(self.code),
            reason: Utf8Bytes::from_static(self.reason),
        }
    }

    /// What a peer is told that broke the WebSocket protocol; nothing if there is none to tell.
    pub(crate) fn of_error(error: &Error) -> Option<Self> {
        use tokio_tungstenite::tungstenite::error::ProtocolError;
        match error {
            Error::Capacity(_) => Some(Self::TOO_LARGE),
            Error::Utf8(_) => Some(Self::NOT_UTF8),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            Error::Protocol(_) => Some(Self::PROTOCOL),
            _ => None,
        }
    }
}

impl From<CloseReason> for Closing {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Left => Self::LEFT,
            CloseReason::Replaced => Self::REPLACED,
            CloseReason::Expired => Self::EXPIRED,
        }
    }
}
