//! How long somebody who joins waits for their first words to arrive.

use anyhow::Result;
use serde_json::json;

use crate::{histogram::Latencies, member::Member, now, say, server::Server};

/// From the start of the process of one who joins to the arrival of what it says once it is
/// connected.
pub(crate) fn measure(rounds: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let (mut linked, mut heard) = (Latencies::new(), Latencies::new());
    for _ in 0..rounds {
        let (host, code) = Member::create(&server)?;
        let start = now();
        let mut guest = Member::start(&server, ["join", &code])?;
        linked.add(guest.wait_for_link()?.duration_since(start));
        guest.tell(&json!({"do": "say", "text": "hello"}))?;
        let (at, _) = host.wait_for("message")?;
        heard.add(at.duration_since(start));
    }
    say("join: from the start of `snug join`, process and all");
    say(format_args!("  connected:     {linked}"));
    say(format_args!("  first message: {heard}"));
    Ok(())
}
