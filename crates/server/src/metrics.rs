//! Counts, for Prometheus: never a room, a client or an address.

use std::{
    fmt::Write,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::registry::Stats;

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: AtomicU64,
    request_errors: AtomicU64,
    sockets: AtomicU64,
    sockets_opened: AtomicU64,
    connections: AtomicU64,
    relayed: AtomicU64,
    relayed_bytes: AtomicU64,
    errors: AtomicU64,
    slow_readers: AtomicU64,
    floods: AtomicU64,
    refused_keys: AtomicU64,
    refused_connections: AtomicU64,
    refused_calls: AtomicU64,
    failed_accepts: AtomicU64,
    stun_answers: AtomicU64,
    stats: Mutex<Stats>,
}

/// Counts one thing for as long as it lives.
#[derive(Debug)]
pub(crate) struct Gauge<'a>(&'a AtomicU64);

impl Metrics {
    pub(crate) fn on_request(&self, failed: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.request_errors.fetch_add(failed.into(), Relaxed);
    }

    pub(crate) fn socket(&self) -> Gauge<'_> {
        self.sockets_opened.fetch_add(1, Relaxed);
        Gauge::new(&self.sockets)
    }

    pub(crate) fn connection(&self) -> Gauge<'_> {
        Gauge::new(&self.connections)
    }

    pub(crate) fn on_relayed(&self, bytes: usize) {
        self.relayed.fetch_add(1, Relaxed);
        self.relayed_bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn on_error(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_slow_reader(&self) {
        self.slow_readers.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_flood(&self) {
        self.floods.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_refused_key(&self) {
        self.refused_keys.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_refused_connection(&self) {
        self.refused_connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_refused_call(&self) {
        self.refused_calls.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_failed_accept(&self) {
        self.failed_accepts.fetch_add(1, Relaxed);
    }

    pub(crate) fn on_stun_answer(&self) {
        self.stun_answers.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_stats(&self, stats: Stats) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = stats;
    }

    pub(crate) fn stats(&self) -> Stats {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text format of Prometheus, version 0.0.4.
    pub(crate) fn render(&self, uptime_seconds: u64) -> String {
        let stats = self.stats();
        let gauges = [
            (
                "uptime_seconds",
                "Seconds since the server started",
                uptime_seconds,
            ),
            ("rooms", "Rooms", stats.rooms as u64),
            (
                "members_connected",
                "Members with a socket",
                stats.connected as u64,
            ),
            (
                "members_away",
                "Members in their grace time",
                stats.away as u64,
            ),
            (
                "seats_reserved",
                "Seats that wait for their init",
                stats.reserved as u64,
            ),
            (
                "held_messages",
                "Messages held for members away",
                stats.held_messages as u64,
            ),
            (
                "held_bytes",
                "Bytes of those messages",
                stats.held_bytes as u64,
            ),
            ("sockets", "WebSockets", self.sockets.load(Relaxed)),
            (
                "connections",
                "HTTP connections",
                self.connections.load(Relaxed),
            ),
        ];
        let counters = [
            ("sockets_opened", "WebSockets opened", &self.sockets_opened),
            ("requests", "HTTP requests", &self.requests),
            (
                "request_errors",
                "HTTP requests refused",
                &self.request_errors,
            ),
            ("relayed_messages", "Messages relayed", &self.relayed),
            (
                "relayed_bytes",
                "Bytes of those messages",
                &self.relayed_bytes,
            ),
            ("errors", "Errors sent to WebSockets", &self.errors),
            (
                "slow_readers",
                "WebSockets closed because they did not read",
                &self.slow_readers,
            ),
            (
                "floods",
                "WebSockets closed because they flooded",
                &self.floods,
            ),
            (
                "key_messages_refused",
                "Messages of the handshake over the rate",
                &self.refused_keys,
            ),
            (
                "connections_refused",
                "TCP connections and WebSockets over a limit",
                &self.refused_connections,
            ),
            (
                "calls_refused",
                "Joins, new rooms and returns over the rate of an address",
                &self.refused_calls,
            ),
            (
                "accepts_failed",
                "Failed accepts, as without descriptors",
                &self.failed_accepts,
            ),
            (
                "stun_answers",
                "STUN binding requests answered",
                &self.stun_answers,
            ),
        ];
        let mut text = String::new();
        for (name, help, value) in gauges {
            line(&mut text, name, help, "gauge", value);
        }
        for (name, help, value) in counters {
            line(
                &mut text,
                &format!("{name}_total"),
                help,
                "counter",
                value.load(Relaxed),
            );
        }
        text
    }
}

impl<'a> Gauge<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Gauge<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn line(text: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    writeln!(
        text,
        "# HELP snug_{name} {help}.\n# TYPE snug_{name} {kind}\nsnug_{name} {value}"
    )
    .expect("strings take everything");
}
