//! What members say to each other.
//!
//! Whoever says something sends it to everyone it is linked to. Everything else follows from
//! members telling each other what they have: a hole is seen, said, and filled from anyone who
//! has what is missing.

mod arrivals;
mod forgetting;
mod gaps;
mod log;
mod receipts;
mod view;

use std::cmp::Reverse;

use snug_protocol::{
    Body, ClientId, ControlFrame, Entry, Hash, Heads, Hello, MessageId, Profile, Signature,
    limits::{FETCH_ENTRIES, HEADS_AUTHORS},
};

use self::{
    arrivals::Arrivals,
    gaps::Gaps,
    log::{Insertion, Log},
    receipts::Receipts,
    view::View,
};
use crate::{
    CommandError, Event, LinkId, Message, Time,
    limits::{HEADS_INTERVAL, TYPING_INTERVAL, TYPING_LAPSE},
    maps::BTreeMap,
    outbox::Outbox,
};

/// The conversation as this member has it.
#[derive(Debug)]
pub(crate) struct Chat {
    me: ClientId,
    log: Log,
    view: View,
    gaps: Gaps,
    receipts: Receipts,
    peers: BTreeMap<ClientId, Peer>,
    /// For each member, where its time starts in each author's chain.
    arrivals: Arrivals,
    /// How far this member had got when it lost the server, or at the start: whoever came since
    /// then came to what it has said since then.
    outage: Option<u64>,
    heads_due: Option<Time>,
    typing_told: Option<Time>,
}

/// A member that frames reach.
#[derive(Debug)]
struct Peer {
    link: LinkId,
    typing_until: Option<Time>,
}

impl Chat {
    pub(crate) fn new(me: ClientId) -> Self {
        Self {
            me,
            log: Log::new(),
            view: View::default(),
            gaps: Gaps::default(),
            receipts: Receipts::default(),
            peers: BTreeMap::new(),
            arrivals: Arrivals::default(),
            outage: Some(0),
            heads_due: None,
            typing_told: None,
        }
    }

    /// Says something to everyone.
    pub(crate) fn say(
        &mut self,
        body: Body,
        sent_at: u64,
        sign: impl FnOnce(&Hash) -> Signature,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        self.check(&body)?;
        let entry = self.log.write(&self.me, body, sent_at, sign);
        self.drop_evicted();
        let frame = ControlFrame::Entry(entry.clone());
        for peer in self.peers.values() {
            out.control(peer.link, &frame);
        }
        self.typing_told = None;
        self.tell(&entry, false, out);
        self.touch(now);
        Ok(())
    }

    /// Tells everyone that this member types, but not at every key.
    pub(crate) fn type_(&mut self, on: bool, now: Time, out: &mut Outbox) {
        let repeats = self
            .typing_told
            .is_some_and(|told| now < told + TYPING_INTERVAL);
        if on == repeats {
            return;
        }
        self.typing_told = on.then_some(now);
        for peer in self.peers.values() {
            out.control(peer.link, &ControlFrame::Typing { on });
        }
    }

    /// A person has seen everything so far.
    pub(crate) fn mark_read(&mut self, now: Time) {
        let heads: Vec<_> = self.log.heads().map(|(a, seq)| (a.clone(), seq)).collect();
        for (author, seq) in heads {
            self.receipts.read(&author, seq, now);
        }
    }

    /// A member is known from now on: its time starts here.
    pub(crate) fn on_arrived(&mut self, peer: &ClientId) {
        let log = &self.log;
        let own = self.outage.unwrap_or_else(|| log.written());
        let own = (self.me.clone(), own + 1);
        self.arrivals.on_arrived(peer, || {
            let heads = log.heads().map(|(author, seq)| (author.clone(), seq + 1));
            heads.chain([own]).collect()
        });
    }

    /// A member has proven who it is. If somebody else has spoken in its name, all that was said
    /// in it is taken back: what is its own is asked for again.
    pub(crate) fn on_met(
        &mut self,
        peer: &ClientId,
        is_genuine: impl Fn(&Entry) -> bool,
        out: &mut Outbox,
    ) {
        if !self.log.range(peer, 0, u64::MAX).all(is_genuine) {
            self.disown(peer, out);
        }
    }

    /// The server is out of reach.
    pub(crate) fn on_offline(&mut self) {
        let said = self.log.written();
        self.outage.get_or_insert(said);
    }

    /// The server is back, and who came meanwhile is known.
    pub(crate) fn on_online(&mut self) {
        self.outage = None;
    }

    /// The greeting for a member.
    pub(crate) fn hello(&self, peer: &ClientId, profile: &Profile) -> Hello {
        let starts = self.arrivals.starts(peer).into_iter().flatten();
        let (delivered, read) = self.receipts.state(peer, self.log.delivered(peer));
        Hello {
            version: ControlFrame::VERSION,
            profile: profile.clone(),
            starts: self.bounded(starts.map(|(author, seq)| (author, *seq))),
            heads: self.bounded(self.log.heads()),
            lamport: self.log.lamport(),
            delivered,
            read,
        }
    }

