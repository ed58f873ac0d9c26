//! What a peer might send on its data channels.

use bytes::Bytes;
use serde::Serialize;
use snug_protocol::{
    BulkFrame, ControlFrame,
    limits::{CONTROL_FRAME_BYTES, MAX_PIECES, PIECE_BYTES},
};

use super::{Why, encode, refuses};

#[test]
fn control_frames_that_are_not_frames() {
    let too_long = vec![8; CONTROL_FRAME_BYTES + 1];
    // A typing frame with an extra field that holds arrays within arrays.
    let mut deep = b"\x07\x82\xa2on\xc3\xa1x".to_vec();
    deep.extend([0x91; 10_000]);
    deep.push(0xc0);
    for (name, frame, why) in [
        ("nothing", &b""[..], Why::Truncated),
        ("a number alone", b"\x08", Why::Truncated),
        ("number 0", b"\x00\x80", Why::Unknown),
        ("a number of the future", b"\xff\x80", Why::Unknown),
        ("an array of fields", b"\x07\x91\xc3", Why::Malformed),
        ("a text", b"\x07\xa2on", Why::Malformed),
        ("nil", b"\x08\xc0", Why::Malformed),
        ("no fields", b"\x07\x80", Why::Malformed),
        (
            "a field twice",
            b"\x07\x82\xa2on\xc3\xa2on\xc3",
            Why::Malformed,
        ),
        ("a number for a flag", b"\x07\x81\xa2on\x01", Why::Malformed),
        (
            "a name that is not UTF-8",
            b"\x07\x81\xa2\xff\xff\xc3",
            Why::Malformed,
        ),
        ("a byte too many", b"\x07\x81\xa2on\xc3\xc3", Why::Malformed),
        ("a reserved marker", b"\x07\x81\xa2on\xc1", Why::Malformed),
        ("too deep", &deep, Why::Malformed),
        ("too long", &too_long, Why::TooLong),
    ] {
        refuses(name, &ControlFrame::decode(frame), &why);
    }
    let extra = b"\x07\x82\xa2on\xc3\xa1x\x93\x01\xa1y\xc4\x02zz";
    assert_eq!(
        ControlFrame::decode(extra),
        Ok(ControlFrame::Typing { on: true })
    );
}

#[test]
fn control_fields_out_of_range() {
    let past = 1_u64 << 53;
    for (name, frame, why) in [
        (
            "from 0",
            encode(
                5,
                &Fetch {
                    author: "a",
                    from: 0,
                    to: 1,
                },
            ),
            Why::Invalid("from"),
        ),
        (
            "backwards",
            encode(
                5,
                &Fetch {
                    author: "a",
                    from: 2,
                    to: 1,
                },
            ),
            Why::Invalid("from"),
        ),
        (
            "to 2^53",
            encode(
                5,
                &Fetch {
                    author: "a",
                    from: 2,
                    to: past,
                },
            ),
            Why::Invalid("to"),
        ),
        (
            "nobody",
            encode(
                5,
                &Fetch {
                    author: "",
                    from: 1,
                    to: 1,
                },
            ),
            Why::Malformed,
        ),
        (
            "receipt of 2^64-1",
            encode(
                6,
                &Receipt {
                    delivered: u64::MAX,
                    read: 0,
                },
            ),
            Why::Invalid("delivered"),
        ),
        (
            "read to 2^53",
            encode(
                6,
                &Receipt {
                    delivered: 0,
                    read: past,
                },
            ),
            Why::Invalid("read"),
        ),
        (
            "head of 2^53",
            encode(4, &[("a", past)]),
            Why::Invalid("heads"),
        ),
        (
            "129 heads",
            encode(4, &vec![("a", 1); 129]),
            Why::Invalid("heads"),
        ),
    ] {
        refuses(name, &ControlFrame::decode(&frame), &why);
    }
}

