//! Files that simulated members offer.

use bytes::Bytes;
use snug_protocol::{
    Attributes, Content, FileName, FilePath, Hash, Item, ItemKind, Listing, ListingSummary,
    Manifest, Offer, PieceHasher, TransferId, limits::PIECE_BYTES,
};

use super::Network;
use crate::{Command, Source};

impl Network {
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
        self.note_original(transfer, &bytes);
        self.nodes[node].store.add_source(transfer, bytes);
        let source = Source {
            offer,
            listing,
            hashes: hashes.into(),
        };
        self.command(node, Command::Offer(source));
        transfer
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
