//! What a peer might say of files: what is on offer, and who has which pieces.

use serde::Serialize;
use serde_bytes::Bytes;
use snug_protocol::{
    ControlFrame, DeclineReason,
    limits::{HAVE_BYTES, LISTING_BYTES, LISTING_CHUNK_BYTES, LISTING_ITEMS, MAX_PIECES},
};

use super::{Why, count, encode, refuses};

#[test]
fn offers_out_of_range() {
    let Ok(ControlFrame::Offer(offer)) = ControlFrame::decode(&encode(32, &good())) else {
        panic!("a good offer was refused");
    };
    assert_eq!(
        offer.name.as_str(),
        "x",
        "a path never comes out of a decoder"
    );
    let size = |size| Fields {
        manifest: SizeAndRoot {
            size,
            ..good().manifest
        },
        ..good()
    };
    let media_type = |media_type| Fields {
        content: Kind::File(File {
            media_type,
            ..picture()
        }),
        ..good()
    };
    let modified = |modified| Fields {
        content: Kind::File(File {
            attributes: Times { modified },
            ..picture()
        }),
        ..good()
    };
    let preview = |duration, thumbnail| Fields {
        preview: Some(Look {
            width: 0,
            height: 0,
            duration,
            thumbnail: Bytes::new(thumbnail),
        }),
        ..good()
    };
    let long = "x".repeat(256);
    let large = vec![0; 16 * 1024 + 1];
    let unknown = Fields {
        content: Kind::Ghost {},
        ..good()
    };
    for (name, offer, why) in [
        ("2^63 bytes", size(1 << 63), Why::Malformed),
        ("over 1 TiB", size((1 << 40) + 1), Why::Malformed),
        ("a long type", media_type(&long), Why::Invalid("mediaType")),
        (
            "escapes",
            media_type("a/\x1b[2J"),
            Why::Invalid("mediaType"),
        ),
        ("2^63-1", modified(i64::MAX), Why::Invalid("modified")),
        ("-2^63", modified(i64::MIN), Why::Invalid("modified")),
        ("long", preview(1 << 53, b"x"), Why::Invalid("duration")),
        ("large", preview(1, &large), Why::Invalid("thumbnail")),
        ("another content", unknown, Why::Malformed),
    ] {
        refuses(name, &ControlFrame::decode(&encode(32, &offer)), &why);
    }
}

#[test]
fn summaries_of_listings_out_of_range() {
    let decoded = |files, bytes| {
        let hash = Bytes::new(&[0; 32]);
        let content = Kind::Listed(Summary { files, bytes, hash });
        ControlFrame::decode(&encode(32, &Fields { content, ..good() }))
    };
    let (most, longest) = (count(LISTING_ITEMS), count(LISTING_BYTES));
    assert!(decoded(most, longest).is_ok());
    for (name, decoded, why) in [
        (
            "a million files",
            decoded(1_000_000, 99),
            Why::Invalid("files"),
        ),
        ("one too many", decoded(most + 1, 99), Why::Invalid("files")),
        ("no bytes", decoded(0, 0), Why::Invalid("bytes")),
        ("too long", decoded(1, longest + 1), Why::Invalid("bytes")),
        ("2^32-1", decoded(1, u32::MAX), Why::Invalid("bytes")),
    ] {
        refuses(name, &decoded, &why);
    }
}

#[test]
fn ranges_of_pieces_that_no_file_has() {
    let frame = |number, first, count| {
        let pieces = Range { first, count };
        ControlFrame::decode(&encode(
            number,
            &Pieces {
                transfer: id(),
                pieces,
            },
        ))
    };
    for number in [37, 38, 42, 43] {
        assert!(frame(number, MAX_PIECES - 1, 1).is_ok());
        for (name, first, count) in [
            ("no pieces", 0, 0),
            ("past every file", 1, MAX_PIECES),
            ("behind every file", MAX_PIECES, 1),
            ("wrapping", u32::MAX, 2),
            ("wrapping to 0", 1, u32::MAX),
        ] {
            refuses(name, &frame(number, first, count), &Why::Invalid("pieces"));
        }
    }
    refuses("513 hashes", &frame(35, 0, 513), &Why::Invalid("pieces"));
}

#[test]
fn have_maps_of_pieces_that_no_file_has() {
    let have = |first, bits: &[u8]| {
        let (transfer, bits) = (id(), Bytes::new(bits));
        ControlFrame::decode(&encode(
            41,
            &Have {
                transfer,
                first,
                bits,
            },
        ))
    };
    let last = MAX_PIECES - 1;
    let longest = vec![0xff; HAVE_BYTES];
    let too_long = vec![0; HAVE_BYTES + 1];
    for (first, bits) in [
        (last, &[0x80][..]),
        (last - 8, &[0, 0x80]),
        (last, &[0]),
        (0, &longest),
        (MAX_PIECES - 8 * count(HAVE_BYTES), &longest),
    ] {
        let Ok(ControlFrame::Have { bits: found, .. }) = have(first, bits) else {
            panic!("a good have-map from {first} on was refused");
        };
        assert_eq!(found, bits);
    }
    for (name, first, bits) in [
        ("no bits", 0, &[][..]),
        ("too long", 0, &too_long),
        ("a piece too many", last, &[0xc0]),
        ("a piece too many in the next byte", last - 7, &[0, 0x80]),
        ("the lowest bit past the end", last, &[0x01]),
        ("the longest past the end", last, &longest),
        ("behind every file", MAX_PIECES, &[0]),
        ("wrapping", u32::MAX, &longest),
    ] {
        refuses(name, &have(first, bits), &Why::Invalid("bits"));
    }
}

