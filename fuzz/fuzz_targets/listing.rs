//! What a peer lists as an offer: whatever decodes has no two things in one place, divides all of
//! its bytes, and is written so that it decodes to the same again.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    Attributes, FilePath, InvalidListing, Item, ItemKind, Listing,
    limits::{LISTING_BYTES, LISTING_ITEMS},
};

fuzz_target!(|bytes: &[u8]| {
    let Some(listing) = Listing::decode(bytes).ok().or_else(|| of_lines(bytes)) else {
        return;
    };
    assert!(listing.items().len() <= LISTING_ITEMS);
    assert_no_collision(&listing);
    assert_divided(&listing);
    match listing.encode() {
        Ok(encoded) => assert_eq!(Listing::decode(&encoded), Ok(listing)),
        // Safe names may be longer than those that were given.
        Err(InvalidListing::TooLong(len)) => assert!(len > LISTING_BYTES),
        Err(other) => panic!("{other}"),
    }
});

/// A path on each line, of a folder if it begins with a slash, of a file of so many bytes if not.
fn of_lines(text: &[u8]) -> Option<Listing> {
    let lines = std::str::from_utf8(text).ok()?.lines();
    let items = lines.map(|line| Item {
        path: FilePath::sanitize(line),
        kind: match line.strip_prefix('/') {
            Some(_) => ItemKind::Folder,
            None => ItemKind::File {
                size: line.len() as u64 % 5,
                attributes: Attributes::default(),
            },
        },
    });
    let items: Vec<Item> = items.collect();
    let listing = Listing::new(items.clone()).ok()?;
    assert_eq!(listing.items().len(), items.len());
    assert!(listing.items().iter().zip(&items).all(|(a, b)| a.kind == b.kind));
    Some(listing)
}

fn assert_no_collision(listing: &Listing) {
    let mut spellings = BTreeMap::new();
    let mut files = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for item in listing.items() {
        let path = item.path.as_str();
        let ends = path.match_indices('/').map(|(end, _)| end);
        let own = (!item.is_file()).then_some(path.len());
        for end in ends.chain(own) {
            let folder = &path[..end];
            let spelling = spellings.entry(folded(folder)).or_insert(folder);
            assert_eq!(*spelling, folder);
            folders.insert(folded(folder));
        }
        assert!(!item.is_file() || files.insert(folded(path)), "twice: {path}");
    }
    assert!(files.is_disjoint(&folders));
}

/// As well as can be done by characters.
fn folded(path: &str) -> String {
    let lower = path.chars().flat_map(char::to_lowercase);
    let upper = lower.flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

fn assert_divided(listing: &Listing) {
    let mut end = 0;
    for (at, item) in listing.items().iter().enumerate() {
        let span = listing.span(at);
        assert_eq!(span, end..end + item.size());
        end = span.end;
        let expected = if span.is_empty() { None } else { Some(at) };
        assert_eq!(listing.within(span).next(), expected);
    }
    assert_eq!(listing.size(), end);
    let with_bytes = |at: &usize| !listing.span(*at).is_empty();
    let all = listing.within(0..u64::MAX).filter(with_bytes);
    assert!(all.eq((0..listing.items().len()).filter(with_bytes)));
}
