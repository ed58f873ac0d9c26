//! Reading and hashing what is to be offered, as one long file.

use std::{
    fs::File,
    os::unix::fs::{FileExt, MetadataExt},
    sync::{Arc, mpsc},
    thread,
};

use snug_protocol::{Attributes, Hash, Manifest, PieceHasher, limits::PIECE_BYTES};

use super::{
    source::{SourceError, Stamp},
    walk::{Entry, EntryKind, Origin},
};

/// How far the hashing of what is to be offered has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// Bytes that are hashed.
    pub bytes: u64,
    /// Bytes of all files.
    pub total: u64,
}

/// What hashing gives.
#[derive(Debug)]
pub(super) struct Hashed {
    pub(super) manifest: Manifest,
    pub(super) hashes: Arc<[Hash]>,
    /// Of each file, in their order; nothing for a folder.
    pub(super) files: Vec<Option<(Stamp, Attributes)>>,
}

/// Reads on one thread and hashes on another, so that a disk and a processor are both busy.
pub(super) fn hash(
    entries: &[Entry],
    progress: &mut dyn FnMut(Hashing),
    abandoned: &dyn Fn() -> bool,
) -> Result<Hashed, SourceError> {
    let sizes = entries.iter().map(Entry::size);
    let total = sizes.fold(0_u64, u64::saturating_add);
    let hasher = PieceHasher::new(total).map_err(|_| SourceError::TooLarge { size: total })?;
    let (full, to_hash) = mpsc::sync_channel::<Vec<u8>>(BUFFERS);
    let (empty, to_fill) = mpsc::channel();
    for _ in 0..BUFFERS {
        _ = empty.send(Vec::with_capacity(PIECE_BYTES));
    }
    progress(Hashing { bytes: 0, total });
    let (files, hashes) = thread::scope(|scope| {
        let hashing = thread::Builder::new().spawn_scoped(scope, move || {
            let mut hashes = Vec::new();
            for (buffer, piece) in to_hash.iter().zip(0..) {
                hashes.push(hasher.hash(piece, &buffer));
                _ = empty.send(buffer);
            }
            hashes
        });
        let hashing = hashing.map_err(SourceError::Read)?;
        let mut reader = Reader {
            buffer: Vec::with_capacity(PIECE_BYTES),
            bytes: 0,
            total,
            full,
            to_fill,
            progress,
            abandoned,
        };
        let files = entries.iter().map(|entry| reader.read(entry));
        let files = files.collect::<Result<Vec<_>, _>>();
        reader.end();
        let hashes = hashing.join().map_err(|_| SourceError::Closed);
        Ok::<_, SourceError>((files?, hashes?))
    })?;
    let manifest = Manifest::from_hashes(total, &hashes)?;
    Ok(Hashed {
        manifest,
        hashes: hashes.into(),
        files,
    })
}

struct Reader<'a> {
    /// What has been read of a piece.
    buffer: Vec<u8>,
    bytes: u64,
    total: u64,
    full: mpsc::SyncSender<Vec<u8>>,
    to_fill: mpsc::Receiver<Vec<u8>>,
    progress: &'a mut dyn FnMut(Hashing),
    abandoned: &'a dyn Fn() -> bool,
}

impl Reader<'_> {
    fn read(&mut self, entry: &Entry) -> Result<Option<(Stamp, Attributes)>, SourceError> {
        let EntryKind::File { size, origin } = &entry.kind else {
            return Ok(None);
        };
        let file = origin.open()?;
        let before = Stamp::of(&file).map_err(SourceError::Read)?;
        if before.size() != *size {
            return Err(changed(origin));
        }
        self.read_all(&file, *size, origin)?;
        if Stamp::of(&file).map_err(SourceError::Read)? != before {
            return Err(changed(origin));
        }
        let attributes = attributes(&file).map_err(SourceError::Read)?;
        Ok(Some((before, attributes)))
    }

    fn read_all(&mut self, file: &File, size: u64, origin: &Origin) -> Result<(), SourceError> {
        let mut at = 0;
        while at < size {
            let start = self.buffer.len();
            let room = PIECE_BYTES - start;
            let len = usize::try_from(size - at).map_or(room, |left| left.min(room));
            self.buffer.resize(start + len, 0);
            file.read_exact_at(&mut self.buffer[start..], at)
                .map_err(|error| SourceError::read(&origin.path(), error))?;
            at += len as u64;
            self.bytes += len as u64;
            if self.buffer.len() == PIECE_BYTES {
                self.pass_on();
                if (self.abandoned)() {
                    return Err(SourceError::Closed);
                }
            }
        }
        Ok(())
    }

    /// Gives the piece away to be hashed.
    fn pass_on(&mut self) {
        let mut next = self.to_fill.recv().unwrap_or_default();
        next.clear();
        let buffer = std::mem::replace(&mut self.buffer, next);
        // The other end stays as long as this one.
        _ = self.full.send(buffer);
        let (bytes, total) = (self.bytes, self.total);
        (self.progress)(Hashing { bytes, total });
    }

    /// Gives the last piece away, and says that it is the last.
    fn end(mut self) {
        if !self.buffer.is_empty() {
            self.pass_on();
        }
    }
}

impl Entry {
    pub(super) const fn size(&self) -> u64 {
        match self.kind {
            EntryKind::Folder => 0,
            EntryKind::File { size, .. } => size,
        }
    }
}

fn changed(origin: &Origin) -> SourceError {
    SourceError::Changed {
        path: origin.path(),
    }
}

fn attributes(file: &File) -> std::io::Result<Attributes> {
    let metadata = file.metadata()?;
    Ok(Attributes {
        modified: Some(metadata.mtime()),
        executable: metadata.mode() & 0o100 != 0,
    })
}

/// Pieces that are read and not hashed yet.
const BUFFERS: usize = 4;
