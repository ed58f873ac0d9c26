//! Offers, requests and bytes that nobody asked for.

use bytes::Bytes;
use snug_protocol::{
    BulkFrame, Content, ControlFrame, DeclineReason, FileName, Hash, ListingSummary, Manifest,
    Offer, Preview, Range, StopReason, TransferId, limits::MAX_FILE_BYTES,
};
use snug_session::{
    Command, Event, Input, LinkInput, Output, Selection, Source, StoreInput, StoreOutput,
};

use crate::victim::{Victim, blames, frames, offer};

#[test]
fn bytes_that_nobody_asked_for_go_nowhere() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    let block = |transfer, piece, offset| {
        let payload = Bytes::from(vec![0; 32 * 1024]);
        LinkInput::Bulk(
            BulkFrame {
                transfer,
                piece,
                offset,
                payload,
            }
            .encode(),
        )
    };
    let written = |outputs: &[Output]| {
        outputs
            .iter()
            .any(|output| matches!(output, Output::Store(StoreOutput::WriteBlock { .. })))
    };
    assert!(
        !written(&victim.link(block(transfer, 0, 0))),
        "not accepted yet"
    );
    victim.accept(transfer, 3);
    assert!(
        !written(&victim.link(block(TransferId::from_bytes([9; 16]), 0, 0))),
        "no such file"
    );
    assert!(
        !written(&victim.link(block(transfer, 3, 0))),
        "past the end"
    );
    assert!(!written(&victim.link(block(transfer, 0, 1))), "askew");
    assert!(written(&victim.link(block(transfer, 0, 0))));
    assert!(!written(&victim.link(block(transfer, 0, 0))), "twice");
}

#[test]
fn hashes_that_do_not_fold_end_the_transfer() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    let selection = Selection::All;
    victim.command(Command::Accept {
        transfer,
        selection,
    });
    victim.input(Input::Store(StoreInput::SinkOpened {
        transfer,
        have: Vec::new(),
        hashes: None,
    }));
    let hashes = vec![Hash::ZERO; 3];
    let outputs = victim.control(&ControlFrame::Hashes {
        transfer,
        first: 0,
        hashes,
    });
    assert!(blames(&outputs));
    let kept = |output: &Output| matches!(output, Output::Store(StoreOutput::SuspendSink { .. }));
    assert!(outputs.iter().any(kept), "{outputs:?}");
}

#[test]
fn pieces_that_nobody_offers_are_not_to_be_had() {
    let mut victim = Victim::linked();
    let transfer = TransferId::from_bytes([1; 16]);
    let everything = Range {
        first: 0,
        count: 1_000,
    };
    for ask in [
        ControlFrame::Request {
            transfer,
            pieces: everything,
        },
        ControlFrame::FetchHashes {
            transfer,
            pieces: Range::one(0),
        },
        ControlFrame::Accept {
            transfer,
            wanted: 1,
            shares: true,
        },
    ] {
        let outputs = victim.control(&ask);
        let refused = |frame: ControlFrame| {
            matches!(
                frame,
                ControlFrame::Unavailable { .. } | ControlFrame::Stop { .. }
            )
        };
        assert!(frames(&outputs).all(refused) && frames(&outputs).count() == 1);
        assert!(
            !outputs
                .iter()
                .any(|output| matches!(output, Output::Store(_)))
        );
    }
    // Nor does stopping or completing what never was do anything.
    for lie in [
        ControlFrame::Complete { transfer },
        ControlFrame::Stop {
            transfer,
            reason: StopReason::Cancelled,
        },
    ] {
        assert_eq!(victim.control(&lie).len(), 0);
    }
}

#[test]
fn offers_without_end_are_declined() {
    let mut victim = Victim::linked();
    let mut told = 0;
    for at in 0..2_000_u32 {
        let outputs = victim.control(&ControlFrame::Offer(offer(1, &format!("{at}"))));
        told += outputs
            .iter()
            .filter(|o| matches!(o, Output::Event(Event::Offered { .. })))
            .count();
    }
    assert_eq!(told, 1_024);
}

#[test]
fn offers_count_whatever_else_is_said_of_them() {
    for shares in [true, false] {
        let mut victim = Victim::linked();
        let (mut told, mut withdrawn) = (0, 0);
        for at in 0..2_000_u32 {
            let offer = offer(1, &format!("{at}"));
            let transfer = offer.transfer();
            let wanted = 1;
            for frame in [
                ControlFrame::Offer(offer),
                ControlFrame::Accept {
                    transfer,
                    wanted,
                    shares,
                },
            ] {
                let outputs = victim.control(&frame);
                told += offers_told(&outputs);
                withdrawn += offers_withdrawn(&outputs);
            }
        }
        // Who gives nothing of it does not offer it.
        let expected = if shares { (1_024, 0) } else { (2_000, 2_000) };
        assert_eq!((told, withdrawn), expected);
        withdrawn += offers_withdrawn(&victim.control(&ControlFrame::Bye));
        assert_eq!(told, withdrawn, "nothing outlives the one whose it was");
    }
}

