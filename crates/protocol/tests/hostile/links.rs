//! What a peer might send when a link comes up, and through the server when none does.

use rmp_serde::encode::write_named;
use serde::Serialize;
use serde_bytes::Bytes;
use snug_protocol::{
    ControlFrame, RelaySegment,
    limits::{RELAY_FRAMES, RELAY_SEGMENT_BYTES, ROSTER_MEMBERS},
};

use super::{Why, refuses};

#[test]
fn frames_about_keys_out_of_range() {
    let [ann, bob] = [("ann", Bytes::new(&[1; 32])), ("bob", Bytes::new(&[2; 32]))];
    let short = ("ann", Bytes::new(&[1; 31]));
    let long = ("ann", Bytes::new(&[1; 33]));
    let ids: Vec<String> = (0..=ROSTER_MEMBERS).map(|at| format!("{at:04}")).collect();
    let many: Vec<_> = ids.iter().map(|id| (&**id, ann.1)).collect();
    assert!(ControlFrame::decode(&roster(&[])).is_ok());
    assert!(ControlFrame::decode(&roster(&[ann, bob])).is_ok());
    assert!(ControlFrame::decode(&roster(&many[1..])).is_ok());
    for (name, frame, why) in [
        ("out of order", roster(&[bob, ann]), Why::Invalid("members")),
        (
            "the same twice",
            roster(&[ann, ann]),
            Why::Invalid("members"),
        ),
        (
            "one person, two identities",
            roster(&[ann, ("ann", bob.1)]),
            Why::Invalid("members"),
        ),
        ("65 members", roster(&many), Why::Invalid("members")),
        ("a short identity", roster(&[short]), Why::Malformed),
        ("a long identity", roster(&[long]), Why::Malformed),
        ("nobody", roster(&[("", ann.1)]), Why::Malformed),
        ("a map of members", b"\x0b\x80".to_vec(), Why::Malformed),
        ("a short code", binding(&[0; 31]), Why::Malformed),
        ("a long code", binding(&[0; 33]), Why::Malformed),
        ("no code", b"\x0a\x80".to_vec(), Why::Malformed),
        (
            "-1 guesses",
            b"\x0c\x81\xa5wrong\xff".to_vec(),
            Why::Malformed,
        ),
        (
            "2^32 guesses",
            b"\x0c\x81\xa5wrong\xcf\0\0\0\x01\0\0\0\0".to_vec(),
            Why::Malformed,
        ),
    ] {
        refuses(name, &ControlFrame::decode(&frame), &why);
    }
}

#[test]
fn only_numbers_of_the_future_are_passed_over() {
    for frame in [&b"\xff\x80"[..], b"\xff", b"\xff\xc1", b"\0\0\0"] {
        let error = ControlFrame::decode(frame).unwrap_err();
        assert!(error.is_unknown_type(), "{frame:02x?}: {error}");
    }
    for frame in [&b"\x0c\x80"[..], b"\x0c", b"\x03\x81\xa1x\xc0", b""] {
        let error = ControlFrame::decode(frame).unwrap_err();
        assert!(!error.is_unknown_type(), "{frame:02x?}: {error}");
    }
}

#[test]
fn segments_out_of_range() {
    let frame = |channel: u8, len: u32, bytes: &[u8]| {
        let [_, len @ ..] = len.to_be_bytes();
        [&[channel][..], &len, bytes].concat()
    };
    let x = frame(0, 1, b"x");
    let half = RELAY_SEGMENT_BYTES / 2;
    let large = frame(1, u32::try_from(half).unwrap(), &vec![7; half]);
    assert!(RelaySegment::decode(&segment(0, &[])).is_ok());
    assert!(RelaySegment::decode(&segment(1, &x.repeat(RELAY_FRAMES))).is_ok());
    assert!(RelaySegment::decode(&segment(u64::MAX, &frame(1, 0, b""))).is_ok());
    for (name, bytes, why) in [
        ("nothing", Vec::new(), Why::Truncated),
        (
            "half a header",
            segment(0, &[])[..12].to_vec(),
            Why::Truncated,
        ),
        (
            "frames without a number",
            segment(0, &x),
            Why::Invalid("seq"),
        ),
        ("a number for nothing", segment(1, &[]), Why::Invalid("seq")),
        (
            "65 frames",
            segment(1, &x.repeat(RELAY_FRAMES + 1)),
            Why::Invalid("frames"),
        ),
        (
            "half a frame",
            segment(1, &frame(0, 2, b"x")),
            Why::Truncated,
        ),
        (
            "a frame of 16 MiB",
            segment(1, &frame(1, u32::MAX, b"x")),
            Why::Truncated,
        ),
        (
            "half a frame's header",
            segment(1, &[&x[..], b"\0\0\0"].concat()),
            Why::Truncated,
        ),
        (
            "a third channel",
            segment(1, &frame(2, 1, b"x")),
            Why::Unknown,
        ),
        ("too long", segment(1, &large.repeat(2)), Why::TooLong),
    ] {
        refuses(name, &RelaySegment::decode(&bytes), &why);
    }
}

fn roster(members: &[(&str, &Bytes)]) -> Vec<u8> {
    [vec![11], named(&members)].concat()
}

fn binding(mac: &[u8]) -> Vec<u8> {
    let mac = Bytes::new(mac);
    [vec![10], named(&Binding { mac })].concat()
}

fn segment(seq: u64, frames: &[u8]) -> Vec<u8> {
    [&[7; 8][..], &seq.to_be_bytes(), &[0; 8], frames].concat()
}

fn named<T: Serialize>(fields: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_named(&mut bytes, fields).unwrap();
    bytes
}

#[derive(Serialize)]
struct Binding<'a> {
    mac: &'a Bytes,
}
