//! A large file from disk to disk between two processes, beside plain copies of it.

use std::path::Path;

use anyhow::Result;

use crate::{
    buffers::Clamp, cost::Cost, histogram::median, reference::Reference, room, sample, say,
};

/// How the file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Means {
    by: By,
    /// Whether socket buffers are clamped to 208 KiB meanwhile.
    clamped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Reference(Reference),
    Snug,
}

const ALL: [(&str, Means); 6] = [
    ("TCP", means(By::Reference(Reference::Tcp), false)),
    ("QUIC", means(By::Reference(Reference::Quic), false)),
    ("libdatachannel", means(LIBDATACHANNEL, false)),
    ("Snug", means(By::Snug, false)),
    ("libdatachannel, 208 KiB", means(LIBDATACHANNEL, true)),
    ("Snug, 208 KiB", means(By::Snug, true)),
];
const LIBDATACHANNEL: By = By::Reference(Reference::Libdatachannel);

/// What is compared, and the least it should be.
const AIMS: [(&str, &str, f64); 4] = [
    ("Snug", "QUIC", 0.4),
    ("Snug", "libdatachannel", 4.5),
    ("Snug, 208 KiB", "libdatachannel", 3.0),
    ("Snug, 208 KiB", "libdatachannel, 208 KiB", 3.0),
];
/// The most memory that either side of Snug should take.
const PEAK_MIB: f64 = 64.0;

const fn means(by: By, clamped: bool) -> Means {
    Means { by, clamped }
}

/// The rounds of one means.
#[derive(Debug)]
struct Series {
    name: &'static str,
    means: Means,
    costs: Vec<Cost>,
}

/// Copies a file of `mib` MiB `rounds` times by each means, in turns.
pub(crate) fn measure(mib: u64, rounds: usize) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let file = sample::write(folder.path(), mib)?;
    say(format_args!(
        "transfer: {mib} MiB disk to disk, {rounds} rounds in turns, medians"
    ));
    let mut all: Vec<Series> = ALL.iter().filter_map(possible).collect();
    for _ in 0..rounds {
        for series in &mut all {
            series.costs.push(series.means.copy(&file)?);
        }
    }
    report(&all, f64::from(u32::try_from(mib)?) * 1.048_576);
    compare(&all);
    Ok(())
}

/// A means that this machine has, or a word about why it has not.
fn possible(&(name, means): &(&'static str, Means)) -> Option<Series> {
    if means.clamped && !Clamp::is_possible() {
        say(format_args!("  without {name}, for which one must be root"));
        return None;
    }
    if means.by == LIBDATACHANNEL && !Reference::Libdatachannel.is_there() {
        say(format_args!("  without {name}, which could not be built"));
        return None;
    }
    Some(Series {
        name,
        means,
        costs: Vec::new(),
    })
}

impl Means {
    fn copy(self, file: &Path) -> Result<Cost> {
        let _clamp = self.clamped.then(Clamp::stock).transpose()?;
        match self.by {
            By::Reference(reference) => reference.copy(file),
            By::Snug => room::send(file),
        }
    }
}

fn report(all: &[Series], megabytes: f64) {
    say("| | MB/s | CPU s/GiB, both sides | peak MB, sending / receiving |");
    say("| --- | --- | --- | --- |");
    for Series { name, costs, .. } in all {
        let cost = Cost::median(costs);
        let rate = megabytes / cost.seconds;
        let processor = cost.processor / megabytes * 1_073.741_824;
        say(format_args!(
            "| {name} | {rate:.0} | {processor:.1} | {:.0} / {:.0} |",
            cost.sender_mb, cost.receiver_mb
        ));
    }
}

/// Says the ratios, each the median of those of the rounds, and the largest memory of all.
fn compare(all: &[Series]) {
    let find = |name| all.iter().find(|series| series.name == name);
    for (ours, theirs, aim) in AIMS {
        let (Some(our), Some(their)) = (find(ours), find(theirs)) else {
            continue;
        };
        let pairs = our.costs.iter().zip(&their.costs);
        let ratios: Vec<f64> = pairs
            .map(|(our, their)| their.seconds / our.seconds)
            .collect();
        say(format_args!(
            "  the rate of ({ours}) is {:.2} of that of ({theirs}); the aim is at least {aim}",
            median(&ratios)
        ));
    }
    let ours = all.iter().filter(|series| series.means.by == By::Snug);
    let peaks = ours.flat_map(|series| &series.costs).map(Cost::peak_mb);
    let mib = peaks.fold(0.0, f64::max) / 1.048_576;
    say(format_args!(
        "  Snug's largest peak is {mib:.0} MiB; the aim is at most {PEAK_MIB}"
    ));
}
