//! Happenings as JSON, one a line.

mod line;

use std::{borrow::Cow, path::PathBuf};

use snug_protocol::{Body, ClientId, Item, ItemKind, Listing, MessageId, Offer, TransferId};
use snug_session::{Event, LinkStatus, Message, ServerStatus};

use self::line::{Entry, Line, Offered, Said};
use super::reason;
use crate::{exit::Exit, happening::Happening, invitation::Invitation};

/// Items of an offer that are told: about a megabyte of JSON. `accept` knows the others too.
const ITEMS: usize = 10_000;

/// Writes one happening as a line, without its end. `None` for what is told in another way.
pub(crate) fn write(
    happening: &Happening,
    me: &ClientId,
    invitation: Option<&Invitation>,
) -> Option<String> {
    let line = match happening {
        // `Happening::Offering` tells more.
        Happening::Event(Event::Offering { .. }) => return None,
        Happening::Event(event) => from_event(event, me, invitation),
        Happening::Hashing {
            paths,
            bytes,
            total,
        } => Line::Hashing {
            path: first(paths).unwrap_or_default(),
            bytes: *bytes,
            total: *total,
        },
        Happening::Offering(own) => Line::Offering {
            transfer: own.transfer,
            path: first(&own.paths).unwrap_or_default(),
            paths: own.paths.iter().map(|it| it.to_string_lossy()).collect(),
            files: own.files,
            size: own.size,
            left_out: own.left_out,
        },
        Happening::OfferFailed { paths, reason } => Line::Error {
            message: reason,
            line: None,
            path: first(paths),
        },
        Happening::Playing { film, address } => Line::Playing {
            transfer: film.transfer,
            name: &film.name,
            size: film.size(),
            media_type: &film.media_type,
            address,
        },
        Happening::PlayFailed { transfer, reason } => Line::PlayFailed {
            transfer: *transfer,
            message: reason,
        },
        Happening::PlayerEnded => Line::PlayerEnded,
        Happening::Ready => Line::Ready,
        Happening::Problem { reason, line } => Line::Error {
            message: reason,
            line: *line,
            path: None,
        },
        Happening::Leaving => Line::Leaving,
        Happening::Exit(exit) => return Some(write_exit(exit)),
    };
    Some(to_json(&line))
}

/// Writes how the program ends, which is the last line.
pub(crate) fn write_exit(exit: &Exit) -> String {
    to_json(&Line::Exit {
        code: exit.code(),
        reason: exit.name(),
        message: exit.message(),
    })
}

fn to_json(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("texts and numbers can be written")
}

fn from_event<'a>(
    event: &'a Event,
    me: &'a ClientId,
    invitation: Option<&'a Invitation>,
) -> Line<'a> {
    match event {
        Event::Joined { room: _, peers } => Line::Room {
            code: invitation.map_or("", |it| &it.code),
            link: invitation.map_or("", |it| &it.link),
            secret: invitation.map_or("", |it| reason::secret(it.secret)),
            client_id: me,
            peers,
        },
        Event::Server(status) => from_server(status),
        Event::PeerJoined { peer } => Line::PeerJoined { peer },
        Event::PeerLeft { peer, goodbye } => Line::PeerLeft {
            peer,
            goodbye: *goodbye,
        },
        Event::Link { peer, status } => from_link(peer, *status),
        Event::Profile { peer, profile } => Line::Profile {
            peer,
            name: &profile.nickname,
            camera: profile.media.camera,
            microphone: profile.media.microphone,
        },
        Event::Typing { peer, on } => Line::Typing { peer, on: *on },
        Event::Misbehaved { peer, reason } => Line::Misbehaved { peer, reason },
        Event::Refused { reason } => Line::Refused {
            reason: reason::command(reason),
            message: reason.to_string(),
        },
        Event::Ended(end) => Line::Ended {
            reason: reason::end(end),
            message: end.to_string(),
        },
        event => from_trust(event)
            .or_else(|| from_talk(event, me))
            .or_else(|| from_transfer(event))
            .unwrap_or_else(|| Line::Other {
                text: format!("{event:?}"),
            }),
    }
}

fn from_server(status: &ServerStatus) -> Line<'_> {
    match status {
        ServerStatus::Online => Line::Server {
            status: "online",
            reason: None,
            retry_in_ms: None,
        },
        ServerStatus::Offline { reason, retry_in } => Line::Server {
            status: "offline",
            reason: Some(reason),
            retry_in_ms: Some(millis(*retry_in)),
        },
    }
}

fn from_link(peer: &ClientId, status: LinkStatus) -> Line<'_> {
    let (mut connected, mut refused) = (None, None);
    let name = match status {
        LinkStatus::Connecting => "connecting",
        LinkStatus::Verifying => "verifying",
        LinkStatus::Connected { verified, path } => {
            connected = Some((verified, path));
            "connected"
        }
        LinkStatus::Reconnecting => "reconnecting",
        LinkStatus::Failed => "failed",
        LinkStatus::Refused(refusal) => {
            refused = Some(refusal);
            "refused"
        }
    };
    Line::Link {
        peer,
        status: name,
        verified: connected.map(|(verified, _)| verified),
        path: connected.map(|(_, path)| reason::path(path)),
        reason: refused.map(reason::refusal),
    }
}

