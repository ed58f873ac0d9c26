//! How a picture, a video or a recording looks, for those to whom it is offered.
//!
//! Made where the file is, before anybody asks for it. Files come from anywhere, so nothing they
//! claim is believed: what is read, decoded and kept is bounded, and whatever cannot be made is
//! left out. Thumbnails are encoded anew: nothing of what a camera notes about a picture, such as
//! where it was taken, is in them.

mod matroska;
mod mp4;
mod picture;
mod window;

use std::io::{Read, Seek};

use snug_protocol::{Preview, limits::MAX_CLOCK};

use self::window::Window;

/// Makes the preview of a file of `size` bytes; `None` when there is nothing to tell.
///
/// Blocks, and for a large picture takes a second and some hundred MiB. Where in the file reading
/// has got to is different afterwards.
///
/// `media_type` (RFC 6838) only decides whether to look; what the file is, its bytes say.
pub(crate) fn preview<R: Read + Seek>(file: R, size: u64, media_type: &str) -> Option<Preview> {
    match media_type.split_once('/')?.0 {
        "image" => picture::preview(file, size),
        "video" | "audio" => recording(Window::new(file, size, RECORDING_BYTES)),
        _ => None,
    }
}

fn recording<R: Read + Seek>(mut file: Window<R>) -> Option<Preview> {
    let found = match &file.prefix(&file.whole(), 4)?[..] {
        matroska::MAGIC => matroska::read(&mut file)?,
        _ => mp4::read(&mut file)?,
    };
    let preview = Preview {
        width: found.width,
        height: found.height,
        // Beyond what the wire carries it is no duration.
        duration: found.duration.filter(|ms| (1..=MAX_CLOCK).contains(ms)),
        thumbnail: found.cover.as_deref().and_then(picture::thumbnail),
    };
    (preview != Preview::default()).then_some(preview)
}

/// What the headers of a recording say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Recording {
    /// Pixels across, as it is shown; 0 without pictures.
    width: u32,
    /// Pixels down, as it is shown.
    height: u32,
    /// Milliseconds.
    duration: Option<u64>,
    /// A picture file within the file.
    cover: Option<Vec<u8>>,
}

/// What may be read of a recording. Headers take some KiB, and some hundred reads; the largest
/// part is the cover.
const RECORDING_BYTES: u64 = 8 * 1024 * 1024;

/// Bytes of a cover within a recording. Shops embed up to about 1 MiB.
const COVER_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn recordings_are_told_apart_by_their_bytes() {
        for file in recordings() {
            for media_type in ["video/mp4", "video/webm", "audio/mp4"] {
                let preview = made(&file, media_type).unwrap();
                assert_eq!(preview.duration, Some(90_000));
                assert_eq!(preview.thumbnail, None);
            }
        }
    }

    #[test]
    fn covers_become_thumbnails() {
        let cover = picture::tests::samples(300, 200).swap_remove(2);
        let thumbnail = picture::thumbnail(&cover).unwrap();
        let small = image::load_from_memory(&thumbnail).unwrap();
        assert_eq!((small.width(), small.height()), (256, 171));
    }

    #[test]
    fn what_is_no_picture_has_no_preview() {
        for text in [
            &b""[..],
            b"\0\0\0\0",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
            b"<!doctype html><script>alert(1)</script>",
            &[0; 4096],
        ] {
            for media_type in ["image/png", "image/svg+xml", "video/mp4", "audio/mpeg"] {
                assert_eq!(made(text, media_type), None);
            }
        }
    }

    #[test]
    fn other_kinds_of_files_are_not_looked_into() {
        for file in files() {
            for media_type in ["", "text/plain", "application/zip", "imag"] {
                assert_eq!(made(&file, media_type), None);
            }
        }
    }

    #[test]
    fn files_cut_short_are_survived() {
        for file in files() {
            for len in (0..file.len()).step_by(97) {
                for media_type in KINDS {
                    made(&file[..len], media_type);
                    // It shrank since its size was asked for.
                    preview(Cursor::new(&file[..len]), file.len() as u64, media_type);
                }
            }
        }
    }

    #[test]
    fn changed_bytes_are_survived() {
        for file in files() {
            for at in (0..file.len()).filter(|at| *at < 200 || at % 97 == 0) {
                for value in [0, 0x7f, 0xff] {
                    let mut changed = file.clone();
                    changed[at] = value;
                    _ = KINDS.map(|media_type| made(&changed, media_type));
                }
            }
        }
    }

    fn made(file: &[u8], media_type: &str) -> Option<Preview> {
        preview(Cursor::new(file), file.len() as u64, media_type)
    }

    fn files() -> Vec<Vec<u8>> {
        [picture::tests::samples(48, 32), recordings().into()].concat()
    }

    fn recordings() -> [Vec<u8>; 2] {
        [mp4::tests::sample(), matroska::tests::sample()]
    }

    const KINDS: [&str; 2] = ["image/jpeg", "video/mp4"];
}
