//! What a member offers.

use snug_protocol::{ItemKind, Listing};

/// Items of an offer that are told: what a phone can show. `accept` knows the others too.
const ITEMS: usize = 10_000;

/// What a member offers. All of it is what that member says, but for the names, which are safe.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Offer {
    /// Names it from now on.
    pub transfer: String,
    /// Who.
    pub from: String,
    /// What it is called.
    pub name: String,
    /// Bytes of all files.
    pub size: u64,
    /// Media type of a single file, as the sender thinks; empty when unknown.
    pub media_type: String,
    /// Pixels across, of a picture or a video.
    pub width: Option<u32>,
    /// Pixels down.
    pub height: Option<u32>,
    /// Milliseconds, of what has a duration.
    pub duration_ms: Option<u64>,
    /// A small picture of it, as JPEG or PNG.
    pub thumbnail: Option<Vec<u8>>,
    /// Whether it is one file, and no folder.
    pub single: bool,
    /// Files in it.
    pub files: u32,
    /// The files and empty folders in it.
    pub items: Vec<Item>,
    /// Those that are not told of.
    pub more_items: u32,
}

/// A file or an empty folder of an offer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Item {
    /// Where it goes, with slashes.
    pub path: String,
    /// Bytes of a file; nothing of a folder.
    pub size: Option<u64>,
    /// When it was last changed: seconds since the Unix epoch.
    pub modified: Option<i64>,
}

impl Offer {
    pub(crate) fn new(
        transfer: String,
        from: String,
        offer: snug_protocol::Offer,
        listing: &Listing,
    ) -> Self {
        let items = listing.items();
        let (media_type, files) = (offer.media_type().to_owned(), offer.files());
        let preview = offer.preview.unwrap_or_default();
        let pixels = |count| (count > 0).then_some(count);
        Self {
            transfer,
            from,
            name: offer.name.to_string(),
            size: offer.manifest.size(),
            media_type,
            width: pixels(preview.width),
            height: pixels(preview.height),
            duration_ms: preview.duration,
            thumbnail: preview.thumbnail,
            single: matches!(offer.content, snug_protocol::Content::File { .. }),
            files,
            items: items.iter().take(ITEMS).map(Item::from).collect(),
            more_items: u32::try_from(items.len().saturating_sub(ITEMS)).unwrap_or(u32::MAX),
        }
    }
}

impl From<&snug_protocol::Item> for Item {
    fn from(item: &snug_protocol::Item) -> Self {
        let (size, modified) = match item.kind {
            ItemKind::Folder => (None, None),
            ItemKind::File { size, attributes } => (Some(size), attributes.modified),
        };
        Self {
            path: item.path.to_string(),
            size,
            modified,
        }
    }
}
