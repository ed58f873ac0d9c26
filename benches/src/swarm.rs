//! One file to several receivers at once, over uplinks as slow as people have them.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    histogram::median,
    member::Member,
    netns::{self, Network},
    same::ensure_same,
    sample, say,
    server::Server,
};

const RECEIVERS: [usize; 4] = [1, 2, 4, 7];
/// The most that the sender should send to seven, in copies of the file.
const COPIES_AIM: f64 = 1.3;
/// The longest that seven should wait, of what one waits.
const TIME_AIM: f64 = 1.6;

/// What it took until the last receiver had the file.
#[derive(Debug, Clone, Copy)]
struct Run {
    seconds: f64,
    /// What the sender sent, headers and all, in sizes of the file.
    copies: f64,
}

impl Run {
    fn median(runs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
        Self {
            seconds: of(|run| run.seconds),
            copies: of(|run| run.copies),
        }
    }
}

/// Sends a file of `mib` MiB to ever more receivers, who share what they have, and who do not.
pub(crate) fn measure(mib: u64, rounds: usize) -> Result<()> {
    netns::enter()?;
    let folder = tempfile::tempdir_in(".")?;
    let file = sample::write(folder.path(), mib)?;
    say(format_args!(
        "swarm: {mib} MiB, uplinks of 20 Mbit/s, {rounds} rounds, medians"
    ));
    say("| receivers | copies sent, sharing / not | s, sharing / not | of one receiver's time |");
    say("| --- | --- | --- | --- |");
    let mut alone = None;
    for receivers in RECEIVERS {
        let (mut sharing, mut not) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            sharing.push(run(&file, receivers, &[])?);
            not.push(run(&file, receivers, &["--no-share"])?);
        }
        let [sharing, not] = [sharing, not].map(|runs| Run::median(&runs));
        let [one, one_not] = *alone.get_or_insert([sharing.seconds, not.seconds]);
        say(format_args!(
            "| {receivers} | {:.2} / {:.2} | {:.1} / {:.1} | {:.2} / {:.2} |",
            sharing.copies,
            not.copies,
            sharing.seconds,
            not.seconds,
            sharing.seconds / one,
            not.seconds / one_not,
        ));
    }
    say(format_args!(
        "  the aims for seven who share: at most {COPIES_AIM} copies, at most {TIME_AIM} of the time"
    ));
    Ok(())
}

/// Sends `file` to so many at once, each on a machine of its own.
fn run(file: &Path, receivers: usize, flags: &[&str]) -> Result<Run> {
    let scratch = tempfile::tempdir_in(file.parent().context("a folder")?)?;
    let mut network = Network::new()?;
    let host = network.add("server")?;
    let server = Server::start_on(&host, scratch.path())?;
    let home = network.add_peer("sender")?;
    let mut sender = Member::start_on(&home, &server, ["create", "--linger"])?;
    let code = sender.code()?;
    let (mut machines, mut members) = (Vec::new(), Vec::new());
    for number in 0..receivers {
        let machine = network.add_peer(&format!("receiver{number}"))?;
        let inbox = scratch.path().join(number.to_string());
        fs::create_dir(&inbox)?;
        let save = inbox.to_str().context("a plain path")?;
        let args = ["receive", &code, "--save", save];
        members.push(Member::start_on(
            &machine,
            &server,
            args.iter().chain(flags),
        )?);
        machines.push(machine);
    }
    for member in members.iter().chain([&sender]) {
        for _ in 0..receivers {
            member.wait_for_link()?;
        }
    }
    let before = home.sent_bytes()?;
    sender.tell(&json!({"do": "send", "path": file}))?;
    let (mut first, mut last) = (None, None);
    for member in &members {
        let (start, _) = member.wait_for("offered")?;
        let (end, received) = member.wait_for("received")?;
        let place = received["place"].as_str().context("a place")?;
        ensure_same(Path::new(place), file)?;
        first = first.into_iter().chain([start]).min();
        last = last.into_iter().chain([end]).max();
    }
    let sent = home.sent_bytes()? - before;
    let (first, last) = first.zip(last).context("a receiver")?;
    #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
    Ok(Run {
        seconds: last.duration_since(first).as_secs_f64(),
        copies: sent as f64 / fs::metadata(file)?.len() as f64,
    })
}
