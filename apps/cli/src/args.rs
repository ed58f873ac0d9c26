//! The command line.

mod code;
mod secrecy;

use std::{path::PathBuf, time::Duration};

use clap::{
    Args, CommandFactory as _, Parser, Subcommand, builder::FalseyValueParser, error::ErrorKind,
};
use clap_complete::Shell;
use snug_peer::ServerUrl;
use snug_protocol::{ClientId, limits};

pub(crate) use self::{
    code::{Code, CodeOrLink},
    secrecy::Secrecy,
};
use crate::{ice::IceServerArg, play::Player};

/// Rooms for a few people that leave nothing behind: text and files, straight from one to the
/// other.
#[derive(Debug, Parser)]
#[command(name = "snug", version, after_long_help = EXAMPLES, max_term_width = 100)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What applies to all of it.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What applies to every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Server that introduces people to each other, unless the code is a link, which names its own
    #[arg(long, global = true, env = "SNUG_SERVER", value_name = "URL", long_help = SERVER_HELP)]
    pub(crate) server: Option<ServerUrl>,

    /// What others see you as; without it you are a guest
    #[arg(long, global = true, value_name = "NAME", default_value = "", value_parser = nickname)]
    #[arg(hide_default_value = true)]
    pub(crate) name: String,

    /// Speak JSON: one event a line on stdout, one command a line on stdin
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Give up when it is not done, or nobody has come, after this long
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Tell more on stderr: -v decisions, -vv every frame
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// For tests only: make everything random follow from this number, keys and words too, so that
    /// whoever knows it can read along
    #[arg(long, global = true, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Take part under this id rather than a fresh one
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) client_id: Option<ClientId>,

    /// STUN or TURN server to try besides the server's own: stun:HOST:PORT, or
    /// turn:USER:PASSWORD@HOST:PORT; may be given several times
    #[arg(
        long = "ice-server",
        global = true,
        env = "SNUG_ICE_SERVERS",
        value_name = "URI"
    )]
    #[arg(value_delimiter = ',', hide_env_values = true)]
    pub(crate) ice_servers: Vec<IceServerArg>,

    /// Tell nobody in the room this machine's addresses: everything goes through a TURN server if
    /// there is one, else sealed through the server itself, which is slow
    #[arg(long, global = true)]
    pub(crate) relay_only: bool,

    /// Keep what is received to oneself: do not pass pieces on to others, which saves upload
    #[arg(long, global = true, env = "SNUG_NO_SHARE", value_parser = FalseyValueParser::new())]
    pub(crate) no_share: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open a room and print its code
    Create {
        /// Seats in the room, yours included
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..))]
        capacity: Option<u16>,
        #[command(flatten)]
        secrecy: Secrecy,
        #[command(flatten)]
        qr: Qr,
        #[command(flatten)]
        stay: Stay,
    },
    /// Enter a room
    Join {
        #[command(flatten)]
        code: Code,
        #[command(flatten)]
        stay: Stay,
    },
    /// Send files and folders, then leave
    ///
    /// Opens a room and prints its code, unless --to names one. Ends once the receivers have
    /// verified every byte of what they wanted. If it is stopped before, sending the same again
    /// goes on from there.
    Send {
        /// Files and folders to send, all in one offer
        #[arg(required = true, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        /// Send into this room instead of a new one
        #[arg(long, value_name = "CODE", conflicts_with = "Secrecy")]
        to: Option<String>,
        /// How many people are to have everything before this ends
        #[arg(long, value_name = "N", default_value_t = 1)]
        #[arg(value_parser = clap::value_parser!(u16).range(1..))]
        receivers: u16,
        #[command(flatten)]
        secrecy: Secrecy,
        #[command(flatten)]
        qr: Qr,
    },
    /// Receive files and folders, then leave
    ///
    /// Takes what is on offer, all of it unless --only says what. Ends once it has arrived and the
    /// sender has left, or has offered nothing more for a while. If it is stopped before, what has
    /// come is kept in ….part: the same command in the same folder goes on from there.
    Receive {
        #[command(flatten)]
        code: Code,
        #[command(flatten)]
        save: SaveTo,
        /// Take only files and folders of this name, such as '*.jpg', 'day 1' or 'trip/*/map.png';
        /// may be given several times
        #[arg(long, value_name = "GLOB")]
        only: Vec<String>,
        /// Show what is on offer, with every name and size, and take nothing
        #[arg(long, conflicts_with_all = ["only", "save", "discard"])]
        list: bool,
        /// Receive and verify, and throw it away: for tests. Takes memory rather than disk, and no
        /// more than 256 MiB at once
        #[arg(long, conflicts_with = "save")]
        discard: bool,
        /// How long to wait for more from a sender who stays, and for somebody who has the rest
        /// when nobody does
        #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
        idle: Duration,
    },
    /// Play a film or a song while it arrives
    ///
    /// Serves it at an address for players on this machine, who may go to any place in it before
    /// all of it is here. Ends with Ctrl-C, or with the player that it started.
    Play {
        #[command(flatten)]
        code: Code,
        /// Play the first file of this name rather than the first that is a film or a song
        #[arg(long, value_name = "GLOB")]
        only: Vec<String>,
        /// Start this player with the address: mpv, vlc, 'ffplay -fs'
        #[arg(long, visible_alias = "open", value_name = "COMMAND", value_parser = Player::read)]
        with: Option<Player>,
        /// Keep the file in this folder, rather than in a temporary one that goes with the end
        #[arg(long, visible_alias = "save", value_name = "DIR")]
        #[arg(value_hint = clap::ValueHint::DirPath)]
        into: Option<PathBuf>,
    },
    /// Show six emoji for everyone in a room, to compare by voice or side by side
    ///
    /// Whoever sees the same six for you has nobody between you, even if the code was overheard.
    /// Stays until Ctrl-C, or until --timeout, and ends with 0 if somebody was verified.
    Verify {
        #[command(flatten)]
        code: Code,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// How to stay in a room.
#[derive(Debug, Clone, Args)]
pub(crate) struct Stay {
    #[command(flatten)]
    pub(crate) save: SaveTo,
    /// Leave after this long
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) duration: Option<Duration>,
    /// Stay when stdin ends, rather than leave once everything said has arrived
    #[arg(long)]
    pub(crate) linger: bool,
}

