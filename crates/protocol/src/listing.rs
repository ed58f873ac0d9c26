//! What an offer of several files consists of.

use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, FilePath,
    decode::{check_count, check_total, from_msgpack, list},
    encoder::to_msgpack_compact,
    limits::{LISTING_BYTES, LISTING_FOLDERS, LISTING_ITEMS, MAX_CLOCK, MAX_FILE_BYTES},
};

mod collisions;

/// The files and empty folders of an offer.
///
/// The files' bytes follow each other in this order and make one long file, which is what the
/// offer's [`Manifest`](crate::Manifest) is about. So a thousand small files share a piece. Paths
/// are safe, and no two of them are the same on any common file system, but for a folder that is
/// listed more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    items: Vec<Item>,
    /// Where each item begins, and where the last one ends.
    starts: Vec<u64>,
}

/// A file or an empty folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it goes.
    pub path: FilePath,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A folder. Those with something in them need no item of their own.
    Folder,
    /// A file of this many bytes.
    File {
        /// Bytes.
        size: u64,
        /// How it is on the sender's disk.
        attributes: Attributes,
    },
}

/// What a file is besides its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// When it was last changed: seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Whether its owner may run it.
    #[serde(default)]
    pub executable: bool,
}

impl Listing {
    /// Lists items in this order, none more and none less. Those that would be in each other's way
    /// get numbers: `readme (2)` next to `README`. Times that no wire carries are left out.
    ///
    /// # Errors
    /// [`InvalidListing`] when there are too many of them, or of folders, or too many bytes.
    pub fn new(items: Vec<Item>) -> Result<Self, InvalidListing> {
        if items.len() > LISTING_ITEMS {
            return Err(InvalidListing::TooMany(items.len()));
        }
        let mut items = collisions::resolve(items)?;
        let mut starts = vec![0];
        let mut end = 0_u64;
        for item in &mut items {
            item.forget_impossible_time();
            end = end.saturating_add(item.size());
            starts.push(end);
        }
        if end > MAX_FILE_BYTES {
            return Err(InvalidListing::TooLarge(end));
        }
        Ok(Self { items, starts })
    }

    /// The items, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// How many of the items are files.
    pub fn files(&self) -> usize {
        self.items.iter().filter(|item| item.is_file()).count()
    }

    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Which of all bytes are an item's.
    ///
    /// # Panics
    /// Past the last item.
    pub fn span(&self, item: usize) -> Range<u64> {
        self.starts[item]..self.starts[item + 1]
    }

    /// From the first to the last item that has bytes in this range. Between them may be some that
    /// have none at all.
    pub fn within(&self, bytes: Range<u64>) -> Range<usize> {
        // The item that begins last at or before the first byte; empty ones before it do not count.
        let first = self.starts.partition_point(|start| *start <= bytes.start) - 1;
        if bytes.is_empty() {
            return first..first;
        }
        // Nor do empty ones after the last byte.
        let end = bytes.end.min(self.size());
        let end = self.starts.partition_point(|start| *start < end);
        first..end.max(first)
    }

    /// Encodes the listing, as [`Offer::open_listing`](crate::Offer::open_listing) reads it.
    ///
    /// # Errors
    /// [`InvalidListing::TooLong`] past [`LISTING_BYTES`].
    pub fn encode(&self) -> Result<Bytes, InvalidListing> {
        let lines: Vec<Line> = self.items.iter().map(Line::from).collect();
        let bytes = to_msgpack_compact(&lines);
        if bytes.len() > LISTING_BYTES {
            return Err(InvalidListing::TooLong(bytes.len()));
        }
        Ok(bytes.into())
    }

    /// Decodes a listing, and makes its paths safe.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        check_total(bytes.len(), LISTING_BYTES)?;
        // Before they are read: a million empty files take five bytes each, and a hundred here.
        check_count("items", announced(bytes), LISTING_ITEMS)?;
        let Lines(lines) = from_msgpack(bytes)?;
        let items = lines.into_iter().map(Item::try_from);
        let items = items.collect::<Result<_, _>>()?;
        Self::new(items).map_err(|invalid| DecodeError::invalid("items", &invalid))
    }
}

impl Item {
    /// Bytes of a file; none of a folder.
    pub const fn size(&self) -> u64 {
        match self.kind {
            ItemKind::Folder => 0,
            ItemKind::File { size, .. } => size,
        }
    }

    /// Whether it is a file.
    pub const fn is_file(&self) -> bool {
        matches!(self.kind, ItemKind::File { .. })
    }

