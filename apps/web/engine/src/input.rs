//! What happens to the engine.
//!
//! The types are for TypeScript; how they are read is in [`fields`].

mod fields;

use tsify::Tsify;

pub(crate) use self::fields::Fields;
use crate::{Candidate, Command, names::Text};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Input {
    /// A person asks for something.
    Command {
        /// What.
        command: Command,
    },
    /// The time that `deadline` named has come.
    Timeout,

    /// The server answered a call.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The server was not reached.
    Unreachable {
        /// Why, for people.
        reason: String,
    },
    /// The socket is open.
    SocketOpened,
    /// A text came on the socket.
    SocketText {
        /// What.
        text: String,
    },
    /// The socket is gone, or did not open.
    SocketClosed {
        /// Whether it was open before.
        opened: bool,
        /// Why, for people; may be what the server says.
        reason: String,
    },

    /// The local offer is set.
    LocalOffer {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The offer.
        sdp: String,
        /// Bytes that the browser's socket is going to hold, where that is known.
        receive_buffer: Option<u32>,
    },
    /// The local answer is set.
    LocalAnswer {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The answer.
        sdp: String,
        /// As in `local-offer`.
        receive_buffer: Option<u32>,
    },
    /// A local candidate was found.
    LocalCandidate {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The candidate.
        candidate: Candidate,
    },
    /// Both data channels are open.
    LinkOpened {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// The SHA-256 of the certificate presented here, as the browser's statistics have it.
        #[tsify(optional)]
        local_certificate: Option<String>,
        /// That of the certificate checked here.
        #[tsify(optional)]
        remote_certificate: Option<String>,
    },
    /// The state of the connection changed.
    LinkState {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// How it is now.
        state: ConnectionState,
    },
    /// Packets travel another way, or the way is known now.
    LinkPath {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// Through a TURN server at either end, rather than direct.
        turn: bool,
    },
    /// The link takes this many bytes more on `bulk`.
    BulkCredit {
        /// Which.
        #[tsify(type = "LinkId")]
        link: u64,
        /// How many.
        bytes: u32,
    },
    /// The browser refused a description.
    LinkRejected {
        /// Of which link.
        #[tsify(type = "LinkId")]
        link: u64,
        /// Why, for people.
        reason: String,
    },

    /// There is room.
    SinkOpened {
        /// For what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// As it came with `open-sink`.
        run: u32,
    },
    /// What arrives cannot be stored.
    SinkFailed {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// As it came with the wish.
        run: u32,
        /// Why, for people.
        reason: String,
    },
    /// A piece is stored.
    PieceStored {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// As it came with `write-piece`.
        run: u32,
        /// Which.
        piece: u32,
    },
    /// Everything is in its place.
    SinkFinished {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// As it came with `finish-sink`.
        run: u32,
    },
    /// A piece cannot be read.
    ReadFailed {
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Why, for people.
        reason: String,
    },
    /// Somebody wants to read bytes of what is offered here or arrives; answered by `read-range`,
    /// now or once they are there and verified, or by `read-refused`. Those that are missing are
    /// asked for before all others. No more than 1 MiB at once.
    Read {
        /// Comes back with the answer.
        read: u32,
        /// Of what.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// The first byte; of several files, counted through them all.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// Nobody waits for these bytes any more.
    ForgetRead {
        /// The number that the wish came with.
        read: u32,
    },
}

/// The state of a connection, as `RTCPeerConnection.connectionState` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionState {
    /// Nothing has happened yet.
    New,
    /// On the way.
    Connecting,
    /// Packets pass both ways.
    Connected,
    /// Nothing heard for a while.
    Disconnected,
    /// Nothing heard for long. Only an ICE restart helps.
    Failed,
    /// The end, whoever wanted it; also when a data channel closes.
    Closed,
}
