//! Frames on the `control` channel: a byte that says the type, and a `MessagePack` map.

mod codec;

use self::codec::number;
use super::{
    fields::{DeclineReason, Heads, Hello, Profile, Range, Roster, StopReason},
    offer::Offer,
};
use crate::{
    ClientId, DecodeError, Entry, Hash, TransferId,
    decode::{check_clock, check_count, check_len, check_seq, check_total},
    limits::{
        CONTROL_FRAME_BYTES, HASHES_PER_FRAME, HAVE_BYTES, LISTING_BYTES, LISTING_CHUNK_BYTES,
        MAX_PIECES,
    },
};

/// What peers tell each other on the `control` channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlFrame {
    /// The first frame each way after `Binding`.
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
    /// The receiver's greeting has come.
    Welcome,
    /// The connection ends at the sender: the first frame on every connection.
    Binding {
        /// Over the certificates at both its ends (`docs/handshake.md`).
        mac: [u8; 32],
    },
    /// Whom the sender has met.
    Roster(Roster),
    /// How often the sender has seen wrong words tried.
    Guesses {
        /// Its own count.
        wrong: u32,
    },
    /// Something on offer. The sender has all of it, or some and passes it on.
    Offer(Offer),
    /// The sender pulls: from now on it is told who has which pieces. Said to everyone.
    Accept {
        /// Which.
        transfer: TransferId,
        /// Bytes that it wants in all.
        wanted: u64,
        /// Whether it passes on what it has.
        shares: bool,
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
        /// One hash a piece; 1 to [`HASHES_PER_FRAME`].
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
    /// The sender has all that it wanted, verified and stored.
    Complete {
        /// Which.
        transfer: TransferId,
    },
    /// The sender has these pieces, verified.
    Have {
        /// Of which file.
        transfer: TransferId,
        /// The piece that the first bit is about.
        first: u32,
        /// A bit for each piece, the highest of each byte first; 1 to [`HAVE_BYTES`]. Pieces whose
        /// bit is not set are not spoken of.
        bits: Vec<u8>,
    },
    /// The sender has asked somebody for these pieces and will soon have them: others better ask
    /// for others meanwhile.
    Asked {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        pieces: Range,
    },
    /// The sender takes its request for these pieces back.
    Unrequest {
        /// Of which file.
        transfer: TransferId,
        /// Which.
        pieces: Range,
    },
    /// Asks for the listing of an offer, at most [`LISTING_CHUNK_BYTES`] of it.
    FetchListing {
        /// Of which.
        transfer: TransferId,
        /// From which byte on.
        offset: u32,
    },
    /// A part of the listing of an offer.
    Listing {
        /// Of which.
        transfer: TransferId,
        /// The byte that it begins with.
        offset: u32,
        /// 1 to [`LISTING_CHUNK_BYTES`] bytes of it.
        bytes: Vec<u8>,
    },
}

impl ControlFrame {
    /// The version that [`Hello`] announces.
    pub const VERSION: u16 = 1;

    /// Whether an encoded frame says that it is a greeting. Reads nothing else of it.
    pub fn is_hello(frame: &[u8]) -> bool {
        frame.first() == Some(&number::HELLO)
    }

    /// Whether it is about files, rather than about members and what they say.
    pub const fn is_about_files(&self) -> bool {
        match self {
            Self::Offer(_)
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::FetchHashes { .. }
            | Self::Hashes { .. }
            | Self::Request { .. }
            | Self::Unavailable { .. }
            | Self::Stop { .. }
            | Self::Complete { .. }
            | Self::Have { .. }
            | Self::Asked { .. }
            | Self::Unrequest { .. }
            | Self::FetchListing { .. }
            | Self::Listing { .. } => true,
            Self::Hello(_)
            | Self::Profile(_)
            | Self::Entry(_)
            | Self::Heads(_)
            | Self::Fetch { .. }
            | Self::Receipt { .. }
            | Self::Typing { .. }
            | Self::Bye
            | Self::Welcome
            | Self::Binding { .. }
            | Self::Roster(_)
            | Self::Guesses { .. } => false,
        }
    }

