//! How long eight members take until every two of them are linked.

use anyhow::Result;

use crate::{
    histogram::{Latencies, median},
    member::Member,
    now, say,
    server::Server,
};

const MEMBERS: usize = 8;

/// One opens the room, seven come at once.
pub(crate) fn measure(rounds: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let (mut formed, mut seconds) = (Latencies::new(), Vec::new());
    for _ in 0..rounds {
        let (host, code) = Member::create(&server)?;
        let start = now();
        let join = |_| Member::start(&server, ["join", &code]);
        let mut members: Vec<Member> = (1..MEMBERS).map(join).collect::<Result<_>>()?;
        members.push(host);
        let mut last = start;
        for member in &members {
            for _ in 1..MEMBERS {
                last = last.max(member.wait_for_link()?);
            }
        }
        formed.add(last.duration_since(start));
        seconds.push(last.duration_since(start).as_secs_f64());
    }
    say("mesh: eight processes, from the start of the last seven to all 28 links");
    say(format_args!("  median {:.2} s; {formed}", median(&seconds)));
    Ok(())
}
