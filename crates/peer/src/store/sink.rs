//! A file on its way in, in a folder or in memory.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use snug_protocol::{Offer, TransferId};

use super::{
    Destination, Memory,
    folder::{Folder, PartFile},
    memory::MemoryFile,
};

/// A file on its way in. The lanes share it; the driver never locks it.
#[derive(Debug, Default)]
pub(super) struct Sink(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Memory(MemoryFile),
    Folder(PartFile),
}

/// Where a complete file is.
#[derive(Debug)]
pub(super) enum Place {
    Memory,
    Path(PathBuf),
}

impl Sink {
    pub(super) fn open(
        &self,
        transfer: TransferId,
        offer: &Offer,
        destination: &Destination,
        memory: &Memory,
    ) -> Result<(), SinkError> {
        let size = offer.manifest.size();
        let opened = match destination {
            Destination::Memory => State::Memory(memory.open(size)?),
            Destination::Folder(path) => {
                let folder = Folder::open(path)?;
                State::Folder(folder.create_part(&offer.name, transfer, size)?)
            }
        };
        *self.state() = opened;
        Ok(())
    }

    /// Keeps a piece; `false` if the file was discarded.
    pub(super) fn write(&self, piece: u32, bytes: &[u8]) -> Result<bool, SinkError> {
        let mut state = self.state();
        let written = match &mut *state {
            State::Closed => return Ok(false),
            State::Memory(file) => {
                file.write(piece, bytes);
                Ok(())
            }
            State::Folder(file) => file.write(piece, bytes),
        };
        if written.is_err() {
            // The pieces that wait would fail one after the other.
            *state = State::Closed;
        }
        written.map(|()| true)
    }

    /// Puts the file in its place; `None` if it was discarded.
    pub(super) fn finish(&self, transfer: TransferId) -> Result<Option<Place>, SinkError> {
        match std::mem::take(&mut *self.state()) {
            State::Closed => Ok(None),
            State::Memory(file) => {
                file.finish(transfer);
                Ok(Some(Place::Memory))
            }
            State::Folder(file) => file.finish().map(|path| Some(Place::Path(path))),
        }
    }

    /// Leaves nothing behind.
    pub(super) fn discard(&self) {
        let discarded = std::mem::take(&mut *self.state());
        drop(discarded);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A file that panicked halfway is still closed by whoever drops it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a file cannot be stored, for people.
#[derive(Debug, thiserror::Error)]
pub(super) enum SinkError {
    /// The folder is missing, is none or may not be entered.
    #[error("cannot use the folder {}: {}", path.display(), explain(error))]
    Folder { path: PathBuf, error: io::Error },
    #[error("not enough space: the file has {size} bytes, and {free} are free")]
    NoSpace { size: u64, free: u64 },
    #[error("cannot create {name}: {}", explain(error))]
    Create { name: String, error: io::Error },
    #[error("{} is in the way", .0)]
    InTheWay(String),
    #[error("cannot write: {}", explain(.0))]
    Write(io::Error),
    #[error("cannot put the file in its place: {}", explain(.0))]
    Place(io::Error),
    #[error("too many files of that name")]
    NameTaken,
    #[error("the file is larger than the memory cap: {size} bytes where {cap} are allowed")]
    LargerThanMemory { size: u64, cap: u64 },
    #[error("no room in memory: {used} of {cap} bytes are taken, and the file has {size}")]
    MemoryFull { size: u64, used: u64, cap: u64 },
    #[error("there is not that much memory")]
    OutOfMemory,
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
        _ => error.to_string(),
    }
}
