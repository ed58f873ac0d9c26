//! From a command line to a running command.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use snug_peer::{Peer, PeerConfig, ServerUrl};
use snug_protocol::{ClientId, Profile};
use snug_session::{Intent, Time};

use crate::{
    args::{Cli, CodeOrLink, Command, Global, Qr, SaveTo, Stay as StayArgs},
    driver::{Clock, Driver},
    exit::Exit,
    input::Lines,
    invitation::Purpose,
    json::Json,
    logs::Logs,
    output::remark,
    plain::Plain,
    plan::{Plan, Receive, Rules, Send, Stay},
    signals::Signals,
    terminal::{self, Terminal},
    view::View,
};

/// A command, worked out.
struct Job {
    intent: Intent,
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
    let me = client_id(&global);
    let job = Job::new(command, &me, &global, clock.now())?;
    let signals = Signals::start().context("cannot listen for signals")?;
    let server = job.server.to_string();
    let types = matches!(job.purpose, Purpose::Create | Purpose::Join);
    let view = View::new(me.clone(), job.purpose, server.clone());
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
        ..PeerConfig::new(job.server, job.intent, snug_protocol::Secret::Open)
    };
    let peer = Peer::start(config);
    let exit = if global.json {
        let front = Json::new(me, server, Lines::start());
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
    fn new(command: Command, me: &ClientId, global: &Global, now: Time) -> anyhow::Result<Self> {
        match command {
            Command::Create { capacity, qr, stay } => Ok(Self {
                intent: Intent::Create { capacity },
                server: global.server(None),
                purpose: Purpose::Create,
                plan: staying(me, &stay, Purpose::Create, global, now),
                save: folder(&stay.save)?,
                qr: !qr.no_qr,
            }),
            Command::Join { code, stay } => {
                let room = code.parse()?;
                Ok(Self {
                    intent: Intent::Join(room.invite.room),
                    server: global.server(room.server),
                    purpose: Purpose::Join,
                    plan: staying(me, &stay, Purpose::Join, global, now),
                    save: folder(&stay.save)?,
                    qr: false,
                })
            }
            Command::Send {
                files,
                to,
                receivers,
                qr,
            } => {
                check_files(&files)?;
                let plan = Plan::Send(Send::new(files, receivers, global.timeout, now));
                Ok(Self::sending(plan, to, receivers, qr, global))
            }
            Command::Receive { code, save, idle } => {
                let room = code.parse()?;
                Ok(Self {
                    intent: Intent::Join(room.invite.room),
                    server: global.server(room.server),
                    purpose: Purpose::Receive,
                    plan: Plan::Receive(Receive::new(idle, global.timeout, now)),
                    save: folder(&save)?,
                    qr: false,
                })
            }
            Command::Completions { .. } => anyhow::bail!("completions need no room"),
        }
    }

    /// Sends into a room, or into a new one that is large enough.
    fn sending(
        plan: Plan,
        to: Option<CodeOrLink>,
        receivers: u16,
        qr: Qr,
        global: &Global,
    ) -> Self {
        let (intent, purpose, link) = if let Some(room) = to {
            let intent = Intent::Join(room.invite.room);
            (intent, Purpose::SendTo, room.server)
        } else {
            let capacity = (receivers >= SEATS).then(|| receivers.saturating_add(1));
            (Intent::Create { capacity }, Purpose::Send, None)
        };
        Self {
            intent,
            server: global.server(link),
            purpose,
            plan,
            // Nothing is received.
            save: PathBuf::from("."),
            qr: !qr.no_qr,
        }
    }
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

fn client_id(global: &Global) -> ClientId {
    if let Some(id) = &global.client_id {
        return id.clone();
    }
    let uuid = match global.seed {
        Some(seed) => {
            let bytes = ChaCha8Rng::seed_from_u64(seed).random();
            uuid::Builder::from_random_bytes(bytes).into_uuid()
        }
        None => uuid::Uuid::new_v4(),
    };
    let id = uuid.to_string();
    id.parse().expect("a UUID is a client id")
}
