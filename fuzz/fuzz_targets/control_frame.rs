//! What a peer sends on `control`: whatever decodes is written so that it decodes to the same
//! again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{ControlFrame, FileName, limits::CONTROL_FRAME_BYTES};

fuzz_target!(|frame: &[u8]| {
    let Ok(frame) = ControlFrame::decode(frame) else {
        return;
    };
    match &frame {
        ControlFrame::Entry(entry) => assert_eq!(entry.hash(), entry.clone().hash()),
        ControlFrame::Offer(offer) => {
            assert_eq!(FileName::sanitize(offer.name.as_str()), offer.name);
            assert_eq!(offer.transfer(), offer.manifest.transfer_id(&offer.name));
        }
        _ => {}
    }
    let encoded = frame.encode();
    assert!(encoded.len() <= CONTROL_FRAME_BYTES);
    assert_eq!(ControlFrame::decode(&encoded), Ok(frame));
});
