//! A transfer on its way into a folder.
//!
//! It grows in a folder beside its place ([`Part`]) under the paths that its files will have. What
//! is complete is moved out of it ([`placing`]); what is not stays, and a later try goes on with
//! it ([`checking`]).

mod checking;
mod placing;

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::{fs::OFlags, io::Errno};
use snug_protocol::{Hash, ItemKind, limits::PIECE_BYTES};

use self::checking::Watch;
use super::{
    descriptors::{Access, Descriptors},
    directory::{Directory, Missing, Tree, is_plain},
    journal::{Earlier, Phase},
    part::Part,
    shape::Shape,
    sink::{Opened, SinkError},
    uncached,
};

pub(super) use self::checking::Watch as Checking;

/// A transfer on its way into a folder, or there.
#[derive(Debug)]
pub(super) struct FolderSink {
    shape: Shape,
    part: Part,
    inside: Tree,
    outside: Tree,
    path: PathBuf,
    /// What each file or folder at the top is called where it belongs, once it is there.
    places: RwLock<Vec<Option<String>>>,
    files: Descriptors,
    /// Whether there is anything that a later try could use.
    is_worth_keeping: AtomicBool,
    /// Whether the file system refused to be written to past the cache.
    is_cached: AtomicBool,
}

impl FolderSink {
    /// Makes room, or goes on where an earlier try left off. There is nothing to say when that was
    /// abandoned.
    pub(super) fn open(
        shape: Shape,
        path: &Path,
        watch: &Watch<'_>,
    ) -> Result<(Self, Option<Opened>), SinkError> {
        let destination = Directory::open(path).map_err(|errno| SinkError::Folder {
            path: path.to_owned(),
            error: errno.into(),
        })?;
        let (part, earlier) = Part::open(&destination, &shape)?;
        let sink = Self {
            inside: Tree::new(part.folder.clone()),
            outside: Tree::new(Arc::new(destination)),
            path: path.to_owned(),
            places: RwLock::new(vec![None; shape.tops().len()]),
            files: Descriptors::default(),
            is_worth_keeping: AtomicBool::new(earlier.is_some()),
            is_cached: AtomicBool::new(false),
            shape,
            part,
        };
        let opened = sink.prepare(earlier, watch);
        match opened {
            Ok(opened) => Ok((sink, Some(opened))),
            Err(SinkError::Abandoned) => Ok((sink, None)),
            Err(error) => {
                sink.suspend();
                Err(error)
            }
        }
    }

    fn prepare(&self, earlier: Option<Earlier>, watch: &Watch<'_>) -> Result<Opened, SinkError> {
        let opened = match earlier {
            Some(earlier) => self.resume(earlier, watch)?,
            None => self.begin()?,
        };
        self.is_worth_keeping
            .store(!opened.have.is_empty(), Ordering::Relaxed);
        if self.are_placed() {
            return Ok(opened);
        }
        let pieces = opened.have.iter();
        let there: u64 = pieces
            .map(|piece| self.shape.manifest.piece_len(*piece) as u64)
            .sum();
        self.check_space(self.shape.bytes().saturating_sub(there))?;
        self.reserve()?;
        Ok(opened)
    }

    fn begin(&self) -> Result<Opened, SinkError> {
        let begun = self.part.journal.begin(self.shape.wanted());
        begun.map_err(SinkError::Write)?;
        Ok(Opened::default())
    }

    /// Keeps a piece.
    pub(super) fn write(&self, piece: u32, bytes: &[u8]) -> Result<(), SinkError> {
        for span in self.shape.wanted_spans(piece) {
            let bytes = &bytes[span.bytes];
            if !self.write_uncached(span.item, span.at, bytes)? {
                let file = self.file(span.item, Access::Write)?;
                let written = file.write_all_at(bytes, span.at);
                written.map_err(SinkError::Write)?;
            }
        }
        let noted = self.part.journal.note_stored(piece, true);
        noted.map_err(SinkError::Write)?;
        self.is_worth_keeping.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Writes past the system's cache; `false` if that is not to be.
    fn write_uncached(&self, item: usize, at: u64, bytes: &[u8]) -> Result<bool, SinkError> {
        let size = self.shape.item(item).size();
        if !uncached::suits(size, at, bytes) || self.is_cached.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let opened = self.file(item, Access::WriteUncached);
        let written = opened.map(|file| file.write_all_at(bytes, at));
        match written {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) if error.kind() != io::ErrorKind::InvalidInput => {
                Err(SinkError::Write(error))
            }
            // If there is more to it, the ordinary way says so.
            Ok(Err(_)) | Err(_) => {
                self.is_cached.store(true, Ordering::Relaxed);
                Ok(false)
            }
        }
    }

