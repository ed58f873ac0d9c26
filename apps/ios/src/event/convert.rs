//! From the session's events.

use snug_protocol::{Body, ClientId, Invite, Secret};
use snug_session as session;

use super::{Check, Event, LinkStatus, Offer, Person, Said, ServerStatus};
use crate::{
    Path,
    names::{millis, texts},
};

/// What events are told apart by.
#[derive(Debug)]
pub(crate) struct Context {
    /// Who this member is.
    pub(crate) me: ClientId,
    /// What the code has besides the room.
    pub(crate) secret: Secret,
    /// Whether there is no server.
    pub(crate) nearby: bool,
}

impl Event {
    /// Says it to the app.
    pub(crate) fn new(event: session::Event, context: &Context) -> Self {
        match event {
            session::Event::Joined { room, peers } => Self::Room {
                code: Invite {
                    room,
                    secret: context.secret.clone(),
                }
                .to_string(),
                me: context.me.to_string(),
                peers: texts(&peers),
            },
            session::Event::Server(status) => Self::Server {
                status: status.into(),
            },
            session::Event::PeerJoined { peer } => Self::PeerJoined {
                peer: peer.to_string(),
            },
            session::Event::PeerLeft { peer, goodbye } => Self::PeerLeft {
                peer: peer.to_string(),
                goodbye,
            },
            session::Event::Link { peer, status } => Self::Link {
                peer: peer.to_string(),
                status: LinkStatus::new(status, context.nearby),
            },
            session::Event::Profile { peer, profile } => Self::Profile {
                person: Person {
                    peer: peer.to_string(),
                    nickname: profile.nickname,
                    camera: profile.media.camera,
                    microphone: profile.media.microphone,
                },
            },
            session::Event::Typing { peer, on } => Self::Typing {
                peer: peer.to_string(),
                on,
            },
            session::Event::Refused { reason } => Self::Refused {
                reason: (&reason).into(),
                message: reason.to_string(),
            },
            session::Event::Misbehaved { peer, reason } => Self::Misbehaved {
                peer: peer.to_string(),
                reason,
            },
            session::Event::Ended(reason) => Self::ended(&reason),
            event => Self::of_trust(event, &context.me),
        }
    }

    fn ended(reason: &session::EndReason) -> Self {
        let refusal = match reason {
            session::EndReason::KeptOut(refusal) => Some((*refusal).into()),
            _ => None,
        };
        Self::Ended {
            reason: reason.into(),
            refusal,
            message: reason.to_string(),
        }
    }

    /// What tells whether somebody stands between the members.
    fn of_trust(event: session::Event, me: &ClientId) -> Self {
        match event {
            session::Event::Check { peer, check } => Self::Check {
                check: Check {
                    peer: peer.to_string(),
                    emoji: check.emojis().map(|(emoji, _)| emoji.to_owned()).to_vec(),
                    names: check.emojis().map(|(_, name)| name.to_owned()).to_vec(),
                    places: check.indices().map(u32::from).to_vec(),
                },
            },
            session::Event::Guesses { wrong, closed } => Self::Guesses { wrong, closed },
            session::Event::Split { peers } => Self::Split {
                peers: texts(&peers),
            },
            event => Self::of_talk(event, me),
        }
    }

    fn of_talk(event: session::Event, me: &ClientId) -> Self {
        match event {
            session::Event::Message(message) => Self::Message {
                message: Said::new(message, me),
            },
            session::Event::Edited { id, text } => Self::Edited {
                id: id.to_string(),
                text,
            },
            session::Event::Deleted { id } => Self::Deleted { id: id.to_string() },
            session::Event::Reacted {
                id,
                peer,
                emoji,
                on,
            } => Self::Reacted {
                id: id.to_string(),
                peer: peer.to_string(),
                emoji,
                on,
            },
            session::Event::Missing { author, count } => Self::Missing {
                author: author.to_string(),
                count,
            },
            session::Event::Receipt {
                peer,
                delivered,
                read,
            } => Self::Receipt {
                peer: peer.to_string(),
                delivered,
                read,
            },
            event => Self::of_offers(event),
        }
    }

