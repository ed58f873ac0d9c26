//! Hashing of what is to be offered, as one long run of bytes. It takes a while, so it belongs
//! into a worker; what it gives crosses to the page's engine packed.

use bytes::Bytes;
use snug_protocol::{
    Attributes, Content, ControlFrame, FileName, FilePath, Hash, Item, ItemKind, Listing,
    ListingSummary, Manifest, Offer, PieceHasher, Preview,
    limits::{MEDIA_TYPE_BYTES, PIECE_BYTES, PREVIEW_BYTES},
};
use snug_session::Source;
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

use crate::object::Object;

/// Files that are to be offered together.
#[derive(Debug, Clone, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Files {
    /// The files and empty folders, in the order in which they are going to be read.
    pub items: Vec<Listed>,
}

/// A file or an empty folder.
#[derive(Debug, Clone, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its name, behind those of the folders that it is in, with slashes.
    pub path: String,
    /// Bytes of a file; nothing of a folder.
    #[tsify(optional)]
    pub size: Option<u64>,
    /// When it was last changed: milliseconds since the Unix epoch.
    #[tsify(optional)]
    pub modified: Option<f64>,
}

/// How a single file looks, if it is a picture or a recording.
#[derive(Debug, Clone, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// Its media type; empty when unknown.
    pub media_type: String,
    /// Pixels across; 0 when unknown.
    pub width: u32,
    /// Pixels down; 0 when unknown.
    pub height: u32,
    /// Milliseconds, of what has a duration.
    #[tsify(optional)]
    pub duration_ms: Option<u64>,
    /// A small picture of it, as JPEG or PNG. One of more than 16 KiB is left out.
    #[tsify(optional, type = "Uint8Array")]
    pub thumbnail: Option<Vec<u8>>,
}

/// Hashes files that are to be offered.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Offering {
    name: FileName,
    listing: Listing,
    is_single: bool,
    hasher: PieceHasher,
    hashes: Vec<Hash>,
    /// Of the piece that is not complete.
    rest: Vec<u8>,
}

#[wasm_bindgen]
impl Offering {
    /// Lists files.
    ///
    /// # Errors
    /// When there are none, or too many, or too many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(files: &Ts<Files>) -> Result<Self, JsError> {
        crate::panics::tell_the_page();
        Ok(Self::list(&Files::read(&files.js_value()))?)
    }

    /// Takes the next bytes of the files, which follow each other.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            // Whole pieces are hashed where they are.
            if self.rest.is_empty() && bytes.len() >= PIECE_BYTES {
                let (piece, more) = bytes.split_at(PIECE_BYTES);
                self.hash(piece);
                bytes = more;
                continue;
            }
            let (some, more) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.rest.len()));
            self.rest.extend_from_slice(some);
            bytes = more;
            if self.rest.len() == PIECE_BYTES {
                self.hash_rest();
            }
        }
    }

    /// Packs what `Engine.offer` takes, once all bytes were taken.
    ///
    /// # Errors
    /// When there were more or fewer bytes than listed: the files have changed.
    pub fn finish(mut self, look: &Ts<Look>) -> Result<Vec<u8>, JsError> {
        self.hash_rest();
        let packed = self.pack(Look::read(&look.js_value()))?;
        Ok(packed.encode())
    }
}

/// Why files cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OfferingError {
    #[error("there is nothing to offer")]
    Nothing,
    #[error(transparent)]
    Listing(#[from] snug_protocol::InvalidListing),
    #[error(transparent)]
    TooLarge(snug_protocol::InvalidManifest),
    #[error("a file changed while it was read")]
    Changed,
    #[error("this is not what was hashed")]
    Packed,
}

impl Offering {
    fn list(files: &Files) -> Result<Self, OfferingError> {
        let paths = files
            .items
            .iter()
            .map(|item| FilePath::sanitize(&item.path));
        let paths: Vec<FilePath> = paths.collect();
        let name = name(&paths).ok_or(OfferingError::Nothing)?;
        let is_single = matches!(&*files.items, [only] if only.size.is_some())
            && paths[0].components().count() == 1;
        let items = paths.into_iter().zip(&files.items);
        let items = items.map(|(path, item)| Item {
            path,
            kind: item.kind(),
        });
        let listing = Listing::new(items.collect())?;
        let hasher = PieceHasher::new(listing.size()).map_err(OfferingError::TooLarge)?;
        Ok(Self {
            name,
            listing,
            is_single,
            hasher,
            hashes: Vec::new(),
            rest: Vec::new(),
        })
    }

