//! What a session tells the person, or the program that stands for one.

use std::{sync::Arc, time::Duration};

use snug_protocol::{
    Body, ClientId, DeclineReason, ErrorCode, Listing, MessageId, Offer, Profile, RoomId,
    StopReason, TransferId,
};

use crate::{LinkStatus, Refusal, handshake::Check};

/// Something a person may want to know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The room is entered for the first time.
    Joined {
        /// Which.
        room: RoomId,
        /// The others who are connected to the server now.
        peers: Vec<ClientId>,
    },
    /// The way to the server came up or went down. Links between peers live on without it.
    Server(ServerStatus),
    /// A member came.
    PeerJoined {
        /// Who.
        peer: ClientId,
    },
    /// A member left.
    PeerLeft {
        /// Who.
        peer: ClientId,
        /// Whether they said so, rather than vanished.
        goodbye: bool,
    },
    /// The link to a member changed.
    Link {
        /// Who is at the other end.
        peer: ClientId,
        /// How it is now.
        status: LinkStatus,
    },
    /// A member's name or devices changed.
    Profile {
        /// Who.
        peer: ClientId,
        /// How they appear now.
        profile: Profile,
    },
    /// A member started or stopped typing.
    Typing {
        /// Who.
        peer: ClientId,
        /// Started or stopped.
        on: bool,
    },
    /// Something was said, by a member or by oneself.
    Message(Message),
    /// A message has a new text.
    Edited {
        /// Which.
        id: MessageId,
        /// The text now.
        text: String,
    },
    /// A message was taken back, or turned out not to be its author's.
    Deleted {
        /// Which.
        id: MessageId,
    },
    /// A reaction was set or taken back.
    Reacted {
        /// To which message.
        id: MessageId,
        /// By whom.
        peer: ClientId,
        /// Usually one emoji.
        emoji: String,
        /// Whether it is set now.
        on: bool,
    },
    /// Messages of an author are known to exist but have not arrived; 0 once all have.
    Missing {
        /// Whose.
        author: ClientId,
        /// How many.
        count: u64,
    },
    /// How far a member has got with this member's own entries, of those said since it came.
    Receipt {
        /// Who.
        peer: ClientId,
        /// All up to this sequence number have arrived.
        delivered: u64,
        /// All up to this one have been seen by a person.
        read: u64,
    },
    /// A member offers a file, or several.
    Offered {
        /// Names the transfer from now on.
        transfer: TransferId,
        /// Who.
        from: ClientId,
        /// What.
        offer: Offer,
        /// The files in it.
        listing: Arc<Listing>,
    },
    /// This member's own offer was made.
    Offering {
        /// Names the file from now on.
        transfer: TransferId,
    },
    /// A transfer moved.
    Progress(Progress),
    /// A file has arrived, every byte verified and stored.
    Received {
        /// Which.
        transfer: TransferId,
        /// Where the host put it, in words for a person; `None` in memory.
        place: Option<String>,
    },
    /// A member has this member's file, every byte verified and stored at their side.
    Delivered {
        /// Which.
        transfer: TransferId,
        /// Who.
        to: ClientId,
    },
    /// A member does not want this member's file.
    Declined {
        /// Which.
        transfer: TransferId,
        /// Who.
        by: ClientId,
        /// Why.
        reason: DeclineReason,
    },
    /// A transfer waits for a peer to come back.
    Stalled {
        /// Which.
        transfer: TransferId,
    },
    /// Nobody in the room has what is missing. The transfer goes on as soon as somebody does.
    Stranded {
        /// Which.
        transfer: TransferId,
        /// Bytes that nobody has.
        missing: u64,
    },
    /// A transfer was paused or goes on, at this side.
    Paused {
        /// Which.
        transfer: TransferId,
        /// Paused, or going on.
        on: bool,
    },
    /// What an earlier try left of a transfer is being checked.
    Checking {
        /// Which.
        transfer: TransferId,
        /// Bytes checked.
        bytes: u64,
        /// Bytes to check.
        total: u64,
    },
    /// A transfer ended early. While sending, for one receiver only.
    TransferFailed {
        /// Which.
        transfer: TransferId,
        /// The receiver, while sending.
        to: Option<ClientId>,
        /// Why.
        reason: TransferError,
    },
    /// An offer was withdrawn by the one who made it, before it was accepted.
    OfferWithdrawn {
        /// Which.
        transfer: TransferId,
        /// Who.
        from: ClientId,
    },
    /// The handshake with a member is done.
    Check {
        /// Who.
        peer: ClientId,
        /// What both sides see if nobody is in between: for people to compare who fear that the
        /// code was overheard.
        check: Check,
    },
    /// Wrong words were tried in this room.
    Guesses {
        /// How often, as far as the members whom this one has verified know.
        wrong: u32,
        /// Whether that was too often: from now on nobody new is let in.
        closed: bool,
    },
    /// Members whom others in the room have verified and this one has not met: the server may be
    /// keeping them apart. None once all have met.
    Split {
        /// Who is missing here.
        peers: Vec<ClientId>,
    },
    /// A member broke the protocol.
    Misbehaved {
        /// Who.
        peer: ClientId,
        /// How.
        reason: String,
    },
    /// A command could not be carried out.
    Refused {
        /// Why.
        reason: CommandError,
    },
    /// The session is over; nothing follows.
    Ended(EndReason),
}

