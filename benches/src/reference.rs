//! Plain copies of a file from one process to another, to compare with.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::{
    cost::{Cost, Meter},
    same::ensure_same,
    server::beside,
    usage::children_seconds,
};

/// A way to copy, other than through a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A TCP connection, without encryption.
    Tcp,
    /// A QUIC stream, by quinn.
    Quic,
    /// A data channel, by libdatachannel.
    Libdatachannel,
}

impl Reference {
    /// Whether it was built, which takes what not every machine has.
    pub(crate) fn is_there(self) -> bool {
        self.program().is_ok()
    }

    /// Copies `file` within its folder, and takes the copy away again.
    pub(crate) fn copy(self, file: &Path) -> Result<Cost> {
        let folder = file.with_file_name("copies");
        fs::create_dir(&folder)?;
        let before = children_seconds();
        let mut receiver = self
            .side("copy-receive")?
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(receiver.stdout.take().context("piped")?).lines();
        let port = next(&mut lines)?;
        let mut sender = self.side("copy-send")?.arg(&port).arg(file).spawn()?;
        let meter = Meter::watch(before, sender.id(), receiver.id());
        let seconds = next(&mut lines)?.parse()?;
        ensure!(
            sender.wait()?.success() && receiver.wait()?.success(),
            "the copy failed"
        );
        let cost = meter.total(seconds);
        ensure_same(&folder.join("copy"), file)?;
        fs::remove_dir_all(&folder)?;
        Ok(cost)
    }

    /// The command for one side of it, short of its arguments.
    fn side(self, side: &str) -> Result<Command> {
        let mut command = Command::new(self.program()?);
        command.arg(side);
        match self {
            Self::Tcp => command.arg("tcp"),
            Self::Quic => command.arg("quic"),
            Self::Libdatachannel => &mut command,
        };
        Ok(command)
    }

    fn program(self) -> Result<PathBuf> {
        match self {
            Self::Tcp | Self::Quic => Ok(std::env::current_exe()?),
            Self::Libdatachannel => beside("snug-bench-libdatachannel"),
        }
    }
}

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    Ok(lines.next().context("it says something")??)
}
