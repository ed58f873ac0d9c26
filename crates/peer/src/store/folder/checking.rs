//! What an earlier try left of a transfer.

use std::sync::atomic::{AtomicBool, Ordering};

use snug_protocol::{Hash, limits::PIECE_BYTES};

use super::{Access, Earlier, FolderSink, Opened, Phase, SinkError, moved, open};
use crate::limits::CHECK_REPORT_BYTES;

/// Follows a check, and may end it.
#[derive(Clone, Copy)]
pub(in crate::store) struct Watch<'a> {
    /// Hears how many bytes of how many are checked.
    pub(in crate::store) report: &'a dyn Fn(u64, u64),
    /// Nobody wants to know any more.
    pub(in crate::store) abandoned: &'a AtomicBool,
}

impl FolderSink {
    /// Goes on where an earlier try left off.
    pub(super) fn resume(&self, earlier: Earlier, watch: &Watch<'_>) -> Result<Opened, SinkError> {
        if earlier.phase == Phase::Placing {
            if let Some(opened) = self.resume_placing(&earlier, watch)? {
                return Ok(opened);
            }
        } else {
            self.remove_unwanted(&earlier);
        }
        let have = match &earlier.hashes {
            Some(hashes) => self.check(earlier.stored(), hashes, watch)?,
            None => Vec::new(),
        };
        if have.is_empty() {
            let mut opened = self.begin()?;
            if let Some(hashes) = earlier.hashes {
                self.keep_hashes(&hashes)?;
                opened.hashes = Some(hashes);
            }
            return Ok(opened);
        }
        let noted = self.part.journal.note_wanted(self.shape.wanted());
        noted.map_err(SinkError::Write)?;
        let hashes = earlier.hashes;
        Ok(Opened { have, hashes })
    }

    /// Hashes what is noted as stored, and gives the pieces that are.
    fn check(
        &self,
        noted: impl Iterator<Item = u32>,
        hashes: &[Hash],
        watch: &Watch<'_>,
    ) -> Result<Vec<u32>, SinkError> {
        let manifest = &self.shape.manifest;
        let noted: Vec<u32> = noted.collect();
        let total = noted.iter().map(|piece| manifest.piece_len(*piece) as u64);
        let (total, mut checked, mut reported) = (total.sum(), 0, 0);
        let (mut have, mut buffer) = (Vec::new(), vec![0; PIECE_BYTES]);
        for piece in noted {
            if watch.abandoned.load(Ordering::Relaxed) {
                return Err(SinkError::Abandoned);
            }
            let bytes = &mut buffer[..manifest.piece_len(piece)];
            if self.is_there(piece, &hashes[piece as usize], bytes) {
                have.push(piece);
            } else {
                let noted = self.part.journal.note_stored(piece, false);
                noted.map_err(SinkError::Write)?;
            }
            checked += bytes.len() as u64;
            if checked - reported >= CHECK_REPORT_BYTES {
                reported = checked;
                (watch.report)(checked, total);
            }
        }
        Ok(have)
    }

    /// Whether all of a piece is here, as it should be.
    fn is_there(&self, piece: u32, hash: &Hash, buffer: &mut [u8]) -> bool {
        self.shape.is_whole(self.shape.piece(piece))
            && self.read(piece, buffer).is_ok()
            && self.shape.manifest.verify_piece(piece, hash, buffer)
    }

    /// Removes what an earlier try wanted and this one does not.
    fn remove_unwanted(&self, earlier: &Earlier) {
        let wanted = self.shape.wanted();
        let items = 0..wanted.len();
        self.remove_items(items.filter(|item| earlier.wanted[*item] && !wanted[*item]));
    }

    /// Finds what an earlier try had put into its place before it was ended. `None` if that does
    /// not add up: then what is still here is all there is.
    fn resume_placing(
        &self,
        earlier: &Earlier,
        watch: &Watch<'_>,
    ) -> Result<Option<Opened>, SinkError> {
        if earlier.wanted == self.shape.wanted()
            && self.find_places(earlier)
            && let Some(hashes) = &earlier.hashes
            && self.is_complete(earlier, hashes, watch)?
        {
            let whole = |piece: &u32| self.shape.is_whole(self.shape.piece(*piece));
            return Ok(Some(Opened {
                have: earlier.stored().filter(whole).collect(),
                hashes: Some(hashes.clone()),
            }));
        }
        self.places_mut().fill(None);
        let noted = self.part.journal.note_phase(Phase::Receiving);
        noted.map_err(SinkError::Write)?;
        self.remove_unwanted(earlier);
        Ok(None)
    }

    /// Looks for every file, in its place or here; `false` if one is at neither.
    fn find_places(&self, earlier: &Earlier) -> bool {
        let tops = self.shape.tops().iter().enumerate();
        *self.places_mut() = tops
            .map(|(top, name)| {
                let is_here = self.inside.root().stat(name.as_str()).is_ok();
                let number = earlier.numbers[top];
                let placed = |number| super::placing::numbered(name, number);
                (!is_here && number != 0).then(|| placed(number).as_str().to_owned())
            })
            .collect();
        self.shape.items().all(|item| self.is_somewhere(item))
    }

    /// Whether all is noted as stored, and what is still here hashes to what it should. What is in
    /// its place may have been changed since by whoever owns it. What is wanted of a piece only in
    /// part comes again in any case, and then needs a place to be written to.
    fn is_complete(
        &self,
        earlier: &Earlier,
        hashes: &[Hash],
        watch: &Watch<'_>,
    ) -> Result<bool, SinkError> {
        let places = self.places_mut().clone();
        let is_here = |item: usize| places[self.shape.top_of(item)].is_none();
        let (mut here, mut pieces) = (Vec::new(), 0..self.shape.manifest.pieces());
        let noted = pieces.all(|piece| {
            let items = self.shape.wanted_spans(piece).map(|span| span.item);
            let items: Vec<usize> = items.collect();
            let is_whole = self.shape.is_whole(self.shape.piece(piece));
            if is_whole && items.iter().all(|item| is_here(*item)) {
                here.push(piece);
            }
            items.is_empty() || is_whole && earlier.stored[piece as usize]
        });
        Ok(noted && self.check(here.iter().copied(), hashes, watch)? == here)
    }

    fn is_somewhere(&self, item: usize) -> bool {
        let (path, size) = (&self.shape.item(item).path, self.shape.item(item).size());
        if size == 0 {
            return true;
        }
        let place = self.places_mut()[self.shape.top_of(item)].clone();
        let opened = match place {
            Some(place) => open(&self.outside, &moved(path.as_str(), &place), Access::Read),
            None => open(&self.inside, path.as_str().as_ref(), Access::Read),
        };
        let metadata = opened.map(|file| file.metadata());
        matches!(metadata, Ok(Ok(metadata)) if metadata.len() == size)
    }
}
