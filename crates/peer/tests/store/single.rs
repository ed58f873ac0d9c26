//! One file into a folder.

use std::{fs, os::unix::fs::symlink, path::Path};

use bytes::Bytes;
use snug_peer::{
    Destination,
    store::{Memory, Store},
};
use snug_protocol::{FileName, Hash, Manifest, Offer, TransferId, limits::PIECE_BYTES};
use snug_session::{Selection, StoreInput, StoreOutput};
use tempfile::TempDir;

use crate::fixture::{Sample, names, store_into};

#[tokio::test]
async fn files_of_every_size_arrive_byte_for_byte() {
    let folder = TempDir::new().unwrap();
    let sizes = [
        0,
        1,
        PIECE_BYTES - 1,
        PIECE_BYTES,
        PIECE_BYTES + 1,
        3 * PIECE_BYTES + 5,
    ];
    for size in sizes {
        let file = Sample::new(&format!("{size}.bin"), size);
        let mut store = store_into(&folder, &file);
        let place = file.receive(&mut store).await.unwrap().unwrap();
        assert_eq!(Path::new(&place), folder.path().join(format!("{size}.bin")));
        assert_eq!(fs::read(&place).unwrap(), file.bytes);
        store.close().await;
    }
    assert_eq!(names(&folder).len(), sizes.len());
}

/// From 64 MiB on they are written past the system's cache, but for the ends that fill no page.
#[tokio::test]
async fn large_files_arrive_byte_for_byte_and_are_served() {
    const LARGE: usize = 64 * PIECE_BYTES;
    let folder = TempDir::new().unwrap();
    let alone = Sample::new("film.mkv", LARGE + 5000);
    let after_another = Sample::listed("x", &[("x/a", 8192 + 1), ("x/film.mkv", LARGE)]);
    for sample in [alone, after_another] {
        let mut store = store_into(&folder, &sample);
        sample.open_with_hashes(&mut store).await;
        let (last, pieces) = (sample.pieces() - 1, sample.pieces());
        sample.fill(&mut store, &[last]).await;
        assert!(sample.serve(&mut store, last).await.unwrap() == sample.piece(last));
        sample
            .fill(&mut store, &(0..pieces - 1).rev().collect::<Vec<_>>())
            .await;
        sample.finish(&mut store).await.unwrap();
        sample.assert_is_in(folder.path());
        assert!(sample.serve(&mut store, 1).await.unwrap() == sample.piece(1));
        store.close().await;
    }
}

#[tokio::test]
async fn taken_names_are_numbered_and_nothing_is_replaced() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "mine").unwrap();
    fs::create_dir(folder.path().join("a (2).txt")).unwrap();
    symlink("/nowhere", folder.path().join("a (3).txt")).unwrap();
    let file = Sample::new("a.txt", 10);
    let mut store = store_into(&folder, &file);
    let place = file.receive(&mut store).await.unwrap().unwrap();
    assert!(place.ends_with("a (4).txt"), "{place}");
    assert_eq!(
        fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "mine"
    );
    assert!(folder.path().join("a (3).txt").is_symlink());
    assert!(!Path::new("/nowhere").exists());
}

#[tokio::test]
async fn names_from_the_network_stay_in_the_folder() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    for name in [
        "../x",
        "a/../../x",
        "/abs",
        "C:\\x",
        "\\\\srv\\x",
        "NUL",
        "con.txt",
        "a:b",
        "dot.",
        "..",
        ".",
        "",
        ".ssh/authorized_keys",
        "\u{200b}",
        "\u{202e}gpj.exe",
        &"n".repeat(5000),
    ] {
        let file = Sample::new(name, 3);
        let mut store = Store::new(Memory::new(0));
        store.set_destination(file.transfer(), Destination::Folder(inner.clone()));
        let place = file.receive(&mut store).await.unwrap().unwrap();
        assert_eq!(Path::new(&place).parent(), Some(&*inner), "{name:?}");
    }
    assert_eq!(names(&folder), ["inner"]);
    assert!(fs::read_dir(&inner).unwrap().count() == 16);
}

#[tokio::test]
async fn names_that_differ_in_case_or_form_are_two_files() {
    let folder = TempDir::new().unwrap();
    for name in ["README", "readme", "\u{e9}", "e\u{301}"] {
        let file = Sample::new(name, 5);
        let mut store = store_into(&folder, &file);
        file.receive(&mut store).await.unwrap().unwrap();
    }
    assert_eq!(names(&folder).len(), 4);
}

