//! Measures a whole peer: a file from one to another through a room of a real server, all in one
//! process over loopback.
//!
//! ```text
//! cargo bench -p snug-peer --bench transfer -- [--mib 512] [--rounds 3] [--memory]
//! ```
//!
//! Prints, for each round: MB/s from the acceptance to the file in its place, CPU seconds per GiB
//! of both peers, and the round trips of chat messages during the transfer. `--memory` receives
//! into memory instead of a folder.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures and reports"
)]

use std::{
    env,
    error::Error,
    fs,
    time::{Duration, Instant},
};

use snug_peer::{Destination, Events, Peer, PeerConfig, ServerUrl};
use snug_protocol::{Secret, TransferId, Words};
use snug_server::{Config, Server};
use snug_session::{Event, Intent, LinkStatus, Selection};
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let options = Options::read();
    let server = Server::bind(Config::for_tests()).await?;
    let url = server.local_addr().to_string().parse()?;
    tokio::spawn(server.serve(std::future::pending()));
    for _ in 0..options.rounds {
        round(&url, &options).await?;
    }
    Ok(())
}

async fn round(url: &ServerUrl, options: &Options) -> Outcome {
    let folder = TempDir::new()?;
    let path = folder.path().join("sample");
    fs::write(&path, sample(options.bytes))?;
    let (ann, mut hears_ann) = enter(url, Intent::Create { capacity: None }, options);
    let Event::Joined { room, .. } = until(&mut hears_ann, is_joined).await? else {
        unreachable!()
    };
    let (ben, mut hears_ben) = enter(url, Intent::Join(room), options);
    until(&mut hears_ann, is_connected).await?;
    until(&mut hears_ben, is_connected).await?;

    let transfer = ann.offer(vec![path], |_| {}).await?.transfer;
    until(&mut hears_ben, |event| {
        matches!(event, Event::Offered { .. })
    })
    .await?;
    let destination = if options.memory {
        Destination::Memory
    } else {
        Destination::Folder(folder.path().to_owned())
    };
    let (started, cpu) = (Instant::now(), cpu_seconds());
    ben.accept(transfer, Selection::All, destination).await;
    let mut trips = measure(&ann, &mut hears_ann, &ben, &mut hears_ben, transfer).await?;
    report(options, started.elapsed(), cpu_seconds() - cpu, &mut trips);
    ann.leave().await;
    ben.leave().await;
    Ok(())
}

/// Plays ping-pong with chat messages until the file is there; the round trips.
async fn measure(
    ann: &Peer,
    hears_ann: &mut Events,
    ben: &Peer,
    hears_ben: &mut Events,
    transfer: TransferId,
) -> Outcome<Vec<Duration>> {
    let mut ticks = interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut trips, mut asked) = (Vec::new(), None);
    loop {
        tokio::select! {
            _ = ticks.tick(), if asked.is_none() => {
                asked = Some(Instant::now());
                ann.say("ping").await;
            }
            event = hears_ben.next() => match event.ok_or("ended early")? {
                Event::Message(said) if is_text(&said, "ping") => ben.say("pong").await,
                Event::Received { transfer: done, .. } if done == transfer => return Ok(trips),
                Event::TransferFailed { reason, .. } => return Err(reason.into()),
                _ => {}
            },
            event = hears_ann.next() => match event.ok_or("ended early")? {
                Event::Message(said) if is_text(&said, "pong") => {
                    trips.extend(asked.take().map(|asked| asked.elapsed()));
                }
                _ => {}
            }
        }
    }
}

fn enter(url: &ServerUrl, intent: Intent, options: &Options) -> (Peer, Events) {
    let mut config = PeerConfig::new(url.clone(), intent, words());
    config.memory_cap = options.bytes as u64;
    Peer::start(config)
}

async fn until(events: &mut Events, wanted: impl Fn(&Event) -> bool) -> Outcome<Event> {
    loop {
        let event = events.next().await.ok_or("ended early")?;
        if wanted(&event) {
            return Ok(event);
        }
    }
}

fn is_joined(event: &Event) -> bool {
    matches!(event, Event::Joined { .. })
}

fn is_connected(event: &Event) -> bool {
    let Event::Link { status, .. } = event else {
        return false;
    };
    matches!(status, LinkStatus::Connected { .. })
}

fn is_text(message: &snug_session::Message, expected: &str) -> bool {
    matches!(&message.body, Some(snug_protocol::Body::Text { text }) if text == expected)
}

#[expect(clippy::cast_precision_loss, reason = "measurements are not exact")]
fn report(options: &Options, elapsed: Duration, cpu: f64, trips: &mut [Duration]) {
    trips.sort_unstable();
    let millis = |share: usize| {
        let at = trips.len().saturating_sub(1) * share / 100;
        trips
            .get(at)
            .map_or(f64::NAN, |trip| trip.as_secs_f64() * 1e3)
    };
    let bytes = options.bytes as f64;
    println!(
        "{:.0} MB/s, {:.2} CPU s/GiB, chat round trip p50 {:.2} ms, p99 {:.2} ms of {}",
        bytes / 1e6 / elapsed.as_secs_f64(),
        cpu * f64::from(1 << 30) / bytes,
        millis(50),
        millis(99),
        trips.len(),
    );
}

/// Seconds of processor time of this process.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(12).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    // USER_HZ is 100 on every architecture of Linux.
    ticks / 100.0
}

fn sample(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

struct Options {
    bytes: usize,
    rounds: usize,
    memory: bool,
}

impl Options {
    fn read() -> Self {
        let args: Vec<_> = env::args().collect();
        let number = |name: &str, default| {
            let at = args.iter().position(|arg| arg == name);
            let value = at.and_then(|at| args.get(at + 1)?.parse().ok());
            value.unwrap_or(default)
        };
        Self {
            bytes: number("--mib", 512) << 20,
            rounds: number("--rounds", 3),
            memory: args.iter().any(|arg| arg == "--memory"),
        }
    }
}

fn words() -> Secret {
    Secret::Words(Words::from_entropy([7; 16]))
}
