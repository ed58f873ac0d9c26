//! Several files and folders in one transfer.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use proptest::{prelude::*, test_runner::TestCaseError};
use snug_protocol::{Attributes, FilePath, Item, ItemKind, limits::PIECE_BYTES};
use tempfile::TempDir;

use crate::fixture::{Sample, names, only_entry, store_into};

#[tokio::test]
async fn files_share_pieces_and_empty_ones_are_made() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed(
        "album",
        &[
            ("album/a.jpg", 5),
            ("album/deep/er/b.jpg", PIECE_BYTES + 7),
            ("album/deep/empty", 0),
            ("album/nothing here/", 0),
            ("album/z", 3),
        ],
    );
    let mut store = store_into(&folder, &sample);
    let place = sample.receive(&mut store).await.unwrap().unwrap();
    assert_eq!(Path::new(&place), folder.path().join("album"));
    sample.assert_is_in(folder.path());
    assert_eq!(names(&folder), ["album"]);
}

#[tokio::test]
async fn nothing_but_empty_files_and_folders_is_a_transfer_too() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", 0), ("x/b/", 0)]);
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
}

#[tokio::test]
async fn several_at_the_top_are_numbered_one_by_one() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("b"), "mine").unwrap();
    fs::create_dir(folder.path().join("c")).unwrap();
    let sample = Sample::listed(
        "a and 2 more",
        &[("a", 3), ("b", 4), ("c/d", 5), ("c/e", 6)],
    );
    let mut store = store_into(&folder, &sample);
    let place = sample.receive(&mut store).await.unwrap().unwrap();
    assert_eq!(Path::new(&place), folder.path());
    assert_eq!(names(&folder), ["a", "b", "b (2)", "c", "c (2)"]);
    assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "mine");
    assert!(fs::read(folder.path().join("c (2)/e")).unwrap() == sample.item(3));
}

#[tokio::test]
async fn only_what_is_wanted_is_made() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed(
        "x",
        &[
            ("x/a", PIECE_BYTES),
            ("x/b", 10),
            ("x/c/d", 2 * PIECE_BYTES),
            ("x/e/", 0),
            ("x/f/g", 0),
        ],
    );
    for wanted in [&[1][..], &[0, 4], &[2, 3], &[3], &[]] {
        let sample = sample.only(wanted);
        let mut store = store_into(&folder, &sample);
        sample.receive(&mut store).await.unwrap();
        sample.assert_is_in(folder.path());
        store.close().await;
        _ = fs::remove_dir_all(folder.path().join("x"));
        assert!(names(&folder).is_empty(), "{wanted:?}");
    }
}

#[tokio::test]
async fn what_has_not_all_arrived_is_not_put_in_its_place() {
    let folder = TempDir::new().unwrap();
    let sample = Sample::listed("x", &[("x/a", PIECE_BYTES), ("x/b", 10)]);
    let mut store = store_into(&folder, &sample);
    sample.open(&mut store).await.unwrap();
    sample.fill(&mut store, &[0]).await;
    let reason = sample.finish(&mut store).await.unwrap_err();
    assert!(reason.contains("not all of it"), "{reason}");
    assert_eq!(names(&folder), [sample.part()]);
}

#[tokio::test]
async fn times_and_the_executable_bit_arrive() {
    let folder = TempDir::new().unwrap();
    let item = |path: &str, size, modified, executable| Item {
        path: FilePath::sanitize(path),
        kind: ItemKind::File {
            size,
            attributes: Attributes {
                modified,
                executable,
            },
        },
    };
    let sample = Sample::of_items(
        "x",
        vec![
            item("x/run", 9, Some(1_000_000_007), true),
            item("x/plain", 9, Some(-5), false),
            item("x/empty", 0, Some(77), true),
            item("x/now", 9, None, false),
            item("x/far", 9, Some(1 << 53), false),
        ],
    );
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    let stat = |name: &str| fs::metadata(folder.path().join("x").join(name)).unwrap();
    assert_eq!(stat("run").mtime(), 1_000_000_007);
    assert_eq!(stat("plain").mtime(), -5);
    assert_eq!(stat("empty").mtime(), 77);
    for (name, executable) in [("run", true), ("plain", false), ("empty", true)] {
        let mode = stat(name).permissions().mode();
        assert_eq!(mode & 0o100 != 0, executable, "{name}: {mode:o}");
        // Only those may run it who may read it, and nobody gets to write to it.
        assert_eq!((mode & 0o111) & !((mode & 0o444) >> 2), 0);
        assert_eq!(mode & 0o7022, 0);
    }
}

