//! Pictures and recordings of any bytes: a preview stays within what the wire carries, and its
//! thumbnail can be shown.
#![no_main]

use std::io::Cursor;

use image::ImageFormat;
use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    Preview,
    limits::{MAX_CLOCK, PREVIEW_BYTES},
};

use self::peer::preview::preview;

// The file itself, as it is private to its crate, whose other dependencies are not needed here.
#[path = "../../crates/peer/src"]
mod peer {
    pub(super) mod preview;
}

fuzz_target!(|file: &[u8]| {
    for media_type in ["image/png", "video/mp4"] {
        if let Some(preview) = preview(Cursor::new(file), file.len() as u64, media_type) {
            check(&preview);
        }
    }
});

fn check(preview: &Preview) {
    assert!(
        preview
            .duration
            .is_none_or(|ms| (1..=MAX_CLOCK).contains(&ms))
    );
    let Some(thumbnail) = &preview.thumbnail else {
        return;
    };
    assert!(thumbnail.len() <= PREVIEW_BYTES);
    let kind = image::guess_format(thumbnail).expect("it is a picture");
    assert!(matches!(kind, ImageFormat::Jpeg | ImageFormat::Png));
    let small = image::load_from_memory(thumbnail).expect("it is whole");
    assert!(small.width() <= 256 && small.height() <= 256);
}
