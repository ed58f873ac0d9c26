//! A transfer between two machines while something goes wrong.

mod fault;
mod pair;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
    time::Duration,
};

use anyhow::{Result, ensure};

use self::{
    fault::{ALL, Fault, Midway},
    pair::Pair,
};
use crate::{netns, sample, say};

/// How a transfer went.
#[derive(Debug)]
pub(crate) struct Outcome {
    seconds: f64,
    /// What the sender's machine sent, headers and all, in sizes of the file.
    copies: f64,
    /// What happened on the way, if the people were told something.
    told: Option<String>,
}

/// Tries every fault whose name has `only` in it, and prints how it went.
pub(crate) fn measure(only: &str) -> Result<()> {
    netns::enter()?;
    let folder = tempfile::tempdir_in(".")?;
    say("faults: between two machines with uplinks of 20 Mbit/s");
    say("| | MiB | s | of the time without fault | copies sent | result |");
    say("| --- | --- | --- | --- | --- | --- |");
    let mut without = BTreeMap::new();
    let mut failed = 0;
    for fault in ALL.iter().filter(|fault| fault.name.contains(only)) {
        let file = sample::write(folder.path(), fault.mib)?;
        let without = match without.entry(fault.mib) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let outcome = run(&Fault::none(fault.mib), &file)?;
                report("nothing", fault.mib, &outcome, outcome.seconds);
                *unknown.insert(outcome.seconds)
            }
        };
        match run(fault, &file) {
            Ok(outcome) => report(fault.name, fault.mib, &outcome, without),
            Err(error) => {
                failed += 1;
                say(format_args!(
                    "| {} | {} | | | | failed: {error:#} |",
                    fault.name, fault.mib
                ));
            }
        }
    }
    ensure!(failed == 0, "{failed} faults were not survived");
    Ok(())
}

fn report(name: &str, mib: u64, outcome: &Outcome, without: f64) {
    let Outcome {
        seconds,
        copies,
        told,
    } = outcome;
    let told = told.as_ref().map(|told| format!("“{told}”, then "));
    say(format_args!(
        "| {name} | {mib} | {seconds:.1} | {:.1} | {copies:.2} | {}byte-exact |",
        seconds / without,
        told.unwrap_or_default()
    ));
}

/// One transfer of `file` under a fault.
fn run(fault: &Fault, file: &Path) -> Result<Outcome> {
    let mut pair = Pair::start(file, fault)?;
    pair.offer()?;
    match fault.midway {
        Midway::Nothing => {}
        Midway::Partition(duration) => pair.part(duration)?,
        Midway::OtherAddress => pair.change_address()?,
        Midway::DiskFull => pair.fill_disk()?,
        Midway::ReceiverKilled => pair.kill_receiver()?,
        Midway::SenderKilled => pair.kill_sender()?,
    }
    pair.finish(PATIENCE)
}

/// The longest that a transfer takes before it counts as failed.
const PATIENCE: Duration = Duration::from_mins(5);
