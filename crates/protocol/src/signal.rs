//! The server's WebSocket: one enum per direction, JSON, `type` in kebab-case.
//!
//! A relayed payload is opaque and keeps its bytes, so messages are decoded in two steps: a flat
//! record of every field, then the variant that `type` names.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    ClientId, DecodeError, RoomId,
    decode::check_len,
    limits::{RESUME_TOKEN_BYTES, SIGNAL_MESSAGE_BYTES},
};

/// What a client tells the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// Takes the seat; the first message on every socket.
    Init {
        /// The room joined.
        room_id: RoomId,
        /// Who speaks on this socket from now on.
        client_id: ClientId,
        /// The token of an earlier `init-success`, to re-take the seat after a drop.
        resume: Option<ResumeToken>,
    },
    /// Something for another member.
    Forward(Forward),
    /// Leaves the room for good, without a grace time.
    Leave,
}

/// What the server tells a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// The seat is taken.
    InitSuccess {
        /// The other members connected now.
        peers: Vec<ClientId>,
        /// What re-takes the seat after a drop.
        resume: ResumeToken,
        /// Seconds for which the seat is kept after a drop.
        grace_seconds: u32,
    },
    /// A member came, or came back after its grace time.
    PeerJoined {
        /// Who.
        client_id: ClientId,
    },
    /// A member left, or its grace time ended.
    PeerLeft {
        /// Who.
        client_id: ClientId,
    },
    /// Something from another member, as it was sent.
    Forward(Forward),
    /// The server goes away on purpose and expects to be back.
    Restarting {
        /// Milliseconds after which to come back.
        reconnect_in_ms: u32,
    },
    /// The last message was refused, or the socket is about to be closed.
    Error {
        /// What went wrong, for people.
        message: String,
        /// What went wrong, for programs.
        code: ErrorCode,
    },
}

/// A message from one member to another that the server passes on unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// What it is about.
    pub kind: ForwardKind,
    /// The sender; the server checks it.
    pub from: ClientId,
    /// The receiver, in the same room.
    pub to: ClientId,
    /// Opaque to the server.
    pub payload: Payload,
}

/// What a [`Forward`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForwardKind {
    /// An SDP offer (RFC 9429 §3.2).
    Offer,
    /// An SDP answer.
    Answer,
    /// A trickled candidate (RFC 8838).
    IceCandidate,
    /// A message of the key exchange.
    Key,
    /// A frame between peers that cannot connect.
    Relay,
}

/// Any JSON value, kept byte for byte as it was sent.
#[derive(Clone)]
pub struct Payload(Box<RawValue>);

/// The right to re-take a seat. Opaque to clients.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResumeToken(String);

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
    /// The server failed.
    Internal,
    /// A code of a newer server.
    Other(String),
}

impl ClientMessage {
    /// Decodes a text frame.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::parse(text)?;
        if let Some(kind) = ForwardKind::parse(&fields.kind) {
            return Ok(Self::Forward(fields.forward(kind)?));
        }
        match &*fields.kind {
            "init" => Ok(Self::Init {
                room_id: parse_field("roomId", &fields.room_id)?,
                client_id: parse_field("clientId", &fields.client_id)?,
                resume: fields.resume()?,
            }),
            "leave" => Ok(Self::Leave),
            _ => Err(fields.unknown()),
        }
    }

    /// Encodes a text frame.
    pub fn encode(&self) -> String {
        match self {
            Self::Init {
                room_id,
                client_id,
                resume,
            } => encode(&Fields {
                room_id: Some(room_id.as_str().into()),
                client_id: Some(client_id.as_str().into()),
                resume: resume.as_ref().map(|token| token.as_str().into()),
                ..Fields::of("init")
            }),
            Self::Forward(forward) => forward.encode(),
            Self::Leave => encode(&Fields::of("leave")),
        }
    }
}

impl ServerMessage {
    /// Decodes a text frame.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::parse(text)?;
        if let Some(kind) = ForwardKind::parse(&fields.kind) {
            return Ok(Self::Forward(fields.forward(kind)?));
        }
        match &*fields.kind {
            "init-success" => Ok(Self::InitSuccess {
                resume: fields
                    .resume()?
                    .ok_or(DecodeError::MissingField("resume"))?,
                peers: fields.peers.ok_or(DecodeError::MissingField("peers"))?,
                grace_seconds: require("graceSeconds", fields.grace_seconds)?,
            }),
            "peer-joined" => Ok(Self::PeerJoined {
                client_id: parse_field("clientId", &fields.client_id)?,
            }),
            "peer-left" => Ok(Self::PeerLeft {
                client_id: parse_field("clientId", &fields.client_id)?,
            }),
            "restarting" => Ok(Self::Restarting {
                reconnect_in_ms: require("reconnectInMs", fields.reconnect_in_ms)?,
            }),
            "error" => Ok(Self::Error {
                message: fields
                    .message
                    .ok_or(DecodeError::MissingField("message"))?
                    .into(),
                code: fields
                    .code
                    .as_deref()
                    .map_or(ErrorCode::Internal, ErrorCode::from),
            }),
            _ => Err(fields.unknown()),
        }
    }

    /// Encodes a text frame.
    pub fn encode(&self) -> String {
        match self {
            Self::InitSuccess {
                peers,
                resume,
                grace_seconds,
            } => encode(&Fields {
                peers: Some(peers.clone()),
                resume: Some(resume.as_str().into()),
                grace_seconds: Some(*grace_seconds),
                ..Fields::of("init-success")
            }),
            Self::PeerJoined { client_id } => encode(&Fields {
                client_id: Some(client_id.as_str().into()),
                ..Fields::of("peer-joined")
            }),
            Self::PeerLeft { client_id } => encode(&Fields {
                client_id: Some(client_id.as_str().into()),
                ..Fields::of("peer-left")
            }),
            Self::Forward(forward) => forward.encode(),
            Self::Restarting { reconnect_in_ms } => encode(&Fields {
                reconnect_in_ms: Some(*reconnect_in_ms),
                ..Fields::of("restarting")
            }),
            Self::Error { message, code } => encode(&Fields {
                message: Some(message.into()),
                code: Some(code.as_str().into()),
                ..Fields::of("error")
            }),
        }
    }
}

