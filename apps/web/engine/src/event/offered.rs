//! What a member offers.

use serde::Serialize;
use snug_protocol::{ItemKind, Listing, Offer};
use tsify::Tsify;

use crate::names::Text;

/// Items of an offer that are told: what a page can show. `accept` knows the others too.
const ITEMS: usize = 10_000;

/// What a member offers. All of it is what that member says, but for the names, which are safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Offered {
    /// Names it from now on.
    #[tsify(type = "TransferId")]
    pub transfer: Text,
    /// Who.
    #[tsify(type = "ClientId")]
    pub from: Text,
    /// What it is called.
    pub name: String,
    /// Bytes of all files.
    pub size: u64,
    /// Media type of a single file, as the sender thinks; empty when unknown.
    pub media_type: String,
    /// Pixels across, of a picture or a video.
    #[tsify(optional)]
    pub width: Option<u32>,
    /// Pixels down.
    #[tsify(optional)]
    pub height: Option<u32>,
    /// Milliseconds, of what has a duration.
    #[tsify(optional)]
    pub duration_ms: Option<u64>,
    /// A small picture of it, as JPEG or PNG.
    #[serde(with = "serde_bytes")]
    #[tsify(optional, type = "Uint8Array")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Where it goes, with slashes.
    pub path: String,
    /// Bytes of a file; nothing of a folder.
    #[tsify(optional)]
    pub size: Option<u64>,
    /// When it was last changed: seconds since the Unix epoch.
    #[tsify(optional)]
    pub modified: Option<i64>,
}

impl Offered {
    pub(crate) fn new(transfer: Text, from: Text, offer: Offer, listing: &Listing) -> Self {
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
