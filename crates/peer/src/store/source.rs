//! A file to be read, piece by piece, as long as it stays as it was.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use rustix::fs::OFlags;
use snug_protocol::{
    Attributes, Content, FileName, Hash, InvalidManifest, Manifest, Offer, PieceHasher,
    limits::{MAX_FILE_BYTES, PIECE_BYTES},
};
use snug_session as session;

use super::{media_type::media_type, pool::Pool, sink::explain};

/// A file on offer, held open: it can be renamed or deleted and is still read.
#[derive(Debug)]
pub struct Source {
    file: File,
    manifest: Manifest,
    hashes: Arc<[Hash]>,
    hashed: Stamp,
}

/// What changes when somebody writes to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: (i64, i64),
    /// Also when it is renamed, linked or made read-only, and even when `modified` is set back.
    changed: (i64, i64),
}

impl Source {
    /// Opens and hashes a file. `progress` hears how many bytes of how many are hashed, and
    /// `abandoned` is asked at every piece.
    ///
    /// # Errors
    /// [`SourceError`] for all but regular files that hold still.
    pub fn hash(
        path: &Path,
        mut progress: impl FnMut(u64, u64),
        abandoned: impl Fn() -> bool,
    ) -> Result<(session::Source, Self), SourceError> {
        let file = open(path)?;
        let before = Stamp::of(&file).map_err(SourceError::Read)?;
        let size = before.size;
        let hasher = PieceHasher::new(size).map_err(|_| SourceError::TooLarge { size })?;
        let mut hashes = Vec::new();
        let mut buffer = vec![0; PIECE_BYTES];
        let mut at = 0;
        progress(0, size);
        for piece in 0.. {
            let left = size - at;
            if left == 0 {
                break;
            }
            if abandoned() {
                return Err(SourceError::Closed);
            }
            let len = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let bytes = &mut buffer[..len];
            file.read_exact_at(bytes, at).map_err(read_failed)?;
            hashes.push(hasher.hash(piece, bytes));
            at += len as u64;
            progress(at, size);
        }
        if Stamp::of(&file).map_err(SourceError::Read)? != before {
            return Err(SourceError::Changed);
        }
        let hashes: Arc<[Hash]> = hashes.into();
        let manifest = Manifest::from_hashes(size, &hashes)?;
        let offer = offer(path, manifest);
        let source = Self {
            file,
            manifest,
            hashes: hashes.clone(),
            hashed: before,
        };
        let listing = Bytes::new();
        let offered = session::Source {
            offer,
            listing,
            hashes,
        };
        Ok((offered, source))
    }

    pub(super) const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads a piece.
    pub(super) fn read(&self, piece: u32, pool: &Pool) -> Result<Bytes, SourceError> {
        let expected = self.hashes.get(piece as usize).ok_or(SourceError::Closed)?;
        let mut buffer = pool.take();
        buffer.truncate(self.manifest.piece_len(piece));
        let offset = u64::from(piece) * PIECE_BYTES as u64;
        self.file
            .read_exact_at(&mut buffer, offset)
            .map_err(read_failed)?;
        // After reading: what is written from now on is not in the buffer.
        let now = Stamp::of(&self.file).map_err(SourceError::Read)?;
        if (now.size, now.modified) != (self.hashed.size, self.hashed.modified) {
            return Err(SourceError::Changed);
        }
        let touched = now.changed != self.hashed.changed;
        if touched && !self.manifest.verify_piece(piece, expected, &buffer) {
            return Err(SourceError::Changed);
        }
        Ok(Bytes::from_owner(buffer))
    }
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// Why a file cannot be offered, or not be read any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Missing, or not to be read by this person.
    #[error("cannot open {}: {}", path.display(), explain(error))]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A folder, a pipe or a device.
    #[error("{} is {what}, not a file", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// More than a file may have.
    #[error("{size} bytes exceed the limit of {MAX_FILE_BYTES} for one file")]
    TooLarge {
        /// Bytes of the file.
        size: u64,
    },
    /// Somebody writes to it.
    #[error("the file changed while it was being sent")]
    Changed,
    /// The disk failed.
    #[error("cannot read: {}", explain(.0))]
    Read(io::Error),
    /// Nobody wants it any more.
    #[error("the file is not on offer any more")]
    Closed,
}

impl From<InvalidManifest> for SourceError {
    fn from(invalid: InvalidManifest) -> Self {
        match invalid {
            InvalidManifest::TooLarge { size } => Self::TooLarge { size },
            _ => Self::Changed,
        }
    }
}

/// Opens a regular file, and nothing whose opening would wait or have an effect.
fn open(path: &Path) -> Result<File, SourceError> {
    let failed = |error| SourceError::Open {
        path: path.to_owned(),
        error,
    };
    check_regular(path, &path.metadata().map_err(failed)?)?;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).expect("flags of open(2) are an int");
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(failed)?;
    // It may have become something else in between.
    check_regular(path, &file.metadata().map_err(failed)?)?;
    Ok(file)
}

fn check_regular(path: &Path, metadata: &Metadata) -> Result<(), SourceError> {
    let kind = metadata.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(SourceError::NotAFile {
        path: path.to_owned(),
        what,
    })
}

fn offer(path: &Path, manifest: Manifest) -> Offer {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = FileName::sanitize(&name);
    Offer {
        content: Content::File {
            media_type: media_type(name.as_str()).to_owned(),
            attributes: Attributes::default(),
        },
        name,
        manifest,
        preview: None,
    }
}

/// A file that ends early was cut.
fn read_failed(error: io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => SourceError::Changed,
        _ => SourceError::Read(error),
    }
}
