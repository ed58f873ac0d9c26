//! What a member offers to everyone.

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, FileName, Hash, Item, ItemKind, Listing, Manifest, TransferId,
    decode::{check_clock, check_len},
    limits::{LISTING_BYTES, LISTING_ITEMS, MEDIA_TYPE_BYTES, PREVIEW_BYTES},
    listing::Attributes,
};

/// A file, or several files and folders, on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// What it is called: the file, the folder, or all of it in a few words.
    pub name: FileName,
    /// Size and hash of the file; of several, of their bytes one after the other.
    pub manifest: Manifest,
    /// What it consists of.
    pub content: Content,
    /// How it looks, if it is a picture or a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
}

/// What an offer consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// One file.
    #[serde(rename_all = "camelCase")]
    File {
        /// Media type (RFC 6838), as the sender thinks, in printable ASCII; empty when unknown.
        media_type: String,
        /// How it is on the sender's disk.
        #[serde(default)]
        attributes: Attributes,
    },
    /// Several files and folders, or one folder. What they are is in the listing, which is asked
    /// for with [`ControlFrame::FetchListing`](crate::ControlFrame::FetchListing).
    Listed(ListingSummary),
}

/// What there is to know about a [`Listing`] before it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingSummary {
    /// Files in it.
    pub files: u32,
    /// Bytes of it, encoded.
    pub bytes: u32,
    /// BLAKE3 over these bytes.
    pub hash: Hash,
}

/// How a picture or a video looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// Pixels across, as it is shown; 0 when unknown.
    pub width: u32,
    /// Pixels down, as it is shown; 0 when unknown.
    pub height: u32,
    /// Milliseconds, of what has a duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// A small picture of it, as JPEG or PNG; at most [`PREVIEW_BYTES`].
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Vec<u8>>,
}

impl Offer {
    /// A file of which nothing more is known.
    pub fn of_file(name: FileName, manifest: Manifest) -> Self {
        let content = Content::File {
            media_type: String::new(),
            attributes: Attributes::default(),
        };
        Self {
            name,
            manifest,
            content,
            preview: None,
        }
    }

    /// Names the transfer: by what is sent and how it is called, so that whoever offers it again
    /// continues it.
    pub fn transfer(&self) -> TransferId {
        let mut hasher = blake3::Hasher::new_derive_key("snug v1 transfer id");
        hasher
            .update(&self.manifest.size().to_be_bytes())
            .update(self.manifest.root().as_bytes());
        if let Content::Listed(summary) = &self.content {
            // No name begins with a zero, so none can pass for a hash and a name.
            hasher.update(&[0]).update(summary.hash.as_bytes());
        }
        hasher.update(self.name.as_str().as_bytes());
        let mut id = [0; TransferId::BYTES];
        hasher.finalize_xof().fill(&mut id);
        TransferId::from_bytes(id)
    }

    /// Its media type, if it is one file whose type is known.
    pub fn media_type(&self) -> &str {
        match &self.content {
            Content::File { media_type, .. } => media_type,
            Content::Listed(_) => "",
        }
    }

    /// Files in it.
    pub const fn files(&self) -> u32 {
        match &self.content {
            Content::File { .. } => 1,
            Content::Listed(summary) => summary.files,
        }
    }

    /// The listing of an offer that needs none: of one file.
    pub fn own_listing(&self) -> Option<Listing> {
        let Content::File { attributes, .. } = &self.content else {
            return None;
        };
        let (size, attributes) = (self.manifest.size(), *attributes);
        let item = Item {
            path: self.name.clone().into(),
            kind: ItemKind::File { size, attributes },
        };
        Some(Listing::new(vec![item]).expect("a manifest is within the limits"))
    }

    /// Reads the listing that belongs to this offer.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are no listing, or not the one that was announced.
    pub fn open_listing(&self, bytes: &[u8]) -> Result<Listing, DecodeError> {
        let other = |what| Err(DecodeError::invalid("listing", what));
        let Content::Listed(summary) = &self.content else {
            return other("of an offer that needs none");
        };
        if bytes.len() != summary.bytes as usize || Hash::of(bytes) != summary.hash {
            return other("not the one that was announced");
        }
        let listing = Listing::decode(bytes)?;
        if listing.size() != self.manifest.size() || listing.files() != summary.files as usize {
            return other("not of what was announced");
        }
        Ok(listing)
    }

    pub(super) fn validate(&self) -> Result<(), DecodeError> {
        match &self.content {
            Content::File {
                media_type,
                attributes,
            } => {
                check_len("mediaType", media_type.len(), MEDIA_TYPE_BYTES)?;
                if !media_type.bytes().all(|b| matches!(b, b' '..=b'~')) {
                    return Err(DecodeError::invalid("mediaType", "not printable ASCII"));
                }
                attributes.validate()?;
            }
            Content::Listed(summary) => {
                check_len("bytes", summary.bytes as usize, LISTING_BYTES)?;
                if summary.bytes == 0 {
                    return Err(DecodeError::invalid("bytes", "0, which is no listing"));
                }
                if summary.files as usize > LISTING_ITEMS {
                    return Err(DecodeError::invalid(
                        "files",
                        "more than may be in one offer",
                    ));
                }
            }
        }
        self.preview.as_ref().map_or(Ok(()), Preview::validate)
    }
}

impl Preview {
    fn validate(&self) -> Result<(), DecodeError> {
        check_clock("duration", self.duration.unwrap_or_default())?;
        let thumbnail = self.thumbnail.as_ref();
        check_len("thumbnail", thumbnail.map_or(0, Vec::len), PREVIEW_BYTES)
    }
}
