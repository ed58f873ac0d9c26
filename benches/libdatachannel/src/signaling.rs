//! What the two processes tell each other beside the connection: lines of JSON over TCP.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
};

use anyhow::Result;
use datachannel::{IceCandidate, SessionDescription};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Signal {
    /// So many bytes are going to come.
    Size(u64),
    /// For the other peer connection.
    Description(Box<SessionDescription>),
    /// For the other peer connection.
    Candidate(IceCandidate),
    /// All of it is on the disk.
    Done,
}

/// Writes one.
pub(crate) fn tell(stream: &mut TcpStream, signal: &Signal) -> Result<()> {
    let mut line = serde_json::to_vec(signal)?;
    line.push(b'\n');
    Ok(stream.write_all(&line)?)
}

/// Reads them until one makes no sense or the other side is gone.
pub(crate) fn read(stream: &TcpStream) -> Result<impl Iterator<Item = Signal> + use<>> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    Ok(lines.map_while(|line| serde_json::from_str(&line.ok()?).ok()))
}
