//! Bodies of the server's HTTP calls (JSON, camelCase).

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ClientId, DecodeError, ErrorCode, RoomId,
    decode::{check_total, from_json, parse_field},
    encoder::to_json,
    limits::{HTTP_ANSWER_BYTES, HTTP_BODY_BYTES},
};

/// Body of `POST /create-room`; an empty body means the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRoom {
    /// Seats, from [`MIN_CAPACITY`](crate::limits::MIN_CAPACITY) to the server's maximum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u16>,
}

/// Answer to [`CreateRoom`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomCreated {
    /// The new room.
    pub room_id: RoomId,
}

/// Body of `POST /join-room`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRoom {
    /// The room to sit down in.
    pub room_id: RoomId,
    /// Who sits down.
    pub client_id: ClientId,
}

/// Answer to [`JoinRoom`]: a seat that lapses after 30 s without `init`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomJoined {
    /// Those connected now.
    pub peers: Vec<ClientId>,
}

/// Answer to `GET /ice-servers`: what goes into `RTCConfiguration.iceServers` (W3C WebRTC
/// §4.2.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceServers {
    /// STUN and TURN servers, in order of preference.
    pub ice_servers: Vec<IceServer>,
}

/// One STUN or TURN server (W3C WebRTC §4.2.4, `RTCIceServer`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// `stun:` or `turn:` URIs (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// TURN user name, with its expiry in front.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// TURN password, derived from the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Body of every HTTP answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// What went wrong, for people.
    pub error: String,
    /// What went wrong, for programs.
    pub code: ErrorCode,
}

impl CreateRoom {
    /// Decodes a body; an empty one means the defaults.
    ///
    /// # Errors
    /// [`DecodeError::InvalidField`] for a capacity that no room has; whether this server has such
    /// a room is for it to say.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Unchecked {
            capacity: Option<u64>,
        }
        if body.is_empty() {
            return Ok(Self::default());
        }
        let Unchecked { capacity } = decode_body(body, HTTP_BODY_BYTES)?;
        let capacity = capacity.map(u16::try_from).transpose();
        let capacity = capacity.map_err(|error| DecodeError::invalid("capacity", &error))?;
        Ok(Self { capacity })
    }
}

impl JoinRoom {
    /// Decodes a body.
    ///
    /// # Errors
    /// [`DecodeError::InvalidField`] names the id that is none.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Unchecked {
            room_id: Option<String>,
            client_id: Option<String>,
        }
        let Unchecked { room_id, client_id } = decode_body(body, HTTP_BODY_BYTES)?;
        Ok(Self {
            room_id: parse_field("roomId", room_id.as_deref())?,
            client_id: parse_field("clientId", client_id.as_deref())?,
        })
    }
}

/// Encodes the body of a call.
pub fn encode_call<T: Call>(body: &T) -> String {
    to_json(body)
}

/// The bodies that a server is called with.
pub trait Call: Serialize {}

impl Call for CreateRoom {}
impl Call for JoinRoom {}

/// Decodes the body of an answer.
pub fn decode_answer<T: Answer>(body: &[u8]) -> Result<T, DecodeError> {
    decode_body(body, HTTP_ANSWER_BYTES)
}

/// The bodies that a server answers with.
pub trait Answer: DeserializeOwned {}

impl Answer for RoomCreated {}
impl Answer for RoomJoined {}
impl Answer for IceServers {}
impl Answer for ApiError {}

fn decode_body<T: DeserializeOwned>(body: &[u8], limit: usize) -> Result<T, DecodeError> {
    check_total(body.len(), limit)?;
    let json = std::str::from_utf8(body)
        .map_err(|_| DecodeError::Malformed("text that is not UTF-8".into()))?;
    from_json(json)
}
