//! Every limit of the wire, with its reason.
//!
//! Limits of the server alone (rates, queues, timeouts) are configuration and live in
//! `snug-server`.

use std::time::Duration;

/// Bytes of an HTTP request body. The largest, `join-room`, needs about 120.
pub const HTTP_BODY_BYTES: usize = 4 * 1024;

/// Bytes of an HTTP answer's body. The largest, to `join-room`, takes 67 bytes a member.
pub const HTTP_ANSWER_BYTES: usize = 64 * 1024;

/// Bytes of one WebSocket message. An SDP offer with its candidates takes 2 to 6 KiB, a sealed
/// and padded relay frame at most 48 KiB.
pub const SIGNAL_MESSAGE_BYTES: usize = 64 * 1024;

/// Bytes of a client id.
pub const CLIENT_ID_BYTES: usize = 64;

/// Bytes of a resume token. Ours take about 80.
pub const RESUME_TOKEN_BYTES: usize = 256;

/// Bytes of what is typed or pasted as an invite. A code takes about 30; links with a long path
/// before it come from somewhere.
pub const INVITE_BYTES: usize = 2048;

/// Smallest capacity of a room: with one seat there is nobody to talk to.
pub const MIN_CAPACITY: u16 = 2;

/// Bytes of an SDP description. A browser's data-channel offer takes about 1 KiB.
pub const SDP_BYTES: usize = 32 * 1024;

/// Bytes of one ICE candidate line (RFC 8839 §5.1 lines run to about 200).
pub const CANDIDATE_BYTES: usize = 1024;

/// Candidates taken from one peer for one attempt. A machine with ten interfaces, both families
/// and TURN offers about 60.
pub const CANDIDATES_PER_ATTEMPT: usize = 128;

/// Bytes of one control frame. Above the largest chat message and the largest list of piece
/// hashes, below the 64 KiB that every WebRTC stack takes without negotiating (RFC 8841 §6).
pub const CONTROL_FRAME_BYTES: usize = 32 * 1024;

/// Bytes of payload in one bulk frame. With its header a frame stays under the 64 KiB that every
/// stack takes, and above the 20 KiB from which sends are batched.
pub const BULK_PAYLOAD_BYTES: usize = 32 * 1024;

/// Bytes of a piece, the unit of verification and of requests. Its BLAKE3 hash is a whole
/// subtree of the file's, so it must be a power of two of 1 KiB chunks.
pub const PIECE_BYTES: usize = 1024 * 1024;

/// Pieces of one file: 1 TiB, whose list of hashes is 32 MiB.
pub const MAX_PIECES: u32 = 1 << 20;

/// Bytes of one file, following [`MAX_PIECES`].
pub const MAX_FILE_BYTES: u64 = MAX_PIECES as u64 * PIECE_BYTES as u64;

/// Piece hashes in one control frame: 16 KiB of them.
pub const HASHES_PER_FRAME: usize = 512;

/// Bytes of a message's text in UTF-8. About five pages; more is a file.
pub const TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a nickname in UTF-8.
pub const NICKNAME_BYTES: usize = 64;

/// Bytes of one reaction: the longest emoji sequences take 35.
pub const REACTION_BYTES: usize = 64;

/// Bytes of a file's name in UTF-8: one path component of the common file systems (255), less what
/// a receiver adds while the file is incomplete or its name is taken.
pub const FILE_NAME_BYTES: usize = 224;

/// Names in the path of a file within an offered folder. Deeper ones are moved up.
pub const PATH_COMPONENTS: usize = 16;

/// Bytes of a path in a listing, as it comes. Linux has room for 4,096, and what is made of it
/// takes at most 3,599.
pub const PATH_BYTES: usize = 16 * 1024;

/// Files and folders in one offer. Listing more takes longer than packing them.
pub const LISTING_ITEMS: usize = 100_000;

/// Folders in one offer, with those that are only named by what is in them: as many as
/// [`LISTING_ITEMS`]. Two bytes of a path can order one to be made.
pub const LISTING_FOLDERS: usize = LISTING_ITEMS;

/// Bytes of the listing of one offer: 80 for each of [`LISTING_ITEMS`].
pub const LISTING_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a listing in one control frame.
pub const LISTING_CHUNK_BYTES: usize = 16 * 1024;

/// Bytes of a have-map in one control frame: 128 GiB of a file.
pub const HAVE_BYTES: usize = 16 * 1024;

/// Bytes of a media type (RFC 6838 §4.2 allows 127 on each side of the slash).
pub const MEDIA_TYPE_BYTES: usize = 255;

/// Bytes of a preview in an offer: a JPEG thumbnail of 256 pixels takes 5 to 15 KiB.
pub const PREVIEW_BYTES: usize = 16 * 1024;

/// Authors listed in one [`Heads`](crate::Heads) frame. A room has 8 members by default; those
/// who left with messages behind count too.
pub const HEADS_AUTHORS: usize = 128;

/// Entries sent in answer to one [`ControlFrame::Fetch`](crate::ControlFrame::Fetch). The asker
/// asks again for the rest, so that one request cannot order a flood.
pub const FETCH_ENTRIES: u64 = 64;

/// Members named in one [`Roster`](crate::Roster): as many as a session knows at once.
pub const ROSTER_MEMBERS: usize = 64;

/// Frames in one [`RelaySegment`](crate::RelaySegment): a burst of small ones.
pub const RELAY_FRAMES: usize = 64;

/// Bytes of one [`RelaySegment`](crate::RelaySegment). One full bulk frame and its headers take
/// 32,824; it must fit the largest of [`SEALED_SIZES`] with four bytes to spare.
pub const RELAY_SEGMENT_BYTES: usize = 40_000;

/// Largest Lamport time and sequence number: the largest integer that a JavaScript number holds
/// exactly.
pub const MAX_CLOCK: u64 = (1 << 53) - 1;

/// How far ahead of everything seen so far a Lamport time may be. A peer that jumps further is
/// lying: nobody sends a million messages while we were away.
pub const MAX_LAMPORT_JUMP: u64 = 1 << 20;

/// How long a client may be away before its seat is free to others.
pub const GRACE: Duration = Duration::from_secs(30);

/// Bytes of one message of the handshake. The longest, a proof, takes about 350; the rest is for
/// fields to come.
pub const KEY_MESSAGE_BYTES: usize = 2 * 1024;

/// Versions of the handshake that a hello may list. More than two at once would be odd.
pub const VERSIONS: usize = 8;

/// Bytes that sealing adds: the tag of Poly1305 (RFC 8439 §2.8).
pub const SEAL_BYTES: usize = 16;

/// Sizes to which what is sealed is padded, so that its length says little. A description or a
/// chat message fits one of the smaller, a full bulk frame with its headers 33,792, a full segment
/// the largest, which in base64url still fits [`SIGNAL_MESSAGE_BYTES`].
pub const SEALED_SIZES: [usize; 7] = [256, 1024, 4096, 8192, 16384, 33792, 40960];

/// Bytes of one sealed message: the largest of [`SEALED_SIZES`] and the seal.
pub const SEALED_BYTES: usize = SEALED_SIZES[6] + SEAL_BYTES;

/// Messages under one sealing key. Far below the 2^64 that a number holds, and within what a
/// JavaScript number holds exactly.
pub const SEALED_MESSAGES: u64 = 1 << 48;
