//! The headers of MP4 and `QuickTime` files (ISO/IEC 14496-12): boxes in boxes.
//!
//! ```text
//! moov              anywhere in the file, often at its end
//!   mvhd            duration
//!   mvex mehd       duration of a file in fragments
//!   trak
//!     tkhd          size as shown, and how it is turned
//!     mdia hdlr     whether it is video
//!   udta meta ilst covr data    cover
//! ```

use std::{
    io::{Read, Seek},
    ops::Range,
};

use super::{COVER_BYTES, Recording, Window};

/// Reads what the headers say; `None` when this is no such file.
pub(super) fn read<R: Read + Seek>(file: &mut Window<R>) -> Option<Recording> {
    let first = next(file, &file.whole())?;
    if !FIRST.contains(&&first.kind) {
        return None;
    }
    let moov = find(file, file.whole(), *b"moov")?;
    let mut recording = Recording {
        duration: duration(file, &moov),
        cover: cover(file, &moov),
        ..Recording::default()
    };
    for trak in all(file, moov, *b"trak") {
        if let Some((width @ 1.., height @ 1..)) = video_size(file, &trak) {
            (recording.width, recording.height) = (width, height);
            break;
        }
    }
    Some(recording)
}

/// A box (§4.2).
struct Part {
    kind: [u8; 4],
    body: Range<u64>,
}

/// Reads the header of the box with which a part begins. However long it claims to be, it ends
/// where the part ends: most of a file that is cut short can still be read.
fn next<R: Read + Seek>(file: &mut Window<R>, part: &Range<u64>) -> Option<Part> {
    let header = file.prefix(part, 16)?;
    let kind = *header.get(4..)?.first_chunk()?;
    let (header, size) = match u32_at(&header, 0)? {
        0 => (8, u64::MAX),
        1 => (16, u64_at(&header, 8)?),
        size => (8, size.into()),
    };
    let end = part.start.saturating_add(size).min(part.end);
    let start = part.start + header;
    (start <= end).then_some(Part {
        kind,
        body: start..end,
    })
}

fn find<R: Read + Seek>(
    file: &mut Window<R>,
    mut part: Range<u64>,
    kind: [u8; 4],
) -> Option<Range<u64>> {
    loop {
        let found = next(file, &part)?;
        if found.kind == kind {
            return Some(found.body);
        }
        part.start = found.body.end;
    }
}

/// As [`find`], but all of them. There are no more than may be read.
fn all<R: Read + Seek>(
    file: &mut Window<R>,
    mut part: Range<u64>,
    kind: [u8; 4],
) -> Vec<Range<u64>> {
    let mut bodies = Vec::new();
    while let Some(body) = find(file, part.clone(), kind) {
        part.start = body.end;
        bodies.push(body);
    }
    bodies
}

fn path<R: Read + Seek, const N: usize>(
    file: &mut Window<R>,
    part: Range<u64>,
    kinds: [&[u8; 4]; N],
) -> Option<Range<u64>> {
    kinds
        .into_iter()
        .try_fold(part, |part, kind| find(file, part, *kind))
}

/// Milliseconds (`mvhd`, §8.2.2; `mehd`, §8.8.2).
fn duration<R: Read + Seek>(file: &mut Window<R>, moov: &Range<u64>) -> Option<u64> {
    let mvhd = find(file, moov.clone(), *b"mvhd")?;
    let mvhd = file.prefix(&mvhd, 32)?;
    let (scale, units) = match mvhd.first()? {
        0 => (u32_at(&mvhd, 12)?, known(u32_at(&mvhd, 16)?)),
        _ => (u32_at(&mvhd, 20)?, Some(u64_at(&mvhd, 24)?)),
    };
    let units = match units.filter(|units| !matches!(*units, 0 | u64::MAX)) {
        Some(units) => units,
        None => duration_of_fragments(file, moov)?,
    };
    let ms = (u128::from(units) * 1000).checked_div(scale.into())?;
    u64::try_from(ms).ok()
}

