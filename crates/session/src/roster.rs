//! Who is who, and who has met whom.
//!
//! Every member tells the others whose identity it knows from a handshake of its own. So all know
//! whose signatures to expect, and notice when the server keeps some of them apart.

use snug_protocol::{
    ClientId, Entry, Heads, IdentityKey, RoomId, Roster as Frame, limits::ROSTER_MEMBERS,
};

use crate::{
    Event, Time,
    handshake::verify_entry,
    limits::{MAX_AUTHORS, SPLIT_PATIENCE},
    maps::{BTreeMap, BTreeSet},
    outbox::Outbox,
};

/// The identities known, and by whom.
#[derive(Debug)]
pub(crate) struct Roster {
    me: ClientId,
    /// The first identity that came with each name: it stays.
    known: BTreeMap<ClientId, Identity>,
    /// Those who are here and have done the handshake with this member.
    met: BTreeSet<ClientId>,
    /// Whom those have met.
    others: BTreeMap<ClientId, BTreeSet<ClientId>>,
    /// Since when somebody has been missing here.
    missing_since: Option<Time>,
    told: Vec<ClientId>,
}

#[derive(Debug, Clone)]
struct Identity {
    key: IdentityKey,
    /// Who said so; nobody if this member has it from the handshake.
    told_by: Option<ClientId>,
}

/// What this member knew before a handshake of the one it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acquaintance {
    /// The same identity, from a handshake of its own.
    Old,
    /// What others had said at most.
    New,
}

/// The name belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Impostor;

impl Roster {
    pub(crate) fn new(me: ClientId, key: IdentityKey) -> Self {
        let own = Identity { key, told_by: None };
        Self {
            known: BTreeMap::from([(me.clone(), own)]),
            me,
            met: BTreeSet::new(),
            others: BTreeMap::new(),
            missing_since: None,
            told: Vec::new(),
        }
    }