/// What tells whether somebody stands between the members.
fn from_trust(event: &Event) -> Option<Line<'_>> {
    Some(match event {
        Event::Check { peer, check } => Line::Check {
            peer,
            emoji: check.emojis().map(|(emoji, _)| emoji),
            names: check.emojis().map(|(_, name)| name),
        },
        Event::Guesses { wrong, closed } => Line::Guesses {
            wrong: *wrong,
            closed: *closed,
        },
        Event::Split { peers } => Line::Split { peers },
        _ => return None,
    })
}

fn from_talk<'a>(event: &'a Event, me: &ClientId) -> Option<Line<'a>> {
    Some(match event {
        Event::Message(message) => Line::Message(from_message(message, me)),
        Event::Edited { id, text } => Line::Edited {
            id: id.to_string(),
            text,
        },
        Event::Deleted { id } => Line::Deleted { id: id.to_string() },
        Event::Reacted {
            id,
            peer,
            emoji,
            on,
        } => Line::Reacted {
            id: id.to_string(),
            peer,
            emoji,
            on: *on,
        },
        Event::Missing { author, count } => Line::Missing {
            author,
            count: *count,
        },
        Event::Receipt {
            peer,
            delivered,
            read,
        } => Line::Receipt {
            peer,
            delivered: *delivered,
            read: *read,
        },
        _ => return None,
    })
}

fn from_message<'a>(message: &'a Message, me: &ClientId) -> Said<'a> {
    let (text, reply_to) = match &message.body {
        Some(Body::Text { text }) => (Some(text.as_str()), None),
        Some(Body::Reply { to, text }) => (Some(text.as_str()), Some(MessageId::to_string(to))),
        _ => (None, None),
    };
    Said {
        id: message.id.to_string(),
        author: &message.id.author,
        seq: message.id.seq,
        lamport: message.lamport,
        sent_at: message.sent_at,
        late: message.late,
        mine: message.id.author == *me,
        text,
        reply_to,
    }
}

fn from_transfer(event: &Event) -> Option<Line<'_>> {
    Some(match event {
        Event::Offered {
            transfer,
            from,
            offer,
            listing,
        } => Line::Offered(offered(*transfer, from, offer, listing)),
        Event::OfferWithdrawn { transfer, from } => Line::OfferWithdrawn {
            transfer: *transfer,
            from,
        },
        Event::Progress(progress) => Line::Progress {
            transfer: progress.transfer,
            to: progress.to.as_ref(),
            bytes: progress.bytes,
            total: progress.total,
            rate: progress.rate,
            eta_ms: progress.eta.map(millis),
        },
        Event::Stalled { transfer } => Line::Stalled {
            transfer: *transfer,
        },
        Event::Stranded { transfer, missing } => Line::Stranded {
            transfer: *transfer,
            missing: *missing,
        },
        Event::Paused { transfer, on } => Line::Paused {
            transfer: *transfer,
            on: *on,
        },
        Event::Checking {
            transfer,
            bytes,
            total,
        } => Line::Checking {
            transfer: *transfer,
            bytes: *bytes,
            total: *total,
        },
        Event::Received { transfer, place } => Line::Received {
            transfer: *transfer,
            place: place.as_deref(),
        },
        Event::Delivered { transfer, to } => Line::Delivered {
            transfer: *transfer,
            to,
        },
        Event::Declined {
            transfer,
            by,
            reason,
        } => Line::Declined {
            transfer: *transfer,
            by,
            reason: reason::decline(*reason),
        },
        Event::TransferFailed {
            transfer,
            to,
            reason,
        } => Line::TransferFailed {
            transfer: *transfer,
            to: to.as_ref(),
            reason: reason::transfer(reason),
            message: reason.to_string(),
        },
        _ => return None,
    })
}

fn offered<'a>(
    transfer: TransferId,
    from: &'a ClientId,
    offer: &'a Offer,
    listing: &'a Listing,
) -> Offered<'a> {
    let items = listing.items();
    let preview = offer.preview.as_ref();
    Offered {
        transfer,
        from,
        name: offer.name.as_str(),
        size: offer.manifest.size(),
        hash: offer.manifest.root(),
        media_type: offer.media_type(),
        width: preview.map(|it| it.width).filter(|width| *width > 0),
        height: preview.map(|it| it.height).filter(|height| *height > 0),
        duration_ms: preview.and_then(|it| it.duration),
        files: listing.files(),
        items: items.iter().take(ITEMS).map(entry).collect(),
        more_items: items.len().saturating_sub(ITEMS),
    }
}

fn entry(item: &Item) -> Entry<'_> {
    let path = item.path.as_str();
    match item.kind {
        ItemKind::Folder => Entry {
            path,
            folder: true,
            size: None,
            modified: None,
            executable: false,
        },
        ItemKind::File { size, attributes } => Entry {
            path,
            folder: false,
            size: Some(size),
            modified: attributes.modified,
            executable: attributes.executable,
        },
    }
}

fn first(paths: &[PathBuf]) -> Option<Cow<'_, str>> {
    paths.first().map(|path| path.to_string_lossy())
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
