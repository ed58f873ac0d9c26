//! Short frames that announce long contents must not make their decoder reserve memory.
//!
//! Alone in its file, because the allocator that counts is shared by all tests of a process.

use std::alloc::System;

use snug_protocol::{ClientMessage, ControlFrame, Listing, RelaySegment, ServerMessage};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn lengths_are_not_believed() {
    const HASHES: &[u8] = b"\x24\x83\xa8transfer\xc4\x100123456789abcdef\xa5first\x00\xa6hashes";
    const HELLO: &[u8] = b"\x01\x86\xa7version\x01\xa5heads";
    const OFFER: &[u8] = b"\x20\x84\xa7preview\x84\xa9thumbnail";
    const CONTENT: &[u8] = b"\x20\x84\xa7content\x81\xa4file\x82\xa9mediaType";
    const HAVE: &[u8] = b"\x29\x83\xa8transfer\xc4\x100123456789abcdef\xa5first\x00\xa4bits";
    const LISTING: &[u8] = b"\x2d\x83\xa8transfer\xc4\x100123456789abcdef\xa6offset\x00\xa5bytes";
    const TYPING: &[u8] = b"\x07\x82\xa1x";
    const PROFILE: &[u8] = b"\x02\x82\xa8nickname";
    const HEADS: &[u8] = b"\x04";
    const ROSTER: &[u8] = b"\x0b";
    const BINDING: &[u8] = b"\x0a\x81\xa3mac";
    // array 32, map 32, str 32, bin 32, ext 32 of 2^32-1
    for bomb in [0xdd, 0xdf, 0xdb, 0xc6, 0xc9] {
        for start in [
            HASHES, HELLO, OFFER, CONTENT, HAVE, LISTING, TYPING, PROFILE, HEADS, ROSTER, BINDING,
            b"\x03",
        ] {
            let frame = [start, &[bomb, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02]].concat();
            bounded(&format!("{frame:02x?}"), || {
                ControlFrame::decode(&frame).unwrap_err();
            });
        }
    }
    // As many items as there may be, of which the first ends early: in itself, its path, its size.
    for start in [&b"\xdd\x00\x01\x86\xa0"[..], b"\x91\x94", b"\x91\x94\xa1x"] {
        for bomb in [0xdd, 0xdf, 0xdb, 0xc6, 0xc9] {
            let listing = [start, &[bomb, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02]].concat();
            bounded(&format!("a listing {listing:02x?}"), || {
                Listing::decode(&listing).unwrap_err();
            });
        }
    }
    bounded("a listing of 2^32-1 items", || {
        Listing::decode(b"\xdd\xff\xff\xff\xff\x94\xa1x\x01\xc0\xc2").unwrap_err();
    });
    // A frame of 16 MiB that ends early.
    let segment = [&[1; RelaySegment::HEADER_BYTES][..], b"\x01\xff\xff\xffx"].concat();
    bounded("a relayed frame of 2^24-1", || {
        RelaySegment::decode(&segment).unwrap_err();
    });
    // A list that announces much and keeps some of its word.
    let mut frame = [HASHES, &[0xdd, 0xff, 0xff, 0xff, 0xff]].concat();
    frame.extend([&[0xc4, 32][..], &[7; 32]].concat().repeat(20));
    bounded("twenty hashes of 2^32-1", || {
        ControlFrame::decode(&frame).unwrap_err();
    });
    let deep = format!(r#"{{"type":"leave","x":{}"#, "[".repeat(4000));
    bounded("4,000 brackets", || {
        ClientMessage::decode(&deep).unwrap_err();
        ServerMessage::decode(&deep).unwrap_err();
    });
}

#[track_caller]
fn bounded(name: &str, decode: impl FnOnce()) {
    let region = Region::new(ALLOCATOR);
    decode();
    let allocated = region.change().bytes_allocated;
    assert!(allocated < 32 * 1024, "{name}: {allocated} bytes allocated");
}
