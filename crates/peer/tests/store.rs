//! Files in and out of a store, as a session drives it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use snug_peer::{
    Destination,
    store::{Memory, Source, SourceError, Store},
};
use snug_protocol::{
    FileName, Hash, Manifest, Offer, PieceHasher, TransferId, limits::PIECE_BYTES,
};
use snug_session::{LinkId, Selection, Source as Offered, StoreInput, StoreOutput};
use tempfile::TempDir;

const LINK: LinkId = LinkId(7);

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

#[tokio::test]
async fn memory_takes_files_up_to_its_cap() {
    let memory = Memory::new(2 * PIECE_BYTES as u64);
    let mut store = Store::new(memory.clone());
    let large = Sample::new("large", 2 * PIECE_BYTES + 1);
    let reason = large.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("larger than the memory cap"), "{reason}");

    let fits = Sample::new("fits", PIECE_BYTES + 9);
    assert_eq!(fits.receive(&mut store).await, Ok(None));
    let second = Sample::new("second", PIECE_BYTES);
    let reason = second.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("no room in memory"), "{reason}");

    assert_eq!(memory.take(fits.transfer()).unwrap(), fits.bytes);
    assert_eq!(memory.take(fits.transfer()), None);
    assert_eq!(second.receive(&mut store).await, Ok(None));
    let empty = Sample::new("empty", 0);
    assert_eq!(empty.receive(&mut store).await, Ok(None));
    assert_eq!(memory.take(empty.transfer()).unwrap(), Bytes::new());
}

#[tokio::test]
async fn a_discarded_file_gives_its_memory_back() {
    let memory = Memory::new(PIECE_BYTES as u64);
    let mut store = Store::new(memory);
    let file = Sample::new("file", PIECE_BYTES);
    file.open(&mut store).await.unwrap();
    store.execute(StoreOutput::DiscardSink {
        transfer: file.transfer(),
    });
    assert_eq!(file.receive(&mut store).await, Ok(None));
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
async fn links_at_the_place_of_the_part_are_not_followed() {
    let folder = TempDir::new().unwrap();
    let precious = folder.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    let file = Sample::new("a", 10);
    let part = folder.path().join(file.part());

    symlink(&precious, &part).unwrap();
    let mut store = store_into(&folder, &file);
    let reason = file.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("in the way"), "{reason}");
    fs::remove_file(&part).unwrap();

    fs::hard_link(&precious, &part).unwrap();
    let mut store = store_into(&folder, &file);
    let reason = file.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("in the way"), "{reason}");
    fs::remove_file(&part).unwrap();

    fs::create_dir(&part).unwrap();
    let mut store = store_into(&folder, &file);
    let reason = file.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("in the way"), "{reason}");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
}

#[tokio::test]
async fn what_a_crash_left_behind_is_used_again() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 10);
    fs::write(
        folder.path().join(file.part()),
        "longer than the file itself",
    )
    .unwrap();
    let mut store = store_into(&folder, &file);
    let place = file.receive(&mut store).await.unwrap().unwrap();
    assert_eq!(fs::read(place).unwrap(), file.bytes);
    assert_eq!(names(&folder), ["a"]);
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
        let place = file.fill(store).await.unwrap().unwrap();
        assert_eq!(fs::read(place).unwrap(), file.bytes);
    }
    assert_eq!(names(&folder), ["a", "a (2)"]);
}

#[tokio::test]
async fn a_folder_swapped_midway_keeps_its_file() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("folder");
    let moved = parent.path().join("moved");
    let elsewhere = TempDir::new().unwrap();
    fs::create_dir(&folder).unwrap();
    let file = Sample::new("a", PIECE_BYTES + 1);
    let mut store = Store::new(Memory::new(0));
    store.set_destination(file.transfer(), Destination::Folder(folder.clone()));
    file.open(&mut store).await.unwrap();

    fs::rename(&folder, &moved).unwrap();
    symlink(elsewhere.path(), &folder).unwrap();
    file.fill(&mut store).await.unwrap();
    assert_eq!(fs::read(moved.join("a")).unwrap(), file.bytes);
    assert!(names(&elsewhere).is_empty());
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
    let place = file.fill(&mut store).await.unwrap().unwrap();
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
    let place = file.fill(&mut store).await.unwrap().unwrap();
    assert_eq!(fs::read(place).unwrap(), file.bytes);
}

#[tokio::test]
async fn what_is_not_complete_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let file = Sample::new("a", 2 * PIECE_BYTES);
    for end in ["discard", "close", "drop"] {
        let mut store = store_into(&folder, &file);
        file.open(&mut store).await.unwrap();
        file.write(&mut store, 0, &file.bytes.slice(..PIECE_BYTES));
        file.finish_piece(&mut store, 0);
        let stored = StoreInput::PieceStored {
            transfer: file.transfer(),
            piece: 0,
        };
        assert_eq!(store.next().await, stored);
        assert_eq!(names(&folder), [file.part()]);
        match end {
            "discard" => {
                store.execute(StoreOutput::DiscardSink {
                    transfer: file.transfer(),
                });
                store.close().await;
            }
            "close" => store.close().await,
            _ => drop(store),
        }
        assert!(names(&folder).is_empty(), "after {end}");
    }
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
    store.execute(open_sink(transfer, offer));
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

