//! A sender and a receiver, each on a machine of its own, and what may happen to them.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nix::mount::umount;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Outcome, PATIENCE,
    fault::{Fault, Midway},
};
use crate::{
    member::Member,
    netns::{Machine, Network, mount_memory},
    same::ensure_same,
    server::Server,
};

/// Two members of a room. Fields are dropped in this order.
#[derive(Debug)]
pub(super) struct Pair {
    sender: Member,
    receiver: Member,
    server: Server,
    home: Machine,
    away: Machine,
    _host: Machine,
    _network: Network,
    disk: Option<Disk>,
    scratch: TempDir,
    file: PathBuf,
    code: String,
    start: Option<Instant>,
    sent_before: u64,
    told: Option<String>,
}

impl Pair {
    /// Puts both into a room, connected to each other.
    pub(super) fn start(file: &Path, fault: &Fault) -> Result<Self> {
        let scratch = tempfile::tempdir_in(file.parent().context("a folder")?)?;
        let inbox = inbox(&scratch);
        fs::create_dir(&inbox)?;
        let disk = match fault.midway {
            Midway::DiskFull => Some(Disk::mount(inbox, fault.mib)?),
            _ => None,
        };
        let mut network = Network::new()?;
        let host = network.add("server")?;
        let server = Server::start_on(&host, scratch.path())?;
        let home = network.add_peer("sender")?;
        let away = match fault.line {
            Some(line) => network.add_peer_behind(line, "receiver")?,
            None => network.add_peer("receiver")?,
        };
        let sender = Member::start_on(&home, &server, ["create", "--linger"])?;
        let code = sender.code()?;
        let receiver = receive(&away, &server, &code, &scratch)?;
        sender.wait_for_link()?;
        receiver.wait_for_link()?;
        Ok(Self {
            sent_before: home.sent_bytes()?,
            sender,
            receiver,
            server,
            home,
            away,
            _host: host,
            _network: network,
            disk,
            scratch,
            file: file.to_owned(),
            code,
            start: None,
            told: None,
        })
    }

    /// Offers the file, which is accepted at once.
    pub(super) fn offer(&mut self) -> Result<()> {
        self.sender
            .tell(&json!({"do": "send", "path": self.file}))?;
        self.start = Some(self.receiver.wait_for("offered")?.0);
        Ok(())
    }

    /// Pulls the receiver's cable midway.
    pub(super) fn part(&mut self, duration: Duration) -> Result<()> {
        self.wait_for_half()?;
        self.away.unplug()?;
        thread::sleep(duration);
        self.away.plug()
    }

    /// Moves the receiver's machine midway.
    pub(super) fn change_address(&mut self) -> Result<()> {
        self.wait_for_half()?;
        self.away.change_address()
    }

    /// Fills the receiver's disk midway, until it gives up; then makes room and starts it again.
    pub(super) fn fill_disk(&mut self) -> Result<()> {
        self.wait_for_half()?;
        let disk = self.disk.as_ref().context("a disk of its own")?;
        disk.fill()?;
        let failed = |event: &Value| event["event"] == "transfer-failed";
        let (_, event) = self.receiver.wait_at_most(PATIENCE, failed)?;
        self.told = Some(format!(
            "{}: {}",
            event["reason"].as_str().context("a reason")?,
            event["message"].as_str().unwrap_or_default()
        ));
        self.receiver.kill()?;
        disk.make_room()?;
        self.receive_again()
    }

    pub(super) fn kill_receiver(&mut self) -> Result<()> {
        self.wait_for_half()?;
        self.receiver.kill()?;
        self.receive_again()
    }

    pub(super) fn kill_sender(&mut self) -> Result<()> {
        self.wait_for_half()?;
        self.sender.kill()?;
        let file = self.file.to_str().context("a plain path")?;
        let args = ["send", file, "--to", &self.code];
        self.sender = Member::start_on(&self.home, &self.server, args)?;
        Ok(())
    }

    /// Waits until the file is there, and compares it.
    pub(super) fn finish(self, patience: Duration) -> Result<Outcome> {
        let received = |event: &Value| event["event"] == "received";
        let (end, received) = self.receiver.wait_at_most(patience, received)?;
        let sent = self.home.sent_bytes()? - self.sent_before;
        let place = received["place"].as_str().context("a place")?;
        ensure_same(Path::new(place), &self.file)?;
        ensure!(
            Path::new(place).file_name() == self.file.file_name(),
            "it is at {place}"
        );
        let start = self.start.context("it was offered")?;
        #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
        Ok(Outcome {
            seconds: end.duration_since(start).as_secs_f64(),
            copies: sent as f64 / fs::metadata(&self.file)?.len() as f64,
            told: self.told,
        })
    }

    fn receive_again(&mut self) -> Result<()> {
        self.receiver = receive(&self.away, &self.server, &self.code, &self.scratch)?;
        Ok(())
    }

    fn wait_for_half(&self) -> Result<()> {
        let half = |event: &Value| {
            let (bytes, total) = (event["bytes"].as_u64(), event["total"].as_u64());
            event["event"] == "progress"
                && bytes
                    .zip(total)
                    .is_some_and(|(bytes, total)| 2 * bytes >= total)
        };
        self.receiver.wait_at_most(PATIENCE, half)?;
        Ok(())
    }
}

/// A small disk, in memory.
#[derive(Debug)]
struct Disk(PathBuf);

impl Disk {
    /// Mounts one with room for half as much again as the file.
    fn mount(at: PathBuf, mib: u64) -> Result<Self> {
        mount_memory(&at, &format!("size={}m", mib * 3 / 2))?;
        Ok(Self(at))
    }

    /// Leaves no room on it.
    fn fill(&self) -> Result<()> {
        let file = fs::File::create(self.ballast())?;
        match std::io::copy(&mut std::io::repeat(0), &mut &file) {
            Err(error) if error.kind() == ErrorKind::StorageFull => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => bail!("a disk without end"),
        }
    }

    fn make_room(&self) -> Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        umount(&self.0).ok();
    }
}

fn inbox(scratch: &TempDir) -> PathBuf {
    scratch.path().join("inbox")
}

fn receive(machine: &Machine, server: &Server, code: &str, scratch: &TempDir) -> Result<Member> {
    let inbox = inbox(scratch);
    let save = inbox.to_str().context("a plain path")?;
    Member::start_on(machine, server, ["receive", code, "--save", save])
}
