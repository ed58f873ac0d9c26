//! One `snug` process that speaks JSON.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// A process, from the outside. It is killed when dropped.
pub(crate) struct Member {
    pub(crate) id: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
    /// Everything it has told.
    pub(crate) told: Vec<Value>,
    peak_memory: u64,
}

/// How long anything may take. Far more than it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(100);

impl Member {
    /// Starts `snug` with `--json` and these arguments.
    pub(crate) fn start(server: &str, args: &[&str]) -> Self {
        Self::spawn(snug(), server, args)
    }

    /// Starts it as the command of another program.
    pub(crate) fn start_within(outer: &[&str], server: &str, args: &[&str]) -> Self {
        let mut command = Command::new(outer[0]);
        command.args(&outer[1..]).arg(env!("CARGO_BIN_EXE_snug"));
        Self::spawn(command, server, args)
    }

    fn spawn(mut command: Command, server: &str, args: &[&str]) -> Self {
        let mut child = command
            .args(args)
            .args(["--json", "--server", server])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            id: String::new(),
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            told: Vec::new(),
            peak_memory: 0,
        }
    }

    /// Gives it a command.
    pub(crate) async fn does(&mut self, command: Value) {
        self.types(&command.to_string()).await;
    }

    /// Says something.
    pub(crate) async fn says(&mut self, text: &str) {
        self.does(json!({"do": "say", "text": text})).await;
    }

    /// Gives it a line.
    pub(crate) async fn types(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Ends its standard input.
    pub(crate) fn stops_typing(&mut self) {
        self.stdin = None;
    }

    /// Stops reading what it writes.
    pub(crate) fn leave_unheard(mut self) -> Child {
        drop(self.stdout);
        std::mem::forget(self.stdin.take());
        self.child
    }

    /// Waits for an event that it has not been asked for yet.
    pub(crate) async fn until_that(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await;
            let Some(event) = event else {
                panic!("it ended first: {:#?}", self.told);
            };
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Waits for an event of that name.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        self.until_that(|event| event["event"] == name).await
    }

    /// Waits until so many others are connected.
    pub(crate) async fn until_connected(&mut self, others: usize) {
        let mut connected = BTreeSet::new();
        while connected.len() < others {
            let event = self.until("link").await;
            let peer = event["peer"].to_string();
            if event["status"] == "connected" {
                connected.insert(peer);
            } else {
                connected.remove(&peer);
            }
        }
    }

    /// Waits until it ends. Gives its code, which it has told too.
    pub(crate) async fn end(&mut self) -> i32 {
        while self.next().await.is_some() {}
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        let code = status.code().unwrap();
        let last = self.told.last().unwrap();
        assert_eq!(last["event"], "exit", "{:#?}", self.told);
        assert_eq!(last["code"], code);
        code
    }

    /// The most memory that it had held when it last told something, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        assert_ne!(self.peak_memory, 0, "nothing was told while it ran");
        self.peak_memory
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.stdout.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("nothing more came: {:#?}", self.told));
        let event: Value = serde_json::from_str(&line.unwrap()?).unwrap();
        if event["event"] == "room" {
            event["clientId"].as_str().unwrap().clone_into(&mut self.id);
        }
        self.told.push(event.clone());
        self.peak_memory = self.high_water_mark().unwrap_or(self.peak_memory);
        Some(event)
    }

    /// `VmHWM` of proc(5), in bytes; none once the process has ended.
    fn high_water_mark(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = peak.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }
}

/// The program, with nothing inherited that would change what it does.
pub(crate) fn snug() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snug"));
    for variable in [
        "SNUG_SERVER",
        "SNUG_ICE_SERVERS",
        "SNUG_NO_SHARE",
        "RUST_LOG",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program to its end with this input; gives its code, and what it wrote to stdout and
/// stderr.
pub(crate) async fn run(args: &[&str], input: &str) -> (i32, String, String) {
    run_command(snug().args(args), input).await
}

/// Runs a command to its end with this input; gives its code, and what it wrote to stdout and
/// stderr.
pub(crate) async fn run_command(command: &mut Command, input: &str) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let (mut out, mut err) = (String::new(), String::new());
    let mut stdout = child.stdout.take().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let end = async {
        let reading = tokio::join!(
            stdout.read_to_string(&mut out),
            stderr.read_to_string(&mut err)
        );
        reading.0.unwrap();
        child.wait().await.unwrap().code().unwrap()
    };
    let code = timeout(PATIENCE, end).await.unwrap();
    (code, out, err)
}