fn duration_of_fragments<R: Read + Seek>(file: &mut Window<R>, moov: &Range<u64>) -> Option<u64> {
    let mehd = path(file, moov.clone(), [b"mvex", b"mehd"])?;
    let mehd = file.prefix(&mehd, 12)?;
    match mehd.first()? {
        0 => known(u32_at(&mehd, 4)?),
        _ => u64_at(&mehd, 4),
    }
}

/// All ones say that a duration is not known.
fn known(units: u32) -> Option<u64> {
    (units != u32::MAX).then_some(units.into())
}

/// Pixels across and down of a track, if it is video.
fn video_size<R: Read + Seek>(file: &mut Window<R>, trak: &Range<u64>) -> Option<(u32, u32)> {
    let hdlr = path(file, trak.clone(), [b"mdia", b"hdlr"])?;
    if file.prefix(&hdlr, 12)?.get(8..)? != b"vide" {
        return None;
    }
    let tkhd = find(file, trak.clone(), *b"tkhd")?;
    let tkhd = file.prefix(&tkhd, 96)?;
    shown_size(tkhd.get(if *tkhd.first()? == 0 { 40.. } else { 52.. })?)
}

/// The end of `tkhd` (§8.3.2): nine numbers of a matrix, width and height in 1/65536 pixels.
fn shown_size(matrix: &[u8]) -> Option<(u32, u32)> {
    let size = (u32_at(matrix, 36)? >> 16, u32_at(matrix, 40)? >> 16);
    let [a, b, c, d] = [0, 4, 12, 16].map(|at| u32_at(matrix, at).unwrap_or_default());
    // What was across is down, as in what a phone records when held upright.
    let turned = a == 0 && d == 0 && b != 0 && c != 0;
    Some(if turned { (size.1, size.0) } else { size })
}

/// The cover, as players and shops store it.
fn cover<R: Read + Seek>(file: &mut Window<R>, moov: &Range<u64>) -> Option<Vec<u8>> {
    let mut meta = path(file, moov.clone(), [b"udta", b"meta"])?;
    // A version comes first in MP4, none in QuickTime; `hdlr` is the first box in both.
    if file.prefix(&meta, 8)?.get(4..)? != b"hdlr" {
        meta.start += 4;
    }
    let data = path(file, meta, [b"ilst", b"covr", b"data"])?;
    // Before the picture: its type, which the picture says itself, and a language.
    let len = usize::try_from(data.end - data.start)
        .ok()?
        .checked_sub(8)?;
    if len > COVER_BYTES {
        return None;
    }
    file.prefix(&(data.start + 8..data.end), len)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_be_bytes(*bytes))
}

