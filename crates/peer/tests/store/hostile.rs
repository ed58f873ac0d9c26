//! Other programs and people in the folder that files go into.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt, symlink},
    path::Path,
    process::Command,
};

use snug_peer::{
    Destination,
    store::{Memory, Store},
};
use snug_protocol::limits::PIECE_BYTES;
use snug_session::StoreInput;
use tempfile::TempDir;

use crate::fixture::{Sample, names, noise, store_into};

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
    file.fill(&mut store, &[0, 1]).await;
    file.finish(&mut store).await.unwrap();
    assert_eq!(fs::read(moved.join("a")).unwrap(), file.bytes);
    assert!(names(&elsewhere).is_empty());
}

#[tokio::test]
async fn what_is_at_the_place_of_the_part_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    fs::write(elsewhere.path().join("precious"), "mine").unwrap();
    let file = Sample::new("a", 10);
    let part = folder.path().join(file.part());
    let plants: [&dyn Fn(); 5] = [
        &|| fs::write(&part, "mine").unwrap(),
        &|| symlink(elsewhere.path(), &part).unwrap(),
        &|| symlink("/nowhere", &part).unwrap(),
        &|| mkfifo(&part),
        &|| {
            fs::create_dir(&part).unwrap();
            fs::write(part.join("somebody's"), "mine").unwrap();
        },
    ];
    for (n, plant) in plants.into_iter().enumerate() {
        plant();
        let before = fs::symlink_metadata(&part).unwrap().ino();
        let mut store = store_into(&folder, &file);
        let place = file.receive(&mut store).await.unwrap().unwrap();
        assert!(fs::read(&place).unwrap() == file.bytes);
        assert_eq!(fs::symlink_metadata(&part).unwrap().ino(), before, "{n}");
        assert_eq!(names(&folder), ["a", &file.part()]);
        fs::remove_file(place).unwrap();
        if fs::remove_file(&part).is_err() {
            fs::remove_dir_all(&part).unwrap();
        }
    }
    assert_eq!(names(&elsewhere), ["precious"]);
}

#[tokio::test]
async fn what_is_at_the_place_of_the_journal_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "").unwrap();
    let file = Sample::new("a", 10);
    let part = folder.path().join(file.part());
    let journal = part.join(".journal");
    let plants: [&dyn Fn(); 6] = [
        &|| fs::write(&journal, "somebody's").unwrap(),
        &|| symlink(&precious, &journal).unwrap(),
        &|| symlink("/nowhere", &journal).unwrap(),
        &|| fs::hard_link(&precious, &journal).unwrap(),
        &|| mkfifo(&journal),
        &|| fs::create_dir(&journal).unwrap(),
    ];
    for plant in plants {
        fs::create_dir(&part).unwrap();
        plant();
        let mut store = store_into(&folder, &file);
        let place = file.receive(&mut store).await.unwrap().unwrap();
        assert!(fs::read(&place).unwrap() == file.bytes);
        assert_eq!(names(&folder), ["a", &file.part()]);
        fs::remove_file(place).unwrap();
        fs::remove_dir_all(&part).unwrap();
    }
    assert_eq!(fs::read(&precious).unwrap(), b"");
    assert!(!Path::new("/nowhere").exists());
}