#[test]
fn entries_out_of_range() {
    let good = Entry {
        author: "a",
        seq: 1,
        previous: serde_bytes::Bytes::new(&[0; 32]),
        lamport: 1,
        sent_at: 0,
        body: Body::Text { text: "x" },
        signature: serde_bytes::Bytes::new(&[0; 64]),
    };
    assert!(ControlFrame::decode(&encode(3, &good)).is_ok());
    let long = "x".repeat(16 * 1024 + 1);
    let after = serde_bytes::Bytes::new(&[1; 32]);
    for (name, entry, why) in [
        ("0", Entry { seq: 0, ..good }, Why::Invalid("seq")),
        (
            "2^63",
            Entry {
                seq: 1 << 63,
                ..good
            },
            Why::Invalid("seq"),
        ),
        (
            "Lamport 2^64-1",
            Entry {
                lamport: u64::MAX,
                ..good
            },
            Why::Invalid("lamport"),
        ),
        (
            "Lamport behind",
            Entry {
                seq: 2,
                lamport: 1,
                ..good
            },
            Why::Invalid("lamport"),
        ),
        (
            "sent in 2^53",
            Entry {
                sent_at: 1 << 53,
                ..good
            },
            Why::Invalid("sentAt"),
        ),
        (
            "first after another",
            Entry {
                previous: after,
                ..good
            },
            Why::Invalid("previous"),
        ),
        (
            "empty",
            Entry {
                body: Body::Text { text: "" },
                ..good
            },
            Why::Invalid("text"),
        ),
        (
            "long",
            Entry {
                body: Body::Text { text: &long },
                ..good
            },
            Why::Invalid("text"),
        ),
        (
            "half a signature",
            Entry {
                signature: serde_bytes::Bytes::new(&[0; 32]),
                ..good
            },
            Why::Malformed,
        ),
        (
            "unknown",
            Entry {
                body: Body::Shout { text: "x" },
                ..good
            },
            Why::Malformed,
        ),
    ] {
        refuses(name, &ControlFrame::decode(&encode(3, &entry)), &why);
    }
}

#[test]
fn bulk_frames_outside_their_piece() {
    let frame = |piece: u32, offset: u32, payload: usize| {
        let mut frame = vec![1, 0, 0, 0];
        frame.extend([7; 16]);
        frame.extend(piece.to_be_bytes());
        frame.extend(offset.to_be_bytes());
        frame.extend(vec![9; payload]);
        Bytes::from(frame)
    };
    let end = u32::try_from(PIECE_BYTES).unwrap();
    assert!(BulkFrame::decode(&frame(MAX_PIECES - 1, end - 5, 5)).is_ok());
    for (name, frame, why) in [
        ("nothing", Bytes::new(), Why::Truncated),
        ("half a header", frame(0, 0, 1).slice(..27), Why::Truncated),
        ("no payload", frame(0, 0, 0), Why::Invalid("offset")),
        ("over the end", frame(0, end - 4, 5), Why::Invalid("offset")),
        (
            "wrapping in 32 bits",
            frame(0, u32::MAX, 5),
            Why::Invalid("offset"),
        ),
        (
            "past every file",
            frame(MAX_PIECES, 0, 5),
            Why::Invalid("piece"),
        ),
        ("too long", frame(0, 0, 32 * 1024 + 1), Why::TooLong),
        ("type 0", vec![0; 40].into(), Why::Unknown),
    ] {
        refuses(name, &BulkFrame::decode(&frame), &why);
    }
}

#[test]
fn frame_errors_never_quote_what_people_said() {
    let secret = "meet me at seven";
    let typing = encode(7, &Misplaced { on: secret });
    let error = ControlFrame::decode(&typing).unwrap_err();
    assert!(!error.to_string().contains(secret), "{error}");
}

#[derive(Serialize)]
struct Fetch {
    author: &'static str,
    from: u64,
    to: u64,
}

#[derive(Serialize)]
struct Receipt {
    delivered: u64,
    read: u64,
}

#[derive(Serialize)]
struct Misplaced {
    on: &'static str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    author: &'a str,
    seq: u64,
    previous: &'a serde_bytes::Bytes,
    lamport: u64,
    sent_at: u64,
    body: Body<'a>,
    signature: &'a serde_bytes::Bytes,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Body<'a> {
    Text { text: &'a str },
    Shout { text: &'a str },
}
