//! The headers of Matroska and `WebM` files (RFC 9559): EBML elements (RFC 8794) in elements.
//!
//! ```text
//! EBML
//! Segment
//!   SeekHead        where the others are that come after the clusters
//!   Info            duration
//!   Tracks          size as shown, and how it is turned
//!   Cluster…        what is played
//!   Attachments     cover
//! ```

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
    ops::Range,
    time::Duration,
};

use super::{COVER_BYTES, Recording, Window};

/// How files begin: the id of the first element.
pub(super) const MAGIC: &[u8] = &[0x1a, 0x45, 0xdf, 0xa3];

/// Reads what the headers say; `None` when there is nothing in the file.
pub(super) fn read<R: Read + Seek>(file: &mut Window<R>) -> Option<Recording> {
    let whole = file.whole();
    let segment = children(file, whole, SEGMENT).remove(&SEGMENT)?;
    let parts = parts(file, &segment);
    let mut recording = Recording::default();
    if let Some(info) = parts.get(&INFO) {
        recording.duration = duration(file, info);
    }
    if let Some(attachments) = parts.get(&ATTACHMENTS) {
        recording.cover = cover(file, attachments);
    }
    if let Some(tracks) = parts.get(&TRACKS) {
        let tracks = all(file, tracks.clone(), TRACK_ENTRY);
        let size = tracks.into_iter().find_map(|track| video_size(file, track));
        (recording.width, recording.height) = size.unwrap_or_default();
    }
    Some(recording)
}

/// The parts of a segment, by id, up to the first cluster, and those to which its index points.
fn parts<R: Read + Seek>(file: &mut Window<R>, segment: &Range<u64>) -> Elements {
    let mut parts = children(file, segment.clone(), CLUSTER);
    let Some(index) = parts.get(&SEEK_HEAD).cloned() else {
        return parts;
    };
    for seek in all(file, index, SEEK) {
        let seek = children(file, seek, NONE);
        let at = seek.get(&SEEK_POSITION).and_then(|at| uint(file, at));
        let Some(at) = at.and_then(|at| segment.start.checked_add(at)) else {
            continue;
        };
        if let Some(element) = next(file, &(at..segment.end)) {
            parts.entry(element.id).or_insert(element.body);
        }
    }
    parts
}

type Elements = BTreeMap<u32, Range<u64>>;

struct Element {
    id: u32,
    body: Range<u64>,
}

/// Reads the header of the element with which a part begins. However long it claims to be, it
/// ends where the part ends, as do those whose length was not known when they were begun.
fn next<R: Read + Seek>(file: &mut Window<R>, part: &Range<u64>) -> Option<Element> {
    let header = file.prefix(part, 12)?;
    let id_len = vint_len(&header)?;
    let id = u32::try_from(be(header.get(..id_len)?)?).ok()?;
    let size = header.get(id_len..)?;
    let size_len = vint_len(size)?;
    let mask = (1 << (7 * size_len)) - 1;
    let size = match be(size.get(..size_len)?)? & mask {
        unknown if unknown == mask => u64::MAX,
        size => size,
    };
    let start = part.start + (id_len + size_len) as u64;
    let end = start.saturating_add(size).min(part.end);
    Some(Element {
        id,
        body: start..end,
    })
}

/// Bytes of a number of variable length, which its first byte says (RFC 8794 §4).
fn vint_len(bytes: &[u8]) -> Option<usize> {
    let zeros = bytes.first()?.leading_zeros() as usize;
    (zeros < 8).then_some(zeros + 1)
}

/// The elements within a part, the first of each id, up to and with the first `last`.
fn children<R: Read + Seek>(file: &mut Window<R>, mut part: Range<u64>, last: u32) -> Elements {
    let mut elements = Elements::new();
    while let Some(Element { id, body }) = next(file, &part) {
        part.start = body.end;
        elements.entry(id).or_insert(body);
        if id == last {
            break;
        }
    }
    elements
}

/// All elements of one id within a part. There are no more than may be read.
fn all<R: Read + Seek>(file: &mut Window<R>, mut part: Range<u64>, id: u32) -> Vec<Range<u64>> {
    let mut bodies = Vec::new();
    while let Some(element) = next(file, &part) {
        part.start = element.body.end;
        if element.id == id {
            bodies.push(element.body);
        }
    }
    bodies
}

/// Milliseconds.
fn duration<R: Read + Seek>(file: &mut Window<R>, info: &Range<u64>) -> Option<u64> {
    let info = children(file, info.clone(), NONE);
    let units = float(file, info.get(&DURATION)?)?;
    let scale = match info.get(&TIMESTAMP_SCALE) {
        Some(scale) => uint(file, scale)?,
        None => 1_000_000,
    };
    // Nanoseconds in a unit: a double has room for what anybody would use.
    #[expect(clippy::cast_precision_loss)]
    let seconds = units * scale as f64 / 1e9;
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(duration.as_millis()).ok()
}

