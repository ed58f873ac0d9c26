//! What is noted beside an unfinished transfer, so that a later try can go on with it.
//!
//! A file of fixed places, so that noting is one small write, and whatever is there can be read
//! within bounds:
//!
//! ```text
//!   0  magic, version
//!  12  transfer id, size and root hash: whose journal it is
//!  68  1 once files are being put into their places
//!  69  one byte an item: 1 if it is wanted
//!   …  one byte a piece: 1 if it is stored
//!   …  four bytes for each file or folder at the top: the number behind its name
//!   …  32 bytes a piece: its hash
//! ```
//!
//! Nothing in it is believed: pieces are hashed again, and their hashes must fold into the root.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::FileExt,
    sync::Arc,
};

use snug_protocol::Hash;

use super::shape::Shape;

/// The journal of one transfer, open and locked.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    header: [u8; HEADER_BYTES],
    items: usize,
    pieces: usize,
    tops: usize,
}

/// What an earlier try noted.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) phase: Phase,
    pub(super) wanted: Vec<bool>,
    pub(super) stored: Vec<bool>,
    /// The number behind the name of each file or folder at the top, 0 before one was tried.
    pub(super) numbers: Vec<u32>,
    /// Only if they are those of the transfer.
    pub(super) hashes: Option<Arc<[Hash]>>,
}

/// How far a try has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Receiving,
    /// All is there, verified and on the disk, and on its way to its place.
    Placing,
}

/// Whose journal a file is.
#[derive(Debug)]
pub(super) enum Found {
    /// This transfer's, from an earlier try.
    Earlier(Earlier),
    /// Nobody's yet, or cut off before it said whose.
    Blank,
    Foreign,
}

impl Earlier {
    /// The pieces noted as stored.
    pub(super) fn stored(&self) -> impl Iterator<Item = u32> {
        let stored = (0..).zip(&self.stored);
        stored
            .filter(|(_, stored)| **stored)
            .map(|(piece, _)| piece)
    }
}

impl Journal {
    pub(super) fn new(file: File, shape: &Shape) -> Self {
        Self {
            file,
            header: header(shape),
            items: shape.listing.items().len(),
            pieces: shape.manifest.pieces() as usize,
            tops: shape.tops().len(),
        }
    }

    /// Reads what is there.
    pub(super) fn read(&self, shape: &Shape) -> io::Result<Found> {
        let mut bytes = Vec::new();
        (&self.file)
            .take(self.len() as u64)
            .read_to_end(&mut bytes)?;
        let known = bytes.len().min(HEADER_BYTES);
        if bytes[..known] != self.header[..known] {
            return Ok(Found::Foreign);
        }
        if known < HEADER_BYTES {
            return Ok(Found::Blank);
        }
        // What was never written, or was cut off, was never noted.
        bytes.resize(self.len(), 0);
        Ok(Found::Earlier(self.decode(&bytes, shape)))
    }

    fn decode(&self, bytes: &[u8], shape: &Shape) -> Earlier {
        let flags = |from: usize, count| bytes[from..from + count].iter().map(|flag| *flag == 1);
        let numbers = bytes[self.numbers_at()..self.hashes_at()].chunks_exact(NUMBER_BYTES);
        let hashes = bytes[self.hashes_at()..].chunks_exact(Hash::BYTES);
        let hash = |bytes: &[u8]| bytes.try_into().map_or(Hash::ZERO, Hash::from_bytes);
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_be_bytes);
        let hashes: Arc<[Hash]> = hashes.map(hash).collect();
        Earlier {
            phase: match bytes[HEADER_BYTES] {
                PLACING => Phase::Placing,
                _ => Phase::Receiving,
            },
            wanted: flags(WANTED_AT, self.items).collect(),
            stored: flags(self.stored_at(), self.pieces).collect(),
            numbers: numbers.map(number).collect(),
            hashes: shape.manifest.matches(&hashes).then_some(hashes),
        }
    }

    /// Begins anew: whose it is, and what is wanted.
    pub(super) fn begin(&self, wanted: &[bool]) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all_at(&self.header, 0)?;
        self.note_wanted(wanted)
    }

    pub(super) fn note_wanted(&self, wanted: &[bool]) -> io::Result<()> {
        let wanted: Vec<u8> = wanted.iter().copied().map(u8::from).collect();
        self.file.write_all_at(&wanted, WANTED_AT as u64)
    }

    pub(super) fn note_stored(&self, piece: u32, stored: bool) -> io::Result<()> {
        let at = self.stored_at() + piece as usize;
        self.file.write_all_at(&[stored.into()], at as u64)
    }

    pub(super) fn note_hashes(&self, hashes: &[Hash]) -> io::Result<()> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        self.file.write_all_at(&bytes, self.hashes_at() as u64)
    }

    /// From now on everything counts as stored, until it is noted otherwise.
    pub(super) fn note_phase(&self, phase: Phase) -> io::Result<()> {
        let phase = match phase {
            Phase::Receiving => 0,
            Phase::Placing => PLACING,
        };
        self.file.write_all_at(&[phase], HEADER_BYTES as u64)?;
        self.file.sync_data()
    }

    /// Notes under which number a name is tried.
    pub(super) fn note_number(&self, top: usize, number: u32) -> io::Result<()> {
        let at = self.numbers_at() + NUMBER_BYTES * top;
        self.file.write_all_at(&number.to_be_bytes(), at as u64)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    const fn stored_at(&self) -> usize {
        WANTED_AT + self.items
    }

    const fn numbers_at(&self) -> usize {
        self.stored_at() + self.pieces
    }

    const fn hashes_at(&self) -> usize {
        self.numbers_at() + NUMBER_BYTES * self.tops
    }

    const fn len(&self) -> usize {
        self.hashes_at() + Hash::BYTES * self.pieces
    }
}

fn header(shape: &Shape) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(b"snugpart");
    header[8..12].copy_from_slice(&VERSION.to_be_bytes());
    header[12..28].copy_from_slice(shape.transfer.as_bytes());
    header[28..36].copy_from_slice(&shape.manifest.size().to_be_bytes());
    header[36..].copy_from_slice(shape.manifest.root().as_bytes());
    header
}

/// Of this layout. Another one is another program's, and its folder is left alone.
const VERSION: u32 = 1;

const HEADER_BYTES: usize = 68;

const WANTED_AT: usize = HEADER_BYTES + 1;

const PLACING: u8 = 1;

const NUMBER_BYTES: usize = 4;
