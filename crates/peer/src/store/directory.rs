//! Folders by their handles: nobody can put another folder in their place, and no symbolic link
//! below them is followed.

use std::{
    fs::File,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, UTIME_OMIT,
    },
    io::{Errno, Result},
    path::Arg,
};

/// A handle on a folder.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

/// A folder and those below it, entered by their names. Remembers the last, since files are mostly
/// handled in the order of their paths.
#[derive(Debug)]
pub(super) struct Tree {
    root: Arc<Directory>,
    last: Mutex<Option<(PathBuf, Arc<Directory>)>>,
}

/// Whether folders that are missing are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Fails,
    IsMade,
}

impl Directory {
    /// Opens a folder that a person chose, links in its path included.
    pub(super) fn open(path: &Path) -> Result<Self> {
        rustix::fs::open(path, FOLDER, Mode::empty()).map(Self)
    }

    /// Opens a folder in this one.
    pub(super) fn enter(&self, name: impl Arg) -> Result<Self> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        rustix::fs::openat(&self.0, name, flags, Mode::empty()).map(Self)
    }

    pub(super) fn make(&self, name: impl Arg, mode: Mode) -> Result<()> {
        rustix::fs::mkdirat(&self.0, name, mode)
    }

    /// Opens what is no link, and nothing whose opening would wait.
    pub(super) fn open_file(&self, name: impl Arg, access: OFlags) -> Result<File> {
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        rustix::fs::openat(&self.0, name, flags, mode).map(File::from)
    }

    /// What is there under a name: the link itself, if it is one.
    pub(super) fn stat(&self, name: impl Arg) -> Result<Stat> {
        rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Whether a name still means the file that was opened.
    pub(super) fn is_still(&self, name: impl Arg, file: &File) -> bool {
        let (now, opened) = (self.stat(name), rustix::fs::fstat(file));
        matches!((now, opened), (Ok(now), Ok(opened))
            if (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino))
    }

    /// Whether this process made the folder, or could have.
    pub(super) fn is_own(&self) -> bool {
        let owner = rustix::fs::fstat(&self.0).map(|stat| stat.st_uid);
        owner == Ok(rustix::process::geteuid().as_raw())
    }

    pub(super) fn is_empty(&self) -> bool {
        let Ok(entries) = self.entries() else {
            return false;
        };
        let named = |name: &[u8]| !matches!(name, b"." | b"..");
        !entries
            .flatten()
            .any(|entry| named(entry.file_name().to_bytes()))
    }

    pub(super) fn entries(&self) -> Result<Dir> {
        Dir::read_from(&self.0)
    }

    pub(super) fn remove_file(&self, name: impl Arg) -> Result<()> {
        rustix::fs::unlinkat(&self.0, name, AtFlags::empty())
    }

    /// Removes a folder that is empty.
    pub(super) fn remove_folder(&self, name: impl Arg) -> Result<()> {
        rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)
    }

    /// Says when a file was last changed: seconds since the Unix epoch.
    pub(super) fn set_modified(&self, name: impl Arg, seconds: i64) -> Result<()> {
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: seconds,
                tv_nsec: 0,
            },
        };
        rustix::fs::utimensat(&self.0, name, &times, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Moves a file or folder to another folder, and replaces nothing there.
    pub(super) fn rename(&self, from: &str, folder: &Self, to: &str) -> Result<()> {
        match rustix::fs::renameat_with(&self.0, from, &folder.0, to, RenameFlags::NOREPLACE) {
            // File systems without the flag, such as NFS.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                self.rename_plainly(from, folder, to)
            }
            renamed => renamed,
        }
    }

    fn rename_plainly(&self, from: &str, folder: &Self, to: &str) -> Result<()> {
        if is(&self.stat(from)?, FileType::Directory) {
            // It can only replace the empty folder that was just made, or fail.
            folder.make(to, PRIVATE)?;
            return rustix::fs::renameat(&self.0, from, &folder.0, to).inspect_err(|_| {
                _ = folder.remove_folder(to);
            });
        }
        rustix::fs::linkat(&self.0, from, &folder.0, to, AtFlags::empty())?;
        self.remove_file(from)
    }

    /// Brings the names in this folder to the disk.
    pub(super) fn sync(&self) -> Result<()> {
        rustix::fs::fsync(&self.0)
    }

    /// Brings everything on the same file system to the disk.
    #[cfg(target_os = "linux")]
    pub(super) fn sync_file_system(&self) -> Result<()> {
        rustix::fs::syncfs(&self.0)
    }

    /// Not possible here.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn sync_file_system(&self) -> Result<()> {
        Err(Errno::NOTSUP)
    }

    /// Bytes that this user may still write; `None` where nobody knows, as on some networks.
    pub(super) fn free_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::fstatvfs(&self.0).ok()?;
        (stat.f_blocks != 0).then(|| stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

impl Tree {
    pub(super) fn new(root: Arc<Directory>) -> Self {
        let last = Mutex::default();
        Self { root, last }
    }

    pub(super) fn root(&self) -> &Directory {
        &self.root
    }

    /// Enters the folder that holds what `path` names.
    pub(super) fn enter_parent(&self, path: &Path, missing: Missing) -> Result<Arc<Directory>> {
        let folders = path.parent().unwrap_or(path);
        if folders.as_os_str().is_empty() {
            return Ok(self.root.clone());
        }
        if let Some((entered, directory)) = &*self.last()
            && entered == folders
        {
            return Ok(directory.clone());
        }
        let mut directory = self.root.clone();
        for name in folders {
            directory = Arc::new(enter(&directory, name, missing)?);
        }
        *self.last() = Some((folders.to_owned(), directory.clone()));
        Ok(directory)
    }

    /// Lets go of the folder that was entered last.
    pub(super) fn forget(&self) {
        *self.last() = None;
    }

    fn last(&self) -> MutexGuard<'_, Option<(PathBuf, Arc<Directory>)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is of this type.
pub(super) fn is(stat: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
}

/// Whether it is a regular file that has no other name, so that writing to it changes nothing
/// elsewhere.
pub(super) fn is_plain(stat: &Stat) -> bool {
    is(stat, FileType::RegularFile) && stat.st_nlink <= 1
}

fn enter(directory: &Directory, name: impl Arg + Copy, missing: Missing) -> Result<Directory> {
    match directory.enter(name) {
        Err(Errno::NOENT) if missing == Missing::IsMade => {
            match directory.make(name, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => directory.enter(name),
                Err(errno) => Err(errno),
            }
        }
        entered => entered,
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// For what nobody else should see.
pub(super) const PRIVATE: Mode = Mode::RWXU;
