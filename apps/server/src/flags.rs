//! The command line and the environment.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these are the text of --help"
)]

mod values;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{bail, ensure};
use clap::{Args, Parser};
use ipnet::IpNet;
use snug_server::{
    AppId, Config, Host, Rate,
    config::{MetricsListener, StunListener, TurnConfig},
    limits,
};

use self::values::{duration, lasting, metrics, network, positive, stun};
use crate::{
    key_file,
    logging::{LogFilter, LogFormat},
    page,
};

/// Introduces the people of a Snug room to each other, and forgets them.
///
/// It relays what they need to meet, keeps nothing on disk but one key, and cannot read what they
/// say. Every flag can be given as an environment variable instead.
#[derive(Debug, Parser)]
#[command(name = "snug-server", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    network: NetworkFlags,
    #[command(flatten)]
    key: KeyFlags,
    #[command(flatten)]
    turn: TurnFlags,
    #[command(flatten)]
    rooms: RoomFlags,
    #[command(flatten)]
    sockets: SocketFlags,
    #[command(flatten)]
    addresses: AddressFlags,
    #[command(flatten)]
    drain: DrainFlags,
    /// What to log: error, warn, info, debug or trace, also per module. Up to info there is no
    /// address, room, client or message in it.
    #[arg(
        long,
        env = "SNUG_LOG",
        default_value = "info",
        value_name = "LEVEL",
        help_heading = "Log"
    )]
    pub(crate) log: LogFilter,
    /// How log lines are written.
    #[arg(
        long,
        env = "SNUG_LOG_FORMAT",
        default_value = "text",
        value_enum,
        help_heading = "Log"
    )]
    pub(crate) log_format: LogFormat,
    /// Read everything, say whether it makes sense, and exit. Nothing is written.
    #[arg(long)]
    pub(crate) check_config: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
struct NetworkFlags {
    /// Where to serve HTTP and WebSocket connections. The default is every address of this machine.
    #[arg(
        long,
        env = "SNUG_LISTEN",
        default_value = "[::]:8080",
        value_name = "IP:PORT"
    )]
    listen: SocketAddr,
    /// The port to serve on, instead of the one in --listen. 0 picks a free one.
    #[arg(long, short, env = "PORT")]
    port: Option<u16>,
    /// Where to answer STUN over UDP: an address, `same` as HTTP, or `off`.
    #[arg(long, env = "SNUG_STUN", default_value = "same", value_name = "IP:PORT", value_parser = stun)]
    stun: StunListener,
    /// Where to serve metrics: an address, or `off`. Without this flag 127.0.0.1:9464, if it is
    /// free.
    #[arg(long, env = "SNUG_METRICS", value_name = "IP:PORT", value_parser = metrics)]
    metrics: Option<MetricsListener>,
    /// The host name that clients use for STUN, if it is not the one that they use for HTTP.
    #[arg(long, env = "SNUG_PUBLIC_HOST", value_name = "HOST")]
    public_host: Option<Host>,
    /// Proxies in front of this server, whose X-Forwarded-For is believed. Without them everyone
    /// behind a proxy counts as one address. Separate several with commas.
    #[arg(long, env = "SNUG_TRUSTED_PROXIES", value_name = "IP/BITS", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// Pages of other sites that may use this server, as https://example.org. Separate several
    /// with commas.
    #[arg(
        long,
        env = "SNUG_ALLOW_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    allow_origin: Vec<String>,
    /// The app for phones that opens links to rooms here instead of the page: its team and its
    /// bundle, as ABCDE12345.app.snug. iOS asks for it over HTTPS.
    #[arg(long, env = "SNUG_IOS_APP", value_name = "TEAM.BUNDLE")]
    ios_app: Option<AppId>,
    /// TCP connections at once, sockets included.
    #[arg(long, env = "SNUG_MAX_CONNECTIONS", default_value_t = limits::MAX_CONNECTIONS, value_name = "N")]
    max_connections: usize,
    /// Time for the head, and again for the body, of an HTTP request to arrive.
    #[arg(long, env = "SNUG_REQUEST_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = lasting)]
    request_timeout: Duration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Key")]
struct KeyFlags {
    /// File of the key with which members get back into their rooms after a restart. It is made
    /// when it is not there. Nodes that stand in for each other need the same.
    /// The default is server.key in the state directory ($STATE_DIRECTORY,
    /// $XDG_STATE_HOME/snug or ~/.local/state/snug).
    #[arg(long, env = "SNUG_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The key itself, instead of a file: 32 bytes in hexadecimal or base64. Better given as
    /// SNUG_KEY than where everyone on the machine can see it.
    #[arg(long, env = "SNUG_KEY", value_name = "KEY", hide_env_values = true)]
    key: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "TURN")]
