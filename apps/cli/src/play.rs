//! Films and songs, played while they arrive: served to a player on this machine over HTTP.

mod media;
mod player;
mod range;
mod serve;
mod target;

use std::ops::Range;

use snug_protocol::{Listing, TransferId, limits::PIECE_BYTES};
use snug_session::Selection;

pub(crate) use self::{
    player::Player,
    serve::{Reads, serve},
};
use crate::choice::Choice;

/// Something to play: one file of what is on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Film {
    /// Names the transfer.
    pub(crate) transfer: TransferId,
    /// Which item of its listing.
    pub(crate) item: usize,
    /// What the file is called.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media_type: String,
    /// Where it is among all bytes of the transfer.
    pub(crate) bytes: Range<u64>,
}

impl Film {
    /// The first file on offer that can be played; of those chosen, if there is a choice, and then
    /// whatever it is. `media_type` is that of the offer, if it is of one file.
    pub(crate) fn pick(
        transfer: TransferId,
        media_type: &str,
        listing: &Listing,
        choice: Option<&Choice>,
    ) -> Option<Self> {
        let chosen = match choice {
            Some(choice) => choice.select_any(listing)?,
            None => Selection::All,
        };
        let of_offer = Some(media_type).filter(|it| media::is_playable(it));
        let mut items = listing.items().iter().enumerate();
        items.find_map(|(item, file)| {
            let known = of_offer.or_else(|| media::type_of(file.path.file_name()));
            let media_type = match known {
                Some(known) => known,
                None if choice.is_some() => media::UNKNOWN,
                None => return None,
            };
            (file.is_file() && chosen.contains(item)).then(|| Self {
                transfer,
                item,
                name: file.path.file_name().to_owned(),
                media_type: media_type.to_owned(),
                bytes: listing.span(item),
            })
        })
    }

    /// What to ask for, so that it can be played.
    pub(crate) fn selection(&self, listing: &Listing) -> Selection {
        match listing.items().len() {
            1 => Selection::All,
            _ => Selection::Items([self.item].into()),
        }
    }

    /// Bytes of it.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }

    /// Of these bytes of the film those to read first, among all bytes of the transfer. They end
    /// with a piece: what is behind it may come much later.
    fn step(&self, bytes: &Range<u64>) -> Range<u64> {
        let piece = PIECE_BYTES as u64;
        let start = self.bytes.start + bytes.start;
        let end = self.bytes.start + bytes.end;
        start..end.min((start / piece + 1) * piece)
    }
}

#[cfg(test)]
mod tests {
    use snug_protocol::{Attributes, FilePath, Item, ItemKind};

    use super::*;

    fn listing(files: &[(&str, u64)]) -> Listing {
        let items = files.iter().map(|(path, size)| Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File {
                size: *size,
                attributes: Attributes::default(),
            },
        });
        Listing::new(items.collect()).unwrap()
    }

    fn pick(files: &[(&str, u64)], only: Option<&str>) -> Option<Film> {
        let only = only.map(|only| Choice::of_patterns(&[only.to_owned()]));
        let transfer = TransferId::from_bytes([1; 16]);
        Film::pick(transfer, "", &listing(files), only.as_ref())
    }

    #[test]
    fn the_first_that_can_be_played_is() {
        let files = [("a.txt", 7), ("b/c.MKV", 5), ("d.mp3", 9)];
        let film = pick(&files, None).unwrap();
        assert_eq!((film.item, film.bytes.clone()), (1, 7..12));
        assert_eq!(film.media_type, "video/x-matroska");
        assert_eq!(pick(&files, Some("d*")).unwrap().item, 2);
        let text = pick(&files, Some("*.txt")).unwrap();
        assert_eq!(text.media_type, media::UNKNOWN, "no page of somebody else");
        assert_eq!(pick(&files, Some("*.avi")), None);
        assert_eq!(pick(&files[..1], None), None);
    }

    #[test]
    fn what_is_read_ends_with_a_piece() {
        let film = pick(&[("a.txt", 7), ("b.mp4", 5_000_000)], None).unwrap();
        assert_eq!(film.step(&(0..5_000_000)), 7..1_048_576);
        assert_eq!(film.step(&(1_048_569..5_000_000)), 1_048_576..2_097_152);
        assert_eq!(film.step(&(10..20)), 17..27);
    }
}
