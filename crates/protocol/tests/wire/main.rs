//! Golden files: the wire as other clients see it, one file per variant.
//!
//! A mismatch means that the wire has changed. If that is on purpose, say so in the changelog and
//! in `docs/protocol.md`, and rewrite the files:
//! `SNUG_BLESS=1 cargo nextest run -p snug-protocol --test wire`.
//!
//! The names of the files come from matches that list every variant, so a new variant does not
//! compile until it has a name here; give it a sample next to the others.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod samples;

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use snug_protocol::{
    Body, BulkFrame, ClientMessage, Content, ControlFrame, ErrorCode, FileName, Hash, Listing,
    ListingSummary, Manifest, Offer, Payload, PieceHasher, RelaySegment, ServerMessage, TransferId,
    api::{
        ApiError, CreateRoom, IceServer, IceServers, JoinRoom, RoomCreated, RoomJoined,
        decode_answer,
    },
    limits::PIECE_BYTES,
    negotiation::{Candidate, Description, TrickledCandidate},
};

use self::samples::{
    ann, bob, bulk_frame, candidate, client_messages, control_frames, description, entry, listed,
    listing, offer, relay_segments, reply, room, server_messages, text,
};

#[test]
fn client_messages_keep_their_form() {
    let mut golden = Golden::open("client", "json");
    for message in client_messages() {
        let name = match &message {
            ClientMessage::Init { resume: None, .. } => "init",
            ClientMessage::Init {
                resume: Some(_), ..
            } => "init-resume",
            ClientMessage::Forward(forward) => forward.kind.as_str(),
            ClientMessage::Leave => "leave",
        };
        golden.check(name, &message.encode());
        assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }
    golden.close();
}

#[test]
fn server_messages_keep_their_form() {
    let mut golden = Golden::open("server", "json");
    for message in server_messages() {
        let name = match &message {
            ServerMessage::InitSuccess { .. } => "init-success",
            ServerMessage::PeerJoined { .. } => "peer-joined",
            ServerMessage::PeerLeft { .. } => "peer-left",
            ServerMessage::Forward(forward) => forward.kind.as_str(),
            ServerMessage::Restarting { .. } => "restarting",
            ServerMessage::Error { .. } => "error",
        };
        golden.check(name, &message.encode());
        assert_eq!(ServerMessage::decode(&message.encode()), Ok(message));
    }
    golden.close();
}

#[test]
fn http_bodies_keep_their_form() {
    let mut golden = Golden::open("api", "json");

    let create = CreateRoom { capacity: Some(4) };
    let body = golden.check_json("create-room", &create);
    assert_eq!(CreateRoom::decode(body.as_bytes()), Ok(create));
    assert_eq!(CreateRoom::decode(b""), Ok(CreateRoom::default()));

    let created = RoomCreated { room_id: room() };
    let body = golden.check_json("create-room.answer", &created);
    assert_eq!(decode_answer(body.as_bytes()), Ok(created));

    let join = JoinRoom {
        room_id: room(),
        client_id: ann(),
    };
    let body = golden.check_json("join-room", &join);
    assert_eq!(JoinRoom::decode(body.as_bytes()), Ok(join));

    let joined = RoomJoined { peers: vec![bob()] };
    let body = golden.check_json("join-room.answer", &joined);
    assert_eq!(decode_answer(body.as_bytes()), Ok(joined));

    let ice = IceServers {
        ice_servers: vec![
            IceServer {
                urls: vec!["stun:snug.example:3478".into()],
                username: None,
                credential: None,
            },
            IceServer {
                urls: vec!["turn:turn.example:3478?transport=udp".into()],
                username: Some("1767225600:ann".into()),
                credential: Some("b3BlbiBzZXNhbWU=".into()),
            },
        ],
    };
    let body = golden.check_json("ice-servers.answer", &ice);
    assert_eq!(decode_answer(body.as_bytes()), Ok(ice));

    let error = ApiError {
        error: "there is no such room, or it is full".into(),
        code: ErrorCode::RoomNotFound,
    };
    let body = golden.check_json("error", &error);
    assert_eq!(decode_answer(body.as_bytes()), Ok(error));

    let codes: Vec<_> = ErrorCode::known().collect();
    let names = golden.check_json("error-codes", &codes);
    assert_eq!(
        serde_json::from_str::<Vec<ErrorCode>>(&names).unwrap(),
        codes
    );

    golden.close();
}

