//! The server's WebSocket: one enum per direction, JSON, `type` in kebab-case.
//!
//! A relayed payload is opaque and keeps its bytes, so messages are decoded in two steps: a flat
//! record of every field, then the variant that `type` names.

mod code;
mod fields;

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

pub use self::code::ErrorCode;
use self::fields::Fields;
use crate::{
    ClientId, DecodeError, RoomId,
    decode::{check_len, from_json, parse_field, raw_json, require},
    encoder::to_json,
    limits::RESUME_TOKEN_BYTES,
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
pub struct Payload(Box<str>);

/// The right to re-take a seat. Opaque to clients.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeToken(String);

impl ClientMessage {
    /// Decodes a text frame.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::parse(text)?;
        let kind = fields.require_kind()?;
        if let Some(kind) = ForwardKind::parse(kind) {
            return fields.forward(kind).map(Self::Forward);
        }
        match kind {
            "init" => Ok(Self::Init {
                room_id: parse_field("roomId", fields.room_id.as_deref())?,
                client_id: parse_field("clientId", fields.client_id.as_deref())?,
                resume: fields.resume()?,
            }),
            "leave" => Ok(Self::Leave),
            unknown => Err(DecodeError::unknown_type(unknown)),
        }
    }

    /// Encodes a text frame.
    pub fn encode(&self) -> String {
        match self {
            Self::Init {
                room_id,
                client_id,
                resume,
            } => Fields {
                room_id: Some(room_id.as_str().into()),
                client_id: Some(client_id.as_str().into()),
                resume: resume.as_ref().map(|token| token.as_str().into()),
                ..Fields::of("init")
            }
            .encode(),
            Self::Forward(forward) => forward.encode(),
            Self::Leave => Fields::of("leave").encode(),
        }
    }
}

impl ServerMessage {
    /// Decodes a text frame.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let fields = Fields::parse(text)?;
        let kind = fields.require_kind()?;
        if let Some(kind) = ForwardKind::parse(kind) {
            return fields.forward(kind).map(Self::Forward);
        }
        match kind {
            "init-success" => Ok(Self::InitSuccess {
                resume: fields
                    .resume()?
                    .ok_or(DecodeError::MissingField("resume"))?,
                peers: fields.peers.ok_or(DecodeError::MissingField("peers"))?,
                grace_seconds: require("graceSeconds", fields.grace_seconds)?,
            }),
            "peer-joined" => Ok(Self::PeerJoined {
                client_id: parse_field("clientId", fields.client_id.as_deref())?,
            }),
            "peer-left" => Ok(Self::PeerLeft {
                client_id: parse_field("clientId", fields.client_id.as_deref())?,
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
            unknown => Err(DecodeError::unknown_type(unknown)),
        }
    }

    /// Encodes a text frame.
    pub fn encode(&self) -> String {
        match self {
            Self::InitSuccess {
                peers,
                resume,
                grace_seconds,
            } => Fields {
                peers: Some(peers.clone()),
                resume: Some(resume.as_str().into()),
                grace_seconds: Some(*grace_seconds),
                ..Fields::of("init-success")
            }
            .encode(),
            Self::PeerJoined { client_id } => Fields {
                client_id: Some(client_id.as_str().into()),
                ..Fields::of("peer-joined")
            }
            .encode(),
            Self::PeerLeft { client_id } => Fields {
                client_id: Some(client_id.as_str().into()),
                ..Fields::of("peer-left")
            }
            .encode(),
            Self::Forward(forward) => forward.encode(),
            Self::Restarting { reconnect_in_ms } => Fields {
                reconnect_in_ms: Some(*reconnect_in_ms),
                ..Fields::of("restarting")
            }
            .encode(),
            Self::Error { message, code } => Fields {
                message: Some(message.into()),
                code: Some(code.as_str().into()),
                ..Fields::of("error")
            }
            .encode(),
        }
    }
}

impl Forward {
    fn encode(&self) -> String {
        // Ids have no characters that JSON would escape.
        [
            r#"{"type":""#,
            self.kind.as_str(),
            r#"","from":""#,
            self.from.as_str(),
            r#"","to":""#,
            self.to.as_str(),
            r#"","payload":"#,
            self.payload.json(),
            "}",
        ]
        .concat()
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
        let value = raw_json(&json)?;
        if value.len() < json.len() {
            return Ok(Self(value.into()));
        }
        Ok(Self(json.into()))
    }

    /// Takes a JSON text as bytes.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] when they are not one JSON value in UTF-8.
    pub fn from_bytes(json: Vec<u8>) -> Result<Self, DecodeError> {
        let json = String::from_utf8(json);
        Self::from_json(json.map_err(|error| DecodeError::Malformed(error.to_string()))?)
    }

    /// Writes `value` as JSON.
    pub fn encode<T: Serialize>(value: &T) -> Self {
        Self(to_json(value).into())
    }

    /// Reads the value.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_json(&self.0)
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        &self.0
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
