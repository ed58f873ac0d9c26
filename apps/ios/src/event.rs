//! What a person may want to know, with the names of the command line's JSON
//! (`docs/headless.md`).

mod convert;
mod offered;

pub(crate) use self::convert::Context;
pub use self::offered::{Item, Offer};
use crate::reason::{CommandRefusal, DeclineReason, EndReason, Path, Refusal, TransferFailure};

/// What a person may want to know.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum Event {
    /// The room is entered for the first time.
    Room {
        /// What others type to come in.
        code: String,
        /// What this member is called by the others' engines.
        me: String,
        /// The others who are connected to the server now.
        peers: Vec<String>,
    },
    /// The way to the server came up or went down. Links between members live on without it.
    Server {
        /// How it is now.
        status: ServerStatus,
    },
    /// A member came.
    PeerJoined {
        /// Who.
        peer: String,
    },
    /// A member left.
    PeerLeft {
        /// Who.
        peer: String,
        /// Whether they said so, rather than vanished.
        goodbye: bool,
    },
    /// The link to a member changed.
    Link {
        /// Who is at the other end.
        peer: String,
        /// How it is now.
        status: LinkStatus,
    },
    /// A member's name or devices changed.
    Profile {
        /// How they appear now.
        person: Person,
    },
    /// A member started or stopped typing.
    Typing {
        /// Who.
        peer: String,
        /// Started or stopped.
        on: bool,
    },
    /// Something was said, by a member or by this one.
    Message {
        /// As it stands in the room.
        message: Said,
    },
    /// A message has a new text.
    Edited {
        /// Which.
        id: String,
        /// The text now.
        text: String,
    },
    /// A message was taken back.
    Deleted {
        /// Which.
        id: String,
    },
    /// A reaction was set or taken back.
    Reacted {
        /// To which message.
        id: String,
        /// By whom.
        peer: String,
        /// Usually one emoji.
        emoji: String,
        /// Whether it is set now.
        on: bool,
    },
    /// Messages of an author are known to exist but have not arrived; 0 once all have.
    Missing {
        /// Whose.
        author: String,
        /// How many.
        count: u64,
    },
    /// How far a member has got with this member's own entries: a message of this member has
    /// arrived if its `seq` is at most `delivered`.
    Receipt {
        /// Who.
        peer: String,
        /// All up to this sequence number have arrived.
        delivered: u64,
        /// All up to this one have been seen by a person.
        read: u64,
    },
    /// A member offers a file, or several.
    Offered {
        /// What, and whose.
        offer: Offer,
    },
    /// This member's own offer was made.
    Offering {
        /// Names it from now on.
        transfer: String,
    },
    /// A transfer moved. At most four times a second.
    Progress {
        /// Which.
        transfer: String,
        /// The receiver while sending; nobody while receiving.
        to: Option<String>,
        /// Bytes that have arrived, from whomever.
        bytes: u64,
        /// Bytes wanted in all.
        total: u64,
        /// Bytes a second of late.
        rate: f64,
        /// Milliseconds left at this rate.
        eta_ms: Option<u64>,
    },
    /// Something has arrived, every byte verified and stored.
    Received {
        /// Which.
        transfer: String,
        /// Where in the folder it was put; nothing in memory.
        place: Option<String>,
    },
    /// A member has this member's file, every byte verified and stored at their side.
    Delivered {
        /// Which.
        transfer: String,
        /// Who.
        to: String,
    },
    /// A member does not want this member's file.
    Declined {
        /// Which.
        transfer: String,
        /// Who.
        by: String,
        /// Why.
        reason: DeclineReason,
    },
    /// A transfer waits for a peer to come back.
    Stalled {
        /// Which.
        transfer: String,
    },
    /// Nobody in the room has what is missing. The transfer goes on as soon as somebody does.
    Stranded {
        /// Which.
        transfer: String,
        /// Bytes that nobody has.
        missing: u64,
    },
    /// A transfer was paused or goes on, at this side.
    Paused {
        /// Which.
        transfer: String,
        /// Paused, or going on.
        on: bool,
    },
    /// What an earlier try left of a transfer is being checked.
    Checking {
        /// Which.
        transfer: String,
        /// Bytes checked.
        bytes: u64,
        /// Bytes to check.
        total: u64,
    },
    /// A transfer ended early. While sending, for one receiver only.
    TransferFailed {
        /// Which.
        transfer: String,
        /// The receiver, while sending.
        to: Option<String>,
        /// Why, for programs.
        reason: TransferFailure,
        /// Why, for people.
        message: String,
    },
    /// An offer was withdrawn by the one who made it, before it was accepted.
    OfferWithdrawn {
        /// Which.
        transfer: String,
        /// Who.
        from: String,
    },
    /// What this member and another both see if nobody is between them: to be compared aloud.
    Check {
        /// The emoji.
        check: Check,
    },
    /// Wrong words were tried in this room.
    Guesses {
        /// How often.
        wrong: u32,
        /// Whether that was too often: from now on nobody new is let in.
        closed: bool,
    },
    /// Members whom others in the room have met and this one has not: the server may be keeping
    /// them apart. None once all have met.
    Split {
        /// Who is missing here.
        peers: Vec<String>,
    },
    /// A member broke the protocol.
    Misbehaved {
        /// Who.
        peer: String,
        /// How.
        reason: String,
    },
    /// A command could not be carried out.
    Refused {
        /// Why, for programs.
        reason: CommandRefusal,
        /// Why, for people.
        message: String,
    },
    /// The session is over; nothing follows.
    Ended {
        /// Why, for programs.
        reason: EndReason,
        /// Why the members do not come together, if that is the reason.
        refusal: Option<Refusal>,
        /// Why, for people.
        message: String,
    },
    /// Something that is new.
    Other,
}

