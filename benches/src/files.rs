//! Many small files in one folder.

use anyhow::Result;

use crate::{cost::Cost, room, sample, say};

const FILE_BYTES: usize = 4096;
/// The least files a second.
const AIM: f64 = 3_000.0;

/// Sends a folder of `count` files of 4 KiB `rounds` times.
pub(crate) fn measure(count: usize, rounds: usize) -> Result<()> {
    let scratch = tempfile::tempdir_in(".")?;
    let folder = sample::write_folder(scratch.path(), count, FILE_BYTES)?;
    say(format_args!(
        "files: a folder of {count} files of 4 KiB, {rounds} rounds, medians"
    ));
    let costs = (0..rounds).map(|_| room::send(&folder));
    let cost = Cost::median(&costs.collect::<Result<Vec<_>>>()?);
    #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
    let rate = count as f64 / cost.seconds;
    say("| files/s | s | CPU s, both sides | peak MB, sending / receiving |");
    say("| --- | --- | --- | --- |");
    say(format_args!(
        "| {rate:.0} | {:.2} | {:.1} | {:.0} / {:.0} |",
        cost.seconds, cost.processor, cost.sender_mb, cost.receiver_mb
    ));
    say(format_args!("  the aim is at least {AIM} files/s"));
    Ok(())
}
