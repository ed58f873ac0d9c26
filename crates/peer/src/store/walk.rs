//! What is in the files and folders that somebody wants to offer.

use std::{
    ffi::{OsStr, OsString},
    fs::{File, Metadata, OpenOptions},
    io,
    os::unix::{
        ffi::OsStringExt as _,
        fs::{FileTypeExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FileType, OFlags, Stat};
use snug_protocol::{
    FileName, FilePath,
    limits::{LISTING_ITEMS, PATH_COMPONENTS},
};

use super::{
    directory::{Directory, Missing, Tree},
    source::SourceError,
};
use crate::limits::FOLDER_DEPTH;

/// What there is to offer.
#[derive(Debug)]
pub(super) struct Found {
    /// What it is called.
    pub(super) name: FileName,
    /// Whether it is one file, rather than a folder or several.
    pub(super) is_single: bool,
    pub(super) entries: Vec<Entry>,
    /// Links, pipes, sockets and devices in folders.
    pub(super) left_out: u64,
}

/// A file, or an empty folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: FilePath,
    pub(super) kind: EntryKind,
}

#[derive(Debug)]
pub(super) enum EntryKind {
    Folder,
    File { size: u64, origin: Origin },
}

/// How to open a file again.
#[derive(Debug)]
pub(super) enum Origin {
    /// It stays open.
    Open(Arc<File>),
    /// A person named it.
    Named(PathBuf),
    /// It is in a folder that a person named.
    Below {
        tree: Arc<Tree>,
        folder: PathBuf,
        path: PathBuf,
    },
}

/// Looks at what a person named, and into folders.
pub(super) fn walk(paths: &[PathBuf], abandoned: &dyn Fn() -> bool) -> Result<Found, SourceError> {
    let Some(first) = paths.first() else {
        return Err(SourceError::Nothing);
    };
    let mut walk = Walk {
        entries: Vec::new(),
        left_out: 0,
        abandoned,
    };
    for path in paths {
        walk.add_named(path, paths.len() == 1)?;
    }
    let name = own_name(first);
    let name = match paths.len() - 1 {
        0 => name,
        more => FileName::sanitize(&format!("{name} and {more} more")),
    };
    let is_single = paths.len() == 1 && matches!(&*walk.entries, [entry] if entry.is_open());
    Ok(Found {
        name,
        is_single,
        entries: walk.entries,
        left_out: walk.left_out,
    })
}

struct Walk<'a> {
    entries: Vec<Entry>,
    left_out: u64,
    abandoned: &'a dyn Fn() -> bool,
}

/// A folder that is being looked into.
struct Folder<'a> {
    tree: &'a Arc<Tree>,
    /// As the person named the outermost one.
    named: &'a Path,
    /// From there.
    path: PathBuf,
    names: Vec<FileName>,
}

impl Walk<'_> {
    fn add_named(&mut self, path: &Path, only: bool) -> Result<(), SourceError> {
        let failed = |error| SourceError::open(path, error);
        let metadata = path.metadata().map_err(failed)?;
        let name = own_name(path);
        if !metadata.is_dir() {
            let (file, size) = open_named(path, &metadata)?;
            let origin = if only {
                Origin::Open(Arc::new(file))
            } else {
                Origin::Named(path.to_owned())
            };
            return self.add(&[name], EntryKind::File { size, origin });
        }
        let root = Directory::open(path).map_err(|errno| failed(errno.into()))?;
        let root = Arc::new(root);
        let tree = Arc::new(Tree::new(root.clone()));
        self.add_folder(
            &root,
            &Folder {
                tree: &tree,
                named: path,
                path: PathBuf::new(),
                names: vec![name],
            },
        )
    }

    /// Adds what is in a folder, in the order of the names.
    fn add_folder(
        &mut self,
        directory: &Directory,
        folder: &Folder<'_>,
    ) -> Result<(), SourceError> {
        if (self.abandoned)() {
            return Err(SourceError::Closed);
        }
        let path = folder.named.join(&folder.path);
        if folder.names.len() > FOLDER_DEPTH {
            return Err(SourceError::TooDeep { path });
        }
        let names = names_in(directory).map_err(|error| SourceError::open(&path, error))?;
        let before = self.entries.len();
        for name in names {
            self.add_child(directory, folder, &name)?;
        }
        if self.entries.len() == before {
            self.add(&folder.names, EntryKind::Folder)?;
        }
        Ok(())
    }

    fn add_child(
        &mut self,
        directory: &Directory,
        folder: &Folder<'_>,
        name: &OsStr,
    ) -> Result<(), SourceError> {
        let path = folder.path.join(name);
        let failed =
            |errno: rustix::io::Errno| SourceError::open(&folder.named.join(&path), errno.into());
        let stat = directory.stat(name).map_err(failed)?;
        let mut names = folder.names.clone();
        names.push(FileName::sanitize(&name.to_string_lossy()));
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                let size = size_of(&stat);
                let origin = Origin::Below {
                    tree: folder.tree.clone(),
                    folder: folder.named.to_owned(),
                    path,
                };
                self.add(&names, EntryKind::File { size, origin })
            }
            FileType::Directory => {
                let inner = directory.enter(name).map_err(failed)?;
                self.add_folder(
                    &inner,
                    &Folder {
                        tree: folder.tree,
                        named: folder.named,
                        path,
                        names,
                    },
                )
            }
            _ => {
                self.left_out += 1;
                Ok(())
            }
        }
    }

    fn add(&mut self, names: &[FileName], kind: EntryKind) -> Result<(), SourceError> {
        if self.entries.len() >= LISTING_ITEMS {
            return Err(SourceError::TooMany);
        }
        let path = join(names);
        self.entries.push(Entry { path, kind });
        Ok(())
    }
}

