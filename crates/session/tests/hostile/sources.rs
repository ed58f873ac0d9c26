//! Somebody who offers the same as somebody honest, or pretends to.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use snug_protocol::{
    Attributes, Content, ControlFrame, FileName, FilePath, Hash, Item, ItemKind, Listing,
    ListingSummary, Manifest, Offer, PieceHasher, Range, StopReason, TransferId,
};
use snug_session::{
    Command, Event, Input, Output, Selection, Source, StoreInput, StoreOutput, TransferError,
};

use crate::{
    files::offers_told,
    second::{Second, heard_on},
    victim::{Victim, blames, frames, hashes, mallory, offer},
};

#[test]
fn what_is_offered_here_is_not_lost_to_who_announced_it_before() {
    let mut victim = Victim::linked();
    let (offer, listing, hashes) = folder();
    let transfer = offer.transfer();
    victim.control(&ControlFrame::Offer(offer.clone()));
    victim.command(Command::Offer(Source {
        offer,
        listing: listing.clone(),
        hashes: hashes.into(),
    }));
    let offset = 0;
    let bytes = listing.to_vec();
    victim.control(&ControlFrame::Listing {
        transfer,
        offset,
        bytes,
    });
    let pieces = Range::one(0);
    let outputs = victim.control(&ControlFrame::Request { transfer, pieces });
    let read = |output: &Output| matches!(output, Output::Store(StoreOutput::ReadPiece { .. }));
    assert!(outputs.iter().any(read), "{outputs:?}");
}

#[test]
fn who_has_nothing_to_give_does_not_take_the_turn_of_others() {
    let mut victim = Victim::linked();
    let honest = Second::linked(&mut victim, "zoe");
    let transfers: Vec<_> = (0..16)
        .map(|number| {
            let offer = offer(1, &format!("{number}"));
            let transfer = offer.transfer();
            victim.control(&ControlFrame::Offer(offer));
            open(&mut victim, transfer);
            transfer
        })
        .collect();
    let wanted = offer(1, "wanted");
    let next = wanted.transfer();
    honest.control(&mut victim, &ControlFrame::Offer(wanted));
    let opened = |outputs: &[Output]| {
        outputs.iter().any(|output| {
            matches!(output, Output::Store(StoreOutput::OpenSink { transfer, .. }) if *transfer == next)
        })
    };
    assert!(!opened(&accept(&mut victim, next)), "all turns are taken");
    let pieces = Range::one(0);
    let outputs = victim.control(&ControlFrame::Unavailable {
        transfer: transfers[0],
        pieces,
    });
    assert!(opened(&outputs), "{outputs:?}");
}

#[test]
fn only_the_receiver_throws_away_what_came() {
    let mut victim = Victim::linked();
    let other = Second::linked(&mut victim, "zed");
    let transfer = victim.offered(3);
    victim.accept(transfer, 3);
    victim.control(&ControlFrame::Bye);
    other.control(&mut victim, &ControlFrame::Offer(offer(3, "file")));
    let reason = StopReason::Cancelled;
    let outputs = other.control(&mut victim, &ControlFrame::Stop { transfer, reason });
    let failed = |output: &Output| {
        matches!(
            output,
            Output::Event(Event::TransferFailed {
                reason: TransferError::Stopped(StopReason::Cancelled),
                ..
            })
        )
    };
    assert!(outputs.iter().any(failed), "{outputs:?}");
    let kept = |output: &Output| matches!(output, Output::Store(StoreOutput::SuspendSink { .. }));
    assert!(outputs.iter().any(kept), "{outputs:?}");
}

/// Whichever id comes first: one of the two is asked first.
#[test]
fn hashes_of_a_silent_source_are_asked_of_another() {
    for name in ["aaron", "zed"] {
        let mut victim = Victim::linked();
        let silent = Second::linked(&mut victim, name);
        let offer = offer(1_000, "film");
        let transfer = offer.transfer();
        silent.control(&mut victim, &ControlFrame::Offer(offer.clone()));
        victim.control(&ControlFrame::Offer(offer));
        let mut outputs = open(&mut victim, transfer);
        outputs.extend(victim.let_pass(Duration::from_mins(10)));
        let asked = |frames: Vec<ControlFrame>| {
            let asks = |frame: &&ControlFrame| matches!(frame, ControlFrame::FetchHashes { .. });
            frames.iter().filter(asks).count()
        };
        let both = [
            asked(heard_on(victim.link, &outputs)),
            asked(silent.hears(&outputs)),
        ];
        assert!(both.iter().all(|times| *times >= 10), "{both:?}");
    }
}

