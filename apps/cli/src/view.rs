//! What a person sees of a room: every happening in words.

mod bar;
mod files;
mod item;
mod links;
mod lists;
mod numbers;
mod people;
mod status;
mod talk;
mod transfers;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use snug_protocol::{ClientId, Invite, MessageId, RoomId, Secret};
use snug_session::{Event, LinkStatus, ServerStatus, handshake::Check};

pub(crate) use self::{
    files::{File, Files, State},
    item::{Item, lay_out},
    numbers::Numbers,
    people::People,
};
use crate::{
    exit::Exit,
    happening::Happening,
    harmless::harmless,
    invitation::{Invitation, Purpose},
    style::Line,
    units,
};

/// A room as it looks from this terminal.
#[derive(Debug)]
pub(crate) struct View {
    me: ClientId,
    purpose: Purpose,
    server: String,
    secret: Secret,
    pub(crate) people: People,
    pub(crate) numbers: Numbers,
    pub(crate) files: Files,
    invitation: Option<Invitation>,
    links: BTreeMap<ClientId, LinkStatus>,
    /// Those who were connected at some time.
    met: BTreeSet<ClientId>,
    /// What to compare with whom.
    checks: BTreeMap<ClientId, Check>,
    /// Whether this member opened the room or was ever let in.
    inside: bool,
    /// Whether wrong words were tried too often.
    closed: bool,
    typing: BTreeSet<ClientId>,
    missing: BTreeSet<ClientId>,
    receipts: BTreeMap<ClientId, Receipt>,
    /// One's own latest message: its number here, and its sequence number.
    said: Option<(u32, u64)>,
    offline: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Receipt {
    delivered: u64,
    read: u64,
}

impl View {
    /// A room that is yet to be entered.
    pub(crate) fn new(me: ClientId, purpose: Purpose, server: String, secret: Secret) -> Self {
        Self {
            people: People::new(me.clone()),
            me,
            purpose,
            server,
            secret,
            numbers: Numbers::default(),
            files: Files::default(),
            invitation: None,
            links: BTreeMap::new(),
            met: BTreeSet::new(),
            checks: BTreeMap::new(),
            inside: purpose.opens_room(),
            closed: false,
            typing: BTreeSet::new(),
            missing: BTreeSet::new(),
            receipts: BTreeMap::new(),
            said: None,
            offline: None,
        }
    }

    /// Takes note of what happened and says it.
    pub(crate) fn show(&mut self, happening: &Happening) -> Vec<Item> {
        match happening {
            Happening::Event(event) => self.show_event(event),
            Happening::Hashing {
                paths,
                bytes,
                total,
            } => {
                self.files.hashing(paths, *bytes, *total);
                Vec::new()
            }
            Happening::Offering(own) => {
                let file = self.files.offering(own).line();
                let line = Line::new().plain("you offer ").join(file);
                let left_out = units::count(own.left_out, "link or device", "links or devices");
                let line = match own.left_out {
                    0 => line,
                    _ => line.warn(format!(" · without {left_out}")),
                };
                let mut items = notice(line);
                items.extend(self.relay_warning(own.size, None));
                items
            }
            Happening::OfferFailed { paths, reason } => {
                self.files.not_hashing(paths);
                let what = units::named(paths);
                problem(&format!("cannot send {what}: {}", harmless(reason)))
            }
            Happening::Playing { film, address } => {
                let name = harmless(&film.name);
                let line = Line::new().bold(name).plain(" plays at ");
                vec![Item::Result(line.plain(address.clone()))]
            }
            Happening::PlayFailed {
                transfer: _,
                reason,
            } => problem(&format!("cannot play it: {}", harmless(reason))),
            Happening::PlayerEnded => notice(Line::new().dim("the player has ended")),
            Happening::Ready => self.invitation.iter().flat_map(Invitation::items).collect(),
            Happening::Problem { reason, line } => problem(&match line {
                Some(line) => format!("line {line}: {reason}"),
                None => reason.clone(),
            }),
            Happening::Leaving => Vec::new(),
            Happening::Exit(exit) => self.show_exit(exit),
        }
    }

    /// Whether this is oneself.
    pub(crate) fn is_me(&self, person: &ClientId) -> bool {
        *person == self.me
    }

    fn show_exit(&self, exit: &Exit) -> Vec<Item> {
        let message = exit.message();
        let mut items: Vec<Item> = message.iter().flat_map(|it| problem(it)).collect();
        if *exit == Exit::Done && self.purpose.moves_files() {
            let verdict = Line::new().good("done: ").plain(self.files.tally());
            items.push(Item::Result(verdict.dim(" · every byte verified")));
        }
        items
    }

