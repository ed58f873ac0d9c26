//! Bodies of the server's HTTP calls (JSON, camelCase).

use serde::{Deserialize, Serialize};

use crate::{ClientId, ErrorCode, RoomId};

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