    /// Reads what is wanted of a piece; the rest of `bytes` stays as it is.
    pub(super) fn read(&self, piece: u32, bytes: &mut [u8]) -> Result<(), SinkError> {
        for span in self.shape.wanted_spans(piece) {
            let file = self.file(span.item, Access::Read)?;
            file.read_exact_at(&mut bytes[span.bytes], span.at)
                .map_err(SinkError::Read)?;
        }
        Ok(())
    }

    pub(super) fn keep_hashes(&self, hashes: &[Hash]) -> Result<(), SinkError> {
        let noted = self.part.journal.note_hashes(hashes);
        noted.map_err(SinkError::Write)
    }

    /// Stops writing. What is there stays, if there is anything.
    pub(super) fn suspend(&self) {
        if !self.is_worth_keeping.load(Ordering::Relaxed) {
            self.discard();
        }
    }

    /// Removes what was written and is not in its place.
    pub(super) fn discard(&self) {
        if self.are_placed() {
            return;
        }
        self.files.close_all();
        self.remove_items(self.shape.items());
        self.part.remove(self.outside.root());
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Removes the files of these items, and the folders that are empty without them.
    fn remove_items(&self, items: impl Iterator<Item = usize>) {
        let mut folders = BTreeSet::new();
        for item in items {
            let item = self.shape.item(item);
            let path = Path::new(item.path.as_str());
            folders.extend(path.ancestors().skip(1));
            match item.kind {
                ItemKind::Folder => _ = folders.insert(path),
                ItemKind::File { .. } => {
                    if let Ok(folder) = self.inside.enter_parent(path, Missing::Fails) {
                        _ = folder.remove_file(path.file_name().unwrap_or_default());
                    }
                }
            }
        }
        // The innermost first. Nothing is removed that has something in it.
        for path in folders.into_iter().rev() {
            if let Some(name) = path.file_name()
                && let Ok(folder) = self.inside.enter_parent(path, Missing::Fails)
            {
                _ = folder.remove_folder(name);
            }
        }
        self.inside.forget();
    }

    fn check_space(&self, size: u64) -> Result<(), SinkError> {
        match self.outside.root().free_bytes() {
            Some(free) if size > free => Err(SinkError::NoSpace { size, free }),
            // If it does not tell, the writes will.
            _ => Ok(()),
        }
    }

    /// Gives large files their size, so that what cannot be shows at once.
    fn reserve(&self) -> Result<(), SinkError> {
        for item in self.unplaced() {
            let size = self.shape.item(item).size();
            if size > PIECE_BYTES as u64 {
                let file = self.file(item, Access::Write)?;
                file.set_len(size).map_err(SinkError::Write)?;
            }
        }
        Ok(())
    }

    /// Opens the file of an item, wherever it is now.
    fn file(&self, item: usize, access: Access) -> Result<Arc<File>, SinkError> {
        if let Some(file) = self.files.find(item, access) {
            return Ok(file);
        }
        // Held while opening, so that the file is not moved meanwhile.
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        let path = self.shape.item(item).path.as_str();
        let opened = match &places[self.shape.top_of(item)] {
            Some(place) => open(&self.outside, &moved(path, place), Access::Read),
            None => open(&self.inside, Path::new(path), access),
        };
        drop(places);
        let failed = |errno| match errno {
            Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::MLINK | Errno::NOTDIR => {
                SinkError::InTheWay(path.to_owned())
            }
            errno => SinkError::Create {
                name: path.to_owned(),
                error: errno.into(),
            },
        };
        let file = Arc::new(opened.map_err(failed)?);
        let metadata = file.metadata().map_err(SinkError::Read)?;
        let size = self.shape.item(item).size();
        if access == Access::Write && metadata.len() > size {
            // Left by something else. What belongs here comes.
            file.set_len(size).map_err(SinkError::Write)?;
        }
        self.files.add(item, access, file.clone());
        Ok(file)
    }

    fn are_placed(&self) -> bool {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        let mut tops = places.iter().zip(self.shape.wanted_tops());
        !places.is_empty() && tops.all(|(place, wanted)| place.is_some() || !wanted)
    }
}

/// Opens a file that nobody knows by another name.
fn open(tree: &Tree, path: &Path, access: Access) -> Result<File, Errno> {
    let (missing, flags) = match access {
        Access::Read => (Missing::Fails, OFlags::RDONLY),
        Access::Write => (Missing::IsMade, OFlags::RDWR | OFlags::CREATE),
        Access::WriteUncached => (Missing::Fails, uncached::FLAGS.ok_or(Errno::INVAL)?),
    };
    let folder = tree.enter_parent(path, missing)?;
    let file = folder.open_file(path.file_name().unwrap_or_default(), flags)?;
    if access != Access::Read && !is_plain(&rustix::fs::fstat(&file)?) {
        // Writing to it would change it elsewhere, too.
        return Err(Errno::MLINK);
    }
    Ok(file)
}

/// A path under another name at the top.
fn moved(path: &str, top: &str) -> PathBuf {
    match path.split_once('/') {
        Some((_, below)) => Path::new(top).join(below),
        None => PathBuf::from(top),
    }
}
