//! Somebody who offers the same as somebody honest, or pretends to.

use bytes::Bytes;
use snug_protocol::{
    Attributes, Content, ControlFrame, FileName, FilePath, Hash, Item, ItemKind, Listing,
    ListingSummary, Manifest, Offer, PieceHasher, Range, StopReason, TransferId,
};
use snug_session::{
    Command, Event, Input, Output, Selection, Source, StoreInput, StoreOutput, TransferError,
};

use crate::{
    second::Second,
    victim::{Victim, offer},
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
    let listing = Listing::new(vec![item]).expect("one file");
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
