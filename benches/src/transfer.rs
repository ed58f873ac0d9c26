//! A file from disk to disk between two processes, beside plain copies of it.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::{
    copy::Wire,
    histogram::median,
    member::Member,
    sample, say,
    server::Server,
    usage::{PeakMemory, children_seconds},
};

/// One copy.
#[derive(Debug, Clone, Copy)]
struct Copy {
    seconds: f64,
    processor: f64,
    sender_mb: f64,
    receiver_mb: f64,
}

/// Copies a file of `mib` MiB `rounds` times by each means, in turns.
pub(crate) fn measure(mib: u64, rounds: usize) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let file = sample::write(folder.path(), mib)?;
    say(format_args!(
        "transfer: {mib} MiB disk to disk, {rounds} rounds in turns, medians"
    ));
    let (mut tcp, mut quic, mut snug) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        tcp.push(copy(Wire::Tcp, &file)?);
        quic.push(copy(Wire::Quic, &file)?);
        snug.push(send(&file)?);
    }
    let megabytes = f64::from(u32::try_from(mib)?) * 1.048_576;
    for (name, copies) in [("tcp", &tcp), ("quic", &quic), ("snug", &snug)] {
        report(name, copies, megabytes);
    }
    let seconds = |copies: &[Copy]| copies.iter().map(|copy| copy.seconds).collect::<Vec<_>>();
    let pairs = seconds(&quic).into_iter().zip(seconds(&snug));
    let ratios: Vec<f64> = pairs.map(|(quic, snug)| quic / snug).collect();
    say(format_args!(
        "  snug's rate is {:.2} of quic's",
        median(&ratios)
    ));
    Ok(())
}

fn report(name: &str, copies: &[Copy], megabytes: f64) {
    let of = |figure: fn(&Copy) -> f64| median(&copies.iter().map(figure).collect::<Vec<_>>());
    let rate = megabytes / of(|copy| copy.seconds);
    let processor = of(|copy| copy.processor) / megabytes * 1_073.741_824;
    let (sender, receiver) = (of(|copy| copy.sender_mb), of(|copy| copy.receiver_mb));
    say(format_args!(
        "  {name:5} {rate:6.0} MB/s  {processor:5.2} CPU s/GiB  peak {sender:.0} MB sending, \
         {receiver:.0} MB receiving"
    ));
}

/// A plain copy.
fn copy(wire: Wire, file: &Path) -> Result<Copy> {
    let folder = file.with_file_name("copies");
    fs::create_dir(&folder)?;
    let before = children_seconds();
    let name = match wire {
        Wire::Tcp => "tcp",
        Wire::Quic => "quic",
    };
    let this = std::env::current_exe()?;
    let mut receiver = Command::new(&this)
        .args(["copy-receive", name])
        .arg(&folder)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(receiver.stdout.take().context("piped")?).lines();
    let port = next(&mut lines)?;
    let mut sender = Command::new(&this)
        .args(["copy-send", name, &port])
        .arg(file)
        .spawn()?;
    let (sends, receives) = (
        PeakMemory::watch(sender.id()),
        PeakMemory::watch(receiver.id()),
    );
    let seconds = next(&mut lines)?.parse()?;
    ensure!(
        sender.wait()?.success() && receiver.wait()?.success(),
        "the copy failed"
    );
    let processor = children_seconds() - before;
    finish(&folder.join("copy"), file)?;
    fs::remove_dir_all(&folder)?;
    let (sender_mb, receiver_mb) = (sends.megabytes(), receives.megabytes());
    Ok(Copy {
        seconds,
        processor,
        sender_mb,
        receiver_mb,
    })
}

/// The same through a room.
fn send(file: &Path) -> Result<Copy> {
    let folder = file.with_file_name("received");
    fs::create_dir(&folder)?;
    let server = Server::start(file.parent().context("a folder")?)?;
    let before = children_seconds();
    let sender = Member::start(&server, ["send".as_ref(), file.as_os_str()])?;
    let (_, room) = sender.wait_for("room")?;
    sender.wait_for("ready")?;
    let code = room["code"].as_str().context("a code")?;
    let save = [
        "receive".as_ref(),
        code.as_ref(),
        "--save".as_ref(),
        folder.as_os_str(),
    ];
    let receiver = Member::start(&server, save)?;
    let (sends, receives) = (
        PeakMemory::watch(sender.id()),
        PeakMemory::watch(receiver.id()),
    );
    let (start, _) = receiver.wait_for("offered")?;
    let (end, _) = receiver.wait_for("received")?;
    receiver.wait_for_end()?;
    sender.wait_for_end()?;
    let processor = children_seconds() - before;
    finish(&folder.join("sample.bin"), file)?;
    fs::remove_dir_all(&folder)?;
    let seconds = end.duration_since(start).as_secs_f64();
    let (sender_mb, receiver_mb) = (sends.megabytes(), receives.megabytes());
    Ok(Copy {
        seconds,
        processor,
        sender_mb,
        receiver_mb,
    })
}

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    Ok(lines.next().context("it says something")??)
}

fn finish(copy: &Path, file: &Path) -> Result<()> {
    ensure!(
        fs::metadata(copy)?.len() == fs::metadata(file)?.len(),
        "the copy is not whole"
    );
    Ok(())
}
