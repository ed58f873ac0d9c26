//! What the tests send and receive.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use snug_peer::{
    Destination,
    store::{Memory, Store},
};
use snug_protocol::{
    Attributes, Content, FileName, FilePath, Hash, Item, ItemKind, Listing, ListingSummary,
    Manifest, Offer, PieceHasher, TransferId, limits::PIECE_BYTES,
};
use snug_session::{LinkId, Selection, StoreInput, StoreOutput};
use tempfile::TempDir;

pub(crate) const LINK: LinkId = LinkId(7);

/// Something that somebody sends.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) offer: Offer,
    pub(crate) listing: Arc<Listing>,
    pub(crate) hashes: Arc<[Hash]>,
    pub(crate) bytes: Bytes,
    pub(crate) selection: Selection,
}

impl Sample {
    /// One file.
    pub(crate) fn new(name: &str, size: usize) -> Self {
        let bytes = noise(size);
        let (manifest, hashes) = hash(&bytes);
        let offer = Offer::of_file(FileName::sanitize(name), manifest);
        Self {
            listing: Arc::new(offer.own_listing().unwrap()),
            hashes,
            offer,
            bytes: bytes.into(),
            selection: Selection::All,
        }
    }

    /// Files of these sizes, and folders, whose names end with a slash.
    pub(crate) fn listed(name: &str, items: &[(&str, usize)]) -> Self {
        let items = items.iter().map(|(path, size)| Item {
            path: FilePath::sanitize(path),
            kind: if path.ends_with('/') {
                ItemKind::Folder
            } else {
                ItemKind::File {
                    size: *size as u64,
                    attributes: Attributes::default(),
                }
            },
        });
        Self::of_items(name, items.collect())
    }

    pub(crate) fn of_items(name: &str, items: Vec<Item>) -> Self {
        let listing = Listing::new(items).unwrap();
        let bytes = noise(usize::try_from(listing.size()).unwrap());
        let (manifest, hashes) = hash(&bytes);
        let encoded = listing.encode().unwrap();
        let offer = Offer {
            name: FileName::sanitize(name),
            manifest,
            content: Content::Listed(ListingSummary {
                files: u32::try_from(listing.files()).unwrap(),
                bytes: u32::try_from(encoded.len()).unwrap(),
                hash: Hash::of(&encoded),
            }),
            preview: None,
        };
        Self {
            offer,
            listing: Arc::new(listing),
            hashes,
            bytes: bytes.into(),
            selection: Selection::All,
        }
    }

    /// The same, of which only some items are wanted.
    pub(crate) fn only(&self, items: &[usize]) -> Self {
        let mut sample = self.clone();
        sample.selection = Selection::Items(items.iter().copied().collect());
        sample
    }

    pub(crate) fn transfer(&self) -> TransferId {
        self.offer.transfer()
    }

    pub(crate) fn pieces(&self) -> u32 {
        self.offer.manifest.pieces()
    }