impl Forward {
    fn encode(&self) -> String {
        encode(&Fields {
            from: Some(self.from.as_str().into()),
            to: Some(self.to.as_str().into()),
            payload: Some(&self.payload.0),
            ..Fields::of(self.kind.as_str())
        })
    }
}

impl ForwardKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Offer,
        Self::Answer,
        Self::IceCandidate,
        Self::Key,
        Self::Relay,
    ];

    /// The `type` on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Answer => "answer",
            Self::IceCandidate => "ice-candidate",
            Self::Key => "key",
            Self::Relay => "relay",
        }
    }

    fn parse(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == kind)
    }
}

impl Payload {
    /// Takes a JSON text as it is.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] when it is not one JSON value.
    pub fn from_json(json: String) -> Result<Self, DecodeError> {
        RawValue::from_string(json).map(Self).map_err(malformed)
    }

    /// Writes `value` as JSON.
    pub fn encode<T: Serialize>(value: &T) -> Self {
        Self(serde_json::value::to_raw_value(value).expect("wire types always serialize"))
    }

    /// Reads the value.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        serde_json::from_str(self.0.get()).map_err(malformed)
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    /// The length only: payloads carry addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.json().len())
    }
}

impl ResumeToken {
    /// Takes a token as it is written.
    ///
    /// # Errors
    /// [`DecodeError::InvalidField`] past [`RESUME_TOKEN_BYTES`].
    pub fn new(token: impl Into<String>) -> Result<Self, DecodeError> {
        let token = token.into();
        check_len("resume", token.len(), RESUME_TOKEN_BYTES)?;
        Ok(Self(token))
    }

    /// The token as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeToken(..)")
    }
}

impl ErrorCode {
    const NAMES: [(Self, &'static str); 22] = [
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
        (Self::RateLimited, "rate-limited"),
        (Self::TooManyConnections, "too-many-connections"),
        (Self::QueueFull, "queue-full"),
        (Self::ServerFull, "server-full"),
        (Self::Draining, "draining"),
        (Self::NotFound, "not-found"),
        (Self::MethodNotAllowed, "method-not-allowed"),
        (Self::UnsupportedMediaType, "unsupported-media-type"),
        (Self::Internal, "internal"),
    ];

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
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|name| Self::from(&*name))
    }
}

/// Every field of every message; `type` says which of them matter.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    room_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    from: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    to: Option<Cow<'a, str>>,
    #[serde(
        borrow,
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    payload: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peers: Option<Vec<ClientId>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    resume: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grace_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reconnect_in_ms: Option<u32>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    fn of(kind: &'a str) -> Self {
        Self {
            kind: kind.into(),
            ..Self::default()
        }
    }

    fn parse(text: &'a str) -> Result<Self, DecodeError> {
        if text.len() > SIGNAL_MESSAGE_BYTES {
            return Err(DecodeError::TooLong {
                len: text.len(),
                limit: SIGNAL_MESSAGE_BYTES,
            });
        }
        // serde would also read a struct from an array of its fields in order.
        if !text.trim_start().starts_with('{') {
            return Err(DecodeError::Malformed("a message is a JSON object".into()));
        }
        serde_json::from_str(text).map_err(malformed)
    }

    fn forward(&self, kind: ForwardKind) -> Result<Forward, DecodeError> {
        Ok(Forward {
            kind,
            from: parse_field("from", &self.from)?,
            to: parse_field("to", &self.to)?,
            payload: Payload(require("payload", self.payload)?.to_owned()),
        })
    }

    fn resume(&self) -> Result<Option<ResumeToken>, DecodeError> {
        self.resume.as_deref().map(ResumeToken::new).transpose()
    }

    fn unknown(&self) -> DecodeError {
        DecodeError::UnknownType(self.kind.chars().take(32).collect())
    }
}

/// Keeps a payload of `null`, which `Option` would read as no payload.
fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn require<T>(field: &'static str, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::MissingField(field))
}

fn parse_field<T>(field: &'static str, value: &Option<Cow<'_, str>>) -> Result<T, DecodeError>
where
    T: std::str::FromStr<Err: fmt::Display>,
{
    let value = require(field, value.as_deref())?;
    value
        .parse()
        .map_err(|error| DecodeError::invalid(field, error))
}

fn encode(fields: &Fields<'_>) -> String {
    serde_json::to_string(fields).expect("wire types always serialize")
}

/// Keeps serde's position, drops what it quotes of the input.
fn malformed(error: serde_json::Error) -> DecodeError {
    let what = match error.classify() {
        serde_json::error::Category::Io => "input",
        serde_json::error::Category::Syntax => "JSON syntax",
        serde_json::error::Category::Data => "a field's type or a repeated field",
        serde_json::error::Category::Eof => "JSON that ends early",
    };
    DecodeError::Malformed(format!("{what} at column {}", error.column()))
}