#[tokio::test]
async fn an_offered_file_is_read_piece_by_piece() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("holiday.mp4");
    let bytes = noise(2 * PIECE_BYTES + 100);
    fs::write(&path, &bytes).unwrap();
    let progress = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = progress.clone();
    let hashed = Source::hash(
        &path,
        move |at, of| seen.lock().unwrap().push((at, of)),
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
    let (offered, source) = Source::hash(&path, |_, _| {}, || false).unwrap();
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
        let (offered, source) = Source::hash(&path, |_, _| {}, || false).unwrap();
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
    let (offered, source) = Source::hash(&path, |_, _| {}, || false).unwrap();
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
fn only_files_are_offered() {
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
        (folder.path(), "a folder"),
        (&fifo, "a pipe"),
        (&disguised, "a pipe"),
        (&socket, "a socket"),
        (Path::new("/dev/zero"), "a device"),
        (Path::new("/"), "a folder"),
    ] {
        let error = Source::hash(path, |_, _| {}, || false).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    let missing = folder.path().join("missing");
    let error = Source::hash(&missing, |_, _| {}, || false).unwrap_err();
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
        move |_, _| {
            let mut file = fs::File::options().append(true).open(&path).unwrap();
            file.write_all(b"more").unwrap();
        }
    };
    let error = Source::hash(&path, grow, || false).unwrap_err();
    assert!(matches!(error, SourceError::Changed), "{error}");
    let shrink = {
        let path = path.clone();
        move |_, _| {
            fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(5)
                .unwrap();
        }
    };
    let error = Source::hash(&path, shrink, || false).unwrap_err();
    assert!(matches!(error, SourceError::Changed), "{error}");
}

type Change<'a> = &'a dyn Fn(&Path) -> std::io::Result<()>;

/// A file that somebody sends.
struct Sample {
    offer: Offer,
    hashes: Vec<Hash>,
    bytes: Bytes,
}

impl Sample {
    fn new(name: &str, size: usize) -> Self {
        let bytes = Bytes::from(noise(size));
        let hasher = PieceHasher::new(size as u64).unwrap();
        let pieces = bytes.chunks(PIECE_BYTES).zip(0..);
        let hashes: Vec<_> = pieces
            .map(|(bytes, piece)| hasher.hash(piece, bytes))
            .collect();
        let manifest = Manifest::from_hashes(size as u64, &hashes).unwrap();
        let offer = Offer::of_file(FileName::sanitize(name), manifest);
        Self {
            offer,
            hashes,
            bytes,
        }
    }

    fn transfer(&self) -> TransferId {
        self.offer.transfer()
    }

    fn part(&self) -> String {
        format!(
            "{}.{}.part",
            self.offer.name,
            &self.transfer().to_string()[..8]
        )
    }

    /// Receives it, as a session would; where it went, or why it did not.
    async fn receive(&self, store: &mut Store) -> Result<Option<String>, String> {
        self.open(store).await?;
        self.fill(store).await
    }

    async fn open(&self, store: &mut Store) -> Result<(), String> {
        let (transfer, offer) = (self.transfer(), self.offer.clone());
        store.execute(open_sink(transfer, offer));
        match store.next().await {
            StoreInput::SinkOpened { have, .. } => assert!(have.is_empty()),
            StoreInput::SinkFailed { reason, .. } => return Err(reason),
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    /// Writes every piece, the last one first, and finishes.
    async fn fill(&self, store: &mut Store) -> Result<Option<String>, String> {
        let transfer = self.transfer();
        let pieces: Vec<_> = (0..self.offer.manifest.pieces()).rev().collect();
        for &piece in &pieces {
            let start = piece as usize * PIECE_BYTES;
            let end = self.bytes.len().min(start + PIECE_BYTES);
            self.write(store, piece, &self.bytes.slice(start..end));
            self.finish_piece(store, piece);
        }
        for piece in pieces {
            assert_eq!(
                store.next().await,
                StoreInput::PieceStored { transfer, piece }
            );
        }
        store.execute(StoreOutput::FinishSink { transfer });
        match store.next().await {
            StoreInput::SinkFinished { place, .. } => Ok(place),
            StoreInput::SinkFailed { reason, .. } => Err(reason),
            other => panic!("{other:?}"),
        }
    }

    fn write(&self, store: &mut Store, piece: u32, bytes: &Bytes) {
        let transfer = self.transfer();
        for offset in (0..bytes.len().max(1)).step_by(32 * 1024) {
            let block = bytes.slice(offset..bytes.len().min(offset + 32 * 1024));
            store.execute(StoreOutput::WriteBlock {
                transfer,
                piece,
                offset: u32::try_from(offset).unwrap(),
                bytes: block,
            });
        }
    }

    fn finish_piece(&self, store: &mut Store, piece: u32) {
        store.execute(StoreOutput::FinishPiece {
            transfer: self.transfer(),
            piece,
            expected: self.hashes[piece as usize],
        });
    }
}

fn store_into(folder: &TempDir, file: &Sample) -> Store {
    let mut store = Store::new(Memory::new(0));
    let destination = Destination::Folder(folder.path().to_owned());
    store.set_destination(file.transfer(), destination);
    store
}

/// What is in a folder, sorted.
fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Bytes without a pattern that two places share.
fn noise(len: usize) -> Vec<u8> {
    let mut state = len as u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

fn open_sink(transfer: TransferId, offer: Offer) -> StoreOutput {
    let listing = offer.own_listing().unwrap().into();
    StoreOutput::OpenSink {
        transfer,
        offer,
        listing,
        selection: Selection::All,
    }
}
