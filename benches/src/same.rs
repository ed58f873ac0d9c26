//! Whether what arrived is what was sent.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Result, ensure};

const CHUNK: usize = 1024 * 1024;

/// Compares two files, or two folders with all that is in them, byte by byte.
pub(crate) fn ensure_same(copy: &Path, original: &Path) -> Result<()> {
    if original.is_dir() {
        return ensure_same_folder(copy, original);
    }
    let mut copy_bytes = BufReader::with_capacity(CHUNK, File::open(copy)?);
    let mut bytes = BufReader::with_capacity(CHUNK, File::open(original)?);
    loop {
        let (here, there) = (copy_bytes.fill_buf()?, bytes.fill_buf()?);
        let len = here.len().min(there.len());
        ensure!(
            here[..len] == there[..len] && here.is_empty() == there.is_empty(),
            "{} is not what was sent",
            copy.display()
        );
        if len == 0 {
            return Ok(());
        }
        copy_bytes.consume(len);
        bytes.consume(len);
    }
}

fn ensure_same_folder(copy: &Path, original: &Path) -> Result<()> {
    let names = names_in(original)?;
    ensure!(
        names_in(copy)? == names,
        "{} has other files than were sent",
        copy.display()
    );
    for name in names {
        ensure_same(&copy.join(&name), &original.join(&name))?;
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<BTreeSet<OsString>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name()));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_same_byte_for_byte_passes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            path
        };
        let long = vec![7; CHUNK + 1];
        let original = file("a/x", &long);
        ensure_same(&file("b/x", &long), &original).unwrap();
        for (name, bytes) in [("short", &long[..CHUNK]), ("empty", &[][..])] {
            assert!(
                ensure_same(&file(name, bytes), &original).is_err(),
                "{name}"
            );
        }
        assert!(ensure_same(&original, &file("empty", b"")).is_err());
        let mut other = long;
        other[CHUNK] = 8;
        assert!(ensure_same(&file("other", &other), &original).is_err());

        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        ensure_same(&b, &a).unwrap();
        file("b/y", b"more");
        assert!(ensure_same(&b, &a).is_err());
        file("a/y", b"else");
        assert!(ensure_same(&b, &a).is_err());
    }
}
