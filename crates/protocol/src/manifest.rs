//! What a file is: its size and its BLAKE3 hash, which is a tree over 1 MiB pieces.
//!
//! BLAKE3 hashes a file as a binary tree. A piece is a whole subtree, so the hashes of the pieces
//! (chaining values) fold into the hash of the file, the very one that `b3sum` prints, and each
//! piece can be checked on its own as it arrives.

use std::fmt;

use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::limits::{MAX_FILE_BYTES, PIECE_BYTES};

/// 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Self::BYTES]);

/// A file's size and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Manifest {
    size: u64,
    root: Hash,
}

/// Hashes a file piece by piece, on the way to its [`Manifest`].
#[derive(Debug, Clone, Copy)]
pub struct PieceHasher {
    size: u64,
}

impl Hash {
    /// Bytes in a hash.
    pub const BYTES: usize = 32;
    /// Stands for "nothing before".
    pub const ZERO: Self = Self([0; Self::BYTES]);

    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Takes the bytes of a hash.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl Manifest {
    /// Folds the hashes of all pieces, in order, into a manifest.
    ///
    /// # Errors
    /// [`InvalidManifest`] when the size is past [`MAX_FILE_BYTES`] or the count does not fit it.
    pub fn from_hashes(size: u64, hashes: &[Hash]) -> Result<Self, InvalidManifest> {
        let root = match hashes {
            [] => Hash::of(&[]),
            // The only piece is the root itself.
            [only] => *only,
            many => fold_root(many),
        };
        let manifest = Self::new(size, root)?;
        if hashes.len() != manifest.pieces() as usize {
            return Err(InvalidManifest::PieceCount {
                expected: manifest.pieces(),
                found: hashes.len(),
            });
        }
        Ok(manifest)
    }

    /// Takes a manifest from someone who claims to have the file.
    ///
    /// # Errors
    /// [`InvalidManifest::TooLarge`] past [`MAX_FILE_BYTES`].
    pub fn new(size: u64, root: Hash) -> Result<Self, InvalidManifest> {
        if size > MAX_FILE_BYTES {
            return Err(InvalidManifest::TooLarge { size });
        }
        Ok(Self { size, root })
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The file's BLAKE3 hash.
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Pieces of the file; none when it is empty.
    pub const fn pieces(&self) -> u32 {
        piece_count(self.size)
    }

    /// Bytes of one piece: all are [`PIECE_BYTES`] long but the last.
    pub fn piece_len(&self, piece: u32) -> usize {
        let start = u64::from(piece) * PIECE_BYTES as u64;
        let rest = self.size.saturating_sub(start);
        usize::try_from(rest).map_or(PIECE_BYTES, |rest| rest.min(PIECE_BYTES))
    }

    /// Whether these are the hashes of this file's pieces.
    pub fn matches(&self, hashes: &[Hash]) -> bool {
        Self::from_hashes(self.size, hashes).is_ok_and(|folded| folded == *self)
    }

    /// Whether `bytes` are the piece whose hash is `expected`.
    pub fn verify_piece(&self, piece: u32, expected: &Hash, bytes: &[u8]) -> bool {
        piece < self.pieces()
            && bytes.len() == self.piece_len(piece)
            && PieceHasher { size: self.size }.hash(piece, bytes) == *expected
    }
}

impl PieceHasher {
    /// Prepares to hash the pieces of a file of `size` bytes.
    ///
    /// # Errors
    /// [`InvalidManifest::TooLarge`] past [`MAX_FILE_BYTES`].
    pub fn new(size: u64) -> Result<Self, InvalidManifest> {
        if size > MAX_FILE_BYTES {
            return Err(InvalidManifest::TooLarge { size });
        }
        Ok(Self { size })
    }

    /// Hashes one piece.
    ///
    /// # Panics
    /// When `bytes` are none, or more than [`PIECE_BYTES`].
    pub fn hash(&self, piece: u32, bytes: &[u8]) -> Hash {
        if piece_count(self.size) == 1 {
            return Hash::of(bytes);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(u64::from(piece) * PIECE_BYTES as u64);
        hasher.update(bytes);
        Hash(hasher.finalize_non_root())
    }
}

const fn piece_count(size: u64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no `Manifest` or `PieceHasher` has a size past MAX_FILE_BYTES"
    )]
    let pieces = size.div_ceil(PIECE_BYTES as u64) as u32;
    pieces
}

/// The root over two or more pieces.
fn fold_root(hashes: &[Hash]) -> Hash {
    let (left, right) = hashes.split_at(left_subtree(hashes.len()));
    let root = merge_subtrees_root(&fold(left), &fold(right), Mode::Hash);
    Hash(*root.as_bytes())
}

/// The chaining value over one or more pieces.
fn fold(hashes: &[Hash]) -> ChainingValue {
    match hashes {
        [only] => only.0,
        many => {
            let (left, right) = many.split_at(left_subtree(many.len()));
            merge_subtrees_non_root(&fold(left), &fold(right), Mode::Hash)
        }
    }
}

/// The left subtree is the largest power of two that leaves something for the right one (BLAKE3
/// paper §2.1).
fn left_subtree(pieces: usize) -> usize {
    pieces.next_power_of_two() / 2
}

/// Why a manifest cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidManifest {
    /// More bytes than a file may have.
    #[error("{size} bytes exceed the limit of {MAX_FILE_BYTES} for one file")]
    TooLarge {
        /// Bytes claimed.
        size: u64,
    },
    /// Too few or too many hashes for the size.
    #[error("{found} piece hashes where {expected} belong")]
    PieceCount {
        /// Pieces of a file of that size.
        expected: u32,
        /// Hashes given.
        found: usize,
    },
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4]
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hexadecimal where people read it, bytes between machines.
impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        serializer.serialize_bytes(&self.0)
    }
}

