//! What went wrong, as programs read it.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What went wrong, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The room never was, has expired, or is full: a stranger cannot tell.
    RoomNotFound,
    /// Not a room id at all.
    InvalidRoomId,
    /// Not a client id.
    InvalidClientId,
    /// Another socket speaks for this client id.
    ClientIdTaken,
    /// The resume token is forged, old or of another seat.
    ResumeRejected,
    /// A room of that many seats is not to be had.
    InvalidCapacity,
    /// Not a message of this protocol.
    BadMessage,
    /// Anything before `init`.
    NotInitialized,
    /// A second `init`.
    AlreadyInitialized,
    /// No `init` in time.
    InitTimeout,
    /// `from` is not the sender.
    ForgedSender,
    /// `to` is nobody in this room.
    UnknownRecipient,
    /// Too many bytes.
    TooLarge,
    /// A body that did not arrive in time.
    RequestTimeout,
    /// Too many messages or calls; try later.
    RateLimited,
    /// Too many sockets from one address.
    TooManyConnections,
    /// The receiver reads too slowly.
    QueueFull,
    /// The server is full.
    ServerFull,
    /// The server is about to stop.
    Draining,
    /// No such route.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The WebSocket's address, asked for without an upgrade, or for another version.
    UpgradeRequired,
    /// The page that asks is of another site.
    OriginRefused,
    /// The server failed.
    Internal,
    /// A code of a newer server.
    Other(String),
}

impl ErrorCode {
    const NAMES: [(Self, &'static str); 25] = [
        (Self::RoomNotFound, "room-not-found"),
        (Self::InvalidRoomId, "invalid-room-id"),
        (Self::InvalidClientId, "invalid-client-id"),
        (Self::ClientIdTaken, "client-id-taken"),
        (Self::ResumeRejected, "resume-rejected"),
        (Self::InvalidCapacity, "invalid-capacity"),
        (Self::BadMessage, "bad-message"),
        (Self::NotInitialized, "not-initialized"),
        (Self::AlreadyInitialized, "already-initialized"),
        (Self::InitTimeout, "init-timeout"),
        (Self::ForgedSender, "forged-sender"),
        (Self::UnknownRecipient, "unknown-recipient"),
        (Self::TooLarge, "too-large"),
        (Self::RequestTimeout, "request-timeout"),
        (Self::RateLimited, "rate-limited"),
        (Self::TooManyConnections, "too-many-connections"),
        (Self::QueueFull, "queue-full"),
        (Self::ServerFull, "server-full"),
        (Self::Draining, "draining"),
        (Self::NotFound, "not-found"),
        (Self::MethodNotAllowed, "method-not-allowed"),
        (Self::UnsupportedMediaType, "unsupported-media-type"),
        (Self::UpgradeRequired, "upgrade-required"),
        (Self::OriginRefused, "origin-refused"),
        (Self::Internal, "internal"),
    ];

    /// Every code but [`Other`](Self::Other).
    pub fn known() -> impl Iterator<Item = Self> {
        Self::NAMES.iter().map(|(code, _)| code.clone())
    }

    /// The code on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(code) => code,
            known => {
                let named = Self::NAMES.iter().find(|(code, _)| code == known);
                named.expect("every code but Other has a name").1
            }
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(name: &str) -> Self {
        let known = Self::NAMES.iter().find(|(_, known)| *known == name);
        known.map_or_else(|| Self::Other(name.to_owned()), |(code, _)| code.clone())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|name| Self::from(&*name))
    }
}
