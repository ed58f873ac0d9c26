//! The rooms under a clock that the tests turn.

use std::time::{Duration, Instant};

use snug_protocol::{
    ClientId, ErrorCode, ForwardKind, Payload, ResumeToken, RoomId, ServerMessage,
};
use snug_server::{
    CloseReason, CreateError, ForwardError, InitError, JoinError, Output, Registry, ResumeKey,
    SocketId, Stats, config::RoomConfig,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn newcomers_learn_who_is_there_and_the_others_learn_of_them() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    assert_eq!(rooms.join(room, "ann"), Ok(vec![]));
    assert_eq!(rooms.init(1, room, "ann").peers, ids(&[]));
    assert_eq!(rooms.join(room, "bob"), Ok(ids(&["ann"])));
    assert_eq!(rooms.init(2, room, "bob").peers, ids(&["ann"]));
    assert_eq!(rooms.heard(1), [joined("bob")]);
    assert_eq!(rooms.heard(2), []);
}

#[test]
fn messages_reach_only_their_receiver_byte_for_byte() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    for (socket, client) in [(1, "ann"), (2, "bob"), (3, "cay")] {
        rooms.enter(socket, room, client);
    }
    rooms.clear();
    for kind in ForwardKind::ALL {
        rooms
            .send_kind(1, kind, "ann", "bob", r#"{ "a" : 1e2 , "\u0062":[] }"#)
            .unwrap();
    }
    let heard = rooms.heard(2);
    assert_eq!(heard.len(), ForwardKind::ALL.len());
    for (kind, message) in ForwardKind::ALL.into_iter().zip(heard) {
        let ServerMessage::Forward(forward) = message else {
            panic!("{message:?}")
        };
        assert_eq!((forward.kind, forward.from.as_str()), (kind, "ann"));
        assert_eq!(forward.payload.json(), r#"{ "a" : 1e2 , "\u0062":[] }"#);
    }
    assert_eq!(rooms.heard(3), []);
}

#[test]
fn forged_stray_and_selfish_messages_are_refused() {
    let mut rooms = Rooms::new();
    let (room, other) = (rooms.create(), rooms.create());
    rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.enter(3, other, "cay");
    rooms.join(room, "dan").unwrap();
    assert_eq!(rooms.send(1, "bob", "ann"), Err(ForwardError::ForgedSender));
    for nobody in ["ann", "cay", "dan", "eve"] {
        assert_eq!(
            rooms.send(1, "ann", nobody),
            Err(ForwardError::UnknownRecipient),
            "{nobody}"
        );
    }
    assert_eq!(
        rooms.send(9, "ann", "bob"),
        Err(ForwardError::NotInitialized)
    );
    assert_eq!(rooms.send(1, "ann", "bob"), Ok(()));
}

#[test]
fn handshake_messages_have_a_rate_of_their_own() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    for (socket, client) in [(1, "ann"), (2, "bob"), (3, "cay")] {
        rooms.enter(socket, room, client);
    }
    rooms.clear();
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 64);
    assert_eq!(rooms.send_keys(1, "ann", "cay", 1), 0);
    let refused = rooms.send_kind(1, ForwardKind::Key, "ann", "bob", "null");
    assert_eq!(refused, Err(ForwardError::TooManyKeys));
    assert_eq!(refused.unwrap_err().code(), ErrorCode::RateLimited);
    assert_eq!((rooms.heard(2).len(), rooms.heard(3).len()), (64, 0));
    rooms.wait(SECOND);
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 10);
    rooms.wait(MINUTE);
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 64);
}

#[test]
fn whoever_sends_too_many_handshake_messages_is_held_up_in_nothing_else() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 64);
    for kind in ForwardKind::ALL {
        let sent = rooms.send_kind(1, kind, "ann", "bob", "null");
        assert_eq!(sent.is_ok(), kind != ForwardKind::Key, "{kind:?}");
    }
    assert_eq!(rooms.send_keys(2, "bob", "ann", 100), 64);
    assert_eq!(rooms.closed(), []);
}

#[test]
fn a_fresh_socket_allows_no_more_handshake_messages() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 64);
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.send_keys(3, "ann", "bob", 100), 0);
    rooms.disconnect(3);
    rooms.resume(4, room, "ann", &ann.token);
    assert_eq!(rooms.send_keys(4, "ann", "bob", 100), 0);
}

