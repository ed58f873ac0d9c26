//! What a person sees of a room: every happening in words.

mod files;
mod item;
mod lists;
mod numbers;
mod people;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use snug_protocol::{Body, ClientId, DeclineReason, Invite, MessageId, TransferId};
use snug_session::{Event, LinkStatus, Message, ServerStatus};

pub(crate) use self::{
    files::{File, Files, State},
    item::{Item, lay_out},
    numbers::Numbers,
    people::People,
};
use crate::{
    exit::Exit,
    happening::Happening,
    harmless::{harmless, harmless_lines},
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
    pub(crate) people: People,
    pub(crate) numbers: Numbers,
    pub(crate) files: Files,
    invitation: Option<Invitation>,
    links: BTreeMap<ClientId, LinkStatus>,
    /// Those who were connected at some time.
    met: BTreeSet<ClientId>,
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
    pub(crate) fn new(me: ClientId, purpose: Purpose, server: String) -> Self {
        Self {
            people: People::new(me.clone()),
            me,
            purpose,
            server,
            numbers: Numbers::default(),
            files: Files::default(),
            invitation: None,
            links: BTreeMap::new(),
            met: BTreeSet::new(),
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
            Happening::Hashing { path, bytes, total } => {
                self.files.hashing(path, *bytes, *total);
                Vec::new()
            }
            Happening::Offering(own) => {
                let file = self.files.offering(own).line();
                notice(Line::new().plain("you offer ").join(file))
            }
            Happening::OfferFailed { path, reason } => {
                self.files.not_hashing(path);
                let path = harmless(&path.to_string_lossy());
                problem(&format!("cannot send {path}: {}", harmless(reason)))
            }
            Happening::Ready => self.invitation.iter().flat_map(Invitation::items).collect(),
            Happening::Problem { reason, line: _ } => problem(reason),
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
            LinkStatus::Connected { verified } => Some((person, *verified)),
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
            Event::Joined { room, peers } => {
                let invite = Invite { room: *room };
                self.invitation = Some(Invitation::new(invite, &self.server, self.purpose));
                self.show_joined(invite, peers.len())
            }
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
                .show_talk(event)
                .or_else(|| self.show_file(event))
                .unwrap_or_default(),
        }
    }

    fn show_joined(&self, invite: Invite, others: usize) -> Vec<Item> {
        if self.purpose.opens_room() {
            return Vec::new();
        }
        let others = match others {
            0 => "nobody else is here yet".to_owned(),
            _ => format!("with {}", units::count(others, "other", "others")),
        };
        let line = Line::new()
            .plain("you are in room ")
            .bold(invite.to_string());
        notice(line.dim(format!(" · {others}")))
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

    fn show_left(&mut self, peer: &ClientId, goodbye: bool) -> Vec<Item> {
        let was_here = self.met.remove(peer);
        self.links.remove(peer);
        self.typing.remove(peer);
        self.receipts.remove(peer);
        self.files.person_left(peer);
        if !was_here {
            return Vec::new();
        }
        let line = self.people.line(peer);
        notice(line.dim(if goodbye { " left" } else { " vanished" }))
    }

    fn show_link(&mut self, peer: &ClientId, status: LinkStatus) -> Vec<Item> {
        let before = self.links.insert(peer.clone(), status);
        let person = || self.people.line(peer);
        match status {
            LinkStatus::Connecting | LinkStatus::Verifying => Vec::new(),
            LinkStatus::Connected { .. } if !self.met.contains(peer) => self.show_arrival(peer),
            LinkStatus::Connected { verified } => {
                if matches!(before, Some(LinkStatus::Connected { .. })) {
                    return Vec::new();
                }
                notice(person().plain(" is back").dim(verdict(verified)))
            }
            LinkStatus::Reconnecting => {
                notice(person().warn(" is out of reach, trying to get back"))
            }
            LinkStatus::Failed => {
                notice(person().warn(" cannot be reached for now, trying again later"))
            }
        }
    }

    /// Greets someone once they are connected and their name is known, which comes right after.
    fn show_arrival(&mut self, peer: &ClientId) -> Vec<Item> {
        match self.links.get(peer) {
            Some(LinkStatus::Connected { verified }) if self.people.knows(peer) => {
                self.met.insert(peer.clone());
                let line = self.people.line(peer).plain(" is here");
                notice(line.dim(verdict(*verified)))
            }
            _ => Vec::new(),
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

    /// What concerns messages.
    fn show_talk(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Message(message) => self.show_message(message),
            Event::Edited { id, text } => {
                let head = self.people.line(&id.author).dim(" edited ");
                said(None, head.join(self.pointer(id)).plain(": "), text)
            }
            Event::Deleted { id } => {
                let line = self.people.line(&id.author).dim(" deleted ");
                notice(line.join(self.pointer(id)))
            }
            Event::Reacted {
                id,
                peer,
                emoji,
                on,
            } => {
                if *peer == self.me {
                    self.numbers.react(id, emoji, *on);
                }
                let verb = if *on { " reacted " } else { " took back " };
                let line = self.people.line(peer).dim(verb).plain(harmless(emoji));
                notice(line.dim(" to ").join(self.pointer(id)))
            }
            Event::Missing { author, count } => self.show_missing(author, *count),
            _ => return None,
        };
        Some(items)
    }

    fn show_message(&mut self, message: &Message) -> Vec<Item> {
        let number = self.numbers.assign(&message.id);
        let author = &message.id.author;
        self.typing.remove(author);
        if *author == self.me {
            self.said = Some((number, message.id.seq));
        }
        let head = self.people.line(author);
        let late = if message.late { " (late)" } else { "" };
        match &message.body {
            Some(Body::Reply { to, text }) => {
                let head = head.dim(" → ").join(self.pointer(to)).dim(late);
                said(Some(number), head.plain(": "), text)
            }
            Some(Body::Text { text }) => said(Some(number), head.dim(late).plain(": "), text),
            Some(_) => Vec::new(),
            None => notice(head.dim(format!(" deleted message #{number}"))),
        }
    }

    fn show_missing(&mut self, author: &ClientId, count: u64) -> Vec<Item> {
        let line = self.people.line(author);
        if count == 0 {
            self.missing.remove(author);
            return notice(
                Line::new()
                    .dim("all messages from ")
                    .join(line)
                    .dim(" are here"),
            );
        }
        self.missing.insert(author.clone());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let are = if count == 1 { " is" } else { " are" };
        let what = units::count(count, "message", "messages");
        let line = Line::new().warn(format!("{what} from ")).join(line);
        notice(line.warn(format!("{are} missing, fetching")))
    }

    /// What concerns files.
    fn show_file(&mut self, event: &Event) -> Option<Vec<Item>> {
        match event {
            Event::Offered {
                transfer,
                from,
                offer,
            } => {
                let Some(file) = self.files.offered(*transfer, from, offer) else {
                    return Some(Vec::new());
                };
                let line = self.people.line(from).plain(" offers ").join(file.line());
                if self.purpose == Purpose::Receive {
                    return Some(notice(line));
                }
                let how = format!(" · /accept {0} or /decline {0}", file.number);
                Some(notice(line.dim(how)))
            }
            Event::Progress(progress) => {
                self.files.progress(progress);
                Some(Vec::new())
            }
            Event::Stalled { transfer } => {
                self.files.stalled(*transfer);
                Some(Vec::new())
            }
            event => self.show_file_end(event),
        }
    }

    fn show_file_end(&mut self, event: &Event) -> Option<Vec<Item>> {
        let items = match event {
            Event::Received { transfer, place } => {
                let line = Line::new().good("received ").join(self.file(*transfer));
                let place = place.as_deref().unwrap_or("memory");
                self.files.stopped(*transfer, None);
                let line = line.plain(" → ").plain(harmless(place));
                vec![Item::Result(line.dim(" · every byte verified"))]
            }
            Event::Delivered { transfer, to } => {
                self.files.stopped(*transfer, Some(to));
                let line = self
                    .people
                    .line(to)
                    .good(" has ")
                    .join(self.file(*transfer));
                vec![Item::Result(line.dim(" · every byte verified"))]
            }
            Event::Declined {
                transfer,
                by,
                reason,
            } => {
                self.files.stopped(*transfer, Some(by));
                let why = match reason {
                    DeclineReason::NoSpace => " has no space for ",
                    _ => " does not want ",
                };
                notice(self.people.line(by).warn(why).join(self.file(*transfer)))
            }
            Event::TransferFailed {
                transfer,
                to,
                reason,
            } => {
                let line = Line::new().bad("failed: ").join(self.file(*transfer));
                let line = match to {
                    Some(to) => line.plain(" to ").join(self.people.line(to)),
                    None => line,
                };
                self.files.stopped(*transfer, to.as_ref());
                notice(line.plain(format!(": {}", harmless(&reason.to_string()))))
            }
            Event::OfferWithdrawn { transfer, from } => {
                let line = self.people.line(from).plain(" withdrew ");
                let line = line.join(self.file(*transfer));
                self.files.set_state(*transfer, State::Over);
                notice(line)
            }
            _ => return None,
        };
        Some(items)
    }

    fn file(&self, transfer: TransferId) -> Line {
        match self.files.find(transfer) {
            Some(file) => file.line(),
            None => Line::new().plain("a file"),
        }
    }

    /// How to point at a message.
    fn pointer(&self, id: &MessageId) -> Line {
        match self.numbers.number(id) {
            Some(number) => Line::new().dim(format!("#{number}")),
            None => Line::new().dim("an older message"),
        }
    }
}

fn verdict(verified: bool) -> &'static str {
    if verified {
        " · verified"
    } else {
        " · unverified"
    }
}

fn notice(line: Line) -> Vec<Item> {
    vec![Item::Notice(line)]
}

fn problem(text: &str) -> Vec<Item> {
    vec![Item::Problem(Line::new().bad("! ").plain(text))]
}

fn said(number: Option<u32>, head: Line, text: &str) -> Vec<Item> {
    vec![Item::Said {
        number,
        head,
        text: harmless_lines(text),
    }]
}

#[cfg(test)]
mod tests;
