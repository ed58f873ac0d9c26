//! What is offered.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    slice,
    sync::Arc,
};

use snug_peer::store::{Memory, Source, SourceError, Store};
use snug_protocol::{Hash, limits::PIECE_BYTES};
use snug_session::{Source as Offered, StoreInput, StoreOutput};
use tempfile::TempDir;

use crate::fixture::{LINK, noise};

#[tokio::test]
async fn an_offered_file_is_read_piece_by_piece() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("holiday.mp4");
    let bytes = noise(2 * PIECE_BYTES + 100);
    fs::write(&path, &bytes).unwrap();
    let progress = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = progress.clone();
    let hashed = Source::hash(
        slice::from_ref(&path),
        move |hashing| seen.lock().unwrap().push((hashing.bytes, hashing.total)),
        || false,
    );
    let (Offered { offer, hashes, .. }, source) = hashed.unwrap();
    assert_eq!(offer.name.as_str(), "holiday.mp4");
    assert_eq!(offer.media_type(), "video/mp4");
    assert_eq!(offer.manifest.root(), Hash::of(&bytes));
    assert!(offer.manifest.matches(&hashes));
    let total = bytes.len() as u64;
    assert_eq!(progress.lock().unwrap().last(), Some(&(total, total)));

    let transfer = offer.transfer();
    let mut store = Store::new(Memory::new(0));
    store.add_source(transfer, source);
    // Gone by name only.
    fs::remove_file(&path).unwrap();
    let pieces: Vec<_> = bytes.chunks(PIECE_BYTES).zip(0..).collect();
    for (expected, piece) in pieces {
        store.execute(StoreOutput::ReadPiece {
            transfer,
            piece,
            link: LINK,
        });
        let StoreInput::PieceRead {
            piece: read,
            link,
            bytes,
            ..
        } = store.next().await
        else {
            panic!("not read");
        };
        assert_eq!((read, link), (piece, LINK));
        assert!(bytes == expected);
    }
    store.execute(StoreOutput::CloseSource { transfer });
    store.execute(StoreOutput::ReadPiece {
        transfer,
        piece: 0,
        link: LINK,
    });
    assert!(matches!(
        store.next().await,
        StoreInput::SourceFailed { .. }
    ));
}

#[tokio::test]
async fn pieces_that_a_source_has_not_are_not_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "a").unwrap();
    let (offered, source) = Source::hash(slice::from_ref(&path), |_| {}, || false).unwrap();
    let transfer = offered.offer.transfer();
    let mut store = Store::new(Memory::new(0));
    store.add_source(transfer, source);
    store.execute(StoreOutput::ReadPiece {
        transfer,
        piece: 1,
        link: LINK,
    });
    assert!(matches!(
        store.next().await,
        StoreInput::SourceFailed { .. }
    ));
}

#[tokio::test]
async fn a_source_that_changes_is_not_sent() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a");
    let size = PIECE_BYTES as u64 + 100;
    let shrink = |path: &Path| {
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(99)
    };
    let grow = |path: &Path| {
        let mut file = fs::File::options().append(true).open(path).unwrap();
        file.write_all(b"more")
    };
    let rewrite = |path: &Path| {
        let mut file = fs::File::options().write(true).open(path).unwrap();
        file.write_all(b"other")?;
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
    };
    let sneak = |path: &Path| {
        let modified = fs::metadata(path)?.modified()?;
        let mut file = fs::File::options().write(true).open(path)?;
        file.write_all(b"other")?;
        file.set_modified(modified)
    };
    let changes: [Change<'_>; 4] = [&shrink, &grow, &rewrite, &sneak];
    for (n, change) in changes.into_iter().enumerate() {
        fs::write(&path, noise(usize::try_from(size).unwrap())).unwrap();
        let (offered, source) = Source::hash(slice::from_ref(&path), |_| {}, || false).unwrap();
        let transfer = offered.offer.transfer();
        let mut store = Store::new(Memory::new(0));
        store.add_source(transfer, source);
        let stamp = fs::metadata(&path).unwrap();
        change(&path).unwrap();
        // Where the clock of the file system stands still, nobody could tell.
        let now = fs::metadata(&path).unwrap();
        if (stamp.ctime(), stamp.ctime_nsec()) == (now.ctime(), now.ctime_nsec()) {
            continue;
        }
        store.execute(StoreOutput::ReadPiece {
            transfer,
            piece: 0,
            link: LINK,
        });
        match store.next().await {
            StoreInput::SourceFailed { reason, .. } => {
                assert!(
                    reason.contains("changed while it was being sent"),
                    "{reason}"
                );
            }
            other => panic!("change {n}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_source_that_is_only_touched_is_still_sent() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "hello").unwrap();
    let (offered, source) = Source::hash(slice::from_ref(&path), |_| {}, || false).unwrap();
    let transfer = offered.offer.transfer();
    let mut store = Store::new(Memory::new(0));
    store.add_source(transfer, source);
    fs::rename(&path, folder.path().join("b")).unwrap();
    fs::set_permissions(folder.path().join("b"), PermissionsExt::from_mode(0o400)).unwrap();
    store.execute(StoreOutput::ReadPiece {
        transfer,
        piece: 0,
        link: LINK,
    });
    assert!(matches!(store.next().await, StoreInput::PieceRead { .. }));
}

#[test]
fn only_files_and_folders_are_offered() {
    let folder = TempDir::new().unwrap();
    let fifo = folder.path().join("fifo");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .unwrap();
    assert!(made.success());
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let disguised = folder.path().join("disguised");
    symlink(&fifo, &disguised).unwrap();
    for (path, what) in [
        (fifo.as_path(), "a pipe"),
        (&disguised, "a pipe"),
        (&socket, "a socket"),
        (Path::new("/dev/zero"), "a device"),
    ] {
        let error = Source::hash(&[path.to_owned()], |_| {}, || false).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    let missing = folder.path().join("missing");
    let error = Source::hash(&[missing], |_| {}, || false).unwrap_err();
    assert!(matches!(error, SourceError::Open { .. }));
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[test]
fn a_file_that_grows_while_it_is_hashed_is_not_offered() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, noise(2 * PIECE_BYTES)).unwrap();
    let grow = {
        let path = path.clone();
        move |_| {
            let mut file = fs::File::options().append(true).open(&path).unwrap();
            file.write_all(b"more").unwrap();
        }
    };
    let error = Source::hash(slice::from_ref(&path), grow, || false).unwrap_err();
    assert!(matches!(error, SourceError::Changed { .. }), "{error}");
    let shrink = {
        let path = path.clone();
        move |_| {
            fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(5)
                .unwrap();
        }
    };
    let error = Source::hash(slice::from_ref(&path), shrink, || false).unwrap_err();
    assert!(matches!(error, SourceError::Changed { .. }), "{error}");
}

type Change<'a> = &'a dyn Fn(&Path) -> std::io::Result<()>;
