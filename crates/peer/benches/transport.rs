//! Measures one link between two processes, over loopback or a path that you have built.
//!
//! ```text
//! cargo bench -p snug-peer --bench transport -- [OPTIONS]
//!
//!   --mib N              bytes of bulk, in MiB [512]
//!   --frame KIB          payload of a bulk frame [32]
//!   --outstanding KIB    bytes that may be on their way; 0 follows the path [0]
//!   --socket-buffer KIB  bytes to ask for in each of a socket's buffers [4096]
//!   --rounds N           [3]
//!   --seconds N          give a round up after so long, and say what it came to; 0: never [0]
//!   --netns NAME         have the receiver in that network namespace, and use all interfaces
//! ```
//!
//! Prints, for each round: milliseconds from the offer to the open link, MB/s of bulk, CPU
//! seconds per GiB of both processes, bytes that left our interfaces for each of bulk, round
//! trips of control frames during the transfer, and the peak memory of both.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures and reports"
)]

use std::{
    env,
    error::Error,
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use bytes::Bytes;
use snug_peer::transport::{
    Interfaces, Link, LinkCommand, LinkEvent, LinkId, LinkState, SdpKind, Transport,
    TransportConfig, Tuning,
};
use snug_protocol::negotiation::Candidate;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader, Lines},
    process::Command,
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let options = Options::read()?;
    if options.help {
        println!("{}", usage());
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if options.child {
            let lines = BufReader::new(tokio::io::stdin()).lines();
            let side = Side::open(&options, lines, tokio::io::stdout());
            return Box::pin(side.receive(options.bytes)).await;
        }
        for _ in 0..options.rounds {
            round(&options).await?;
        }
        Ok(())
    })
}

async fn round(options: &Options) -> Outcome {
    let mut child = options
        .child_command()?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take().ok_or("no stdin")?;
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let side = Side::open(options, BufReader::new(stdout).lines(), stdin);
    let report = Box::pin(side.send(options)).await?;
    println!("{report}");
    // A receiver that was given up waits for ever.
    child.start_kill()?;
    child.wait().await?;
    Ok(())
}

/// The usage, from the head of this file.
fn usage() -> String {
    let source = include_str!("transport.rs").lines();
    let head = source.map_while(|line| line.strip_prefix("//!"));
    let text = head.filter(|line| !line.contains("```"));
    text.map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

struct Options {
    help: bool,
    child: bool,
    bytes: usize,
    frame: usize,
    rounds: usize,
    tuning: Tuning,
    give_up: Option<Duration>,
    netns: Option<String>,
    interfaces: Interfaces,
}

impl Options {
    fn read() -> Outcome<Self> {
        let args = Args(env::args().collect());
        let frame = args.number("--frame", 32)? << 10;
        let netns = args.value("--netns").map(str::to_owned);
        let interfaces = if netns.is_some() {
            Interfaces::default()
        } else {
            Interfaces::LoopbackOnly
        };
        let tuning = Tuning {
            frame_bytes: frame.max(Tuning::default().frame_bytes),
            outstanding_bytes: Some(args.number("--outstanding", 0)? << 10).filter(|&it| it > 0),
            socket_buffer_bytes: args.number("--socket-buffer", 4096)? << 10,
        };
        let seconds = args.number("--seconds", 0)?;
        Ok(Self {
            help: args.has("--help"),
            child: args.has("--child"),
            bytes: args.number("--mib", 512)? << 20,
            frame,
            rounds: args.number("--rounds", 3)?,
            tuning,
            give_up: (seconds > 0).then(|| Duration::from_secs(seconds as u64)),
            netns,
            interfaces,
        })
    }

    /// This program again, as the receiver.
    fn child_command(&self) -> Outcome<Command> {
        let program = env::current_exe()?;
        let mut command = match &self.netns {
            Some(netns) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", netns]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(env::args().skip(1)).arg("--child");
        Ok(command)
    }
}

struct Args(Vec<String>);

impl Args {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|arg| arg == name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|arg| arg == name)?;
        Some(self.0.get(at + 1)?)
    }

    fn number(&self, name: &str, default: usize) -> Outcome<usize> {
        let value = self.value(name).map(str::parse).transpose();
        let value = value.map_err(|_| format!("{name} takes a number"))?;
        Ok(value.unwrap_or(default))
    }
}