#[test]
fn who_declines_its_own_offer_withdraws_it() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    let reason = DeclineReason::Unwanted;
    let outputs = victim.control(&ControlFrame::Decline { transfer, reason });
    assert_eq!(offers_withdrawn(&outputs), 1);
    let selection = Selection::All;
    let outputs = victim.command(Command::Accept {
        transfer,
        selection,
    });
    let refused = |output: &Output| matches!(output, Output::Event(Event::Refused { .. }));
    assert!(outputs.iter().all(refused), "{outputs:?}");
}

#[test]
fn a_have_map_that_is_longer_than_the_file_is_blamed() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    let have = |bits: u8| ControlFrame::Have {
        transfer,
        first: 0,
        bits: vec![bits],
    };
    assert!(!blames(&victim.control(&have(0b1110_0000))));
    assert!(blames(&victim.control(&have(0b0001_0000))));
}

#[test]
fn a_listing_that_is_not_what_was_announced_is_blamed() {
    let mut victim = Victim::linked();
    let bytes = vec![0x90];
    let summary = ListingSummary {
        files: 0,
        bytes: 1,
        hash: Hash::of(b"something else"),
    };
    let manifest = Manifest::from_hashes(0, &[]).expect("an empty file");
    let announced = Offer {
        content: Content::Listed(summary),
        ..Offer::of_file(FileName::sanitize("folder"), manifest)
    };
    let transfer = announced.transfer();
    let asked = victim.control(&ControlFrame::Offer(announced));
    assert!(frames(&asked).all(|frame| matches!(frame, ControlFrame::FetchListing { .. })));
    let outputs = victim.control(&ControlFrame::Listing {
        transfer,
        offset: 0,
        bytes,
    });
    assert!(blames(&outputs));
    let told = |output: &Output| matches!(output, Output::Event(Event::Offered { .. }));
    assert!(!outputs.iter().any(told));
}

#[test]
fn offers_of_more_than_can_be_kept_track_of_are_declined() {
    let mut victim = Victim::linked();
    let manifest = Manifest::new(MAX_FILE_BYTES, Hash::ZERO).expect("as large as may be");
    let mut told = 0;
    for at in 0..300_u32 {
        let name = FileName::sanitize(&at.to_string());
        let outputs = victim.control(&ControlFrame::Offer(Offer::of_file(name, manifest)));
        let offered = |output: &&Output| matches!(output, Output::Event(Event::Offered { .. }));
        told += outputs.iter().filter(offered).count();
    }
    assert_eq!(told, 256, "as many as have 32 MiB of have-maps");
}

#[test]
fn who_says_to_stop_is_not_left_with_requests() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    victim.accept(transfer, 3);
    let reason = StopReason::Corrupt;
    let outputs = victim.control(&ControlFrame::Stop { transfer, reason });
    let taken_back = |frame: &ControlFrame| matches!(frame, ControlFrame::Unrequest { .. });
    assert!(
        frames(&outputs).any(|frame| taken_back(&frame)),
        "{outputs:?}"
    );
}

#[test]
fn who_does_not_listen_is_not_told_more() {
    let mut victim = Victim::linked();
    let offers = (0..60).map(|number| Command::Offer(picture(number)));
    let outputs: Vec<_> = offers.flat_map(|offer| victim.command(offer)).collect();
    let bytes: usize = frames(&outputs).map(|frame| frame.encode().len()).sum();
    assert!(bytes < 100 * 1024, "{bytes}");
    let (mut told, mut waits_for) = said(&outputs);
    // To say that something else is not to be had is no answer.
    let transfer = TransferId::from_bytes([9; 16]);
    let pieces = Range::one(0);
    let other = ControlFrame::Unavailable { transfer, pieces };
    assert_eq!(said(&victim.control(&other)), (0, None));
    while let Some((transfer, pieces)) = waits_for {
        let answer = ControlFrame::Unavailable { transfer, pieces };
        let (more, next) = said(&victim.control(&answer));
        assert!(more < 10, "{more}");
        (told, waits_for) = (told + more, next);
    }
    assert_eq!(told, 60);
}

/// How many offers were told, and what the victim waits for before it tells more.
fn said(outputs: &[Output]) -> (usize, Option<(TransferId, Range)>) {
    let told = frames(outputs).filter(|frame| matches!(frame, ControlFrame::Offer(_)));
    let asked = frames(outputs).find_map(|frame| match frame {
        ControlFrame::Request { transfer, pieces } => Some((transfer, pieces)),
        _ => None,
    });
    (told.count(), asked)
}

pub(crate) fn offers_told(outputs: &[Output]) -> usize {
    let told = |output: &&Output| matches!(output, Output::Event(Event::Offered { .. }));
    outputs.iter().filter(told).count()
}

fn offers_withdrawn(outputs: &[Output]) -> usize {
    let told = |output: &&Output| matches!(output, Output::Event(Event::OfferWithdrawn { .. }));
    outputs.iter().filter(told).count()
}

/// Something to offer, with a small picture of it.
fn picture(number: u32) -> Source {
    let hashes = [Hash::of(&number.to_be_bytes())];
    let manifest = Manifest::from_hashes(1000, &hashes).expect("one piece");
    let preview = Preview {
        thumbnail: Some(vec![0; 12 * 1024]),
        ..Preview::default()
    };
    let offer = Offer {
        preview: Some(preview),
        ..Offer::of_file(FileName::sanitize(&format!("{number}.jpg")), manifest)
    };
    Source {
        offer,
        listing: Bytes::new(),
        hashes: hashes.into(),
    }
}
