//! The members of the room and the links to them.

use std::collections::VecDeque;

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{ClientId, ControlFrame, Forward, Hello, IdentityKey, limits::GRACE};

use crate::{
    Event, LinkId, LinkInput, LinkOutput, LinkStatus, Refusal, Time,
    credentials::Credentials,
    guard::Guard,
    handshake::{Check, Keys},
    limits::{MAX_MEMBERS, OFFER_PACE, OFFERS_AT_ONCE},
    link::Link,
    maps::BTreeMap,
    outbox::Outbox,
    pacer::Pacer,
    signaling::Signaling,
};

/// Everyone else in the room.
///
/// A member stays as long as the server lists it or the link to it holds: a server that forgets
/// people does not part them.
#[derive(Debug)]
pub(crate) struct Mesh {
    me: ClientId,
    members: BTreeMap<ClientId, Member>,
    links: BTreeMap<LinkId, ClientId>,
    next_link: u64,
    /// Keys of those who left without a goodbye: they may come back.
    retired: BTreeMap<ClientId, Keys>,
    /// Those who said goodbye, the last ones last. What the server still passes on of theirs
    /// concerns nobody.
    parted: VecDeque<ClientId>,
}

/// What a link, or the mesh, needs from around it for one step.
pub(crate) struct Context<'a, R> {
    pub(crate) now: Time,
    pub(crate) rng: &'a mut R,
    pub(crate) signaling: &'a Signaling,
    pub(crate) credentials: &'a mut Credentials,
    pub(crate) guard: &'a mut Guard,
    pub(crate) pacer: &'a mut Pacer,
    pub(crate) out: &'a mut Outbox,
    pub(crate) reports: &'a mut Vec<Report>,
    pub(crate) next_link: u64,
}

/// What the rest of the session must know.
#[derive(Debug)]
pub(crate) enum Report {
    /// A member is known from now on.
    Arrived { peer: ClientId },
    /// A member is gone.
    Departed { peer: ClientId, goodbye: bool },
    /// A member says by the server that it leaves.
    Farewell { peer: ClientId },
    /// The channels to a member are open, or it has not answered our greeting: greet.
    Greet { peer: ClientId, link: LinkId },
    /// A member has greeted: frames may flow.
    Up {
        peer: ClientId,
        link: LinkId,
        hello: Box<Hello>,
    },
    /// No frames flow any more.
    Down { peer: ClientId, link: LinkId },
    /// A frame came on `control`.
    Frame {
        peer: ClientId,
        frame: Box<ControlFrame>,
    },
    /// A frame came on `bulk`.
    Bulk { peer: ClientId, frame: Bytes },
    /// The link takes more on `bulk`.
    Credit { link: LinkId, bytes: usize },
    /// A connection is no more, whether it was ever up or not.
    Closed { link: LinkId },
    /// The handshake with a member is done.
    Met {
        peer: ClientId,
        key: IdentityKey,
        check: Check,
    },
    /// Wrong words were tried, or may have been.
    Guessed,
    /// The room does not let this member in.
    KeptOut(Refusal),
    /// A member was asked, and did not let this one in.
    TurnedAway,
}

#[derive(Debug)]
struct Member {
    link: Link,
    presence: Presence,
}

/// What the server says of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Listed,
    /// Not listed when we came back: it may be on its way back too.
    Unlisted {
        until: Time,
    },
    /// Left.
    Gone {
        goodbye: bool,
    },
}

impl<R> Context<'_, R> {
    /// Makes a connection.
    pub(crate) fn open_link(&mut self) -> LinkId {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        self.out.link(id, LinkOutput::Open);
        id
    }

    /// Names a path through the server.
    pub(crate) fn open_relay(&mut self) -> LinkId {
        let id = LinkId::relayed(self.next_link);
        self.next_link += 1;
        id
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.reports.push(report);
    }
}

impl Mesh {
    pub(crate) fn new(me: ClientId) -> Self {
        Self {
            me,
            members: BTreeMap::new(),
            links: BTreeMap::new(),
            next_link: 0,
            retired: BTreeMap::new(),
            parted: VecDeque::new(),
        }
    }

    /// In the room: offers to those who are there.
    pub(crate) fn on_online<R: Rng>(&mut self, peers: &[ClientId], cx: &mut Context<'_, R>) {
        for (peer, member) in &mut self.members {
            if peers.contains(peer) {
                member.presence = Presence::Listed;
            } else if member.presence == Presence::Listed {
                member.presence = Presence::Unlisted {
                    until: cx.now + 2 * GRACE,
                };
            }
        }
        for peer in peers {
            self.readmit(peer, cx);
        }
        let mut offered = 0;
        self.each(cx, |member, cx| {
            let present = member.presence == Presence::Listed;
            let pause = OFFER_PACE * (offered / OFFERS_AT_ONCE);
            offered += u32::from(present);
            member.link.on_server_back(present, pause, cx);
        });
    }