#[test]
fn a_fresh_seat_allows_no_more_handshake_messages() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    assert_eq!(rooms.send_keys(1, "ann", "bob", 100), 64);
    rooms.leave(1);
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.send_keys(3, "ann", "bob", 100), 0);
    rooms.leave(3);
    rooms.join(room, "ann").unwrap();
    rooms.enter(4, room, "ann");
    assert_eq!(rooms.send_keys(4, "ann", "bob", 100), 0);
    rooms.leave(4);
    rooms.wait(SECOND);
    rooms.resume(5, room, "ann", &ann.token);
    assert_eq!(rooms.send_keys(5, "ann", "bob", 100), 10);
    rooms.disconnect(5);
    rooms.wait(MINUTE);
    rooms.resume(6, room, "ann", &ann.token);
    assert_eq!(rooms.send_keys(6, "ann", "bob", 100), 64);
}

#[test]
fn a_newcomer_greets_everyone_in_the_largest_room_at_once() {
    let mut rooms = Rooms::new();
    let room = rooms.create_of(32);
    let names: Vec<_> = (0..32).map(|number| format!("client-{number}")).collect();
    for (socket, name) in (0..).zip(&names) {
        rooms.enter(socket, room, name);
    }
    for name in &names[1..] {
        assert_eq!(rooms.send_keys(0, "client-0", name, 2), 2, "{name}");
    }
}

#[test]
fn unknown_expired_and_full_rooms_look_alike() {
    let mut rooms = Rooms::new();
    let (full, expired) = (rooms.create_of(2), rooms.create());
    rooms.enter(1, full, "ann");
    rooms.enter(2, full, "bob");
    for _ in 0..5 {
        rooms.wait(MINUTE);
        rooms.touch(1);
    }
    let unknown = "000000".parse().unwrap();
    for room in [full, expired, unknown] {
        assert_eq!(
            rooms.join(room, "eve"),
            Err(JoinError::RoomNotFound),
            "{room}"
        );
        assert_eq!(
            rooms.try_init(9, room, "eve", None),
            Err(InitError::RoomNotFound),
            "{room}"
        );
    }
}

#[test]
fn capacities_are_checked() {
    let mut rooms = Rooms::new();
    for capacity in [0, 1, 33, u16::MAX] {
        let refused = rooms.registry.create_room(Some(capacity), rooms.now);
        assert_eq!(
            refused,
            Err(CreateError::InvalidCapacity { capacity, max: 32 })
        );
    }
    let room = rooms.create();
    for client in 0..8 {
        rooms.join(room, &client.to_string()).unwrap();
    }
    assert_eq!(
        rooms.join(room, "one too many"),
        Err(JoinError::RoomNotFound)
    );
}

#[test]
fn a_full_server_opens_no_room() {
    let mut rooms = Rooms::with(RoomConfig {
        max_rooms: 2,
        ..RoomConfig::default()
    });
    rooms.create();
    rooms.create();
    assert_eq!(
        rooms.registry.create_room(None, rooms.now),
        Err(CreateError::ServerFull)
    );
    rooms.wait(5 * MINUTE);
    rooms.create();
}

#[test]
fn seats_lapse_after_thirty_seconds_to_the_instant() {
    let mut rooms = Rooms::new();
    let room = rooms.create_of(2);
    rooms.enter(1, room, "ann");
    rooms.join(room, "bob").unwrap();
    rooms.wait((30 * SECOND).saturating_sub(Duration::from_nanos(1)));
    assert_eq!(rooms.join(room, "cay"), Err(JoinError::RoomNotFound));
    rooms.wait(Duration::from_nanos(1));
    assert_eq!(
        rooms.try_init(2, room, "bob", None),
        Err(InitError::RoomNotFound)
    );
    assert_eq!(rooms.join(room, "cay"), Ok(ids(&["ann"])));
    assert_eq!(rooms.heard(1), []);
}

#[test]
fn joining_again_starts_the_time_of_the_seat_anew() {
    let mut rooms = Rooms::new();
    let room = rooms.create_of(2);
    rooms.join(room, "ann").unwrap();
    rooms.join(room, "bob").unwrap();
    rooms.wait(20 * SECOND);
    rooms.join(room, "bob").unwrap();
    rooms.wait(20 * SECOND);
    assert_eq!(rooms.init(1, room, "bob").peers, ids(&[]));
    assert_eq!(
        rooms.try_init(2, room, "ann", None),
        Err(InitError::RoomNotFound)
    );
}

