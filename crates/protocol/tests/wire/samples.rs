//! One value of every variant.

use bytes::Bytes;
use snug_protocol::{
    Attributes, Body, BulkFrame, ClientId, ClientMessage, Content, ControlFrame, DeclineReason,
    Entry, ErrorCode, FileName, FilePath, Forward, ForwardKind, Hash, Heads, Hello, IdentityKey,
    Item, ItemKind, Listing, ListingSummary, Manifest, MediaState, MessageId, Offer, Payload,
    Preview, Profile, Range, RelayFrame, RelaySegment, ResumeToken, RoomId, Roster, ServerMessage,
    Signature, StopReason,
    negotiation::{Candidate, Description, TrickledCandidate},
};

pub(super) fn client_messages() -> Vec<ClientMessage> {
    let init = |resume| ClientMessage::Init {
        room_id: room(),
        client_id: ann(),
        resume,
    };
    let mut messages = vec![init(None), init(Some(token())), ClientMessage::Leave];
    messages.extend(forwards().into_iter().map(ClientMessage::Forward));
    messages
}

pub(super) fn server_messages() -> Vec<ServerMessage> {
    let mut messages = vec![
        ServerMessage::InitSuccess {
            peers: vec![bob()],
            resume: token(),
            grace_seconds: 30,
        },
        ServerMessage::PeerJoined { client_id: bob() },
        ServerMessage::PeerLeft { client_id: bob() },
        ServerMessage::Restarting {
            reconnect_in_ms: 1500,
        },
        ServerMessage::Error {
            message: "nobody of that id is in this room".into(),
            code: ErrorCode::UnknownRecipient,
        },
    ];
    messages.extend(forwards().into_iter().map(ServerMessage::Forward));
    messages
}