/// How files begin; those before `ftyp` was thought of begin with any of the others.
const FIRST: [&[u8; 4]; 7] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot",
];

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A video of a minute and a half, recorded upright, with the movie box at the end.
    pub(in super::super) fn sample() -> Vec<u8> {
        [
            part("ftyp", &[b"isom\0\0\x02\0isom"]),
            part("mdat", &[&[7; 300]]),
            part(
                "moov",
                &[
                    &mvhd(600, 54_000),
                    &trak("soun", UPRIGHT, (0, 0)),
                    &trak("vide", QUARTER_TURN, (1920, 1080)),
                    &part("udta", &[&meta(b"not a picture")]),
                ],
            ),
        ]
        .concat()
    }

    #[test]
    fn size_as_shown_and_duration_are_read() {
        let read = read_bytes(&sample()).unwrap();
        assert_eq!((read.width, read.height), (1080, 1920));
        assert_eq!(read.duration, Some(90_000));
        assert_eq!(read.cover.as_deref(), Some(&b"not a picture"[..]));
    }

    #[test]
    fn long_sizes_and_quicktime_are_read() {
        let mdat = [&[0, 0, 0, 1][..], b"mdat", &26u64.to_be_bytes(), &[7; 10]].concat();
        let moov = part("moov", &[&trak("vide", UPRIGHT, (320, 240))]);
        let read = read_bytes(&[part("wide", &[]), mdat, moov].concat()).unwrap();
        assert_eq!((read.width, read.height, read.duration), (320, 240, None));
    }

    #[test]
    fn fragments_say_their_duration_elsewhere() {
        let mehd = part("mehd", &[&[1, 0, 0, 0], &5_000u64.to_be_bytes()]);
        for unknown in [0, u32::MAX] {
            let moov = [mvhd(1000, unknown), part("mvex", &[&mehd])].concat();
            let read = read_bytes(&part("moov", &[&moov])).unwrap();
            assert_eq!(read.duration, Some(5_000));
        }
    }

    #[test]
    fn lies_about_time_are_no_duration() {
        for mvhd in [mvhd(0, 7), mvhd(600, u32::MAX), mvhd(600, 0)] {
            let read = read_bytes(&part("moov", &[&mvhd])).unwrap();
            assert_eq!(read.duration, None);
        }
    }

    #[test]
    fn boxes_longer_than_the_file_end_with_it() {
        let mut file = part("moov", &[&mvhd(600, 600), &trak("vide", UPRIGHT, (16, 9))]);
        file[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        let read = read_bytes(&file).unwrap();
        assert_eq!((read.width, read.duration), (16, Some(1000)));
    }

    #[test]
    fn boxes_without_end_or_shorter_than_their_header_are_given_up() {
        let endless = [&[0, 0, 0, 1][..], b"free", &u64::MAX.to_be_bytes()].concat();
        let short = [&[0, 0, 0, 1][..], b"free", &9u64.to_be_bytes(), b"moov"].concat();
        let tiny = b"\0\0\0\x04free\0\0\0\x08moov".to_vec();
        for file in [endless, short, tiny, part("ftyp", &[]), Vec::new()] {
            assert_eq!(read_bytes(&file), None);
        }
    }

    #[test]
    fn a_million_boxes_are_not_all_read() {
        let mut file = part("free", &[]).repeat(1_000_000);
        file.extend(sample());
        assert_eq!(read_bytes(&file), None);
    }

    #[test]
    fn covers_that_are_too_large_are_left_out() {
        let meta = meta(&vec![0; COVER_BYTES + 1]);
        let moov = part("moov", &[&mvhd(1, 1), &part("udta", &[&meta])]);
        assert_eq!(read_bytes(&moov).unwrap().cover, None);
    }

    fn read_bytes(bytes: &[u8]) -> Option<Recording> {
        let budget = super::super::RECORDING_BYTES;
        read(&mut Window::new(
            Cursor::new(bytes),
            bytes.len() as u64,
            budget,
        ))
    }

    fn part(kind: &str, body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        let size = u32::try_from(8 + body.len()).unwrap();
        [&size.to_be_bytes()[..], kind.as_bytes(), &body].concat()
    }

    fn mvhd(scale: u32, duration: u32) -> Vec<u8> {
        let (scale, duration) = (scale.to_be_bytes(), duration.to_be_bytes());
        part("mvhd", &[&[0; 12], &scale, &duration, &[0; 80]])
    }

    fn trak(handler: &str, matrix: [u32; 9], (width, height): (u32, u32)) -> Vec<u8> {
        let matrix = matrix.map(u32::to_be_bytes).concat();
        let size = [width << 16, height << 16].map(u32::to_be_bytes).concat();
        let hdlr = part("hdlr", &[&[0; 8], handler.as_bytes(), &[0; 13]]);
        let tkhd = part("tkhd", &[&[0; 40], &matrix, &size]);
        part("trak", &[&tkhd, &part("mdia", &[&hdlr])])
    }

    fn meta(cover: &[u8]) -> Vec<u8> {
        let data = part("data", &[&[0, 0, 0, 13, 0, 0, 0, 0], cover]);
        let ilst = part("ilst", &[&part("covr", &[&data])]);
        part("meta", &[&[0; 4], &part("hdlr", &[&[0; 25]]), &ilst])
    }

    const UPRIGHT: [u32; 9] = [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30];
    const QUARTER_TURN: [u32; 9] = [0, ONE, 0, ONE.wrapping_neg(), 0, 0, 1080 << 16, 0, 1 << 30];
    const ONE: u32 = 1 << 16;
}
