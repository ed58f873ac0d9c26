//! Transfers kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use snug_protocol::{FilePath, TransferId};

use super::{
    shape::{Shape, Span},
    sink::SinkError,
};

/// What was received into memory and stays there until somebody takes it. Clones share it.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    cap: u64,
    /// Bytes of what is there or on its way.
    used: u64,
    transfers: HashMap<TransferId, Kept>,
}

/// A transfer that is complete.
#[derive(Debug)]
struct Kept {
    bytes: u64,
    /// For each item its bytes, if it is a file that is wanted.
    files: Vec<Option<(FilePath, Bytes)>>,
}

/// A transfer on its way into memory.
#[derive(Debug)]
pub(super) struct MemorySink {
    memory: Memory,
    shape: Shape,
    /// For each item its bytes, until all are complete.
    files: Mutex<Option<Vec<Vec<u8>>>>,
}

impl Memory {
    /// Takes up to `cap` bytes in all.
    pub fn new(cap: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            cap,
            used: 0,
            transfers: HashMap::new(),
        })))
    }

    /// Gives a complete transfer of one file away.
    pub fn take(&self, transfer: TransferId) -> Option<Bytes> {
        let mut state = self.state();
        let kept = state.transfers.get(&transfer)?;
        let mut files = kept.files.iter().flatten();
        let (Some((_, only)), None) = (files.next(), files.next()) else {
            return None;
        };
        let only = only.clone();
        state.remove(transfer);
        Some(only)
    }

    /// Gives the files of a complete transfer away, with their paths.
    pub fn take_all(&self, transfer: TransferId) -> Option<Vec<(FilePath, Bytes)>> {
        let kept = self.state().remove(transfer)?;
        Some(kept.files.into_iter().flatten().collect())
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

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove(&mut self, transfer: TransferId) -> Option<Kept> {
        let kept = self.transfers.remove(&transfer)?;
        self.used -= kept.bytes;
        Some(kept)
    }
}

impl MemorySink {
    /// Makes room for what is wanted.
    pub(super) fn open(memory: &Memory, shape: Shape) -> Result<Self, SinkError> {
        memory.reserve(shape.bytes())?;
        let mut sink = Self {
            memory: memory.clone(),
            files: Mutex::new(Some(Vec::new())),
            shape,
        };
        let shape = &sink.shape;
        let items = 0..shape.wanted().len();
        let size = |item| {
            let size = if shape.is_wanted(item) {
                shape.item(item).size()
            } else {
                0
            };
            usize::try_from(size)
        };
        // The system hands out zeros as they are touched: a claim alone costs nothing.
        let files = items.map(|item| Ok(vec![0; size(item).map_err(|_| SinkError::OutOfMemory)?]));
        let files = files.collect::<Result<_, SinkError>>()?;
        sink.files = Mutex::new(Some(files));
        Ok(sink)
    }

    pub(super) fn write(&self, piece: u32, bytes: &[u8]) {
        if let Some(files) = &mut *self.files() {
            for span in self.shape.wanted_spans(piece) {
                cut(&span, &mut files[span.item]).copy_from_slice(&bytes[span.bytes]);
            }
        }
    }

    /// Reads what is wanted of a piece; the rest of `bytes` stays as it is.
    pub(super) fn read(&self, piece: u32, bytes: &mut [u8]) -> Result<(), SinkError> {
        let mut files = self.files();
        if let Some(files) = &mut *files {
            for span in self.shape.wanted_spans(piece) {
                bytes[span.bytes.clone()].copy_from_slice(cut(&span, &mut files[span.item]));
            }
            return Ok(());
        }
        drop(files);
        let state = self.memory.state();
        let kept = state.transfers.get(&self.shape.transfer);
        let kept = kept.ok_or(SinkError::Abandoned)?;
        for span in self.shape.wanted_spans(piece) {
            let (_, file) = kept.files[span.item].as_ref().ok_or(SinkError::Abandoned)?;
            let at = usize::try_from(span.at).map_err(|_| SinkError::Abandoned)?;
            let from = file.get(at..at + span.bytes.len());
            bytes[span.bytes].copy_from_slice(from.ok_or(SinkError::Abandoned)?);
        }
        Ok(())
    }

    /// Leaves what has arrived for somebody to take.
    pub(super) fn finish(&self) {
        // Held until they are there again, so that whoever reads finds them.
        let mut unfinished = self.files();
        let Some(files) = unfinished.take() else {
            return;
        };
        let files = files.into_iter().enumerate().map(|(at, bytes)| {
            let item = self.shape.item(at);
            let is_kept = self.shape.is_wanted(at) && item.is_file();
            is_kept.then(|| (item.path.clone(), Bytes::from(bytes)))
        });
        let kept = Kept {
            bytes: self.shape.bytes(),
            files: files.collect(),
        };
        let mut state = self.memory.state();
        // An older copy, that nobody has taken.
        state.remove(self.shape.transfer);
        state.transfers.insert(self.shape.transfer, kept);
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    fn files(&self) -> MutexGuard<'_, Option<Vec<Vec<u8>>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MemorySink {
    fn drop(&mut self) {
        let unfinished = self.files().take().is_some();
        if unfinished {
            self.memory.state().used -= self.shape.bytes();
        }
    }
}

/// The bytes of a file that a span is about.
fn cut<'a>(span: &Span, file: &'a mut [u8]) -> &'a mut [u8] {
    let at = usize::try_from(span.at).expect("it fits into memory");
    &mut file[at..at + span.bytes.len()]
}