#[test]
fn a_client_id_belongs_to_its_socket() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.enter(1, room, "ann");
    assert_eq!(rooms.join(room, "ann"), Err(JoinError::ClientIdTaken));
    assert_eq!(
        rooms.try_init(2, room, "ann", None),
        Err(InitError::ClientIdTaken)
    );
    assert_eq!(
        rooms.try_init(1, room, "ann", None),
        Err(InitError::AlreadyInitialized)
    );
    rooms.disconnect(1);
    assert_eq!(rooms.join(room, "ann"), Err(JoinError::ClientIdTaken));
    assert_eq!(
        rooms.try_init(2, room, "ann", None),
        Err(InitError::ClientIdTaken)
    );
    rooms.wait(30 * SECOND);
    assert_eq!(rooms.join(room, "ann"), Ok(vec![]));
}

#[test]
fn a_short_drop_is_nobodys_business_and_loses_nothing() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.disconnect(1);
    rooms.send_number(2, "bob", "ann", 1);
    rooms.wait(29 * SECOND);
    rooms.send_number(2, "bob", "ann", 2);
    let back = rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(back.peers, ids(&["bob"]));
    assert_eq!(rooms.heard_numbers(3), [1, 2]);
    assert_eq!(rooms.heard(2), []);
    rooms.send_number(2, "bob", "ann", 3);
    assert_eq!(rooms.heard_numbers(3), [3]);
}

#[test]
fn after_the_grace_time_a_member_has_left_and_may_come_back() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.disconnect(1);
    rooms.send_number(2, "bob", "ann", 1);
    rooms.wait(30 * SECOND);
    assert_eq!(rooms.heard(2), [left("ann")]);
    assert_eq!(
        rooms.send(2, "bob", "ann"),
        Err(ForwardError::UnknownRecipient)
    );
    assert_eq!(
        rooms.stats(),
        Stats {
            rooms: 1,
            connected: 1,
            ..Stats::default()
        }
    );
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.heard(2), [joined("ann")]);
    assert_eq!(rooms.heard(3), []);
}

#[test]
fn a_late_member_finds_a_full_room_closed() {
    let mut rooms = Rooms::new();
    let room = rooms.create_of(2);
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.disconnect(1);
    rooms.wait(31 * SECOND);
    rooms.enter(3, room, "cay");
    let late = rooms.try_init(4, room, "ann", Some(&ann.token));
    assert_eq!(late, Err(InitError::RoomNotFound));
}

#[test]
fn the_holder_of_the_token_takes_over_from_a_half_open_socket() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.closed(), [(1, CloseReason::Replaced)]);
    assert_eq!(rooms.heard(2), []);
    assert_eq!(
        rooms.send(1, "ann", "bob"),
        Err(ForwardError::NotInitialized)
    );
    rooms.disconnect(1);
    rooms.send_number(2, "bob", "ann", 1);
    assert_eq!(rooms.heard_numbers(3), [1]);
}

#[test]
fn forged_tokens_of_any_kind_take_no_seat() {
    let mut rooms = Rooms::new();
    let (room, other) = (rooms.create(), rooms.create());
    let ann = rooms.enter(1, room, "ann");
    let bob = rooms.enter(2, room, "bob");
    let elsewhere = rooms.enter(3, other, "ann");
    rooms.clear();
    let cut = ResumeToken::new(&ann.token.as_str()[..40]).unwrap();
    let empty = ResumeToken::new("").unwrap();
    for forged in [&bob.token, &elsewhere.token, &cut, &empty] {
        for drop_first in [false, true] {
            if drop_first {
                rooms.disconnect(1);
            }
            let refused = rooms.try_init(9, room, "ann", Some(forged));
            assert_eq!(refused, Err(InitError::ResumeRejected));
            let stranger = rooms.try_init(9, room, "eve", Some(forged));
            assert_eq!(stranger, Err(InitError::RoomNotFound));
            rooms.now_resumed(1, room, "ann", &ann.token);
        }
    }
}

