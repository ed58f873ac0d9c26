//! What goes into a session and what comes out of it.

use std::sync::Arc;

use bytes::Bytes;
use snug_protocol::{
    ClientId, ClientMessage, ErrorCode, Fingerprint, Hash, Listing, Offer, RoomId, ServerMessage,
    TransferId, negotiation::Candidate,
};

use crate::{Command, Event, Path, Selection};

/// One thing that happened to a session.
#[derive(Debug, Clone)]
pub enum Input {
    /// A person asks for something.
    Command(Command),
    /// The way to the server reports.
    Signaling(SignalingInput),
    /// A link reports.
    Link(LinkId, LinkInput),
    /// The host's storage reports.
    Store(StoreInput),
    /// The time that [`Session::poll_timeout`](crate::Session::poll_timeout) named has come.
    Timeout,
}

/// One thing that a session wants done.
#[derive(Debug, Clone)]
pub enum Output {
    /// For the way to the server.
    Signaling(SignalingOutput),
    /// For one link.
    Link(LinkId, LinkOutput),
    /// For the host's storage.
    Store(StoreOutput),
    /// For the person.
    Event(Event),
}

/// Asked of the way to the server. At most one call or socket is under way at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalingOutput {
    /// `POST /create-room`; answered by `RoomCreated` or `Failed`.
    CreateRoom {
        /// Seats, if not the server's default.
        capacity: Option<u16>,
    },
    /// `POST /join-room`; answered by `RoomJoined` or `Failed`.
    JoinRoom {
        /// Which.
        room: RoomId,
        /// Who.
        client: ClientId,
    },
    /// Opens the WebSocket; answered by `SocketOpened` or `Failed`.
    OpenSocket,
    /// Sends on the socket.
    Send(ClientMessage),
    /// Closes the socket once everything is sent, or abandons the call under way.
    Close,
}

/// Reported by the way to the server.
#[derive(Debug, Clone)]
pub enum SignalingInput {
    /// The room exists.
    RoomCreated {
        /// Its name.
        room: RoomId,
    },
    /// The seat is reserved.
    RoomJoined,
    /// The socket is open.
    SocketOpened,
    /// A message came.
    Message(ServerMessage),
    /// A member is within reach, for the first time or again. Where no server tells who came
    /// later.
    PeerFound {
        /// Who.
        peer: ClientId,
        /// Whether this member speaks first, if the two have not met yet.
        begins: bool,
    },
    /// A call, or the opening of the socket, failed; or the socket is gone.
    Failed(SignalingError),
}

/// Why the way to the server failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignalingError {
    /// The server answered with an error.
    #[error("{message}")]
    Refused {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: String,
    },
    /// The server was not reached, or did not answer sense.
    #[error("{0}")]
    Unreachable(String),
    /// The socket was closed or broke.
    #[error("the connection was lost: {0}")]
    Closed(String),
}

/// Names one connection to a peer, never used again after [`LinkOutput::Close`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

impl LinkId {
    /// Set in the names of paths through the server. Hosts see them where a piece is to be read,
    /// and a browser's numbers are exact up to 2^53.
    const RELAYED: u64 = 1 << 52;

    pub(crate) const fn relayed(number: u64) -> Self {
        Self(number | Self::RELAYED)
    }

    pub(crate) const fn is_relayed(self) -> bool {
        self.0 & Self::RELAYED != 0
    }
}

/// Asked of a link's transport: one `RTCPeerConnection` with the two negotiated data channels
/// `control` (id 0, ordered) and `bulk` (id 1, ordered).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOutput {
    /// Makes the connection. Always first.
    Open,
    /// Makes an offer and sets it locally; answered by `LocalOffer`.
    CreateOffer {
        /// With new ICE credentials (RFC 8445 §9).
        ice_restart: bool,
        /// With nothing that a host of another kind would not take.
        plain: bool,
    },
    /// Sets a remote offer and a local answer; answered by `LocalAnswer`.
    AcceptOffer {
        /// The offer.
        sdp: String,
        /// Takes back the local offer under way first (RFC 9429 §4.1.10.2).
        rollback: bool,
    },
    /// Sets the remote answer.
    AcceptAnswer {
        /// The answer.
        sdp: String,
    },
    /// Adds a remote candidate. May come before the description it belongs to.
    AddCandidate(Candidate),
    /// Sends a frame on `control`.
    SendControl(Bytes),
    /// Sends a frame on `bulk`, within the credit given.
    SendBulk(Bytes),
    /// Closes the connection once everything on `control` is sent. Always last.
    Close,
}

/// The DTLS certificates at the two ends of a connection, as the stack here knows them: the one it
/// presented and the one it checked. What a description claims does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprints {
    /// This end's.
    pub local: Fingerprint,
    /// The other end's.
    pub remote: Fingerprint,
}

