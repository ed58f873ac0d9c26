//! What a server is told before it starts.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;

use crate::{association::AppId, host::Host, limits, page::Page, rate::Rate, resume::ResumeKey};

/// Everything that can be set. [`Config::default`] is a server as people run it; `snug-server`
/// sets the fields from its flags.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HTTP and WebSocket connections are served.
    pub listen: SocketAddr,
    /// Where STUN is answered, over UDP.
    pub stun: StunListener,
    /// Where the metrics are served, over HTTP of its own.
    pub metrics: MetricsListener,
    /// The host that clients are told for STUN; without it, the one they asked for.
    pub public_host: Option<Host>,
    /// TURN servers that clients are told, if there are any.
    pub turn: Option<TurnConfig>,
    /// The secret of the resume tokens. A fresh one forgets every seat when the server restarts.
    pub key: ResumeKey,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins of pages elsewhere that may use this server, such as `https://example.org`.
    pub allowed_origins: Vec<String>,
    /// What is served at `/`; without it, a few words.
    pub page: Option<Page>,
    /// The app for phones that opens this server's links, if there is one.
    pub ios_app: Option<AppId>,
    /// The rooms.
    pub rooms: RoomConfig,
    /// The sockets.
    pub sockets: SocketConfig,
    /// The HTTP connections.
    pub http: HttpConfig,
    /// What one address may do.
    pub addresses: AddressConfig,
    /// How the server stops.
    pub drain: DrainConfig,
}

/// Where STUN is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StunListener {
    /// On the address and the port of HTTP.
    SameAsHttp,
    /// Somewhere else.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

/// Where the metrics are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsListener {
    /// Here.
    At(SocketAddr),
    /// Here if the port is free; otherwise nowhere, with a warning.
    IfFree(SocketAddr),
    /// Nowhere.
    Off,
}

/// TURN servers of the coturn kind, with `use-auth-secret`.
#[derive(Clone)]
pub struct TurnConfig {
    /// `turn:` and `turns:` URIs (RFC 7065).
    pub urls: Vec<String>,
    /// coturn's `static-auth-secret`.
    pub secret: String,
    /// How long credentials are good.
    pub credential_life: Duration,
}

/// Limits of the rooms.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// Seats of a room whose creator names no number.
    pub default_capacity: u16,
    /// Most seats that a creator may ask for.
    pub max_capacity: u16,
    /// Most rooms at once.
    pub max_rooms: usize,
    /// How long a room outlives the last sign of life.
    pub expiry: Duration,
    /// How long a seat waits for its `init`.
    pub seat_lapse: Duration,
    /// How long a dropped member keeps its seat.
    pub grace: Duration,
    /// How long messages wait for a member who is away.
    pub hold_time: Duration,
    /// Messages that wait for one such member.
    pub held_messages: usize,
    /// Bytes that wait for one such member.
    pub held_bytes: usize,
    /// Bytes that wait for all of them.
    pub held_bytes_in_all: usize,
    /// How long a resume token rebuilds a lost room.
    pub token_life: Duration,
    /// Messages of the handshake that are passed on for one member, whatever socket it is on.
    pub key_rate: Rate,
}

/// Limits of one WebSocket.
#[derive(Debug, Clone)]
pub struct SocketConfig {
    /// Time for `init` to arrive.
    pub init_timeout: Duration,
    /// How often a silent peer is pinged.
    pub ping_interval: Duration,
    /// How long it may take to answer.
    pub pong_timeout: Duration,
    /// How long a write may take.
    pub write_timeout: Duration,
    /// How long a closing handshake may take.
    pub close_timeout: Duration,
    /// Messages that wait to be written.
    pub queue_messages: usize,
    /// Bytes that wait to be written.
    pub queue_bytes: usize,
    /// Messages, pings and pongs that are taken.
    pub message_rate: Rate,
    /// Refused ones that are forgiven.
    pub refusal_rate: Rate,
}

/// Limits of the HTTP connections.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Time for the head of a request to arrive.
    pub head_timeout: Duration,
    /// Time for its body to arrive.
    pub body_timeout: Duration,
    /// How long one connection is served.
    pub connection_life: Duration,
    /// Most connections at once, sockets included.
    pub max_connections: usize,
}

