//! Buffers that are used again and again, each at the beginning of a page.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::uncached::GRAIN;

/// Buffers of one size. A piece is large enough that fresh memory for each would be felt.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shelf>);

struct Shelf {
    spare: Mutex<Vec<Vec<u8>>>,
    bytes: usize,
    limit: usize,
}

/// A buffer that goes back to its pool when dropped. What it holds at first is undefined.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    len: usize,
    pool: Pool,
}

impl Pool {
    /// Keeps up to `limit` buffers of `bytes` bytes.
    pub(super) fn new(bytes: usize, limit: usize) -> Self {
        let spare = Mutex::default();
        Self(Arc::new(Shelf {
            spare,
            bytes,
            limit,
        }))
    }

    pub(super) fn take(&self) -> Buffer {
        let spare = self.spare().pop();
        let bytes = spare.unwrap_or_else(|| vec![0; self.0.bytes + GRAIN]);
        Buffer {
            start: bytes.as_ptr().align_offset(GRAIN).min(GRAIN),
            bytes,
            len: self.0.bytes,
            pool: self.clone(),
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffer {
    /// Makes the buffer show its first `len` bytes only.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut spare = self.pool.spare();
        if spare.len() < self.pool.0.limit {
            spare.push(std::mem::take(&mut self.bytes));
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..][..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..][..self.len]
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.len)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({} spare)", self.spare().len())
    }
}
