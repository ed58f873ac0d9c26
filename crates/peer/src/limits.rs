//! Every bound of the host, with what happens when it is reached.

use std::time::Duration;

use snug_protocol::limits::SIGNAL_MESSAGE_BYTES;

/// Requests of handles that wait for the driver. A full queue makes the caller wait.
pub(crate) const REQUESTS: usize = 64;

/// Reports of links that wait for the driver. Every frame in this queue is ahead of the next chat
/// message. When it is full the links stop reading, and so the peers stop sending.
pub(crate) const LINK_REPORTS: usize = 32;

/// Reports of the way to the server that wait for the driver. When the queue is full the socket is
/// not read, and the server closes it if that lasts.
pub(crate) const SIGNALING_REPORTS: usize = 64;

/// Reports of the store that wait for the driver, each with up to a piece of 1 MiB. When the queue
/// is full the store's threads wait.
pub(crate) const STORE_REPORTS: usize = 8;

/// Events that nobody has taken from which on the driver reads neither links nor requests. Only
/// the newest progress of each transfer is kept, so it takes a consumer that has stopped. Leaving
/// always gets through.
pub(crate) const EVENTS_SLOW: usize = 256;

/// Events that nobody has taken from which on the driver does not read the server either. What
/// can still come is bounded: reports of the store, and what the session does by the clock. At
/// 16 KiB of text an event, this is 16 MiB.
pub(crate) const EVENTS_FULL: usize = 1024;

/// Pieces of 1 MiB that wait for the disk, from which on the driver does not read links: the disk
/// is slower than the network, and chat waits too.
pub(crate) const PIECES_TO_WRITE: usize = 24;

/// Piece buffers kept for reuse. As many as a fast transfer has under way; a burst beyond that is
/// given back to the system.
pub(crate) const SPARE_PIECES: usize = 16;

/// Messages that wait for the socket, at most [`SIGNAL_MESSAGE_BYTES`] each. A server that does
/// not take them any more counts as gone.
pub(crate) const OUTBOX: usize = 128;

/// Bytes of one message from the server, with room for what a newer one may add.
pub(crate) const INBOUND_BYTES: usize = 2 * SIGNAL_MESSAGE_BYTES;

/// Bytes of a socket's read and write buffers. Messages are few and small, and a program may hold
/// hundreds of peers; larger ones still pass.
pub(crate) const SOCKET_BUFFER_BYTES: usize = 4 * 1024;

/// Bytes of one answer over HTTP. The longest, a list of ICE servers, takes about 1 KiB.
pub(crate) const ANSWER_BYTES: usize = 64 * 1024;

/// Time to look up a name, connect and settle TLS.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Head start of each address of a server over the next (RFC 8305 §5).
pub(crate) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Time for one call, connecting included.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Time to get a message out to the server.
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Silence after which the server is asked for a sign of life. It pings after 25 s by itself, but
/// only members of whom it hears nothing either.
pub(crate) const PING_AFTER: Duration = Duration::from_secs(28);

/// Silence after which a socket is dead: the server has had 12 s to answer a ping, and waits 8 s
/// itself.
pub(crate) const SILENCE: Duration = Duration::from_secs(40);

/// How long the opening of the socket waits for the ICE servers. Links open right after it, and
/// without them only with host candidates.
pub(crate) const ICE_SERVERS_TIMEOUT: Duration = Duration::from_secs(3);

/// How often the ICE servers are asked for again. Their credentials last ten minutes, and
/// somebody may join at any time.
pub(crate) const ICE_SERVERS_REFRESH: Duration = Duration::from_mins(4);

/// Pause between two looks at this machine's addresses. Whoever walks out of a network waits that
/// long for the links to follow, and a look costs some 50 µs.
pub(crate) const NETWORK_PAUSE: Duration = Duration::from_secs(2);

/// Time at the end for goodbyes to go out and files to close.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);

/// Numbers tried behind a name that is taken.
pub(crate) const NAME_TRIES: u32 = 1000;

/// Files of one transfer that are open at a time. A process may have 256 on some systems, and links
/// need theirs.
pub(crate) const OPEN_FILES: usize = 24;

/// Files that are brought to the disk one by one. Of more, the whole file system is at once, with
/// whatever else waits there.
pub(crate) const SYNC_EACH: usize = 16;

/// Bytes of a file from which on it is written past the system's cache. Smaller ones are looked at
/// as soon as they are there, and soon on the disk.
pub(crate) const UNCACHED_FROM: u64 = 64 * 1024 * 1024;

/// Bytes between two reports of a check: a few a second.
pub(crate) const CHECK_REPORT_BYTES: u64 = 64 * 1024 * 1024;

/// Reads that wait for bytes to arrive. One more is refused.
pub(crate) const READS_WAITING: usize = 64;

/// Bytes of one read. More are cut off: a player asks again.
pub const READ_BYTES: usize = 1024 * 1024;

/// Folders within folders that are looked into: twice what any path of an offer has. Each is open
/// while those in it are looked at.
pub(crate) const FOLDER_DEPTH: usize = 32;

/// Bytes of files received into memory, unless configured otherwise. A phone spares that much.
pub const MEMORY_CAP: u64 = 256 * 1024 * 1024;

/// Phones nearby at a time. Apple's radio brings eight together.
pub(crate) const PHONES: usize = 16;

/// Frames that wait from one phone nearby, and for one. Twice what the session has under way to
/// each, so that only a flood is dropped.
pub(crate) const PHONE_FRAMES: usize = 64;