    /// Checks that the author of an entry signed it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn verify(&self, room: Option<RoomId>, entry: &Entry) -> Result<(), String> {
        let (Some(key), Some(room)) = (self.key(&entry.author), room) else {
            return Err("a message of somebody whom nobody here has met".into());
        };
        if verify_entry(key, room, &entry.hash(), &entry.signature) {
            Ok(())
        } else {
            Err("a message that its author did not sign".into())
        }
    }

    /// Leaves of what a peer tells only what is about authors whose signatures can be checked, so
    /// that nobody fills memory with people who never were.
    pub(crate) fn retain_known(&self, heads: &mut Heads) {
        heads.0.retain(|(author, _)| self.key(author).is_some());
    }

    /// The key that signs what `author` says.
    fn key(&self, author: &ClientId) -> Option<&IdentityKey> {
        self.known.get(author).map(|identity| &identity.key)
    }

    /// A handshake with `peer` is done. Whoever said before that it was somebody else is blamed.
    ///
    /// # Errors
    /// [`Impostor`] when somebody else had the name before.
    pub(crate) fn meet(
        &mut self,
        peer: &ClientId,
        key: IdentityKey,
        out: &mut Outbox,
    ) -> Result<Acquaintance, Impostor> {
        let acquaintance = if self.has_ever_met(peer) {
            Acquaintance::Old
        } else {
            Acquaintance::New
        };
        if let Some(known) = self.known.get(peer).filter(|known| known.key != key) {
            let liar = known.told_by.clone().ok_or(Impostor)?;
            let reason =
                format!("it said that {peer} was somebody else, and may have spoken for it");
            out.event(Event::Misbehaved { peer: liar, reason });
        }
        self.learn(peer, key, None);
        self.met.insert(peer.clone());
        Ok(acquaintance)
    }

    /// Whether somebody has done the handshake with this member, as far as it remembers.
    pub(crate) fn has_ever_met(&self, peer: &ClientId) -> bool {
        let known = self.known.get(peer);
        known.is_some_and(|known| known.told_by.is_none())
    }

    pub(crate) fn on_departed(&mut self, peer: &ClientId) {
        self.met.remove(peer);
        self.others.remove(peer);
    }

    /// A peer tells whom it has met.
    pub(crate) fn on_told(&mut self, peer: &ClientId, frame: &Frame, out: &mut Outbox) {
        for (member, key) in &frame.0 {
            match self.known.get(member) {
                Some(known) if known.key != *key => out.event(Event::Misbehaved {
                    peer: peer.clone(),
                    reason: format!("it knows {member} as somebody else: one of them lies"),
                }),
                Some(_) => {}
                None => self.learn(member, *key, Some(peer)),
            }
        }
        let members = frame.0.iter().map(|(member, _)| member.clone());
        self.others.insert(peer.clone(), members.collect());
    }

    /// What the others are told.
    pub(crate) fn frame(&self) -> Frame {
        let met = self.met.iter().take(ROSTER_MEMBERS);
        let named = met.filter_map(|peer| Some((peer.clone(), *self.key(peer)?)));
        Frame(named.collect())
    }

    /// Looks who is missing here, and says so once it lasts.
    pub(crate) fn review(&mut self, now: Time, out: &mut Outbox) {
        let missing = self.missing();
        if missing.is_empty() {
            self.missing_since = None;
        } else {
            self.missing_since.get_or_insert(now);
        }
        let lasts = self.due().is_some_and(|due| now >= due);
        if self.told != missing && (lasts || missing.is_empty()) {
            self.told.clone_from(&missing);
            out.event(Event::Split { peers: missing });
        }
    }

    /// When to look again.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.due().filter(|_| self.told != self.missing())
    }

    fn due(&self) -> Option<Time> {
        self.missing_since.map(|since| since + SPLIT_PATIENCE)
    }

    /// Whom others have met and this member has not.
    fn missing(&self) -> Vec<ClientId> {
        let named: BTreeSet<_> = self.others.values().flatten().collect();
        let unmet = |peer: &&&ClientId| **peer != &self.me && !self.met.contains(**peer);
        named
            .iter()
            .filter(unmet)
            .map(|peer| (*peer).clone())
            .collect()
    }

    fn learn(&mut self, member: &ClientId, key: IdentityKey, told_by: Option<&ClientId>) {
        if !self.known.contains_key(member) {
            self.make_room();
        }
        let told_by = told_by.cloned();
        let identity = Identity { key, told_by };
        self.known.insert(member.clone(), identity);
    }

    /// Forgets somebody who is not here, when too many were: first of whom others told, as they
    /// may tell of people who never were.
    fn make_room(&mut self) {
        if self.known.len() < MAX_AUTHORS {
            return;
        }
        let absent = self.known.iter().filter(|(peer, _)| {
            let here = self.met.contains(*peer) || **peer == self.me;
            !here
        });
        let forgotten = absent.min_by_key(|(_, identity)| identity.told_by.is_none());
        if let Some(peer) = forgotten.map(|(peer, _)| peer.clone()) {
            self.known.remove(&peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn id(name: &str) -> ClientId {
        name.parse().unwrap()
    }

    fn key(n: u8) -> IdentityKey {
        IdentityKey::new([n; 32])
    }

    fn splits(roster: &mut Roster, at: Time) -> Vec<Vec<ClientId>> {
        let mut out = Outbox::default();
        roster.review(at, &mut out);
        let events = std::iter::from_fn(|| out.pop());
        let splits = events.filter_map(|output| match output {
            crate::Output::Event(Event::Split { peers }) => Some(peers),
            _ => None,
        });
        splits.collect()
    }

    fn meet(roster: &mut Roster, name: &str, n: u8) -> Result<Vec<ClientId>, Impostor> {
        let mut out = Outbox::default();
        let met = roster.meet(&id(name), key(n), &mut out);
        met.map(|_| blamed(&mut out))
    }

    fn told(roster: &mut Roster, by: &str, frame: &Frame) -> Vec<ClientId> {
        let mut out = Outbox::default();
        roster.on_told(&id(by), frame, &mut out);
        blamed(&mut out)
    }

    fn blamed(out: &mut Outbox) -> Vec<ClientId> {
        let events = std::iter::from_fn(|| out.pop());
        let blamed = events.filter_map(|output| match output {
            crate::Output::Event(Event::Misbehaved { peer, .. }) => Some(peer),
            _ => None,
        });
        blamed.collect()
    }

    #[test]
    fn somebody_kept_apart_is_missed_after_a_while() {
        let mut roster = Roster::new(id("me"), key(0));
        meet(&mut roster, "ann", 1).unwrap();
        let met = Frame(vec![(id("bob"), key(2)), (id("me"), key(0))]);
        assert_eq!(told(&mut roster, "ann", &met), []);
        let start = Time::ZERO + Duration::from_secs(1);
        assert!(splits(&mut roster, start).is_empty());
        let due = roster.poll_timeout().unwrap();
        assert_eq!(splits(&mut roster, due), [[id("bob")]]);
        assert_eq!(roster.poll_timeout(), None);
        assert!(splits(&mut roster, due).is_empty());
        meet(&mut roster, "bob", 2).unwrap();
        assert_eq!(splits(&mut roster, due), [Vec::<ClientId>::new()]);
    }

    #[test]
    fn a_name_keeps_its_first_identity() {
        let mut roster = Roster::new(id("me"), key(0));
        meet(&mut roster, "ann", 1).unwrap();
        roster.on_departed(&id("ann"));
        assert_eq!(meet(&mut roster, "ann", 9), Err(Impostor));
        assert_eq!(meet(&mut roster, "ann", 1), Ok(vec![]));
        let lie = Frame(vec![(id("ann"), key(9))]);
        assert_eq!(told(&mut roster, "bob", &lie), [id("bob")]);
        assert_eq!(roster.key(&id("ann")), Some(&key(1)));
    }

    #[test]
    fn the_handshake_is_believed_before_others_are() {
        let mut roster = Roster::new(id("me"), key(0));
        told(&mut roster, "bob", &Frame(vec![(id("ann"), key(9))]));
        assert_eq!(meet(&mut roster, "ann", 1), Ok(vec![id("bob")]));
        assert_eq!(roster.key(&id("ann")), Some(&key(1)));
    }
}
