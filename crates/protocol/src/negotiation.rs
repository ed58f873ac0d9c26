//! What two peers put into the payloads of `offer`, `answer` and `ice-candidate` (JSON).
//!
//! Each try to connect has a number that the offerer picks. Answers and candidates carry it, so
//! that what belongs to an abandoned try is recognised and dropped.

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload,
    decode::check_len,
    limits::{CANDIDATE_BYTES, SDP_BYTES},
};

/// Payload of an `offer` or an `answer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The try that this belongs to.
    pub attempt: u32,
    /// The session description (RFC 8866).
    pub sdp: String,
}

/// Payload of an `ice-candidate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrickledCandidate {
    /// The try that this belongs to.
    pub attempt: u32,
    /// The candidate.
    #[serde(flatten)]
    pub candidate: Candidate,
}

/// An ICE candidate as browsers write it (W3C WebRTC §4.8.1.1, `RTCIceCandidateInit`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The candidate attribute (RFC 8839 §5.1); empty at the end of candidates.
    pub candidate: String,
    /// The media section it is for, by its identification tag.
    #[serde(rename = "sdpMid", default)]
    pub sdp_mid: Option<String>,
    /// The media section it is for, by its index.
    #[serde(rename = "sdpMLineIndex", default)]
    pub sdp_mline_index: Option<u16>,
}

impl Description {
    /// Reads a payload.
    pub fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        let description: Self = payload.decode()?;
        check_len("sdp", description.sdp.len(), SDP_BYTES)?;
        Ok(description)
    }
}

impl TrickledCandidate {
    /// Reads a payload.
    pub fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        let trickled: Self = payload.decode()?;
        check_len(
            "candidate",
            trickled.candidate.candidate.len(),
            CANDIDATE_BYTES,
        )?;
        let mid = trickled.candidate.sdp_mid.as_deref().unwrap_or_default();
        check_len("sdpMid", mid.len(), CANDIDATE_BYTES)?;
        Ok(trickled)
    }
}
