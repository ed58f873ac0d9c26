//! Every bound and pace of a session, with its reason.

use std::time::Duration;

/// First pause before the server is tried again; doubles up to [`RETRY_CEILING`].
pub(crate) const RETRY_FLOOR: Duration = Duration::from_millis(250);

/// Longest pause between tries, so that everyone is back within ten seconds of a fault's end.
pub(crate) const RETRY_CEILING: Duration = Duration::from_secs(8);

/// Tries to enter the room for the first time. Somebody waits at the keyboard: after about a
/// second of trying the truth is better.
pub(crate) const ENTRY_TRIES: u32 = 3;

/// How long the server may take to answer `init`.
pub(crate) const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a member waits for the newcomer's offer before it offers itself.
pub(crate) const OFFER_PATIENCE: Duration = Duration::from_secs(10);

/// Offers made at once, and the pause before as many more: each costs about a dozen messages, and
/// the server takes a burst of 200 and 50 a second.
pub(crate) const OFFERS_AT_ONCE: u32 = 8;

/// See [`OFFERS_AT_ONCE`].
pub(crate) const OFFER_PACE: Duration = Duration::from_secs(2);

/// Messages kept that were said before the room had a name: a script's worth.
pub(crate) const UNSAID_ENTRIES: usize = 1024;

/// How long a handshake may take before a person is told that nobody answers. As long as a try to
/// connect: a slow path, and a peer that is busy with seven others.
pub(crate) const KEY_TIMEOUT: Duration = Duration::from_secs(15);

/// First pause before a message of the handshake is said again; doubles. The server keeps order
/// and loses nothing as long as the socket stands, so this is for the moments when it does not.
pub(crate) const KEY_PAUSE: Duration = Duration::from_secs(1);

/// First pause before a handshake that came to nothing is begun anew.
pub(crate) const KEY_RETRY_FLOOR: Duration = Duration::from_secs(2);

/// Longest pause between handshakes: each may cost one of the few guesses.
pub(crate) const KEY_RETRY_CEILING: Duration = Duration::from_secs(30);

/// Wrong words, or tags of ours left unanswered, after which nobody new is let in. Each tests one
/// of 1295^4 codes.
pub const WRONG_GUESSES: u32 = 5;

/// How long somebody may be known to others and not to us before the server is suspected of
/// keeping us apart: longer than a handshake takes on a slow path.
pub(crate) const SPLIT_PATIENCE: Duration = Duration::from_secs(10);

/// How long two members try to connect before what they say goes through the server meanwhile.
pub(crate) const RELAY_PATIENCE: Duration = Duration::from_secs(3);

/// How long the path through the server is kept once a direct one is up, for what is on its way.
pub(crate) const RELAY_LINGER: Duration = Duration::from_secs(10);

/// Pause before a path through the server that failed is opened anew.
pub(crate) const RELAY_RETRY: Duration = Duration::from_secs(8);

/// Segments out and not acknowledged: with one bulk frame each they fill 100 ms at the pace below,
/// and stay under the 256 KiB that the server queues for a slow reader.
pub(crate) const RELAY_WINDOW: usize = 4;

/// Bytes of a full bulk frame.
pub(crate) const RELAY_BULK_BYTES: usize = 32 * 1024 + 28;

/// Bytes queued for the path through the server, besides a full credit of bulk frames, before it
/// counts as broken: some hundred messages said while the server is away.
pub(crate) const RELAY_QUEUE_BYTES: usize = 1024 * 1024;

/// Time between two relayed messages, over all peers. The server takes 50 a second and a burst of
/// 200; handshakes and descriptions need their share.
pub(crate) const RELAY_PACE: Duration = Duration::from_millis(32);

/// Relayed messages that may go at once.
pub(crate) const RELAY_BURST: u32 = 32;

/// How long a segment may wait for others before it is acknowledged.
pub(crate) const RELAY_ACK_PAUSE: Duration = Duration::from_millis(25);

/// First pause before an unacknowledged segment is sent again; doubles.
pub(crate) const RELAY_RESEND_FLOOR: Duration = Duration::from_secs(2);

/// Longest pause between two sendings of a segment.
pub(crate) const RELAY_RESEND_CEILING: Duration = Duration::from_secs(8);

/// How long a peer may acknowledge nothing while the server is there. As long as the server keeps
/// a seat for somebody whose socket broke, and the time to notice.
pub(crate) const RELAY_SILENCE: Duration = Duration::from_mins(1);

/// How long one try to connect may take while frames go through the server meanwhile: short, so
/// that a path that comes back is found within ten seconds.
pub(crate) const UPGRADE_TIMEOUT: Duration = Duration::from_secs(6);

/// Longest pause between such tries.
pub(crate) const UPGRADE_CEILING: Duration = Duration::from_millis(1500);

/// How long one try to connect may take. ICE with TURN over TCP on a slow path needs about 10 s.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// First pause before an unanswered greeting is repeated; doubles. A round trip on most paths.
pub(crate) const GREETING_PAUSE: Duration = Duration::from_millis(50);

/// How long the greetings may take once the channels are open.
pub(crate) const VERIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// Frames held for the moment between the peer's side being open and ours: a greeting and what
/// may follow it within that moment.
pub(crate) const EARLY_FRAMES: usize = 64;

