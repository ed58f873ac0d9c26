//! Files to be read, piece by piece, as long as they stay as they were.

use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use snug_protocol::{
    Content, Hash, InvalidListing, InvalidManifest, Item, ItemKind, Listing, ListingSummary,
    Manifest, Offer, Preview, limits::MAX_FILE_BYTES,
};
use snug_session as session;

use super::{
    descriptors::{Access, Descriptors},
    hashing::{self, Hashed, Hashing},
    media_type::media_type,
    pool::Pool,
    shape,
    sink::explain,
    walk::{self, EntryKind, Found, Origin},
};
use crate::preview::preview;

/// Files on offer. A single one is held open: it can be renamed or deleted and is still read.
#[derive(Debug)]
pub struct Source {
    files: Vec<Option<(Origin, Stamp)>>,
    listing: Arc<Listing>,
    manifest: Manifest,
    hashes: Arc<[Hash]>,
    open: Descriptors,
    left_out: u64,
}

/// What changes when somebody writes to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: (i64, i64),
    /// Also when it is renamed, linked or made read-only, and even when `modified` is set back.
    changed: (i64, i64),
}

impl Source {
    /// Opens and hashes a file, a folder, or several of them. `progress` hears how far it is, and
    /// `abandoned` is asked now and then.
    ///
    /// # Errors
    /// [`SourceError`] for what cannot be read, does not hold still, or is too much.
    pub fn hash(
        paths: &[PathBuf],
        mut progress: impl FnMut(Hashing),
        abandoned: impl Fn() -> bool,
    ) -> Result<(session::Source, Self), SourceError> {
        let found = walk::walk(paths, &abandoned)?;
        let hashed = hashing::hash(&found.entries, &mut progress, &abandoned)?;
        let (offer, listing, encoded) = offer(&found, &hashed)?;
        let source = Self {
            listing: Arc::new(listing),
            manifest: hashed.manifest,
            hashes: hashed.hashes.clone(),
            open: Descriptors::default(),
            left_out: found.left_out,
            files: located(found, hashed.files),
        };
        let offered = session::Source {
            offer,
            listing: encoded,
            hashes: hashed.hashes,
        };
        Ok((offered, source))
    }

    /// Links, pipes, sockets and devices in the folders, which are not offered.
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(super) const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads a piece.
    pub(super) fn read(&self, piece: u32, pool: &Pool) -> Result<Bytes, SourceError> {
        let expected = self.hashes.get(piece as usize).ok_or(SourceError::Closed)?;
        let mut buffer = pool.take();
        buffer.truncate(self.manifest.piece_len(piece));
        let mut is_touched = false;
        for span in shape::spans(&self.listing, shape::piece(&self.manifest, piece)) {
            let Some((origin, hashed)) = &self.files[span.item] else {
                continue;
            };
            let file = self.file(span.item, origin)?;
            let read = file.read_exact_at(&mut buffer[span.bytes], span.at);
            read.map_err(|error| SourceError::read(&origin.path(), error))?;
            // After reading: what is written from now on is not in the buffer.
            let now = Stamp::of(&file).map_err(SourceError::Read)?;
            if (now.size, now.modified) != (hashed.size, hashed.modified) {
                return Err(self.changed(span.item));
            }
            is_touched |= now.changed != hashed.changed;
        }
        if is_touched && !self.manifest.verify_piece(piece, expected, &buffer) {
            let first = shape::items(&self.listing, shape::piece(&self.manifest, piece)).next();
            return Err(self.changed(first.unwrap_or_default()));
        }
        Ok(Bytes::from_owner(buffer))
    }

    fn file(&self, item: usize, origin: &Origin) -> Result<Arc<File>, SourceError> {
        if let Some(file) = self.open.find(item, Access::Read) {
            return Ok(file);
        }
        let file = origin.open()?;
        self.open.add(item, Access::Read, file.clone());
        Ok(file)
    }

    fn changed(&self, item: usize) -> SourceError {
        let path = &self.listing.items()[item].path;
        let path = path.as_str().into();
        SourceError::Changed { path }
    }
}

impl Stamp {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }
}