    /// The bytes of an item.
    pub(crate) fn item(&self, item: usize) -> &[u8] {
        let span = self.listing.span(item);
        &self.bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()]
    }

    pub(crate) fn piece(&self, piece: u32) -> Bytes {
        let start = piece as usize * PIECE_BYTES;
        self.bytes
            .slice(start..self.bytes.len().min(start + PIECE_BYTES))
    }

    /// The folder in which it grows.
    pub(crate) fn part(&self) -> String {
        let id = self.transfer().to_string();
        format!("{}.{}.part", self.offer.name, &id[..8])
    }

    /// The pieces that have something of what is wanted.
    pub(crate) fn needed(&self) -> Vec<u32> {
        let is_needed = |piece: &u32| {
            let start = u64::from(*piece) * PIECE_BYTES as u64;
            let end = start + self.piece(*piece).len() as u64;
            let mut items = self.listing.within(start..end);
            items.any(|item| self.selection.contains(item) && self.listing.items()[item].size() > 0)
        };
        (0..self.pieces()).filter(is_needed).collect()
    }

    /// Receives it, as a session would; where it went, or why it did not.
    pub(crate) async fn receive(&self, store: &mut Store) -> Result<Option<String>, String> {
        let have = self.open(store).await?;
        let mut missing = self.needed();
        missing.retain(|piece| !have.contains(piece));
        missing.reverse();
        self.fill(store, &missing).await;
        self.finish(store).await
    }

    /// Opens it; the pieces that are there.
    pub(crate) async fn open(&self, store: &mut Store) -> Result<Vec<u32>, String> {
        store.execute(StoreOutput::OpenSink {
            transfer: self.transfer(),
            offer: self.offer.clone(),
            listing: self.listing.clone(),
            selection: self.selection.clone(),
        });
        loop {
            match store.next().await {
                StoreInput::SinkChecking { .. } => {}
                StoreInput::SinkOpened { have, hashes, .. } => {
                    let manifest = self.offer.manifest;
                    assert!(hashes.is_none_or(|hashes| manifest.matches(&hashes)));
                    break Ok(have);
                }
                StoreInput::SinkFailed { reason, .. } => break Err(reason),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Opens it and keeps the hashes; the pieces that are there.
    pub(crate) async fn open_with_hashes(&self, store: &mut Store) -> Vec<u32> {
        let have = self.open(store).await.unwrap();
        store.execute(StoreOutput::KeepHashes {
            transfer: self.transfer(),
            hashes: self.hashes.clone(),
        });
        have
    }

    /// Stores these pieces.
    pub(crate) async fn fill(&self, store: &mut Store, pieces: &[u32]) {
        let transfer = self.transfer();
        for &piece in pieces {
            self.write(store, piece, &self.piece(piece));
            self.finish_piece(store, piece);
            let stored = StoreInput::PieceStored { transfer, piece };
            assert_eq!(store.next().await, stored);
        }
    }

    pub(crate) async fn finish(&self, store: &mut Store) -> Result<Option<String>, String> {
        store.execute(StoreOutput::FinishSink {
            transfer: self.transfer(),
        });
        match store.next().await {
            StoreInput::SinkFinished { place, .. } => Ok(place),
            StoreInput::SinkFailed { reason, .. } => Err(reason),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn write(&self, store: &mut Store, piece: u32, bytes: &Bytes) {
        let transfer = self.transfer();
        for offset in (0..bytes.len().max(1)).step_by(32 * 1024) {
            let block = bytes.slice(offset..bytes.len().min(offset + 32 * 1024));
            store.execute(StoreOutput::WriteBlock {
                transfer,
                piece,
                offset: u32::try_from(offset).unwrap(),
                bytes: block,
            });
        }
    }

    pub(crate) fn finish_piece(&self, store: &mut Store, piece: u32) {
        store.execute(StoreOutput::FinishPiece {
            transfer: self.transfer(),
            piece,
            expected: self.hashes[piece as usize],
        });
    }

    pub(crate) fn suspend(&self, store: &mut Store) {
        let transfer = self.transfer();
        store.execute(StoreOutput::SuspendSink { transfer });
    }

    pub(crate) fn discard(&self, store: &mut Store) {
        let transfer = self.transfer();
        store.execute(StoreOutput::DiscardSink { transfer });
    }

    /// Reads a piece for another member.
    pub(crate) async fn serve(&self, store: &mut Store, piece: u32) -> Result<Bytes, String> {
        let transfer = self.transfer();
        store.execute(StoreOutput::ReadPiece {
            transfer,
            piece,
            link: LINK,
        });
        match store.next().await {
            StoreInput::PieceRead { bytes, .. } => Ok(bytes),
            StoreInput::SourceFailed { reason, .. } => Err(reason),
            other => panic!("{other:?}"),
        }
    }

    /// Says what of it is in a folder, byte for byte, and nothing else.
    pub(crate) fn assert_is_in(&self, folder: &Path) {
        for (at, item) in self.listing.items().iter().enumerate() {
            let path = folder.join(item.path.as_str());
            if !self.selection.contains(at) {
                // A folder may hold something else that is.
                let is_there = item.is_file() && path.exists();
                assert!(!is_there, "{} was not wanted", path.display());
            } else if item.is_file() {
                assert!(
                    fs::read(&path).unwrap() == self.item(at),
                    "{}",
                    path.display()
                );
            } else {
                assert!(path.is_dir(), "{}", path.display());
            }
        }
    }
}

pub(crate) fn hash(bytes: &[u8]) -> (Manifest, Arc<[Hash]>) {
    let hasher = PieceHasher::new(bytes.len() as u64).unwrap();
    let pieces = bytes.chunks(PIECE_BYTES).zip(0..);
    let hashes: Arc<[Hash]> = pieces
        .map(|(bytes, piece)| hasher.hash(piece, bytes))
        .collect();
    let manifest = Manifest::from_hashes(bytes.len() as u64, &hashes).unwrap();
    (manifest, hashes)
}

pub(crate) fn store_into(folder: &TempDir, sample: &Sample) -> Store {
    store_at(folder.path(), sample)
}

pub(crate) fn store_at(folder: &Path, sample: &Sample) -> Store {
    let mut store = Store::new(Memory::new(0));
    let destination = Destination::Folder(folder.to_owned());
    store.set_destination(sample.transfer(), destination);
    store
}

/// What is in a folder, sorted.
pub(crate) fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The only thing in a folder.
pub(crate) fn only_entry(folder: &TempDir) -> PathBuf {
    let names = names(folder);
    assert_eq!(names.len(), 1, "{names:?}");
    folder.path().join(&names[0])
}

/// Bytes without a pattern that two places share.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = len as u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}
