//! What crosses a wire in Snug, and nothing else: no I/O, no clock, no async.
//!
//! A conversation, in the order in which its types appear:
//!
//! 1. Someone asks the server for a room ([`api::CreateRoom`]) and says its [`RoomId`] aloud, with
//!    four words that the server never hears, as an [`Invite`].
//! 2. Whoever types it asks for a seat ([`api::JoinRoom`]) and opens the WebSocket, on which
//!    [`ClientMessage`]s go up and [`ServerMessage`]s come down. The server introduces peers and
//!    relays what they send each other without reading it ([`signal::Payload`]). What peers put
//!    in there to meet is in [`negotiation`], and what a [`SessionDescription`] may say.
//! 3. Two peers that have met talk over two data channels. On `control` they exchange
//!    `MessagePack` [`ControlFrame`]s: a greeting, chat ([`chat`]), and the haggling over
//!    transfers. On `bulk` they exchange [`BulkFrame`]s: the bytes of the pieces.
//!    Peers that cannot connect send the same frames through the server, in [`RelaySegment`]s.
//! 4. A file is a [`Manifest`]: a BLAKE3 root over the hashes of its 1 MiB pieces. Several files are
//!    one, which a [`Listing`] divides.
//!
//! Every decoder here is total: whatever the bytes, it answers with a value or a
//! [`DecodeError`]. Every length is bounded in [`limits`], with its reason.

pub mod api;
mod base64url;
mod byte_string;
pub mod chat;
mod crockford;
mod decode;
mod decoder;
mod encoder;
mod file_name;
mod file_path;
mod fingerprint;
mod frame;
mod id;
mod invite;
pub mod key;
pub mod limits;
mod listing;
mod manifest;
pub mod maps;
pub mod negotiation;
mod normal;
mod relay;
mod sealed;
pub mod session_description;
pub mod signal;

pub use self::{
    chat::{Body, Entry, MessageId},
    decode::DecodeError,
    file_name::FileName,
    file_path::FilePath,
    fingerprint::{Fingerprint, InvalidFingerprint},
    frame::{
        BulkFrame, Content, ControlFrame, DeclineReason, Heads, Hello, ListingSummary, MediaState,
        Offer, Preview, Profile, Range, Roster, StopReason,
    },
    id::{ClientId, InvalidClientId, InvalidRoomId, InvalidTransferId, RoomId, TransferId},
    invite::{InvalidInvite, Invite, Secret, Token, Words},
    key::{IdentityKey, KeyMessage, RefusalReason, Signature},
    listing::{Attributes, InvalidListing, Item, ItemKind, Listing},
    manifest::{Hash, InvalidManifest, Manifest, PieceHasher},
    relay::{RelayFrame, RelaySegment},
    sealed::Sealed,
    session_description::{InvalidDescription, SessionDescription},
    signal::{ClientMessage, ErrorCode, Forward, ForwardKind, Payload, ResumeToken, ServerMessage},
};
