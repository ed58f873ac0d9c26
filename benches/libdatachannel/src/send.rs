//! The side that has the file.

use std::{
    fs::File,
    io::Read,
    net::{Ipv4Addr, TcpStream},
    path::Path,
};

use anyhow::Result;
use datachannel::RtcDataChannel;

use crate::{
    connection::{Channel, Connection, Event},
    signaling::{Signal, tell},
};

/// What one message carries: the most that every browser takes too.
const MESSAGE: usize = 64 * 1024;
/// Sending goes on once less than this is buffered, and pauses at four times as much.
const LOW: usize = 1024 * 1024;

/// Sends `file` to the receiver on `port`.
pub(crate) fn send(port: u16, file: &Path) -> Result<()> {
    let mut signaling = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut file = File::open(file)?;
    tell(&mut signaling, &Signal::Size(file.metadata()?.len()))?;
    let mut connection = Connection::new(&signaling, None)?;
    let mut channel = connection.open()?;
    channel.set_buffered_amount_low_threshold(LOW)?;
    loop {
        match connection.next()? {
            Event::Open | Event::Low => fill(&mut channel, &mut file)?,
            Event::Told(Signal::Done) => return Ok(()),
            Event::Told(_) | Event::Written(_) | Event::Failed(_) => {}
        }
    }
}

/// Sends until enough is buffered or all is sent.
fn fill(channel: &mut RtcDataChannel<Channel>, file: &mut File) -> Result<()> {
    let mut message = vec![0; MESSAGE];
    while channel.buffered_amount() < 4 * LOW {
        let len = file.read(&mut message)?;
        if len == 0 {
            return Ok(());
        }
        channel.send(&message[..len])?;
    }
    Ok(())
}
