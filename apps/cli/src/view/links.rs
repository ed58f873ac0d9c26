//! Links to people, in words: who comes and goes, who is let in, and which way frames travel.

use snug_protocol::ClientId;
use snug_session::{LinkStatus, Path, Refusal};

use super::{Item, View, notice};
use crate::{
    invitation::{Invitation, Purpose},
    style::Line,
    units,
};

/// Bytes over which the way through the server needs a warning: from about ten seconds on.
const LARGE_FOR_RELAY: u64 = 10_000_000;

/// Bytes a second that the way through the server carries at most: a frame of 32 KiB every 32 ms.
const RELAY_RATE: u64 = 1_000_000;

impl View {
    /// The link to somebody changed.
    pub(super) fn show_link(&mut self, peer: &ClientId, status: LinkStatus) -> Vec<Item> {
        let before = self.links.insert(peer.clone(), status);
        let person = || self.people.line(peer);
        match status {
            LinkStatus::Connecting | LinkStatus::Verifying => Vec::new(),
            LinkStatus::Connected { .. } if !self.met.contains(peer) => self.show_arrival(peer),
            LinkStatus::Connected { verified, path } => {
                let Some(LinkStatus::Connected { path: old, .. }) = before else {
                    let back = person().plain(" is back").dim(manner(verified, path));
                    return self.with_relay_warning(path, notice(back));
                };
                if path == old {
                    return Vec::new();
                }
                let moved = notice(self.people.line(peer).join(moved(path)));
                self.with_relay_warning(path, moved)
            }
            LinkStatus::Reconnecting => {
                notice(person().warn(" is out of reach, trying to get back"))
            }
            LinkStatus::Failed => {
                notice(person().warn(" cannot be reached for now, trying again later"))
            }
            LinkStatus::Refused(why) if self.inside => notice(self.refused(peer, why)),
            LinkStatus::Refused(why) => self.show_turned_away(peer, why),
        }
    }

    /// Greets someone once they are connected and their name is known, which comes right after.
    pub(super) fn show_arrival(&mut self, peer: &ClientId) -> Vec<Item> {
        match self.links.get(peer) {
            Some(&LinkStatus::Connected { verified, path }) if self.people.knows(peer) => {
                self.met.insert(peer.clone());
                let first = !std::mem::replace(&mut self.inside, true);
                let here = self.people.line(peer).plain(" is here");
                let mut here = notice(here.dim(manner(verified, path)));
                if first {
                    here.extend(self.invitation.iter().filter_map(Invitation::warning));
                }
                if self.purpose == Purpose::Verify {
                    here.extend(self.check_items(peer));
                }
                self.with_relay_warning(path, here)
            }
            _ => Vec::new(),
        }
    }

    /// Somebody is gone.
    pub(super) fn show_left(&mut self, peer: &ClientId, goodbye: bool) -> Vec<Item> {
        let was_here = self.met.remove(peer);
        self.links.remove(peer);
        self.checks.remove(peer);
        self.typing.remove(peer);
        self.receipts.remove(peer);
        self.files.person_left(peer);
        if !was_here {
            return Vec::new();
        }
        let line = self.people.line(peer);
        notice(line.dim(if goodbye { " left" } else { " vanished" }))
    }

    /// What a file of that size is in for, if it goes through the server to or from somebody.
    pub(super) fn relay_warning(&self, size: u64, with: Option<&ClientId>) -> Option<Item> {
        let relayed = self.links.iter().any(|(person, link)| {
            with.is_none_or(|with| with == person) && path_of(*link) == Some(Path::Relay)
        });
        if !relayed || size < LARGE_FOR_RELAY {
            return None;
        }
        let time = std::time::Duration::from_secs(size / RELAY_RATE);
        let time = units::clock(time);
        let line = format!("through the server this takes about {time}");
        Some(Item::Notice(Line::new().warn(line)))
    }

