//! Properties of every codec: what is encoded reads back, and no bytes whatsoever make a decoder
//! panic or accept what it would not write itself.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;

use bytes::Bytes;
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};
use serde::{Serialize, de::DeserializeOwned};
use snug_protocol::{
    Body, BulkFrame, ClientId, ClientMessage, ControlFrame, DeclineReason, Entry, ErrorCode,
    FileName, Forward, ForwardKind, Hash, Heads, Hello, Invite, Manifest, MediaState, MessageId,
    Offer, Payload, Profile, Range, ResumeToken, RoomId, ServerMessage, StopReason, TransferId,
    api::{
        self, ApiError, CreateRoom, IceServer, IceServers, JoinRoom, RoomCreated, RoomJoined,
        decode_answer,
    },
    limits::{
        BULK_PAYLOAD_BYTES, CONTROL_FRAME_BYTES, FILE_NAME_BYTES, HASHES_PER_FRAME, HEADS_AUTHORS,
        MAX_CLOCK, MAX_FILE_BYTES, MAX_PIECES, NICKNAME_BYTES, PIECE_BYTES, PREVIEW_BYTES,
        REACTION_BYTES, RESUME_TOKEN_BYTES, TEXT_BYTES,
    },
    negotiation::{Candidate, Description, TrickledCandidate},
};

