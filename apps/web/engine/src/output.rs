//! What the engine wants done.

use bytes::Bytes;
use serde::Serialize;
use snug_protocol::{api, negotiation};
use tsify::Tsify;

use crate::{Event, names::Text};

/// One thing that the engine wants done. None of them is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Output {
    /// For the person.
    Event {
        /// What happened.
        event: Event,
    },

    /// Calls the server with `POST`; answered by `answer` or `unreachable`.
    Call {
        /// Path on the server.
        route: String,
        /// JSON.
        body: String,
    },
    /// Opens the WebSocket; answered by `socket-opened`, or `socket-closed` if it fails.
    OpenSocket {
        /// Path on the server.
        route: String,
        /// Path of the ICE servers, which are asked for first and then every few minutes; their
        /// answer goes to `iceServers`. Links open soon after the socket.
        ice_servers_route: String,
    },
    /// Sends a text on the socket.
    SendText {
        /// What.
        text: String,
    },
    /// Closes the socket once everything is sent, or abandons the call under way.
    HangUp,

    /// Makes a connection with the two negotiated data channels `control` (id 0) and `bulk`
    /// (id 1), both ordered. Always first.
    OpenLink {
        /// Names it.
        #[tsify(type = "LinkId")]
        link: u64,
        /// Offer nothing but TURN candidates.
        relay_only: bool,
    },
    /// Makes an offer and sets it locally; answered by `local-offer`.
    CreateOffer {
        /// Of which.
        #[tsify(type = "LinkId")]
        link: u64,
        /// With new ICE credentials.
        ice_restart: bool,
    },
    /// Sets a remote offer and a local answer; answered by `local-answer`.
    AcceptOffer {
        /// Of which.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The offer.
        sdp: String,
        /// Takes back the local offer under way first.
        rollback: bool,
    },
    /// Sets the remote answer.
    AcceptAnswer {
        /// Of which.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The answer.
        sdp: String,
    },
    /// Adds a remote candidate. Those that are refused do not matter.
    AddCandidate {
        /// Of which.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The candidate.
        candidate: Candidate,
    },
    /// Sends a frame on `control`.
    SendControl {
        /// Where.
        #[tsify(type = "LinkId")]
        link: u64,
        /// What.
        frame: View,
    },
    /// Sends a frame on `bulk`, within the credit given.
    SendBulk {
        /// Where.
        #[tsify(type = "LinkId")]
        link: u64,
        /// What.
        frame: View,
    },
    /// Closes the connection once everything on `control` is sent. Always last.
    CloseLink {
        /// Which.
        #[tsify(type = "LinkId")]
        link: u64,
    },

    /// Makes room; answered by `sink-opened` or `sink-failed`.
    OpenSink {
        /// For what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Goes back with every answer.
        run: u32,
        /// Bytes from the first to the last piece.
        size: u64,
        /// Those of them that are wanted.
        wanted: u64,
    },
    /// Keeps a piece, which is verified; answered by `piece-stored` or `sink-failed`.
    WritePiece {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Goes back with the answer.
        run: u32,
        /// Which.
        piece: u32,
        /// Where it begins, in bytes.
        start: u64,
        /// The piece.
        bytes: View,
    },
    /// All is there: nothing more is written. Answered by `sink-finished`. What is there can still
    /// be read.
    FinishSink {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Goes back with the answer.
        run: u32,
        /// The files that were wanted.
        files: Vec<Place>,
    },
    /// Gives up what has arrived.
    DropSink {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Reads a piece for another member; answered through `pieceRead` or by `read-failed`.
    ReadPiece {
        /// Where it is.
        from: ReadFrom,
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Which.
        piece: u32,
        /// For whom; goes back with the answer.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The first byte.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// Files on offer will not be read any more.
    CloseSource {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Bytes that `read` asked for are there to be read.
    ReadRange {
        /// The number that the wish came with.
        read: u32,
        /// Where they are.
        from: ReadFrom,
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// The first byte.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// Bytes that `read` asked for will not arrive.
    ReadRefused {
        /// The number that the wish came with.
        read: u32,
        /// Why, for people.
        message: String,
    },
}

/// Bytes in the module's memory. They are there until the engine is called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
pub struct View {
    /// Where they begin.
    pub at: u32,
    /// How many.
    pub len: u32,
}

/// Where bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ReadFrom {
    /// The files that are on offer here.
    Source,
    /// What has arrived.
    Sink,
}

/// A file that has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Its number among the items of the offer.
    pub item: u32,
    /// Its path, with slashes.
    pub path: String,
    /// Its first byte, counted through all files.
    pub start: u64,
    /// Its bytes.
    pub size: u64,
}

/// An ICE candidate, as `RTCIceCandidateInit` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The candidate attribute; empty at the end of candidates.
    pub candidate: String,
    /// The media section it is for, by its tag.
    #[tsify(optional, type = "string | null")]
    pub sdp_mid: Option<String>,
    /// The media section it is for, by its index.
    #[serde(rename = "sdpMLineIndex")]
    #[tsify(optional, type = "number | null")]
    pub sdp_mline_index: Option<u16>,
}

/// A STUN or TURN server, as `RTCIceServer` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// Its addresses.
    pub urls: Vec<String>,
    /// TURN user name.
    #[tsify(optional)]
    pub username: Option<String>,
    /// TURN password.
    #[tsify(optional)]
    pub credential: Option<String>,
}

impl View {
    /// Where these bytes are. Whoever hands it out keeps them.
    pub(crate) fn of(bytes: &Bytes) -> Self {
        // Addresses and lengths have 32 bits in a browser; elsewhere nobody looks.
        let number = |it: usize| u32::try_from(it).unwrap_or_default();
        Self {
            at: number(bytes.as_ptr().addr()),
            len: number(bytes.len()),
        }
    }
}

impl From<negotiation::Candidate> for Candidate {
    fn from(candidate: negotiation::Candidate) -> Self {
        Self {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_mline_index,
        }
    }
}

impl From<Candidate> for negotiation::Candidate {
    fn from(candidate: Candidate) -> Self {
        Self {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_mline_index,
        }
    }
}

impl From<api::IceServer> for IceServer {
    fn from(server: api::IceServer) -> Self {
        Self {
            urls: server.urls,
            username: server.username,
            credential: server.credential,
        }
    }
}
