//! Round trips of chat messages: from saying it to the receipt, with and without a file on the
//! same link.

use std::{fs, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{histogram::Latencies, member::Member, now, sample, say, server::Server};

const IDLE_MESSAGES: usize = 500;
/// Longer than the pause after which receipts are given at once.
const PAUSE: Duration = Duration::from_millis(25);

/// Chats idle, then while a file of `mib` MiB goes from the one who chats to the other.
pub(crate) fn measure(mib: u64) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let file = sample::write(folder.path(), mib)?;
    let server = Server::start(folder.path())?;
    let (mut ann, code) = Member::create(&server)?;
    let inbox = folder.path().join("inbox");
    fs::create_dir(&inbox)?;
    let mut ben = Member::start(&server, ["join", &code, "--linger"])?;
    ann.wait_for_link()?;
    ben.wait_for_link()?;
    let mut idle = Latencies::new();
    for _ in 0..IDLE_MESSAGES {
        round_trip(&mut ann, &mut idle)?;
        std::thread::sleep(PAUSE);
    }
    ann.tell(&json!({"do": "send", "path": file}))?;
    let (_, offer) = ben.wait_for("offered")?;
    ben.tell(&json!({"do": "accept", "transfer": offer["transfer"], "save": inbox}))?;
    let mut busy = Latencies::new();
    while !round_trip(&mut ann, &mut busy)? {
        std::thread::sleep(PAUSE);
    }
    say("chat: from saying it to the receipt");
    say(format_args!("  idle:              {idle}"));
    say(format_args!("  during a transfer: {busy}"));
    Ok(())
}

/// Says something and waits for its receipt. `true` once the file has been delivered.
fn round_trip(ann: &mut Member, latencies: &mut Latencies) -> Result<bool> {
    let start = now();
    ann.tell(&json!({"do": "say", "text": "ping"}))?;
    let (_, said) = ann.wait_until(|event| ends(event) || event["event"] == "message")?;
    if said["event"] == "delivered" {
        return Ok(true);
    }
    let seq = said["seq"].as_u64().context("a message has a number")?;
    let arrived = |event: &Value| {
        ends(event) || event["event"] == "receipt" && event["delivered"].as_u64() >= Some(seq)
    };
    let (at, event) = ann.wait_until(arrived)?;
    if event["event"] == "transfer-failed" {
        bail!("the transfer failed: {event}");
    }
    if event["event"] == "delivered" {
        return Ok(true);
    }
    latencies.add(at.duration_since(start));
    Ok(false)
}

fn ends(event: &Value) -> bool {
    event["event"] == "delivered" || event["event"] == "transfer-failed"
}