#[test]
fn who_has_no_hashes_is_not_asked_without_end() {
    let mut victim = Victim::linked();
    let offer = offer(1_000, "film");
    let transfer = offer.transfer();
    victim.control(&ControlFrame::Offer(offer));
    let mut outputs = open(&mut victim, transfer);
    let mut asked = 0;
    let end = victim.now + Duration::from_mins(1);
    while victim.now < end {
        let asks: Vec<_> = frames(&outputs).filter(fetches_hashes).collect();
        asked += asks.len();
        outputs = Vec::new();
        if !asks.is_empty() {
            let pieces = Range {
                first: 0,
                count: 512,
            };
            let answer = ControlFrame::Unavailable { transfer, pieces };
            outputs.extend(victim.control(&answer));
        }
        outputs.extend(victim.let_pass(Duration::from_secs(1)));
    }
    assert!((2..=4).contains(&asked), "{asked}");
}

#[test]
fn hashes_that_a_liar_began_are_not_blamed_on_who_gives_the_rest() {
    for name in ["aaron", "zed"] {
        let mut victim = Victim::linked();
        let liar = Second::linked(&mut victim, name);
        let (offer, good) = (offer(1_000, "film"), hashes(1_000));
        let transfer = offer.transfer();
        victim.control(&ControlFrame::Offer(offer.clone()));
        liar.control(&mut victim, &ControlFrame::Offer(offer));
        let mut outputs = open(&mut victim, transfer);
        if liar
            .hears(&outputs)
            .iter()
            .all(|frame| !fetches_hashes(frame))
        {
            // The honest one is asked first, and says nothing until it is the liar's turn.
            outputs = victim.let_pass(Duration::from_secs(20));
        }
        assert!(liar.hears(&outputs).iter().any(fetches_hashes), "{name}");
        let false_ones = ControlFrame::Hashes {
            transfer,
            first: 0,
            hashes: vec![Hash::ZERO; 512],
        };
        liar.control(&mut victim, &false_ones);
        let reason = StopReason::StorageFailed;
        liar.control(&mut victim, &ControlFrame::Stop { transfer, reason });
        for (first, part) in (0..).step_by(512).zip(good.chunks(512)) {
            let outputs = victim.control(&ControlFrame::Hashes {
                transfer,
                first,
                hashes: part.to_vec(),
            });
            assert!(!blames(&outputs), "{outputs:?}");
            let asks = |frame: ControlFrame| matches!(frame, ControlFrame::Request { .. });
            let whole = first as usize + part.len() == good.len();
            assert_eq!(frames(&outputs).any(asks), whole, "{name}");
        }
    }
}

#[test]
fn a_listing_described_falsely_is_blamed_on_nobody_else() {
    for gives in [true, false] {
        let mut victim = Victim::linked();
        let liar = Second::linked(&mut victim, "zed");
        let (offer, listing, _) = folder();
        let transfer = offer.transfer();
        let Content::Listed(summary) = offer.content else {
            panic!("it is listed");
        };
        let falsely = Offer {
            content: Content::Listed(ListingSummary {
                files: 2,
                ..summary
            }),
            ..offer.clone()
        };
        assert_eq!(falsely.transfer(), transfer);
        let part = ControlFrame::Listing {
            transfer,
            offset: 0,
            bytes: listing.to_vec(),
        };
        liar.control(&mut victim, &ControlFrame::Offer(falsely));
        victim.control(&ControlFrame::Offer(offer.clone()));
        let outputs = if gives {
            let outputs = liar.control(&mut victim, &part);
            assert!(blames(&outputs), "who said so itself");
            outputs
        } else {
            victim.let_pass(Duration::from_secs(20))
        };
        let fetches = |frame: &ControlFrame| matches!(frame, ControlFrame::FetchListing { .. });
        assert!(heard_on(victim.link, &outputs).iter().any(fetches));
        let outputs = victim.control(&part);
        assert!(!blames(&outputs), "{outputs:?}");
        let shown = outputs.iter().any(|output| {
            matches!(output, Output::Event(Event::Offered { from, offer: shown, .. })
                if *from == mallory() && *shown == offer)
        });
        assert!(shown, "{outputs:?}");
    }
}