    /// Who is connected now.
    pub(crate) fn connected(&self) -> impl Iterator<Item = (&ClientId, bool)> {
        self.links.iter().filter_map(|(person, link)| match link {
            LinkStatus::Connected { verified, .. } => Some((person, *verified)),
            _ => None,
        })
    }

    /// One's own latest message.
    pub(crate) fn last_said(&self) -> Option<&MessageId> {
        let (number, _) = self.said?;
        self.numbers.message(number)
    }

    fn show_event(&mut self, event: &Event) -> Vec<Item> {
        match event {
            Event::Joined { room, peers } => self.show_joined(*room, peers.len()),
            Event::Server(status) => self.show_server(status),
            Event::PeerJoined { peer } => {
                self.links.insert(peer.clone(), LinkStatus::Connecting);
                Vec::new()
            }
            Event::PeerLeft { peer, goodbye } => self.show_left(peer, *goodbye),
            Event::Link { peer, status } => self.show_link(peer, *status),
            Event::Profile { peer, profile } => self.show_profile(peer, &profile.nickname),
            Event::Typing { peer, on } => {
                if *on {
                    self.typing.insert(peer.clone());
                } else {
                    self.typing.remove(peer);
                }
                Vec::new()
            }
            Event::Receipt {
                peer,
                delivered,
                read,
            } => {
                let receipt = Receipt {
                    delivered: *delivered,
                    read: *read,
                };
                self.receipts.insert(peer.clone(), receipt);
                Vec::new()
            }
            Event::Misbehaved { peer, reason } => {
                let line = self.people.line(peer).plain(" broke the protocol: ");
                notice(line.warn(harmless(reason)))
            }
            Event::Refused { reason } => problem(&reason.to_string()),
            Event::Ended(_) => Vec::new(),
            event => self
                .show_trust(event)
                // Whoever came to compare did not come to listen.
                .or_else(|| (self.purpose == Purpose::Verify).then(Vec::new))
                .or_else(|| self.show_talk(event))
                .or_else(|| self.show_file(event))
                .unwrap_or_default(),
        }
    }

    fn show_joined(&mut self, room: RoomId, others: usize) -> Vec<Item> {
        let secret = self.secret.clone();
        let invite = Invite { room, secret };
        let invitation = Invitation::new(&invite, &self.server, self.purpose);
        self.invitation = Some(invitation);
        if self.purpose.opens_room() {
            return Vec::new();
        }
        let others = match others {
            0 => "nobody else is here yet".to_owned(),
            _ => format!("with {}", units::count(others, "other", "others")),
        };
        // The room alone: what is piped away ends up in logs.
        let line = Line::new().plain("you are in room ").bold(room.to_string());
        let entered = Item::Notice(line.dim(format!(" · {others}")));
        let compare = Item::Notice(Line::new().plain(trust::COMPARE));
        let compare = (self.purpose == Purpose::Verify).then_some(compare);
        [entered].into_iter().chain(compare).collect()
    }

    fn show_server(&mut self, status: &ServerStatus) -> Vec<Item> {
        match status {
            ServerStatus::Online => match self.offline.take() {
                Some(_) => notice(Line::new().good("the server is back")),
                None => Vec::new(),
            },
            ServerStatus::Offline { reason, retry_in } => {
                let first = self.offline.is_none();
                let reason = harmless(reason);
                let again = retry_in.as_secs_f64();
                self.offline = Some(format!("{reason}; trying again in {again:.0} s"));
                // Before the room is entered, nothing is lost.
                if !first || self.invitation.is_none() {
                    return Vec::new();
                }
                let line = Line::new().warn(format!("the server is out of reach: {reason}"));
                if self.connected().next().is_none() {
                    return notice(line);
                }
                notice(line.dim(" · those who are connected stay connected"))
            }
        }
    }

    fn show_profile(&mut self, peer: &ClientId, nickname: &str) -> Vec<Item> {
        let before = self.people.line(peer);
        let renamed = self.people.set(peer, nickname);
        if !self.met.contains(peer) {
            return self.show_arrival(peer);
        }
        if !renamed {
            return Vec::new();
        }
        notice(before.dim(" is now called ").join(self.people.line(peer)))
    }
}

fn notice(line: Line) -> Vec<Item> {
    vec![Item::Notice(line)]
}

fn problem(text: &str) -> Vec<Item> {
    vec![Item::Problem(Line::new().bad("! ").plain(text))]
}

#[cfg(test)]
mod tests;
