//! Files that are open, of many that could be.

use std::{
    collections::VecDeque,
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::limits::OPEN_FILES;

/// The files of one transfer that were used last. The one that was not used for longest is closed
/// when there are too many.
#[derive(Debug, Default)]
pub(super) struct Descriptors(Mutex<VecDeque<Open>>);

#[derive(Debug)]
struct Open {
    item: usize,
    access: Access,
    file: Arc<File>,
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// To read as well. Makes it, and its folders, if need be.
    Write,
    /// What suits that only: see [`uncached`](super::uncached).
    WriteUncached,
}

impl Access {
    fn allows(self, wanted: Self) -> bool {
        self == wanted || self == Self::Write && wanted == Self::Read
    }
}

impl Descriptors {
    pub(super) fn find(&self, item: usize, access: Access) -> Option<Arc<File>> {
        let mut open = self.open();
        let at = open
            .iter()
            .position(|open| open.item == item && open.access.allows(access))?;
        let found = open.remove(at)?;
        let file = found.file.clone();
        open.push_front(found);
        Some(file)
    }

    pub(super) fn add(&self, item: usize, access: Access, file: Arc<File>) {
        let mut open = self.open();
        open.push_front(Open { item, access, file });
        let closed = (open.len() > OPEN_FILES).then(|| open.pop_back());
        // Closing may wait for a network, and nobody should wait for it.
        drop(open);
        drop(closed);
    }

    pub(super) fn close_all(&self) {
        let closed = std::mem::take(&mut *self.open());
        drop(closed);
    }

    fn open(&self) -> MutexGuard<'_, VecDeque<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