fn forwards() -> Vec<Forward> {
    let of = |kind| Forward {
        kind,
        from: ann(),
        to: bob(),
        payload: match kind {
            ForwardKind::Offer | ForwardKind::Answer => Payload::encode(&description()),
            ForwardKind::IceCandidate => Payload::encode(&candidate()),
            ForwardKind::Key => Payload::from_json(r#"{"any": [1e999, "\ud800"]}"#.into()).unwrap(),
            ForwardKind::Relay => Payload::from_json("null".into()).unwrap(),
        },
    };
    ForwardKind::ALL.map(of).into()
}

pub(super) fn control_frames() -> Vec<ControlFrame> {
    let transfer = offer().transfer();
    let pieces = Range { first: 1, count: 2 };
    let mut frames = vec![
        ControlFrame::Hello(Hello {
            version: ControlFrame::VERSION,
            profile: profile(),
            starts: Heads(vec![(ann(), 1)]),
            heads: Heads(vec![(ann(), 7), (bob(), 300)]),
            lamport: 301,
            delivered: 300,
            read: 299,
        }),
        ControlFrame::Profile(profile()),
        ControlFrame::Heads(Heads(vec![(ann(), 7), (bob(), 300)])),
        ControlFrame::Fetch {
            author: bob(),
            from: 3,
            to: 300,
        },
        ControlFrame::Receipt {
            delivered: 7,
            read: 5,
        },
        ControlFrame::Typing { on: true },
        ControlFrame::Bye,
        ControlFrame::Welcome,
        ControlFrame::Binding { mac: [0xb1; 32] },
        ControlFrame::Roster(Roster(vec![
            ("ann".parse().unwrap(), IdentityKey::new([0xa1; 32])),
            ("bob".parse().unwrap(), IdentityKey::new([0xb0; 32])),
        ])),
        ControlFrame::Guesses { wrong: 2 },
        ControlFrame::Offer(offer()),
        ControlFrame::Offer(Offer::of_file(offer().name, offer().manifest)),
        ControlFrame::Offer(listed()),
        ControlFrame::Accept {
            transfer,
            wanted: 5_000_000_000,
            shares: true,
        },
        ControlFrame::Decline {
            transfer,
            reason: DeclineReason::NoSpace,
        },
        ControlFrame::FetchHashes { transfer, pieces },
        ControlFrame::Hashes {
            transfer,
            first: 1,
            hashes: vec![Hash::from_bytes([0xa5; 32]), Hash::of(b"abc")],
        },
        ControlFrame::Request { transfer, pieces },
        ControlFrame::Unavailable { transfer, pieces },
        ControlFrame::Stop {
            transfer,
            reason: StopReason::SourceChanged,
        },
        ControlFrame::Complete { transfer },
        // Pieces 8, 9 and 17.
        ControlFrame::Have {
            transfer,
            first: 8,
            bits: vec![0b1100_0000, 0b0100_0000],
        },
        ControlFrame::Asked { transfer, pieces },
        ControlFrame::Unrequest { transfer, pieces },
        ControlFrame::FetchListing {
            transfer: listed().transfer(),
            offset: 0,
        },
        ControlFrame::Listing {
            transfer: listed().transfer(),
            offset: 0,
            bytes: listing().encode().unwrap().into(),
        },
    ];
    frames.extend(
        [
            text(),
            reply(),
            Body::Reaction {
                to: message(),
                emoji: "\u{1f44d}".into(),
                on: true,
            },
            Body::Edit {
                to: message(),
                text: "See you at eight.".into(),
            },
            Body::Delete { to: message() },
        ]
        .into_iter()
        .zip(1..)
        .map(|(body, seq)| ControlFrame::Entry(entry(seq, body))),
    );
    frames
}

/// A segment that carries frames, and one that only acknowledges.
pub(super) fn relay_segments() -> [(&'static str, RelaySegment); 2] {
    let frames = RelaySegment {
        epoch: 0x0a0b_0c0d,
        ack_epoch: 0x1a1b_1c1d,
        seq: 300,
        ack: 7,
        frames: vec![
            RelayFrame::Control(ControlFrame::Typing { on: true }.encode()),
            RelayFrame::Bulk(bulk_frame().encode()),
        ],
    };
    let ack = RelaySegment {
        seq: 0,
        ack: 8,
        frames: Vec::new(),
        ..frames
    };
    [("frames", frames), ("acknowledgement", ack)]
}

pub(super) fn bulk_frame() -> BulkFrame {
    BulkFrame {
        transfer: offer().transfer(),
        piece: 2,
        offset: 0x0001_8000,
        payload: Bytes::from_static(b"sixteen bytes :)"),
    }
}

pub(super) fn entry(seq: u64, body: Body) -> Entry {
    Entry {
        author: ann(),
        seq,
        previous: if seq == 1 {
            Hash::ZERO
        } else {
            Hash::of(b"the entry before")
        },
        lamport: 40 + seq,
        sent_at: 1_767_225_600_000,
        body,
        signature: Signature::new([0x51; 64]),
    }
}

pub(super) fn text() -> Body {
    Body::Text {
        text: "See you at seven. \u{1f44b}".into(),
    }
}

pub(super) fn reply() -> Body {
    Body::Reply {
        to: message(),
        text: "Yes!".into(),
    }
}

fn message() -> MessageId {
    MessageId {
        author: bob(),
        seq: 300,
    }
}

pub(super) fn offer() -> Offer {
    Offer {
        name: FileName::sanitize("holiday.mp4"),
        manifest: Manifest::new(5_000_000_000, Hash::of(b"a film")).unwrap(),
        content: Content::File {
            media_type: "video/mp4".into(),
            attributes: attributes(false),
        },
        preview: Some(Preview {
            width: 1920,
            height: 1080,
            duration: Some(754_300),
            thumbnail: Some(b"\xff\xd8\xff\xe0 a JPEG".to_vec()),
        }),
    }
}

/// A folder on offer.
pub(super) fn listed() -> Offer {
    let encoded = listing().encode().unwrap();
    Offer {
        name: FileName::sanitize("holiday"),
        manifest: Manifest::new(listing().size(), Hash::of(b"all of it")).unwrap(),
        content: Content::Listed(ListingSummary {
            files: 3,
            bytes: encoded.len().try_into().unwrap(),
            hash: Hash::of(&encoded),
        }),
        preview: None,
    }
}

/// A file, one that may be run, an empty one, and an empty folder.
pub(super) fn listing() -> Listing {
    let file = |path, size, attributes| Item {
        path: FilePath::sanitize(path),
        kind: ItemKind::File { size, attributes },
    };
    let folder = |path| Item {
        path: FilePath::sanitize(path),
        kind: ItemKind::Folder,
    };
    let items = vec![
        file("holiday/beach.jpg", 2_621_440, attributes(false)),
        file("holiday/show", 300, attributes(true)),
        file("holiday/notes.txt", 0, Attributes::default()),
        folder("holiday/to sort"),
    ];
    Listing::new(items).unwrap()
}

fn attributes(executable: bool) -> Attributes {
    Attributes {
        modified: Some(1_767_225_600),
        executable,
    }
}

fn profile() -> Profile {
    Profile {
        nickname: "Ann".into(),
        media: MediaState {
            camera: false,
            microphone: true,
        },
    }
}

pub(super) fn description() -> Description {
    Description {
        attempt: 1,
        sdp: "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".into(),
    }
}

pub(super) fn candidate() -> TrickledCandidate {
    TrickledCandidate {
        attempt: 1,
        candidate: Candidate {
            candidate: "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host".into(),
            sdp_mid: Some("0".into()),
            sdp_mline_index: Some(0),
        },
    }
}

pub(super) fn room() -> RoomId {
    "K7Q4X9".parse().unwrap()
}

pub(super) fn ann() -> ClientId {
    "3f6c1a52-9d0e-4b7a-8c21-5e9f0d7b6a14".parse().unwrap()
}

pub(super) fn bob() -> ClientId {
    "b81e0c47-26aa-4f3d-9b55-0a7e6f1c2d38".parse().unwrap()
}

fn token() -> ResumeToken {
    ResumeToken::new("djEua2V5LjE3NjcyMjU2MDAudGFn").unwrap()
}