#[test]
fn an_old_token_does_not_push_out_whoever_has_the_name_now() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let mallory = rooms.enter(1, room, "bob");
    rooms.leave(1);
    rooms.enter(2, room, "bob");
    let refused = rooms.try_init(3, room, "bob", Some(&mallory.token));
    assert_eq!(refused, Err(InitError::ResumeRejected));
    rooms.disconnect(2);
    let refused = rooms.try_init(3, room, "bob", Some(&mallory.token));
    assert_eq!(refused, Err(InitError::ResumeRejected));
}

#[test]
fn any_token_of_a_seating_is_good_when_an_answer_was_lost() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let first = rooms.enter(1, room, "ann");
    rooms.disconnect(1);
    rooms.resume(2, room, "ann", &first.token);
    rooms.disconnect(2);
    rooms.resume(3, room, "ann", &first.token);
    rooms.disconnect(3);
    rooms.wait(31 * SECOND);
    rooms.resume(4, room, "ann", &first.token);
    rooms.disconnect(4);
    rooms.resume(5, room, "ann", &first.token);
}

#[test]
fn a_forged_token_does_no_harm_to_whoever_has_just_joined() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.join(room, "ann").unwrap();
    let stale = ResumeToken::new("of another server").unwrap();
    assert_eq!(rooms.try_init(1, room, "ann", Some(&stale)), Ok(()));
}

#[test]
fn what_a_member_is_told_depends_on_what_it_knows() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.disconnect(1);
    // Cay comes while Ann is away, and has never heard of her.
    assert_eq!(rooms.enter(3, room, "cay").peers, ids(&["bob"]));
    rooms.clear();
    rooms.resume(4, room, "ann", &ann.token);
    assert_eq!(rooms.heard(2), []);
    assert_eq!(rooms.heard(3), [joined("ann")]);
    // Ann goes again; now both know her.
    rooms.disconnect(4);
    rooms.enter(5, room, "dan");
    rooms.clear();
    rooms.wait(30 * SECOND);
    assert_eq!(rooms.heard(2), [left("ann")]);
    assert_eq!(rooms.heard(3), [left("ann")]);
    assert_eq!(rooms.heard(5), []);
}

#[test]
fn a_member_that_comes_back_is_listed_anew() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    let bob = rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.disconnect(1);
    rooms.disconnect(2);
    assert_eq!(rooms.resume(3, room, "ann", &ann.token).peers, ids(&[]));
    assert_eq!(
        rooms.resume(4, room, "bob", &bob.token).peers,
        ids(&["ann"])
    );
    assert_eq!(rooms.heard(3), [joined("bob")]);
}

#[test]
fn leaving_is_at_once_and_for_good() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.leave(1);
    assert_eq!(rooms.closed(), [(1, CloseReason::Left)]);
    assert_eq!(rooms.heard(2), [left("ann")]);
    rooms.disconnect(1);
    assert_eq!(rooms.join(room, "ann"), Ok(ids(&["bob"])));
}

#[test]
fn what_waits_for_the_absent_is_bounded_and_the_sender_told() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.disconnect(1);
    let accepted = (0..1000)
        .take_while(|_| rooms.send(2, "bob", "ann").is_ok())
        .count();
    assert_eq!(accepted, 256);
    assert_eq!(
        rooms.send(2, "bob", "ann"),
        Err(ForwardError::RecipientBusy)
    );
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.heard(3).len(), 256);
    rooms.disconnect(3);
    let big = format!("{:?}", "x".repeat(60 * 1024));
    let send = |rooms: &mut Rooms| rooms.send_kind(2, ForwardKind::Relay, "bob", "ann", &big);
    let accepted = (0..1000).take_while(|_| send(&mut rooms).is_ok()).count();
    assert_eq!(accepted, 4);
    assert!(rooms.stats().held_bytes <= 256 * 1024);
}

#[test]
fn what_waits_in_all_rooms_together_is_bounded() {
    let held_bytes_in_all = 500 * 1024;
    let mut rooms = Rooms::with(RoomConfig {
        held_bytes_in_all,
        ..RoomConfig::default()
    });
    let here: Vec<_> = (0..3).map(|_| rooms.create()).collect();
    let mut tokens = Vec::new();
    for (socket, room) in (0..).step_by(2).zip(&here) {
        tokens.push(rooms.enter(socket, *room, "ann").token);
        rooms.enter(socket + 1, *room, "bob");
        rooms.disconnect(socket);
    }
    rooms.clear();
    let big = format!("{:?}", "x".repeat(60 * 1024));
    let send = |rooms: &mut Rooms, socket: u64| {
        let mut send = || rooms.send_kind(socket, ForwardKind::Relay, "bob", "ann", &big);
        (0..10).take_while(|_| send().is_ok()).count()
    };
    assert_eq!([1, 3, 5].map(|socket| send(&mut rooms, socket)), [4, 4, 0]);
    let busy = rooms.send_kind(5, ForwardKind::Relay, "bob", "ann", &big);
    assert_eq!(busy, Err(ForwardError::RecipientBusy));
    assert!(rooms.stats().held_bytes <= held_bytes_in_all);
    rooms.resume(0, here[0], "ann", &tokens[0]);
    assert_eq!(send(&mut rooms, 5), 4);
    rooms.wait(30 * SECOND);
    assert_eq!(rooms.stats().held_bytes, 0);
}