    /// Adds what one's own files are in for, now that somebody is on that path.
    fn with_relay_warning(&self, path: Path, mut items: Vec<Item>) -> Vec<Item> {
        let own = self.files.all().filter(|file| file.is_own_offer());
        let size = own.fold(0_u64, |sum, file| sum.saturating_add(file.size));
        if path == Path::Relay {
            items.extend(self.relay_warning(size, None));
        }
        items
    }

    /// Somebody does not let this newcomer in. Others may; if none does, the end says why.
    fn show_turned_away(&self, peer: &ClientId, why: Refusal) -> Vec<Item> {
        match why {
            Refusal::Silent | Refusal::Intercepted | Refusal::Impostor => {
                notice(self.refused(peer, why))
            }
            _ => Vec::new(),
        }
    }

    /// Why somebody is not let in, for those inside.
    fn refused(&self, peer: &ClientId, why: Refusal) -> Line {
        let person = self.people.line(peer);
        match why {
            Refusal::WrongWords => person.warn(" tried wrong words and is not let in"),
            Refusal::WordsNeeded => {
                person.warn(" came without the words and is not let in: give them the whole code")
            }
            Refusal::OpenRoom => person.warn(
                " came with words and is not let in: this room has none, give them its code again",
            ),
            Refusal::Closed => {
                person.warn(" is not let in: wrong words were tried too often in this room")
            }
            Refusal::Version => {
                person.warn(" speaks another version of Snug and is not let in: update both")
            }
            Refusal::Intercepted => person.plain(": ").bad(why.to_string()),
            Refusal::Impostor => person
                .bad(" is somebody else than the one who had this name before, and is not let in"),
            Refusal::Silent => person.warn(" does not answer the handshake"),
            other => person.warn(format!(" is not let in: {other}")),
        }
    }
}

/// How a link is, for a list: `connected, verified, direct`.
pub(super) fn state(link: LinkStatus) -> String {
    match link {
        LinkStatus::Connecting => "connecting".to_owned(),
        LinkStatus::Verifying => "verifying".to_owned(),
        LinkStatus::Connected { verified, path } => {
            format!("{}, {}", trust(verified), way(path))
        }
        LinkStatus::Reconnecting => "out of reach, trying to get back".to_owned(),
        LinkStatus::Failed => "cannot be reached for now".to_owned(),
        LinkStatus::Refused(why) => format!("not let in, {}", reason(why)),
    }
}

/// Whether somebody proved to know the words.
pub(super) fn trust(verified: bool) -> &'static str {
    if verified {
        "verified"
    } else {
        "unverified (open room)"
    }
}

/// How frames travel.
pub(super) fn way(path: Path) -> &'static str {
    match path {
        Path::Direct => "direct",
        Path::Turn => "through a TURN server",
        Path::Relay => "through the server",
    }
}

/// The path of a link that is up.
pub(super) fn path_of(link: LinkStatus) -> Option<Path> {
    match link {
        LinkStatus::Connected { path, .. } => Some(path),
        _ => None,
    }
}

fn manner(verified: bool, path: Path) -> String {
    let slow = if path == Path::Relay { SLOW } else { "" };
    format!(" · {} · {}{slow}", trust(verified), way(path))
}

const SLOW: &str = ": sealed, but slow";

fn moved(path: Path) -> Line {
    match path {
        Path::Direct => Line::new().good(" is reached directly now"),
        Path::Turn => Line::new().plain(" is reached through a TURN server now"),
        Path::Relay => Line::new()
            .warn(" is reached through the server now")
            .dim(": sealed, but slow; large files will take long"),
    }
}

fn reason(why: Refusal) -> &'static str {
    match why {
        Refusal::WrongWords => "wrong words",
        Refusal::WordsNeeded => "no words",
        Refusal::OpenRoom => "words in a room without",
        Refusal::Closed => "the room is closed",
        Refusal::Version => "another version",
        Refusal::Intercepted => "somebody in between",
        Refusal::Impostor => "somebody else",
        Refusal::Silent => "no answer",
        _ => "not trusted",
    }
}