impl Entry {
    const fn is_open(&self) -> bool {
        matches!(
            self.kind,
            EntryKind::File {
                origin: Origin::Open(_),
                ..
            }
        )
    }
}

impl Origin {
    /// Opens the file. In a folder no link is followed.
    pub(super) fn open(&self) -> Result<Arc<File>, SourceError> {
        match self {
            Self::Open(file) => Ok(file.clone()),
            Self::Named(path) => {
                let metadata = path.metadata();
                let metadata = metadata.map_err(|error| SourceError::open(path, error))?;
                Ok(Arc::new(open_named(path, &metadata)?.0))
            }
            Self::Below { tree, path, .. } => {
                let name = path.file_name().unwrap_or_default();
                let opened = tree
                    .enter_parent(path, Missing::Fails)
                    .and_then(|folder| folder.open_file(name, OFlags::RDONLY));
                let failed = |error| SourceError::open(&self.path(), error);
                let file = opened.map_err(|errno| failed(errno.into()))?;
                check_regular(&self.path(), &file.metadata().map_err(failed)?)?;
                Ok(Arc::new(file))
            }
        }
    }

    /// What a person would call it.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::Open(_) => PathBuf::from("the file"),
            Self::Named(path) => path.clone(),
            Self::Below { folder, path, .. } => folder.join(path),
        }
    }
}

/// What a folder has, sorted.
fn names_in(directory: &Directory) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in directory.entries()? {
        let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
        if name == "." || name == ".." {
            continue;
        }
        if names.len() > LISTING_ITEMS {
            // Refused as soon as they are counted.
            break;
        }
        names.push(name);
    }
    names.sort();
    Ok(names)
}

/// A path of at most so many names as one may have: the innermost folders are left out.
fn join(names: &[FileName]) -> FilePath {
    let (last, folders) = names.split_last().expect("everything has a name");
    let folders = folders.iter().take(PATH_COMPONENTS - 1);
    let names = folders.chain([last]).cloned();
    FilePath::join(names).expect("not too many")
}

/// What a person would call what they named: also `.` has a name.
fn own_name(path: &Path) -> FileName {
    let name = path.file_name().map(OsStr::to_owned);
    let name = name.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_owned()));
    FileName::sanitize(&name.unwrap_or_default().to_string_lossy())
}

fn size_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}

/// Opens a regular file, and nothing whose opening would wait or have an effect.
fn open_named(path: &Path, metadata: &Metadata) -> Result<(File, u64), SourceError> {
    let failed = |error| SourceError::open(path, error);
    check_regular(path, metadata)?;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).expect("flags of open(2) are an int");
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(failed)?;
    // It may have become something else in between.
    let metadata = file.metadata().map_err(failed)?;
    check_regular(path, &metadata)?;
    Ok((file, metadata.len()))
}

fn check_regular(path: &Path, metadata: &Metadata) -> Result<(), SourceError> {
    let kind = metadata.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(SourceError::NotAFile {
        path: path.to_owned(),
        what,
    })
}
