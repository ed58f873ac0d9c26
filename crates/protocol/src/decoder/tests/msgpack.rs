use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::*;
use crate::{Entry, Hello, Offer, Roster};

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    T::deserialize(&mut Decoder::msgpack(bytes, 16)).ok()
}

fn rmp<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut decoder = rmp_serde::Deserializer::new(bytes);
    decoder.set_max_depth(16);
    T::deserialize(&mut decoder).ok()
}

/// One of each kind that is in any frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    bool: bool,
    small: u8,
    large: u64,
    signed: Option<i64>,
    text: String,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    list: Vec<(u16, String)>,
    variant: Variant,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Variant {
    Unit,
    Newtype(u32),
    Struct { a: i8, b: Option<bool> },
}

fn everything() -> impl Strategy<Value = Everything> {
    let variant = prop_oneof![
        Just(Variant::Unit),
        any::<u32>().prop_map(Variant::Newtype),
        any::<(i8, Option<bool>)>().prop_map(|(a, b)| Variant::Struct { a, b }),
    ];
    let scalars = any::<(bool, u8, u64, Option<i64>)>();
    let lists = (
        any::<String>(),
        any::<Vec<u8>>(),
        any::<Vec<(u16, String)>>(),
    );
    (scalars, lists, variant).prop_map(|(scalars, (text, bytes, list), variant)| {
        let (bool, small, large, signed) = scalars;
        Everything {
            bool,
            small,
            large,
            signed,
            text,
            bytes,
            list,
            variant,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(everything in everything()) {
        let named = rmp_serde::to_vec_named(&everything).unwrap();
        prop_assert_eq!(read::<Everything>(&named), rmp(&named));
        let compact = rmp_serde::to_vec(&everything).unwrap();
        prop_assert_eq!(read::<Everything>(&compact), None, "fields have names");
    }

    #[test]
    fn a_changed_byte_is_read_as_rmp_reads_it(
        everything in everything(),
        at in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        let mut bytes = rmp_serde::to_vec_named(&everything).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let (ours, theirs) = (read::<Everything>(&bytes), rmp::<Everything>(&bytes));
        // Whatever is read is read alike.
        if let (Some(ours), Some(theirs)) = (&ours, &theirs) {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read::<Everything>(&bytes);
        read::<Hello>(&bytes);
        read::<Entry>(&bytes);
        read::<Offer>(&bytes);
        read::<Roster>(&bytes);
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = [[0x91; 17].as_slice(), &[0xc0]].concat();
    let mut decoder = Decoder::msgpack(&deep, 16);
    let error = de::IgnoredAny::deserialize(&mut decoder).unwrap_err();
    assert_eq!(error, Error::TooDeep);
    assert!(read::<de::IgnoredAny>(&deep[1..]).is_some());
}

#[test]
fn a_length_beyond_the_end_is_refused_before_anything_is_kept() {
    for bytes in [
        &[0xdb, 0xff, 0xff, 0xff, 0xff][..],
        &[0xc6, 0x7f, 0, 0, 0],
        &[0xcf, 1],
    ] {
        let mut decoder = Decoder::msgpack(bytes, 16);
        let error = de::IgnoredAny::deserialize(&mut decoder).unwrap_err();
        assert_eq!(error, Error::EndsEarly);
    }
}

#[test]
fn fractions_are_passed_over_and_not_read() {
    for bytes in [
        &[0xca, 0x3f, 0x80, 0, 0][..],
        &[0xcb, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        assert!(read::<de::IgnoredAny>(bytes).is_some());
        assert_eq!(read::<f64>(bytes), None);
        assert!(read::<de::IgnoredAny>(&bytes[..4]).is_none(), "cut short");
    }
}

#[test]
fn extensions_are_refused() {
    for marker in [0xc1, 0xc7, 0xd4, 0xd8] {
        let bytes = [marker, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(
            Decoder::msgpack(&bytes, 16).head().err(),
            Some(Error::Unexpected)
        );
    }
}