/// How long an ICE restart may take before the connection is made anew.
pub(crate) const RESTART_TIMEOUT: Duration = Duration::from_secs(8);

/// How long the polite side leaves the repair of a link to the other one.
pub(crate) const POLITE_PATIENCE: Duration = Duration::from_secs(2);

/// Pause before a failed link is tried again; doubles up to [`RECONNECT_CEILING`].
pub(crate) const RECONNECT_FLOOR: Duration = Duration::from_millis(500);

/// Longest pause between tries to reach a peer.
pub(crate) const RECONNECT_CEILING: Duration = Duration::from_secs(8);

/// Failures in a row after which a person is told that a peer cannot be reached.
pub(crate) const FAILURES_TOLD: u32 = 3;

/// Members that a session knows at once, whatever the server says. A mesh of more would not work.
pub(crate) const MAX_MEMBERS: usize = 64;

/// People remembered over the life of a session: members come and go, and a lie names people who
/// never were.
pub(crate) const MAX_AUTHORS: usize = 1024;

/// Entries kept in memory; beyond, the oldest of whoever has said the most go first.
pub(crate) const LOG_ENTRIES: usize = 10_000;

/// Bytes of texts kept in memory; beyond, the oldest of whoever takes the most go first.
pub(crate) const LOG_BYTES: usize = 16 * 1024 * 1024;

/// How far beyond what is known somebody may claim that an author has got, so that a lie does not
/// order an endless search. Nobody keeps more than this anyway.
pub(crate) const CLAIM_JUMP: u64 = LOG_ENTRIES as u64;

/// How long a hole may stay before it is asked for: what is on its way by another path arrives
/// meanwhile.
pub(crate) const GAP_PATIENCE: Duration = Duration::from_millis(200);

/// How long a member may take to send entries before another one is asked.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// How often what one has is told to others, when it changed.
pub(crate) const HEADS_INTERVAL: Duration = Duration::from_secs(2);

/// Least time between two receipts on a link: they are cumulative.
pub(crate) const RECEIPT_INTERVAL: Duration = Duration::from_millis(20);

/// How long "is typing" holds without being said again.
pub(crate) const TYPING_LAPSE: Duration = Duration::from_secs(6);

/// Least time between two "is typing".
pub(crate) const TYPING_INTERVAL: Duration = Duration::from_secs(3);

/// Files that one member may have on offer.
pub(crate) const OFFERS_PER_MEMBER: usize = 1024;

/// Files received at once; others wait, so that thousands of small ones do not crowd out storage.
pub(crate) const ACTIVE_DOWNLOADS: usize = 16;

/// Pieces asked for at once, over all files and sources: 16 MiB, which bound the receiver's memory.
pub(crate) const PIECES_IN_FLIGHT: usize = 16;

/// What a source is asked for ahead, besides what a round trip takes: the hiccups of two busy
/// programs.
pub(crate) const SOURCE_SLACK: Duration = Duration::from_millis(50);

/// Bytes of memory that the offers of one member may take, in listings and in have-maps: a few of
/// the largest listings, or 256 files of 1 TiB.
pub(crate) const OFFERED_BYTES_PER_MEMBER: u64 = 32 * 1024 * 1024;

/// Members and transfers remembered of which the offer has not come yet: a room whose members all
/// take a few dozen files at the moment when somebody comes.
pub(crate) const EARLY_ACCEPTS: usize = 256;

/// Bytes of offers and have-maps that a member is told before it has answered: half a second of 1
/// Mbit/s, for which a message waits, and a small part of what any path queues before it breaks.
pub(crate) const INTRODUCTION_BYTES: usize = 64 * 1024;

/// Parts of a listing asked for at once, so that a long path does not make it slow.
pub(crate) const LISTING_PARTS_AHEAD: usize = 8;

/// How long a receiver that gets nothing from those who are in the same position waits before it
/// burdens the sender with what they have or will have.
pub(crate) const FELLOW_PATIENCE: Duration = Duration::from_secs(1);

/// How long a piece that somebody said to have asked for counts as on its way there.
pub(crate) const ASKED_LAPSE: Duration = Duration::from_secs(30);

/// Pieces that somebody may be on the way to having: twice what ours ask for at once.
pub(crate) const ASKED_PIECES: usize = 32;

/// Pieces looked at to find one that is this member's to fetch first: so many that one of a few
/// members finds one of its own among them, unless others have most of the file.
pub(crate) const OWN_SAMPLE: usize = 4096;

/// Pieces looked at to choose one.
pub(crate) const PIECE_SAMPLE: usize = 512;

/// How long a piece may stand still at one source before another one that has it is asked.
pub(crate) const PIECE_PATIENCE: Duration = Duration::from_secs(3);

/// Pieces that a peer may have asked for and not yet got. Four times what ours ask for in all.
pub(crate) const REQUESTS_PER_LINK: usize = 64;

/// Pieces read from storage ahead of what the link takes.
pub(crate) const READ_AHEAD: usize = 2;

/// How long a source may send nothing of what was asked before it is asked again.
pub(crate) const SOURCE_TIMEOUT: Duration = Duration::from_secs(20);

/// How often progress is told.
pub(crate) const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);
