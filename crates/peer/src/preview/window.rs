//! A file of which only so much is read, wherever its headers point.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// The first `size` bytes of a file, for a reader that is not trusted to come to an end.
#[derive(Debug)]
pub(super) struct Window<R> {
    file: R,
    size: u64,
    at: u64,
    left: u64,
}

impl<R: Read + Seek> Window<R> {
    /// Lets `budget` bytes be read; every read costs [`READ_COST`] besides.
    pub(super) const fn new(file: R, size: u64, budget: u64) -> Self {
        Self {
            file,
            size,
            at: 0,
            left: budget,
        }
    }

    /// Where all of it lies.
    pub(super) const fn whole(&self) -> Range<u64> {
        0..self.size
    }

    /// Reads the first bytes of a part, `most` at most; `None` when they cannot be read.
    pub(super) fn prefix(&mut self, part: &Range<u64>, most: usize) -> Option<Vec<u8>> {
        let len = part.end.min(self.size).checked_sub(part.start)?;
        let len = usize::try_from(len).map_or(most, |len| len.min(most));
        let mut bytes = vec![0; len];
        self.seek(SeekFrom::Start(part.start)).ok()?;
        self.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let until_end = self.size.saturating_sub(self.at);
        if until_end == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let Some(left @ 1..) = self.left.checked_sub(READ_COST) else {
            return Err(io::Error::other("the file wants to be read for too long"));
        };
        let len = usize::try_from(until_end.min(left)).unwrap_or(usize::MAX);
        let len = len.min(buffer.len());
        let read = self.file.read(&mut buffer[..len])?;
        self.at += read as u64;
        self.left = left - read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Window<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.at = self.file.seek(SeekFrom::Start(at))?;
        Ok(self.at)
    }
}

/// What a read costs of the budget, whatever it brings: about what a system call takes, in the
/// time in which bytes are copied.
const READ_COST: u64 = 1024;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn nothing_beyond_the_size_is_read() {
        let mut window = Window::new(Cursor::new(b"abcdef"), 4, u64::MAX);
        let mut read = String::new();
        window.read_to_string(&mut read).unwrap();
        assert_eq!(read, "abcd");
        assert_eq!(window.prefix(&(2..9), 9), Some(b"cd".to_vec()));
        assert_eq!(window.prefix(&(5..9), 9), None);
        assert_eq!(window.seek(SeekFrom::End(-1)).unwrap(), 3);
        window.seek(SeekFrom::Current(-4)).unwrap_err();
    }

    #[test]
    fn small_reads_use_the_budget_up() {
        let mut window = Window::new(Cursor::new([0; 8]), 8, 3 * (READ_COST + 1));
        for _ in 0..3 {
            assert!(window.prefix(&(0..1), 1).is_some());
        }
        assert_eq!(window.prefix(&(0..1), 1), None);
    }

    #[test]
    fn a_large_read_ends_with_the_budget() {
        let mut window = Window::new(Cursor::new([0; 64]), 64, READ_COST + 10);
        let mut read = Vec::new();
        window.read_to_end(&mut read).unwrap_err();
        assert_eq!(read.len(), 10);
    }
}