    /// A member has greeted.
    pub(crate) fn on_up(
        &mut self,
        peer: &ClientId,
        link: LinkId,
        hello: &Hello,
        now: Time,
        out: &mut Outbox,
    ) {
        self.peers.insert(
            peer.clone(),
            Peer {
                link,
                typing_until: None,
            },
        );
        // Its chain stays as long as it is here.
        self.make_room(peer, out);
        self.log.meet(peer);
        for (author, start) in &hello.starts.0 {
            if *author != self.me {
                self.make_room(author, out);
                self.log.set_start(author, *start, author == peer);
            }
        }
        self.log.witness(hello.lamport);
        self.on_heads(peer, &hello.heads, now, out);
        self.gaps.hurry(now);
        // What was said since our greeting was written.
        let heads = self.bounded(self.log.heads());
        out.control(link, &ControlFrame::Heads(heads));
        self.on_receipt(peer, hello.delivered, hello.read, out);
        self.receipts.touch(peer, now);
    }

    pub(crate) fn on_down(&mut self, peer: &ClientId, out: &mut Outbox) {
        let typing = self
            .peers
            .remove(peer)
            .is_some_and(|gone| gone.typing_until.is_some());
        if typing {
            out.event(Event::Typing {
                peer: peer.clone(),
                on: false,
            });
        }
        self.gaps.forget_holder(peer);
    }

    /// A member is gone, and may come back or not.
    pub(crate) fn on_departed(&mut self, peer: &ClientId, returns: bool) {
        self.arrivals.on_departed(peer, returns);
    }

