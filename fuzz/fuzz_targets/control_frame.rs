//! What a peer sends on `control`: whatever decodes is written so that it decodes to the same
//! again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    ControlFrame, FileName,
    limits::{CONTROL_FRAME_BYTES, LISTING_BYTES, MAX_PIECES},
};

fuzz_target!(|frame: &[u8]| {
    let Ok(frame) = ControlFrame::decode(frame) else {
        return;
    };
    match &frame {
        ControlFrame::Entry(entry) => assert_eq!(entry.hash(), entry.clone().hash()),
        ControlFrame::Offer(offer) => {
            assert_eq!(FileName::sanitize(offer.name.as_str()), offer.name);
            if let Some(listing) = offer.own_listing() {
                assert_eq!(listing.size(), offer.manifest.size());
                assert_eq!((listing.files(), offer.files()), (1, 1));
            }
        }
        ControlFrame::Have { first, bits, .. } => {
            let set = (0..bits.len() * 8).filter(|bit| bits[bit / 8] & (0x80 >> (bit % 8)) != 0);
            let last = set.last().unwrap_or_default();
            assert!(*first as usize + last < MAX_PIECES as usize);
        }
        ControlFrame::Listing { offset, bytes, .. } => {
            assert!(!bytes.is_empty() && *offset as usize + bytes.len() <= LISTING_BYTES);
        }
        _ => {}
    }
    let encoded = frame.encode();
    assert!(encoded.len() <= CONTROL_FRAME_BYTES);
    assert_eq!(ControlFrame::decode(&encoded), Ok(frame));
});
