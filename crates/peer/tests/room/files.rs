//! Files from peer to peer.

use std::{fs, path::Path};

use snug_peer::{Destination, ReadError};
use snug_session::{Command, Event, Selection, TransferError};
use tempfile::TempDir;

use crate::fixture::{TestRoom, noise};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_file_goes_from_folder_to_folder() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("video.mp4");
    let bytes = noise(20 * MIB + 12_345);
    fs::write(&path, &bytes).unwrap();
    let offered = ann.peer.offer(vec![path], |_| {}).await.unwrap().transfer;

    let transfer = ben.offered().await;
    assert_eq!(transfer, offered);
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer.accept(transfer, Selection::All, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert_eq!(Path::new(&place), into.path().join("video.mp4"));
    assert!(fs::read(&place).unwrap() == bytes);
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 1);
    let delivered = |event: &Event| matches!(event, Event::Delivered { .. });
    ann.until(delivered).await;
}

#[tokio::test]
async fn a_file_goes_into_memory_and_an_empty_one_too() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    for len in [0, 3 * MIB + 1] {
        let path = folder.path().join(format!("{len}.bin"));
        let bytes = noise(len);
        fs::write(&path, &bytes).unwrap();
        ann.peer.offer(vec![path], |_| {}).await.unwrap();
        let transfer = ben.offered().await;
        ben.peer
            .accept(transfer, Selection::All, Destination::Memory)
            .await;
        assert_eq!(ben.received(transfer).await, None);
        assert!(ben.peer.take_from_memory(transfer).await.unwrap() == bytes);
        assert_eq!(ben.peer.take_from_memory(transfer).await, None);
    }
}

#[tokio::test]
async fn a_folder_goes_to_a_room_and_some_of_it_is_taken() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let outer = TempDir::new().unwrap();
    let album = outer.path().join("album");
    fs::create_dir_all(album.join("empty")).unwrap();
    for n in 0..300 {
        fs::write(album.join(format!("{n}.jpg")), noise(n * 100)).unwrap();
    }
    let offered = ann.peer.offer(vec![album.clone()], |_| {}).await.unwrap();
    assert_eq!((offered.files, offered.left_out), (300, 0));
    let transfer = ben.offered().await;
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    let some = Selection::Items((0..300).step_by(7).collect());
    ben.peer.accept(transfer, some, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert_eq!(Path::new(&place), into.path().join("album"));
    let received = fs::read_dir(&place)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let received: Vec<_> = received.collect();
    assert_eq!(received.len(), 43);
    for path in received {
        let original = album.join(path.file_name().unwrap());
        assert!(fs::read(path).unwrap() == fs::read(original).unwrap());
    }
}

#[tokio::test]
async fn a_file_is_read_while_it_arrives() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    let bytes = noise(20 * MIB + 12_345);
    fs::write(&path, &bytes).unwrap();
    let size = bytes.len() as u64;
    let offered = ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    let unknown = ben.peer.read(transfer, 0..1).await;
    assert_eq!(unknown, Err(ReadError::Unknown));
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer.accept(transfer, Selection::All, destination).await;
    // The end first, as players do, then from the front; some across two pieces.
    let mib = MIB as u64;
    let ranges = [
        size - 10..size,
        0..100,
        mib - 7..mib + 7,
        5 * mib..7 * mib,
        9..9,
    ];
    for range in ranges {
        let read = ben.peer.read(transfer, range.clone()).await.unwrap();
        let end = range.end.min(range.start + mib);
        let span = usize::try_from(range.start).unwrap()..usize::try_from(end).unwrap();
        assert!(read == bytes[span]);
        assert!(ann.peer.read(transfer, range).await.unwrap() == read);
    }
    let past = ben.peer.read(transfer, size - 1..size + 1).await;
    assert_eq!(past, Err(ReadError::PastTheEnd { size }));
    ben.received(transfer).await.unwrap();
    assert!(ben.peer.read(transfer, 0..mib).await.unwrap() == bytes[..MIB]);
    assert_eq!(offered.bytes, size);
    ben.peer.leave().await;
    assert_eq!(ben.peer.read(transfer, 0..1).await, Err(ReadError::Left));
}

#[tokio::test]
async fn reads_of_what_was_cancelled_end() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    fs::write(&path, noise(20 * MIB)).unwrap();
    ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    ben.peer
        .accept(transfer, Selection::All, Destination::Memory)
        .await;
    ben.peer.command(Command::Pause { transfer }).await;
    let last = 20 * MIB as u64 - 1;
    let cancel = async {
        tokio::task::yield_now().await;
        ben.peer.command(Command::Cancel { transfer }).await;
    };
    let (read, ()) = tokio::join!(ben.peer.read(transfer, last..last + 1), cancel);
    assert_eq!(read, Err(ReadError::Ended));
}

#[tokio::test]
async fn a_receiver_that_left_goes_on_where_it_was() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join().await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    let bytes = noise(30 * MIB);
    fs::write(&path, &bytes).unwrap();
    ann.peer.offer(vec![path], |_| {}).await.unwrap();
    let transfer = ben.offered().await;
    let into = TempDir::new().unwrap();
    let destination = Destination::Folder(into.path().to_owned());
    ben.peer
        .accept(transfer, Selection::All, destination.clone())
        .await;
    let last = 30 * MIB as u64 - 1;
    ben.peer.read(transfer, last..last + 1).await.unwrap();
    ben.peer.leave().await;

    let mut ben = room.join().await;
    ben.linked(1).await;
    assert_eq!(ben.offered().await, transfer);
    ben.peer.accept(transfer, Selection::All, destination).await;
    let place = ben.received(transfer).await.unwrap();
    assert!(fs::read(place).unwrap() == bytes);
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_cannot_be_stored_ends_with_a_reason() {
    let room = TestRoom::open().await;
    let (mut ann, mut ben) = (room.create().await, room.join_with(10).await);
    ann.linked(1).await;
    ben.linked(1).await;
    let folder = TempDir::new().unwrap();
    let missing = Destination::Folder(folder.path().join("missing"));
    for (destination, why) in [
        (missing, "it does not exist"),
        (Destination::Memory, "larger than the memory cap"),
    ] {
        let path = folder.path().join(why);
        fs::write(&path, format!("{why}, and so on")).unwrap();
        ann.peer.offer(vec![path], |_| {}).await.unwrap();
        let transfer = ben.offered().await;
        ben.peer.accept(transfer, Selection::All, destination).await;
        let reason = loop {
            if let Event::TransferFailed { reason, .. } = ben.events.next().await.unwrap() {
                break reason;
            }
        };
        assert!(matches!(reason, TransferError::Storage(_)), "{reason:?}");
        assert!(reason.to_string().contains(why), "{reason}");
    }
}

#[tokio::test]
async fn what_is_no_file_or_folder_is_not_offered() {
    let room = TestRoom::open().await;
    let ann = room.create().await;
    for (path, why) in [
        ("/dev/null", "is a device"),
        ("/nowhere/at/all", "does not exist"),
    ] {
        let offered = ann.peer.offer(vec![path.into()], |_| {}).await;
        let error = offered.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}
