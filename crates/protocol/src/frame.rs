//! Frames on the two data channels between peers.
//!
//! A frame on `control` is one byte that says its type and a `MessagePack` map of its fields;
//! unknown fields are skipped, unknown types are an error. A frame on `bulk` is a fixed header
//! and bytes of a piece:
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+-----------------------------------------------+
//! |   type = 1    |                  reserved = 0                 |
//! +---------------+-----------------------------------------------+
//! |                                                               |
//! |                     transfer id (16 bytes)                    |
//! |                                                               |
//! +---------------------------------------------------------------+
//! |                  piece (big-endian, from 0)                   |
//! +---------------------------------------------------------------+
//! |             offset in the piece, bytes (big-endian)           |
//! +---------------------------------------------------------------+
//! |                    1 to 32,768 bytes of it ...
//! ```

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ClientId, DecodeError, Entry, FileName, Hash, Manifest, TransferId,
    decode::{check_len, from_msgpack},
    limits::{
        BULK_PAYLOAD_BYTES, CONTROL_FRAME_BYTES, HASHES_PER_FRAME, HEADS_AUTHORS, MEDIA_TYPE_BYTES,
        NICKNAME_BYTES, PIECE_BYTES, PREVIEW_BYTES,
    },
};

/// What peers tell each other on the `control` channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlFrame {
    /// The first frame each way.
    Hello(Hello),
    /// A new nickname or media state.
    Profile(Profile),
    /// Something said, by the sender or, when asked for, by anyone.
    Entry(Entry),
    /// What the sender has; tells the receiver what it lacks.
    Heads(Heads),
    /// Asks for entries.
    Fetch {
        /// Whose.
        author: ClientId,
        /// First sequence number.
        from: u64,
        /// Last sequence number.
        to: u64,
    },
    /// How far the sender has got with the receiver's own entries.
    Receipt {
        /// All up to this sequence number have arrived.
        delivered: u64,
        /// All up to this one have been seen by a person.
        read: u64,
    },
    /// Whether the sender is typing. Lapses by itself after a few seconds.
    Typing {
        /// Started or stopped.
        on: bool,
    },
    /// The sender leaves the room for good.
    Bye,
    /// A file on offer.
    Offer(Offer),
    /// The sender will pull the file.
    Accept {
        /// Which.
        transfer: TransferId,
    },
    /// The sender does not want the file.
    Decline {
        /// Which.
        transfer: TransferId,
        /// Why.
        reason: DeclineReason,
    },
    /// Asks for the hashes of pieces.
    FetchHashes {
        /// Of which file.
        transfer: TransferId,
        /// Which pieces; at most [`HASHES_PER_FRAME`].
        pieces: Range,
    },
    /// The hashes of pieces.
    Hashes {
        /// Of which file.
        transfer: TransferId,
        /// The first piece.
        first: u32,
        /// One hash a piece; at most [`HASHES_PER_FRAME`].
        hashes: Vec<Hash>,
    },
    /// Asks for pieces on `bulk`.
    Request {
        /// Of which file.
        transfer: TransferId,
        /// Which pieces.
        pieces: Range,
    },
    /// The sender cannot send these pieces, now or ever.
    Unavailable {
        /// Of which file.
        transfer: TransferId,
        /// Which pieces.
        pieces: Range,
    },
    /// The sender stops offering or receiving the file.
    Stop {
        /// Which.
        transfer: TransferId,
        /// Why.
        reason: StopReason,
    },
    /// The sender has the whole file, verified and stored.
    Complete {
        /// Which.
        transfer: TransferId,
    },
}

/// The first frame each way: who speaks, and where the receiver's time in the room starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The largest version of this protocol that the sender speaks.
    pub version: u16,
    /// How the sender wants to be called.
    pub profile: Profile,
    /// For each author the first sequence number said since the receiver came, as the sender saw
    /// it. About itself the sender is right; about others it is a hint.
    pub starts: Heads,
    /// What the sender has.
    pub heads: Heads,
    /// How far the sender has got with the receiver's entries.
    pub delivered: u64,
    /// How far a person has seen the receiver's entries.
    pub read: u64,
}

/// How a member appears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// A name, not unique; empty for none. At most [`NICKNAME_BYTES`].
    pub nickname: String,
    /// Whether camera and microphone are on.
    pub media: MediaState,
}

/// Which of a member's devices are live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaState {
    /// The camera is on.
    pub camera: bool,
    /// The microphone is on.
    pub microphone: bool,
}