#[test]
fn negotiation_payloads_keep_their_form() {
    let mut golden = Golden::open("negotiation", "json");

    let description = description();
    let payload = Payload::encode(&description);
    golden.check("description", payload.json());
    assert_eq!(Description::decode(&payload), Ok(description));

    let end = TrickledCandidate {
        attempt: 1,
        candidate: Candidate {
            candidate: String::new(),
            sdp_mid: None,
            sdp_mline_index: None,
        },
    };
    for (name, candidate) in [("candidate", candidate()), ("end-of-candidates", end)] {
        let payload = Payload::encode(&candidate);
        golden.check(name, payload.json());
        assert_eq!(TrickledCandidate::decode(&payload), Ok(candidate));
    }

    golden.close();
}

#[test]
fn control_frames_keep_their_form() {
    let mut golden = Golden::open("control", "hex");
    for frame in control_frames() {
        let name = match &frame {
            ControlFrame::Hello(_) => "hello",
            ControlFrame::Profile(_) => "profile",
            ControlFrame::Entry(entry) => match &entry.body {
                Body::Text { .. } => "entry-text",
                Body::Reply { .. } => "entry-reply",
                Body::Reaction { .. } => "entry-reaction",
                Body::Edit { .. } => "entry-edit",
                Body::Delete { .. } => "entry-delete",
            },
            ControlFrame::Heads(_) => "heads",
            ControlFrame::Fetch { .. } => "fetch",
            ControlFrame::Receipt { .. } => "receipt",
            ControlFrame::Typing { .. } => "typing",
            ControlFrame::Bye => "bye",
            ControlFrame::Welcome => "welcome",
            ControlFrame::Binding { .. } => "binding",
            ControlFrame::Roster(_) => "roster",
            ControlFrame::Guesses { .. } => "guesses",
            ControlFrame::Offer(offer) => match &offer.content {
                Content::File { .. } if offer.preview.is_none() => "offer-unknown",
                Content::File { .. } => "offer",
                Content::Listed(_) => "offer-listed",
            },
            ControlFrame::Accept { .. } => "accept",
            ControlFrame::Decline { .. } => "decline",
            ControlFrame::FetchHashes { .. } => "fetch-hashes",
            ControlFrame::Hashes { .. } => "hashes",
            ControlFrame::Request { .. } => "request",
            ControlFrame::Unavailable { .. } => "unavailable",
            ControlFrame::Stop { .. } => "stop",
            ControlFrame::Complete { .. } => "complete",
            ControlFrame::Have { .. } => "have",
            ControlFrame::Asked { .. } => "asked",
            ControlFrame::Unrequest { .. } => "unrequest",
            ControlFrame::FetchListing { .. } => "fetch-listing",
            ControlFrame::Listing { .. } => "listing",
        };
        golden.check(name, &hex(&frame.encode()));
        assert_eq!(ControlFrame::decode(&frame.encode()), Ok(frame));
    }
    golden.close();
}

#[test]
fn bulk_frames_keep_their_form() {
    let mut golden = Golden::open("bulk", "hex");
    let frame = bulk_frame();
    golden.check("piece", &hex(&frame.encode()));
    assert_eq!(BulkFrame::decode(&frame.encode()), Ok(frame));
    golden.close();
}

#[test]
fn listings_keep_their_form() {
    let mut golden = Golden::open("listing", "hex");
    let listing = listing();
    let encoded = listing.encode().unwrap();
    golden.check("holiday", &hex(&encoded));
    assert_eq!(listed().open_listing(&encoded), Ok(listing.clone()));
    assert_eq!(Listing::decode(&encoded), Ok(listing));
    golden.close();
}

#[test]
fn relay_segments_keep_their_form() {
    let mut golden = Golden::open("relay", "hex");
    for (name, segment) in relay_segments() {
        golden.check(name, &hex(&segment.encode()));
        assert_eq!(RelaySegment::decode(&segment.encode()), Ok(segment));
    }
    golden.close();
}

/// What clients compute on their own and must agree on.
#[test]
fn hashes_keep_their_values() {
    let mut golden = Golden::open("hash", "hex");
    golden.check("entry-text", &hex(entry(1, text()).hash().as_bytes()));
    golden.check("entry-reply", &hex(entry(2, reply()).hash().as_bytes()));

    // Two and a half pieces of 0, 1, … 250, 0, 1, …
    let file: Vec<u8> = (0..=250).cycle().take(PIECE_BYTES * 5 / 2).collect();
    let hasher = PieceHasher::new(file.len() as u64).unwrap();
    let pieces: Vec<Hash> = file
        .chunks(PIECE_BYTES)
        .zip(0..)
        .map(|(piece, at)| hasher.hash(at, piece))
        .collect();
    let manifest = Manifest::from_hashes(file.len() as u64, &pieces).unwrap();
    for (name, hash) in [("piece-0", 0), ("piece-1", 1), ("piece-2", 2)] {
        golden.check(name, &hex(pieces[hash].as_bytes()));
    }
    golden.check("root", &hex(manifest.root().as_bytes()));
    let file = Offer::of_file(FileName::sanitize("holiday.mp4"), manifest);
    golden.check("transfer", &hex(file.transfer().as_bytes()));
    golden.check("transfer-listed", &hex(listed().transfer().as_bytes()));
    golden.close();
}

