//! A transfer on its way in, into a folder or memory, or there.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use snug_protocol::Hash;

use super::{
    Destination, Memory,
    folder::{Checking, FolderSink},
    memory::MemorySink,
    pool::{Buffer, Pool},
    shape::Shape,
};

/// A transfer on its way in. The lanes share it; the driver waits for none of its files.
#[derive(Debug, Default)]
pub(super) struct Sink {
    state: Mutex<State>,
    hashes: Mutex<Hashes>,
    abandoned: AtomicBool,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Closed,
    Memory(Arc<MemorySink>),
    Folder(Arc<FolderSink>),
}

/// What pieces hash to, as far as it is known.
#[derive(Debug)]
enum Hashes {
    Some(BTreeMap<u32, Hash>),
    All(Arc<[Hash]>),
}

/// What is there when a sink has opened.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Pieces, in ascending order.
    pub(super) have: Vec<u32>,
    pub(super) hashes: Option<Arc<[Hash]>>,
}

/// Where a complete transfer is.
#[derive(Debug)]
pub(super) enum Place {
    Memory,
    Path(PathBuf),
}

impl Sink {
    /// Makes room, or goes on where an earlier try left off; `None` if nobody wants it any more.
    pub(super) fn open(
        &self,
        shape: Shape,
        destination: &Destination,
        memory: &Memory,
        report: &dyn Fn(u64, u64),
    ) -> Result<Option<Opened>, SinkError> {
        if shape.listing.size() != shape.manifest.size() {
            return Err(SinkError::Listing);
        }
        let (state, opened) = match destination {
            Destination::Memory => {
                let sink = MemorySink::open(memory, shape)?;
                (State::Memory(Arc::new(sink)), Some(Opened::default()))
            }
            Destination::Folder(path) => {
                let abandoned = &self.abandoned;
                let (sink, opened) =
                    FolderSink::open(shape, path, &Checking { report, abandoned })?;
                (State::Folder(Arc::new(sink)), opened)
            }
        };
        if let Some(hashes) = opened.as_ref().and_then(|opened| opened.hashes.clone()) {
            *self.hashes() = Hashes::All(hashes);
        }
        *self.state() = state;
        Ok(opened)
    }

    /// Keeps a piece that hashes to `hash`; `false` if the sink is closed.
    pub(super) fn write(&self, piece: u32, hash: Hash, bytes: &[u8]) -> Result<bool, SinkError> {
        let written = match self.current() {
            State::Closed => return Ok(false),
            State::Memory(sink) => {
                sink.write(piece, bytes);
                Ok(())
            }
            State::Folder(sink) => sink.write(piece, bytes),
        };
        if let Hashes::Some(hashes) = &mut *self.hashes() {
            hashes.insert(piece, hash);
        }
        if written.is_err() {
            // The pieces that wait would fail one after the other.
            self.suspend();
        }
        written.map(|()| true)
    }

    /// Keeps the hashes of all pieces.
    pub(super) fn keep_hashes(&self, hashes: Arc<[Hash]>) -> Result<(), SinkError> {
        let kept = match self.current() {
            State::Closed | State::Memory(_) => Ok(()),
            State::Folder(sink) => sink.keep_hashes(&hashes),
        };
        *self.hashes() = Hashes::All(hashes);
        kept
    }

    /// Reads a piece that is stored, and checks it again. Of one that is not wanted as a whole the
    /// rest is zero, and it cannot be checked.
    pub(super) fn read(&self, piece: u32, pool: &Pool) -> Result<Read, SinkError> {
        match self.current() {
            State::Closed => Err(SinkError::Abandoned),
            State::Memory(sink) => {
                let mut bytes = buffer(sink.shape(), piece, pool);
                sink.read(piece, &mut bytes)?;
                Ok(Read::of(sink.shape(), piece, bytes))
            }
            State::Folder(sink) => {
                let mut bytes = buffer(sink.shape(), piece, pool);
                sink.read(piece, &mut bytes)?;
                let read = Read::of(sink.shape(), piece, bytes);
                match (&read, self.hash(piece)) {
                    (Read::Whole(bytes), Some(hash))
                        if !sink.shape().manifest.verify_piece(piece, &hash, bytes) =>
                    {
                        Err(SinkError::Changed(sink.shape().name.to_string()))
                    }
                    (Read::Whole(_), None) => Err(SinkError::Abandoned),
                    _ => Ok(read),
                }
            }
        }
    }