/// Where files go.
#[derive(Debug, Clone, Args)]
pub(crate) struct SaveTo {
    /// Folder for received files; nothing there is overwritten
    #[arg(long, visible_alias = "into", value_name = "DIR", default_value = ".")]
    #[arg(value_hint = clap::ValueHint::DirPath)]
    pub(crate) save: PathBuf,
}

/// The picture of the link.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Qr {
    /// Do not draw the link as a QR code
    #[arg(long)]
    pub(crate) no_qr: bool,
}

const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

const SERVER_HELP: &str = "Server that introduces people to each other, unless the code is a link, \
    which names its own. Without any, http://127.0.0.1:8080";

const EXAMPLES: &str = "\
Examples:
  Talk:               snug create --name Ann
                      snug join K7Q4X9-otter-lemon-cloud-ferry --name Bob
  Send a file:        snug send holiday.mp4
  ... and take it:    snug receive K7Q4X9-otter-lemon-cloud-ferry --save ~/Downloads
  To three people:    snug send --receivers 3 slides.pdf notes.txt
  A whole folder:     snug send ~/Pictures/trip
  ... some of it:     snug receive K7Q4X9-otter-lemon-cloud-ferry --only '*.jpg'
  What is there:      snug receive K7Q4X9-otter-lemon-cloud-ferry --list
  Watch it now:       snug play K7Q4X9-otter-lemon-cloud-ferry --with mpv
  Into a room:        snug send --to K7Q4X9-otter-lemon-cloud-ferry photo.jpg
  From a script:      echo 'the build is done' | snug join \"$CODE\" --name ci
  Is it really them:  snug verify K7Q4X9-otter-lemon-cloud-ferry
  For a program:      snug join \"$CODE\" --json
  Your own server:    export SNUG_SERVER=https://snug.example

