//! A server of one's own.

use std::{
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::netns::Machine;

/// A running `snug-server`, ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts one on loopback, whose key lies in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let command = Command::new(beside("snug-server")?);
        Self::spawn(command, Ipv4Addr::LOCALHOST, folder)
    }

    /// Starts one on a machine of a network.
    pub(crate) fn start_on(machine: &Machine, folder: &Path) -> Result<Self> {
        let command = machine.command(beside("snug-server")?);
        Self::spawn(command, machine.address(), folder)
    }

    fn spawn(mut command: Command, address: Ipv4Addr, folder: &Path) -> Result<Self> {
        let mut process = command
            .args(["--listen", &format!("{address}:0"), "--metrics", "off"])
            .arg("--key-file")
            .arg(folder.join("key"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().context("its output is piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line
            .split([' ', ','])
            .find(|word| word.starts_with("http://"));
        let url = url.context("the server says where it serves")?.to_owned();
        Ok(Self { process, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A program that was built into the same folder.
pub(crate) fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.exists() {
        bail!(
            "{} is missing: run this through scripts/bench",
            program.display()
        );
    }
    Ok(program)
}