    /// Puts everything in its place; `None` if the sink is closed.
    pub(super) fn finish(&self) -> Result<Option<Place>, SinkError> {
        match self.current() {
            State::Closed => Ok(None),
            State::Memory(sink) => {
                sink.finish();
                Ok(Some(Place::Memory))
            }
            State::Folder(sink) => sink.finish().map(|path| Some(Place::Path(path))),
        }
    }

    /// Says that nobody waits for it to open.
    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Stops writing. What a later try could use stays.
    pub(super) fn suspend(&self) {
        if let State::Folder(sink) = self.close() {
            sink.suspend();
        }
    }

    /// Leaves nothing behind that is not in its place.
    pub(super) fn discard(&self) {
        if let State::Folder(sink) = self.close() {
            sink.discard();
        }
    }

    fn close(&self) -> State {
        std::mem::take(&mut *self.state())
    }

    fn hash(&self, piece: u32) -> Option<Hash> {
        match &*self.hashes() {
            Hashes::Some(hashes) => hashes.get(&piece).copied(),
            Hashes::All(hashes) => hashes.get(piece as usize).copied(),
        }
    }

    fn current(&self) -> State {
        self.state().clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hashes(&self) -> MutexGuard<'_, Hashes> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Hashes {
    fn default() -> Self {
        Self::Some(BTreeMap::new())
    }
}

/// A piece as it was read.
#[derive(Debug)]
pub(super) enum Read {
    Whole(Buffer),
    /// Not all of it is wanted.
    Partial(Buffer),
}

impl Read {
    fn of(shape: &Shape, piece: u32, bytes: Buffer) -> Self {
        if shape.is_whole(shape.piece(piece)) {
            Self::Whole(bytes)
        } else {
            Self::Partial(bytes)
        }
    }
}

fn buffer(shape: &Shape, piece: u32, pool: &Pool) -> Buffer {
    let mut bytes = pool.take();
    bytes.truncate(shape.manifest.piece_len(piece));
    // What is left of other files is nobody's business.
    bytes.fill(0);
    bytes
}

/// Why a transfer cannot be stored, for people.
#[derive(Debug, thiserror::Error)]
pub(super) enum SinkError {
    /// The folder is missing, is none or may not be entered.
    #[error("cannot use the folder {}: {}", path.display(), explain(error))]
    Folder { path: PathBuf, error: io::Error },
    #[error("not enough space: {size} bytes are missing, and {free} are free")]
    NoSpace { size: u64, free: u64 },
    #[error("cannot create {name}: {}", explain(error))]
    Create { name: String, error: io::Error },
    #[error("{} is in the way", .0)]
    InTheWay(String),
    #[error("{}", explain(.0))]
    Write(io::Error),
    #[error("cannot read: {}", explain(.0))]
    Read(io::Error),
    #[error("{} was changed by something else", .0)]
    Changed(String),
    #[error("cannot put the file in its place: {}", explain(.0))]
    Place(io::Error),
    #[error("too many files of that name")]
    NameTaken,
    #[error("not all of it has arrived")]
    Incomplete,
    #[error("the files listed are not those that are offered")]
    Listing,
    #[error("the file is larger than the memory cap: {size} bytes where {cap} are allowed")]
    LargerThanMemory { size: u64, cap: u64 },
    #[error("no room in memory: {used} of {cap} bytes are taken, and the file has {size}")]
    MemoryFull { size: u64, used: u64, cap: u64 },
    #[error("there is not that much memory")]
    OutOfMemory,
    #[error("it is not here any more")]
    Abandoned,
}

/// What an error of the system means, without its number.
pub(super) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".into(),
        io::ErrorKind::PermissionDenied => "that is not allowed".into(),
        io::ErrorKind::NotADirectory => "it is not a folder".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        io::ErrorKind::QuotaExceeded => "the quota is used up".into(),
        io::ErrorKind::FileTooLarge => "files of that size are not possible there".into(),
        io::ErrorKind::InvalidFilename => "the name is not possible there".into(),
        io::ErrorKind::UnexpectedEof => "it ends too early".into(),
        _ => error.to_string(),
    }
}