#[test]
fn messages_wait_no_longer_than_a_minute() {
    let grace = 10 * MINUTE;
    let mut rooms = Rooms::with(RoomConfig {
        grace,
        expiry: grace,
        ..RoomConfig::default()
    });
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.enter(2, room, "bob");
    rooms.clear();
    rooms.disconnect(1);
    rooms.send_number(2, "bob", "ann", 1);
    rooms.wait(SECOND);
    rooms.send_number(2, "bob", "ann", 2);
    rooms.wait(59 * SECOND);
    rooms.resume(3, room, "ann", &ann.token);
    assert_eq!(rooms.heard_numbers(3), [2]);
}

#[test]
fn an_empty_room_lives_for_five_minutes_to_the_instant() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.wait((5 * MINUTE).saturating_sub(Duration::from_nanos(1)));
    assert_eq!(rooms.join(room, "ann"), Ok(vec![]));
    rooms.wait(5 * MINUTE);
    assert_eq!(rooms.join(room, "ann"), Err(JoinError::RoomNotFound));
    assert_eq!(rooms.stats(), Stats::default());
    assert_eq!(rooms.registry.poll_timeout(), None);
}

#[test]
fn every_sign_of_life_puts_the_end_off() {
    let signs: [fn(&mut Rooms, RoomId); 5] = [
        |rooms, _| rooms.touch(1),
        |rooms, _| rooms.send(1, "ann", "bob").unwrap(),
        |rooms, room| drop(rooms.join(room, "cay").unwrap()),
        |rooms, _| rooms.leave(1),
        |rooms, _| rooms.disconnect(1),
    ];
    for (index, sign) in signs.into_iter().enumerate() {
        let mut rooms = Rooms::new();
        let room = rooms.create();
        rooms.enter(1, room, "ann");
        rooms.enter(2, room, "bob");
        rooms.wait(2 * MINUTE);
        sign(&mut rooms, room);
        rooms.wait(299 * SECOND);
        assert_eq!(rooms.stats().rooms, 1, "sign {index}");
        rooms.wait(SECOND);
        assert_eq!(rooms.stats(), Stats::default(), "sign {index}");
    }
}

#[test]
fn falling_silent_is_no_sign_of_life() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.enter(1, room, "ann");
    rooms.wait(33 * SECOND);
    rooms.registry.vanish(SocketId(1), rooms.now);
    rooms.wait(267 * SECOND);
    assert_eq!(rooms.stats(), Stats::default());
}

#[test]
fn a_room_that_expires_under_silent_members_closes_their_sockets() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    rooms.enter(2, room, "ann");
    rooms.enter(1, room, "bob");
    rooms.clear();
    rooms.wait(5 * MINUTE);
    assert_eq!(
        rooms.closed(),
        [(2, CloseReason::Expired), (1, CloseReason::Expired)]
    );
    assert_eq!(
        rooms.send(1, "bob", "ann"),
        Err(ForwardError::NotInitialized)
    );
}

#[test]
fn a_restarted_server_rebuilds_the_room_from_the_tokens() {
    let mut before = Rooms::new();
    let room = before.create_of(3);
    let ann = before.enter(1, room, "ann");
    let bob = before.enter(2, room, "bob");

    let mut after = Rooms::new();
    assert_eq!(after.join(room, "eve"), Err(JoinError::RoomNotFound));
    assert_eq!(after.resume(1, room, "ann", &ann.token).peers, ids(&[]));
    assert_eq!(
        after.resume(2, room, "bob", &bob.token).peers,
        ids(&["ann"])
    );
    assert_eq!(after.heard(1), [joined("bob")]);
    after.enter(3, room, "cay");
    assert_eq!(after.join(room, "dan"), Err(JoinError::RoomNotFound));
}