/// Why something cannot be offered, or not be read any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Nothing was named.
    #[error("there is nothing to offer")]
    Nothing,
    /// Missing, or not to be read by this person.
    #[error("cannot open {}: {}", path.display(), explain(error))]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A pipe or a device.
    #[error("{} is {what}, not a file", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Folders within folders without an end in sight.
    #[error("{} is too deep within folders", path.display())]
    TooDeep {
        /// Which.
        path: PathBuf,
    },
    /// More files than may be in one offer.
    #[error("{}; pack them into one file", InvalidListing::TooMany(snug_protocol::limits::LISTING_ITEMS + 1))]
    TooMany,
    /// Not to be offered in one.
    #[error("{0}; pack them into one file")]
    Listing(#[from] InvalidListing),
    /// More bytes than may be in one offer.
    #[error("{size} bytes exceed the limit of {MAX_FILE_BYTES} for one offer")]
    TooLarge {
        /// Bytes of all files.
        size: u64,
    },
    /// Somebody writes to it.
    #[error("{} changed while it was being sent", path.display())]
    Changed {
        /// Which.
        path: PathBuf,
    },
    /// The disk failed.
    #[error("cannot read: {}", explain(.0))]
    Read(io::Error),
    /// Nobody wants it any more.
    #[error("it is not on offer any more")]
    Closed,
}

impl SourceError {
    pub(super) fn open(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        Self::Open { path, error }
    }

    /// A file that ends early was cut.
    pub(super) fn read(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Changed { path },
            _ => Self::Read(error),
        }
    }
}

impl From<InvalidManifest> for SourceError {
    fn from(invalid: InvalidManifest) -> Self {
        match invalid {
            InvalidManifest::TooLarge { size } => Self::TooLarge { size },
            _ => Self::Closed,
        }
    }
}

/// What the others are told, and the listing as it is sent to them.
fn offer(found: &Found, hashed: &Hashed) -> Result<(Offer, Listing, Bytes), SourceError> {
    let name = found.name.clone();
    let listing = Listing::new(items(found, hashed))?;
    let single = hashed.files.first().filter(|_| found.is_single);
    let (content, encoded) = if let Some(Some((_, attributes))) = single {
        let content = Content::File {
            media_type: media_type(name.as_str()).to_owned(),
            attributes: *attributes,
        };
        (content, Bytes::new())
    } else {
        let encoded = listing.encode()?;
        (Content::Listed(summary(&listing, &encoded)), encoded)
    };
    let offer = Offer {
        name,
        manifest: hashed.manifest,
        content,
        preview: look(found),
    };
    Ok((offer, listing, encoded))
}

/// How it looks, if it is a picture or a recording.
fn look(found: &Found) -> Option<Preview> {
    let [entry] = &*found.entries else {
        return None;
    };
    match &entry.kind {
        EntryKind::File {
            size,
            origin: Origin::Open(file),
        } => preview(&**file, *size, media_type(found.name.as_str())),
        EntryKind::File { .. } | EntryKind::Folder => None,
    }
}

fn summary(listing: &Listing, encoded: &[u8]) -> ListingSummary {
    let fits = "a listing is within the limits";
    ListingSummary {
        files: u32::try_from(listing.files()).expect(fits),
        bytes: u32::try_from(encoded.len()).expect(fits),
        hash: Hash::of(encoded),
    }
}

fn items(found: &Found, hashed: &Hashed) -> Vec<Item> {
    let entries = found.entries.iter().zip(&hashed.files);
    let items = entries.map(|(entry, file)| Item {
        path: entry.path.clone(),
        kind: match file {
            None => ItemKind::Folder,
            Some((stamp, attributes)) => ItemKind::File {
                size: stamp.size,
                attributes: *attributes,
            },
        },
    });
    items.collect()
}

/// Where each file is, and how it was.
fn located(
    found: Found,
    files: Vec<Option<(Stamp, snug_protocol::Attributes)>>,
) -> Vec<Option<(Origin, Stamp)>> {
    let entries = found.entries.into_iter().zip(files);
    let located = entries.map(|(entry, file)| match (entry.kind, file) {
        (EntryKind::File { origin, .. }, Some((stamp, _))) => Some((origin, stamp)),
        _ => None,
    });
    located.collect()
}
