//! Copies a file between two processes over a libdatachannel data channel, to compare with.
//!
//! `copy-receive FOLDER` prints a port, takes one file, and prints the seconds it took until it was
//! on the disk; `copy-send PORT FILE` sends it there. That port is the signaling.

mod connection;
mod receive;
mod send;
mod signaling;

use std::path::Path;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args {
        ["copy-receive", folder] => receive::receive(Path::new(folder)),
        ["copy-send", port, file] => send::send(port.parse()?, Path::new(file)),
        _ => bail!("copy-receive FOLDER, or copy-send PORT FILE"),
    }
}