/// Only from bytes: no JSON that we read holds a hash.
impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_bytes::ByteArray::deserialize(deserializer).map(|bytes| Self(bytes.into_array()))
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Unchecked {
            size: u64,
            root: Hash,
        }
        let Unchecked { size, root } = Unchecked::deserialize(deserializer)?;
        Self::new(size, root).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(file: &[u8]) -> Vec<Hash> {
        let hasher = PieceHasher::new(file.len() as u64).unwrap();
        let pieces = file.chunks(PIECE_BYTES).zip(0..);
        pieces
            .map(|(bytes, piece)| hasher.hash(piece, bytes))
            .collect()
    }

    #[test]
    fn the_root_is_the_hash_of_the_file() {
        let mib = PIECE_BYTES;
        for len in [
            0,
            1,
            1024,
            mib - 1,
            mib,
            mib + 1,
            2 * mib,
            3 * mib + 5,
            7 * mib,
            8 * mib,
        ] {
            let file: Vec<u8> = (0..=250).cycle().take(len).collect();
            let manifest = Manifest::from_hashes(len as u64, &hashes(&file)).unwrap();
            assert_eq!(manifest.root(), Hash::of(&file), "{len} bytes");
            assert!(manifest.matches(&hashes(&file)));
        }
    }

    #[test]
    fn a_piece_is_known_by_its_place() {
        let file = vec![7; 3 * PIECE_BYTES];
        let hashes = hashes(&file);
        let manifest = Manifest::from_hashes(file.len() as u64, &hashes).unwrap();
        let piece = &file[..PIECE_BYTES];
        assert!(manifest.verify_piece(1, &hashes[1], piece));
        assert!(!manifest.verify_piece(2, &hashes[1], piece));
        assert!(!manifest.verify_piece(1, &hashes[1], &piece[1..]));
        let mut bad = piece.to_vec();
        bad[500_000] ^= 1;
        assert!(!manifest.verify_piece(1, &hashes[1], &bad));
    }

    #[test]
    fn sizes_are_bounded_and_counted() {
        assert!(Manifest::new(MAX_FILE_BYTES, Hash::ZERO).is_ok());
        for size in [MAX_FILE_BYTES + 1, 1 << 63, u64::MAX] {
            assert_eq!(
                Manifest::new(size, Hash::ZERO),
                Err(InvalidManifest::TooLarge { size })
            );
        }
        let wrong = Manifest::from_hashes(PIECE_BYTES as u64 + 1, &[Hash::ZERO]);
        assert_eq!(
            wrong,
            Err(InvalidManifest::PieceCount {
                expected: 2,
                found: 1
            })
        );
    }
}