In a room, type to talk; /help lists the commands. Ctrl-C leaves.

Exit codes:
  0  done                       4  the server was not reached, or refused
  1  something failed here      5  not every byte has arrived
  2  wrong command line         6  nobody was reached in time
  3  no such room, or full      7  the words are not those of the room
                                8  the room lets nobody in
  130, 143  stopped by Ctrl-C, by SIGTERM";

impl Cli {
    /// Reads the command line, or ends the program with what is wrong with it.
    pub(crate) fn read() -> Self {
        let cli = Self::parse();
        if let Err(error) = cli.command.check_code() {
            Self::command()
                .error(ErrorKind::ValueValidation, error)
                .exit();
        }
        cli
    }
}

impl Command {
    /// Reads the code, if there is one, for its mistakes. Not left to clap, which would repeat all
    /// of it with the one word that is wrong.
    fn check_code(&self) -> anyhow::Result<()> {
        match self {
            Self::Join { code, .. }
            | Self::Receive { code, .. }
            | Self::Play { code, .. }
            | Self::Verify { code } => code.parse().map(drop),
            Self::Send { to: Some(to), .. } => CodeOrLink::read(to).map(drop),
            Self::Create { .. } | Self::Send { .. } | Self::Completions { .. } => Ok(()),
        }
    }
}

impl Global {
    /// The server to use, given what a link says.
    pub(crate) fn server(&self, link: Option<ServerUrl>) -> ServerUrl {
        link.or_else(|| self.server.clone())
            .unwrap_or_else(|| DEFAULT_SERVER.parse().expect("the default is an address"))
    }
}

/// Takes a time in seconds, with a fraction if need be.
fn seconds(typed: &str) -> Result<Duration, String> {
    let seconds: f64 = typed.parse().map_err(|_| "not a number of seconds")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn nickname(typed: &str) -> Result<String, String> {
    let name = typed.trim();
    if name.len() > limits::NICKNAME_BYTES {
        return Err(format!("longer than {} bytes", limits::NICKNAME_BYTES));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_every_command_go_anywhere() {
        for line in [
            "snug --name Ann --server http://a:1 --json join K7Q4X9",
            "snug join --json K7Q4X9 --server http://a:1 --name Ann",
        ] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.global.name, "Ann");
            assert_eq!(cli.global.server(None), "http://a:1".parse().unwrap());
            assert!(cli.global.json);
        }
    }

    #[test]
    fn mistakes_are_refused() {
        let long = format!("snug create --name {}", "x".repeat(65));
        for line in [
            "snug",
            "snug dance",
            "snug join",
            "snug send",
            "snug send a --receivers 0",
            "snug create --capacity 1",
            "snug create --server ftp://a",
            "snug create --timeout soon",
            "snug create --timeout -1",
            "snug create --client-id a/b",
            "snug create --strong --open",
            "snug send a --to K7Q4X9 --open",
            "snug send a --to K7Q4X9 --strong",
            "snug join K7Q4X9 --open",
            "snug receive K7Q4X9 --list --only x",
            "snug receive K7Q4X9 --list --save x",
            "snug receive K7Q4X9 --discard --into x",
            "snug play K7Q4X9 --with ''",
            &long,
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        for line in ["snug join nonsense", "snug send a --to nonsense"] {
            assert!(parse(line).unwrap().command.check_code().is_err());
        }
    }

    #[test]
    fn times_have_fractions() {
        let cli = parse("snug create --timeout 0.5").unwrap();
        assert_eq!(cli.global.timeout, Some(Duration::from_millis(500)));
    }
}
