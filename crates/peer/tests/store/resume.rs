//! Transfers that go on where an earlier try left off.

use std::{fs, os::unix::fs::FileExt, process::Command};

use snug_peer::{
    Destination,
    store::{Memory, Store},
};
use snug_protocol::limits::PIECE_BYTES;
use snug_session::{StoreInput, StoreOutput};
use tempfile::TempDir;

use crate::fixture::{Sample, names, store_at, store_into};

#[tokio::test]
async fn what_is_not_complete_is_kept_unless_it_is_given_up() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    for end in ["suspend", "close", "drop", "discard"] {
        let mut store = store_into(&folder, &file);
        let have = file.open_with_hashes(&mut store).await;
        if have.is_empty() {
            file.fill(&mut store, &[1]).await;
        } else {
            assert_eq!(have, [1], "before {end}");
        }
        assert_eq!(names(&folder), [file.part()]);
        match end {
            "suspend" => {
                file.suspend(&mut store);
                store.close().await;
            }
            "close" => store.close().await,
            "drop" => drop(store),
            _ => {
                file.discard(&mut store);
                store.close().await;
            }
        }
        let left = if end == "discard" {
            vec![]
        } else {
            vec![file.part()]
        };
        assert_eq!(names(&folder), left, "after {end}");
    }
}

#[tokio::test]
async fn nothing_is_kept_of_what_has_nothing() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", 3 * PIECE_BYTES), ("x/b/c", 5)]);
    for end in ["suspend", "close", "drop"] {
        let mut store = store_into(&folder, &sample);
        sample.open_with_hashes(&mut store).await;
        sample.write(&mut store, 0, &sample.piece(0));
        match end {
            "suspend" => {
                sample.suspend(&mut store);
                store.close().await;
            }
            "close" => store.close().await,
            _ => drop(store),
        }
        assert!(names(&folder).is_empty(), "after {end}");
    }
}

#[tokio::test]
async fn without_hashes_nothing_is_believed() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    let mut store = store_into(&folder, &file);
    file.open(&mut store).await.unwrap();
    file.fill(&mut store, &[0]).await;
    store.close().await;
    let mut store = store_into(&folder, &file);
    assert_eq!(file.open(&mut store).await.unwrap(), Vec::<u32>::new());
    let place = file.receive(&mut store).await.unwrap().unwrap();
    assert!(fs::read(place).unwrap() == file.bytes);
}

#[tokio::test]
async fn pieces_that_were_changed_meanwhile_come_again() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", 2 * PIECE_BYTES), ("x/b", PIECE_BYTES)]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1, 2]).await;
    store.close().await;
    let part = folder.path().join(sample.part()).join("x");
    let a = fs::File::options()
        .write(true)
        .open(part.join("a"))
        .unwrap();
    a.write_all_at(b"other", 77).unwrap();
    fs::remove_file(part.join("b")).unwrap();

    let mut store = store_into(&folder, &sample);
    assert_eq!(sample.open(&mut store).await.unwrap(), [1]);
    sample.fill(&mut store, &[0, 2]).await;
    sample.finish(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
}

#[tokio::test]
async fn a_file_cut_short_or_grown_meanwhile_is_mended() {
    for len in [0, 5, 3 * PIECE_BYTES as u64] {
        let folder = TempDir::new().unwrap();
        let sample = Sample::listed("x", &[("a", PIECE_BYTES + 5), ("b", 7)]);
        let mut store = store_into(&folder, &sample);
        sample.open_with_hashes(&mut store).await;
        sample.fill(&mut store, &[0, 1]).await;
        store.close().await;
        let part = folder.path().join(sample.part());
        for name in ["a", "b"] {
            let file = fs::File::options().write(true).open(part.join(name));
            file.unwrap().set_len(len).unwrap();
        }
        let mut store = store_into(&folder, &sample);
        sample.receive(&mut store).await.unwrap();
        sample.assert_is_in(folder.path());
    }
}

#[tokio::test]
async fn another_selection_goes_on_with_what_both_want() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed(
        "x",
        &[
            ("x/a", PIECE_BYTES),
            ("x/b/b", PIECE_BYTES),
            ("x/c", PIECE_BYTES),
        ],
    );
    let first = sample.only(&[0, 1]);
    let mut store = store_into(&folder, &first);
    first.open_with_hashes(&mut store).await;
    first.fill(&mut store, &[0, 1]).await;
    store.close().await;
    let second = sample.only(&[0, 2]);
    let mut store = store_into(&folder, &second);
    assert_eq!(second.open(&mut store).await.unwrap(), [0]);
    second.fill(&mut store, &[2]).await;
    second.finish(&mut store).await.unwrap();
    second.assert_is_in(folder.path());
    assert!(!folder.path().join("x/b").exists());
}

#[tokio::test]
async fn a_check_tells_how_far_it_is() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 130 * PIECE_BYTES);
    let mut store = store_into(&folder, &file);
    file.open_with_hashes(&mut store).await;
    let pieces: Vec<u32> = (0..129).collect();
    file.fill(&mut store, &pieces).await;
    file.suspend(&mut store);
    store.execute(StoreOutput::OpenSink {
        transfer: file.transfer(),
        offer: file.offer.clone(),
        listing: file.listing.clone(),
        selection: file.selection.clone(),
    });
    let mut told = Vec::new();
    let have = loop {
        match store.next().await {
            StoreInput::SinkChecking { bytes, total, .. } => told.push((bytes, total)),
            StoreInput::SinkOpened { have, .. } => break have,
            other => panic!("{other:?}"),
        }
    };
    let mib = PIECE_BYTES as u64;
    assert_eq!(told, [(64 * mib, 129 * mib), (128 * mib, 129 * mib)]);
    assert_eq!(have, pieces);
}