proptest! {
    #[test]
    fn ids_read_back(random: u32, client in client_id(), transfer in transfer_id(), id in message_id()) {
        let room = RoomId::from_random(random);
        prop_assert_eq!(room.to_string().parse(), Ok(room));
        prop_assert_eq!(room.to_string().to_lowercase().parse(), Ok(room));
        prop_assert_eq!(client.to_string().parse(), Ok(client));
        prop_assert_eq!(transfer.to_string().parse(), Ok(transfer));
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn texts_that_are_read_as_ids_are_written_alike(text in ".{0,80}") {
        if let Ok(id) = text.parse::<ClientId>() {
            prop_assert_eq!(id.as_str(), &text);
        }
        if let Ok(id) = text.parse::<RoomId>() {
            prop_assert_eq!(id.as_str().len(), text.len());
        }
        let _ = text.parse::<TransferId>();
        let _ = text.parse::<MessageId>();
        let _ = ErrorCode::from(&*text);
    }

    #[test]
    fn invites_read_back(random: u32, server in "[a-z]{1,20}(/[a-z]{0,5}){0,2}") {
        let invite = Invite { room: RoomId::from_random(random) };
        prop_assert_eq!(invite.to_string().parse(), Ok(invite));
        prop_assert_eq!(invite.link(&server).parse(), Ok(invite));
    }

    #[test]
    fn any_text_may_be_typed_as_an_invite(typed in any_text()) {
        if let Ok(invite) = typed.parse::<Invite>() {
            prop_assert_eq!(invite.to_string().parse(), Ok(invite));
        }
    }

    #[test]
    fn client_messages_read_back(message in client_message()) {
        prop_assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn server_messages_read_back(message in server_message()) {
        prop_assert_eq!(ServerMessage::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn payloads_keep_every_byte(
        json in json(4),
        kind in select(&ForwardKind::ALL[..]),
        [before, after] in [spaces(), spaces()],
    ) {
        let kind = kind.as_str();
        let text = format!(
            r#"{{"payload":{before}{json}{after},"to":"b","from":"a","type":"{kind}"}}"#
        );
        let message = ClientMessage::decode(&text).unwrap();
        let ClientMessage::Forward(forward) = &message else {
            panic!("not forwarded: {message:?}");
        };
        prop_assert_eq!(forward.payload.json(), &json);
        let relayed = ServerMessage::Forward(forward.clone()).encode();
        prop_assert!(relayed.contains(&json));
        prop_assert_eq!(ServerMessage::decode(&relayed), Ok(ServerMessage::Forward(forward.clone())));
        prop_assert_eq!(Payload::from_json(json), Ok(forward.payload.clone()));
    }

    #[test]
    fn damaged_messages_are_harmless(
        (client, server) in (client_message(), server_message()),
        damage in vec(damage(), 1..4),
    ) {
        stable_text(&damaged_text(&client.encode(), &damage));
        stable_text(&damaged_text(&server.encode(), &damage));
    }

    #[test]
    fn any_text_may_come_as_a_message(text in any_text(), json in json(4)) {
        stable_text(&text);
        stable_text(&json);
    }

    #[test]
    fn bodies_read_back(
        rooms in (option::of(any::<u16>()), any::<u32>(), client_id(), vec(client_id(), 0..20)),
        ice in vec((vec(".{0,40}", 0..4), option::of(".{0,40}"), option::of(".{0,40}")), 0..4),
        (error, code) in (".{0,40}", error_code()),
    ) {
        let (capacity, room, client_id, peers) = rooms;
        let room_id = RoomId::from_random(room);
        let create = CreateRoom { capacity };
        prop_assert_eq!(CreateRoom::decode(&json_bytes(&create)), Ok(create));
        let join = JoinRoom { room_id, client_id };
        prop_assert_eq!(JoinRoom::decode(&json_bytes(&join)), Ok(join));
        answer_reads_back(&RoomCreated { room_id });
        answer_reads_back(&RoomJoined { peers });
        answer_reads_back(&ApiError { error, code });
        let server = |(urls, username, credential)| IceServer { urls, username, credential };
        answer_reads_back(&IceServers { ice_servers: ice.into_iter().map(server).collect() });
    }

    #[test]
    fn any_bytes_may_come_as_a_body(bytes in any_bytes(), json in json(4)) {
        for body in [&bytes, json.as_bytes()] {
            if let Ok(body) = CreateRoom::decode(body) {
                prop_assert_eq!(CreateRoom::decode(&json_bytes(&body)), Ok(body));
            }
            if let Ok(body) = JoinRoom::decode(body) {
                prop_assert_eq!(JoinRoom::decode(&json_bytes(&body)), Ok(body));
            }
            stable_answer::<RoomCreated>(body);
            stable_answer::<RoomJoined>(body);
            stable_answer::<IceServers>(body);
            stable_answer::<ApiError>(body);
        }
    }

    #[test]
    fn negotiation_reads_back(description in description(), candidate in candidate()) {
        let payload = Payload::encode(&description);
        prop_assert_eq!(Description::decode(&payload), Ok(description));
        let payload = Payload::encode(&candidate);
        prop_assert_eq!(TrickledCandidate::decode(&payload), Ok(candidate));
    }

    #[test]
    fn any_json_may_come_in_negotiation(
        json in json(6),
        (description, candidate) in (description(), candidate()),
        damage in vec(damage(), 1..4),
    ) {
        let damaged = [Payload::encode(&description), Payload::encode(&candidate)]
            .map(|payload| damaged_text(payload.json(), &damage));
        for json in damaged.into_iter().chain([json]) {
            let Ok(payload) = Payload::from_json(json) else { continue };
            if let Ok(value) = Description::decode(&payload) {
                prop_assert_eq!(Description::decode(&Payload::encode(&value)), Ok(value));
            }
            if let Ok(value) = TrickledCandidate::decode(&payload) {
                prop_assert_eq!(TrickledCandidate::decode(&Payload::encode(&value)), Ok(value));
            }
        }
    }

    #[test]
    fn control_frames_read_back(frame in control_frame()) {
        prop_assert_eq!(ControlFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn bulk_frames_read_back(frame in bulk_frame()) {
        prop_assert_eq!(BulkFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn damaged_frames_are_harmless(
        (control, bulk) in (control_frame(), bulk_frame()),
        damage in vec(damage(), 1..4),
    ) {
        for frame in [control.encode(), bulk.encode()] {
            stable_frame(&damaged(frame.to_vec(), &damage).into());
        }
    }

    #[test]
    fn any_bytes_may_come_as_a_frame(bytes in any_bytes()) {
        stable_frame(&bytes.into());
    }

    #[test]
    fn cut_frames_are_refused(frame in control_frame(), at: Index) {
        let encoded = frame.encode();
        let cut = at.index(encoded.len());
        prop_assert!(ControlFrame::decode(&encoded[..cut]).is_err());
        let longer = [&encoded[..], &[0xc0]].concat();
        prop_assert!(ControlFrame::decode(&longer).is_err());
    }

    #[test]
    fn any_name_becomes_a_safe_one(name in any_name()) {
        let safe = FileName::sanitize(&name);
        let text = safe.as_str();
        prop_assert!(!text.is_empty() && text.len() <= FILE_NAME_BYTES, "{:?}", text);
        prop_assert!(!text.contains(['/', '\\', ':', '<', '>', '"', '|', '?', '*']), "{:?}", text);
        prop_assert!(!text.contains(char::is_control), "{:?}", text);
        prop_assert!(!text.starts_with(['.', ' ']) && !text.ends_with(['.', ' ']), "{:?}", text);
        prop_assert!(!is_windows_device(text), "{:?}", text);
        prop_assert_eq!(FileName::sanitize(text), safe);
    }

    #[test]
    fn manifests_answer_every_question(
        size: u64,
        hashes in vec(hash(), 0..20),
        (piece, expected) in (any::<u32>(), hash()),
        bytes in any_bytes(),
        near_pieces in 0..=40_u64,
        nudge in -1..=1_i64,
    ) {
        let _ = Manifest::from_hashes(size, &hashes);
        let near = (near_pieces * PIECE_BYTES as u64 / 2).saturating_add_signed(nudge);
        for size in [size, size % MAX_FILE_BYTES, near] {
            let Ok(manifest) = Manifest::new(size, expected) else {
                prop_assert!(size > MAX_FILE_BYTES);
                continue;
            };
            prop_assert!(manifest.pieces() <= MAX_PIECES);
            prop_assert!(manifest.piece_len(piece) <= PIECE_BYTES);
            prop_assert_eq!(manifest.piece_len(manifest.pieces()), 0);
            let total = match manifest.pieces() {
                0 => 0,
                n => u64::from(n - 1) * PIECE_BYTES as u64 + manifest.piece_len(n - 1) as u64,
            };
            prop_assert_eq!(total, size);
            for piece in [piece, 0, manifest.pieces().saturating_sub(1)] {
                prop_assert!(!manifest.verify_piece(piece, &expected, &bytes));
            }
            prop_assert!(!manifest.matches(&hashes) || hashes == [expected]);
        }
    }
}

/// The limits of the fields add up to less than the limit of the frame.
#[test]
fn the_largest_frames_fit() {
    let id = |at: usize| -> ClientId { format!("{at:0>64}").parse().unwrap() };
    let heads = Heads((0..HEADS_AUTHORS).map(|at| (id(at), MAX_CLOCK)).collect());
    let to = MessageId {
        author: id(1),
        seq: MAX_CLOCK,
    };
    let largest = [
        ControlFrame::Hello(Hello {
            version: u16::MAX,
            profile: Profile {
                nickname: "x".repeat(NICKNAME_BYTES),
                media: MediaState::default(),
            },
            starts: heads.clone(),
            heads,
            delivered: MAX_CLOCK,
            read: MAX_CLOCK,
        }),
        ControlFrame::Entry(Entry {
            author: id(0),
            seq: MAX_CLOCK,
            previous: Hash::of(b""),
            lamport: MAX_CLOCK,
            sent_at: MAX_CLOCK,
            body: Body::Reply {
                to,
                text: "x".repeat(TEXT_BYTES),
            },
        }),
        ControlFrame::Offer(Offer {
            name: FileName::sanitize(&"x".repeat(300)),
            manifest: Manifest::new(MAX_FILE_BYTES, Hash::ZERO).unwrap(),
            media_type: "x".repeat(255),
            preview: Some(vec![0; PREVIEW_BYTES]),
        }),
        ControlFrame::Hashes {
            transfer: TransferId::from_bytes([0; 16]),
            first: MAX_PIECES - 512,
            hashes: vec![Hash::ZERO; HASHES_PER_FRAME],
        },
    ];
    for frame in largest {
        let encoded = frame.encode();
        assert!(encoded.len() <= CONTROL_FRAME_BYTES, "{frame:?}");
        assert_eq!(ControlFrame::decode(&encoded), Ok(frame));
    }
}

/// Whatever decodes is written so that it decodes to the same again.
fn stable_text(text: &str) {
    if let Ok(message) = ClientMessage::decode(text) {
        assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = ServerMessage::decode(text) {
        assert_eq!(ServerMessage::decode(&message.encode()), Ok(message));
    }
}

fn stable_frame(bytes: &Bytes) {
    if let Ok(frame) = ControlFrame::decode(bytes) {
        assert_eq!(ControlFrame::decode(&frame.encode()), Ok(frame));
    }
    if let Ok(frame) = BulkFrame::decode(bytes) {
        assert_eq!(BulkFrame::decode(&frame.encode()), Ok(frame));
    }
}

fn stable_answer<T: api::Answer + Serialize + Debug + PartialEq>(body: &[u8]) {
    if let Ok(answer) = decode_answer::<T>(body) {
        answer_reads_back(&answer);
    }
}

fn answer_reads_back<T: api::Answer + Serialize + Debug + PartialEq>(answer: &T) {
    assert_eq!(decode_answer::<T>(&json_bytes(answer)).as_ref(), Ok(answer));
}

fn json_bytes<T: Serialize + DeserializeOwned>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

#[derive(Debug, Clone)]
enum Damage {
    Flip { at: Index, bit: u8 },
    Cut { at: Index },
    Repeat { at: Index },
    Put { at: Index, byte: u8 },
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        any::<Index>().prop_map(|at| Damage::Cut { at }),
        any::<Index>().prop_map(|at| Damage::Repeat { at }),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Put { at, byte }),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
    for damage in damage {
        let len = bytes.len();
        if len == 0 {
            break;
        }
        match damage {
            Damage::Flip { at, bit } => bytes[at.index(len)] ^= 1 << bit,
            Damage::Cut { at } => bytes.truncate(at.index(len)),
            Damage::Repeat { at } => bytes.extend_from_within(at.index(len)..),
            Damage::Put { at, byte } => bytes[at.index(len)] = *byte,
        }
    }
    bytes
}

fn damaged_text(text: &str, damage: &[Damage]) -> String {
    String::from_utf8_lossy(&damaged(text.into(), damage)).into_owned()
}

fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap().trim_end().to_lowercase();
    let numbered = ["com", "lpt"]
        .into_iter()
        .any(|port| ('0'..='9').any(|n| stem == format!("{port}{n}")));
    numbered || ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&&*stem)
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        // Plausible beginnings get further.
        (0..42_u8, vec(any::<u8>(), 0..200))
            .prop_map(|(number, rest)| [vec![number], rest].concat()),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\[\\]{}:,\"\\\\a-z0-9 .+-]{0,100}",
        ".{0,20}#?[0-9a-zA-Z \\-]{0,12}",
    ]
}

fn any_name() -> impl Strategy<Value = String> {
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

fn spaces() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

/// JSON as nobody would write it: odd spacing, numbers that no type holds, repeated keys, escapes
/// without meaning, depth.
fn json(depth: u32) -> impl Strategy<Value = String> {
    let scalar = select(
        &[
            "null",
            "true",
            "-0",
            "1e999",
            "-1E-999",
            "9223372036854775808",
            "0.10000000000000000000000000000000001",
            "340282366920938463463374607431768211456",
            r#""""#,
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            r#""\u0000\/\"""#,
            "\"\u{1f44b}\u{2028}\"",
            "\"type\"",
        ][..],
    )
    .prop_map(str::to_owned);
    let scalar = prop_oneof![
        8 => scalar,
        1 => (1..2000_usize).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
    ];
    scalar.prop_recursive(depth, 64, 6, |inner| {
        prop_oneof![
            (spaces(), vec(inner.clone(), 0..6))
                .prop_map(|(space, list)| format!("[{space}{}]", list.join(&format!(",{space}")))),
            (
                spaces(),
                vec((select(&["type", "a", "a", ""][..]), inner), 0..6)
            )
                .prop_map(|(space, fields)| {
                    let fields: Vec<_> = fields
                        .into_iter()
                        .map(|(key, value)| format!("{space}\"{key}\"{space}:{space}{value}"))
                        .collect();
                    format!("{{{}{space}}}", fields.join(","))
                }),
        ]
    })
}

fn client_id() -> impl Strategy<Value = ClientId> {
    "[A-Za-z0-9_.:-]{1,64}".prop_map(|id| id.parse().unwrap())
}

fn transfer_id() -> impl Strategy<Value = TransferId> {
    any::<[u8; 16]>().prop_map(TransferId::from_bytes)
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn message_id() -> impl Strategy<Value = MessageId> {
    (client_id(), 1..=MAX_CLOCK).prop_map(|(author, seq)| MessageId { author, seq })
}

fn token() -> impl Strategy<Value = ResumeToken> {
    text(RESUME_TOKEN_BYTES).prop_map(|token| ResumeToken::new(token).unwrap())
}

fn error_code() -> impl Strategy<Value = ErrorCode> {
    prop_oneof![
        Just(ErrorCode::RoomNotFound),
        Just(ErrorCode::Internal),
        "[a-z-]{0,20}".prop_map(|code| ErrorCode::from(&*code)),
    ]
}

fn forward() -> impl Strategy<Value = Forward> {
    (
        select(&ForwardKind::ALL[..]),
        client_id(),
        client_id(),
        json(3),
    )
        .prop_map(|(kind, from, to, json)| Forward {
            kind,
            from,
            to,
            payload: Payload::from_json(json).unwrap(),
        })
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (any::<u32>(), client_id(), option::of(token())).prop_map(|(room, client_id, resume)| {
            ClientMessage::Init {
                room_id: RoomId::from_random(room),
                client_id,
                resume,
            }
        }),
        forward().prop_map(ClientMessage::Forward),
        Just(ClientMessage::Leave),
    ]
}

fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        (vec(client_id(), 0..20), token(), any::<u32>()).prop_map(
            |(peers, resume, grace_seconds)| ServerMessage::InitSuccess {
                peers,
                resume,
                grace_seconds,
            }
        ),
        client_id().prop_map(|client_id| ServerMessage::PeerJoined { client_id }),
        client_id().prop_map(|client_id| ServerMessage::PeerLeft { client_id }),
        forward().prop_map(ServerMessage::Forward),
        any::<u32>().prop_map(|reconnect_in_ms| ServerMessage::Restarting { reconnect_in_ms }),
        (any::<String>(), error_code())
            .prop_map(|(message, code)| ServerMessage::Error { message, code }),
    ]
}

fn description() -> impl Strategy<Value = Description> {
    (any::<u32>(), any::<String>()).prop_map(|(attempt, sdp)| Description { attempt, sdp })
}

fn candidate() -> impl Strategy<Value = TrickledCandidate> {
    (
        any::<u32>(),
        ".{0,200}",
        option::of(".{0,20}"),
        option::of(any::<u16>()),
    )
        .prop_map(
            |(attempt, candidate, sdp_mid, sdp_mline_index)| TrickledCandidate {
                attempt,
                candidate: Candidate {
                    candidate,
                    sdp_mid,
                    sdp_mline_index,
                },
            },
        )
}

/// At most `limit` bytes of text, often exactly so many.
fn text(limit: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        9 => any::<String>(),
        1 => Just("x".repeat(limit)),
    ]
    .prop_map(move |mut text| {
        text.truncate(text.floor_char_boundary(limit));
        if text.is_empty() { "x".into() } else { text }
    })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        text(TEXT_BYTES).prop_map(|text| Body::Text { text }),
        (message_id(), text(TEXT_BYTES)).prop_map(|(to, text)| Body::Reply { to, text }),
        (message_id(), text(REACTION_BYTES), any::<bool>())
            .prop_map(|(to, emoji, on)| Body::Reaction { to, emoji, on }),
        (message_id(), text(TEXT_BYTES)).prop_map(|(to, text)| Body::Edit { to, text }),
        message_id().prop_map(|to| Body::Delete { to }),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    (
        client_id(),
        1..1000_u64,
        hash(),
        1000..=MAX_CLOCK,
        0..=MAX_CLOCK,
        body(),
    )
        .prop_map(|(author, seq, previous, lamport, sent_at, body)| Entry {
            author,
            seq,
            previous: if seq == 1 { Hash::ZERO } else { previous },
            lamport,
            sent_at,
            body,
        })
}

fn heads() -> impl Strategy<Value = Heads> {
    vec((client_id(), 0..=MAX_CLOCK), 0..8).prop_map(Heads)
}

fn profile() -> impl Strategy<Value = Profile> {
    (text(NICKNAME_BYTES), any::<bool>(), any::<bool>()).prop_map(
        |(nickname, camera, microphone)| Profile {
            nickname,
            media: MediaState { camera, microphone },
        },
    )
}

fn hello() -> impl Strategy<Value = Hello> {
    (
        any::<u16>(),
        profile(),
        heads(),
        heads(),
        0..=MAX_CLOCK,
        0..=MAX_CLOCK,
    )
        .prop_map(|(version, profile, starts, heads, delivered, read)| Hello {
            version,
            profile,
            starts,
            heads,
            delivered,
            read,
        })
}

fn offer() -> impl Strategy<Value = Offer> {
    (
        any_name(),
        0..=MAX_FILE_BYTES,
        hash(),
        "[ -~]{0,40}",
        option::of(vec(any::<u8>(), 0..100)),
    )
        .prop_map(|(name, size, root, media_type, preview)| Offer {
            name: FileName::sanitize(&name),
            manifest: Manifest::new(size, root).unwrap(),
            media_type,
            preview,
        })
}

fn range() -> impl Strategy<Value = Range> {
    (0..MAX_PIECES, 1..=512_u32).prop_map(|(first, count)| Range {
        first,
        count: count.min(MAX_PIECES - first),
    })
}

fn control_frame() -> impl Strategy<Value = ControlFrame> {
    prop_oneof![
        hello().prop_map(ControlFrame::Hello),
        profile().prop_map(ControlFrame::Profile),
        entry().prop_map(ControlFrame::Entry),
        heads().prop_map(ControlFrame::Heads),
        (client_id(), 1..100_u64, 100..=MAX_CLOCK)
            .prop_map(|(author, from, to)| ControlFrame::Fetch { author, from, to }),
        (0..=MAX_CLOCK, 0..=MAX_CLOCK)
            .prop_map(|(delivered, read)| ControlFrame::Receipt { delivered, read }),
        any::<bool>().prop_map(|on| ControlFrame::Typing { on }),
        Just(ControlFrame::Bye),
        offer().prop_map(ControlFrame::Offer),
        transfer_frame(),
    ]
}

fn transfer_frame() -> impl Strategy<Value = ControlFrame> {
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
        transfer_id().prop_map(|transfer| ControlFrame::Accept { transfer }),
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
    ]
}

fn bulk_frame() -> impl Strategy<Value = BulkFrame> {
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
