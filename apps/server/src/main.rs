//! `snug-server`: reads flags, binds, serves, and drains when told to stop.

mod descriptors;
mod flags;
mod key_file;
mod logging;
mod page;
mod signals;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use snug_server::Server;
use tokio::sync::oneshot;
use tracing::info;

use crate::{flags::Flags, signals::Signals};

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    logging::start(&flags.log, flags.log_format);
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> anyhow::Result<()> {
    if flags.check_config {
        flags.check()?;
        return say("the configuration is good");
    }
    let mut config = flags.into_config()?;
    config.http.max_connections = descriptors::provide(config.http.max_connections);
    let server = Server::bind(config).await.map_err(explain)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    say(&whereabouts(&server))?;
    let (stop, stopping) = oneshot::channel::<()>();
    let serve = server.serve(async { drop(stopping.await) });
    let insist = async {
        signals.next().await;
        drop(stop);
        signals.next().await;
    };
    tokio::select! {
        served = serve => Ok(served?),
        () = insist => {
            info!("stopping at once");
            Ok(())
        }
    }
}

/// One line on where it serves, for people and for scripts.
fn whereabouts(server: &Server) -> String {
    let http = format!("http://{}", server.local_addr());
    let stun = server
        .stun_addr()
        .map(|address| format!("STUN on udp://{address}"));
    let metrics = server
        .metrics_addr()
        .map(|address| format!("metrics on http://{address}/metrics"));
    let parts: Vec<_> = [Some(http), stun, metrics].into_iter().flatten().collect();
    format!(
        "snug-server {} serves {}",
        env!("CARGO_PKG_VERSION"),
        parts.join(", ")
    )
}

/// Adds to an error what helps against it.
fn explain(error: snug_server::BindError) -> anyhow::Error {
    let error = anyhow::Error::from(error);
    let source = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>());
    let hint = match source.map(io::Error::kind) {
        Some(io::ErrorKind::AddrInUse) => {
            "something else has this port; choose another with --port, --stun or --metrics"
        }
        Some(io::ErrorKind::PermissionDenied) => {
            "ports below 1024 need a privilege; choose another with --port"
        }
        Some(io::ErrorKind::AddrNotAvailable) => {
            "this machine does not have that address; choose one with --listen"
        }
        _ => return error,
    };
    anyhow::anyhow!("{error:#}\n  {hint}")
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("cannot write to the standard output")
}

/// Prints an error where the log goes.
fn complain(error: &anyhow::Error) {
    // There is nowhere else to complain to.
    let _ = writeln!(io::stderr(), "snug-server: {error:#}");
}