struct TurnFlags {
    /// TURN servers that clients are told, as turn:turn.example:3478?transport=udp. Separate
    /// several with commas.
    #[arg(
        long,
        env = "SNUG_TURN_URLS",
        value_name = "URL",
        value_delimiter = ',',
        requires = "turn_secret"
    )]
    turn_url: Vec<String>,
    /// The secret shared with them: coturn's static-auth-secret. Better given as
    /// SNUG_TURN_SECRET.
    #[arg(
        long,
        env = "SNUG_TURN_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    turn_secret: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rooms")]
struct RoomFlags {
    /// Seats of a room whose creator names no number.
    #[arg(long, env = "SNUG_CAPACITY", default_value_t = limits::DEFAULT_CAPACITY, value_name = "N")]
    capacity: u16,
    /// Most seats that a creator may ask for.
    #[arg(long, env = "SNUG_MAX_CAPACITY", default_value_t = limits::MAX_CAPACITY, value_name = "N")]
    max_capacity: u16,
    /// Rooms at once.
    #[arg(long, env = "SNUG_MAX_ROOMS", default_value_t = limits::MAX_ROOMS, value_name = "N")]
    max_rooms: usize,
    /// How long a room outlives the last sign of life in it.
    #[arg(long, env = "SNUG_ROOM_EXPIRY", default_value = "5m", value_name = "TIME", value_parser = lasting)]
    room_expiry: Duration,
    /// How long a seat is kept for someone who has yet to connect.
    #[arg(long, env = "SNUG_SEAT_LAPSE", default_value = "30s", value_name = "TIME", value_parser = lasting)]
    seat_lapse: Duration,
    /// How long a seat is kept for someone whose connection dropped.
    #[arg(long, env = "SNUG_GRACE", default_value = "30s", value_name = "TIME", value_parser = duration)]
    grace: Duration,
    /// How long messages wait for someone whose connection dropped.
    #[arg(long, env = "SNUG_HOLD_TIME", default_value = "60s", value_name = "TIME", value_parser = duration)]
    hold_time: Duration,
    /// How many messages wait for one such member.
    #[arg(long, env = "SNUG_HELD_MESSAGES", default_value_t = limits::HELD_MESSAGES, value_name = "N")]
    held_messages: usize,
    /// How many bytes wait for one such member.
    #[arg(long, env = "SNUG_HELD_BYTES", default_value_t = limits::HELD_BYTES, value_name = "N")]
    held_bytes: usize,
    /// How many bytes wait for all of them.
    #[arg(long, env = "SNUG_HELD_BYTES_IN_ALL", default_value_t = limits::HELD_BYTES_IN_ALL, value_name = "N")]
    held_bytes_in_all: usize,
    /// How long after a restart members get back into their rooms.
    #[arg(long, env = "SNUG_TOKEN_LIFE", default_value = "24h", value_name = "TIME", value_parser = duration)]
    token_life: Duration,
    /// Messages of the handshake in a second from one member: a try at the words takes at least
    /// one.
    #[arg(long, env = "SNUG_KEY_MESSAGES_PER_SECOND", default_value_t = 10, value_name = "N", value_parser = positive())]
    key_messages_per_second: u32,
    /// Messages of the handshake at once from one member, after a rest. Each newcomer sends two
    /// to everyone in the room.
    #[arg(long, env = "SNUG_KEY_MESSAGE_BURST", default_value_t = 64, value_name = "N", value_parser = positive())]
    key_message_burst: u32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "WebSockets")]