#[test]
fn tokens_rebuild_nothing_after_a_day_or_under_another_key() {
    let mut before = Rooms::new();
    let room = before.create();
    let ann = before.enter(1, room, "ann");

    let mut late = Rooms::new();
    late.unix += 24 * 60 * MINUTE;
    let refused = late.try_init(1, room, "ann", Some(&ann.token));
    assert_eq!(refused, Err(InitError::RoomNotFound));
    late.unix -= SECOND;
    late.resume(1, room, "ann", &ann.token);

    let mut foreign = Rooms::new();
    foreign.registry = Registry::new(
        RoomConfig::default(),
        ResumeKey::from_bytes([1; 32]),
        [0; 32],
    );
    let refused = foreign.try_init(1, room, "ann", Some(&ann.token));
    assert_eq!(refused, Err(InitError::RoomNotFound));
}

#[test]
fn a_seat_that_is_still_there_opens_to_an_expired_token() {
    let mut rooms = Rooms::new();
    let room = rooms.create();
    let ann = rooms.enter(1, room, "ann");
    rooms.disconnect(1);
    rooms.unix += 365 * 24 * 60 * MINUTE;
    rooms.resume(2, room, "ann", &ann.token);
}

#[test]
fn a_full_server_rebuilds_no_room() {
    let mut before = Rooms::new();
    let room = before.create();
    let ann = before.enter(1, room, "ann");
    let mut after = Rooms::with(RoomConfig {
        max_rooms: 0,
        ..RoomConfig::default()
    });
    let refused = after.try_init(1, room, "ann", Some(&ann.token));
    assert_eq!(refused, Err(InitError::ServerFull));
}

#[test]
fn the_same_seed_opens_the_same_rooms() {
    let mut one = Rooms::new();
    let mut two = Rooms::new();
    assert_eq!([one.create(), one.create()], [two.create(), two.create()]);
}

/// A registry with a clock, and what it has put out.
struct Rooms {
    registry: Registry,
    now: Instant,
    unix: Duration,
    outputs: Vec<Output>,
}

struct Seated {
    peers: Vec<ClientId>,
    token: ResumeToken,
}

