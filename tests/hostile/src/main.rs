//! `snug-hostile`: a server that does what it must not.
//!
//! `simulate` lets it loose on thousands of simulated rooms and prints what became of them. The
//! exit code is 1 if anything happened that must not. `proxy` is a real server to real programs.

mod table;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use snug_hostile::{
    Attack, Knowledge,
    proxy::Proxy,
    simulate::{recorded_elsewhere, run},
};

use self::table::{Row, Table};

#[derive(Debug, Parser)]
#[command(about, version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Attacks simulated rooms
    Simulate(Simulate),
    /// Stands before a real server and attacks whoever comes
    Proxy(Run),
}

#[derive(Debug, Args)]
struct Simulate {
    /// What to do, or "all"
    #[arg(long, default_value = "all")]
    attack: String,
    /// How many rooms for each attack
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The seed of the first room
    #[arg(long, default_value_t = 0)]
    first: u64,
}

#[derive(Debug, Args)]
struct Run {
    /// The server, by address and port
    #[arg(long)]
    server: SocketAddr,
    /// Where to listen, by address and port
    #[arg(long)]
    listen: SocketAddr,
    /// What to do
    #[arg(long)]
    attack: Attack,
    /// What chance decides by
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::Simulate(simulate) => simulate.run(),
        Command::Proxy(proxy) => proxy.run(),
    }
}

impl Simulate {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let knowledge = Knowledge {
            recorded: recorded_elsewhere(),
            words: None,
        };
        let mut table = Table::begin(io::stdout())?;
        let mut breaches = false;
        for attack in self.attacks()? {
            let mut row = Row::new(attack);
            for seed in self.first..self.first + self.seeds {
                row.add(seed, &run(attack, seed, knowledge.clone()));
            }
            breaches |= row.is_breach();
            table.write(&row)?;
        }
        Ok(if breaches {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    fn attacks(&self) -> anyhow::Result<Vec<Attack>> {
        if self.attack == "all" {
            return Ok(Attack::all().to_vec());
        }
        let named = Attack::all().iter().find(|it| it.name() == self.attack);
        let named = named.with_context(|| {
            let names: Vec<_> = Attack::all().iter().map(|attack| attack.name()).collect();
            format!("no such attack; there are {}", names.join(", "))
        });
        named.map(|attack| vec![*attack])
    }
}

impl Run {
    #[tokio::main]
    async fn run(&self) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            self.attack != Attack::Intercept,
            "connections between members do not pass here; they can be intercepted by simulate alone"
        );
        let proxy = Proxy::bind(self.listen, self.server, self.attack, self.seed).await?;
        writeln!(io::stdout(), "http://{}", proxy.local_addr()?)?;
        proxy.serve().await;
        Ok(ExitCode::SUCCESS)
    }
}
