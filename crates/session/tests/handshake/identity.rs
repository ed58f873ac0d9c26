//! What people say is signed by who they are in the room (hostile input 59).

use snug_protocol::{Hash, IdentityKey, RoomId, Signature};
use snug_session::handshake::{Identity, Secrets, verify_entry};

use crate::flip::Flip;

fn room() -> RoomId {
    "K7Q4X9".parse().unwrap()
}

#[test]
fn an_entry_is_its_authors_and_of_its_room() {
    let mut secrets = Secrets::new([1; 32]);
    let (ann, ben) = (
        Identity::generate(&mut secrets),
        Identity::generate(&mut secrets),
    );
    let hash = Hash::of(b"an entry");
    let signature = ann.sign(room(), &hash);
    assert!(verify_entry(&ann.key(), room(), &hash, &signature));
    assert!(!verify_entry(&ben.key(), room(), &hash, &signature));
    let elsewhere = "K7Q4X8".parse().unwrap();
    assert!(!verify_entry(&ann.key(), elsewhere, &hash, &signature));
    let another = Hash::of(b"another entry");
    assert!(!verify_entry(&ann.key(), room(), &another, &signature));
    assert_ne!(ann.key(), ben.key());
}

#[test]
fn no_bit_of_a_signature_or_key_can_be_changed() {
    let ann = Identity::generate(&mut Secrets::new([1; 32]));
    let hash = Hash::of(b"an entry");
    let signature = ann.sign(room(), &hash);
    for bit in 0..signature.bits() {
        let mut flipped = signature;
        flipped.flip(bit);
        assert!(!verify_entry(&ann.key(), room(), &hash, &flipped), "{bit}");
    }
    for bit in 0..ann.key().bits() {
        let mut flipped = ann.key();
        flipped.flip(bit);
        assert!(!verify_entry(&flipped, room(), &hash, &signature), "{bit}");
    }
}

#[test]
fn a_signature_has_one_spelling() {
    /// The order of the group, little-endian: adding it to `S` changes nothing but the bytes.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let ann = Identity::generate(&mut Secrets::new([1; 32]));
    let hash = Hash::of(b"an entry");
    let mut bytes = *ann.sign(room(), &hash).as_bytes();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!verify_entry(
        &ann.key(),
        room(),
        &hash,
        &Signature::new(bytes)
    ));
}

#[test]
fn keys_of_small_order_sign_nothing() {
    // The identity and a point of order 4, with R the identity and S zero: RFC 8032 without the
    // strict check takes the first for a signature of everything.
    let mut one = [0; 32];
    one[0] = 1;
    let mut anything = [0; 64];
    anything[0] = 1;
    for key in [one, [0; 32]] {
        let key = IdentityKey::new(key);
        let hash = Hash::of(b"an entry");
        assert!(!verify_entry(
            &key,
            room(),
            &hash,
            &Signature::new(anything)
        ));
    }
}
