//! `snug`: rooms for a few people, from the command line.
//!
//! ```text
//!             ┌──────────── Driver ────────────┐
//!  Peer ─────►│ events ──► Plan ──► what to do │──► Peer
//!             │    │                           │
//!  signals ──►│    └─────► Front ──► requests  │
//!             └────────────────────────────────┘
//! ```
//!
//! A [`plan`] knows what a command does by itself and when it is over. A [`front`] shows what
//! happens and hears what is asked for: [`terminal`], [`plain`] lines, or [`json`].

mod args;
mod choice;
mod driver;
mod errands;
mod exit;
mod front;
mod happening;
mod harmless;
mod ice;
mod input;
mod invitation;
mod json;
mod logs;
mod output;
mod plain;
mod plan;
mod play;
mod randomness;
mod request;
mod run;
mod signals;
mod style;
mod terminal;
#[cfg(test)]
mod testing;
mod units;
mod view;

use std::process::ExitCode;

use clap::CommandFactory as _;

use self::{
    args::{Cli, Command},
    exit::Exit,
    logs::Logs,
    output::Output,
    request::Request,
};

/// The stack under a link allocates several times for each packet. With the system's allocator it
/// carries about a tenth less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::read();
    if let Command::Completions { shell } = cli.command {
        return print_completions(shell).into();
    }
    let exit = start(cli);
    exit.into()
}

fn start(cli: Cli) -> Exit {
    let json = cli.global.json;
    let live = !json && terminal::is_live();
    let logs = Logs::start(cli.global.verbose, live);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return run::failed(&error.into(), json),
    };
    let exit = runtime.block_on(run::run(cli, live, logs));
    // A file that is still being hashed must not hold up the end.
    runtime.shutdown_background();
    exit.unwrap_or_else(|error| run::failed(&error, json))
}

fn print_completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "snug", &mut script);
    let mut output = Output::default();
    output.write(&String::from_utf8_lossy(&script));
    match output.take_end() {
        Some(Request::OutputFailed(why)) => run::failed(
            &anyhow::anyhow!("cannot write the completions: {why}"),
            false,
        ),
        _ => Exit::Done,
    }
}
