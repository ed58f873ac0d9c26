//! From the session's events.

use std::{fmt::Display, time::Duration};

use snug_protocol::{Body, ClientId, Invite, MessageId};
use snug_session as session;

use super::{Check, Event, LinkStatus, Offered, Person, Said, ServerStatus};
use crate::names::Text;

impl Event {
    /// Says it to the page. `invite` is how others come in, as far as it is known, and `me` who
    /// this member is.
    pub(crate) fn new(event: session::Event, invite: Option<&Invite>, me: &ClientId) -> Self {
        match event {
            session::Event::Joined { room: _, peers } => Self::Room {
                code: invite.map(Invite::to_string).unwrap_or_default(),
                me: me.to_string(),
                peers: texts(&peers),
            },
            session::Event::Server(status) => Self::Server {
                status: status.into(),
            },
            session::Event::PeerJoined { peer } => Self::PeerJoined { peer: text(&peer) },
            session::Event::PeerLeft { peer, goodbye } => Self::PeerLeft {
                peer: text(&peer),
                goodbye,
            },
            session::Event::Link { peer, status } => Self::Link {
                peer: text(&peer),
                status: status.into(),
            },
            session::Event::Profile { peer, profile } => Self::Profile(Person {
                peer: text(&peer),
                nickname: profile.nickname,
                camera: profile.media.camera,
                microphone: profile.media.microphone,
            }),
            session::Event::Typing { peer, on } => Self::Typing {
                peer: text(&peer),
                on,
            },
            session::Event::Refused { reason } => Self::Refused {
                reason: (&reason).into(),
                message: reason.to_string(),
            },
            session::Event::Misbehaved { peer, reason } => Self::Misbehaved {
                peer: text(&peer),
                reason,
            },
            session::Event::Ended(reason) => Self::ended(&reason),
            event => Self::of_trust(event, me),
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
            session::Event::Check { peer, check } => Self::Check(Check {
                peer: text(&peer),
                emoji: check.emojis().map(|(emoji, _)| emoji).to_vec(),
                names: check.emojis().map(|(_, name)| name).to_vec(),
                places: check.indices().to_vec(),
            }),
            session::Event::Guesses { wrong, closed } => Self::Guesses { wrong, closed },
            session::Event::Split { peers } => Self::Split {
                peers: texts(&peers),
            },
            event => Self::of_talk(event, me),
        }
    }

    fn of_talk(event: session::Event, me: &ClientId) -> Self {
        match event {
            session::Event::Message(message) => Self::Message(Said::new(message, me)),
            session::Event::Edited { id, text: new } => Self::Edited {
                id: text(&id),
                text: new,
            },
            session::Event::Deleted { id } => Self::Deleted { id: text(&id) },
            session::Event::Reacted {
                id,
                peer,
                emoji,
                on,
            } => Self::Reacted {
                id: text(&id),
                peer: text(&peer),
                emoji,
                on,
            },
            session::Event::Missing { author, count } => Self::Missing {
                author: text(&author),
                count,
            },
            session::Event::Receipt {
                peer,
                delivered,
                read,
            } => Self::Receipt {
                peer: text(&peer),
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
            } => Self::Offered(Offered::new(text(&transfer), text(&from), offer, &listing)),
            session::Event::Offering { transfer } => Self::Offering {
                transfer: text(&transfer),
            },
            session::Event::OfferWithdrawn { transfer, from } => Self::OfferWithdrawn {
                transfer: text(&transfer),
                from: text(&from),
            },
            session::Event::Declined {
                transfer,
                by,
                reason,
            } => Self::Declined {
                transfer: text(&transfer),
                by: text(&by),
                reason: reason.into(),
            },
            session::Event::Delivered { transfer, to } => Self::Delivered {
                transfer: text(&transfer),
                to: text(&to),
            },
            event => Self::of_transfers(event),
        }
    }

    fn of_transfers(event: session::Event) -> Self {
        match event {
            session::Event::Progress(progress) => Self::Progress {
                transfer: text(&progress.transfer),
                to: progress.to.as_ref().map(text),
                bytes: progress.bytes,
                total: progress.total,
                rate: progress.rate,
                eta_ms: progress.eta.map(millis),
            },
            session::Event::Received { transfer, place: _ } => Self::Received {
                transfer: text(&transfer),
            },
            session::Event::Stalled { transfer } => Self::Stalled {
                transfer: text(&transfer),
            },
            session::Event::Stranded { transfer, missing } => Self::Stranded {
                transfer: text(&transfer),
                missing,
            },
            session::Event::Paused { transfer, on } => Self::Paused {
                transfer: text(&transfer),
                on,
            },
            session::Event::Checking {
                transfer,
                bytes,
                total,
            } => Self::Checking {
                transfer: text(&transfer),
                bytes,
                total,
            },
            session::Event::TransferFailed {
                transfer,
                to,
                reason,
            } => Self::TransferFailed {
                transfer: text(&transfer),
                to: to.as_ref().map(text),
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
            Some(Body::Reply { to, text: said }) => (Some(said), Some(text::<MessageId>(&to))),
            _ => (None, None),
        };
        Self {
            id: text(&message.id),
            author: text(&message.id.author),
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

impl From<session::LinkStatus> for LinkStatus {
    fn from(status: session::LinkStatus) -> Self {
        match status {
            session::LinkStatus::Connecting => Self::Connecting,
            session::LinkStatus::Verifying => Self::Verifying,
            session::LinkStatus::Connected { verified, path } => Self::Connected {
                verified,
                path: path.into(),
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

fn text<T: Display>(name: &T) -> Text {
    name.to_string()
}

fn texts<T: Display>(names: &[T]) -> Vec<Text> {
    names.iter().map(text).collect()
}

/// Within what a JavaScript number holds exactly.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).map_or(MAX_SAFE, |millis| millis.min(MAX_SAFE))
}

const MAX_SAFE: u64 = (1 << 53) - 1;
