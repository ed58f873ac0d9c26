//! What storage does with pieces.

use snug_protocol::{FileName, Offer, PieceHasher};
use snug_session::Selection;

use super::*;

const LINK: LinkId = LinkId(1);

/// Two pieces, the second with one byte.
struct Film {
    bytes: Vec<u8>,
    hashes: Arc<[Hash]>,
    offer: Offer,
    transfer: TransferId,
}

impl Film {
    fn new() -> Self {
        let bytes = vec![7; PIECE_BYTES + 1];
        let hasher = PieceHasher::new(bytes.len() as u64).unwrap();
        let pieces = bytes.chunks(PIECE_BYTES).zip(0..);
        let hashes: Arc<[Hash]> = pieces.map(|(piece, at)| hasher.hash(at, piece)).collect();
        let manifest = Manifest::from_hashes(bytes.len() as u64, &hashes).unwrap();
        let offer = Offer::of_file(FileName::sanitize("film"), manifest);
        let transfer = offer.transfer();
        Self {
            bytes,
            hashes,
            offer,
            transfer,
        }
    }

    fn open(&self, storage: &mut Storage) -> Step {
        storage.execute(StoreOutput::OpenSink {
            transfer: self.transfer,
            offer: self.offer.clone(),
            listing: Arc::new(self.offer.own_listing().unwrap()),
            selection: Selection::All,
        })
    }

    fn arrive(&self, storage: &mut Storage, piece: u32, flip: u8) -> Step {
        let range = piece_bytes(&self.offer.manifest, piece);
        let mut bytes = self.bytes[to_usize(&range)].to_vec();
        bytes[0] ^= flip;
        let transfer = self.transfer;
        storage.execute(StoreOutput::WriteBlock {
            transfer,
            piece,
            offset: 0,
            bytes: bytes.into(),
        });
        storage.execute(StoreOutput::FinishPiece {
            transfer,
            piece,
            expected: self.hashes[piece as usize],
        })
    }
}

fn to_usize(range: &Range<u64>) -> Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}

#[test]
fn what_arrives_is_verified_written_and_put_into_its_place() {
    let (film, mut storage) = (Film::new(), Storage::default());
    let Step::Do(Output::OpenSink { run, size, .. }) = film.open(&mut storage) else {
        panic!("room is made");
    };
    assert_eq!(size, film.bytes.len() as u64);
    assert!(storage.on_opened(film.transfer, run).is_some());
    for piece in 0..2 {
        assert!(matches!(
            film.arrive(&mut storage, piece, 0),
            Step::Write(..)
        ));
        assert!(storage.on_stored(film.transfer, run, piece).is_some());
    }
    let transfer = film.transfer;
    let finish = storage.execute(StoreOutput::FinishSink { transfer });
    let Step::Do(Output::FinishSink { files, .. }) = finish else {
        panic!("all is there");
    };
    assert_eq!((files[0].start, files[0].size), (0, size));
}

#[test]
fn a_piece_that_is_not_what_was_offered_is_not_written() {
    let (film, mut storage) = (Film::new(), Storage::default());
    film.open(&mut storage);
    storage.on_opened(film.transfer, 1);
    let spoiled = film.arrive(&mut storage, 0, 1);
    assert!(matches!(
        spoiled,
        Step::Tell(StoreInput::PieceCorrupt { piece: 0, .. })
    ));
}

#[test]
fn a_later_try_goes_on_with_what_is_stored() {
    let (film, mut storage) = (Film::new(), Storage::default());
    film.open(&mut storage);
    storage.on_opened(film.transfer, 1);
    film.arrive(&mut storage, 1, 0);
    storage.on_stored(film.transfer, 1, 1);
    film.arrive(&mut storage, 0, 0);
    let transfer = film.transfer;
    storage.execute(StoreOutput::SuspendSink { transfer });
    let Step::Tell(StoreInput::SinkOpened { have, .. }) = film.open(&mut storage) else {
        panic!("it is open at once");
    };
    assert_eq!(have, [1], "the other was not stored yet");
    assert!(
        storage.on_stored(film.transfer, 1, 0).is_none(),
        "of the earlier try"
    );
}

#[test]
fn a_read_waits_until_its_bytes_are_stored() {
    let (film, mut storage) = (Film::new(), Storage::default());
    let end = film.bytes.len() as u64;
    let (refused, _) = storage.read(1, film.transfer, 0..10);
    assert!(matches!(refused, Some(Output::ReadRefused { read: 1, .. })));
    film.open(&mut storage);
    storage.on_opened(film.transfer, 1);
    let (nothing, missing) = storage.read(2, film.transfer, end - 1..end);
    assert_eq!((nothing, missing), (None, Some(end - 1..end)));
    film.arrive(&mut storage, 1, 0);
    let (_, ready) = storage.on_stored(film.transfer, 1, 1).unwrap();
    assert!(matches!(ready[..], [Output::ReadRange { read: 2, .. }]));
    let (past, _) = storage.read(3, film.transfer, 0..end + 1);
    assert!(matches!(
        past,
        Some(Output::ReadRange { .. } | Output::ReadRefused { .. }) | None
    ));
}

#[test]
fn reads_end_with_the_transfer() {
    let (film, mut storage) = (Film::new(), Storage::default());
    film.open(&mut storage);
    storage.read(1, film.transfer, 0..10);
    let refused = storage.forget(film.transfer);
    assert!(matches!(refused[..], [Output::ReadRefused { read: 1, .. }]));
}

#[test]
fn a_file_that_changed_is_not_sent() {
    let (film, mut storage) = (Film::new(), Storage::default());
    let transfer = film.transfer;
    storage.add_source(transfer, film.offer.manifest, film.hashes.clone());
    let piece = 1;
    let asked = storage.execute(StoreOutput::ReadPiece {
        transfer,
        piece,
        link: LINK,
    });
    let (start, end) = (PIECE_BYTES as u64, film.bytes.len() as u64);
    let Step::Do(Output::ReadPiece {
        start: from,
        end: to,
        ..
    }) = asked
    else {
        panic!("it is there");
    };
    assert_eq!((from, to), (start, end));
    let right = storage.on_piece_read(transfer, 1, LINK, Bytes::from_static(&[7]));
    assert!(matches!(right, StoreInput::PieceRead { .. }));
    let other = storage.on_piece_read(transfer, 1, LINK, Bytes::from_static(&[8]));
    assert!(matches!(other, StoreInput::SourceFailed { .. }));
}