    /// An entry came, from its author or from someone who has it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn on_entry(
        &mut self,
        peer: &ClientId,
        entry: Entry,
        now: Time,
        out: &mut Outbox,
    ) -> Result<(), String> {
        if entry.author == self.me && self.log.entry(&entry.id()).is_none() {
            return Err("a message in this member's name".into());
        }
        let (author, seq) = (entry.author.clone(), entry.seq);
        self.make_room(&author, out);
        let inserted = self.log.insert(entry);
        self.drop_evicted();
        match inserted.map_err(|forgery| forgery.to_string())? {
            Insertion::New { late } => {
                let id = MessageId {
                    author: author.clone(),
                    seq,
                };
                if let Some(entry) = self.log.entry(&id).cloned() {
                    self.tell(&entry, late, out);
                }
                self.on_typing(&author, false, now, out);
                self.receipts.touch(&author, now);
                self.touch(now);
            }
            Insertion::Duplicate | Insertion::Unwanted => {}
        }
        if self.log.knows(&author) {
            self.gaps.note_holder(peer, &author, seq);
            self.gaps.review(&self.log, &author, now, out);
        }
        Ok(())
    }

    /// A member tells how far it has got with authors whose keys are known here.
    pub(crate) fn on_heads(&mut self, peer: &ClientId, heads: &Heads, now: Time, out: &mut Outbox) {
        for (author, seq) in &heads.0 {
            if *author == self.me {
                continue;
            }
            // Whoever has greeted named every author it had heard of when we came: this one has
            // said nothing before.
            self.make_room(author, out);
            self.log.meet(author);
            if !self.log.knows(author) {
                continue;
            }
            self.log.claim(author, *seq);
            self.gaps.note_holder(peer, author, *seq);
            self.gaps.review(&self.log, author, now, out);
        }
    }

    /// Someone asks for entries: gives what is here and theirs to see.
    pub(crate) fn on_fetch(
        &self,
        peer: &ClientId,
        author: &ClientId,
        from: u64,
        to: u64,
        out: &mut Outbox,
    ) {
        let Some(link) = self.peers.get(peer).map(|peer| peer.link) else {
            return;
        };
        let Some(start) = self.arrivals.start(peer, author) else {
            return;
        };
        let from = from.max(start);
        let to = to.min(from.saturating_add(FETCH_ENTRIES - 1));
        for entry in self.log.range(author, from, to) {
            out.control(link, &ControlFrame::Entry(entry.clone()));
        }
    }

    pub(crate) fn on_receipt(
        &mut self,
        peer: &ClientId,
        delivered: u64,
        read: u64,
        out: &mut Outbox,
    ) {
        // What was said before it came has not reached it, whatever is behind that.
        let Some(start) = self.arrivals.start(peer, &self.me) else {
            return;
        };
        let said = self.log.written();
        let reached = |seq: u64| {
            let seq = seq.min(said);
            if seq < start { 0 } else { seq }
        };
        let claimed = (reached(delivered), reached(read.min(delivered)));
        if let Some((delivered, read)) = self.receipts.on_receipt(peer, claimed) {
            out.event(Event::Receipt {
                peer: peer.clone(),
                delivered,
                read,
            });
        }
    }

    pub(crate) fn on_typing(&mut self, peer: &ClientId, on: bool, now: Time, out: &mut Outbox) {
        let Some(typist) = self.peers.get_mut(peer) else {
            return;
        };
        let was = typist.typing_until.is_some();
        typist.typing_until = on.then(|| now + TYPING_LAPSE);
        if was != on {
            out.event(Event::Typing {
                peer: peer.clone(),
                on,
            });
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outbox) {
        self.lapse_typing(now, out);
        if self.heads_due.is_some_and(|due| now >= due) {
            self.heads_due = None;
            self.send_heads(out);
        }
        let links = |peer: &ClientId| self.peers.get(peer).map(|peer| peer.link);
        self.gaps.handle_timeout(&self.log, now, &links, out);
        self.receipts.handle_timeout(&self.log, now, &links, out);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let typing = self.peers.values().filter_map(|peer| peer.typing_until);
        typing
            .chain(self.heads_due)
            .chain(self.gaps.poll_timeout())
            .chain(self.receipts.poll_timeout())
            .min()
    }

    /// Everything said, in the order that all members share.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter()
    }

    /// The messages as they stand, in order.
    pub(crate) fn messages(&self) -> impl Iterator<Item = Message> {
        let said = |entry: &&Entry| matches!(entry.body, Body::Text { .. } | Body::Reply { .. });
        self.log
            .iter()
            .filter(said)
            .map(|entry| self.message(entry, false))
    }

    fn check(&self, body: &Body) -> Result<(), CommandError> {
        body.validate()
            .map_err(|error| CommandError::InvalidBody(error.to_string()))?;
        match body {
            Body::Text { .. } => Ok(()),
            Body::Reply { to, .. } | Body::Reaction { to, .. } => self
                .log
                .entry(to)
                .map(|_| ())
                .ok_or(CommandError::UnknownMessage),
            Body::Edit { to, .. } | Body::Delete { to } => {
                let own = to.author == self.me && self.log.entry(to).is_some();
                own.then_some(()).ok_or(CommandError::NotYourMessage)
            }
        }
    }

    /// Tells the person about a new entry.
    fn tell(&mut self, entry: &Entry, late: bool, out: &mut Outbox) {
        match &entry.body {
            Body::Text { .. } | Body::Reply { .. } => {
                out.event(Event::Message(self.message(entry, late)));
                // Reactions may have come before what they are about.
                for (peer, emoji) in self.view.reactions(&entry.id()) {
                    let (peer, emoji) = (peer.clone(), emoji.to_owned());
                    out.event(Event::Reacted {
                        id: entry.id(),
                        peer,
                        emoji,
                        on: true,
                    });
                }
            }
            Body::Edit { to, .. } | Body::Delete { to } | Body::Reaction { to, .. } => {
                let here = self.log.entry(to).is_some();
                if let Some(event) = self.view.apply(entry, here) {
                    out.event(event);
                }
            }
        }
    }

    fn message(&self, entry: &Entry, late: bool) -> Message {
        Message {
            id: entry.id(),
            lamport: entry.lamport,
            sent_at: entry.sent_at,
            body: self.view.body(entry),
            late,
        }
    }

    /// What this member has has changed: others are told before long.
    fn touch(&mut self, now: Time) {
        self.heads_due.get_or_insert(now + HEADS_INTERVAL);
    }

    fn send_heads(&self, out: &mut Outbox) {
        // With one other member there is nobody to fill a hole from.
        if self.peers.len() < 2 {
            return;
        }
        let frame = ControlFrame::Heads(self.bounded(self.log.heads()));
        for peer in self.peers.values() {
            out.control(peer.link, &frame);
        }
    }

    fn lapse_typing(&mut self, now: Time, out: &mut Outbox) {
        for (peer, typist) in &mut self.peers {
            if typist.typing_until.is_some_and(|until| now >= until) {
                typist.typing_until = None;
                out.event(Event::Typing {
                    peer: peer.clone(),
                    on: false,
                });
            }
        }
    }

    /// As many heads as a frame holds: this member's own, of those who are here, then of those
    /// heard last.
    fn bounded<'a>(&'a self, heads: impl Iterator<Item = (&'a ClientId, u64)>) -> Heads {
        let mut heads: Vec<_> = heads.collect();
        heads.sort_by_cached_key(|(author, _)| {
            let is_here = self.peers.contains_key(*author);
            let heard = self.log.last_heard(author);
            (**author != self.me, !is_here, Reverse(heard))
        });
        let heads = heads.into_iter().take(HEADS_AUTHORS);
        Heads(heads.map(|(author, seq)| (author.clone(), seq)).collect())
    }
}