/// One end: a link, and lines of text to the other end for signaling.
struct Side<R, W> {
    link: Link,
    events: mpsc::Receiver<(LinkId, LinkEvent)>,
    lines: Lines<R>,
    output: W,
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin> Side<R, W> {
    fn open(options: &Options, lines: Lines<R>, output: W) -> Self {
        let config = TransportConfig {
            interfaces: options.interfaces.clone(),
            ..Default::default()
        };
        let transport = Transport::tuned(config, options.tuning.clone());
        let (sender, events) = mpsc::channel(32);
        Self {
            link: transport.open(LinkId(1), sender),
            events,
            lines,
            output,
        }
    }

    async fn send(mut self, options: &Options) -> Outcome<String> {
        let offered = Instant::now();
        self.link.command(LinkCommand::CreateOffer {
            ice_restart: false,
            plain: false,
        });
        self.connect().await?;
        let opening = offered.elapsed();
        let mut flow = Flow::new(options);
        let mut pings = interval(Duration::from_millis(5));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (cpu, wire, started) = (cpu_seconds(), wire_bytes(), Instant::now());
        let mut received = 0;
        let done: Option<Done> = loop {
            tokio::select! {
                event = next_event(&mut self.events) => match event? {
                    LinkEvent::BulkCredit(bytes) => flow.fill(&self.link, bytes),
                    LinkEvent::Control(frame) if frame.len() == 8 => flow.on_pong(started, &frame),
                    _ => {}
                },
                line = self.lines.next_line() => match line?.ok_or("no receiver")?.split_once(' ') {
                    Some(("received", bytes)) => received = bytes.parse()?,
                    Some(("done", text)) => break Some(Done::read(text)?),
                    _ => {}
                },
                _ = pings.tick() => ping(started, &self.link),
                () = give_up(started, options.give_up) => break None,
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        if done.is_some() {
            received = options.bytes;
        }
        let done = done.unwrap_or_default();
        let bytes = precise(received.max(1));
        let cpu = cpu_seconds() - cpu + done.cpu;
        Ok(format!(
            "open {:5.1} ms | {:6.2} MB/s, {:3} % in {seconds:.1} s | {:4.2} CPU s/GiB | wire {:.3} | control {} | peak {} / {} MB",
            opening.as_secs_f64() * 1e3,
            bytes / seconds / 1e6,
            received * 100 / options.bytes,
            cpu / bytes * f64::from(1 << 30),
            precise(wire_bytes() - wire) / bytes,
            flow.round_trips(),
            peak_megabytes(),
            done.peak,
        ))
    }

    /// Says through the pipe what has come: the path may be too bad to say it that way.
    async fn receive(mut self, expected: usize) -> Outcome {
        self.connect().await?;
        let cpu = cpu_seconds();
        let mut received = 0;
        let mut reports = interval(Duration::from_millis(250));
        while received < expected {
            tokio::select! {
                event = next_event(&mut self.events) => match event? {
                    LinkEvent::Bulk(frame) => received += frame.len(),
                    LinkEvent::Control(frame) => self.link.command(LinkCommand::SendControl(frame)),
                    _ => {}
                },
                _ = reports.tick() => self.say(&format!("received {received}")).await?,
            }
        }
        let cpu = cpu_seconds() - cpu;
        self.say(&format!("done {cpu:.2} {}", peak_megabytes()))
            .await?;
        while self.next_event().await.is_ok() {}
        Ok(())
    }

    async fn say(&mut self, line: &str) -> Outcome {
        self.output.write_all(line.as_bytes()).await?;
        self.output.write_all(b"\n").await?;
        Ok(self.output.flush().await?)
    }

    async fn connect(&mut self) -> Outcome {
        loop {
            tokio::select! {
                event = self.events.recv() => {
                    let (_, event) = event.ok_or("no link")?;
                    let text = match event {
                        LinkEvent::Open { .. } => return Ok(()),
                        LinkEvent::LocalDescription { kind: SdpKind::Offer, sdp } => offer(&sdp),
                        LinkEvent::LocalDescription { kind: SdpKind::Answer, sdp } => answer(&sdp),
                        LinkEvent::LocalCandidate(found) => format!("candidate {}", found.candidate),
                        LinkEvent::Error(error) => return Err(error.into()),
                        _ => continue,
                    };
                    self.say(&text).await?;
                }
                line = self.lines.next_line() => {
                    let line = line?.ok_or("the other end is gone")?;
                    self.link.command(command(&line).ok_or("nonsense")?);
                }
            }
        }
    }

    async fn next_event(&mut self) -> Outcome<LinkEvent> {
        next_event(&mut self.events).await
    }
}

async fn next_event(events: &mut mpsc::Receiver<(LinkId, LinkEvent)>) -> Outcome<LinkEvent> {
    let (_, event) = events.recv().await.ok_or("no link")?;
    match event {
        LinkEvent::State(LinkState::Closed) => Err("closed".into()),
        event => Ok(event),
    }
}

/// What the receiver says at the end.
#[derive(Default)]
struct Done {
    cpu: f64,
    peak: u32,
}

impl Done {
    fn read(text: &str) -> Outcome<Self> {
        let (cpu, peak) = text.split_once(' ').ok_or("half a report")?;
        Ok(Self {
            cpu: cpu.parse()?,
            peak: peak.parse()?,
        })
    }
}

/// What the sender has in flight.
struct Flow {
    left: usize,
    credit: usize,
    frame: usize,
    round_trips: Vec<f64>,
}

impl Flow {
    fn new(options: &Options) -> Self {
        Self {
            left: options.bytes,
            credit: 0,
            frame: options.frame,
            round_trips: Vec::new(),
        }
    }

    fn fill(&mut self, link: &Link, bytes: usize) {
        self.credit += bytes;
        while self.left > 0 && self.credit >= self.frame.min(self.left) {
            let len = self.frame.min(self.left);
            self.left -= len;
            self.credit -= len;
            link.command(LinkCommand::SendBulk(vec![7; len].into()));
        }
    }

    fn on_pong(&mut self, started: Instant, frame: &Bytes) {
        let mut sent = [0; 8];
        sent.copy_from_slice(frame);
        self.round_trips
            .push(started.elapsed().as_secs_f64() - f64::from_be_bytes(sent));
    }

    fn round_trips(&mut self) -> String {
        self.round_trips.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let index = self.round_trips.len().saturating_sub(1) * part / 100;
            self.round_trips
                .get(index)
                .map_or(0.0, |seconds| seconds * 1e3)
        };
        format!("p50 {:.2} p99 {:.2} max {:.2} ms", at(50), at(99), at(100))
    }
}

fn ping(started: Instant, link: &Link) {
    let now = started.elapsed().as_secs_f64();
    let frame = Bytes::copy_from_slice(&now.to_be_bytes());
    link.command(LinkCommand::SendControl(frame));
}

async fn give_up(started: Instant, after: Option<Duration>) {
    match after {
        Some(after) => tokio::time::sleep_until((started + after).into()).await,
        None => std::future::pending().await,
    }
}

fn offer(sdp: &str) -> String {
    format!("offer {}", sdp.replace("\r\n", "|"))
}

fn answer(sdp: &str) -> String {
    format!("answer {}", sdp.replace("\r\n", "|"))
}

fn command(line: &str) -> Option<LinkCommand> {
    let (kind, text) = line.split_once(' ')?;
    let sdp = text.replace('|', "\r\n");
    match kind {
        "offer" => Some(LinkCommand::AcceptOffer {
            sdp,
            rollback: false,
        }),
        "answer" => Some(LinkCommand::AcceptAnswer { sdp }),
        "candidate" => Some(LinkCommand::AddCandidate(Candidate {
            candidate: text.to_owned(),
            sdp_mid: None,
            sdp_mline_index: Some(0),
        })),
        _ => None,
    }
}

/// User and system time of this process. Linux counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Bytes that left through this network namespace's interfaces.
fn wire_bytes() -> usize {
    let interfaces = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let sent = interfaces.lines().filter_map(|line| {
        let (_, counters) = line.split_once(':')?;
        counters.split_whitespace().nth(8)?.parse::<usize>().ok()
    });
    sent.sum()
}

fn peak_megabytes() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next()?.parse::<u32>().ok());
    kilobytes.unwrap_or_default() / 1024
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn precise(bytes: usize) -> f64 {
    bytes as f64
}