/// A sequence number for each of at most [`HEADS_AUTHORS`] authors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heads(pub Vec<(ClientId, u64)>);

/// A file on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// What it should be called.
    pub name: FileName,
    /// Size and hash.
    pub manifest: Manifest,
    /// Media type (RFC 6838), as the sender thinks; empty when unknown.
    pub media_type: String,
    /// A small picture of it, as JPEG or PNG; at most [`PREVIEW_BYTES`].
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub preview: Option<Vec<u8>>,
}

/// A run of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first piece.
    pub first: u32,
    /// How many; at least 1.
    pub count: u32,
}

/// Why an offer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeclineReason {
    /// A person, or a rule set by one, said no.
    Unwanted,
    /// It does not fit where it would have to go.
    NoSpace,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

/// Why a transfer ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody changed their mind.
    Cancelled,
    /// The file changed or vanished while it was being sent.
    SourceChanged,
    /// The receiver cannot write: full or broken storage.
    StorageFailed,
    /// What arrived does not hash to what was offered.
    Corrupt,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

/// Bytes of a piece on the `bulk` channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkFrame {
    /// Of which file.
    pub transfer: TransferId,
    /// Which piece.
    pub piece: u32,
    /// Where in the piece, in bytes.
    pub offset: u32,
    /// 1 to [`BULK_PAYLOAD_BYTES`] bytes.
    pub payload: Bytes,
}

/// Numbers of the control frames. A retired number is never given again.
mod number {
    pub(super) const HELLO: u8 = 1;
    pub(super) const PROFILE: u8 = 2;
    pub(super) const ENTRY: u8 = 3;
    pub(super) const HEADS: u8 = 4;
    pub(super) const FETCH: u8 = 5;
    pub(super) const RECEIPT: u8 = 6;
    pub(super) const TYPING: u8 = 7;
    pub(super) const BYE: u8 = 8;
    pub(super) const OFFER: u8 = 32;
    pub(super) const ACCEPT: u8 = 33;
    pub(super) const DECLINE: u8 = 34;
    pub(super) const FETCH_HASHES: u8 = 35;
    pub(super) const HASHES: u8 = 36;
    pub(super) const REQUEST: u8 = 37;
    pub(super) const UNAVAILABLE: u8 = 38;
    pub(super) const STOP: u8 = 39;
    pub(super) const COMPLETE: u8 = 40;
}

impl ControlFrame {
    /// The version that [`Hello`] announces.
    pub const VERSION: u16 = 1;