#[tokio::test]
async fn what_is_in_use_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    let mut one = store_into(&folder, &file);
    file.open_with_hashes(&mut one).await;
    file.fill(&mut one, &[0]).await;
    let mut two = store_into(&folder, &file);
    assert!(file.open_with_hashes(&mut two).await.is_empty());
    assert_eq!(names(&folder).len(), 2);
    file.fill(&mut one, &[1]).await;
    file.fill(&mut two, &[1, 0]).await;
    for store in [&mut one, &mut two] {
        let place = file.finish(store).await.unwrap().unwrap();
        assert!(fs::read(place).unwrap() == file.bytes);
    }
    assert_eq!(names(&folder), ["a", "a (2)"]);
}

#[tokio::test]
async fn reports_of_an_earlier_try_are_not_taken_for_those_of_a_later() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    let mut store = store_into(&folder, &file);
    file.open_with_hashes(&mut store).await;
    file.write(&mut store, 0, &file.piece(0));
    file.finish_piece(&mut store, 0);
    file.discard(&mut store);
    store.set_destination(
        file.transfer(),
        Destination::Folder(folder.path().to_owned()),
    );
    assert!(file.open_with_hashes(&mut store).await.is_empty());
    file.fill(&mut store, &[1]).await;
    assert!(file.finish(&mut store).await.is_err());
}

#[tokio::test]
async fn a_receiver_that_was_killed_goes_on() {
    let folder = TempDir::new().unwrap();
    let sample = killed_sample();
    kill_in(&folder);
    assert_eq!(names(&folder), [sample.part()]);
    let mut store = store_into(&folder, &sample);
    assert_eq!(sample.open(&mut store).await.unwrap(), [0, 2]);
    sample.fill(&mut store, &[1, 3]).await;
    sample.finish(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    assert_eq!(names(&folder), ["x", "y"]);
}

/// Not a test by itself: what is killed in the one above.
#[tokio::test]
#[ignore = "lives until it is killed"]
async fn victim() {
    let folder = std::env::var_os("SNUG_TEST_FOLDER").unwrap();
    let sample = killed_sample();
    let mut store = store_at(folder.as_ref(), &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[2, 0]).await;
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
        .unwrap();
}

fn killed_sample() -> Sample {
    Sample::listed(
        "x and 1 more",
        &[("x/a", PIECE_BYTES / 2), ("x/b", 3 * PIECE_BYTES), ("y", 9)],
    )
}

fn kill_in(folder: &TempDir) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resume::victim", "--ignored"])
        .env("SNUG_TEST_FOLDER", folder.path())
        .stdout(std::process::Stdio::null())
        .status();
    let signal = std::os::unix::process::ExitStatusExt::signal(&status.unwrap());
    assert_eq!(signal, Some(9));
}

#[tokio::test]
async fn a_receiver_that_was_killed_between_two_renames_puts_the_rest_in_its_place() {
    let folder = TempDir::new().unwrap();
    let long = PIECE_BYTES + 10;
    let sample = Sample::listed("x", &[("a", long), ("b/c", long), ("d", 0)]);
    fs::write(folder.path().join("a"), "mine").unwrap();
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1, 2]).await;
    store.close().await;
    // As it is between the renames: noted, and the first is at its place.
    let part = folder.path().join(sample.part());
    let journal = fs::File::options().write(true).open(part.join(".journal"));
    let journal = journal.unwrap();
    journal.write_all_at(&[1], 68).unwrap();
    let numbers = 69 + sample.listing.items().len() as u64 + u64::from(sample.pieces());
    journal.write_all_at(&2_u32.to_be_bytes(), numbers).unwrap();
    drop(journal);
    fs::rename(part.join("a"), folder.path().join("a (2)")).unwrap();

    let mut store = store_into(&folder, &sample);
    assert_eq!(sample.open(&mut store).await.unwrap(), [0, 1, 2]);
    sample.finish(&mut store).await.unwrap();
    assert_eq!(names(&folder), ["a", "a (2)", "b", "d"]);
    assert!(fs::read(folder.path().join("a (2)")).unwrap() == sample.item(0));
    assert!(fs::read(folder.path().join("b/c")).unwrap() == sample.item(1));
    // All of it can be served, wherever it is.
    for piece in [0, 1, 2] {
        assert!(sample.serve(&mut store, piece).await.unwrap() == sample.piece(piece));
    }
}

#[tokio::test]
async fn what_vanished_from_its_place_comes_again() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("a", PIECE_BYTES), ("b/c", PIECE_BYTES + 1)]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1, 2]).await;
    store.close().await;
    let part = folder.path().join(sample.part());
    let journal = fs::File::options().write(true).open(part.join(".journal"));
    journal.unwrap().write_all_at(&[1], 68).unwrap();
    fs::remove_file(part.join("b/c")).unwrap();
    let mut store = store_into(&folder, &sample);
    assert_eq!(sample.open(&mut store).await.unwrap(), [0]);
    sample.fill(&mut store, &[1, 2]).await;
    sample.finish(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
}

#[tokio::test]
async fn memory_keeps_nothing_of_what_is_suspended() {
    let memory = Memory::new(PIECE_BYTES as u64);
    let mut store = Store::new(memory);
    let file = Sample::new("a", PIECE_BYTES);
    file.open_with_hashes(&mut store).await;
    file.suspend(&mut store);
    assert_eq!(file.receive(&mut store).await, Ok(None));
}
