//! What a person may want to know, with the names of the command line's JSON
//! (`docs/headless.md`).

mod convert;
mod offered;

use serde::Serialize;
use tsify::Tsify;

pub use self::offered::{Item, Offered};
use crate::{
    names::Text,
    reason::{CommandRefusal, DeclineReason, EndReason, Path, Refusal, TransferFailure},
};

/// What a person may want to know.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    /// The room is entered for the first time.
    Room {
        /// What others type to come in.
        code: String,
        /// What this member is called by the others' engines.
        #[tsify(type = "ClientId")]
        me: Text,
        /// The others who are connected to the server now.
        #[tsify(type = "ClientId[]")]
        peers: Vec<Text>,
    },
    /// The way to the server came up or went down. Links between members live on without it.
    Server {
        /// How it is now.
        status: ServerStatus,
    },
    /// A member came.
    PeerJoined {
        /// Who.
        #[tsify(type = "ClientId")]
        peer: Text,
    },
    /// A member left.
    PeerLeft {
        /// Who.
        #[tsify(type = "ClientId")]
        peer: Text,
        /// Whether they said so, rather than vanished.
        goodbye: bool,
    },
    /// The link to a member changed.
    Link {
        /// Who is at the other end.
        #[tsify(type = "ClientId")]
        peer: Text,
        /// How it is now.
        status: LinkStatus,
    },
    /// A member's name or devices changed.
    Profile(Person),
    /// A member started or stopped typing.
    Typing {
        /// Who.
        #[tsify(type = "ClientId")]
        peer: Text,
        /// Started or stopped.
        on: bool,
    },
    /// Something was said, by a member or by this one.
    Message(Said),
    /// A message has a new text.
    Edited {
        /// Which.
        #[tsify(type = "MessageId")]
        id: Text,
        /// The text now.
        text: String,
    },
    /// A message was taken back.
    Deleted {
        /// Which.
        #[tsify(type = "MessageId")]
        id: Text,
    },
    /// A reaction was set or taken back.
    Reacted {
        /// To which message.
        #[tsify(type = "MessageId")]
        id: Text,
        /// By whom.
        #[tsify(type = "ClientId")]
        peer: Text,
        /// Usually one emoji.
        emoji: String,
        /// Whether it is set now.
        on: bool,
    },
    /// Messages of an author are known to exist but have not arrived; 0 once all have.
    Missing {
        /// Whose.
        #[tsify(type = "ClientId")]
        author: Text,
        /// How many.
        count: u64,
    },
    /// How far a member has got with this member's own entries: a message of this member has
    /// arrived if its `seq` is at most `delivered`.
    Receipt {
        /// Who.
        #[tsify(type = "ClientId")]
        peer: Text,
        /// All up to this sequence number have arrived.
        delivered: u64,
        /// All up to this one have been seen by a person.
        read: u64,
    },
    /// A member offers a file, or several.
    Offered(Offered),
    /// This member's own offer was made.
    Offering {
        /// Names it from now on.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// A transfer moved. At most four times a second.
    Progress {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// The receiver while sending; nobody while receiving.
        #[tsify(optional, type = "ClientId")]
        to: Option<Text>,
        /// Bytes that have arrived, from whomever.
        bytes: u64,
        /// Bytes wanted in all.
        total: u64,
        /// Bytes a second of late.
        rate: f64,
        /// Milliseconds left at this rate.
        #[tsify(optional)]
        eta_ms: Option<u64>,
    },
    /// Something has arrived, every byte verified and stored.
    Received {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// A member has this member's file, every byte verified and stored at their side.
    Delivered {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Who.
        #[tsify(type = "ClientId")]
        to: Text,
    },
    /// A member does not want this member's file.
    Declined {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Who.
        #[tsify(type = "ClientId")]
        by: Text,
        /// Why.
        reason: DeclineReason,
    },
    /// A transfer waits for a peer to come back.
    Stalled {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
    },
    /// Nobody in the room has what is missing. The transfer goes on as soon as somebody does.
    Stranded {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Bytes that nobody has.
        missing: u64,
    },
    /// A transfer was paused or goes on, at this side.
    Paused {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Paused, or going on.
        on: bool,
    },
    /// What an earlier try left of a transfer is being checked.
    Checking {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Bytes checked.
        bytes: u64,
        /// Bytes to check.
        total: u64,
    },
    /// A transfer ended early. While sending, for one receiver only.
    TransferFailed {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// The receiver, while sending.
        #[tsify(optional, type = "ClientId")]
        to: Option<Text>,
        /// Why, for programs.
        reason: TransferFailure,
        /// Why, for people.
        message: String,
    },
    /// An offer was withdrawn by the one who made it, before it was accepted.
    OfferWithdrawn {
        /// Which.
        #[tsify(type = "TransferId")]
        transfer: Text,
        /// Who.
        #[tsify(type = "ClientId")]
        from: Text,
    },
    /// What this member and another both see if nobody is between them: to be compared aloud.
    Check(Check),
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
        #[tsify(type = "ClientId[]")]
        peers: Vec<Text>,
    },
    /// A member broke the protocol.
    Misbehaved {
        /// Who.
        #[tsify(type = "ClientId")]
        peer: Text,
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
        #[tsify(optional)]
        refusal: Option<Refusal>,
        /// Why, for people.
        message: String,
    },
    /// Something that is new.
    Other,
}

/// The way to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    #[tsify(type = "ClientId")]
    pub peer: Text,
    /// What they want to be called; not unique, and empty for no name.
    pub nickname: String,
    /// Whether the camera is on.
    pub camera: bool,
    /// Whether the microphone is on.
    pub microphone: bool,
}

/// A message as it stands in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// Names it.
    #[tsify(type = "MessageId")]
    pub id: Text,
    /// Who said it.
    #[tsify(type = "ClientId")]
    pub author: Text,
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
    #[tsify(optional)]
    pub text: Option<String>,
    /// The message that it answers.
    #[tsify(optional, type = "MessageId")]
    pub reply_to: Option<Text>,
}

/// Six emoji that two people see alike if nobody is between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The other one.
    #[tsify(type = "ClientId")]
    pub peer: Text,
    /// The emoji.
    pub emoji: Vec<&'static str>,
    /// Their English names.
    pub names: Vec<&'static str>,
    /// Their places in the table of 64, for names in other languages.
    pub places: Vec<u8>,
}