    /// Decodes one frame.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        if frame.len() > CONTROL_FRAME_BYTES {
            return Err(DecodeError::TooLong {
                len: frame.len(),
                limit: CONTROL_FRAME_BYTES,
            });
        }
        let (number, fields) = frame
            .split_first()
            .ok_or(DecodeError::Truncated { len: 0, needed: 1 })?;
        let frame = Self::decode_fields(*number, fields)?;
        frame.validate()?;
        Ok(frame)
    }

    fn decode_fields(number: u8, fields: &[u8]) -> Result<Self, DecodeError> {
        match number {
            number::HELLO => from_msgpack(fields).map(Self::Hello),
            number::PROFILE => from_msgpack(fields).map(Self::Profile),
            number::ENTRY => from_msgpack(fields).map(Self::Entry),
            number::HEADS => from_msgpack(fields).map(Self::Heads),
            number::FETCH => from_msgpack(fields).map(|Fetch { author, from, to }| Self::Fetch {
                author,
                from,
                to,
            }),
            number::RECEIPT => from_msgpack(fields)
                .map(|Receipt { delivered, read }| Self::Receipt { delivered, read }),
            number::TYPING => from_msgpack(fields).map(|Typing { on }| Self::Typing { on }),
            number::BYE => from_msgpack(fields).map(|Bye {}| Self::Bye),
            number::OFFER => from_msgpack(fields).map(Self::Offer),
            number::ACCEPT => {
                from_msgpack(fields).map(|About { transfer }| Self::Accept { transfer })
            }
            number::DECLINE => from_msgpack(fields)
                .map(|Because { transfer, reason }| Self::Decline { transfer, reason }),
            number::FETCH_HASHES => from_msgpack(fields)
                .map(|Pieces { transfer, pieces }| Self::FetchHashes { transfer, pieces }),
            number::HASHES => from_msgpack(fields).map(
                |Hashes {
                     transfer,
                     first,
                     hashes,
                 }| Self::Hashes {
                    transfer,
                    first,
                    hashes,
                },
            ),
            number::REQUEST => from_msgpack(fields)
                .map(|Pieces { transfer, pieces }| Self::Request { transfer, pieces }),
            number::UNAVAILABLE => from_msgpack(fields)
                .map(|Pieces { transfer, pieces }| Self::Unavailable { transfer, pieces }),
            number::STOP => from_msgpack(fields)
                .map(|Because { transfer, reason }| Self::Stop { transfer, reason }),
            number::COMPLETE => {
                from_msgpack(fields).map(|About { transfer }| Self::Complete { transfer })
            }
            unknown => Err(DecodeError::UnknownType(unknown.to_string())),
        }
    }

    /// Encodes one frame.
    pub fn encode(&self) -> Bytes {
        match self {
            Self::Hello(hello) => encode(number::HELLO, hello),
            Self::Profile(profile) => encode(number::PROFILE, profile),
            Self::Entry(entry) => encode(number::ENTRY, entry),
            Self::Heads(heads) => encode(number::HEADS, heads),
            Self::Fetch { author, from, to } => encode(
                number::FETCH,
                &Fetch {
                    author: author.clone(),
                    from: *from,
                    to: *to,
                },
            ),
            Self::Receipt { delivered, read } => encode(
                number::RECEIPT,
                &Receipt {
                    delivered: *delivered,
                    read: *read,
                },
            ),
            Self::Typing { on } => encode(number::TYPING, &Typing { on: *on }),
            Self::Bye => encode(number::BYE, &Bye {}),
            Self::Offer(offer) => encode(number::OFFER, offer),
            Self::Accept { transfer } => encode(
                number::ACCEPT,
                &About {
                    transfer: *transfer,
                },
            ),
            Self::Decline { transfer, reason } => encode(
                number::DECLINE,
                &Because {
                    transfer: *transfer,
                    reason: *reason,
                },
            ),
            Self::FetchHashes { transfer, pieces } => encode(
                number::FETCH_HASHES,
                &Pieces {
                    transfer: *transfer,
                    pieces: *pieces,
                },
            ),
            Self::Hashes {
                transfer,
                first,
                hashes,
            } => encode(
                number::HASHES,
                &Hashes {
                    transfer: *transfer,
                    first: *first,
                    hashes: hashes.clone(),
                },
            ),
            Self::Request { transfer, pieces } => encode(
                number::REQUEST,
                &Pieces {
                    transfer: *transfer,
                    pieces: *pieces,
                },
            ),
            Self::Unavailable { transfer, pieces } => encode(
                number::UNAVAILABLE,
                &Pieces {
                    transfer: *transfer,
                    pieces: *pieces,
                },
            ),
            Self::Stop { transfer, reason } => encode(
                number::STOP,
                &Because {
                    transfer: *transfer,
                    reason: *reason,
                },
            ),
            Self::Complete { transfer } => encode(
                number::COMPLETE,
                &About {
                    transfer: *transfer,
                },
            ),
        }
    }

    fn validate(&self) -> Result<(), DecodeError> {
        match self {
            Self::Hello(hello) => hello.validate(),
            Self::Profile(profile) => profile.validate(),
            Self::Entry(entry) => entry.validate(),
            Self::Heads(heads) => heads.validate(),
            Self::Fetch { from, to, .. } if from > to || *from == 0 => {
                Err(DecodeError::invalid("from", "not a range"))
            }
            Self::Offer(offer) => offer.validate(),
            Self::FetchHashes { pieces, .. } if pieces.count as usize > HASHES_PER_FRAME => Err(
                DecodeError::invalid("pieces", format_args!("over {HASHES_PER_FRAME}")),
            ),
            Self::FetchHashes { pieces, .. }
            | Self::Request { pieces, .. }
            | Self::Unavailable { pieces, .. } => pieces.validate(),
            Self::Hashes { hashes, .. } if hashes.len() > HASHES_PER_FRAME => Err(
                DecodeError::invalid("hashes", format_args!("over {HASHES_PER_FRAME}")),
            ),
            Self::Fetch { .. }
            | Self::Hashes { .. }
            | Self::Receipt { .. }
            | Self::Typing { .. }
            | Self::Bye
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::Stop { .. }
            | Self::Complete { .. } => Ok(()),
        }
    }
}

impl Hello {
    fn validate(&self) -> Result<(), DecodeError> {
        self.profile.validate()?;
        self.starts.validate()?;
        self.heads.validate()
    }
}

