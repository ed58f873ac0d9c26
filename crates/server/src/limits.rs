//! Every limit of the server, with its reason. [`Config`](crate::Config) starts from these.
//!
//! Limits of the wire itself (body, message, client id) are in [`snug_protocol::limits`].

use std::time::Duration;

use crate::rate::Rate;

pub use snug_protocol::limits::{GRACE, HTTP_BODY_BYTES, SIGNAL_MESSAGE_BYTES};

/// Seats of a room when its creator names no number. A mesh of eight is 28 connections, about
/// what phones bear.
pub const DEFAULT_CAPACITY: u16 = 8;

/// Most seats that a creator may ask for. Everyone sends everything to everyone; past this the
/// uplinks are what fails.
pub const MAX_CAPACITY: u16 = 32;

/// Rooms of one server. An empty one costs about half a kilobyte, so all of them cost 50 MB.
pub const MAX_ROOMS: usize = 100_000;

/// How long a room outlives its members or their last sign of life. Long enough to come back
/// after a crash, a lift or a closed lid; short enough to leave nothing behind.
pub const ROOM_EXPIRY: Duration = Duration::from_mins(5);

/// How long a seat is kept between `join-room` and `init`. Opening a WebSocket takes a second
/// on a bad line; a seat kept longer is a seat that strangers can deny to others.
pub const SEAT_LAPSE: Duration = Duration::from_secs(30);

/// How long a message waits for a member who is away. Longer than the grace time, so that it is
/// the grace time that decides.
pub const HOLD_TIME: Duration = Duration::from_mins(1);

/// Messages that wait for one member who is away: seven others, each with an offer and thirty
/// candidates.
pub const HELD_MESSAGES: usize = 256;

/// Bytes that wait for one member who is away: as many as its queue may hold when it is back.
pub const HELD_BYTES: usize = QUEUE_BYTES;

/// Bytes that wait for all members who are away. A thousand of them may have all that one may
/// have; past that, messages are refused rather than the memory of a small machine taken.
pub const HELD_BYTES_IN_ALL: usize = 1024 * HELD_BYTES;

/// How long a resume token rebuilds a room that the server has lost. A restarted server cannot
/// know when the member dropped; a day covers every meeting and no more.
pub const TOKEN_LIFE: Duration = Duration::from_hours(24);

/// Time for the whole of `init` to arrive after the socket opened. Ours send it at once.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a silent socket is asked for a sign of life. Mobile carriers forget a mapping after
/// 30 s at the earliest.
pub const PING_INTERVAL: Duration = Duration::from_secs(25);

/// How long the answer may take. Over it the peer is gone or of no use.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(8);

/// How long a write may make no headway before the socket is given up.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a closing handshake may take before the TCP connection is cut.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Messages that wait for one socket. A room of eight that renegotiates sends a member about
/// forty at once; more means that it does not read.
pub const QUEUE_MESSAGES: usize = 64;

/// Bytes that wait for one socket: four messages of the largest size.
pub const QUEUE_BYTES: usize = 4 * SIGNAL_MESSAGE_BYTES;

/// Messages, pings and pongs from one socket, also counted by [`FRAMING_BYTES`]. Eight peers that trickle candidates at once stay
/// under the burst; a relayed chat stays under the rate.
pub const MESSAGE_RATE: Rate = Rate::new(50, Duration::from_secs(1), 200);

/// Members of one room who are gone and whose [`KEY_RATE`] is remembered until it has recovered,
/// which takes six seconds. As many as the largest room has, leaving all at once.
pub const REMEMBERED_MEMBERS: usize = MAX_CAPACITY as usize;

/// Messages of the handshake (`key`) from one member. A newcomer to a full room of 32 sends two to
/// each of the others at once; whoever tries one word after another sends one a try at least.
pub const KEY_RATE: Rate = Rate::new(10, Duration::from_secs(1), 64);

