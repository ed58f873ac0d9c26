//! Properties of every codec: what is encoded reads back, and no bytes whatsoever make a decoder
//! panic or accept what it would not write itself.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod names;
mod strategies;

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
    Attributes, Body, BulkFrame, ClientId, ClientMessage, Content, ControlFrame, Entry, ErrorCode,
    FileName, Forward, ForwardKind, Hash, Heads, Hello, IdentityKey, Invite, Manifest, MediaState,
    MessageId, Offer, Payload, Preview, Profile, RelayFrame, RelaySegment, RoomId, Roster, Sealed,
    ServerMessage, Signature, TransferId,
    api::{
        self, ApiError, CreateRoom, IceServer, IceServers, JoinRoom, RoomCreated, RoomJoined,
        decode_answer,
    },
    limits::{
        BULK_PAYLOAD_BYTES, CLIENT_ID_BYTES, CONTROL_FRAME_BYTES, HASHES_PER_FRAME, HAVE_BYTES,
        HEADS_AUTHORS, LISTING_BYTES, LISTING_CHUNK_BYTES, MAX_CLOCK, MAX_FILE_BYTES, MAX_PIECES,
        MEDIA_TYPE_BYTES, NICKNAME_BYTES, PIECE_BYTES, PREVIEW_BYTES, RELAY_SEGMENT_BYTES,
        ROSTER_MEMBERS, SEALED_BYTES, SEALED_MESSAGES, SEALED_SIZES, SIGNAL_MESSAGE_BYTES,
        TEXT_BYTES,
    },
    negotiation::{Description, TrickledCandidate},
};

use self::strategies::{
    any_bytes, any_text, bulk_frame, candidate, client_id, client_message, control_frame, damage,
    damaged, damaged_text, description, error_code, hash, json, message_id, relay_segment, secret,
    server_message, spaces, transfer_id,
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
    fn invites_read_back(
        random: u32,
        secret in secret(),
        server in "[a-z]{1,20}(/[a-z]{0,5}){0,2}",
    ) {
        let invite = Invite { room: RoomId::from_random(random), secret };
        let (code, link) = (invite.to_string(), invite.link(&server));
        prop_assert_eq!(code.to_lowercase().replace('-', " ").parse(), Ok(invite.clone()));
        prop_assert_eq!(code.to_uppercase().parse(), Ok(invite.clone()));
        prop_assert_eq!(code.parse(), Ok(invite.clone()));
        prop_assert_eq!(link.parse(), Ok(invite));
    }

    #[test]
    fn any_text_may_be_typed_as_an_invite(typed in any_text()) {
        if let Ok(invite) = typed.parse::<Invite>() {
            prop_assert_eq!(invite.to_string().parse(), Ok(invite));
        }
    }

    #[test]
    fn damaged_invites_are_harmless(
        random: u32,
        secret in secret(),
        damage in vec(damage(), 1..4),
    ) {
        let code = Invite { room: RoomId::from_random(random), secret }.to_string();
        if let Ok(invite) = damaged_text(&code, &damage).parse::<Invite>() {
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
    fn relay_segments_read_back_and_fit(segment in relay_segment(), damage in vec(damage(), 1..4)) {
        let encoded = segment.encode();
        prop_assert!(encoded.len() <= RELAY_SEGMENT_BYTES, "{} bytes", encoded.len());
        prop_assert_eq!(RelaySegment::decode(&encoded), Ok(segment));
        stable_segment(&damaged(encoded, &damage));
    }

    #[test]
    fn any_bytes_may_come_as_a_frame(bytes in any_bytes()) {
        stable_segment(&bytes);
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
            lamport: MAX_CLOCK,
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
            signature: Signature::new([0xff; 64]),
        }),
        ControlFrame::Offer(Offer {
            name: FileName::sanitize(&"x".repeat(300)),
            manifest: Manifest::new(MAX_FILE_BYTES, Hash::ZERO).unwrap(),
            content: Content::File {
                media_type: "x".repeat(MEDIA_TYPE_BYTES),
                attributes: Attributes {
                    modified: Some(-MAX_CLOCK.cast_signed()),
                    executable: true,
                },
            },
            preview: Some(Preview {
                width: u32::MAX,
                height: u32::MAX,
                duration: Some(MAX_CLOCK),
                thumbnail: Some(vec![0; PREVIEW_BYTES]),
            }),
        }),
        ControlFrame::Roster(Roster(
            (0..ROSTER_MEMBERS)
                .map(|at| (id(at), IdentityKey::new([7; 32])))
                .collect(),
        )),
        ControlFrame::Hashes {
            transfer: TransferId::from_bytes([0; 16]),
            first: MAX_PIECES - 512,
            hashes: vec![Hash::ZERO; HASHES_PER_FRAME],
        },
        ControlFrame::Have {
            transfer: TransferId::from_bytes([0; 16]),
            first: MAX_PIECES - 8 * u32::try_from(HAVE_BYTES).unwrap(),
            bits: vec![0xff; HAVE_BYTES],
        },
        ControlFrame::Listing {
            transfer: TransferId::from_bytes([0; 16]),
            offset: u32::try_from(LISTING_BYTES - LISTING_CHUNK_BYTES).unwrap(),
            bytes: vec![0xff; LISTING_CHUNK_BYTES],
        },
    ];
    for frame in largest {
        let encoded = frame.encode();
        assert!(encoded.len() <= CONTROL_FRAME_BYTES, "{frame:?}");
        assert_eq!(ControlFrame::decode(&encoded), Ok(frame));
    }
}

/// Every frame of the data channels goes through the relay, and the largest segment into the
/// largest message that the server passes on.
#[test]
fn the_largest_relayed_message_fits() {
    let bulk = vec![7; BulkFrame::HEADER_BYTES + BULK_PAYLOAD_BYTES];
    let segment = RelaySegment {
        seq: u64::MAX,
        frames: vec![RelayFrame::Bulk(bulk.into())],
        ..RelaySegment::default()
    };
    // With the four bytes of its length: so it is not padded to the next size.
    assert!(segment.encode().len() + 4 <= SEALED_SIZES[5]);
    assert_eq!(RelaySegment::decode(&segment.encode()), Ok(segment));
    const { assert!(RelaySegment::HEADER_BYTES + CONTROL_FRAME_BYTES < RELAY_SEGMENT_BYTES) };
    const { assert!(RELAY_SEGMENT_BYTES + 4 <= SEALED_SIZES[6]) };

    let sealed = Sealed {
        number: SEALED_MESSAGES,
        data: vec![0; SEALED_BYTES].into(),
    };
    let id: ClientId = "x".repeat(CLIENT_ID_BYTES).parse().unwrap();
    let message = ServerMessage::Forward(Forward {
        kind: ForwardKind::Relay,
        from: id.clone(),
        to: id,
        payload: sealed.encode(),
    });
    assert!(message.encode().len() <= SIGNAL_MESSAGE_BYTES);
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

fn stable_segment(bytes: &[u8]) {
    if let Ok(segment) = RelaySegment::decode(bytes) {
        assert_eq!(segment.encode(), bytes);
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