    fn hash(&mut self, piece: &[u8]) {
        // Past the end of every file; `finish` finds that there are too many.
        let number = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        self.hashes.push(self.hasher.hash(number, piece));
    }

    fn hash_rest(&mut self) {
        if !self.rest.is_empty() {
            let piece = std::mem::take(&mut self.rest);
            self.hash(&piece);
        }
    }

    fn pack(self, look: Look) -> Result<Packed, OfferingError> {
        let size = self.listing.size();
        let manifest = Manifest::from_hashes(size, &self.hashes);
        let manifest = manifest.map_err(|_| OfferingError::Changed)?;
        let (content, listing) = self.content(&look)?;
        let offer = Offer {
            name: self.name,
            manifest,
            content,
            preview: look.preview().filter(|_| self.is_single),
        };
        let hashes = self.hashes.iter().flat_map(|hash| *hash.as_bytes());
        Ok(Packed {
            offer,
            listing,
            hashes: hashes.collect(),
        })
    }

    fn content(&self, look: &Look) -> Result<(Content, Bytes), OfferingError> {
        if self.is_single
            && let ItemKind::File { attributes, .. } = self.listing.items()[0].kind
        {
            let media_type = look.media_type();
            let content = Content::File {
                media_type,
                attributes,
            };
            return Ok((content, Bytes::new()));
        }
        let encoded = self.listing.encode()?;
        let fits = "a listing is within the limits";
        let summary = ListingSummary {
            files: u32::try_from(self.listing.files()).expect(fits),
            bytes: u32::try_from(encoded.len()).expect(fits),
            hash: Hash::of(&encoded),
        };
        Ok((Content::Listed(summary), encoded))
    }
}

/// What crosses from the worker to the engine: the lengths of the frame that announces the offer
/// and of the listing, four bytes each; these; and the hashes of the pieces.
#[derive(Debug)]
pub(crate) struct Packed {
    offer: Offer,
    listing: Bytes,
    hashes: Vec<u8>,
}

impl Packed {
    fn encode(self) -> Vec<u8> {
        let offer = ControlFrame::Offer(self.offer).encode();
        let length = |part: &[u8]| {
            let length = u32::try_from(part.len()).expect("frames and listings are bounded");
            length.to_be_bytes()
        };
        let lengths = [length(&offer), length(&self.listing)].concat();
        [&lengths, &*offer, &*self.listing, &*self.hashes].concat()
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Source, OfferingError> {
        Self::split(bytes).ok_or(OfferingError::Packed)
    }

    fn split(bytes: &[u8]) -> Option<Source> {
        let length = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes) as usize;
        let (offer, rest) = bytes.split_first_chunk()?;
        let (listing, rest) = rest.split_first_chunk()?;
        let (offer, rest) = rest.split_at_checked(length(offer))?;
        let (listing, hashes) = rest.split_at_checked(length(listing))?;
        let (hashes, []) = hashes.as_chunks() else {
            return None;
        };
        let ControlFrame::Offer(offer) = ControlFrame::decode(offer).ok()? else {
            return None;
        };
        Some(Source {
            offer,
            listing: Bytes::copy_from_slice(listing),
            hashes: hashes.iter().copied().map(Hash::from_bytes).collect(),
        })
    }
}

impl Files {
    fn read(files: &impl Object) -> Self {
        let items = files.field("items").and_then(|items| items.elements());
        let items = items.unwrap_or_default();
        Self {
            items: items.iter().map(Listed::read).collect(),
        }
    }
}

impl Listed {
    fn read(item: &impl Object) -> Self {
        Self {
            path: item.text("path").unwrap_or_default(),
            size: item.number("size"),
            modified: item.field("modified").and_then(|it| it.as_number()),
        }
    }

    fn kind(&self) -> ItemKind {
        let Some(size) = self.size else {
            return ItemKind::Folder;
        };
        let attributes = Attributes {
            modified: self.modified.map(seconds),
            executable: false,
        };
        ItemKind::File { size, attributes }
    }
}