/// Every JSON example in the description of the protocol is one of the golden files.
#[test]
fn the_description_shows_the_wire() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut golden = BTreeSet::new();
    for folder in ["client", "server", "api", "negotiation"] {
        for file in fs::read_dir(tests.join(folder)).unwrap() {
            golden.insert(fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    let page = include_str!("../../../../docs/protocol.md");
    let blocks = page.split("```json\n").skip(1);
    let examples: Vec<&str> = blocks
        .flat_map(|block| block.split("```").next().unwrap().lines())
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        assert!(
            golden.contains(&format!("{example}\n")),
            "docs/protocol.md shows what is not on the wire: {example}"
        );
    }
}

#[test]
fn the_description_explains_every_error_code() {
    let page = include_str!("../../../../docs/protocol.md");
    for code in ErrorCode::known() {
        let rows = page.matches(&format!("\n| `{code}` |")).count();
        assert_eq!(
            rows, 1,
            "docs/protocol.md has no row for {code}, or several"
        );
    }
}

/// The transfer id of a frame is the id that its offer leads to.
#[test]
fn transfers_are_named_by_their_offer() {
    let other_name = Offer {
        name: FileName::sanitize("holiday-2.mp4"),
        ..offer()
    };
    assert_ne!(offer().transfer(), other_name.transfer());
    let other_preview = Offer {
        preview: None,
        ..offer()
    };
    assert_eq!(offer().transfer(), other_preview.transfer());
    let other_type = Offer::of_file(offer().name, offer().manifest);
    assert_eq!(offer().transfer(), other_type.transfer());
    assert_ne!(offer().transfer(), TransferId::from_bytes([0; 16]));
}

/// The same bytes, divided in another way, are another transfer.
#[test]
fn a_listing_is_part_of_what_a_transfer_is() {
    let Content::Listed(summary) = listed().content else {
        panic!("it is listed");
    };
    let hash = Hash::of(b"another listing");
    let other_listing = Offer {
        content: Content::Listed(ListingSummary { hash, ..summary }),
        ..listed()
    };
    assert_ne!(listed().transfer(), other_listing.transfer());
    let file = Offer::of_file(listed().name, listed().manifest);
    assert_ne!(listed().transfer(), file.transfer());
}

/// Lines of 32 bytes.
fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 32 == 0 {
            hex.push('\n');
        }
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

/// The golden files of one folder.
struct Golden {
    folder: PathBuf,
    extension: &'static str,
    checked: BTreeSet<PathBuf>,
    bless: bool,
}

impl Golden {
    fn open(folder: &str, extension: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(folder);
        Self {
            folder,
            extension,
            checked: BTreeSet::new(),
            bless: env::var_os("SNUG_BLESS").is_some(),
        }
    }

    fn check(&mut self, name: &str, actual: &str) {
        let path = self.folder.join(format!("{name}.{}", self.extension));
        let actual = format!("{actual}\n");
        if self.bless {
            fs::create_dir_all(&self.folder).unwrap();
            fs::write(&path, &actual).unwrap();
        }
        let golden = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; SNUG_BLESS=1 writes it", path.display()));
        assert!(
            golden == actual,
            "the wire has changed\n  file {}\n  was  {golden}  is   {actual}  \
             if that is on purpose, SNUG_BLESS=1 rewrites the file",
            path.display(),
        );
        assert!(self.checked.insert(path), "two samples are called {name}");
    }

    fn check_json<T: Serialize>(&mut self, name: &str, value: &T) -> String {
        let json = serde_json::to_string(value).unwrap();
        self.check(name, &json);
        json
    }

    /// Finds files that no sample checks any more.
    fn close(self) {
        for file in fs::read_dir(&self.folder).unwrap() {
            let path = file.unwrap().path();
            assert!(
                self.checked.contains(&path),
                "{} belongs to no sample: delete it, or restore its sample",
                path.display(),
            );
        }
    }
}