#[test]
fn parts_of_listings_that_are_none() {
    let longest = count(LISTING_BYTES);
    let fetch = |offset| {
        ControlFrame::decode(&encode(
            44,
            &Fetch {
                transfer: id(),
                offset,
            },
        ))
    };
    assert!(fetch(longest - 1).is_ok());
    for offset in [longest, u32::MAX] {
        refuses("past the end", &fetch(offset), &Why::Invalid("offset"));
    }
    let part = |offset, bytes: &[u8]| {
        let (transfer, bytes) = (id(), Bytes::new(bytes));
        ControlFrame::decode(&encode(
            45,
            &Part {
                transfer,
                offset,
                bytes,
            },
        ))
    };
    let chunk = vec![7; LISTING_CHUNK_BYTES + 1];
    assert!(part(longest - 1, b"x").is_ok());
    assert!(part(0, &chunk[1..]).is_ok());
    refuses("no bytes", &part(0, b""), &Why::Invalid("bytes"));
    refuses("too long", &part(0, &chunk), &Why::Invalid("bytes"));
    for (offset, bytes) in [(longest, &b"x"[..]), (longest - 1, b"xx"), (u32::MAX, b"x")] {
        refuses(
            "past the end",
            &part(offset, bytes),
            &Why::Invalid("offset"),
        );
    }
}

#[test]
fn what_is_said_of_a_transfer_that_is_none() {
    let short = Bytes::new(&[7; 15]);
    let accept = |transfer, wanted| {
        let shares = true;
        encode(
            33,
            &Accept {
                transfer,
                wanted,
                shares,
            },
        )
    };
    let accept = |transfer, wanted| ControlFrame::decode(&accept(transfer, wanted));
    assert!(accept(id(), 0).is_ok());
    refuses("a short id", &accept(short, 1), &Why::Malformed);
    refuses(
        "2^53 bytes",
        &accept(id(), 1 << 53),
        &Why::Invalid("wanted"),
    );
    let old = encode(33, &About { transfer: id() });
    refuses(
        "nothing wanted",
        &ControlFrame::decode(&old),
        &Why::Malformed,
    );

    let reason = "out-of-cake";
    let future = encode(
        34,
        &Decline {
            transfer: id(),
            reason,
        },
    );
    let Ok(ControlFrame::Decline { reason, .. }) = ControlFrame::decode(&future) else {
        panic!("a reason of the future was refused");
    };
    assert_eq!(reason, DeclineReason::Unknown);
}

fn id() -> &'static Bytes {
    Bytes::new(&[7; 16])
}

fn good() -> Fields<'static> {
    Fields {
        name: "../x",
        manifest: SizeAndRoot {
            size: 1,
            root: Bytes::new(&[0; 32]),
        },
        content: Kind::File(picture()),
        preview: Some(Look {
            width: 4,
            height: 3,
            duration: 0,
            thumbnail: Bytes::new(b"x"),
        }),
    }
}

fn picture() -> File<'static> {
    File {
        media_type: "image/png",
        attributes: Times { modified: 1 },
    }
}

/// An offer.
#[derive(Clone, Copy, Serialize)]
struct Fields<'a> {
    name: &'a str,
    manifest: SizeAndRoot<'a>,
    content: Kind<'a>,
    preview: Option<Look<'a>>,
}

#[derive(Clone, Copy, Serialize)]
struct SizeAndRoot<'a> {
    size: u64,
    root: &'a Bytes,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind<'a> {
    File(File<'a>),
    Listed(Summary<'a>),
    Ghost {},
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    media_type: &'a str,
    attributes: Times,
}

#[derive(Clone, Copy, Serialize)]
struct Times {
    modified: i64,
}

#[derive(Clone, Copy, Serialize)]
struct Summary<'a> {
    files: u32,
    bytes: u32,
    hash: &'a Bytes,
}

#[derive(Clone, Copy, Serialize)]
struct Look<'a> {
    width: u32,
    height: u32,
    duration: u64,
    thumbnail: &'a Bytes,
}

#[derive(Serialize)]
struct About<'a> {
    transfer: &'a Bytes,
}

#[derive(Serialize)]
struct Accept<'a> {
    transfer: &'a Bytes,
    wanted: u64,
    shares: bool,
}

#[derive(Serialize)]
struct Decline<'a> {
    transfer: &'a Bytes,
    reason: &'static str,
}

#[derive(Serialize)]
struct Pieces<'a> {
    transfer: &'a Bytes,
    pieces: Range,
}

#[derive(Serialize)]
struct Range {
    first: u32,
    count: u32,
}

#[derive(Serialize)]
struct Have<'a> {
    transfer: &'a Bytes,
    first: u32,
    bits: &'a Bytes,
}

#[derive(Serialize)]
struct Fetch<'a> {
    transfer: &'a Bytes,
    offset: u32,
}

#[derive(Serialize)]
struct Part<'a> {
    transfer: &'a Bytes,
    offset: u32,
    bytes: &'a Bytes,
}
