//! How control frames are written: their numbers, and the maps of their fields.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteArray;

use super::{super::fields::Range, ControlFrame};
use crate::{
    ClientId, DecodeError, Hash, TransferId,
    decode::{from_msgpack, list},
    encoder::to_msgpack,
};

/// Numbers of the control frames. A retired number is never given again.
pub(super) mod number {
    pub(in super::super) const HELLO: u8 = 1;
    pub(in super::super) const PROFILE: u8 = 2;
    pub(in super::super) const ENTRY: u8 = 3;
    pub(in super::super) const HEADS: u8 = 4;
    pub(in super::super) const FETCH: u8 = 5;
    pub(in super::super) const RECEIPT: u8 = 6;
    pub(in super::super) const TYPING: u8 = 7;
    pub(in super::super) const BYE: u8 = 8;
    pub(in super::super) const WELCOME: u8 = 9;
    pub(in super::super) const BINDING: u8 = 10;
    pub(in super::super) const ROSTER: u8 = 11;
    pub(in super::super) const GUESSES: u8 = 12;
    pub(in super::super) const OFFER: u8 = 32;
    pub(in super::super) const ACCEPT: u8 = 33;
    pub(in super::super) const DECLINE: u8 = 34;
    pub(in super::super) const FETCH_HASHES: u8 = 35;
    pub(in super::super) const HASHES: u8 = 36;
    pub(in super::super) const REQUEST: u8 = 37;
    pub(in super::super) const UNAVAILABLE: u8 = 38;
    pub(in super::super) const STOP: u8 = 39;
    pub(in super::super) const COMPLETE: u8 = 40;
    pub(in super::super) const HAVE: u8 = 41;
    pub(in super::super) const ASKED: u8 = 42;
    pub(in super::super) const UNREQUEST: u8 = 43;
    pub(in super::super) const FETCH_LISTING: u8 = 44;
    pub(in super::super) const LISTING: u8 = 45;
}

