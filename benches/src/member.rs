//! A `snug` process that is told what to do in JSON.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    netns::Machine,
    now,
    server::{Server, beside},
};

const PATIENCE: Duration = Duration::from_mins(2);

/// One member of a room, ended when dropped.
#[derive(Debug)]
pub(crate) struct Member {
    process: Child,
    stdin: ChildStdin,
    events: Receiver<(Instant, Value)>,
}

impl Member {
    pub(crate) fn start<A: AsRef<OsStr>>(
        server: &Server,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Self> {
        Self::spawn(Command::new(beside("snug")?), server, args)
    }

    /// Starts one on a machine of a network.
    pub(crate) fn start_on<A: AsRef<OsStr>>(
        machine: &Machine,
        server: &Server,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Self> {
        Self::spawn(machine.command(beside("snug")?), server, args)
    }

    fn spawn<A: AsRef<OsStr>>(
        mut command: Command,
        server: &Server,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Self> {
        let mut process = command
            .args(args)
            .args(["--json", "--server", server.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdin = process.stdin.take().context("its input is piped")?;
        let stdout = process.stdout.take().context("its output is piped")?;
        let (sender, events) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str(&line) else {
                    continue;
                };
                if sender.send((now(), event)).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            process,
            stdin,
            events,
        })
    }

    /// Opens a room and says its code.
    pub(crate) fn create(server: &Server) -> Result<(Self, String)> {
        let member = Self::start(server, ["create", "--linger"])?;
        let code = member.code()?;
        Ok((member, code))
    }

    /// Waits for the code of the room that it opens.
    pub(crate) fn code(&self) -> Result<String> {
        let (_, room) = self.wait_for("room")?;
        let code = room["code"].as_str().context("a room has a code")?;
        Ok(code.to_owned())
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn tell(&mut self, command: &Value) -> Result<()> {
        writeln!(self.stdin, "{command}")?;
        Ok(self.stdin.flush()?)
    }

    /// Waits for the next event of that name.
    pub(crate) fn wait_for(&self, name: &str) -> Result<(Instant, Value)> {
        self.wait_until(|event| event["event"] == name)
            .with_context(|| format!("no {name}"))
    }

    /// Waits for the next event that fits.
    pub(crate) fn wait_until(&self, fits: impl Fn(&Value) -> bool) -> Result<(Instant, Value)> {
        self.wait_at_most(PATIENCE, fits)
    }

    /// Waits for the next event that fits, but no longer than that.
    pub(crate) fn wait_at_most(
        &self,
        patience: Duration,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<(Instant, Value)> {
        let end = now() + patience;
        loop {
            match self
                .events
                .recv_timeout(end.saturating_duration_since(now()))
            {
                Ok((at, event)) if fits(&event) => return Ok((at, event)),
                Ok((_, event)) if event["event"] == "exit" => bail!("it ended: {event}"),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => bail!("it did not happen within {patience:?}"),
                Err(RecvTimeoutError::Disconnected) => bail!("it is gone"),
            }
        }
    }

    /// Waits until it ends, and says when the last event of that name was.
    pub(crate) fn wait_for_last(&self, name: &str) -> Result<Instant> {
        let mut last = self.wait_for(name)?.0;
        loop {
            let (at, event) =
                self.wait_until(|event| event["event"] == name || event["event"] == "exit")?;
            if event["event"] == "exit" {
                ensure!(event["code"] == 0, "it ended: {event}");
                return Ok(last);
            }
            last = at;
        }
    }

    pub(crate) fn wait_for_link(&self) -> Result<Instant> {
        let up = |event: &Value| event["event"] == "link" && event["status"] == "connected";
        Ok(self.wait_until(up)?.0)
    }

    /// Ends it with no chance to say so.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Waits for the process to end by itself.
    pub(crate) fn wait_for_end(mut self) -> Result<()> {
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
