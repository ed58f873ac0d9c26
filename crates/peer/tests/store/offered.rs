//! Folders and several files on offer.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    slice,
};

use bytes::Bytes;
use snug_peer::store::{Memory, Source, SourceError, Store};
use snug_protocol::{
    Hash, Listing,
    limits::{LISTING_ITEMS, PIECE_BYTES},
};
use snug_session::{Selection, Source as Offered};
use tempfile::TempDir;

use crate::fixture::{Sample, noise, store_into};

fn hash(paths: &[PathBuf]) -> Result<(Offered, Source), SourceError> {
    Source::hash(paths, |_| {}, || false)
}

/// A folder with files of every kind.
fn album() -> (TempDir, PathBuf) {
    let outer = TempDir::new().unwrap();
    let album = outer.path().join("album");
    fs::create_dir_all(album.join("deep/er")).unwrap();
    fs::create_dir(album.join("empty")).unwrap();
    fs::write(album.join("z"), noise(PIECE_BYTES + 5)).unwrap();
    fs::write(album.join("deep/er/run"), noise(7)).unwrap();
    fs::write(album.join("deep/nothing"), "").unwrap();
    fs::write(album.join("B"), noise(9)).unwrap();
    fs::set_permissions(album.join("deep/er/run"), PermissionsExt::from_mode(0o755)).unwrap();
    (outer, album)
}

#[tokio::test]
async fn a_folder_goes_from_disk_to_disk() {
    let (_outer, album) = album();
    let (offered, source) = hash(slice::from_ref(&album)).unwrap();
    assert_eq!(offered.offer.name.as_str(), "album");
    let listing = offered.offer.open_listing(&offered.listing).unwrap();
    let paths: Vec<&str> = listing
        .items()
        .iter()
        .map(|item| item.path.as_str())
        .collect();
    let sorted = [
        "album/B",
        "album/deep/er/run",
        "album/deep/nothing",
        "album/empty",
        "album/z",
    ];
    assert_eq!(paths, sorted);
    assert!(offered.offer.manifest.matches(&offered.hashes));

    let transfer = offered.offer.transfer();
    let mut sending = Store::new(Memory::new(0));
    sending.add_source(transfer, source);
    let folder = TempDir::new().unwrap();
    let mut sample = Sample {
        listing: listing.into(),
        hashes: offered.hashes.clone(),
        offer: offered.offer,
        bytes: Bytes::new(),
        selection: Selection::All,
    };
    let mut bytes = Vec::new();
    for piece in 0..sample.pieces() {
        bytes.extend(sample.serve(&mut sending, piece).await.unwrap());
    }
    assert_eq!(sample.offer.manifest.root(), Hash::of(&bytes));
    sample.bytes = bytes.into();
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    for name in ["B", "deep/er/run", "deep/nothing", "z"] {
        let (before, after) = (album.join(name), folder.path().join("album").join(name));
        assert!(fs::read(&before).unwrap() == fs::read(&after).unwrap());
        let stat = |path: &Path| {
            let metadata = fs::metadata(path).unwrap();
            let executable = metadata.permissions().mode() & 0o100;
            (std::os::unix::fs::MetadataExt::mtime(&metadata), executable)
        };
        assert_eq!(stat(&before), stat(&after), "{name}");
    }
}

#[test]
fn several_are_listed_by_their_own_names() {
    let (outer, album) = album();
    let note = outer.path().join("note.txt");
    fs::write(&note, "hi").unwrap();
    let named = [
        note.clone(),
        album.join("empty"),
        note,
        album.join("deep/."),
    ];
    let (offered, _) = hash(&named).unwrap();
    assert_eq!(offered.offer.name.as_str(), "note.txt and 3 more");
    let listing = Listing::decode(&offered.listing).unwrap();
    let paths: Vec<&str> = listing
        .items()
        .iter()
        .map(|item| item.path.as_str())
        .collect();
    let expected = [
        "note.txt",
        "empty",
        "note (2).txt",
        "deep/er/run",
        "deep/nothing",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn what_is_no_file_is_left_out_of_a_folder_and_counted() {
    let (outer, album) = album();
    let secret = outer.path().join("secret");
    fs::write(&secret, "mine").unwrap();
    symlink(&secret, album.join("link")).unwrap();
    symlink(outer.path(), album.join("up")).unwrap();
    symlink("/nowhere", album.join("dangling")).unwrap();
    let made = Command::new("mkfifo").arg(album.join("fifo")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(album.join("socket")).unwrap();
    let (offered, source) = hash(&[album]).unwrap();
    assert_eq!(source.left_out(), 5);
    assert_eq!(Listing::decode(&offered.listing).unwrap().items().len(), 5);
}

#[test]
fn what_cannot_be_offered_is_named() {
    let (outer, album) = album();
    let refuse = |paths: &[PathBuf]| hash(paths).unwrap_err().to_string();
    assert_eq!(refuse(&[]), "there is nothing to offer");
    let missing = album.join("missing");
    assert!(refuse(&[album.clone(), missing]).contains("missing: it does not exist"));
    let device = PathBuf::from("/dev/null");
    assert!(refuse(&[album.clone(), device]).contains("is a device"));
    // Root may read everything.
    let locked = album.join("deep");
    fs::set_permissions(&locked, PermissionsExt::from_mode(0o000)).unwrap();
    if fs::read_dir(&locked).is_err() {
        assert!(refuse(&[album]).contains("deep: that is not allowed"));
    }
    fs::set_permissions(&locked, PermissionsExt::from_mode(0o755)).unwrap();
    let deep = outer.path().join("d");
    fs::create_dir_all(deep.join(vec!["d"; 40].join("/"))).unwrap();
    assert!(refuse(&[deep]).contains("too deep"));
}

#[test]
fn more_files_than_fit_are_refused() {
    let folder = TempDir::new().unwrap();
    let first = folder.path().join("0");
    fs::write(&first, "").unwrap();
    // The same one over and over: what is counted is what would be listed.
    let named = vec![first; LISTING_ITEMS + 1];
    let reason = hash(&named).unwrap_err().to_string();
    assert!(
        reason.contains("100000") && reason.contains("pack"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_file_of_a_folder_that_changes_is_not_sent() {
    let (_outer, album) = album();
    let (offered, source) = hash(slice::from_ref(&album)).unwrap();
    let listing = Listing::decode(&offered.listing).unwrap();
    let sample = Sample {
        listing: listing.into(),
        hashes: offered.hashes,
        offer: offered.offer,
        bytes: Bytes::new(),
        selection: Selection::All,
    };
    let mut store = Store::new(Memory::new(0));
    store.add_source(sample.transfer(), source);
    // Not even when a link to the same bytes takes its place.
    fs::rename(album.join("deep/er"), album.join("deep/moved")).unwrap();
    symlink("moved", album.join("deep/er")).unwrap();
    let reason = sample.serve(&mut store, 0).await.unwrap_err();
    assert!(reason.contains("run"), "{reason}");
}

#[test]
fn a_folder_named_by_a_dot_has_its_own_name() {
    let (_outer, album) = album();
    let (offered, _) = hash(&[album.join("deep/..")]).unwrap();
    assert_eq!(offered.offer.name.as_str(), "album");
}

#[test]
fn hashing_can_be_given_up() {
    let (_outer, album) = album();
    let given_up = Source::hash(&[album], |_| {}, || true);
    assert!(matches!(given_up, Err(SourceError::Closed)));
}
