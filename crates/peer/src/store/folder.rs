//! Files in a folder, through a handle on it: nobody can put another folder in its place.
//!
//! A file grows under the name `<name>.<transfer>.part`, and gets its own name only when it is
//! complete and on the disk. No symbolic link is followed, except those in the path of the folder
//! itself, which a person chose.

use std::{
    fs::File,
    os::{fd::OwnedFd, unix::fs::FileExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat},
    io::Errno,
};
use snug_protocol::{FileName, TransferId, limits::PIECE_BYTES};

use super::sink::SinkError;
use crate::limits::NAME_TRIES;

/// A folder that files go into.
#[derive(Debug)]
pub(super) struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

/// A file that is not complete. Dropping it removes it.
#[derive(Debug)]
pub(super) struct PartFile {
    folder: Folder,
    file: File,
    part: String,
    name: FileName,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, SinkError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(path, flags, Mode::empty());
        let handle = opened.map_err(|errno| SinkError::Folder {
            path: path.to_owned(),
            error: errno.into(),
        })?;
        let path = path.to_owned();
        Ok(Self { handle, path })
    }

    /// Makes room for a file of `size` bytes.
    pub(super) fn create_part(
        self,
        name: &FileName,
        transfer: TransferId,
        size: u64,
    ) -> Result<PartFile, SinkError> {
        self.check_space(size)?;
        for number in 1..=NAME_TRIES {
            let part = part_name(name, transfer, number);
            let Some(file) = self.open_part(&part)? else {
                continue;
            };
            let part = PartFile {
                folder: self,
                file,
                part,
                name: name.clone(),
            };
            part.file.set_len(0).map_err(SinkError::Write)?;
            part.file.set_len(size).map_err(SinkError::Write)?;
            return Ok(part);
        }
        Err(SinkError::NameTaken)
    }

    fn check_space(&self, size: u64) -> Result<(), SinkError> {
        let Ok(stat) = rustix::fs::fstatvfs(&self.handle) else {
            return Ok(());
        };
        if stat.f_blocks == 0 {
            // It does not tell, as some that are on a network. The writes will.
            return Ok(());
        }
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if size > free {
            return Err(SinkError::NoSpace { size, free });
        }
        Ok(())
    }

    /// Opens a `.part` for ourselves: a fresh one, or one that a crash left behind. `None` if
    /// somebody writes to it.
    fn open_part(&self, part: &str) -> Result<Option<File>, SinkError> {
        let error = |errno: Errno| SinkError::Create {
            name: part.to_owned(),
            error: errno.into(),
        };
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let fresh = flags | OFlags::CREATE | OFlags::EXCL;
        let opened = match rustix::fs::openat(&self.handle, part, fresh, mode) {
            Err(Errno::EXIST) => match rustix::fs::openat(&self.handle, part, flags, mode) {
                // Removed between the two tries, by whoever was writing to it.
                Err(Errno::NOENT) => return Ok(None),
                // A symbolic link, a folder or a socket.
                Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::MLINK) => {
                    return Err(SinkError::InTheWay(part.to_owned()));
                }
                opened => opened.map_err(error)?,
            },
            opened => opened.map_err(error)?,
        };
        let stat = rustix::fs::fstat(&opened).map_err(error)?;
        // Emptying a file with another name would empty it there, too.
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 1 {
            return Err(SinkError::InTheWay(part.to_owned()));
        }
        let locked = rustix::fs::flock(&opened, FlockOperation::NonBlockingLockExclusive);
        if locked == Err(Errno::WOULDBLOCK) || !self.is_still(part, &stat) {
            return Ok(None);
        }
        Ok(Some(opened.into()))
    }

    /// Whether a name still means the file that was opened.
    fn is_still(&self, name: &str, opened: &Stat) -> bool {
        let now = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
        now.is_ok_and(|now| (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino))
    }

    /// Renames without replacing anything.
    fn rename(&self, from: &str, to: &str) -> rustix::io::Result<()> {
        let (dir, flags) = (&self.handle, RenameFlags::NOREPLACE);
        match rustix::fs::renameat_with(dir, from, dir, to, flags) {
            // File systems without the flag, such as NFS, have links.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                rustix::fs::linkat(dir, from, dir, to, AtFlags::empty())?;
                rustix::fs::unlinkat(dir, from, AtFlags::empty())
            }
            renamed => renamed,
        }
    }
}

impl PartFile {
    pub(super) fn write(&self, piece: u32, bytes: &[u8]) -> Result<(), SinkError> {
        let offset = u64::from(piece) * PIECE_BYTES as u64;
        self.file
            .write_all_at(bytes, offset)
            .map_err(SinkError::Write)
    }

    /// Brings the file to the disk and gives it its name, or the next one that is free.
    pub(super) fn finish(self) -> Result<PathBuf, SinkError> {
        self.file.sync_all().map_err(SinkError::Write)?;
        for number in 1..=NAME_TRIES {
            let name = numbered(self.name.as_str(), number);
            match self.folder.rename(&self.part, &name) {
                Ok(()) => {
                    // Where folders cannot be synchronised, they need not be.
                    _ = rustix::fs::fsync(&self.folder.handle);
                    return Ok(self.folder.path.join(name));
                }
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(SinkError::Place(errno.into())),
            }
        }
        Err(SinkError::NameTaken)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // After `finish` the name is gone or, once in a blue moon, somebody else's.
        if let Ok(stat) = rustix::fs::fstat(&self.file)
            && self.folder.is_still(&self.part, &stat)
        {
            _ = rustix::fs::unlinkat(&self.folder.handle, &self.part, AtFlags::empty());
        }
    }
}

/// The name of a file that is not complete. Two peers may receive one file into one folder.
fn part_name(name: &FileName, transfer: TransferId, number: u32) -> String {
    let [a, b, c, d, ..] = transfer.as_bytes();
    let id = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
    match number {
        1 => format!("{name}.{id}.part"),
        _ => format!("{name}.{id}-{number}.part"),
    }
}

/// `name (2).ext`, and `name.ext` for number one.
fn numbered(name: &str, number: u32) -> String {
    match (number, name.rfind('.')) {
        (1, _) => name.to_owned(),
        (_, Some(dot)) if dot > 0 => format!("{} ({number}){}", &name[..dot], &name[dot..]),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_before_the_extension() {
        assert_eq!(numbered("a.tar.gz", 1), "a.tar.gz");
        assert_eq!(numbered("a.tar.gz", 2), "a.tar (2).gz");
        assert_eq!(numbered("README", 3), "README (3)");
    }

    #[test]
    fn names_fit_the_common_file_systems() {
        let name = FileName::sanitize(&"x".repeat(1000));
        let transfer = TransferId::from_bytes([0xff; 16]);
        assert!(part_name(&name, transfer, NAME_TRIES).len() <= 255);
        assert!(numbered(name.as_str(), NAME_TRIES).len() <= 255);
    }
}