/// What one gave of a listing says nothing of what another gives.
#[test]
fn a_listing_comes_from_one_source_alone() {
    let mut victim = Victim::linked();
    let liar = Second::linked(&mut victim, "zed");
    let (offer, listing, _) = folder();
    let transfer = offer.transfer();
    liar.control(&mut victim, &ControlFrame::Offer(offer.clone()));
    victim.control(&ControlFrame::Offer(offer));
    let part = |offset: u32, bytes: &[u8]| ControlFrame::Listing {
        transfer,
        offset,
        bytes: bytes.to_vec(),
    };
    liar.control(&mut victim, &part(0, &[0xff; 3]));
    liar.control(&mut victim, &ControlFrame::Bye);
    let outputs = victim.control(&part(0, &listing));
    assert!(
        !blames(&outputs) && offers_told(&outputs) == 1,
        "{outputs:?}"
    );
}

#[test]
fn listings_are_fetched_a_few_parts_at_a_time() {
    let mut victim = Victim::linked();
    let (mut asked, mut told, mut most) = (VecDeque::new(), 0, 0);
    let listings: BTreeMap<_, _> = (0..50)
        .map(|number| {
            let (offer, listing) = long_folder(number);
            (offer.transfer(), (offer, listing))
        })
        .collect();
    let note = |asked: &mut VecDeque<_>, outputs: &[Output]| {
        asked.extend(frames(outputs).filter_map(|frame| match frame {
            ControlFrame::FetchListing { transfer, offset } => Some((transfer, offset)),
            _ => None,
        }));
    };
    for (offer, _) in listings.values() {
        note(
            &mut asked,
            &victim.control(&ControlFrame::Offer(offer.clone())),
        );
    }
    while let Some((transfer, offset)) = asked.pop_front() {
        most = most.max(asked.len() + 1);
        let rest = &listings[&transfer].1[offset as usize..];
        let outputs = victim.control(&ControlFrame::Listing {
            transfer,
            offset,
            bytes: rest[..rest.len().min(16 * 1024)].to_vec(),
        });
        told += offers_told(&outputs);
        note(&mut asked, &outputs);
    }
    assert_eq!((told, most), (50, 8));
}

fn fetches_hashes(frame: &ControlFrame) -> bool {
    matches!(frame, ControlFrame::FetchHashes { .. })
}

/// The person wants it.
fn accept(victim: &mut Victim, transfer: TransferId) -> Vec<Output> {
    let selection = Selection::All;
    victim.command(Command::Accept {
        transfer,
        selection,
    })
}

/// The person wants it, and there is room.
fn open(victim: &mut Victim, transfer: TransferId) -> Vec<Output> {
    let mut outputs = accept(victim, transfer);
    outputs.extend(victim.input(Input::Store(StoreInput::SinkOpened {
        transfer,
        have: Vec::new(),
        hashes: None,
    })));
    outputs
}

/// A folder with one small file, its listing, and its hashes.
fn folder() -> (Offer, Bytes, Vec<Hash>) {
    let item = Item {
        path: FilePath::sanitize("folder/file"),
        kind: ItemKind::File {
            size: 5,
            attributes: Attributes::default(),
        },
    };
    folder_of(vec![item])
}

/// A folder whose listing takes several parts: another one for each number.
fn long_folder(number: usize) -> (Offer, Bytes) {
    let folders = (0..2_000).map(|folder| Item {
        path: FilePath::sanitize(&format!("{number}/a folder with a longish name {folder}")),
        kind: ItemKind::Folder,
    });
    let item = Item {
        path: FilePath::sanitize("file"),
        kind: ItemKind::File {
            size: 5,
            attributes: Attributes::default(),
        },
    };
    let (offer, listing, _) = folder_of(folders.chain([item]).collect());
    (offer, listing)
}

/// Items, of which one is a file of five bytes.
fn folder_of(items: Vec<Item>) -> (Offer, Bytes, Vec<Hash>) {
    let listing = Listing::new(items).expect("a few");
    let encoded = listing.encode().expect("a short name");
    let hasher = PieceHasher::new(5).expect("a small file");
    let hashes = vec![hasher.hash(0, b"12345")];
    let manifest = Manifest::from_hashes(5, &hashes).expect("its hashes");
    let summary = ListingSummary {
        files: 1,
        bytes: u32::try_from(encoded.len()).expect("a short name"),
        hash: Hash::of(&encoded),
    };
    let offer = Offer {
        content: Content::Listed(summary),
        ..Offer::of_file(FileName::sanitize("folder"), manifest)
    };
    (offer, encoded, hashes)
}