    /// Which transfer it is about, if it is about one that has begun.
    pub const fn transfer(&self) -> Option<TransferId> {
        match self {
            Self::Accept { transfer, .. }
            | Self::Decline { transfer, .. }
            | Self::FetchHashes { transfer, .. }
            | Self::Hashes { transfer, .. }
            | Self::Request { transfer, .. }
            | Self::Unavailable { transfer, .. }
            | Self::Stop { transfer, .. }
            | Self::Complete { transfer }
            | Self::Have { transfer, .. }
            | Self::Asked { transfer, .. }
            | Self::Unrequest { transfer, .. }
            | Self::FetchListing { transfer, .. }
            | Self::Listing { transfer, .. } => Some(*transfer),
            Self::Offer(_)
            | Self::Hello(_)
            | Self::Profile(_)
            | Self::Entry(_)
            | Self::Heads(_)
            | Self::Fetch { .. }
            | Self::Receipt { .. }
            | Self::Typing { .. }
            | Self::Bye
            | Self::Welcome
            | Self::Binding { .. }
            | Self::Roster(_)
            | Self::Guesses { .. } => None,
        }
    }

    /// Decodes one frame.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        check_total(frame.len(), CONTROL_FRAME_BYTES)?;
        let (number, fields) = frame
            .split_first()
            .ok_or(DecodeError::Truncated { len: 0, needed: 1 })?;
        let frame = Self::decode_fields(*number, fields)?;
        frame.validate()?;
        Ok(frame)
    }

    fn validate(&self) -> Result<(), DecodeError> {
        match self {
            Self::Hello(hello) => hello.validate(),
            Self::Profile(profile) => profile.validate(),
            Self::Entry(entry) => entry.validate(),
            Self::Heads(heads) => heads.validate(),
            Self::Fetch { from, to, .. } => {
                check_seq("from", *from)?;
                check_clock("to", *to)?;
                if from > to {
                    return Err(DecodeError::invalid("from", "not a range"));
                }
                Ok(())
            }
            Self::Receipt { delivered, read } => {
                check_clock("delivered", *delivered)?;
                check_clock("read", *read)
            }
            Self::Roster(roster) => roster.validate(),
            Self::Offer(offer) => offer.validate(),
            Self::FetchHashes { pieces, .. } => {
                check_count("pieces", pieces.count as usize, HASHES_PER_FRAME)?;
                pieces.validate()
            }
            Self::Hashes { first, hashes, .. } => {
                check_count("hashes", hashes.len(), HASHES_PER_FRAME)?;
                let count = u32::try_from(hashes.len()).expect("bounded one line above");
                Range {
                    first: *first,
                    count,
                }
                .validate()
            }
            Self::Request { pieces, .. }
            | Self::Unavailable { pieces, .. }
            | Self::Asked { pieces, .. }
            | Self::Unrequest { pieces, .. } => pieces.validate(),
            Self::Accept { wanted, .. } => check_clock("wanted", *wanted),
            Self::Have { first, bits, .. } => check_have(*first, bits),
            Self::FetchListing { offset, .. } => check_listing_part(*offset, 1),
            Self::Listing { offset, bytes, .. } => {
                check_len("bytes", bytes.len(), LISTING_CHUNK_BYTES)?;
                check_listing_part(*offset, bytes.len())
            }
            Self::Typing { .. }
            | Self::Bye
            | Self::Welcome
            | Self::Binding { .. }
            | Self::Guesses { .. }
            | Self::Decline { .. }
            | Self::Stop { .. }
            | Self::Complete { .. } => Ok(()),
        }
    }
}

fn check_have(first: u32, bits: &[u8]) -> Result<(), DecodeError> {
    check_len("bits", bits.len(), HAVE_BYTES)?;
    let set = bits.iter().rposition(|byte| *byte != 0);
    // The last byte may have bits to spare, which are not set.
    let last = set.map_or(0, |at| at * 8 + 7 - bits[at].trailing_zeros() as usize);
    // In 64 bits: a browser's `usize` has 32, and would wrap.
    if bits.is_empty() || u64::from(first) + last as u64 >= u64::from(MAX_PIECES) {
        return Err(DecodeError::invalid("bits", "not about pieces of any file"));
    }
    Ok(())
}

fn check_listing_part(offset: u32, len: usize) -> Result<(), DecodeError> {
    if len == 0 {
        return Err(DecodeError::invalid("bytes", "none"));
    }
    if u64::from(offset) + len as u64 > LISTING_BYTES as u64 {
        return Err(DecodeError::invalid(
            "offset",
            "past the end of every listing",
        ));
    }
    Ok(())
}