/// Pixels across and down of a track, if it is video.
fn video_size<R: Read + Seek>(file: &mut Window<R>, track: Range<u64>) -> Option<(u32, u32)> {
    let track = children(file, track, NONE);
    if uint(file, track.get(&TRACK_TYPE)?)? != VIDEO_TRACK {
        return None;
    }
    let video = children(file, track.get(&VIDEO)?.clone(), NONE);
    let mut pixels = |id| {
        let value = uint(file, video.get(&id)?)?;
        u32::try_from(value).ok().filter(|pixels| *pixels > 0)
    };
    let coded = (pixels(PIXEL_WIDTH)?, pixels(PIXEL_HEIGHT)?);
    // Other units are centimetres, inches and proportions.
    let size = match (pixels(DISPLAY_WIDTH), pixels(DISPLAY_HEIGHT)) {
        (Some(width), Some(height)) if pixels(DISPLAY_UNIT).is_none() => (width, height),
        _ => coded,
    };
    let turned = is_turned(file, &video).unwrap_or(false);
    Some(if turned { (size.1, size.0) } else { size })
}

/// Whether what was across is shown down.
fn is_turned<R: Read + Seek>(file: &mut Window<R>, video: &Elements) -> Option<bool> {
    let projection = children(file, video.get(&PROJECTION)?.clone(), NONE);
    let degrees = float(file, projection.get(&PROJECTION_POSE_ROLL)?)?;
    Some((degrees.abs() - 90.0).abs() < 1.0)
}

/// The picture that stands for the whole (RFC 9559 §18.1: by its name).
fn cover<R: Read + Seek>(file: &mut Window<R>, attachments: &Range<u64>) -> Option<Vec<u8>> {
    for attached in all(file, attachments.clone(), ATTACHED_FILE) {
        let attached = children(file, attached, NONE);
        let (Some(name), Some(data)) = (attached.get(&FILE_NAME), attached.get(&FILE_DATA)) else {
            continue;
        };
        let is_cover = matches!(&file.prefix(name, 6)?[..], b"cover." | b"cover_");
        let len = usize::try_from(data.end - data.start).unwrap_or(usize::MAX);
        if is_cover && len <= COVER_BYTES {
            return file.prefix(data, len);
        }
    }
    None
}

fn uint<R: Read + Seek>(file: &mut Window<R>, part: &Range<u64>) -> Option<u64> {
    be(&file.prefix(part, 9)?)
}

fn float<R: Read + Seek>(file: &mut Window<R>, part: &Range<u64>) -> Option<f64> {
    let bytes = file.prefix(part, 9)?;
    if let Ok(bytes) = bytes[..].try_into() {
        return Some(f32::from_be_bytes(bytes).into());
    }
    Some(f64::from_be_bytes(bytes.try_into().ok()?))
}

/// A number of up to eight bytes.
fn be(bytes: &[u8]) -> Option<u64> {
    let shifted = |number, byte: &u8| (number << 8) | u64::from(*byte);
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, shifted))
}

/// The type of a track that is video.
const VIDEO_TRACK: u64 = 1;