#[tokio::test]
async fn links_among_the_files_are_not_followed() {
    let elsewhere = TempDir::new().unwrap();
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    let sample = Sample::listed("x", &[("x/d/a", 10), ("x/b", PIECE_BYTES)]);
    let plants: [&dyn Fn(&Path); 6] = [
        &|x| symlink(&precious, x.join("d/a")).unwrap(),
        &|x| fs::hard_link(&precious, x.join("d/a")).unwrap(),
        &|x| mkfifo(&x.join("d/a")),
        &|x| fs::create_dir(x.join("d/a")).unwrap(),
        &|x| {
            fs::remove_dir(x.join("d")).unwrap();
            symlink(elsewhere.path(), x.join("d")).unwrap();
        },
        &|x| {
            fs::remove_dir(x.join("d")).unwrap();
            fs::remove_dir(x).unwrap();
            symlink(elsewhere.path(), x).unwrap();
        },
    ];
    for plant in plants {
        let folder = TempDir::new().unwrap();
        let mut store = store_into(&folder, &sample);
        sample.open_with_hashes(&mut store).await;
        let x = folder.path().join(sample.part()).join("x");
        fs::create_dir_all(x.join("d")).unwrap();
        plant(&x);
        sample.write(&mut store, 0, &sample.piece(0));
        sample.finish_piece(&mut store, 0);
        match store.next().await {
            StoreInput::SinkFailed { reason, .. } => {
                assert!(reason.contains("in the way"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
        store.close().await;
        assert_eq!(fs::read(&precious).unwrap(), b"mine");
        assert_eq!(names(&elsewhere), ["precious"]);
    }
}

#[tokio::test]
async fn a_part_swapped_midway_keeps_its_files() {
    let folder = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", 10), ("x/b", PIECE_BYTES)]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    let part = folder.path().join(sample.part());
    fs::rename(&part, folder.path().join("moved")).unwrap();
    symlink(elsewhere.path(), &part).unwrap();
    sample.fill(&mut store, &[0, 1]).await;
    sample.finish(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    assert!(names(&elsewhere).is_empty());
}

#[tokio::test]
async fn a_file_swapped_before_the_end_is_not_put_in_its_place() {
    let folder = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, noise(10)).unwrap();
    let sample = Sample::listed("x", &[("x/a", 10), ("x/b", PIECE_BYTES)]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 1]).await;
    let a = folder.path().join(sample.part()).join("x/a");
    fs::remove_file(&a).unwrap();
    symlink(&precious, &a).unwrap();
    let reason = sample.finish(&mut store).await.unwrap_err();
    assert!(reason.contains("changed"), "{reason}");
    assert!(!folder.path().join("x").exists());
}

#[tokio::test]
async fn a_journal_cut_off_anywhere_is_no_harm() {
    let sample = Sample::listed("x", &[("x/a", 10), ("x/b", 2 * PIECE_BYTES)]);
    let folder = TempDir::new().unwrap();
    let journal = folder.path().join(sample.part()).join(".journal");
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0, 2]).await;
    store.close().await;
    let whole = fs::read(&journal).unwrap();
    for len in 0..=whole.len() {
        fs::write(&journal, &whole[..len]).unwrap();
        let mut store = store_into(&folder, &sample);
        let have = sample.open_with_hashes(&mut store).await;
        let expected: &[u32] = if len == whole.len() { &[0, 2] } else { &[] };
        assert_eq!(have, expected, "{len}");
        sample.fill(&mut store, &[0, 2]).await;
        store.close().await;
        assert_eq!(names(&folder), [sample.part()], "{len}");
    }
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
}

#[tokio::test]
async fn a_journal_that_lies_is_found_out() {
    let sample = Sample::listed("x", &[("x/a", 10), ("x/b", 2 * PIECE_BYTES)]);
    for at in 0..170 {
        let folder = TempDir::new().unwrap();
        let mut store = store_into(&folder, &sample);
        sample.open_with_hashes(&mut store).await;
        sample.fill(&mut store, &[0]).await;
        store.close().await;
        let journal = folder.path().join(sample.part()).join(".journal");
        let mut bytes = fs::read(&journal).unwrap();
        if at >= bytes.len() {
            break;
        }
        bytes[at] ^= 1;
        fs::write(&journal, bytes).unwrap();
        let mut store = store_into(&folder, &sample);
        sample.receive(&mut store).await.unwrap();
        sample.assert_is_in(folder.path());
    }
}

#[tokio::test]
async fn a_journal_of_another_transfer_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let (one, two) = (Sample::new("a", 10), Sample::new("a", 11));
    let mut store = store_into(&folder, &two);
    two.open_with_hashes(&mut store).await;
    two.fill(&mut store, &[0]).await;
    store.close().await;
    // As if the first eight digits of both were the same.
    let part = folder.path().join(one.part());
    fs::rename(folder.path().join(two.part()), &part).unwrap();
    let mut store = store_into(&folder, &one);
    let place = one.receive(&mut store).await.unwrap().unwrap();
    assert!(fs::read(place).unwrap() == one.bytes);
    assert!(fs::read(part.join("a")).unwrap() == two.bytes);
}

#[tokio::test]
async fn what_somebody_puts_beside_the_files_is_not_removed() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", 10), ("x/b/c", 10)]);
    let mut store = store_into(&folder, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0]).await;
    let part = folder.path().join(sample.part());
    fs::write(part.join("x/b/notes"), "mine").unwrap();
    sample.discard(&mut store);
    store.close().await;
    assert_eq!(fs::read(part.join("x/b/notes")).unwrap(), b"mine");
    assert!(!part.join("x/a").exists());
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_is_there_is_kept() {
    let mount = TempDir::new().unwrap();
    let Some(_mounted) = Tmpfs::mount(mount.path(), "4m") else {
        return;
    };
    let sample = Sample::listed("x", &[("x/a", 2 * PIECE_BYTES), ("x/b", PIECE_BYTES)]);
    let mut store = store_into(&mount, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0]).await;
    // Something else takes the space.
    let filler = mount.path().join("filler");
    while fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&filler)
        .and_then(|mut file| file.write_all(&[0; 4096]))
        .is_ok()
    {}
    sample.write(&mut store, 1, &sample.piece(1));
    sample.finish_piece(&mut store, 1);
    match store.next().await {
        StoreInput::SinkFailed { reason, .. } => assert!(reason.contains("full"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let reason = sample.open(&mut store).await.unwrap_err();
    assert!(reason.contains("not enough space"), "{reason}");
    fs::remove_file(filler).unwrap();
    assert_eq!(sample.open(&mut store).await.unwrap(), [0]);
    sample.fill(&mut store, &[1, 2]).await;
    sample.finish(&mut store).await.unwrap();
    sample.assert_is_in(mount.path());
    store.close().await;
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_is_told() {
    let mount = TempDir::new().unwrap();
    let Some(mounted) = Tmpfs::mount(mount.path(), "8m") else {
        return;
    };
    let sample = Sample::new("a", 2 * PIECE_BYTES);
    let mut store = store_into(&mount, &sample);
    sample.open_with_hashes(&mut store).await;
    sample.fill(&mut store, &[0]).await;
    store.close().await;
    mounted.remount("ro");
    let mut store = store_into(&mount, &sample);
    let reason = sample.open(&mut store).await.unwrap_err();
    assert!(reason.contains("read-only"), "{reason}");
    mounted.remount("rw");
    assert_eq!(sample.open(&mut store).await.unwrap(), [0]);
    store.close().await;
}

/// A small disk.
struct Tmpfs<'a>(&'a Path);

impl<'a> Tmpfs<'a> {
    /// `None` if that is not allowed here.
    #[expect(clippy::print_stderr, reason = "whoever runs the tests should know")]
    fn mount(path: &'a Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        let mounted = mount.arg(path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(path));
        }
        eprintln!("skipped: may not mount a disk");
        None
    }

    fn remount(&self, mode: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{mode}")]).arg(self.0);
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Tmpfs<'_> {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn mkfifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}