struct SocketFlags {
    /// Time for the first message to arrive.
    #[arg(long, env = "SNUG_INIT_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = lasting)]
    init_timeout: Duration,
    /// How often a silent socket is pinged.
    #[arg(long, env = "SNUG_PING_INTERVAL", default_value = "25s", value_name = "TIME", value_parser = lasting)]
    ping_interval: Duration,
    /// How long the answer may take.
    #[arg(long, env = "SNUG_PONG_TIMEOUT", default_value = "8s", value_name = "TIME", value_parser = lasting)]
    pong_timeout: Duration,
    /// How long a write may take.
    #[arg(long, env = "SNUG_WRITE_TIMEOUT", default_value = "5s", value_name = "TIME", value_parser = lasting)]
    write_timeout: Duration,
    /// How many messages wait for a socket that does not read, before it is closed.
    #[arg(long, env = "SNUG_QUEUE_MESSAGES", default_value_t = limits::QUEUE_MESSAGES, value_name = "N")]
    queue_messages: usize,
    /// How many bytes wait for it.
    #[arg(long, env = "SNUG_QUEUE_BYTES", default_value_t = limits::QUEUE_BYTES, value_name = "N")]
    queue_bytes: usize,
    /// Messages in a second from one socket.
    #[arg(long, env = "SNUG_MESSAGES_PER_SECOND", default_value_t = 50, value_name = "N", value_parser = positive())]
    messages_per_second: u32,
    /// Messages at once from one socket, after a rest.
    #[arg(long, env = "SNUG_MESSAGE_BURST", default_value_t = 200, value_name = "N", value_parser = positive())]
    message_burst: u32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits per address (IPv4, or /64 of IPv6)")]
struct AddressFlags {
    /// Joins in a minute.
    #[arg(long, env = "SNUG_JOINS_PER_MINUTE", default_value_t = 30, value_name = "N", value_parser = positive())]
    joins_per_minute: u32,
    /// Rooms opened in a minute.
    #[arg(long, env = "SNUG_ROOMS_PER_MINUTE", default_value_t = 30, value_name = "N", value_parser = positive())]
    rooms_per_minute: u32,
    /// Seats taken anew in a minute by members who come back after their grace time, or after a
    /// restart.
    #[arg(long, env = "SNUG_RETURNS_PER_MINUTE", default_value_t = 120, value_name = "N", value_parser = positive())]
    returns_per_minute: u32,
    /// sockets at once.
    #[arg(long, env = "SNUG_SOCKETS_PER_ADDRESS", default_value_t = limits::SOCKETS_PER_ADDRESS, value_name = "N")]
    sockets_per_address: usize,
    /// TCP connections at once.
    #[arg(long, env = "SNUG_CONNECTIONS_PER_ADDRESS", default_value_t = limits::CONNECTIONS_PER_ADDRESS, value_name = "N")]
    connections_per_address: usize,
    /// Hold this machine itself to these limits too. Otherwise it is free of them, so that people
    /// can test.
    #[arg(long, env = "SNUG_LIMIT_LOOPBACK")]
    limit_loopback: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Stopping")]
struct DrainFlags {
    /// How long to say 503 on /ready before sockets are closed, for balancers to notice.
    #[arg(long, env = "SNUG_DRAIN_DELAY", default_value = "0s", value_name = "TIME", value_parser = duration)]
    drain_delay: Duration,
    /// How long closing them may take.
    #[arg(long, env = "SNUG_DRAIN_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = duration)]
    drain_timeout: Duration,
    /// Over how long clients are told to spread when they come back, at most.
    #[arg(long, env = "SNUG_RECONNECT_SPREAD", default_value = "5s", value_name = "TIME", value_parser = duration)]
    reconnect_spread: Duration,
}

impl Flags {
    /// Checks the flags together and reads the key, but makes none.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.check_together()?;
        key_file::check(self.key.key.as_deref(), self.key.key_file.as_deref())
    }

    /// Checks the flags together, and makes or reads the key.
    pub(crate) fn into_config(self) -> anyhow::Result<Config> {
        self.check_together()?;
        let key = key_file::provide(self.key.key.as_deref(), self.key.key_file.as_deref())?;
        let mut config = Config {
            key,
            page: page::embedded(),
            ..Config::default()
        };
        self.network.apply(&mut config);
        self.turn.apply(&mut config);
        self.rooms.apply(&mut config);
        self.sockets.apply(&mut config);
        self.addresses.apply(&mut config);
        self.drain.apply(&mut config);
        Ok(config)
    }

