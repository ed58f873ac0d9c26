//! Files, and what happens to their bytes on the way.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use rand::RngExt as _;
use snug_protocol::{
    Attributes, BulkFrame, Content, FileName, FilePath, Hash, Item, ItemKind, Listing,
    ListingSummary, Manifest, Offer, PieceHasher, TransferId, limits::PIECE_BYTES,
};

use super::Network;
use crate::{Command, Source, Time};

/// What happens to bulk frames.
#[derive(Debug)]
pub(super) struct Traffic {
    /// Bytes a second that each member can send, and some of them in particular.
    uplink: Option<u64>,
    uplinks: BTreeMap<usize, u64>,
    /// When each member's uplink is free.
    free: BTreeMap<usize, Time>,
    duplication: f64,
    corruption: f64,
    pub(super) shares: bool,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            uplink: None,
            uplinks: BTreeMap::new(),
            free: BTreeMap::new(),
            duplication: 0.0,
            corruption: 0.0,
            shares: true,
        }
    }
}

impl Network {
    /// Bounds what each member can send on `bulk`, in bytes a second.
    pub fn set_uplink(&mut self, bytes_a_second: u64) {
        self.traffic.uplink = Some(bytes_a_second);
    }

    /// Bounds what one member can send on `bulk`, in bytes a second.
    pub fn set_uplink_of(&mut self, node: usize, bytes_a_second: u64) {
        self.traffic.uplinks.insert(node, bytes_a_second);
    }

    /// Delivers some bulk frames twice.
    pub fn set_duplication(&mut self, share: f64) {
        self.traffic.duplication = share;
    }

    /// Changes a bit of some bulk frames.
    pub fn set_corruption(&mut self, share: f64) {
        self.traffic.corruption = share;
    }

    /// Whether those who come from now on pass on what they receive.
    pub fn set_shares(&mut self, shares: bool) {
        self.traffic.shares = shares;
    }

    /// A member offers a file.
    pub fn offer(&mut self, node: usize, name: &str, bytes: Vec<u8>) -> TransferId {
        let (manifest, hashes) = hash(&bytes);
        let offer = Offer::of_file(FileName::sanitize(name), manifest);
        self.offer_source(node, offer, Bytes::new(), hashes, bytes)
    }

    /// A member offers several files and, for those without bytes, empty folders.
    ///
    /// # Panics
    /// When they are more than fit one offer.
    pub fn offer_all(
        &mut self,
        node: usize,
        name: &str,
        files: &[(&str, Option<Vec<u8>>)],
    ) -> TransferId {
        let items = files.iter().map(|(path, bytes)| Item {
            path: FilePath::sanitize(path),
            kind: bytes
                .as_ref()
                .map_or(ItemKind::Folder, |bytes| ItemKind::File {
                    size: bytes.len() as u64,
                    attributes: Attributes::default(),
                }),
        });
        let listing = Listing::new(items.collect()).expect("a few files");
        let encoded = listing.encode().expect("short names");
        let bytes: Vec<u8> = files
            .iter()
            .flat_map(|(_, bytes)| bytes.clone().unwrap_or_default())
            .collect();
        let (manifest, hashes) = hash(&bytes);
        let summary = ListingSummary {
            files: u32::try_from(listing.files()).expect("a few files"),
            bytes: u32::try_from(encoded.len()).expect("short names"),
            hash: Hash::of(&encoded),
        };
        let offer = Offer {
            content: Content::Listed(summary),
            ..Offer::of_file(FileName::sanitize(name), manifest)
        };
        self.offer_source(node, offer, encoded, hashes, bytes)
    }

    /// Somebody who was killed or left comes again, as a new member with the same disk.
    pub fn come_back(&mut self, node: usize) -> usize {
        let disk = self.nodes[node].store.take_disk();
        let again = self.join();
        self.nodes[again].store.set_disk(disk);
        again
    }

    fn offer_source(
        &mut self,
        node: usize,
        offer: Offer,
        listing: Bytes,
        hashes: Vec<Hash>,
        bytes: Vec<u8>,
    ) -> TransferId {
        let transfer = offer.transfer();
        self.nodes[node].store.add_source(transfer, bytes);
        let source = Source {
            offer,
            listing,
            hashes: hashes.into(),
        };
        self.command(node, Command::Offer(source));
        transfer
    }

    /// When a bulk frame that is sent now has left its sender.
    pub(super) fn departure(&mut self, node: usize, frame: &Bytes) -> Time {
        let own = self.traffic.uplinks.get(&node).copied();
        let Some(rate) = own.or(self.traffic.uplink) else {
            return self.now;
        };
        let free = self.traffic.free.entry(node).or_default();
        let nanos = frame.len() as u64 * 1_000_000_000 / rate;
        *free = (*free).max(self.now) + std::time::Duration::from_nanos(nanos);
        *free
    }

    /// How often a frame arrives.
    pub(super) fn copies(&mut self) -> usize {
        1 + usize::from(self.rng.random_bool(self.traffic.duplication))
    }

    /// A frame as it arrives.
    pub(super) fn weather(&mut self, frame: Bytes) -> Bytes {
        if frame.len() <= BulkFrame::HEADER_BYTES || !self.rng.random_bool(self.traffic.corruption)
        {
            return frame;
        }
        let at = self.rng.random_range(BulkFrame::HEADER_BYTES..frame.len());
        let mut frame = BytesMut::from(frame);
        frame[at] ^= 1;
        frame.freeze()
    }
}

fn hash(bytes: &[u8]) -> (Manifest, Vec<Hash>) {
    let size = bytes.len() as u64;
    let hasher = PieceHasher::new(size).expect("a small file");
    let pieces = bytes.chunks(PIECE_BYTES).zip(0..);
    let hashes: Vec<Hash> = pieces
        .map(|(bytes, piece)| hasher.hash(piece, bytes))
        .collect();
    let manifest = Manifest::from_hashes(size, &hashes).expect("hashes of this file");
    (manifest, hashes)
}
