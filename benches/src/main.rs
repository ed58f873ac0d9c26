//! Measures Snug as people run it: real processes of `snug` and `snug-server`, on loopback beside
//! plain copies of the same file, and on networks that are slow or bad; and what a handshake costs.
//! What is compared is run in turns, and medians are told.

mod buffers;
mod chat;
mod copy;
mod cost;
mod faults;
mod files;
mod handshake;
mod histogram;
mod join;
mod member;
mod mesh;
mod netns;
mod reference;
mod room;
mod same;
mod sample;
mod server;
mod swarm;
mod transfer;
mod usage;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use self::copy::Wire;

/// Measures Snug with real processes on this machine. Let nothing else run meanwhile.
#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Everything that needs no network of its own, one after the other.
    All,
    /// A file from disk to disk, beside copies of it by TCP, QUIC and libdatachannel.
    Transfer {
        /// Size of the file.
        #[arg(long, default_value_t = 1024)]
        mib: u64,
        /// Copies by each means.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// A folder of small files from disk to disk.
    Files {
        /// Files in it.
        #[arg(long, default_value_t = 10_000)]
        count: usize,
        /// Times it is sent.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// A file to several receivers at once over slow uplinks, in network namespaces. For root.
    Swarm {
        /// Size of the file.
        #[arg(long, default_value_t = 20)]
        mib: u64,
        /// Times it is sent to each number of receivers.
        #[arg(long, default_value_t = 1)]
        rounds: usize,
    },
    /// A file while something goes wrong, in network namespaces. For root.
    Faults {
        /// Only those with this in their name.
        #[arg(long, default_value = "", hide_default_value = true)]
        only: String,
    },
    /// From the start of `snug join` to its first message at the other side.
    Join {
        /// Joins measured.
        #[arg(long, default_value_t = 50)]
        rounds: usize,
    },
    /// Round trips of chat messages, idle and while a file goes the same way.
    Chat {
        /// Size of the file.
        #[arg(long, default_value_t = 1024)]
        mib: u64,
    },
    /// Eight members who come at once, until all 28 links are up.
    Mesh {
        /// Rooms measured.
        #[arg(long, default_value_t = 10)]
        rounds: usize,
    },
    /// What a handshake costs each side, in this process.
    Handshake {
        /// Handshakes measured.
        #[arg(long, default_value_t = 5000)]
        rounds: usize,
    },
    #[command(hide = true)]
    CopySend {
        wire: Wire,
        port: u16,
        file: PathBuf,
    },
    #[command(hide = true)]
    CopyReceive { wire: Wire, folder: PathBuf },
}

fn main() -> Result<()> {
    match Args::parse().what {
        What::All => {
            transfer::measure(1024, 5)?;
            files::measure(10_000, 3)?;
            join::measure(50)?;
            chat::measure(1024)?;
            mesh::measure(10)?;
            handshake::measure(5000)
        }
        What::Transfer { mib, rounds } => transfer::measure(mib, rounds),
        What::Files { count, rounds } => files::measure(count, rounds),
        What::Swarm { mib, rounds } => swarm::measure(mib, rounds),
        What::Faults { only } => faults::measure(&only),
        What::Join { rounds } => join::measure(rounds),
        What::Chat { mib } => chat::measure(mib),
        What::Mesh { rounds } => mesh::measure(rounds),
        What::Handshake { rounds } => handshake::measure(rounds),
        What::CopySend { wire, port, file } => copy::send(wire, port, &file),
        What::CopyReceive { wire, folder } => copy::receive(wire, &folder),
    }
}

/// Tells a result.
#[expect(clippy::print_stdout, reason = "it measures and reports")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

/// Reads the clock.
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
