//! What is sent.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;
use rand::{Rng, SeedableRng, rngs::SmallRng};

/// Writes a file of `mib` MiB that does not compress.
pub(crate) fn write(folder: &Path, mib: u64) -> Result<PathBuf> {
    let path = folder.join("sample.bin");
    let mut file = File::create(&path)?;
    let mut rng = SmallRng::seed_from_u64(1);
    let mut chunk = vec![0; 1024 * 1024];
    for _ in 0..mib {
        rng.fill_bytes(&mut chunk);
        file.write_all(&chunk)?;
    }
    file.sync_all()?;
    Ok(path)
}

/// Writes a folder of `count` files of `bytes` each that do not compress.
pub(crate) fn write_folder(parent: &Path, count: usize, bytes: usize) -> Result<PathBuf> {
    let folder = parent.join("sample");
    fs::create_dir(&folder)?;
    let mut rng = SmallRng::seed_from_u64(1);
    let mut content = vec![0; bytes];
    for number in 0..count {
        rng.fill_bytes(&mut content);
        fs::write(folder.join(format!("{number:05}.bin")), &content)?;
    }
    Ok(folder)
}