/// Reported by a link's transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkInput {
    /// The local offer is set.
    LocalOffer {
        /// The offer.
        sdp: String,
    },
    /// The local answer is set.
    LocalAnswer {
        /// The answer.
        sdp: String,
    },
    /// A local candidate was found.
    LocalCandidate(Candidate),
    /// Both data channels are open.
    Opened {
        /// Whose certificates the connection is between (RFC 8122 §5).
        fingerprints: Fingerprints,
    },
    /// Packets travel another way, or the way is known now: direct or through TURN.
    Path(Path),
    /// A frame came on `control`; a few may come before `Opened`.
    Control(Bytes),
    /// A frame came on `bulk`.
    Bulk(Bytes),
    /// The transport takes this many bytes more on `bulk`.
    BulkCredit(usize),
    /// The peer's host is of another kind than an offer that was not plain supposes.
    PeerIsPlain,
    /// Packets flow again after `Interrupted`.
    Resumed,
    /// No packets have come for a while (ICE `disconnected`).
    Interrupted,
    /// The connection is lost, or never came up (ICE `failed`, DTLS failed, closed by the peer).
    Failed(String),
    /// The remote description or candidate was refused.
    Rejected(String),
}

/// Asked of the host's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreOutput {
    /// Reads a piece of what is offered here, or of what was received, complete or not; answered by
    /// `PieceRead` or `SourceFailed`.
    ReadPiece {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
        /// For whom; comes back with the answer.
        link: LinkId,
    },
    /// What is offered here, or was received in full, will not be read any more.
    CloseSource {
        /// Which.
        transfer: TransferId,
    },
    /// Makes room, or goes on where an earlier try left off; answered by `SinkOpened` or
    /// `SinkFailed`, and before that by `SinkChecking`.
    OpenSink {
        /// For what.
        transfer: TransferId,
        /// Its name, size and hash.
        offer: Offer,
        /// The files in it.
        listing: Arc<Listing>,
        /// Which of them are wanted. Nothing is made for the others.
        selection: Selection,
    },
    /// Keeps the hashes of all pieces beside what arrives, so that a later try can check it.
    KeepHashes {
        /// Of what.
        transfer: TransferId,
        /// One a piece; they fold into the manifest.
        hashes: Arc<[Hash]>,
    },
    /// Keeps some bytes of a piece.
    WriteBlock {
        /// Of which file.
        transfer: TransferId,
        /// Which piece.
        piece: u32,
        /// Where in the piece.
        offset: u32,
        /// The bytes.
        bytes: Bytes,
    },
    /// All bytes of a piece were written: checks and stores it; answered by `PieceStored`,
    /// `PieceCorrupt` or `SinkFailed`.
    FinishPiece {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
        /// Its hash.
        expected: Hash,
    },
    /// Forgets the bytes of an unfinished piece.
    DiscardPiece {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
    },
    /// All that is wanted is stored: puts the files in their places; answered by `SinkFinished` or
    /// `SinkFailed`. Its pieces can still be read.
    FinishSink {
        /// Which.
        transfer: TransferId,
    },
    /// Stops writing, and keeps what is there for a later try, if it can be kept.
    SuspendSink {
        /// Which.
        transfer: TransferId,
    },
    /// Gives a file up and leaves nothing behind.
    DiscardSink {
        /// Which.
        transfer: TransferId,
    },
}

/// Reported by the host's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreInput {
    /// A piece was read.
    PieceRead {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
        /// For whom.
        link: LinkId,
        /// The whole piece.
        bytes: Bytes,
    },
    /// An offered file cannot be read any more, or is no longer what was offered.
    SourceFailed {
        /// Which.
        transfer: TransferId,
        /// Why, for people.
        reason: String,
    },
    /// What an earlier try left is being checked.
    SinkChecking {
        /// Of what.
        transfer: TransferId,
        /// Bytes checked.
        bytes: u64,
        /// Bytes to check.
        total: u64,
    },
    /// There is room.
    SinkOpened {
        /// For what.
        transfer: TransferId,
        /// Pieces that are there already, verified, in ascending order.
        have: Vec<u32>,
        /// The hashes of all pieces, if an earlier try kept them. They fold into the manifest.
        hashes: Option<Arc<[Hash]>>,
    },
    /// A file cannot be stored.
    SinkFailed {
        /// Which.
        transfer: TransferId,
        /// Why, for people.
        reason: String,
    },
    /// A piece is verified and stored.
    PieceStored {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
    },
    /// A piece is not what was offered.
    PieceCorrupt {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        piece: u32,
    },
    /// A file is in its place.
    SinkFinished {
        /// Which.
        transfer: TransferId,
        /// Where, in words for a person; `None` in memory.
        place: Option<String>,
    },
}
