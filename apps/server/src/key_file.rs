//! Where the key of the resume tokens is kept between two runs.

use std::{
    env, fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use snug_server::ResumeKey;
use tracing::{info, warn};

/// The key from `SNUG_KEY`, the file named, or the usual file, in this order.
///
/// Only the usual file may fail to be had: then the key lives and dies with this process.
pub(crate) fn provide(key: Option<&str>, file: Option<&Path>) -> anyhow::Result<ResumeKey> {
    find(key, file, load_or_create)
}

/// Looks for the key as [`provide`] does, but makes no file: it would belong to whoever checks,
/// and the server might not be able to read it.
pub(crate) fn check(key: Option<&str>, file: Option<&Path>) -> anyhow::Result<()> {
    let read = |file: &Path| Ok(load(file)?.unwrap_or_else(ResumeKey::random));
    find(key, file, read).map(drop)
}

fn find(
    key: Option<&str>,
    file: Option<&Path>,
    read: impl Fn(&Path) -> anyhow::Result<ResumeKey>,
) -> anyhow::Result<ResumeKey> {
    if let Some(key) = key {
        return ResumeKey::parse(key).context("SNUG_KEY is not a key");
    }
    if let Some(file) = file {
        return read(file).with_context(|| format!("cannot use the key file {}", file.display()));
    }
    let usual = usual_file().context("no HOME, XDG_STATE_HOME or STATE_DIRECTORY is set");
    usual.and_then(|file| read(&file)).or_else(|error| {
        warn!(
            error = format!("{error:#}"),
            "the key is kept in memory only: after a restart nobody gets back into a room; \
             name a file with --key-file"
        );
        Ok(ResumeKey::random())
    })
}

/// Where state belongs: what systemd says, what the XDG base directories say, or home.
fn usual_file() -> Option<PathBuf> {
    let path = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let ours = path("STATE_DIRECTORY").or_else(|| {
        let state =
            path("XDG_STATE_HOME").or_else(|| path("HOME").map(|home| home.join(".local/state")));
        state.map(|state| state.join("snug"))
    });
    ours.map(|ours| ours.join("server.key"))
}

fn load_or_create(file: &Path) -> anyhow::Result<ResumeKey> {
    load(file)?.map_or_else(|| create(file), Ok)
}

/// Reads the key, if the file is there.
fn load(file: &Path) -> anyhow::Result<Option<ResumeKey>> {
    match fs::read_to_string(file) {
        Ok(text) => {
            warn_if_open(file);
            let key = ResumeKey::parse(&text).context("its content is not a key")?;
            Ok(Some(key))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a fresh key so that nobody ever sees half of it, then reads what is there: another
/// process may have been faster.
fn create(file: &Path) -> anyhow::Result<ResumeKey> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    let written = write_private(&draft, &format!("{}\n", ResumeKey::random().to_hex()))
        .and_then(|()| fs::hard_link(&draft, file));
    let _ = fs::remove_file(&draft);
    match written {
        Ok(()) => info!("made a key file"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    ResumeKey::parse(&fs::read_to_string(file)?).context("its content is not a key")
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whoever reads the key can take anyone's seat.
fn warn_if_open(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
        if mode & 0o077 != 0 {
            warn!("others can read the key file; its mode should be 600");
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}