    pub(crate) fn on_peer_joined<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.readmit(peer, cx);
        self.with(peer, cx, |member, cx| {
            member.presence = Presence::Listed;
            member.link.on_peer_joined(cx);
        });
    }

    /// A peer is within reach, for the first time or again.
    pub(crate) fn on_peer_found<R: Rng>(
        &mut self,
        peer: &ClientId,
        begins: bool,
        cx: &mut Context<'_, R>,
    ) {
        self.readmit(peer, cx);
        self.with(peer, cx, |member, cx| {
            member.presence = Presence::Listed;
            member.link.on_peer_found(begins, cx);
        });
    }

    pub(crate) fn on_peer_left<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if let Some(member) = self.members.get_mut(peer) {
            let goodbye = member.said_goodbye();
            member.presence = Presence::Gone { goodbye };
        }
        self.sweep(cx);
    }

    /// A peer said goodbye by the server. It stays for what it said before on the connection.
    pub(crate) fn on_farewell<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if let Some(member) = self.members.get_mut(peer) {
            member.presence = Presence::Gone { goodbye: true };
        }
        self.sweep(cx);
    }

    /// A peer said goodbye itself, and nothing follows.
    pub(crate) fn on_bye<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.with(peer, cx, |member, cx| member.link.close(cx));
        self.depart(peer, true, cx);
    }

    /// Something came through the server.
    pub(crate) fn on_forward<R: Rng>(&mut self, forward: &Forward, cx: &mut Context<'_, R>) {
        let peer = &forward.from;
        if self.parted.contains(peer) {
            return;
        }
        self.admit(peer, cx);
        self.with(peer, cx, |member, cx| {
            if let Err(error) = member.link.on_forward(forward, cx) {
                cx.out.event(Event::Misbehaved {
                    peer: peer.clone(),
                    reason: error.to_string(),
                });
            }
        });
    }

    pub(crate) fn on_link<R: Rng>(
        &mut self,
        link: LinkId,
        input: LinkInput,
        cx: &mut Context<'_, R>,
    ) {
        // What a closed connection still reports concerns nobody.
        let Some(peer) = self.links.get(&link).cloned() else {
            return;
        };
        self.with(&peer, cx, |member, cx| member.link.handle(input, cx));
        if !self.links.contains_key(&link) {
            self.sweep(cx);
        }
    }

    /// A frame for a path through the server.
    pub(crate) fn on_relayed<R: Rng>(
        &mut self,
        link: LinkId,
        output: LinkOutput,
        cx: &mut Context<'_, R>,
    ) {
        if let Some(peer) = self.links.get(&link).cloned() {
            self.with(&peer, cx, |member, cx| member.link.on_relayed(output, cx));
        }
    }

    /// The server is out of reach.
    pub(crate) fn on_offline<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.each(cx, |member, cx| member.link.on_server_lost(cx));
    }

    /// There may be a place for one more handshake.
    pub(crate) fn on_place_free<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        for peer in cx.guard.take_waiting() {
            self.with(&peer, cx, |member, cx| member.link.on_place_free(cx));
        }
    }

    /// Why nobody here lets this member in, once all have been asked.
    pub(crate) fn turned_away(&self) -> Option<Refusal> {
        let mut reason = None;
        for member in self.members.values() {
            match member.link.turned_away()? {
                Refusal::Silent => {}
                refusal => reason = reason.or(Some(refusal)),
            }
        }
        reason
    }

    /// Somebody came under a name that is another's.
    pub(crate) fn on_impostor<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.with(peer, cx, |member, cx| member.link.on_impostor(cx));
    }

    /// A peer broke a rule above the link.
    pub(crate) fn on_misbehaviour<R: Rng>(
        &mut self,
        peer: &ClientId,
        reason: String,
        cx: &mut Context<'_, R>,
    ) {
        self.with(peer, cx, |member, cx| {
            member.link.on_misbehaviour(reason, cx);
        });
    }

    pub(crate) fn on_network_changed<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.each(cx, |member, cx| member.link.on_network_changed(cx));
    }

    pub(crate) fn handle_timeout<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.each(cx, |member, cx| member.link.handle_timeout(cx));
        self.sweep(cx);
    }

    pub(crate) fn leave<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.each(cx, |member, cx| member.link.leave(cx));
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let links = self
            .members
            .values()
            .filter_map(|member| member.link.poll_timeout());
        let lapses = self.members.values().filter_map(Member::lapse);
        links.chain(lapses).min()
    }

    /// Everyone whom frames reach.
    pub(crate) fn reach(&self) -> impl Iterator<Item = (&ClientId, LinkId)> {
        self.members
            .iter()
            .filter_map(|(peer, member)| Some((peer, member.link.active()?)))
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = (&ClientId, LinkStatus)> {
        self.members
            .iter()
            .map(|(peer, member)| (peer, member.link.status()))
    }

    /// Adds a member of whom the server says that it is there, whatever it said before.
    fn readmit<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.parted.retain(|parted| parted != peer);
        self.admit(peer, cx);
    }

    /// Adds a member that is not known yet.
    fn admit<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if *peer == self.me || self.members.contains_key(peer) || self.members.len() >= MAX_MEMBERS
        {
            return;
        }
        let link = Link::awaiting_hello(peer.clone(), &self.me, cx.now);
        self.members.insert(
            peer.clone(),
            Member {
                link,
                presence: Presence::Listed,
            },
        );
        cx.out.event(Event::PeerJoined { peer: peer.clone() });
        cx.report(Report::Arrived { peer: peer.clone() });
        if let Some(keys) = self.retired.remove(peer) {
            self.with(peer, cx, |member, cx| member.link.resume(keys, cx));
        }
    }

    /// Parts with those whom neither the server nor a link holds.
    fn sweep<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let gone: Vec<_> = self
            .members
            .iter()
            .filter(|(_, member)| member.is_gone(cx.now))
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in gone {
            let goodbye = self.members.get(&peer).is_some_and(Member::said_goodbye);
            self.with(&peer, cx, |member, cx| member.link.close(cx));
            self.depart(&peer, goodbye, cx);
        }
    }

    fn depart<R: Rng>(&mut self, peer: &ClientId, goodbye: bool, cx: &mut Context<'_, R>) {
        if let Some(member) = self.members.remove(peer) {
            self.links.retain(|_, of| of != peer);
            self.retire(peer, member, goodbye);
            cx.out.event(Event::PeerLeft {
                peer: peer.clone(),
                goodbye,
            });
            cx.report(Report::Departed {
                peer: peer.clone(),
                goodbye,
            });
        }
    }

    /// Remembers who is gone: that they said goodbye, or their keys, as they may come back.
    fn retire(&mut self, peer: &ClientId, member: Member, goodbye: bool) {
        if goodbye {
            if self.parted.len() >= MAX_MEMBERS {
                self.parted.pop_front();
            }
            self.parted.push_back(peer.clone());
            return;
        }
        if self.retired.len() >= MAX_MEMBERS {
            self.retired.pop_first();
        }
        if let Some(keys) = member.link.into_keys() {
            self.retired.insert(peer.clone(), keys);
        }
    }

    fn each<R: Rng>(
        &mut self,
        cx: &mut Context<'_, R>,
        mut act: impl FnMut(&mut Member, &mut Context<'_, R>),
    ) {
        let peers: Vec<_> = self.members.keys().cloned().collect();
        for peer in peers {
            self.with(&peer, cx, &mut act);
        }
    }

    /// Acts on one member and keeps track of its connection.
    fn with<R: Rng>(
        &mut self,
        peer: &ClientId,
        cx: &mut Context<'_, R>,
        act: impl FnOnce(&mut Member, &mut Context<'_, R>),
    ) {
        let Some(member) = self.members.get_mut(peer) else {
            return;
        };
        let before = member.link.ids();
        cx.next_link = self.next_link;
        act(member, cx);
        self.next_link = cx.next_link;
        let after = member.link.ids();
        for link in before.into_iter().flatten() {
            if !after.contains(&Some(link)) {
                self.links.remove(&link);
                cx.report(Report::Closed { link });
            }
        }
        for link in after.into_iter().flatten() {
            self.links.entry(link).or_insert_with(|| peer.clone());
        }
    }
}

impl Member {
    /// When the patience with an unlisted member ends.
    fn lapse(&self) -> Option<Time> {
        match self.presence {
            Presence::Unlisted { until } if !self.link.may_speak() => Some(until),
            Presence::Unlisted { .. } | Presence::Listed | Presence::Gone { .. } => None,
        }
    }

    fn said_goodbye(&self) -> bool {
        self.presence == Presence::Gone { goodbye: true }
    }

    fn is_gone(&self, now: Time) -> bool {
        let forgotten = match self.presence {
            Presence::Listed => false,
            Presence::Unlisted { until } => now >= until,
            Presence::Gone { .. } => true,
        };
        forgotten && !self.link.may_speak()
    }
}
