//! The side that takes the file.

use std::{
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Instant,
};

use anyhow::Result;

use crate::{
    connection::{Connection, Event},
    signaling::{Signal, tell},
};

/// Prints the port, takes one file into `folder`, and prints the seconds it took from the opening
/// of the channel until it was on the disk.
pub(crate) fn receive(folder: &Path) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    let (mut signaling, _) = listener.accept()?;
    let file = File::create(folder.join("copy"))?;
    let mut connection = Connection::new(&signaling, Some(file.try_clone()?))?;
    let (mut size, mut written) = (u64::MAX, 0);
    let mut start = now();
    while written < size {
        match connection.next()? {
            Event::Told(Signal::Size(bytes)) => size = bytes,
            Event::Open if written == 0 => start = now(),
            Event::Written(bytes) => written += bytes as u64,
            Event::Open | Event::Low | Event::Told(_) | Event::Failed(_) => {}
        }
    }
    file.sync_all()?;
    println!("{}", start.elapsed().as_secs_f64());
    tell(&mut signaling, &Signal::Done)
}

/// Reads the clock.
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}