/// Limits of one address: an IPv4 address, or a /64 of IPv6.
#[derive(Debug, Clone)]
pub struct AddressConfig {
    /// Joins.
    pub join_rate: Rate,
    /// Rooms opened.
    pub create_rate: Rate,
    /// Seats taken anew with a token.
    pub return_rate: Rate,
    /// sockets at once.
    pub sockets: usize,
    /// TCP connections at once.
    pub connections: usize,
    /// Addresses remembered, in each of two generations.
    pub remembered: usize,
    /// Whether this machine itself is free of these limits, so that people can test.
    pub spare_loopback: bool,
}

/// How the server stops.
#[derive(Debug, Clone)]
pub struct DrainConfig {
    /// How long `/ready` says no before sockets are closed, for balancers to notice.
    pub delay: Duration,
    /// How long closing them may take.
    pub timeout: Duration,
    /// When the first client is told to come back.
    pub reconnect_base: Duration,
    /// Over how long they spread, at most.
    pub reconnect_spread: Duration,
}

impl Config {
    /// The port of HTTP and STUN.
    pub const PORT: u16 = 8080;
    /// The port of the metrics: the one that OpenTelemetry's exporters use, as 9090 is
    /// Prometheus itself.
    pub const METRICS_PORT: u16 = 9464;

    /// A server for tests: ports that the system picks, loopback only, nothing spared.
    pub fn for_tests() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: any,
            metrics: MetricsListener::At(any),
            ..Self::default()
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv6Addr::UNSPECIFIED, Self::PORT)),
            stun: StunListener::SameAsHttp,
            metrics: MetricsListener::IfFree((Ipv4Addr::LOCALHOST, Self::METRICS_PORT).into()),
            public_host: None,
            turn: None,
            key: ResumeKey::random(),
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            page: None,
            ios_app: None,
            rooms: RoomConfig::default(),
            sockets: SocketConfig::default(),
            http: HttpConfig::default(),
            addresses: AddressConfig::default(),
            drain: DrainConfig::default(),
        }
    }
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            default_capacity: limits::DEFAULT_CAPACITY,
            max_capacity: limits::MAX_CAPACITY,
            max_rooms: limits::MAX_ROOMS,
            expiry: limits::ROOM_EXPIRY,
            seat_lapse: limits::SEAT_LAPSE,
            grace: limits::GRACE,
            hold_time: limits::HOLD_TIME,
            held_messages: limits::HELD_MESSAGES,
            held_bytes: limits::HELD_BYTES,
            held_bytes_in_all: limits::HELD_BYTES_IN_ALL,
            token_life: limits::TOKEN_LIFE,
            key_rate: limits::KEY_RATE,
        }
    }
}

impl Default for SocketConfig {
    fn default() -> Self {
        Self {
            init_timeout: limits::INIT_TIMEOUT,
            ping_interval: limits::PING_INTERVAL,
            pong_timeout: limits::PONG_TIMEOUT,
            write_timeout: limits::WRITE_TIMEOUT,
            close_timeout: limits::CLOSE_TIMEOUT,
            queue_messages: limits::QUEUE_MESSAGES,
            queue_bytes: limits::QUEUE_BYTES,
            message_rate: limits::MESSAGE_RATE,
            refusal_rate: limits::REFUSAL_RATE,
        }
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            head_timeout: limits::HEAD_TIMEOUT,
            body_timeout: limits::BODY_TIMEOUT,
            connection_life: limits::CONNECTION_LIFE,
            max_connections: limits::MAX_CONNECTIONS,
        }
    }
}

impl Default for AddressConfig {
    fn default() -> Self {
        Self {
            join_rate: limits::JOIN_RATE,
            create_rate: limits::CREATE_RATE,
            return_rate: limits::RETURN_RATE,
            sockets: limits::SOCKETS_PER_ADDRESS,
            connections: limits::CONNECTIONS_PER_ADDRESS,
            remembered: limits::ADDRESSES,
            spare_loopback: true,
        }
    }
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            timeout: limits::DRAIN_TIMEOUT,
            reconnect_base: limits::RECONNECT_BASE,
            reconnect_spread: limits::RECONNECT_SPREAD,
        }
    }
}

impl std::fmt::Debug for TurnConfig {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnConfig")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}
