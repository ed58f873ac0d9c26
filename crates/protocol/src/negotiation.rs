//! What two peers put into the payloads of `offer`, `answer` and `ice-candidate` (JSON).
//!
//! Each try to connect has a number that the offerer picks. Answers and candidates carry it, so
//! that what belongs to an abandoned try is recognised and dropped.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload,
    decode::check_len,
    limits::{CANDIDATE_BYTES, SDP_BYTES},
};

/// Payload of an `offer` or an `answer`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The try that this belongs to.
    pub attempt: u32,
    /// The session description (RFC 8866).
    pub sdp: String,
}

/// Payload of an `ice-candidate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CandidateFields", into = "CandidateFields")]
pub struct TrickledCandidate {
    /// The try that this belongs to.
    pub attempt: u32,
    /// The candidate.
    pub candidate: Candidate,
}

/// An ICE candidate as browsers write it (W3C WebRTC §4.8.1.1, `RTCIceCandidateInit`).
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The candidate attribute (RFC 8839 §5.1); empty at the end of candidates.
    pub candidate: String,
    /// The media section it is for, by its identification tag.
    pub sdp_mid: Option<String>,
    /// The media section it is for, by its index.
    pub sdp_mline_index: Option<u16>,
}

/// The fields of a [`TrickledCandidate`]. Serde's `flatten` would have to understand those that
/// nobody reads.
#[derive(Serialize, Deserialize)]
struct CandidateFields {
    attempt: u32,
    candidate: String,
    #[serde(rename = "sdpMid", default)]
    sdp_mid: Option<String>,
    #[serde(rename = "sdpMLineIndex", default)]
    sdp_mline_index: Option<u16>,
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

impl From<CandidateFields> for TrickledCandidate {
    fn from(fields: CandidateFields) -> Self {
        Self {
            attempt: fields.attempt,
            candidate: Candidate {
                candidate: fields.candidate,
                sdp_mid: fields.sdp_mid,
                sdp_mline_index: fields.sdp_mline_index,
            },
        }
    }
}

impl From<TrickledCandidate> for CandidateFields {
    fn from(trickled: TrickledCandidate) -> Self {
        Self {
            attempt: trickled.attempt,
            candidate: trickled.candidate.candidate,
            sdp_mid: trickled.candidate.sdp_mid,
            sdp_mline_index: trickled.candidate.sdp_mline_index,
        }
    }
}

/// Shows how long the description is and not what it says: it has addresses.
impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempt, sdp } = self;
        write!(f, "Description({attempt}, {} bytes)", sdp.len())
    }
}

/// Shows how long the candidate is and not what it says: it has an address.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidate({} bytes)", self.candidate.len())
    }
}
