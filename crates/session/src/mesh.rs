//! The members of the room and the links to them.

use std::collections::BTreeMap;

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{
    ClientId, ControlFrame, DecodeError, Forward, ForwardKind, Hello, Payload,
    limits::GRACE,
    negotiation::{Candidate, Description, TrickledCandidate},
};

use crate::{
    Event, LinkId, LinkInput, LinkOutput, LinkStatus, Time,
    limits::{MAX_MEMBERS, OFFER_PACE, OFFERS_AT_ONCE},
    link::Link,
    outbox::Outbox,
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
}

/// What a link, or the mesh, needs from around it for one step.
pub(crate) struct Context<'a, R> {
    pub(crate) now: Time,
    pub(crate) rng: &'a mut R,
    pub(crate) signaling: &'a Signaling,
    pub(crate) out: &'a mut Outbox,
    pub(crate) reports: &'a mut Vec<Report>,
    next_link: u64,
}

/// What the rest of the session must know.
#[derive(Debug)]
pub(crate) enum Report {
    /// A member is known from now on.
    Arrived { peer: ClientId },
    /// A member is gone.
    Departed { peer: ClientId, goodbye: bool },
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
    Gone,
}

impl<'a, R: Rng> Context<'a, R> {
    pub(crate) fn new(
        now: Time,
        rng: &'a mut R,
        signaling: &'a Signaling,
        out: &'a mut Outbox,
        reports: &'a mut Vec<Report>,
    ) -> Self {
        Self {
            now,
            rng,
            signaling,
            out,
            reports,
            next_link: 0,
        }
    }

    /// Makes a connection.
    pub(crate) fn open_link(&mut self) -> LinkId {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        self.out.link(id, LinkOutput::Open);
        id
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.reports.push(report);
    }

    pub(crate) fn send_candidate(&mut self, to: &ClientId, attempt: u32, candidate: Candidate) {
        let payload = Payload::encode(&TrickledCandidate { attempt, candidate });
        self.signaling
            .forward(ForwardKind::IceCandidate, to, payload, self.out);
    }
}

impl Mesh {
    pub(crate) fn new(me: ClientId) -> Self {
        Self {
            me,
            members: BTreeMap::new(),
            links: BTreeMap::new(),
            next_link: 0,
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
            self.admit(peer, cx);
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
        self.admit(peer, cx);
        self.with(peer, cx, |member, cx| {
            member.presence = Presence::Listed;
            member.link.on_peer_joined(cx);
        });
    }

    pub(crate) fn on_peer_left<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if let Some(member) = self.members.get_mut(peer) {
            member.presence = Presence::Gone;
        }
        self.sweep(cx);
    }

    /// A peer said goodbye itself.
    pub(crate) fn on_bye<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        self.with(peer, cx, |member, cx| member.link.close(cx));
        self.depart(peer, true, cx);
    }

    /// A description or a candidate came through the server.
    pub(crate) fn on_forward<R: Rng>(&mut self, forward: &Forward, cx: &mut Context<'_, R>) {
        let peer = &forward.from;
        if let Err(error) = self.negotiate(forward, cx) {
            cx.out.event(Event::Misbehaved {
                peer: peer.clone(),
                reason: error.to_string(),
            });
        }
    }

    fn negotiate<R: Rng>(
        &mut self,
        forward: &Forward,
        cx: &mut Context<'_, R>,
    ) -> Result<(), DecodeError> {
        let peer = &forward.from;
        match forward.kind {
            ForwardKind::Offer => {
                let offer = Description::decode(&forward.payload)?;
                self.admit(peer, cx);
                self.with(peer, cx, |member, cx| member.link.on_offer(offer, cx));
            }
            ForwardKind::Answer => {
                let answer = Description::decode(&forward.payload)?;
                self.with(peer, cx, |member, cx| member.link.on_answer(answer, cx));
            }
            ForwardKind::IceCandidate => {
                let trickled = TrickledCandidate::decode(&forward.payload)?;
                self.with(peer, cx, |member, cx| {
                    member.link.on_candidate(trickled, cx);
                });
            }
            // Rooms with words, and peers that cannot connect: not of this version.
            ForwardKind::Key | ForwardKind::Relay => {}
        }
        Ok(())
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
            .filter_map(|(peer, member)| Some((peer, member.link.connected()?)))
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = (&ClientId, LinkStatus)> {
        self.members
            .iter()
            .map(|(peer, member)| (peer, member.link.status()))
    }

    /// Adds a member that is not known yet.
    fn admit<R: Rng>(&mut self, peer: &ClientId, cx: &mut Context<'_, R>) {
        if *peer == self.me || self.members.contains_key(peer) || self.members.len() >= MAX_MEMBERS
        {
            return;
        }
        let link = Link::awaiting_offer(peer.clone(), &self.me, cx.now);
        self.members.insert(
            peer.clone(),
            Member {
                link,
                presence: Presence::Listed,
            },
        );
        cx.out.event(Event::PeerJoined { peer: peer.clone() });
        cx.report(Report::Arrived { peer: peer.clone() });
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
            self.with(&peer, cx, |member, cx| member.link.close(cx));
            self.depart(&peer, false, cx);
        }
    }

    fn depart<R: Rng>(&mut self, peer: &ClientId, goodbye: bool, cx: &mut Context<'_, R>) {
        if self.members.remove(peer).is_some() {
            self.links.retain(|_, of| of != peer);
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
        let before = member.link.id();
        cx.next_link = self.next_link;
        act(member, cx);
        self.next_link = cx.next_link;
        let after = member.link.id();
        if before != after {
            if let Some(link) = before {
                self.links.remove(&link);
                cx.report(Report::Closed { link });
            }
            if let Some(link) = after {
                self.links.insert(link, peer.clone());
            }
        }
    }
}

impl Member {
    /// When the patience with an unlisted member ends.
    fn lapse(&self) -> Option<Time> {
        match self.presence {
            Presence::Unlisted { until } if self.link.connected().is_none() => Some(until),
            Presence::Unlisted { .. } | Presence::Listed | Presence::Gone => None,
        }
    }

    fn is_gone(&self, now: Time) -> bool {
        let forgotten = match self.presence {
            Presence::Listed => false,
            Presence::Unlisted { until } => now >= until,
            Presence::Gone => true,
        };
        forgotten && self.link.connected().is_none()
    }
}
