//! What a phone is announced as.

use std::fmt::Write;

use snug_protocol::RoomId;

/// Names a room to those who know it, by a text of 20 symbols that is new each time.
///
/// It is made of the room alone. Were the words in it, whoever hears it could try all of them at
/// home. Even so there are only 2^30 rooms: so few bits tell that each name fits 16,384 of them.
pub fn announce(room: RoomId) -> String {
    name(room, rand::random())
}

/// Whether a name is one of that room.
pub fn is_of(announced: &str, room: RoomId) -> bool {
    let salt = announced.get(..SALT_SYMBOLS);
    let salt = salt.and_then(|salt| u64::from_str_radix(salt, 16).ok());
    salt.is_some_and(|salt| name(room, salt) == announced)
}

fn name(room: RoomId, salt: u64) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&salt.to_be_bytes());
    hasher.update(room.as_str().as_bytes());
    let hash = hasher.finalize();
    let mut name = format!("{salt:016x}");
    for byte in &hash.as_bytes()[..HASH_BYTES] {
        write!(name, "{byte:02x}").expect("a string takes everything");
    }
    name
}

const CONTEXT: &str = "snug 2026-11 name of a room on the air";

const SALT_SYMBOLS: usize = 16;

/// One stranger's room in 65,536 is taken for this one, which the first message then shows.
const HASH_BYTES: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_know_the_room_recognise_it() {
        let (room, other) = (RoomId::from_random(7), RoomId::from_random(8));
        let name = name(room, 0x0123_4567_89ab_cdef);
        assert_eq!(name.len(), 20);
        assert!(is_of(&name, room) && !is_of(&name, other));
        let [one, two] = [announce(room), announce(room)];
        assert_ne!(one, two);
        assert!(is_of(&one, room) && is_of(&two, room));
    }

    #[test]
    fn whatever_else_is_on_the_air_is_no_room() {
        let room = RoomId::from_random(7);
        for name in [
            "",
            "0",
            "zz",
            "Ännä's iPhone",
            &"é".repeat(20),
            &"f".repeat(99),
        ] {
            assert!(!is_of(name, room), "{name}");
        }
        let upper = announce(room).to_uppercase() + "\0";
        assert!(!is_of(&upper, room));
    }
}
