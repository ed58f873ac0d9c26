//! Properties of names, paths and listings: whatever they are made from, they are safe on every
//! disk, and stay as they are.

use std::{collections::BTreeSet, ops::Range};

use proptest::{collection::vec, prelude::*};
use snug_protocol::{
    FileName, FilePath, Item, ItemKind, Listing,
    limits::{FILE_NAME_BYTES, PATH_COMPONENTS},
};
use unicode_normalization::UnicodeNormalization as _;

use super::strategies::{Damage, any_bytes, any_name, any_path, damage, damaged, items};

proptest! {
    #[test]
    fn any_name_becomes_a_safe_one(name in any_name()) {
        let safe = FileName::sanitize(&name);
        assert_safe(safe.as_str());
        prop_assert_eq!(FileName::sanitize(safe.as_str()), safe);
    }

    #[test]
    fn any_path_becomes_a_safe_one(path in any_path()) {
        let safe = FilePath::sanitize(&path);
        safe.components().for_each(assert_safe);
        prop_assert!((1..=PATH_COMPONENTS).contains(&safe.components().count()));
        prop_assert_eq!(safe.components().next_back(), Some(safe.file_name()));
        let names = safe.components().map(FileName::sanitize);
        prop_assert_eq!(FilePath::join(names), Some(safe.clone()));
        prop_assert_eq!(FilePath::sanitize(safe.as_str()), safe);
    }

    #[test]
    fn numbers_keep_a_name_safe(name in any_name(), number: u32) {
        let name = FileName::sanitize(&name);
        let numbered = name.numbered(number);
        assert_safe(numbered.as_str());
        prop_assert_ne!(&numbered, &name.numbered(number ^ 1));
        let marked = numbered.as_str().contains(&format!("({number})"));
        prop_assert!(marked, "{:?}", numbered);
        prop_assert_eq!(FileName::sanitize(numbered.as_str()), numbered);
    }

    #[test]
    fn nothing_in_a_listing_is_in_the_way(items in items()) {
        let listing = Listing::new(items.clone()).unwrap();
        assert_no_collision(&listing);
        prop_assert_eq!(listing.items().len(), items.len());
        for (placed, given) in listing.items().iter().zip(&items) {
            prop_assert_eq!(placed.kind, given.kind);
            prop_assert_eq!(placed.path.components().count(), given.path.components().count());
        }
        prop_assert_eq!(Listing::new(listing.items().to_vec()), Ok(listing));
    }

    #[test]
    fn listings_read_back(items in items()) {
        let listing = Listing::new(items).unwrap();
        prop_assert_eq!(Listing::decode(&listing.encode().unwrap()), Ok(listing));
    }

    #[test]
    fn damaged_listings_are_harmless(items in items(), damage in vec(damage(), 1..4)) {
        let encoded = Listing::new(items).unwrap().encode().unwrap();
        stable_listing(&damaged(encoded.into(), &damage));
    }

    #[test]
    fn any_bytes_may_come_as_a_listing(bytes in any_bytes()) {
        stable_listing(&bytes);
        stable_listing(&[&[0x91, 0x94][..], &bytes].concat());
    }

    #[test]
    fn cut_listings_are_refused(items in items(), damage: prop::sample::Index) {
        let encoded = Listing::new(items).unwrap().encode().unwrap();
        let cut = damaged(encoded.to_vec(), &[Damage::Cut { at: damage }]);
        prop_assert!(Listing::decode(&cut).is_err());
        prop_assert!(Listing::decode(&[&encoded[..], &[0xc0]].concat()).is_err());
    }

    #[test]
    fn the_items_of_a_range_are_those_with_bytes_in_it(
        sizes in vec(prop_oneof![Just(None), (0..4_u64).prop_map(Some)], 0..12),
        (start, end) in (0..40_u64, 0..40_u64),
    ) {
        let listing = of_sizes(&sizes);
        let within = listing.within(start..end);
        prop_assert!(within.start <= within.end && within.end <= sizes.len(), "{:?}", within);
        let found = within.clone().filter(|item| !listing.span(*item).is_empty());
        let found: Vec<usize> = found.collect();
        let expected: Vec<usize> = (0..sizes.len())
            .filter(|item| overlap(&listing.span(*item), &(start..end)))
            .collect();
        prop_assert_eq!(&found, &expected);
        // Nor does it begin or end with one that has none.
        let ends = |items: &mut dyn DoubleEndedIterator<Item = usize>| (items.next(), items.next_back());
        prop_assert_eq!(ends(&mut found.into_iter()), ends(&mut within.into_iter()));
    }

    #[test]
    fn spans_follow_each_other(items in items()) {
        let listing = Listing::new(items).unwrap();
        let mut end = 0;
        for (at, item) in listing.items().iter().enumerate() {
            prop_assert_eq!(listing.span(at), end..end + item.size());
            end += item.size();
        }
        prop_assert_eq!(listing.size(), end);
        let files = listing.items().iter().filter(|item| item.is_file());
        prop_assert_eq!(listing.files(), files.count());
    }
}