    fn of_offers(event: session::Event) -> Self {
        match event {
            session::Event::Offered {
                transfer,
                from,
                offer,
                listing,
            } => Self::Offered {
                offer: Offer::new(transfer.to_string(), from.to_string(), offer, &listing),
            },
            session::Event::Offering { transfer } => Self::Offering {
                transfer: transfer.to_string(),
            },
            session::Event::OfferWithdrawn { transfer, from } => Self::OfferWithdrawn {
                transfer: transfer.to_string(),
                from: from.to_string(),
            },
            session::Event::Declined {
                transfer,
                by,
                reason,
            } => Self::Declined {
                transfer: transfer.to_string(),
                by: by.to_string(),
                reason: reason.into(),
            },
            session::Event::Delivered { transfer, to } => Self::Delivered {
                transfer: transfer.to_string(),
                to: to.to_string(),
            },
            event => Self::of_transfers(event),
        }
    }

    fn of_transfers(event: session::Event) -> Self {
        match event {
            session::Event::Progress(progress) => Self::Progress {
                transfer: progress.transfer.to_string(),
                to: progress.to.as_ref().map(ClientId::to_string),
                bytes: progress.bytes,
                total: progress.total,
                rate: progress.rate,
                eta_ms: progress.eta.map(millis),
            },
            session::Event::Received { transfer, place } => Self::Received {
                transfer: transfer.to_string(),
                place,
            },
            session::Event::Stalled { transfer } => Self::Stalled {
                transfer: transfer.to_string(),
            },
            session::Event::Stranded { transfer, missing } => Self::Stranded {
                transfer: transfer.to_string(),
                missing,
            },
            session::Event::Paused { transfer, on } => Self::Paused {
                transfer: transfer.to_string(),
                on,
            },
            session::Event::Checking {
                transfer,
                bytes,
                total,
            } => Self::Checking {
                transfer: transfer.to_string(),
                bytes,
                total,
            },
            session::Event::TransferFailed {
                transfer,
                to,
                reason,
            } => Self::TransferFailed {
                transfer: transfer.to_string(),
                to: to.as_ref().map(ClientId::to_string),
                reason: (&reason).into(),
                message: reason.to_string(),
            },
            // Something that is new. To write it out would cost more than all that is known.
            _ => Self::Other,
        }
    }
}

impl Said {
    pub(crate) fn new(message: session::Message, me: &ClientId) -> Self {
        let (said, reply_to) = match message.body {
            Some(Body::Text { text }) => (Some(text), None),
            Some(Body::Reply { to, text }) => (Some(text), Some(to.to_string())),
            _ => (None, None),
        };
        Self {
            id: message.id.to_string(),
            author: message.id.author.to_string(),
            seq: message.id.seq,
            lamport: message.lamport,
            sent_at: message.sent_at,
            late: message.late,
            mine: message.id.author == *me,
            text: said,
            reply_to,
        }
    }
}

impl From<session::ServerStatus> for ServerStatus {
    fn from(status: session::ServerStatus) -> Self {
        match status {
            session::ServerStatus::Online => Self::Online,
            session::ServerStatus::Offline { reason, retry_in } => Self::Offline {
                reason,
                retry_in_ms: millis(retry_in),
            },
        }
    }
}

impl LinkStatus {
    fn new(status: session::LinkStatus, nearby: bool) -> Self {
        match status {
            session::LinkStatus::Connecting => Self::Connecting,
            session::LinkStatus::Verifying => Self::Verifying,
            session::LinkStatus::Connected { verified, path } => Self::Connected {
                verified,
                path: Path::new(path, nearby),
            },
            session::LinkStatus::Reconnecting => Self::Reconnecting,
            session::LinkStatus::Failed => Self::Failed,
            session::LinkStatus::Refused(refusal) => Self::Refused {
                refusal: refusal.into(),
                message: refusal.to_string(),
            },
        }
    }
}
