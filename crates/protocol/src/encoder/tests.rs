use proptest::prelude::*;
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::*;

/// One of each kind that is in any message or frame.
#[derive(Debug, Clone, Serialize)]
struct Everything {
    flag: bool,
    small: u8,
    large: u64,
    signed: i64,
    maybe: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u32>,
    text: String,
    symbol: char,
    list: Vec<(u16, String)>,
    none: (),
    wrapped: Wrapped,
    variants: Vec<Variant>,
}

#[derive(Debug, Clone, Serialize)]
struct Wrapped(u32);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    Unit,
    Newtype(i32),
    Tuple(u8, String),
    Struct { a: i8, b: Option<bool> },
}

fn everything() -> impl Strategy<Value = Everything> {
    let variant = prop_oneof![
        Just(Variant::Unit),
        any::<i32>().prop_map(Variant::Newtype),
        any::<(u8, String)>().prop_map(|(a, b)| Variant::Tuple(a, b)),
        any::<(i8, Option<bool>)>().prop_map(|(a, b)| Variant::Struct { a, b }),
    ];
    let numbers = any::<(bool, u8, u64, i64, Option<i16>, Option<u32>, u32)>();
    let texts = any::<(String, char)>();
    let list = prop::collection::vec(any::<(u16, String)>(), 0..40);
    let variants = prop::collection::vec(variant, 0..4);
    (numbers, texts, list, variants).prop_map(|(numbers, (text, symbol), list, variants)| {
        let (flag, small, large, signed, maybe, left_out, wrapped) = numbers;
        Everything {
            flag,
            small,
            large,
            signed,
            maybe,
            left_out,
            text,
            symbol,
            list,
            none: (),
            wrapped: Wrapped(wrapped),
            variants,
        }
    })
}

proptest! {
    #[test]
    fn json_is_what_serde_writes(everything in everything()) {
        prop_assert_eq!(to_json(&everything), serde_json::to_string(&everything).unwrap());
    }

    #[test]
    fn msgpack_is_what_rmp_writes(everything in everything(), start: Vec<u8>) {
        let named = rmp_serde::to_vec_named(&everything).unwrap();
        prop_assert_eq!(to_msgpack(start.clone(), &everything), [start, named].concat());
        prop_assert_eq!(to_msgpack_compact(&everything), rmp_serde::to_vec(&everything).unwrap());
    }

    #[test]
    fn texts_are_escaped_as_serde_does(text in "[\u{0}-\u{ff}]{0,40}") {
        prop_assert_eq!(to_json(&text), serde_json::to_string(&text).unwrap());
    }
}

#[test]
fn numbers_are_as_short_as_rmp_makes_them() {
    for power in 0..64 {
        for number in [(1_u64 << power) - 1, 1 << power, (1 << power) + 1] {
            let expected = rmp_serde::to_vec(&number).unwrap();
            assert_eq!(to_msgpack_compact(&number), expected, "{number}");
            for signed in [number.cast_signed(), number.cast_signed().wrapping_neg()] {
                let expected = rmp_serde::to_vec(&signed).unwrap();
                assert_eq!(to_msgpack_compact(&signed), expected, "{signed}");
                assert_eq!(to_json(&signed), signed.to_string());
            }
        }
    }
}

#[test]
fn lengths_are_as_short_as_rmp_makes_them() {
    for len in [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
        let (text, bytes, list) = ("x".repeat(len), ByteBuf::from(vec![7; len]), vec![7; len]);
        assert_eq!(to_msgpack_compact(&text), rmp_serde::to_vec(&text).unwrap());
        assert_eq!(
            to_msgpack_compact(&bytes),
            rmp_serde::to_vec(&bytes).unwrap()
        );
        assert_eq!(to_msgpack_compact(&list), rmp_serde::to_vec(&list).unwrap());
    }
}