#[tokio::test]
async fn two_peers_may_receive_one_file_into_one_folder() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", PIECE_BYTES + 1);
    let mut one = store_into(&folder, &file);
    let mut two = store_into(&folder, &file);
    file.open(&mut one).await.unwrap();
    file.open(&mut two).await.unwrap();
    assert_eq!(names(&folder).len(), 2);
    for store in [&mut one, &mut two] {
        file.fill(store, &[0, 1]).await;
        let place = file.finish(store).await.unwrap().unwrap();
        assert_eq!(fs::read(place).unwrap(), file.bytes);
    }
    assert_eq!(names(&folder), ["a", "a (2)"]);
}

#[tokio::test]
async fn a_bad_piece_is_told_and_may_come_again() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    let other = Sample::new("b", 2 * PIECE_BYTES + 1);
    let mut store = store_into(&folder, &file);
    file.open(&mut store).await.unwrap();

    let mut flipped = file.bytes.to_vec();
    flipped[PIECE_BYTES + 500] ^= 1;
    let bad = [
        Bytes::from(flipped).slice(PIECE_BYTES..),
        file.bytes.slice(..PIECE_BYTES),
        other.bytes.slice(PIECE_BYTES..2 * PIECE_BYTES),
        file.bytes.slice(PIECE_BYTES..PIECE_BYTES + 7),
        Bytes::new(),
    ];
    for bytes in bad {
        file.write(&mut store, 1, &bytes);
        let corrupt = StoreInput::PieceCorrupt {
            transfer: file.transfer(),
            piece: 1,
        };
        file.finish_piece(&mut store, 1);
        assert_eq!(store.next().await, corrupt);
    }
    file.fill(&mut store, &[1, 0]).await;
    let place = file.finish(&mut store).await.unwrap().unwrap();
    assert_eq!(fs::read(place).unwrap(), file.bytes);
}

#[tokio::test]
async fn blocks_out_of_place_change_nothing() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", PIECE_BYTES + 10);
    let mut store = store_into(&folder, &file);
    file.open(&mut store).await.unwrap();
    for (piece, offset) in [(1, 8), (1, u32::MAX), (2, 0), (u32::MAX, 0)] {
        let bytes = Bytes::from_static(b"three");
        let transfer = file.transfer();
        store.execute(StoreOutput::WriteBlock {
            transfer,
            piece,
            offset,
            bytes,
        });
    }
    let nobody = TransferId::from_bytes([9; 16]);
    let bytes = Bytes::from_static(b"x");
    store.execute(StoreOutput::WriteBlock {
        transfer: nobody,
        piece: 0,
        offset: 0,
        bytes,
    });
    store.execute(StoreOutput::FinishSink { transfer: nobody });
    store.execute(StoreOutput::DiscardSink { transfer: nobody });
    file.fill(&mut store, &[1, 0]).await;
    let place = file.finish(&mut store).await.unwrap().unwrap();
    assert_eq!(fs::read(place).unwrap(), file.bytes);
}

#[tokio::test]
async fn folders_that_cannot_take_a_file_say_why() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 10);
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    let missing = folder.path().join("missing");
    // Nobody may create anything there, not even root.
    let read_only = Path::new("/proc/self").to_owned();
    for (path, why) in [
        (missing, "it does not exist"),
        (plain, "it is not a folder"),
        (read_only, "cannot"),
    ] {
        let mut store = Store::new(Memory::new(0));
        store.set_destination(file.transfer(), Destination::Folder(path));
        let reason = file.receive(&mut store).await.unwrap_err();
        assert!(reason.contains(why), "{reason}");
    }
}

#[tokio::test]
async fn a_file_larger_than_the_disk_is_refused_at_once() {
    let folder = TempDir::new().unwrap();
    let huge = Manifest::new(snug_protocol::limits::MAX_FILE_BYTES, Hash::ZERO).unwrap();
    let name = FileName::sanitize("huge");
    let offer = Offer::of_file(name, huge);
    let transfer = offer.transfer();
    let mut store = Store::new(Memory::new(0));
    store.set_destination(transfer, Destination::Folder(folder.path().to_owned()));
    let listing = offer.own_listing().unwrap().into();
    store.execute(StoreOutput::OpenSink {
        transfer,
        offer,
        listing,
        selection: Selection::All,
    });
    match store.next().await {
        StoreInput::SinkFailed { reason, .. } => {
            assert!(reason.contains("not enough space"), "{reason}");
        }
        // A disk of more than a tebibyte.
        opened => assert!(matches!(opened, StoreInput::SinkOpened { .. })),
    }
    store.close().await;
    assert!(names(&folder).is_empty());
}
