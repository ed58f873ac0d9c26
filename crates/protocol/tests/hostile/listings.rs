//! What a peer might list: paths that lead astray, sizes that lie, and far too many of them.

use snug_protocol::{
    Attributes, Content, FileName, FilePath, Hash, Item, ItemKind, Listing, ListingSummary,
    Manifest, Offer,
    limits::{
        LISTING_BYTES, LISTING_FOLDERS, LISTING_ITEMS, MAX_FILE_BYTES, PATH_BYTES, PATH_COMPONENTS,
    },
};

use super::{Why, count, refuses};

#[test]
fn listings_that_are_none() {
    let long = vec![0; LISTING_BYTES + 1];
    let long_path = encoded([(&*"/".repeat(PATH_BYTES + 1), 1, None)]);
    let deep = [&[0x91][..], &[0x91; 10_000], &[0xc0]].concat();
    let line = b"\x94\xa1x\x01\xc0\xc2";
    let lines = |start: &[u8], lines: usize| [start, &line.repeat(lines)].concat();
    assert!(Listing::decode(&lines(b"\x91", 1)).is_ok());
    assert_eq!(
        Listing::decode(b"\x90").map(|listing| listing.files()),
        Ok(0)
    );
    for (name, bytes, why) in [
        ("nothing", Vec::new(), Why::Malformed),
        ("too long", long, Why::TooLong),
        ("too deep", deep, Why::Malformed),
        ("a path of 16 KiB and one", long_path, Why::Malformed),
        ("a map", b"\x80".into(), Why::Malformed),
        ("a text", b"\xa1x".into(), Why::Malformed),
        ("an item that is a map", b"\x91\x80".into(), Why::Malformed),
        (
            "three fields",
            b"\x91\x93\xa1x\x01\xc0".into(),
            Why::Malformed,
        ),
        (
            "five fields",
            b"\x91\x95\xa1x\x01\xc0\xc2\xc2".into(),
            Why::Malformed,
        ),
        (
            "a size below 0",
            b"\x91\x94\xa1x\xff\xc0\xc2".into(),
            Why::Malformed,
        ),
        (
            "a path of no text",
            b"\x91\x94\x01\x01\xc0\xc2".into(),
            Why::Malformed,
        ),
        (
            "not UTF-8",
            b"\x91\x94\xa1\xff\x01\xc0\xc2".into(),
            Why::Malformed,
        ),
        ("fewer than it says", lines(b"\x92", 1), Why::Malformed),
        ("more than it says", lines(b"\x91", 2), Why::Malformed),
        (
            "a byte after it",
            [&lines(b"\x91", 1)[..], b"\xc0"].concat(),
            Why::Malformed,
        ),
        (
            "2^32-1 items",
            b"\xdd\xff\xff\xff\xff".into(),
            Why::Invalid("items"),
        ),
        (
            "100,001 items",
            lines(b"\xdd\x00\x01\x86\xa1", 100_001),
            Why::Invalid("items"),
        ),
    ] {
        refuses(name, &Listing::decode(&bytes), &why);
    }
    assert!(Listing::decode(&lines(b"\xdd\x00\x01\x86\xa0", LISTING_ITEMS)).is_ok());
}

#[test]
fn items_out_of_range() {
    let decoded = |lines: &[_]| Listing::decode(&encoded(lines.iter().copied()));
    let half = MAX_FILE_BYTES / 2 + 1;
    for (name, listing, why) in [
        ("2^64-1 bytes", decoded(&[("x", u64::MAX, None)]), "size"),
        ("2^63 bytes", decoded(&[("x", 1 << 63, None)]), "size"),
        (
            "1 TiB and one byte",
            decoded(&[("x", MAX_FILE_BYTES + 1, None)]),
            "size",
        ),
        (
            "1 TiB and two bytes in all",
            decoded(&[("x", half, None), ("y", half, None)]),
            "items",
        ),
        (
            "in 2^53 seconds",
            decoded(&[("x", 1, Some(1 << 53))]),
            "modified",
        ),
        (
            "before all time",
            decoded(&[("x", 1, Some(i64::MIN))]),
            "modified",
        ),
    ] {
        refuses(name, &listing, &Why::Invalid(why));
    }
    assert!(decoded(&[("x", MAX_FILE_BYTES, Some(-(1 << 53) + 1))]).is_ok());
}

/// The numbers are those of the list of bad inputs: names that lead away, devices, hidden files,
/// what is one name on the receiver's disk, and what is too long, empty or unseen.
#[test]
fn paths_that_lead_astray() {
    let long = "x".repeat(300);
    let deep = format!("{}last", "d/".repeat(3000));
    for (given, safe) in [
        (&["../x", "a/../../x", "/abs"][..], &["x", "a/x", "abs"][..]),
        (
            &["C:\\x", "\\\\srv\\x", "c:..\\y"],
            &["C_/x", "srv/x", "C_/y"],
        ),
        (&["NUL", "con.txt/x"], &["_NUL", "_con.txt/x"]),
        (&["a:b", "x.", "x ", "x"], &["a_b", "x", "x (2)", "x (3)"]),
        (
            &["d/.ssh/authorized_keys", ".bashrc"],
            &["d/_ssh/authorized_keys", "_bashrc"],
        ),
        (&["README", "readme"], &["README", "readme (2)"]),
        (
            &["\u{e9}.txt", "e\u{301}.txt"],
            &["\u{e9}.txt", "\u{e9} (2).txt"],
        ),
        (&["a/b", "a", "A/c"], &["a/b", "a (2)", "a/c"]),
        (&["a", "a/b", "A/c"], &["a", "a (2)/b", "a (2)/c"]),
        (
            &["", ".", "..", "/"],
            &["file", "file (2)", "file (3)", "file (4)"],
        ),
        (
            &["\u{200b}", "a\u{202e}gpj.exe", "a\0b\x1b[2J"],
            &["file", "agpj.exe", "ab[2J"],
        ),
        (&[&long], &[&long[..224]]),
        (&[&deep], &[&format!("{}last", "d/".repeat(15))]),
    ] {
        let lines = given.iter().map(|path| (*path, 1, None));
        let listing = Listing::decode(&encoded(lines)).unwrap();
        let found = listing.items().iter().map(|item| item.path.as_str());
        assert_eq!(found.collect::<Vec<_>>(), safe, "{given:?}");
    }
}