    fn check_together(&self) -> anyhow::Result<()> {
        let (rooms, sockets) = (&self.rooms, &self.sockets);
        ensure!(
            rooms.max_capacity >= 2,
            "--max-capacity must be 2 or more: one seat is no room"
        );
        ensure!(
            (2..=rooms.max_capacity).contains(&rooms.capacity),
            "--capacity must be between 2 and --max-capacity, which is {}",
            rooms.max_capacity
        );
        ensure!(
            sockets.queue_bytes >= limits::SIGNAL_MESSAGE_BYTES,
            "--queue-bytes must hold one message of {} bytes",
            limits::SIGNAL_MESSAGE_BYTES
        );
        ensure!(
            sockets.queue_messages > 0,
            "--queue-messages must be 1 or more"
        );
        ensure!(
            rooms.room_expiry > sockets.ping_interval + sockets.pong_timeout,
            "--room-expiry must be longer than --ping-interval and --pong-timeout together, or rooms \
             expire under members who are only silent"
        );
        for origin in &self.network.allow_origin {
            if !origin.starts_with("https://") && !origin.starts_with("http://") {
                bail!("--allow-origin {origin} must begin with https:// or http://");
            }
            ensure!(
                !origin.ends_with('/'),
                "--allow-origin {origin} must not end with a slash"
            );
        }
        self.turn.check()
    }
}

impl NetworkFlags {
    fn apply(self, config: &mut Config) {
        config.listen = self.listen;
        if let Some(port) = self.port {
            config.listen.set_port(port);
        }
        config.stun = self.stun;
        config.metrics = self.metrics.unwrap_or(config.metrics);
        config.public_host = self.public_host;
        config.trusted_proxies = self.trusted_proxy;
        config.allowed_origins = self.allow_origin;
        config.ios_app = self.ios_app;
        config.http.max_connections = self.max_connections;
        config.http.head_timeout = self.request_timeout;
        config.http.body_timeout = self.request_timeout;
    }
}

impl TurnFlags {
    fn check(&self) -> anyhow::Result<()> {
        for url in &self.turn_url {
            let known = url.starts_with("turn:") || url.starts_with("turns:");
            ensure!(known, "--turn-url {url} must begin with turn: or turns:");
        }
        match self.turn_secret.as_deref() {
            Some("") => bail!("--turn-secret is empty"),
            Some(_) if self.turn_url.is_empty() => {
                bail!("--turn-secret is of no use without --turn-url")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn apply(self, config: &mut Config) {
        let Some(secret) = self.turn_secret else {
            return;
        };
        config.turn = Some(TurnConfig {
            urls: self.turn_url,
            secret,
            credential_life: limits::TURN_CREDENTIAL_LIFE,
        });
    }
}

impl RoomFlags {
    fn apply(self, config: &mut Config) {
        let rooms = &mut config.rooms;
        rooms.default_capacity = self.capacity;
        rooms.max_capacity = self.max_capacity;
        rooms.max_rooms = self.max_rooms;
        rooms.expiry = self.room_expiry;
        rooms.seat_lapse = self.seat_lapse;
        rooms.grace = self.grace;
        rooms.hold_time = self.hold_time;
        rooms.held_messages = self.held_messages;
        rooms.held_bytes = self.held_bytes;
        rooms.held_bytes_in_all = self.held_bytes_in_all;
        rooms.token_life = self.token_life;
        let second = Duration::from_secs(1);
        rooms.key_rate = Rate::new(self.key_messages_per_second, second, self.key_message_burst);
    }
}

impl SocketFlags {
    fn apply(self, config: &mut Config) {
        let sockets = &mut config.sockets;
        sockets.init_timeout = self.init_timeout;
        sockets.ping_interval = self.ping_interval;
        sockets.pong_timeout = self.pong_timeout;
        sockets.write_timeout = self.write_timeout;
        sockets.queue_messages = self.queue_messages;
        sockets.queue_bytes = self.queue_bytes;
        let second = Duration::from_secs(1);
        sockets.message_rate = Rate::new(self.messages_per_second, second, self.message_burst);
    }
}

impl AddressFlags {
    fn apply(self, config: &mut Config) {
        let (addresses, minute) = (&mut config.addresses, Duration::from_mins(1));
        addresses.join_rate = Rate::new(self.joins_per_minute, minute, self.joins_per_minute);
        addresses.create_rate = Rate::new(self.rooms_per_minute, minute, self.rooms_per_minute);
        addresses.return_rate = Rate::new(self.returns_per_minute, minute, self.returns_per_minute);
        addresses.sockets = self.sockets_per_address;
        addresses.connections = self.connections_per_address;
        addresses.spare_loopback = !self.limit_loopback;
    }
}

impl DrainFlags {
    fn apply(self, config: &mut Config) {
        config.drain.delay = self.drain_delay;
        config.drain.timeout = self.drain_timeout;
        config.drain.reconnect_spread = self.reconnect_spread;
    }
}

const EXAMPLES: &str = "\
Examples:
  snug-server                          serve on port 8080, everywhere
  snug-server --listen 127.0.0.1:8080 --trusted-proxy 127.0.0.1
                                       behind a proxy on the same machine
  SNUG_TURN_SECRET=... snug-server --turn-url turn:turn.example:3478
                                       with TURN for people behind strict firewalls

docs/operations.md says more on proxies, TURN, limits and restarts.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Flags::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let flags = Flags::parse_from(["snug-server", "--key", &"0".repeat(64)]);
        let from_flags = flags.into_config().unwrap();
        let defaults = Config {
            key: from_flags.key.clone(),
            page: from_flags.page.clone(),
            ..Config::default()
        };
        assert_eq!(format!("{from_flags:?}"), format!("{defaults:?}"));
    }
}
