use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::*;

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    let mut decoder = Decoder::json(json, 16);
    let value = T::deserialize(&mut decoder).ok()?;
    decoder.end().ok()?;
    Some(value)
}

fn read_by_serde<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// One of each kind that is in any message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    small: u8,
    large: u64,
    signed: Option<i64>,
    text: String,
    list: Vec<(u16, String)>,
    variant: Variant,
    within: Option<Box<Self>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    Unit,
    Newtype(u32),
    Struct {
        a: i8,
        b: Option<bool>,
    },
    #[serde(other)]
    Other,
}

fn everything() -> impl Strategy<Value = Everything> {
    let variant = prop_oneof![
        Just(Variant::Unit),
        any::<u32>().prop_map(Variant::Newtype),
        any::<(i8, Option<bool>)>().prop_map(|(a, b)| Variant::Struct { a, b }),
    ];
    let scalars = any::<(bool, u8, u64, Option<i64>)>();
    let lists = (any::<String>(), any::<Vec<(u16, String)>>());
    let alone = (scalars, lists, variant).prop_map(|(scalars, (text, list), variant)| {
        let (flag, small, large, signed) = scalars;
        Everything {
            flag,
            small,
            large,
            signed,
            text,
            list,
            variant,
            within: None,
        }
    });
    (alone.clone(), prop::option::of(alone)).prop_map(|(outer, inner)| Everything {
        within: inner.map(Box::new),
        ..outer
    })
}

/// What JSON consists of, in any order.
fn bits() -> impl Strategy<Value = String> {
    let bits = vec![
        "{", "}", "[", "]", ":", ",", "\"", " ", "\n", "0", "1", "-", ".", "e", "+", "null",
        "true", "false", "\\", "\\u", "d83d", "de00", "\"a\"", "\"a\":", "\u{e9}", "\t", "\u{7f}",
    ];
    prop::collection::vec(prop::sample::select(bits), 0..12).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_read(everything in everything()) {
        for json in [
            serde_json::to_string(&everything).unwrap(),
            serde_json::to_string_pretty(&everything).unwrap(),
        ] {
            prop_assert_eq!(read::<Everything>(&json), Some(everything.clone()));
        }
    }

    #[test]
    fn a_changed_character_is_read_as_serde_reads_it(
        everything in everything(),
        at in any::<prop::sample::Index>(),
        bits in bits(),
    ) {
        let mut json = serde_json::to_string(&everything).unwrap();
        let places: Vec<_> = json.char_indices().collect();
        let (at, old) = places[at.index(places.len())];
        json.replace_range(at..at + old.len_utf8(), &bits);
        prop_assert_eq!(read::<Everything>(&json), read_by_serde(&json), "{}", json);
    }

    #[test]
    fn whatever_is_no_field_of_ours_is_passed_over_as_serde_does(bits in bits()) {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Known {
            known: bool,
        }
        for json in [
            format!(r#"{{"other":{bits},"known":true}}"#),
            format!(r#"{{"known":true,{bits}}}"#),
            bits,
        ] {
            // It would also read a struct from a list of its fields.
            let is_list = json.trim_start().starts_with('[');
            let theirs = read_by_serde(&json).filter(|_| !is_list);
            prop_assert_eq!(read::<Known>(&json), theirs, "{}", json);
        }
    }

    #[test]
    fn a_value_is_kept_as_it_is_written(bits in bits()) {
        let mut decoder = Decoder::json(&bits, 16);
        let ours = decoder.raw().ok().filter(|_| decoder.end().is_ok());
        let theirs = serde_json::from_str::<&RawValue>(&bits);
        prop_assert_eq!(ours, theirs.ok().map(RawValue::get), "{}", bits);
    }

    #[test]
    fn numbers_are_read_as_serde_reads_them(number in "-?[0-9]{1,20}(\\.[0-9]+)?([eE][+-]?[0-9]+)?") {
        prop_assert_eq!(read::<u64>(&number), read_by_serde(&number));
        prop_assert_eq!(read::<i64>(&number), read_by_serde(&number));
        prop_assert_eq!(read::<u16>(&number), read_by_serde(&number));
    }

    #[test]
    fn texts_are_read_as_serde_reads_them(
        text in r#"([a-zé😀"]|\\["\\/bfnrtux]|\\u([dD][89a-fA-F]|00)[0-9a-f]{2}){0,9}"#,
    ) {
        let text = format!("\"{text}\"");
        prop_assert_eq!(read::<String>(&text), read_by_serde(&text), "{}", text);
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let nested = |depth| {
        let json = deep(depth);
        serde_json::Value::deserialize(&mut Decoder::json(&json, 16)).is_ok()
    };
    assert!(nested(16));
    assert!(!nested(17));
    assert!(
        read::<de::IgnoredAny>(&deep(1_000_000)).is_some(),
        "nothing is kept of it"
    );
}