#[test]
fn listings_other_than_announced() {
    let listing = Listing::new(vec![file("a", 5), file("b", 0)]).unwrap();
    let encoded = listing.encode().unwrap();
    let honest = offer_of(&encoded, 2, 5);
    assert_eq!(honest.open_listing(&encoded), Ok(listing));
    let longer = [&encoded[..], b"\xc0"].concat();
    let file = Offer::of_file(honest.name.clone(), honest.manifest);
    let mut flipped = encoded.to_vec();
    flipped[4] ^= 1;
    for (name, offer, bytes) in [
        ("another size", offer_of(&encoded, 2, 6), &encoded[..]),
        (
            "another number of files",
            offer_of(&encoded, 1, 5),
            &encoded,
        ),
        ("another hash", honest.clone(), &flipped),
        ("another length", honest.clone(), &longer),
        ("cut short", honest, &encoded[1..]),
        ("none needed", file, &encoded),
    ] {
        refuses(name, &offer.open_listing(bytes), &Why::Invalid("listing"));
    }
    let announced = offer_of(b"\x91\xc1", 1, 1);
    refuses(
        "no listing",
        &announced.open_listing(b"\x91\xc1"),
        &Why::Malformed,
    );
}

/// A million files take five bytes each, so all of them would fit the bytes of a listing.
#[test]
fn a_million_empty_files() {
    let listing = [
        &[0xdd, 0x00, 0x0f, 0x42, 0x40][..],
        &b"\x94\xa0\x00\xc0\xc2".repeat(1_000_000),
    ];
    let listing = listing.concat();
    assert!(listing.len() < LISTING_BYTES);
    refuses(
        "a million",
        &Listing::decode(&listing),
        &Why::Invalid("items"),
    );
}

/// Each of them in sixteen folders of its own, in two bytes a folder.
#[test]
fn a_million_folders() {
    let below = "/a".repeat(PATH_COMPONENTS - 1);
    let paths: Vec<String> = (0..LISTING_ITEMS)
        .map(|at| format!("{at:x}{below}"))
        .collect();
    let listing = encoded(paths.iter().map(|path| (&**path, 0, None)));
    assert!(listing.len() < LISTING_BYTES);
    refuses(
        "a million",
        &Listing::decode(&listing),
        &Why::Invalid("items"),
    );

    let folders = (0..=LISTING_FOLDERS).map(|at| Item {
        path: FilePath::sanitize(&at.to_string()),
        kind: ItemKind::Folder,
    });
    let mut folders: Vec<Item> = folders.collect();
    assert!(Listing::new(folders.clone()).is_err());
    folders.pop();
    assert!(Listing::new(folders).is_ok());
}

/// Names that differ only where they are cut to make room for a number: each has to find a number
/// that none of the others was given, without trying all of theirs.
#[test]
fn as_many_numbers_as_items() {
    let start = "x".repeat(215);
    let long: Vec<String> = (0..17_000).map(|at| format!("{start}{at:06}.t")).collect();
    let long_extension: Vec<String> = (0..17_000).map(|at| format!("a.{start}{at:06}")).collect();
    for names in [long, long_extension] {
        let twice = names.iter().chain(&names).map(|name| file(name, 0));
        let listing = Listing::new(twice.collect()).unwrap();
        assert_eq!(listing.items().len(), 34_000);
        let again = Listing::new(listing.items().to_vec());
        assert_eq!(again, Ok(listing));
    }
    let same = (0..LISTING_ITEMS).map(|_| file("d/x.txt", 0));
    let listing = Listing::new(same.collect()).unwrap();
    let last = listing.items().last().unwrap();
    assert_eq!(last.path.as_str(), "d/x (100000).txt");
}

fn offer_of(listing: &[u8], files: u32, size: u64) -> Offer {
    Offer {
        name: FileName::sanitize("all"),
        manifest: Manifest::new(size, Hash::ZERO).unwrap(),
        content: Content::Listed(ListingSummary {
            files,
            bytes: count(listing.len()),
            hash: Hash::of(listing),
        }),
        preview: None,
    }
}

fn file(path: &str, size: u64) -> Item {
    let attributes = Attributes::default();
    Item {
        path: FilePath::sanitize(path),
        kind: ItemKind::File { size, attributes },
    }
}

/// A listing of files: path, size, time.
fn encoded<'a>(files: impl IntoIterator<Item = (&'a str, u64, Option<i64>)>) -> Vec<u8> {
    let lines = files.into_iter();
    let lines = lines.map(|(path, size, modified)| (path, Some(size), modified, false));
    rmp_serde::to_vec(&lines.collect::<Vec<_>>()).unwrap()
}
