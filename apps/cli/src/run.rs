//! From a command line to a running command.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use snug_peer::{Peer, PeerConfig, ServerUrl};
use snug_protocol::{ClientId, Profile, Secret};
use snug_session::{Intent, Time};

use crate::{
    args::{Cli, CodeOrLink, Command, Global, SaveTo, Stay as StayArgs},
    driver::{Clock, Driver},
    exit::Exit,
    input::Lines,
    invitation::Purpose,
    json::Json,
    logs::Logs,
    output::remark,
    plain::Plain,
    plan::{Plan, Receive, Rules, Send, Stay, Verify},
    randomness::Randomness,
    signals::Signals,
    terminal::{self, Terminal},
    view::View,
};

/// A command, worked out.
struct Job {
    intent: Intent,
    secret: Secret,
    server: ServerUrl,
    purpose: Purpose,
    plan: Plan,
    save: PathBuf,
    qr: bool,
}

/// Seats that a server gives a room by default.
const SEATS: u16 = 8;

/// Runs a command.
pub(crate) async fn run(cli: Cli, live: bool, logs: Logs) -> anyhow::Result<Exit> {
    let Cli { command, global } = cli;
    let clock = Clock::start();
    let mut randomness = Randomness::new(global.seed);
    let me = client_id(&global, randomness.draw()?);
    let job = Job::new(command, &me, &global, randomness.draw()?, clock.now())?;
    warn_of_seed(&global);
    let signals = Signals::start().context("cannot listen for signals")?;
    let server = job.server.to_string();
    let types = matches!(job.purpose, Purpose::Create | Purpose::Join);
    let secret = job.secret.clone();
    let view = View::new(me.clone(), job.purpose, server.clone(), secret.clone());
    let draws_codes = job.qr;
    let (plan, save) = (job.plan, job.save);
    let config = PeerConfig {
        client: Some(me.clone()),
        profile: Profile {
            nickname: global.name,
            ..Profile::default()
        },
        seed: global.seed,
        ice_servers: global
            .ice_servers
            .into_iter()
            .map(|server| server.0)
            .collect(),
        relay_only: global.relay_only,
        shares: !global.no_share,
        ..PeerConfig::new(job.server, job.intent, job.secret)
    };
    let peer = Peer::start(config);
    let exit = if global.json {
        let front = Json::new(me, server, secret, Lines::start());
        Driver::new(peer, plan, front, save, clock, signals)
            .run()
            .await
    } else if live && (terminal::can_type() || !types) {
        let front = Terminal::new(view, types, draws_codes, logs)?;
        Driver::new(peer, plan, front, save, clock, signals)
            .run()
            .await
    } else {
        let front = Plain::new(view, types.then(Lines::start));
        Driver::new(peer, plan, front, save, clock, signals)
            .run()
            .await
    };
    Ok(exit)
}

/// Says what went wrong before anything could be shown.
pub(crate) fn failed(error: &anyhow::Error) -> Exit {
    remark(&format!("error: {error:#}"));
    Exit::Failed(format!("{error:#}"))
}

impl Job {
    fn new(
        command: Command,
        me: &ClientId,
        global: &Global,
        entropy: [u8; 16],
        now: Time,
    ) -> anyhow::Result<Self> {
        match command {
            Command::Create {
                capacity,
                secrecy,
                qr,
                stay,
            } => Ok(Self {
                intent: Intent::Create { capacity },
                secret: secrecy.secret(entropy),
                server: global.server(None),
                purpose: Purpose::Create,
                plan: staying(me, &stay, Purpose::Create, global, now),
                save: folder(&stay.save)?,
                qr: !qr.no_qr,
            }),
            Command::Join { code, stay } => {
                let plan = staying(me, &stay, Purpose::Join, global, now);
                let save = folder(&stay.save)?;
                Ok(Self::joining(code.parse()?, Purpose::Join, plan, global).saving_in(save))
            }
            Command::Send {
                files,
                to,
                receivers,
                secrecy,
                qr,
            } => {
                check_files(&files)?;
                let plan = Plan::Send(Send::new(files, receivers, global.timeout, now));
                if let Some(to) = to {
                    let room = CodeOrLink::read(&to)?;
                    return Ok(Self::joining(room, Purpose::SendTo, plan, global));
                }
                // Large enough for all who are to have it.
                let capacity = (receivers >= SEATS).then(|| receivers.saturating_add(1));
                Ok(Self {
                    intent: Intent::Create { capacity },
                    secret: secrecy.secret(entropy),
                    server: global.server(None),
                    purpose: Purpose::Send,
                    plan,
                    save: nowhere(),
                    qr: !qr.no_qr,
                })
            }
            Command::Receive { code, save, idle } => {
                let plan = Plan::Receive(Receive::new(idle, global.timeout, now));
                let save = folder(&save)?;
                Ok(Self::joining(code.parse()?, Purpose::Receive, plan, global).saving_in(save))
            }
            Command::Verify { code } => {
                let plan = Plan::Verify(Verify::new(global.timeout, now));
                Ok(Self::joining(code.parse()?, Purpose::Verify, plan, global))
            }
            Command::Completions { .. } => anyhow::bail!("completions need no room"),
        }
    }

    /// Enters a room that exists.
    fn joining(room: CodeOrLink, purpose: Purpose, plan: Plan, global: &Global) -> Self {
        Self {
            intent: Intent::Join(room.invite.room),
            secret: room.invite.secret,
            server: global.server(room.server),
            purpose,
            plan,
            save: nowhere(),
            qr: false,
        }
    }

    fn saving_in(self, save: PathBuf) -> Self {
        Self { save, ..self }
    }
}

/// Where those save who receive nothing.
fn nowhere() -> PathBuf {
    PathBuf::from(".")
}

fn staying(me: &ClientId, stay: &StayArgs, purpose: Purpose, global: &Global, now: Time) -> Plan {
    let rules = Rules {
        opens_room: purpose.opens_room(),
        duration: stay.duration,
        timeout: global.timeout,
        linger: stay.linger,
    };
    Plan::Stay(Stay::new(me.clone(), rules, now))
}

/// The folder for received files, made if only its last part is missing.
fn folder(save: &SaveTo) -> anyhow::Result<PathBuf> {
    let folder = &save.save;
    if !folder.is_dir() {
        fs::create_dir(folder)
            .with_context(|| format!("cannot save files in {}", folder.display()))?;
    }
    Ok(folder.clone())
}

/// Finds mistakes before anybody is asked to wait.
fn check_files(files: &[PathBuf]) -> anyhow::Result<()> {
    for path in files {
        let shown = path.display();
        let metadata = fs::metadata(path).with_context(|| format!("cannot send {shown}"))?;
        if metadata.is_dir() {
            anyhow::bail!("cannot send {shown}: it is a folder. Pack it first, with zip or tar");
        }
    }
    Ok(())
}

fn client_id(global: &Global, bits: [u8; 16]) -> ClientId {
    if let Some(id) = &global.client_id {
        return id.clone();
    }
    let uuid = uuid::Builder::from_random_bytes(bits).into_uuid();
    let id = uuid.to_string();
    id.parse().expect("a UUID is a client id")
}

/// Says what a seed costs, to people: programs have read what it is for.
fn warn_of_seed(global: &Global) {
    if global.seed.is_some() && !global.json {
        remark(
            "warning: with --seed the keys can be predicted: whoever knows the number can read \
             along. For tests only.",
        );
    }
}
