//! Measures the store alone: hashing what is offered, storing what is received, and checking what
//! an earlier try left.
//!
//! ```text
//! cargo bench -p snug-peer --bench store -- [--files 10000] [--mib 1024] [--in /var/tmp]
//! ```
//!
//! Prints files a second for many files of 4 KiB, and MiB a second for one large file.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures and reports"
)]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use snug_peer::{
    Destination,
    store::{Memory, Source, Store},
};
use snug_protocol::{Listing, limits::PIECE_BYTES};
use snug_session::{LinkId, Selection, Source as Offered, StoreInput, StoreOutput};
use tempfile::TempDir;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let options = Options::read();
    let outer = TempDir::new_in(&options.folder)?;
    let (many, large) = (outer.path().join("many"), outer.path().join("large"));
    fs::create_dir(&many)?;
    for n in 0..options.files {
        let folder = many.join((n % 100).to_string());
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(n.to_string()), sample(4096, n))?;
    }
    fs::write(&large, sample(options.mib * PIECE_BYTES, 1))?;
    for (path, unit, amount) in [(many, "files", options.files), (large, "MiB", options.mib)] {
        println!("{amount} {unit}");
        measure(&path, unit, amount).await?;
    }
    Ok(())
}

async fn measure(path: &Path, unit: &str, amount: usize) -> Outcome {
    let into = TempDir::new_in(path.parent().ok_or("no parent")?)?;
    let (offered, source) = timed("hashed", unit, amount, || {
        Source::hash(&[path.to_owned()], |_| {}, || false)
    })?;
    let transfer = offered.offer.transfer();
    let listing = match offered.offer.own_listing() {
        Some(own) => own,
        None => Listing::decode(&offered.listing)?,
    };
    let listing = Arc::new(listing);
    let mut sending = Store::new(Memory::new(0));
    sending.add_source(transfer, source);
    let mut store = open(&offered, &listing, into.path()).await?.0;
    let start = Instant::now();
    for piece in 0..offered.offer.manifest.pieces() {
        let link = LinkId(1);
        sending.execute(StoreOutput::ReadPiece {
            transfer,
            piece,
            link,
        });
        let StoreInput::PieceRead { bytes, .. } = sending.next().await else {
            return Err("not read".into());
        };
        put(&mut store, &offered, piece, &bytes);
        let stored = store.next().await;
        if !matches!(stored, StoreInput::PieceStored { .. }) {
            return Err(format!("{stored:?}").into());
        }
    }
    report("read and stored", unit, amount, start.elapsed());
    store.close().await;
    let start = Instant::now();
    let (mut store, have) = open(&offered, &listing, into.path()).await?;
    report("checked", unit, amount, start.elapsed());
    assert_eq!(have, offered.hashes.len(), "all is found again");
    let start = Instant::now();
    store.execute(StoreOutput::FinishSink { transfer });
    let finished = store.next().await;
    report("put in its place", unit, amount, start.elapsed());
    assert!(
        matches!(finished, StoreInput::SinkFinished { .. }),
        "{finished:?}"
    );
    Ok(())
}

/// Opens a store for it; how many pieces are there.
async fn open(offered: &Offered, listing: &Arc<Listing>, folder: &Path) -> Outcome<(Store, usize)> {
    let transfer = offered.offer.transfer();
    let mut store = Store::new(Memory::new(0));
    store.set_destination(transfer, Destination::Folder(folder.to_owned()));
    store.execute(StoreOutput::OpenSink {
        transfer,
        offer: offered.offer.clone(),
        listing: listing.clone(),
        selection: Selection::All,
    });
    let have = loop {
        match store.next().await {
            StoreInput::SinkChecking { .. } => {}
            StoreInput::SinkOpened { have, .. } => break have.len(),
            other => return Err(format!("{other:?}").into()),
        }
    };
    let hashes = offered.hashes.clone();
    store.execute(StoreOutput::KeepHashes { transfer, hashes });
    Ok((store, have))
}

fn put(store: &mut Store, offered: &Offered, piece: u32, bytes: &Bytes) {
    let transfer = offered.offer.transfer();
    for (block, offset) in bytes.chunks(32 * 1024).zip((0..).step_by(32 * 1024)) {
        store.execute(StoreOutput::WriteBlock {
            transfer,
            piece,
            offset,
            bytes: bytes.slice_ref(block),
        });
    }
    store.execute(StoreOutput::FinishPiece {
        transfer,
        piece,
        expected: offered.hashes[piece as usize],
    });
}

fn timed<T>(what: &str, unit: &str, amount: usize, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    report(what, unit, amount, start.elapsed());
    done
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report(what: &str, unit: &str, amount: usize, took: Duration) {
    let rate = amount as f64 / took.as_secs_f64();
    println!("  {what}: {rate:.0} {unit}/s ({took:.2?})");
}

/// Bytes that are not all the same.
fn sample(len: usize, seed: usize) -> Vec<u8> {
    let block: Vec<u8> = (0..8192_usize)
        .map(|at| at.wrapping_mul(seed + 31).to_le_bytes()[1])
        .collect();
    block.into_iter().cycle().take(len).collect()
}

struct Options {
    files: usize,
    mib: usize,
    folder: PathBuf,
}

impl Options {
    fn read() -> Self {
        let arguments: Vec<String> = env::args().collect();
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1)
        };
        let number = |name: &str| value(name)?.parse().ok();
        Self {
            files: number("--files").unwrap_or(10_000),
            mib: number("--mib").unwrap_or(1024),
            folder: value("--in").map_or_else(env::temp_dir, PathBuf::from),
        }
    }
}