#[tokio::test]
async fn names_at_the_limits_fit() {
    let folder = TempDir::new().unwrap();
    let long = "n".repeat(300);
    let deep = format!("{}/f", vec![long.as_str(); 30].join("/"));
    let sample = Sample::listed(&long, &[(&deep, 10), (&format!("{long}/x"), 1)]);
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    // A second one of that name.
    store.close().await;
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    assert_eq!(names(&folder).len(), 2);
}

#[tokio::test]
async fn ten_thousand_small_files_arrive() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<String> = (0..10_000).map(|n| format!("x/{}/{n}", n % 7)).collect();
    let items: Vec<(&str, usize)> = paths.iter().map(|path| (path.as_str(), 64)).collect();
    let sample = Sample::listed("x", &items);
    let mut store = store_into(&folder, &sample);
    sample.receive(&mut store).await.unwrap();
    sample.assert_is_in(folder.path());
    only_entry(&folder);
}

#[derive(Debug, Clone)]
enum Step {
    Store(u32),
    Suspend,
    Close,
}

fn items() -> impl Strategy<Value = Vec<(String, usize)>> {
    let name = "[a-c]/[a-d]|[a-d]|[ab]/[ab]/[a-e]/";
    let size = prop_oneof![Just(0), 1_usize..5000, (PIECE_BYTES - 9)..(PIECE_BYTES + 9)];
    prop::collection::vec((name, size), 1..12)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u32..8).prop_map(Step::Store),
        1 => Just(Step::Suspend),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_between_files_are_byte_exact(
        items in items(),
        steps in steps(),
        wanted in prop::option::of(prop::collection::vec(0_usize..12, 0..6)),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(survives(&items, &steps, wanted))?;
    }
}

async fn survives(
    items: &[(String, usize)],
    steps: &[Step],
    wanted: Option<Vec<usize>>,
) -> Result<(), TestCaseError> {
    let folder = TempDir::new().unwrap();
    let items: Vec<(&str, usize)> = items
        .iter()
        .map(|(path, size)| (path.as_str(), *size))
        .collect();
    let mut sample = Sample::listed("all", &items);
    if let Some(wanted) = wanted {
        sample = sample.only(&wanted);
    }
    let mut store = store_into(&folder, &sample);
    let mut have = sample.open_with_hashes(&mut store).await;
    let needed = sample.needed();
    for step in steps {
        match step {
            Step::Store(piece) if needed.contains(piece) && !have.contains(piece) => {
                sample.fill(&mut store, &[*piece]).await;
                have.push(*piece);
            }
            Step::Store(_) => {}
            Step::Suspend | Step::Close => {
                if matches!(step, Step::Close) {
                    store.close().await;
                    store = store_into(&folder, &sample);
                } else {
                    sample.suspend(&mut store);
                }
                let kept = sample.open_with_hashes(&mut store).await;
                // Pieces that are only partly wanted cannot be checked, and come again.
                prop_assert!(kept.iter().all(|piece| have.contains(piece)));
                if sample.selection == snug_session::Selection::All {
                    prop_assert_eq!(kept.len(), have.len());
                }
                have = kept;
            }
        }
    }
    let missing: Vec<u32> = needed
        .into_iter()
        .filter(|piece| !have.contains(piece))
        .collect();
    sample.fill(&mut store, &missing).await;
    sample.finish(&mut store).await.unwrap();
    store.close().await;
    sample.assert_is_in(folder.path());
    prop_assert!(names(&folder).iter().all(|name| !name.contains(".part")));
    Ok(())
}
