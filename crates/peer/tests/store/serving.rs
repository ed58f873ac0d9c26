//! What was received, or is arriving, is passed on.

use std::fs;

use snug_peer::store::{Memory, Store};
use snug_protocol::limits::PIECE_BYTES;
use snug_session::StoreOutput;
use tempfile::TempDir;

use crate::fixture::{Sample, store_into};

fn sample() -> Sample {
    Sample::listed(
        "x",
        &[
            ("x/a", PIECE_BYTES / 2),
            ("x/b", 2 * PIECE_BYTES),
            ("y", 100),
        ],
    )
}

#[tokio::test]
async fn pieces_are_served_before_and_after_the_end() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("x")).unwrap();
    let sample = sample();
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[1]).await;
    assert!(sample.serve(&mut store, 1).await.unwrap() == sample.piece(1));
    sample.fill(&mut store, &[0, 2]).await;
    sample.finish(&mut store).await.unwrap();
    for piece in [0, 1, 2] {
        assert!(sample.serve(&mut store, piece).await.unwrap() == sample.piece(piece));
    }
    store.execute(StoreOutput::CloseSource {
        transfer: sample.transfer(),
    });
    assert!(sample.serve(&mut store, 0).await.is_err());
    assert!(folder.path().join("x (2)/a").exists());
}

#[tokio::test]
async fn what_is_not_there_is_not_served() {
    let folder = TempDir::new().unwrap();
    let sample = sample();
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0]).await;
    for piece in [1, 2, 3, u32::MAX] {
        assert!(sample.serve(&mut store, piece).await.is_err(), "{piece}");
    }
    // That does not end the transfer.
    sample.fill(&mut store, &[1, 2]).await;
    sample.finish(&mut store).await.unwrap();
}

#[tokio::test]
async fn pieces_that_are_not_wanted_as_a_whole_are_not_served() {
    let folder = TempDir::new().unwrap();
    let sample = sample().only(&[1]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1, 2]).await;
    sample.finish(&mut store).await.unwrap();
    assert!(sample.serve(&mut store, 0).await.is_err());
    assert!(sample.serve(&mut store, 1).await.unwrap() == sample.piece(1));
}

#[tokio::test]
async fn what_somebody_changed_is_not_served() {
    let folder = TempDir::new().unwrap();
    let sample = sample();
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1, 2]).await;
    sample.finish(&mut store).await.unwrap();
    fs::write(folder.path().join("y"), [b'x'; 100]).unwrap();
    assert!(sample.serve(&mut store, 2).await.is_err());
    assert!(sample.serve(&mut store, 1).await.unwrap() == sample.piece(1));
    // What is only gone by name is still open.
    fs::remove_dir_all(folder.path().join("x")).unwrap();
    assert!(sample.serve(&mut store, 1).await.unwrap() == sample.piece(1));
}

#[tokio::test]
async fn memory_is_served_until_it_is_taken() {
    let memory = Memory::new(1 << 30);
    let mut store = Store::new(memory.clone());
    let sample = sample();
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[2]).await;
    assert!(sample.serve(&mut store, 2).await.unwrap() == sample.piece(2));
    sample.fill(&mut store, &[0, 1]).await;
    assert_eq!(sample.finish(&mut store).await, Ok(None));
    assert!(sample.serve(&mut store, 0).await.unwrap() == sample.piece(0));
    let files = memory.take_all(sample.transfer()).unwrap();
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["x/a", "x/b", "y"]);
    for (item, (_, bytes)) in files.iter().enumerate() {
        assert!(bytes == sample.item(item));
    }
    assert!(sample.serve(&mut store, 0).await.is_err());
}