/// A message as it stands in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its author and number.
    pub id: MessageId,
    /// Lamport time: messages are ordered by it, then by author.
    pub lamport: u64,
    /// Milliseconds since the Unix epoch by the author's clock.
    pub sent_at: u64,
    /// Text or reply; the text is the latest edit. `None` once deleted.
    pub body: Option<Body>,
    /// Whether others that come later in the order were already there.
    pub late: bool,
}

/// The way to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerStatus {
    /// In the room.
    Online,
    /// Not there; another try follows.
    Offline {
        /// What happened.
        reason: String,
        /// When the next try starts.
        retry_in: Duration,
    },
}

/// How far a transfer has got.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Which.
    pub transfer: TransferId,
    /// The receiver while sending; `None` while receiving.
    pub to: Option<ClientId>,
    /// Bytes that have arrived, from whomever.
    pub bytes: u64,
    /// Bytes wanted in all.
    pub total: u64,
    /// Bytes a second of late.
    pub rate: f64,
    /// Time left at this rate.
    pub eta: Option<Duration>,
}

/// Why a transfer ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// This side cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The other side stopped.
    #[error("{}", stopped(*.0))]
    Stopped(StopReason),
    /// Nobody who has the file is left.
    #[error("the sender is gone")]
    SourceGone,
    /// The receiver left.
    #[error("the receiver is gone")]
    ReceiverGone,
    /// What arrived does not hash to what was offered.
    #[error("the sender's data does not match what was offered")]
    Corrupt,
    /// The file could not be written.
    #[error("cannot write the file: {0}")]
    Storage(String),
    /// The file could not be read.
    #[error("cannot read the file: {0}")]
    Source(String),
}

fn stopped(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Cancelled => "cancelled by the other side",
        StopReason::SourceChanged => "the file changed while it was being sent",
        StopReason::StorageFailed => "the receiver cannot store the file",
        StopReason::Corrupt => "the receiver got data that does not match",
        _ => "stopped by the other side",
    }
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The text is empty or too long.
    #[error("cannot be sent: {0}")]
    InvalidBody(String),
    /// The nickname is too long.
    #[error(
        "the name is longer than {} bytes",
        snug_protocol::limits::NICKNAME_BYTES
    )]
    NicknameTooLong,
    /// What was to be offered is not what it claims to be.
    #[error("cannot be offered: {0}")]
    InvalidOffer(String),
    /// No such file on offer.
    #[error("no such transfer")]
    UnknownTransfer,
    /// No such message, or it is someone else's.
    #[error("no such message of yours")]
    NotYourMessage,
    /// No such message.
    #[error("no such message")]
    UnknownMessage,
    /// The room does not exist yet.
    #[error("not in the room yet")]
    NoRoom,
    /// Too many files on offer.
    #[error("too many files on offer; cancel one first")]
    TooManyTransfers,
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndReason {
    /// This member left.
    #[error("left the room")]
    Left,
    /// The room never was, has expired, or is full.
    #[error("there is no such room, or it is full")]
    RoomNotFound,
    /// The server refused for a reason that trying again does not mend.
    #[error("the server refused: {message}")]
    ServerRefused {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: String,
    },
    /// The members do not let this one in, or it does not trust them.
    #[error("{0}")]
    KeptOut(Refusal),
    /// The server was not reached, and the room was never entered.
    #[error("cannot reach the server: {0}")]
    ServerUnreachable(String),
}
