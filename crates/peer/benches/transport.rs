//! Measures one link between two processes over loopback.
//!
//! ```text
//! cargo bench -p snug-peer --bench transport -- [--mib 512] [--frame 32768] [--rounds 3]
//! ```
//!
//! Prints, for each round: milliseconds from the offer to the open link, MB/s of bulk, CPU
//! seconds per GiB of both processes, and round trips of control frames during the transfer.
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
    Interfaces, Link, LinkCommand, LinkEvent, LinkId, SdpKind, Transport, TransportConfig,
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
    let options = Options::read();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if options.child {
            let lines = BufReader::new(tokio::io::stdin()).lines();
            return Box::pin(Side::open(lines, tokio::io::stdout()).receive(options.bytes)).await;
        }
        for _ in 0..options.rounds {
            round(&options).await?;
        }
        Ok(())
    })
}

async fn round(options: &Options) -> Outcome {
    let mut child = Command::new(env::current_exe()?)
        .args(["--child", "--mib", &(options.bytes >> 20).to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take().ok_or("no stdin")?;
    let stdout = child.stdout.take().ok_or("no stdout")?;
    let side = Side::open(BufReader::new(stdout).lines(), stdin);
    let report = Box::pin(side.send(options)).await?;
    child.wait().await?;
    println!("{report}");
    Ok(())
}

struct Options {
    child: bool,
    bytes: usize,
    frame: usize,
    rounds: usize,
}

impl Options {
    fn read() -> Self {
        let args: Vec<_> = env::args().collect();
        let number = |name: &str, default: usize| {
            let at = args.iter().position(|arg| arg == name);
            at.and_then(|at| args.get(at + 1)?.parse().ok())
                .unwrap_or(default)
        };
        Self {
            child: args.iter().any(|arg| arg == "--child"),
            bytes: number("--mib", 512) << 20,
            frame: number("--frame", 32 * 1024),
            rounds: number("--rounds", 3),
        }
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
    fn open(lines: Lines<R>, output: W) -> Self {
        let interfaces = Interfaces::LoopbackOnly;
        let transport = Transport::new(TransportConfig {
            interfaces,
            ..Default::default()
        });
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
        self.link
            .command(LinkCommand::CreateOffer { ice_restart: false });
        self.connect().await?;
        let opening = offered.elapsed();
        let mut flow = Flow::new(options);
        let mut pings = interval(Duration::from_millis(5));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (cpu, started) = (cpu_seconds(), Instant::now());
        let remote_cpu: f64 = loop {
            tokio::select! {
                event = self.next_event() => match event? {
                    LinkEvent::BulkCredit(bytes) => flow.fill(&self.link, bytes),
                    LinkEvent::Control(frame) if frame.len() == 8 => flow.on_pong(started, &frame),
                    LinkEvent::Control(frame) => break std::str::from_utf8(&frame)?.parse()?,
                    _ => {}
                },
                _ = pings.tick() => ping(started, &self.link),
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        let cpu = cpu_seconds() - cpu + remote_cpu;
        let bytes = precise(options.bytes);
        Ok(format!(
            "open {:5.1} ms | {:6.1} MB/s | {:4.2} CPU s/GiB | control {} | peak {} MB",
            opening.as_secs_f64() * 1e3,
            bytes / seconds / 1e6,
            cpu / bytes * f64::from(1 << 30),
            flow.round_trips(),
            peak_megabytes(),
        ))
    }

    async fn receive(mut self, expected: usize) -> Outcome {
        self.connect().await?;
        let cpu = cpu_seconds();
        let mut received = 0;
        while received < expected {
            match self.next_event().await? {
                LinkEvent::Bulk(frame) => received += frame.len(),
                LinkEvent::Control(frame) => self.link.command(LinkCommand::SendControl(frame)),
                _ => {}
            }
        }
        let done = format!("{:.2}", cpu_seconds() - cpu);
        self.link
            .command(LinkCommand::SendControl(Bytes::from(done)));
        while self.next_event().await.is_ok() {}
        Ok(())
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
                    self.output.write_all(format!("{text}\n").as_bytes()).await?;
                    self.output.flush().await?;
                }
                line = self.lines.next_line() => {
                    let line = line?.ok_or("the other end is gone")?;
                    self.link.command(command(&line).ok_or("nonsense")?);
                }
            }
        }
    }

    async fn next_event(&mut self) -> Outcome<LinkEvent> {
        let (_, event) = self.events.recv().await.ok_or("no link")?;
        match event {
            LinkEvent::State(state) if format!("{state:?}") == "Closed" => Err("closed".into()),
            event => Ok(event),
        }
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
