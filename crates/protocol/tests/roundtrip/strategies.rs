//! Values of every type, and the damage that a wire might do to them.

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
};
use snug_protocol::{
    Body, BulkFrame, ClientId, ClientMessage, ControlFrame, Entry, ErrorCode, Forward, ForwardKind,
    Hash, Heads, Hello, IdentityKey, MediaState, MessageId, Payload, Profile, RelayFrame,
    RelaySegment, ResumeToken, RoomId, Roster, Secret, ServerMessage, Signature, Token, TransferId,
    Words,
    limits::{
        BULK_PAYLOAD_BYTES, MAX_CLOCK, NICKNAME_BYTES, REACTION_BYTES, RELAY_FRAMES,
        RELAY_SEGMENT_BYTES, RESUME_TOKEN_BYTES, TEXT_BYTES,
    },
    negotiation::{Candidate, Description, TrickledCandidate},
};

pub(super) use self::files::{any_name, any_path, bulk_frame, items};
use self::files::{offer, transfer_frame};

mod files;

#[derive(Debug, Clone)]
pub(super) enum Damage {
    Flip { at: Index, bit: u8 },
    Cut { at: Index },
    Repeat { at: Index },
    Put { at: Index, byte: u8 },
}

pub(super) fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        any::<Index>().prop_map(|at| Damage::Cut { at }),
        any::<Index>().prop_map(|at| Damage::Repeat { at }),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Put { at, byte }),
    ]
}

pub(super) fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
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

pub(super) fn damaged_text(text: &str, damage: &[Damage]) -> String {
    String::from_utf8_lossy(&damaged(text.into(), damage)).into_owned()
}

pub(super) fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        // Plausible beginnings get further.
        (0..48_u8, vec(any::<u8>(), 0..200))
            .prop_map(|(number, rest)| [vec![number], rest].concat()),
    ]
}

pub(super) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\[\\]{}:,\"\\\\a-z0-9 .+-]{0,100}",
        ".{0,20}#?[0-9a-zA-Z \\-]{0,12}",
        "[0-9a-tA-T]{6}([ -]([a-z]{1,5}|[a-t0-9]{6,13})){0,5}",
    ]
}

pub(super) fn spaces() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

/// JSON as nobody would write it: odd spacing, numbers that no type holds, repeated keys, escapes
/// without meaning, depth.
pub(super) fn json(depth: u32) -> impl Strategy<Value = String> {
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

pub(super) fn secret() -> impl Strategy<Value = Secret> {
    let entropy = any::<[u8; 16]>;
    prop_oneof![
        Just(Secret::Open),
        entropy().prop_map(|entropy| Secret::Words(Words::from_entropy(entropy))),
        entropy().prop_map(|entropy| Secret::Token(Token::from_entropy(entropy))),
    ]
}

pub(super) fn client_id() -> impl Strategy<Value = ClientId> {
    "[A-Za-z0-9_.:-]{1,64}".prop_map(|id| id.parse().unwrap())
}

pub(super) fn transfer_id() -> impl Strategy<Value = TransferId> {
    any::<[u8; 16]>().prop_map(TransferId::from_bytes)
}

pub(super) fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

pub(super) fn message_id() -> impl Strategy<Value = MessageId> {
    (client_id(), 1..=MAX_CLOCK).prop_map(|(author, seq)| MessageId { author, seq })
}

fn token() -> impl Strategy<Value = ResumeToken> {
    text(RESUME_TOKEN_BYTES).prop_map(|token| ResumeToken::new(token).unwrap())
}

pub(super) fn error_code() -> impl Strategy<Value = ErrorCode> {
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

pub(super) fn client_message() -> impl Strategy<Value = ClientMessage> {
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

pub(super) fn server_message() -> impl Strategy<Value = ServerMessage> {
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

pub(super) fn description() -> impl Strategy<Value = Description> {
    (any::<u32>(), any::<String>()).prop_map(|(attempt, sdp)| Description { attempt, sdp })
}

pub(super) fn candidate() -> impl Strategy<Value = TrickledCandidate> {
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
        [any::<[u8; 32]>(), any::<[u8; 32]>()],
    )
        .prop_map(
            |(author, seq, previous, lamport, sent_at, body, signature)| Entry {
                author,
                seq,
                previous: if seq == 1 { Hash::ZERO } else { previous },
                lamport,
                sent_at,
                body,
                signature: Signature::new(signature.concat().try_into().unwrap()),
            },
        )
}

fn heads() -> impl Strategy<Value = Heads> {
    vec((client_id(), 0..=MAX_CLOCK), 0..8).prop_map(Heads)
}

fn roster() -> impl Strategy<Value = Roster> {
    btree_map(client_id(), any::<[u8; 32]>(), 0..8).prop_map(|members| {
        let named = members.into_iter();
        Roster(
            named
                .map(|(member, key)| (member, IdentityKey::new(key)))
                .collect(),
        )
    })
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
        0..=MAX_CLOCK,
    )
        .prop_map(
            |(version, profile, starts, heads, lamport, delivered, read)| Hello {
                version,
                profile,
                starts,
                heads,
                lamport,
                delivered,
                read,
            },
        )
}

pub(super) fn control_frame() -> impl Strategy<Value = ControlFrame> {
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
        Just(ControlFrame::Welcome),
        any::<[u8; 32]>().prop_map(|mac| ControlFrame::Binding { mac }),
        any::<u32>().prop_map(|wrong| ControlFrame::Guesses { wrong }),
        roster().prop_map(ControlFrame::Roster),
        offer().prop_map(ControlFrame::Offer),
        transfer_frame(),
    ]
}

/// As many of some frames as a segment holds, whatever they say.
pub(super) fn relay_segment() -> impl Strategy<Value = RelaySegment> {
    let numbers = (any::<u32>(), any::<u32>(), 1..=u64::MAX, any::<u64>());
    (numbers, vec(relay_frame(), 0..100)).prop_map(|((epoch, ack_epoch, seq, ack), mut frames)| {
        let mut len = RelaySegment::HEADER_BYTES;
        let fit = frames.iter().take(RELAY_FRAMES).take_while(|frame| {
            len += RelayFrame::HEADER_BYTES + frame.bytes().len();
            len <= RELAY_SEGMENT_BYTES
        });
        frames.truncate(fit.count());
        RelaySegment {
            epoch,
            ack_epoch,
            seq: if frames.is_empty() { 0 } else { seq },
            ack,
            frames,
        }
    })
}

fn relay_frame() -> impl Strategy<Value = RelayFrame> {
    let bytes = prop_oneof![
        9 => vec(any::<u8>(), 0..300),
        1 => vec(Just(7), 0..=BulkFrame::HEADER_BYTES + BULK_PAYLOAD_BYTES),
    ];
    (any::<bool>(), bytes).prop_map(|(bulk, bytes)| {
        if bulk {
            RelayFrame::Bulk(bytes.into())
        } else {
            RelayFrame::Control(bytes.into())
        }
    })
}
