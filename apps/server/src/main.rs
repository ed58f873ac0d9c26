//! `snug-server`: reads flags, binds, serves, and drains when told to stop.

mod descriptors;
mod flags;
mod key_file;
mod logging;
mod signals;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use snug_server::{Config, Server};
use tokio::sync::oneshot;
use tracing::{info, warn};

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
    let check_only = flags.check_config;
    let mut config = flags.into_config()?;
    if check_only {
        return say("the configuration is good");
    }
    config.http.max_connections = descriptors::provide(config.http.max_connections);
    warn_of_strangers(&config);
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
    let mut line = format!(
        "snug-server {} serves http://{}",
        env!("CARGO_PKG_VERSION"),
        server.local_addr()
    );
    if let Some(address) = server.stun_addr() {
        line += &format!(", STUN on udp://{address}");
    }
    if let Some(address) = server.metrics_addr() {
        line += &format!(", metrics on http://{address}/metrics");
    }
    line
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

/// Loopback is spared from the limits per address, which a proxy on the same machine would turn
/// into no limits at all.
fn warn_of_strangers(config: &Config) {
    if config.trusted_proxies.is_empty() && config.listen.ip().is_loopback() {
        warn!("if a proxy forwards to this server, name it with --trusted-proxy");
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("cannot write to the standard output")
}

/// Prints an error where the log goes.
fn complain(error: &anyhow::Error) {
    // There is nowhere else to complain to.
    let _ = writeln!(io::stderr(), "snug-server: {error:#}");
}
