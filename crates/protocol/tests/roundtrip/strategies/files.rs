//! Values of the types that files are about.

use proptest::{collection::vec, option, prelude::*, sample::select};
use snug_protocol::{
    Attributes, BulkFrame, Content, ControlFrame, DeclineReason, FileName, FilePath, Item,
    ItemKind, ListingSummary, Manifest, Offer, Preview, Range, StopReason,
    limits::{
        BULK_PAYLOAD_BYTES, HAVE_BYTES, LISTING_BYTES, LISTING_CHUNK_BYTES, LISTING_ITEMS,
        MAX_CLOCK, MAX_FILE_BYTES, MAX_PIECES, PIECE_BYTES, PREVIEW_BYTES,
    },
};

use super::{hash, transfer_id};

pub(crate) fn any_name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        select(
            &[
                "con", "NUL", "com1", "LPT9", ".", "..", "/", "\\", ":", "~", "x", ".txt"
            ][..]
        )
        .prop_map(str::to_owned),
        select(
            &[
                "\0", "\u{202e}", "\u{200b}", "\u{a0}", "\u{3000}", "\u{7f}", "\u{85}"
            ][..]
        )
        .prop_map(str::to_owned),
        (
            select(&[' ', '.', 'a', '\u{e9}', '\u{1f980}'][..]),
            0..300_usize
        )
            .prop_map(|(c, times)| c.to_string().repeat(times)),
        any::<String>(),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

pub(super) fn offer() -> impl Strategy<Value = Offer> {
    let manifest =
        (0..=MAX_FILE_BYTES, hash()).prop_map(|(size, root)| Manifest::new(size, root).unwrap());
    (any_name(), manifest, content(), option::of(preview())).prop_map(
        |(name, manifest, content, preview)| Offer {
            name: FileName::sanitize(&name),
            manifest,
            content,
            preview,
        },
    )
}

fn content() -> impl Strategy<Value = Content> {
    let files = 0..=u32::try_from(LISTING_ITEMS).unwrap();
    let bytes = 1..=u32::try_from(LISTING_BYTES).unwrap();
    prop_oneof![
        ("[ -~]{0,40}", attributes()).prop_map(|(media_type, attributes)| Content::File {
            media_type,
            attributes,
        }),
        (files, bytes, hash()).prop_map(|(files, bytes, hash)| Content::Listed(ListingSummary {
            files,
            bytes,
            hash
        })),
    ]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let most = MAX_CLOCK.cast_signed();
    (option::of(-most..=most), any::<bool>()).prop_map(|(modified, executable)| Attributes {
        modified,
        executable,
    })
}

fn preview() -> impl Strategy<Value = Preview> {
    let thumbnail = prop_oneof![
        9 => vec(any::<u8>(), 0..100),
        1 => Just(vec![7; PREVIEW_BYTES]),
    ];
    (
        any::<u32>(),
        any::<u32>(),
        option::of(0..=MAX_CLOCK),
        option::of(thumbnail),
    )
        .prop_map(|(width, height, duration, thumbnail)| Preview {
            width,
            height,
            duration,
            thumbnail,
        })
}

pub(crate) fn any_path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => few_names().prop_map(str::to_owned),
        1 => any_name(),
    ];
    (vec(part, 0..20), select(&["/", "\\", "//", "/./"][..]))
        .prop_map(|(parts, slash)| parts.join(slash))
}

/// Names that get in each other's way, in one of many ways.
fn few_names() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "a",
            "A",
            "a (2)",
            "a (3)",
            "a.b",
            "A.B",
            "a (2).b",
            ".",
            "..",
            "",
            "\u{e9}",
            "E\u{301}",
            "stra\u{df}e",
            "STRASSE",
            "\u{3a3}\u{3a3}",
            "\u{3c3}\u{3c2}",
            "i",
            "\u{131}",
            "\u{130}",
            "i\u{307}",
            "a\u{fe0f}",
            "a\u{200b}",
            "\u{1f80}",
            "\u{3b1}\u{345}\u{313}",
        ][..],
    )
}

pub(crate) fn items() -> impl Strategy<Value = Vec<Item>> {
    let path = prop_oneof![
        4 => vec(few_names(), 1..4).prop_map(|names| names.join("/")),
        1 => any_path(),
    ];
    vec((path, item_kind()), 0..24).prop_map(|items| {
        let items = items.into_iter().map(|(path, kind)| Item {
            path: FilePath::sanitize(&path),
            kind,
        });
        items.collect()
    })
}