#[track_caller]
fn assert_safe(name: &str) {
    assert!(
        !name.is_empty() && name.len() <= FILE_NAME_BYTES,
        "{name:?}"
    );
    let reserved = ['/', '\\', ':', '<', '>', '"', '|', '?', '*'];
    assert!(!name.contains(reserved), "{name:?}");
    assert!(!name.contains(char::is_control), "{name:?}");
    assert!(!name.starts_with(['.', ' ']), "{name:?}");
    assert!(!name.ends_with(['.', ' ']), "{name:?}");
    assert!(!is_windows_device(name), "{name:?}");
    assert!(name.nfc().eq(name.chars()), "{name:?}");
}

fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap().trim_end().to_lowercase();
    let numbered = ["com", "lpt"]
        .into_iter()
        .any(|port| ('0'..='9').any(|n| stem == format!("{port}{n}")));
    numbered || ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&&*stem)
}

/// No two items are one to a file system that folds case, and nothing is below a file.
#[track_caller]
fn assert_no_collision(listing: &Listing) {
    let mut files = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for item in listing.items() {
        let mut path = String::new();
        let names: Vec<&str> = item.path.components().collect();
        let (last, above) = names.split_last().unwrap();
        for name in above {
            path = format!("{path}/{}", folded(name));
            folders.insert(path.clone());
        }
        path = format!("{path}/{}", folded(last));
        match item.kind {
            ItemKind::Folder => _ = folders.insert(path),
            ItemKind::File { .. } => assert!(files.insert(path), "twice: {}", item.path),
        }
    }
    let both: Vec<_> = files.intersection(&folders).collect();
    assert!(both.is_empty(), "a file and a folder: {both:?}");
}

/// Until nothing changes any more, so that it leans on no one way of doing it.
fn folded(name: &str) -> String {
    let mut folded = name.to_owned();
    loop {
        let upper = folded.to_lowercase().to_uppercase();
        let next: String = upper.nfd().flat_map(char::to_lowercase).nfc().collect();
        if next == folded {
            return folded;
        }
        folded = next;
    }
}

fn stable_listing(bytes: &[u8]) {
    if let Ok(listing) = Listing::decode(bytes) {
        assert_no_collision(&listing);
        assert_eq!(Listing::decode(&listing.encode().unwrap()), Ok(listing));
    }
}

/// A folder for `None`.
fn of_sizes(sizes: &[Option<u64>]) -> Listing {
    let items = sizes.iter().enumerate().map(|(at, size)| Item {
        path: FilePath::sanitize(&at.to_string()),
        kind: size.map_or(ItemKind::Folder, |size| ItemKind::File {
            size,
            attributes: snug_protocol::Attributes::default(),
        }),
    });
    Listing::new(items.collect()).unwrap()
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}
