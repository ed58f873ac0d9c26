//! Files kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use snug_protocol::{TransferId, limits::PIECE_BYTES};

use super::sink::SinkError;

/// Received files that stay in memory until somebody takes them. Clones share them.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    cap: u64,
    /// Bytes of the files that are there or on their way.
    used: u64,
    files: HashMap<TransferId, Bytes>,
}

/// A file on its way into memory.
#[derive(Debug)]
pub(super) struct MemoryFile {
    memory: Memory,
    bytes: Vec<u8>,
}

impl Memory {
    /// Takes files of up to `cap` bytes in all.
    pub fn new(cap: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            cap,
            used: 0,
            files: HashMap::new(),
        })))
    }

    /// Gives a complete file away.
    pub fn take(&self, transfer: TransferId) -> Option<Bytes> {
        let mut state = self.state();
        let file = state.files.remove(&transfer)?;
        state.used -= file.len() as u64;
        Some(file)
    }

    /// Makes room for a file.
    pub(super) fn open(&self, size: u64) -> Result<MemoryFile, SinkError> {
        let len = usize::try_from(size).map_err(|_| SinkError::OutOfMemory)?;
        self.reserve(size)?;
        // The system hands out zeros as they are touched: a claim alone costs nothing.
        let bytes = vec![0; len];
        let memory = self.clone();
        Ok(MemoryFile { memory, bytes })
    }

    fn reserve(&self, size: u64) -> Result<(), SinkError> {
        let mut state = self.state();
        let cap = state.cap;
        if size > cap {
            return Err(SinkError::LargerThanMemory { size, cap });
        }
        let used = state.used;
        if size > cap - used {
            return Err(SinkError::MemoryFull { size, used, cap });
        }
        state.used += size;
        Ok(())
    }

    fn release(&self, size: u64) {
        self.state().used -= size;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryFile {
    pub(super) fn write(&mut self, piece: u32, bytes: &[u8]) {
        let start = piece as usize * PIECE_BYTES;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn finish(mut self, transfer: TransferId) {
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        let memory = self.memory.clone();
        let mut state = memory.state();
        if let Some(older) = state.files.insert(transfer, bytes) {
            state.used -= older.len() as u64;
        }
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        self.memory.release(self.bytes.len() as u64);
    }
}