fn item_kind() -> impl Strategy<Value = ItemKind> {
    let size = prop_oneof![3 => 0..4_u64, 1 => 0..=MAX_FILE_BYTES / 32];
    prop_oneof![
        1 => Just(ItemKind::Folder),
        4 => (size, attributes()).prop_map(|(size, attributes)| ItemKind::File { size, attributes }),
    ]
}

pub(super) fn transfer_frame() -> impl Strategy<Value = ControlFrame> {
    let declined = select(
        &[
            DeclineReason::Unwanted,
            DeclineReason::NoSpace,
            DeclineReason::Unknown,
        ][..],
    );
    let stopped = select(
        &[
            StopReason::Cancelled,
            StopReason::SourceChanged,
            StopReason::StorageFailed,
            StopReason::Corrupt,
            StopReason::Unknown,
        ][..],
    );
    prop_oneof![
        (transfer_id(), 0..=MAX_CLOCK, any::<bool>()).prop_map(|(transfer, wanted, shares)| {
            ControlFrame::Accept {
                transfer,
                wanted,
                shares,
            }
        }),
        (transfer_id(), declined)
            .prop_map(|(transfer, reason)| ControlFrame::Decline { transfer, reason }),
        (transfer_id(), range())
            .prop_map(|(transfer, pieces)| ControlFrame::FetchHashes { transfer, pieces }),
        (transfer_id(), 0..1000_u32, vec(hash(), 1..8)).prop_map(|(transfer, first, hashes)| {
            ControlFrame::Hashes {
                transfer,
                first,
                hashes,
            }
        }),
        (transfer_id(), range())
            .prop_map(|(transfer, pieces)| ControlFrame::Request { transfer, pieces }),
        (transfer_id(), range())
            .prop_map(|(transfer, pieces)| ControlFrame::Unavailable { transfer, pieces }),
        (transfer_id(), stopped)
            .prop_map(|(transfer, reason)| ControlFrame::Stop { transfer, reason }),
        transfer_id().prop_map(|transfer| ControlFrame::Complete { transfer }),
        have(),
        (transfer_id(), range())
            .prop_map(|(transfer, pieces)| ControlFrame::Asked { transfer, pieces }),
        (transfer_id(), range())
            .prop_map(|(transfer, pieces)| ControlFrame::Unrequest { transfer, pieces }),
        listing_frame(),
    ]
}

fn have() -> impl Strategy<Value = ControlFrame> {
    let bits = prop_oneof![
        9 => vec(any::<u8>(), 1..100),
        1 => Just(vec![0xff; HAVE_BYTES]),
    ];
    (transfer_id(), 0..MAX_PIECES, bits).prop_map(|(transfer, first, mut bits)| {
        let room = (MAX_PIECES - first) as usize;
        bits.truncate(room.div_ceil(8));
        if bits.len() * 8 > room {
            *bits.last_mut().unwrap() &= 0xff << (bits.len() * 8 - room);
        }
        ControlFrame::Have {
            transfer,
            first,
            bits,
        }
    })
}

fn listing_frame() -> impl Strategy<Value = ControlFrame> {
    let last = u32::try_from(LISTING_BYTES - LISTING_CHUNK_BYTES).unwrap();
    let bytes = prop_oneof![
        9 => vec(any::<u8>(), 1..100),
        1 => Just(vec![7; LISTING_CHUNK_BYTES]),
    ];
    prop_oneof![
        (transfer_id(), 0..=last)
            .prop_map(|(transfer, offset)| ControlFrame::FetchListing { transfer, offset }),
        (transfer_id(), 0..=last, bytes).prop_map(|(transfer, offset, bytes)| {
            ControlFrame::Listing {
                transfer,
                offset,
                bytes,
            }
        }),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    (0..MAX_PIECES, 1..=512_u32).prop_map(|(first, count)| Range {
        first,
        count: count.min(MAX_PIECES - first),
    })
}

pub(crate) fn bulk_frame() -> impl Strategy<Value = BulkFrame> {
    let last = u32::try_from(PIECE_BYTES - BULK_PAYLOAD_BYTES).unwrap();
    let payload = prop_oneof![
        9 => vec(any::<u8>(), 1..100),
        1 => Just(vec![7; BULK_PAYLOAD_BYTES]),
    ];
    (transfer_id(), 0..MAX_PIECES, 0..=last, payload).prop_map(
        |(transfer, piece, offset, payload)| BulkFrame {
            transfer,
            piece,
            offset,
            payload: payload.into(),
        },
    )
}