/// Refused messages after which the socket is closed. A client that is a little too fast learns
/// it from the errors; one that floods spends these within the blink of an eye.
pub const REFUSAL_RATE: Rate = Rate::new(1, Duration::from_secs(1), 20);

/// Joins from one address. A household that types wrong codes stays under it; guessing one of
/// 2^30 room ids at this rate takes sixty years where one room is open.
pub const JOIN_RATE: Rate = Rate::new(30, Duration::from_mins(1), 30);

/// Rooms opened from one address, as many as joins.
pub const CREATE_RATE: Rate = JOIN_RATE;

/// Seats taken anew with a token from one address: after a restart all sockets of one come back at
/// once, and some of them twice.
pub const RETURN_RATE: Rate = Rate::new(120, Duration::from_mins(1), 120);

/// sockets of one address. A family or a small office behind one router.
pub const SOCKETS_PER_ADDRESS: usize = 32;

/// TCP connections of one address: its sockets, and as many again that load pages.
pub const CONNECTIONS_PER_ADDRESS: usize = 2 * SOCKETS_PER_ADDRESS;

/// TCP connections of all. At 12 KiB for an idle WebSocket, 200 MB.
pub const MAX_CONNECTIONS: usize = 16_384;

/// Addresses whose rates are remembered, in each of two generations. At about 100 bytes each,
/// 13 MB at worst.
pub const ADDRESSES: usize = 65_536;

/// Time for the head of an HTTP request to arrive, and for the next one on an idle connection.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for the body of an HTTP request to arrive. It is 4 KiB at most.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one HTTP connection is served, so that a reader that never reads does not keep it.
pub const CONNECTION_LIFE: Duration = Duration::from_mins(2);

/// Bytes of the head of an HTTP request. Browsers send about 1 KiB; a proxy adds as much.
pub const HEAD_BYTES: usize = 16 * 1024;

/// Header lines of an HTTP request. Browsers send about 20.
pub const HEADERS: usize = 64;

/// Read buffer of one WebSocket. Most messages fit, and it is most of what an idle one costs.
pub const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Bytes read from one socket without a message: one of the largest size, and as much again for the
/// headers of the frames that it comes in.
pub const UNFINISHED_BYTES: usize = 2 * SIGNAL_MESSAGE_BYTES;

/// Bytes of headers for which a message in many frames counts as one more: a hundred frames or so.
/// Libraries cut at 4 KiB and more, if at all.
pub const FRAMING_BYTES: usize = 1024;

/// Bytes handed to a socket between two flushes: one system call for what has gathered.
pub const FLUSH_BYTES: usize = 16 * 1024;

/// Write buffer of one WebSocket: what gathers before a flush, one message of the largest size,
/// and the frames around them. Pongs go into it too, also while nothing can be written; once it is
/// full, only the latest is kept.
pub const WRITE_BUFFER_BYTES: usize = FLUSH_BYTES + SIGNAL_MESSAGE_BYTES + 4 * 1024;

/// Inputs that wait for the rooms. It is full only when the processor is; then each sender
/// waits, which stops it from reading more.
pub const INPUTS: usize = 4096;

/// Inputs that the rooms take at once.
pub const INPUT_BATCH: usize = 256;

/// How long an accept that failed for want of descriptors or memory rests.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long it is until the same trouble is logged again.
pub const COMPLAINT_INTERVAL: Duration = Duration::from_mins(1);

/// How long a drain may take.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// When the first client comes back after a restart: about the time that one takes.
pub const RECONNECT_BASE: Duration = Duration::from_millis(500);

/// Over how long the clients spread when they come back, at most.
pub const RECONNECT_SPREAD: Duration = Duration::from_secs(5);

/// Clients that come back in each second, if the spread allows it.
pub const RECONNECTS_PER_SECOND: u32 = 1000;

/// How long TURN credentials are good. They are asked for right before they are used.
pub const TURN_CREDENTIAL_LIFE: Duration = Duration::from_mins(10);

/// Connections to the metrics: a few scrapers and a person who looks.
pub const METRICS_CONNECTIONS: usize = 16;