/// No element has this id.
const NONE: u32 = 0;

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_POSITION: u32 = 0x53ac;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const DISPLAY_WIDTH: u32 = 0x54b0;
const DISPLAY_HEIGHT: u32 = 0x54ba;
const DISPLAY_UNIT: u32 = 0x54b2;
const PROJECTION: u32 = 0x7670;
const PROJECTION_POSE_ROLL: u32 = 0x7675;
const CLUSTER: u32 = 0x1f43_b675;
const ATTACHMENTS: u32 = 0x1941_a469;
const ATTACHED_FILE: u32 = 0x61a7;
const FILE_NAME: u32 = 0x466e;
const FILE_DATA: u32 = 0x465c;

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A video of a minute and a half, with its attachments behind a cluster.
    pub(in super::super) fn sample() -> Vec<u8> {
        let info = element(INFO, &[&element(DURATION, &[&90_000f64.to_be_bytes()])]);
        let tracks = element(TRACKS, &[&sound(), &track(&video())]);
        let cluster = element(CLUSTER, &[&[7; 300]]);
        let files = [
            attached("font.ttf", b"font"),
            attached("cover.jpg", b"not a picture"),
        ];
        let attachments = element(ATTACHMENTS, &[&files.concat()]);
        let behind = [info, tracks, cluster].concat();
        // The index takes as many bytes whatever it says.
        let index_len = index(0).len();
        segment(&[&index(index_len + behind.len()), &behind, &attachments])
    }

    #[test]
    fn size_as_shown_duration_and_cover_are_read() {
        let read = read_bytes(&sample()).unwrap();
        assert_eq!((read.width, read.height), (640, 360));
        assert_eq!(read.duration, Some(90_000));
        assert_eq!(read.cover.as_deref(), Some(&b"not a picture"[..]));
    }

    #[test]
    fn what_a_browser_records_has_no_duration() {
        let tracks = element(TRACKS, &[&track(&video())]);
        let live = [&SEGMENT.to_be_bytes()[..], &[0x01], &[0xff; 7], &tracks].concat();
        let cluster = [&CLUSTER.to_be_bytes()[..], &[0xff], &[7; 300]].concat();
        let read = read_bytes(&[element(EBML, &[]), live, cluster].concat()).unwrap();
        assert_eq!((read.width, read.height, read.duration), (640, 360, None));
    }

    #[test]
    fn units_of_time_and_space_are_minded() {
        let scale = element(TIMESTAMP_SCALE, &[&1_000u32.to_be_bytes()]);
        let info = element(
            INFO,
            &[&scale, &element(DURATION, &[&2.5e6f32.to_be_bytes()])],
        );
        let proportions = [
            number(PIXEL_WIDTH, 720),
            number(PIXEL_HEIGHT, 576),
            number(DISPLAY_WIDTH, 16),
            number(DISPLAY_HEIGHT, 9),
            number(DISPLAY_UNIT, 3),
        ];
        let tracks = element(TRACKS, &[&track(&proportions.concat())]);
        let read = read_bytes(&segment(&[&info, &tracks])).unwrap();
        assert_eq!((read.width, read.height), (720, 576));
        assert_eq!(read.duration, Some(2_500));
    }

    #[test]
    fn a_quarter_turn_swaps_width_and_height() {
        let roll = element(PROJECTION_POSE_ROLL, &[&(-90f64).to_be_bytes()]);
        let turned = [video(), element(PROJECTION, &[&roll])].concat();
        let read = read_bytes(&segment(&[&element(TRACKS, &[&track(&turned)])])).unwrap();
        assert_eq!((read.width, read.height), (360, 640));
    }

    #[test]
    fn lies_about_time_are_no_duration() {
        for lie in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            let info = element(INFO, &[&element(DURATION, &[&lie.to_be_bytes()])]);
            assert_eq!(read_bytes(&segment(&[&info])).unwrap().duration, None);
        }
    }

    #[test]
    fn an_index_that_points_anywhere_is_survived() {
        let tracks = element(TRACKS, &[&track(&video())]);
        for anywhere in [0, 1, 100_000, usize::MAX] {
            let read = read_bytes(&segment(&[&index(anywhere), &tracks])).unwrap();
            assert_eq!((read.width, read.cover), (640, None));
        }
    }

    #[test]
    fn a_million_elements_are_not_all_read() {
        let void = element(0xec, &[]).repeat(1_000_000);
        let read = read_bytes(&segment(&[&void, &element(TRACKS, &[&track(&video())])]));
        assert_eq!(read, Some(Recording::default()));
    }

    #[test]
    fn sizes_that_cannot_be_are_left_out() {
        let lies = [number(PIXEL_WIDTH, 1 << 40), number(PIXEL_HEIGHT, 1)];
        let tracks = element(TRACKS, &[&track(&lies.concat())]);
        let read = read_bytes(&segment(&[&tracks])).unwrap();
        assert_eq!((read.width, read.height), (0, 0));
    }

    fn read_bytes(bytes: &[u8]) -> Option<Recording> {
        let budget = super::super::RECORDING_BYTES;
        read(&mut Window::new(
            Cursor::new(bytes),
            bytes.len() as u64,
            budget,
        ))
    }

    fn segment(parts: &[&[u8]]) -> Vec<u8> {
        [element(EBML, &[]), element(SEGMENT, parts)].concat()
    }

    fn element(id: u32, body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        let id = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0);
        let len = u64::try_from(body.len()).unwrap() | 1 << 56;
        id.chain(len.to_be_bytes()).chain(body).collect()
    }

    fn number(id: u32, value: u64) -> Vec<u8> {
        element(id, &[&value.to_be_bytes()])
    }

    fn index(attachments: usize) -> Vec<u8> {
        let id = element(0x53ab, &[&ATTACHMENTS.to_be_bytes()]);
        let at = number(SEEK_POSITION, attachments as u64);
        element(SEEK_HEAD, &[&element(SEEK, &[&id, &at])])
    }

    fn track(video: &[u8]) -> Vec<u8> {
        let kind = number(TRACK_TYPE, VIDEO_TRACK);
        element(TRACK_ENTRY, &[&kind, &element(VIDEO, &[video])])
    }

    fn sound() -> Vec<u8> {
        element(TRACK_ENTRY, &[&number(TRACK_TYPE, 2)])
    }

    /// Shown wider than it is stored.
    fn video() -> Vec<u8> {
        let stored = [number(PIXEL_WIDTH, 480), number(PIXEL_HEIGHT, 360)];
        let shown = [number(DISPLAY_WIDTH, 640), number(DISPLAY_HEIGHT, 360)];
        [stored, shown].concat().concat()
    }

    fn attached(name: &str, data: &[u8]) -> Vec<u8> {
        let name = element(FILE_NAME, &[name.as_bytes()]);
        element(ATTACHED_FILE, &[&name, &element(FILE_DATA, &[data])])
    }

    const EBML: u32 = 0x1a45_dfa3;
}
