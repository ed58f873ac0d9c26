//! How a complete transfer gets into its place.

use std::{
    collections::BTreeSet,
    fs::Permissions,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLockWriteGuard},
};

use rustix::io::Errno;
use snug_protocol::{Attributes, FileName, ItemKind};

use super::{Access, FolderSink, Missing, Phase, SinkError};
use crate::{
    limits::{NAME_TRIES, SYNC_EACH},
    store::directory::is_plain,
};

impl FolderSink {
    /// Brings everything to the disk and gives it its name, or the next one that is free. Says
    /// where it is: the file or folder, or the folder that they are in if there are several.
    pub(in crate::store) fn finish(&self) -> Result<PathBuf, SinkError> {
        for item in self.unplaced() {
            self.complete(item)?;
        }
        self.sync()?;
        let noted = self.part.journal.note_phase(Phase::Placing);
        noted.map_err(SinkError::Write)?;
        for (top, wanted) in self.shape.wanted_tops().into_iter().enumerate() {
            if wanted && self.places_mut()[top].is_none() {
                self.place(top)?;
            }
        }
        // Where folders cannot be synchronised, they need not be.
        _ = self.outside.root().sync();
        self.part.remove(self.outside.root());
        self.inside.forget();
        Ok(self.place_of_all())
    }

    /// The wanted items that are still here.
    pub(super) fn unplaced(&self) -> Vec<usize> {
        let places = self.places_mut();
        let items = self.shape.items();
        items
            .filter(|item| places[self.shape.top_of(*item)].is_none())
            .collect()
    }

    /// Makes what has no bytes, and gives a file its time and mode.
    fn complete(&self, item: usize) -> Result<(), SinkError> {
        let path = &self.shape.item(item).path;
        let failed = |errno: Errno| SinkError::Create {
            name: path.to_string(),
            error: errno.into(),
        };
        match self.shape.item(item).kind {
            ItemKind::Folder => {
                let inside = Path::new(path.as_str()).join("x");
                let entered = self.inside.enter_parent(&inside, Missing::IsMade);
                entered.map(drop).map_err(failed)
            }
            ItemKind::File { size, attributes } => {
                if size == 0 {
                    self.file(item, Access::Write)?;
                }
                self.set_attributes(item, size, attributes)
            }
        }
    }

    fn set_attributes(
        &self,
        item: usize,
        size: u64,
        attributes: Attributes,
    ) -> Result<(), SinkError> {
        let path = Path::new(self.shape.item(item).path.as_str());
        let name = path.file_name().unwrap_or_default();
        let changed = || SinkError::Changed(path.display().to_string());
        let folder = self.inside.enter_parent(path, Missing::Fails);
        let folder = folder.map_err(|_| changed())?;
        let stat = folder.stat(name).map_err(|_| changed())?;
        let length = u64::try_from(stat.st_size).unwrap_or(0);
        if !is_plain(&stat) || length < size {
            return Err(changed());
        }
        if length > size {
            // Left by something else, behind what was checked.
            let file = self.file(item, Access::Write)?;
            file.set_len(size).map_err(SinkError::Write)?;
        }
        if attributes.executable
            && let Ok(file) = self.file(item, Access::Write)
        {
            let mode = file.metadata().map_or(0, |metadata| metadata.mode());
            let may_run = Permissions::from_mode(mode | (mode & 0o444) >> 2);
            // Not every file system has modes.
            _ = file.set_permissions(may_run);
        }
        if let Some(modified) = attributes.modified {
            // Nor all times.
            _ = folder.set_modified(name, modified);
        }
        Ok(())
    }

    /// Brings what is here to the disk, one by one if it is little and all at once if that is
    /// possible.
    fn sync(&self) -> Result<(), SinkError> {
        let items = self.unplaced();
        let files: Vec<usize> = items
            .into_iter()
            .filter(|item| self.shape.item(*item).is_file())
            .collect();
        if files.len() > SYNC_EACH && self.inside.root().sync_file_system().is_ok() {
            return Ok(());
        }
        let mut folders = BTreeSet::from([Path::new("x")]);
        for item in files {
            let file = self.file(item, Access::Read)?;
            rustix::fs::fsync(&file).map_err(|errno| SinkError::Write(errno.into()))?;
            let path = Path::new(self.shape.item(item).path.as_str());
            let parents = path.ancestors();
            folders.extend(parents.filter(|path| path.file_name().is_some()));
        }
        for path in folders {
            if let Ok(folder) = self.inside.enter_parent(path, Missing::Fails) {
                _ = folder.sync();
            }
        }
        // On Apple systems this alone empties the disk's own cache, for all of the above.
        self.part
            .journal
            .file()
            .sync_all()
            .map_err(SinkError::Write)
    }

    /// Moves a file or folder from the top to its place.
    fn place(&self, top: usize) -> Result<(), SinkError> {
        let name = &self.shape.tops()[top];
        for number in 1..=NAME_TRIES {
            let place = numbered(name, number);
            let noted = self.part.journal.note_number(top, number);
            noted.map_err(SinkError::Write)?;
            let (inside, outside) = (self.inside.root(), self.outside.root());
            let mut places = self.places_mut();
            match inside.rename(name.as_str(), outside, place.as_str()) {
                Ok(()) => {
                    places[top] = Some(place.as_str().to_owned());
                    return Ok(());
                }
                Err(Errno::EXIST | Errno::NOTEMPTY) => {}
                Err(errno) => return Err(SinkError::Place(errno.into())),
            }
        }
        Err(SinkError::NameTaken)
    }

    fn place_of_all(&self) -> PathBuf {
        let places = self.places_mut();
        let mut placed = places.iter().flatten();
        match (placed.next(), placed.next()) {
            (Some(only), None) => self.path.join(only),
            _ => self.path.clone(),
        }
    }

    pub(super) fn places_mut(&self) -> RwLockWriteGuard<'_, Vec<Option<String>>> {
        self.places.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name itself, and `name (2).ext` for number two.
pub(super) fn numbered(name: &FileName, number: u32) -> FileName {
    match number {
        0 | 1 => name.clone(),
        _ => name.numbered(number),
    }
}
