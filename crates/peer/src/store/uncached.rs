//! Writing past the system's cache of files.
//!
//! A large file in that cache pushes everything else out of it, and costs a copy of each byte;
//! and what is still in it at the end has to be waited for. So what is large, and lies as disks
//! want it, goes to the disk from where it was put together.

use rustix::fs::OFlags;

use crate::limits::UNCACHED_FROM;

/// What memory, places and lengths are multiples of: a page, which no disk asks more than.
pub(super) const GRAIN: usize = 4096;

/// How a file is opened for it, where that is possible. Not every file system takes it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) const FLAGS: Option<OFlags> = Some(OFlags::RDWR.union(OFlags::DIRECT));
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) const FLAGS: Option<OFlags> = None;

/// Whether these bytes of a file of `size` bytes should be written that way, and can be.
pub(super) fn suits(size: u64, at: u64, bytes: &[u8]) -> bool {
    let grain = GRAIN as u64;
    FLAGS.is_some()
        && size >= UNCACHED_FROM
        && at.is_multiple_of(grain)
        && bytes.len().is_multiple_of(GRAIN)
        && bytes.as_ptr().align_offset(GRAIN) == 0
}

#[cfg(test)]
mod tests {
    use super::{super::pool::Pool, *};

    #[test]
    fn buffers_of_the_pool_suit() {
        let pool = Pool::new(2 * GRAIN, 1);
        for _ in 0..3 {
            let buffer = pool.take();
            assert_eq!(suits(UNCACHED_FROM, 0, &buffer), FLAGS.is_some());
        }
    }

    #[test]
    fn what_lies_across_pages_does_not() {
        let buffer = Pool::new(2 * GRAIN, 1).take();
        assert!(!suits(UNCACHED_FROM, 1, &buffer));
        assert!(!suits(UNCACHED_FROM, 0, &buffer[1..]));
        assert!(!suits(UNCACHED_FROM, 0, &buffer[..=GRAIN]));
        assert!(!suits(UNCACHED_FROM - 1, 0, &buffer));
    }
}
