//! From a command line to a running command.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context as _;
use snug_peer::{Destination, Peer, PeerConfig, ServerUrl};
use snug_protocol::{ClientId, Profile, Secret};
use snug_session::{Intent, Time};
use tempfile::TempDir;

use crate::{
    args::{Cli, CodeOrLink, Command, Global, SaveTo, Stay as StayArgs},
    choice::Choice,
    driver::{Clock, Driver},
    errands::Stage,
    exit::Exit,
    input::Lines,
    invitation::Purpose,
    json::{Json, write_exit},
    logs::Logs,
    output::{Output, remark},
    plain::Plain,
    plan::{Plan, Play, Receive, Rules, Send, Stay, Taking, Verify},
    play::Player,
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
    save: Destination,
    player: Option<Player>,
    /// Goes with the end.
    temporary: Option<TempDir>,
    qr: bool,
}

/// How long a member who offers other things has to offer something to play.
const IDLE: Duration = Duration::from_secs(3);

/// Seats that a server gives a room by default.
const SEATS: u16 = 8;

/// Runs a command.
pub(crate) async fn run(cli: Cli, live: bool, logs: Logs) -> anyhow::Result<Exit> {
    let Cli { command, global } = cli;
    let clock = Clock::start();
    let mut randomness = Randomness::new(global.seed);
    let me = client_id(&global, randomness.draw()?);
    let attended = live && terminal::can_type();
    let job = Job::new(
        command,
        &me,
        &global,
        attended,
        randomness.draw()?,
        clock.now(),
    )?;
    warn_of_seed(&global);
    let temporary = job.temporary.as_ref();
    let signals = Signals::start(temporary.map(|folder| folder.path().to_owned()));
    let signals = signals.context("cannot listen for signals")?;
    let server = job.server.to_string();
    let types = matches!(job.purpose, Purpose::Create | Purpose::Join);
    let secret = job.secret.clone();
    let view = View::new(me.clone(), job.purpose, server.clone(), secret.clone());
    let draws_codes = job.qr;
    let plan = job.plan;
    let stage = Stage {
        save: job.save,
        player: job.player,
    };
    tell_temporary(&global, job.temporary.as_ref());
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
        Driver::new(peer, plan, front, stage, clock, signals)
            .run()
            .await
    } else if live && (attended || !types) {
        let front = Terminal::new(view, types, draws_codes, logs)?;
        Driver::new(peer, plan, front, stage, clock, signals)
            .run()
            .await
    } else {
        let front = Plain::new(view, types.then(Lines::start));
        Driver::new(peer, plan, front, stage, clock, signals)
            .run()
            .await
    };
    Ok(exit)
}

/// Says what went wrong before anything could be shown.
pub(crate) fn failed(error: &anyhow::Error, json: bool) -> Exit {
    remark(&format!("error: {error:#}"));
    let exit = Exit::Failed(format!("{error:#}"));
    if json {
        Output::default().line(&write_exit(&exit));
    }
    exit
}

impl Job {
    fn new(
        command: Command,
        me: &ClientId,
        global: &Global,
        attended: bool,
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
                plan: staying(me, &stay, Purpose::Create, global, attended, now),
                save: folder(&stay.save)?,
                player: None,
                temporary: None,
                qr: !qr.no_qr,
            }),
            Command::Join { code, stay } => {
                let plan = staying(me, &stay, Purpose::Join, global, attended, now);
                let save = folder(&stay.save)?;
                Ok(Self::joining(code.parse()?, Purpose::Join, plan, global).saving_in(save))
            }
            Command::Send {
                paths,
                to,
                receivers,
                secrecy,
                qr,
            } => {
                check_paths(&paths)?;
                let plan = Plan::Send(Send::new(paths, receivers, global.timeout, now));
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
                    save: Destination::Memory,
                    player: None,
                    temporary: None,
                    qr: !qr.no_qr,
                })
            }
            Command::Receive {
                code,
                save,
                only,
                list,
                discard,
                idle,
            } => {
                let choice = Choice::of_patterns(&only);
                let (purpose, taking, save) = match (list, discard) {
                    (true, _) => (Purpose::List, Taking::Nothing, Destination::Memory),
                    (_, true) => (
                        Purpose::Receive,
                        Taking::Discard(choice),
                        Destination::Memory,
                    ),
                    _ => (Purpose::Receive, Taking::Folder(choice), folder(&save)?),
                };
                let plan = Plan::Receive(Receive::new(taking, idle, global.timeout, now));
                Ok(Self::joining(code.parse()?, purpose, plan, global).saving_in(save))
            }
            Command::Play {
                code,
                only,
                with,
                into,
            } => {
                let only = (!only.is_empty()).then(|| Choice::of_patterns(&only));
                let plan = Plan::Play(Play::new(only, IDLE, global.timeout, now));
                let mut job = Self::joining(code.parse()?, Purpose::Play, plan, global);
                job.player = with;
                if let Some(save) = into {
                    return Ok(job.saving_in(folder(&SaveTo { save })?));
                }
                let temporary = TempDir::with_prefix("snug-play-");
                let temporary = temporary.context("cannot make a temporary folder")?;
                job.save = Destination::Folder(temporary.path().to_owned());
                job.temporary = Some(temporary);
                Ok(job)
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
            save: Destination::Memory,
            player: None,
            temporary: None,
            qr: false,
        }
    }

    fn saving_in(self, save: Destination) -> Self {
        Self { save, ..self }
    }
}

fn staying(
    me: &ClientId,
    stay: &StayArgs,
    purpose: Purpose,
    global: &Global,
    attended: bool,
    now: Time,
) -> Plan {
    let rules = Rules {
        opens_room: purpose.opens_room(),
        duration: stay.duration,
        timeout: global.timeout,
        linger: stay.linger,
        // A program reads of each line by itself what became of it.
        unattended: !attended && !global.json,
    };
    Plan::Stay(Stay::new(me.clone(), rules, now))
}

/// The folder for received files, made if only its last part is missing.
fn folder(save: &SaveTo) -> anyhow::Result<Destination> {
    let folder = &save.save;
    let cannot = || format!("cannot save files in {}", folder.display());
    if !folder.is_dir() {
        fs::create_dir(folder).with_context(cannot)?;
    }
    // A folder that takes no file is told of now, and not after the wait for one.
    tempfile::tempfile_in(folder).with_context(cannot)?;
    Ok(Destination::Folder(folder.clone()))
}

/// Finds mistakes before anybody is asked to wait.
fn check_paths(paths: &[PathBuf]) -> anyhow::Result<()> {
    for path in paths {
        fs::metadata(path).with_context(|| format!("cannot send {}", path.display()))?;
    }
    Ok(())
}

/// Says where what is played is kept, to people: programs are told by `received`.
fn tell_temporary(global: &Global, temporary: Option<&TempDir>) {
    if let Some(temporary) = temporary
        && !global.json
    {
        let folder = temporary.path().display();
        remark(&format!(
            "kept in {folder} until this ends; --into DIR keeps it for good"
        ));
    }
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