/// The way to the server.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ServerStatus {
    /// In the room.
    Online,
    /// Not there; another try follows.
    Offline {
        /// What happened, for people.
        reason: String,
        /// Milliseconds until the next try.
        retry_in_ms: u64,
    },
}

/// The link to one member.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum LinkStatus {
    /// On the way.
    Connecting,
    /// In reach; whether it knows the words of the code is being checked.
    Verifying,
    /// Open for everything.
    Connected {
        /// Whether the other end proved that it knows the words of the code. Never in a room
        /// without words.
        verified: bool,
        /// How frames travel.
        path: Path,
    },
    /// Interrupted; on the way back.
    Reconnecting,
    /// Given up for now; another try follows later.
    Failed,
    /// Nothing is taken from this member, nor sent to it.
    Refused {
        /// Why, for programs.
        refusal: Refusal,
        /// What it means and what to do, for people.
        message: String,
    },
}

/// How a member appears.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Person {
    /// Who.
    pub peer: String,
    /// What they want to be called; not unique, and empty for no name.
    pub nickname: String,
    /// Whether the camera is on.
    pub camera: bool,
    /// Whether the microphone is on.
    pub microphone: bool,
}

/// A message as it stands in the room.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Said {
    /// Names it.
    pub id: String,
    /// Who said it.
    pub author: String,
    /// Its number among its author's entries.
    pub seq: u64,
    /// Messages are ordered by this, then by author.
    pub lamport: u64,
    /// Milliseconds since the Unix epoch by the author's clock.
    pub sent_at: u64,
    /// Whether others that come later in the order were already there.
    pub late: bool,
    /// Whether this member said it.
    pub mine: bool,
    /// The text, as it was last edited; nothing once deleted.
    pub text: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<String>,
}

/// Six emoji that two people see alike if nobody is between them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Check {
    /// The other one.
    pub peer: String,
    /// The emoji.
    pub emoji: Vec<String>,
    /// Their English names.
    pub names: Vec<String>,
    /// Their places in the table of 64, for names in other languages.
    pub places: Vec<u32>,
}