impl Rooms {
    fn new() -> Self {
        Self::with(RoomConfig::default())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "any instant will do as the start"
    )]
    fn with(config: RoomConfig) -> Self {
        Self {
            registry: Registry::new(config, ResumeKey::from_bytes([0; 32]), [0; 32]),
            now: Instant::now(),
            unix: Duration::from_secs(1_800_000_001),
            outputs: Vec::new(),
        }
    }

    fn create(&mut self) -> RoomId {
        self.registry.create_room(None, self.now).unwrap()
    }

    fn create_of(&mut self, capacity: u16) -> RoomId {
        self.registry.create_room(Some(capacity), self.now).unwrap()
    }

    fn join(&mut self, room: RoomId, client: &str) -> Result<Vec<ClientId>, JoinError> {
        let client = client.replace(' ', "-").parse().unwrap();
        let joined = self.registry.join_room(room, client, self.now);
        self.drain();
        joined
    }

    fn enter(&mut self, socket: u64, room: RoomId, client: &str) -> Seated {
        self.join(room, client).unwrap();
        self.init(socket, room, client)
    }

    fn init(&mut self, socket: u64, room: RoomId, client: &str) -> Seated {
        self.try_init(socket, room, client, None).unwrap();
        self.take_success(socket)
    }

    fn resume(&mut self, socket: u64, room: RoomId, client: &str, token: &ResumeToken) -> Seated {
        self.try_init(socket, room, client, Some(token)).unwrap();
        self.take_success(socket)
    }

    /// Makes sure that `socket` speaks for `client`, whatever was before.
    fn now_resumed(&mut self, socket: u64, room: RoomId, client: &str, token: &ResumeToken) {
        self.registry.disconnect(SocketId(socket), self.now);
        self.resume(socket, room, client, token);
        self.clear();
    }

    fn try_init(
        &mut self,
        socket: u64,
        room: RoomId,
        client: &str,
        resume: Option<&ResumeToken>,
    ) -> Result<(), InitError> {
        let client = client.parse().unwrap();
        let seated =
            self.registry
                .init(SocketId(socket), room, client, resume, self.now, self.unix);
        self.drain();
        seated
    }

    fn send(&mut self, socket: u64, from: &str, to: &str) -> Result<(), ForwardError> {
        self.send_kind(socket, ForwardKind::Relay, from, to, "null")
    }

    fn send_number(&mut self, socket: u64, from: &str, to: &str, number: u32) {
        self.send_kind(socket, ForwardKind::Relay, from, to, &number.to_string())
            .unwrap();
    }

    /// Tries to send messages of the handshake, and says how many were passed on.
    fn send_keys(&mut self, socket: u64, from: &str, to: &str, tries: usize) -> usize {
        let mut send = || self.send_kind(socket, ForwardKind::Key, from, to, "null");
        (0..tries).filter(|_| send().is_ok()).count()
    }

    fn send_kind(
        &mut self,
        socket: u64,
        kind: ForwardKind,
        from: &str,
        to: &str,
        payload: &str,
    ) -> Result<(), ForwardError> {
        let forward = snug_protocol::Forward {
            kind,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            payload: Payload::from_json(payload.to_owned()).unwrap(),
        };
        let sent = self.registry.forward(SocketId(socket), forward, self.now);
        self.drain();
        sent
    }

    fn touch(&mut self, socket: u64) {
        self.registry.touch(SocketId(socket), self.now);
        self.drain();
    }

    fn leave(&mut self, socket: u64) {
        self.registry.leave(SocketId(socket), self.now);
        self.drain();
    }

    fn disconnect(&mut self, socket: u64) {
        self.registry.disconnect(SocketId(socket), self.now);
        self.drain();
    }

    /// Lets time pass, stopping wherever something is due.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.registry.poll_timeout().filter(|due| *due <= end) {
            assert!(due >= self.now, "a deadline in the past was not handled");
            self.now = due;
            self.registry.handle_timeout(due);
            self.drain();
        }
        self.now = end;
    }

    fn stats(&self) -> Stats {
        self.registry.stats()
    }

    fn clear(&mut self) {
        self.outputs.clear();
    }

    /// What `socket` was sent since it was last asked.
    fn heard(&mut self, socket: u64) -> Vec<ServerMessage> {
        let mine =
            |output: &Output| matches!(output, Output::Send { socket: s, .. } if s.0 == socket);
        let (heard, rest) = std::mem::take(&mut self.outputs)
            .into_iter()
            .partition(mine);
        self.outputs = rest;
        let heard: Vec<Output> = heard;
        let texts = heard.into_iter().map(|output| match output {
            Output::Send { text, .. } => text.decode().unwrap(),
            Output::Close { .. } => unreachable!(),
        });
        texts.collect()
    }

    fn heard_numbers(&mut self, socket: u64) -> Vec<u32> {
        let number = |message| match message {
            ServerMessage::Forward(forward) => forward.payload.decode().unwrap(),
            other => panic!("{other:?}"),
        };
        self.heard(socket).into_iter().map(number).collect()
    }

    fn closed(&mut self) -> Vec<(u64, CloseReason)> {
        let closes = self.outputs.iter().filter_map(|output| match output {
            Output::Close { socket, reason } => Some((socket.0, *reason)),
            Output::Send { .. } => None,
        });
        closes.collect()
    }

    fn take_success(&mut self, socket: u64) -> Seated {
        let at = self
            .outputs
            .iter()
            .position(|output| matches!(output, Output::Send { socket: s, .. } if s.0 == socket));
        let Output::Send { text, .. } = self.outputs.remove(at.unwrap()) else {
            unreachable!()
        };
        let ServerMessage::InitSuccess {
            peers,
            resume,
            grace_seconds,
        } = text.decode().unwrap()
        else {
            panic!("{text:?}")
        };
        assert!(grace_seconds >= 30);
        Seated {
            peers,
            token: resume,
        }
    }

    fn drain(&mut self) {
        self.outputs
            .extend(std::iter::from_fn(|| self.registry.poll_output()));
    }
}

fn ids(ids: &[&str]) -> Vec<ClientId> {
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

fn joined(client: &str) -> ServerMessage {
    ServerMessage::PeerJoined {
        client_id: client.parse().unwrap(),
    }
}

fn left(client: &str) -> ServerMessage {
    ServerMessage::PeerLeft {
        client_id: client.parse().unwrap(),
    }
}