    fn forget_impossible_time(&mut self) {
        if let ItemKind::File { attributes, .. } = &mut self.kind
            && attributes.validate().is_err()
        {
            attributes.modified = None;
        }
    }
}

/// Why items cannot be offered together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidListing {
    /// More items than may be in one offer.
    #[error("{0} files and folders exceed the limit of {LISTING_ITEMS} for one offer")]
    TooMany(usize),
    /// More folders than may be in one offer, with those that no item is about.
    #[error("more than {LISTING_FOLDERS} folders, which is the limit for one offer")]
    TooManyFolders,
    /// More bytes than may be in one offer.
    #[error("{0} bytes exceed the limit of {MAX_FILE_BYTES} for one offer")]
    TooLarge(u64),
    /// Names that take too much room.
    #[error("the names take {0} bytes, which exceeds the limit of {LISTING_BYTES} for one offer")]
    TooLong(usize),
}

/// An item as it is encoded: path, size (none of a folder), time, executable. In an array, since a
/// hundred thousand times the names of the fields would be most of the listing.
#[derive(Serialize, Deserialize)]
struct Line(FilePath, Option<u64>, Option<i64>, bool);

#[derive(Deserialize)]
#[serde(transparent)]
struct Lines(#[serde(deserialize_with = "list")] Vec<Line>);

/// How many elements the array is said to have.
fn announced(msgpack: &[u8]) -> usize {
    match *msgpack {
        // fixarray, array 16, array 32
        [marker @ 0x90..=0x9f, ..] => usize::from(marker & 0x0f),
        [0xdc, a, b, ..] => usize::from(u16::from_be_bytes([a, b])),
        [0xdd, a, b, c, d, ..] => u32::from_be_bytes([a, b, c, d]) as usize,
        _ => 0,
    }
}

impl From<&Item> for Line {
    fn from(item: &Item) -> Self {
        let path = item.path.clone();
        match item.kind {
            ItemKind::Folder => Self(path, None, None, false),
            ItemKind::File { size, attributes } => {
                Self(path, Some(size), attributes.modified, attributes.executable)
            }
        }
    }
}

impl TryFrom<Line> for Item {
    type Error = DecodeError;

    fn try_from(Line(path, size, modified, executable): Line) -> Result<Self, DecodeError> {
        let Some(size) = size else {
            let kind = ItemKind::Folder;
            return Ok(Self { path, kind });
        };
        if size > MAX_FILE_BYTES {
            return Err(DecodeError::invalid("size", "larger than a file may be"));
        }
        let attributes = Attributes {
            modified,
            executable,
        };
        attributes.validate()?;
        let kind = ItemKind::File { size, attributes };
        Ok(Self { path, kind })
    }
}

impl Attributes {
    pub(crate) fn validate(&self) -> Result<(), DecodeError> {
        match self.modified {
            Some(time) if time.unsigned_abs() > MAX_CLOCK => {
                Err(DecodeError::invalid("modified", "exceeds 2^53-1"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, size: u64) -> Item {
        let attributes = Attributes::default();
        Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File { size, attributes },
        }
    }

    fn folder(path: &str) -> Item {
        let path = FilePath::sanitize(path);
        let kind = ItemKind::Folder;
        Item { path, kind }
    }

    #[test]
    fn bytes_follow_each_other() {
        let items = vec![file("a", 5), folder("d"), file("e", 0), file("f", 7)];
        let listing = Listing::new(items).unwrap();
        assert_eq!((listing.size(), listing.files()), (12, 3));
        assert_eq!((listing.span(0), listing.span(3)), (0..5, 5..12));
        assert_eq!(listing.within(0..5), 0..1);
        assert_eq!(listing.within(5..6), 3..4);
        assert_eq!(listing.within(4..6), 0..4);
    }

    #[test]
    fn a_listing_survives_the_wire() {
        let items = vec![file("a/b", 5), folder("a/c"), file("d.txt", 0)];
        let listing = Listing::new(items).unwrap();
        let decoded = Listing::decode(&listing.encode().unwrap());
        assert_eq!(decoded, Ok(listing));
    }

    #[test]
    fn sizes_do_not_overflow() {
        let huge = vec![file("a", MAX_FILE_BYTES), file("b", MAX_FILE_BYTES)];
        assert_eq!(
            Listing::new(huge),
            Err(InvalidListing::TooLarge(2 * MAX_FILE_BYTES))
        );
        let most = vec![file("a", u64::MAX), file("b", u64::MAX)];
        assert_eq!(Listing::new(most), Err(InvalidListing::TooLarge(u64::MAX)));
    }
}
