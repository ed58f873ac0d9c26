//! The folder in which an unfinished transfer grows.

use std::{fs::File, sync::Arc};

use rustix::{
    fs::{FlockOperation, OFlags},
    io::Errno,
};

use super::{
    directory::{Directory, PRIVATE, is_plain},
    journal::{Earlier, Found, Journal},
    shape::Shape,
    sink::SinkError,
};
use crate::limits::NAME_TRIES;

/// A folder `<name>.<transfer>.part` with a journal in it, which is locked: nobody else writes
/// there.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    pub(super) folder: Arc<Directory>,
    pub(super) journal: Journal,
}

impl Part {
    /// Makes the folder, or opens the one that an earlier try left.
    pub(super) fn open(
        destination: &Directory,
        shape: &Shape,
    ) -> Result<(Self, Option<Earlier>), SinkError> {
        for number in 1..=NAME_TRIES {
            let name = part_name(shape, number);
            let claimed = claim(destination, &name, shape);
            let claimed = claimed.map_err(|errno| SinkError::Create {
                name: name.clone(),
                error: errno.into(),
            })?;
            if let Some((folder, journal, earlier)) = claimed {
                let folder = Arc::new(folder);
                return Ok((
                    Self {
                        name,
                        folder,
                        journal,
                    },
                    earlier,
                ));
            }
        }
        Err(SinkError::NameTaken)
    }

    /// Removes the journal, and the folder if nothing is left in it.
    pub(super) fn remove(&self, destination: &Directory) {
        if self.folder.is_still(JOURNAL, self.journal.file()) {
            _ = self.folder.remove_file(JOURNAL);
        }
        _ = destination.remove_folder(&self.name);
    }
}

type Claimed = (Directory, Journal, Option<Earlier>);

/// Takes a folder for ourselves; `None` if it is somebody else's, or may be.
fn claim(destination: &Directory, name: &str, shape: &Shape) -> Result<Option<Claimed>, Errno> {
    let fresh = match destination.make(name, PRIVATE) {
        Ok(()) => true,
        Err(Errno::EXIST) => false,
        Err(errno) => return Err(errno),
    };
    let folder = match destination.enter(name) {
        // A link, a file, or removed since by whoever used it.
        Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK | Errno::NOENT | Errno::ACCESS) => {
            return Ok(None);
        }
        entered => entered?,
    };
    if !fresh && !folder.is_own() {
        return Ok(None);
    }
    let Some(file) = open_journal(&folder)? else {
        return Ok(None);
    };
    let journal = Journal::new(file, shape);
    match journal.read(shape) {
        Ok(Found::Earlier(earlier)) => Ok(Some((folder, journal, Some(earlier)))),
        Ok(Found::Blank) => Ok(Some((folder, journal, None))),
        Ok(Found::Foreign) | Err(_) => Ok(None),
    }
}

/// Opens and locks the journal; `None` if it is in use, or no file of ours.
fn open_journal(folder: &Directory) -> Result<Option<File>, Errno> {
    let file = match folder.open_file(JOURNAL, OFlags::RDWR) {
        Err(Errno::NOENT) if folder.is_empty() => {
            match folder.open_file(JOURNAL, OFlags::RDWR | OFlags::CREATE) {
                // The folder itself was removed, by whoever used it.
                Err(Errno::NOENT) => return Ok(None),
                opened => opened?,
            }
        }
        // A link, a folder, a socket, or files without a journal.
        Err(Errno::NOENT | Errno::LOOP | Errno::MLINK | Errno::ISDIR | Errno::NXIO) => {
            return Ok(None);
        }
        Err(Errno::ACCESS | Errno::OPNOTSUPP) => return Ok(None),
        opened => opened?,
    };
    if !rustix::fs::fstat(&file).is_ok_and(|stat| is_plain(&stat)) {
        return Ok(None);
    }
    // Where locks are unknown, as on some networks, nobody has one.
    let locked = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
    if locked == Err(Errno::WOULDBLOCK) || !folder.is_still(JOURNAL, &file) {
        return Ok(None);
    }
    Ok(Some(file))
}

/// Two peers may receive one transfer into one folder.
fn part_name(shape: &Shape, number: u32) -> String {
    let [a, b, c, d, ..] = shape.transfer.as_bytes();
    let (name, id) = (&shape.name, format!("{a:02x}{b:02x}{c:02x}{d:02x}"));
    match number {
        1 => format!("{name}.{id}.part"),
        _ => format!("{name}.{id}-{number}.part"),
    }
}

/// A name that no [`FilePath`](snug_protocol::FilePath) has: those begin with no dot.
const JOURNAL: &str = ".journal";