impl ControlFrame {
    pub(super) fn decode_fields(number: u8, fields: &[u8]) -> Result<Self, DecodeError> {
        match number {
            number::HELLO => decode(fields).map(Self::Hello),
            number::PROFILE => decode(fields).map(Self::Profile),
            number::ENTRY => decode(fields).map(Self::Entry),
            number::HEADS => decode(fields).map(Self::Heads),
            number::FETCH => {
                decode(fields).map(|Fetch { author, from, to }| Self::Fetch { author, from, to })
            }
            number::RECEIPT => {
                decode(fields).map(|Receipt { delivered, read }| Self::Receipt { delivered, read })
            }
            number::TYPING => decode(fields).map(|Typing { on }| Self::Typing { on }),
            number::BYE => decode(fields).map(|Empty {}| Self::Bye),
            number::WELCOME => decode(fields).map(|Empty {}| Self::Welcome),
            number::BINDING => decode(fields).map(|Binding { mac }| Self::Binding {
                mac: mac.into_array(),
            }),
            number::ROSTER => decode(fields).map(Self::Roster),
            number::GUESSES => decode(fields).map(|Guesses { wrong }| Self::Guesses { wrong }),
            number::OFFER => decode(fields).map(Self::Offer),
            number::ACCEPT => decode(fields).map(
                |Accept {
                     transfer,
                     wanted,
                     shares,
                 }| Self::Accept {
                    transfer,
                    wanted,
                    shares,
                },
            ),
            number::DECLINE => decode(fields)
                .map(|Because { transfer, reason }| Self::Decline { transfer, reason }),
            number::FETCH_HASHES => decode(fields)
                .map(|Pieces { transfer, pieces }| Self::FetchHashes { transfer, pieces }),
            number::HASHES => decode(fields).map(
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
            number::REQUEST => {
                decode(fields).map(|Pieces { transfer, pieces }| Self::Request { transfer, pieces })
            }
            number::UNAVAILABLE => decode(fields)
                .map(|Pieces { transfer, pieces }| Self::Unavailable { transfer, pieces }),
            number::STOP => {
                decode(fields).map(|Because { transfer, reason }| Self::Stop { transfer, reason })
            }
            number::COMPLETE => {
                decode(fields).map(|About { transfer }| Self::Complete { transfer })
            }
            number::HAVE => decode(fields).map(
                |Have {
                     transfer,
                     first,
                     bits,
                 }| Self::Have {
                    transfer,
                    first,
                    bits,
                },
            ),
            number::ASKED => {
                decode(fields).map(|Pieces { transfer, pieces }| Self::Asked { transfer, pieces })
            }
            number::UNREQUEST => decode(fields)
                .map(|Pieces { transfer, pieces }| Self::Unrequest { transfer, pieces }),
            number::FETCH_LISTING => decode(fields)
                .map(|ListingFrom { transfer, offset }| Self::FetchListing { transfer, offset }),
            number::LISTING => decode(fields).map(
                |ListingPart {
                     transfer,
                     offset,
                     bytes,
                 }| Self::Listing {
                    transfer,
                    offset,
                    bytes,
                },
            ),
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
            Self::Bye => encode(number::BYE, &Empty {}),
            Self::Welcome => encode(number::WELCOME, &Empty {}),
            Self::Binding { mac } => encode(
                number::BINDING,
                &Binding {
                    mac: ByteArray::new(*mac),
                },
            ),
            Self::Roster(roster) => encode(number::ROSTER, roster),
            Self::Guesses { wrong } => encode(number::GUESSES, &Guesses { wrong: *wrong }),
            Self::Offer(offer) => encode(number::OFFER, offer),
            Self::Accept {
                transfer,
                wanted,
                shares,
            } => encode(
                number::ACCEPT,
                &Accept {
                    transfer: *transfer,
                    wanted: *wanted,
                    shares: *shares,
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
            Self::Have {
                transfer,
                first,
                bits,
            } => encode(
                number::HAVE,
                &Have {
                    transfer: *transfer,
                    first: *first,
                    bits: bits.clone(),
                },
            ),
            Self::Asked { transfer, pieces } => encode(
                number::ASKED,
                &Pieces {
                    transfer: *transfer,
                    pieces: *pieces,
                },
            ),
            Self::Unrequest { transfer, pieces } => encode(
                number::UNREQUEST,
                &Pieces {
                    transfer: *transfer,
                    pieces: *pieces,
                },
            ),
            Self::FetchListing { transfer, offset } => encode(
                number::FETCH_LISTING,
                &ListingFrom {
                    transfer: *transfer,
                    offset: *offset,
                },
            ),
            Self::Listing {
                transfer,
                offset,
                bytes,
            } => encode(
                number::LISTING,
                &ListingPart {
                    transfer: *transfer,
                    offset: *offset,
                    bytes: bytes.clone(),
                },
            ),
        }
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
struct Empty {}

#[derive(Serialize, Deserialize)]
struct Binding {
    mac: ByteArray<32>,
}

#[derive(Serialize, Deserialize)]
struct Guesses {
    wrong: u32,
}

#[derive(Serialize, Deserialize)]
struct About {
    transfer: TransferId,
}

#[derive(Serialize, Deserialize)]
struct Accept {
    transfer: TransferId,
    wanted: u64,
    shares: bool,
}

#[derive(Serialize, Deserialize)]
struct Have {
    transfer: TransferId,
    first: u32,
    #[serde(with = "serde_bytes")]
    bits: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct ListingFrom {
    transfer: TransferId,
    offset: u32,
}

#[derive(Serialize, Deserialize)]
struct ListingPart {
    transfer: TransferId,
    offset: u32,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
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
#[expect(
    clippy::struct_field_names,
    reason = "the field is called so on the wire"
)]
struct Hashes {
    transfer: TransferId,
    first: u32,
    #[serde(deserialize_with = "list")]
    hashes: Vec<Hash>,
}

fn decode<T: DeserializeOwned>(fields: &[u8]) -> Result<T, DecodeError> {
    if fields.is_empty() {
        return Err(DecodeError::Truncated { len: 1, needed: 2 });
    }
    from_msgpack(fields)
}

fn encode<T: Serialize>(number: u8, fields: &T) -> Bytes {
    to_msgpack(vec![number], fields).into()
}
