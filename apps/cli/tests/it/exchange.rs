//! Those who send and receive, and their folders.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    member::{Member, run},
    server::TestServer,
};

pub(crate) const MIB: usize = 1024 * 1024;

/// Starts a sender, and waits until the code may be passed on.
pub(crate) async fn sending(
    server: &TestServer,
    files: &[PathBuf],
    more: &[&str],
) -> (Member, String) {
    let files: Vec<String> = files.iter().map(|path| text(path)).collect();
    let files = files.iter().map(String::as_str);
    let args: Vec<&str> = ["send"]
        .into_iter()
        .chain(files)
        .chain(more.iter().copied())
        .collect();
    let mut member = Member::start(&server.url, &args);
    let code = member.until("room").await["code"]
        .as_str()
        .unwrap()
        .to_owned();
    member.until("ready").await;
    (member, code)
}

/// Receives to the end, without JSON.
pub(crate) async fn receiving(
    server: &TestServer,
    code: &str,
    into: &Folder,
) -> (i32, String, String) {
    let save = text(into.path());
    run(
        &["receive", code, "--save", &save, "--server", &server.url],
        "",
    )
    .await
}

pub(crate) fn receiver(server: &TestServer, code: &str, into: &Folder) -> Member {
    Member::start(
        &server.url,
        &["receive", code, "--save", &text(into.path())],
    )
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A folder that goes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes a file of noise, no MiB of which is like another.
    pub(crate) fn file(&self, name: &str, len: usize) -> PathBuf {
        let mut state = len as u64 + 1;
        let noise = std::iter::repeat_with(|| {
            // xorshift64 (Marsaglia 2003)
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        let mut block: Vec<u8> = noise.flatten().take(len.min(MIB)).collect();
        let path = self.path().join(name);
        let mut file = fs::File::create(&path).unwrap();
        for start in (0..len).step_by(MIB) {
            let number = start.to_le_bytes();
            let marked = number.len().min(block.len());
            block[..marked].copy_from_slice(&number[..marked]);
            let end = block.len().min(len - start);
            file.write_all(&block[..end]).unwrap();
        }
        path
    }

    pub(crate) fn has_all(&self, files: &[PathBuf]) {
        for file in files {
            let name = file.file_name().unwrap();
            let (sent, got) = (
                fs::read(file).unwrap(),
                fs::read(self.path().join(name)).unwrap(),
            );
            assert!(sent == got, "{} is not what was sent", name.display());
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}