impl Profile {
    fn validate(&self) -> Result<(), DecodeError> {
        check_len("nickname", self.nickname.len(), NICKNAME_BYTES)
    }
}

impl Heads {
    fn validate(&self) -> Result<(), DecodeError> {
        check_len("heads", self.0.len(), HEADS_AUTHORS)
    }
}

impl Offer {
    /// Names the transfer.
    pub fn transfer(&self) -> TransferId {
        self.manifest.transfer_id(&self.name)
    }

    fn validate(&self) -> Result<(), DecodeError> {
        check_len("mediaType", self.media_type.len(), MEDIA_TYPE_BYTES)?;
        check_len(
            "preview",
            self.preview.as_ref().map_or(0, Vec::len),
            PREVIEW_BYTES,
        )
    }
}

impl Range {
    /// One piece.
    pub const fn one(piece: u32) -> Self {
        Self {
            first: piece,
            count: 1,
        }
    }

    /// The pieces of the run.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        self.first..self.first.saturating_add(self.count)
    }

    fn validate(self) -> Result<(), DecodeError> {
        if self.count == 0 || self.first.checked_add(self.count).is_none() {
            return Err(DecodeError::invalid("pieces", "not a range"));
        }
        Ok(())
    }
}

impl BulkFrame {
    /// Bytes before the payload.
    pub const HEADER_BYTES: usize = 28;
    const TYPE: u8 = 1;

    /// Decodes one frame without copying its payload.
    pub fn decode(frame: &Bytes) -> Result<Self, DecodeError> {
        let limit = Self::HEADER_BYTES + BULK_PAYLOAD_BYTES;
        if frame.len() > limit {
            return Err(DecodeError::TooLong {
                len: frame.len(),
                limit,
            });
        }
        let Some((header, payload)) = frame.split_first_chunk::<{ Self::HEADER_BYTES }>() else {
            return Err(DecodeError::Truncated {
                len: frame.len(),
                needed: Self::HEADER_BYTES + 1,
            });
        };
        if header[0] != Self::TYPE {
            return Err(DecodeError::UnknownType(header[0].to_string()));
        }
        let [.., p0, p1, p2, p3, o0, o1, o2, o3] = *header;
        let offset = u32::from_be_bytes([o0, o1, o2, o3]);
        if payload.is_empty() || offset as usize + payload.len() > PIECE_BYTES {
            return Err(DecodeError::invalid("offset", "outside the piece"));
        }
        let transfer = header[4..20]
            .try_into()
            .expect("sixteen bytes of the header");
        Ok(Self {
            transfer: TransferId::from_bytes(transfer),
            piece: u32::from_be_bytes([p0, p1, p2, p3]),
            offset,
            payload: frame.slice(Self::HEADER_BYTES..),
        })
    }

    /// Encodes one frame.
    pub fn encode(&self) -> Bytes {
        let mut frame = BytesMut::with_capacity(Self::HEADER_BYTES + self.payload.len());
        frame.put_u8(Self::TYPE);
        frame.put_bytes(0, 3);
        frame.put_slice(self.transfer.as_bytes());
        frame.put_u32(self.piece);
        frame.put_u32(self.offset);
        frame.put_slice(&self.payload);
        frame.freeze()
    }
}

#[derive(Serialize, Deserialize)]
struct Fetch {
    author: ClientId,
    from: u64,
    to: u64,
}

#[derive(Serialize, Deserialize)]
struct Receipt {
    delivered: u64,
    read: u64,
}

#[derive(Serialize, Deserialize)]
struct Typing {
    on: bool,
}

#[derive(Serialize, Deserialize)]
struct Bye {}

#[derive(Serialize, Deserialize)]
struct About {
    transfer: TransferId,
}

#[derive(Serialize, Deserialize)]
struct Because<R> {
    transfer: TransferId,
    reason: R,
}

#[derive(Serialize, Deserialize)]
struct Pieces {
    transfer: TransferId,
    pieces: Range,
}

#[derive(Serialize, Deserialize)]
struct Hashes {
    transfer: TransferId,
    first: u32,
    hashes: Vec<Hash>,
}

fn encode<T: Serialize + DeserializeOwned>(number: u8, fields: &T) -> Bytes {
    let mut frame = vec![number];
    rmp_serde::encode::write_named(&mut frame, fields).expect("wire types always serialize");
    frame.into()
}