impl Look {
    fn read(look: &impl Object) -> Self {
        Self {
            media_type: look.text("mediaType").unwrap_or_default(),
            width: look.number("width").unwrap_or_default(),
            height: look.number("height").unwrap_or_default(),
            duration_ms: look.number("durationMs"),
            thumbnail: look.field("thumbnail").and_then(|it| it.as_bytes()),
        }
    }

    fn media_type(&self) -> String {
        let printable = self
            .media_type
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~'));
        let fits = self.media_type.len() <= MEDIA_TYPE_BYTES;
        let media_type = if printable && fits {
            &*self.media_type
        } else {
            ""
        };
        media_type.to_owned()
    }

    fn preview(self) -> Option<Preview> {
        let thumbnail = self.thumbnail.filter(|it| it.len() <= PREVIEW_BYTES);
        let preview = Preview {
            width: self.width,
            height: self.height,
            duration: self.duration_ms,
            thumbnail,
        };
        (preview != Preview::default()).then_some(preview)
    }
}

/// What a person would call these files.
fn name(paths: &[FilePath]) -> Option<FileName> {
    let mut tops: Vec<&str> = paths
        .iter()
        .filter_map(|it| it.components().next())
        .collect();
    // Those of a folder follow each other.
    tops.dedup();
    let first = tops.first()?;
    Some(match tops.len() - 1 {
        0 => FileName::sanitize(first),
        more => FileName::sanitize(&format!("{first} and {more} more")),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is no time on any wire is left out of the listing"
)]
fn seconds(millis: f64) -> i64 {
    (millis / 1000.0).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, size: u64) -> Listed {
        Listed {
            path: path.into(),
            size: Some(size),
            modified: Some(1_700_000_000_500.0),
        }
    }

    fn offering(items: Vec<Listed>) -> Offering {
        Offering::list(&Files { items }).unwrap()
    }

    fn source(mut offering: Offering, bytes: &[u8], look: Look) -> Source {
        for chunk in bytes.chunks(700_000) {
            offering.update(chunk);
        }
        offering.hash_rest();
        let packed = offering.pack(look).unwrap();
        Packed::read(&packed.encode()).unwrap()
    }

    #[test]
    fn a_file_is_hashed_however_its_bytes_come() {
        let bytes = vec![7; 3 * PIECE_BYTES + 1];
        let source = source(
            offering(vec![file("film.mp4", bytes.len() as u64)]),
            &bytes,
            Look {
                media_type: "video/mp4".into(),
                width: 3,
                ..Look::default()
            },
        );
        let root = blake3_of(&bytes);
        assert_eq!(source.offer.manifest.root(), root);
        assert_eq!(source.hashes.len(), 4);
        assert_eq!(source.offer.media_type(), "video/mp4");
        assert_eq!(source.offer.preview.unwrap().width, 3);
    }

    fn blake3_of(bytes: &[u8]) -> Hash {
        Hash::of(bytes)
    }

    #[test]
    fn a_folder_has_a_listing_and_is_called_by_its_name() {
        let items = vec![
            file("holiday/../a", 2),
            file("holiday/b", 0),
            file("holiday/c", 1),
        ];
        let source = source(offering(items), b"abc", Look::default());
        let listing = source.offer.open_listing(&source.listing).unwrap();
        assert_eq!(source.offer.name.as_str(), "holiday");
        assert_eq!(listing.items()[0].path.as_str(), "holiday/a");
        assert_eq!(listing.files(), 3);
    }

    #[test]
    fn several_files_are_called_by_the_first() {
        let items = vec![file("a.txt", 0), file("b.txt", 0)];
        let source = source(offering(items), b"", Look::default());
        assert_eq!(source.offer.name.as_str(), "a.txt and 1 more");
    }

    #[test]
    fn a_file_that_changed_is_not_offered() {
        let mut offering = offering(vec![file("log", 10)]);
        offering.update(&vec![0; 2 * PIECE_BYTES]);
        let packed = offering.pack(Look::default());
        assert_eq!(packed.unwrap_err(), OfferingError::Changed);
        let nothing = Offering::list(&Files { items: Vec::new() });
        assert_eq!(nothing.unwrap_err(), OfferingError::Nothing);
    }
}
