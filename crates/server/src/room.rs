//! One room: who sits where, who knows of whom, and what waits for those who are away.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use snug_protocol::{ClientId, ForwardKind, ServerMessage};

use crate::{
    config::RoomConfig,
    error::{ForwardError, InitError, JoinError},
    held::Held,
    limits,
    rate::Bucket,
    registry::{Output, SocketId, Stats},
    relay::{Envelope, Text},
    resume::Claim,
};

/// One room as a state machine. Its time is whatever the caller says it is.
#[derive(Debug)]
pub(crate) struct Room {
    capacity: u16,
    members: BTreeMap<ClientId, Member>,
    /// What those who are gone had spent of their handshake messages: a fresh seat gives no more.
    spent: BTreeMap<ClientId, Bucket>,
    last_sign: Instant,
    /// Counts listings and drops, so that one can tell which came first.
    events: u64,
    stats: Stats,
    /// When the registry will look at this room next.
    pub(crate) scheduled: Instant,
}

/// When something happens, by what rules, and where to put what comes of it.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    pub(crate) now: Instant,
    pub(crate) config: &'a RoomConfig,
    /// Bytes that may still wait for members who are away, in all rooms together.
    pub(crate) left: usize,
    pub(crate) outputs: &'a mut VecDeque<Output>,
}

/// What came of an accepted `init`.
#[derive(Debug)]
pub(crate) struct Admission {
    /// The socket that spoke for the member until now.
    pub(crate) replaced: Option<SocketId>,
    /// Which taking of the seat this is.
    pub(crate) seating: u64,
    /// The other members connected now.
    pub(crate) peers: Vec<ClientId>,
    /// What waited for the member.
    pub(crate) held: Vec<Text>,
}

/// What an `init` showed to prove its right to the seat.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof {
    /// No token.
    None,
    /// A token that this server did not make for this seat.
    Forged,
    /// A token that opens only a seat that is still there.
    Expired(Claim),
    /// A token in its time.
    Valid(Claim),
}

impl Room {
    pub(crate) fn new(capacity: u16, now: Instant, config: &RoomConfig) -> Self {
        Self {
            capacity,
            members: BTreeMap::new(),
            spent: BTreeMap::new(),
            last_sign: now,
            events: 0,
            stats: Stats {
                rooms: 1,
                ..Stats::default()
            },
            scheduled: now + config.expiry,
        }
    }

    /// Keeps a seat for `client` until it comes with `init`.
    pub(crate) fn reserve(
        &mut self,
        client: ClientId,
        now: Instant,
        config: &RoomConfig,
    ) -> Result<Vec<ClientId>, JoinError> {
        let lapses = now + config.seat_lapse;
        match self.members.get(&client).map(|member| &member.seat) {
            Some(Seat::Connected { .. } | Seat::Away { .. }) => {
                return Err(JoinError::ClientIdTaken);
            }
            None if self.is_full() => return Err(JoinError::RoomNotFound),
            Some(Seat::Reserved { .. }) | None => {}
        }
        let peers = self
            .connected_beside(&client)
            .map(|(peer, _)| peer.clone())
            .collect();
        let keys = self.keys_of(&client, now);
        self.put(
            client,
            Member {
                seating: 0,
                listed: 0,
                keys,
                seat: Seat::Reserved { lapses },
            },
        );
        self.last_sign = now;
        Ok(peers)
    }

    /// Gives `client` its seat, now spoken for by `socket`.
    ///
    /// `seating` names this taking of the seat if it is a new one.
    pub(crate) fn admit(
        &mut self,
        socket: SocketId,
        client: &ClientId,
        proof: Proof,
        seating: u64,
        moment: &mut Moment<'_>,
    ) -> Result<Admission, InitError> {
        self.check_seat(client, proof)?;
        let keys = self.keys_of(client, moment.now);
        let before = self.take(client);
        let seating = seating_of(before.as_ref(), proof, seating);
        let before = before.map(|member| member.seat);
        self.announce(client, before.as_ref(), moment.outputs);
        let (replaced, held) = match before {
            Some(Seat::Connected { socket }) => (Some(socket), Vec::new()),
            Some(Seat::Away { held, .. }) => (None, held.into_fresh(moment.now, moment.config)),
            Some(Seat::Reserved { .. }) | None => (None, Vec::new()),
        };
        let (listed, seat) = (self.next_event(), Seat::Connected { socket });
        self.put(
            client.clone(),
            Member {
                seating,
                listed,
                keys,
                seat,
            },
        );
        self.touch(moment.now);
        let peers = self
            .connected_beside(client)
            .map(|(peer, _)| peer.clone())
            .collect();
        Ok(Admission {
            replaced,
            seating,
            peers,
            held,
        })
    }

    /// Passes `envelope` to its receiver, or keeps it for one who is away.
    pub(crate) fn forward(
        &mut self,
        sender: &ClientId,
        envelope: Envelope,
        moment: &mut Moment<'_>,
    ) -> Result<(), ForwardError> {
        let Envelope {
            kind,
            from,
            to,
            text,
        } = envelope;
        self.touch(moment.now);
        if from != *sender {
            return Err(ForwardError::ForgedSender);
        }
        if to == *sender {
            return Err(ForwardError::UnknownRecipient);
        }
        if kind == ForwardKind::Key && !self.take_key(sender, moment) {
            return Err(ForwardError::TooManyKeys);
        }
        match self.members.get_mut(&to).map(|member| &mut member.seat) {
            Some(Seat::Connected { socket }) => {
                moment.outputs.push_back(Output::Send {
                    socket: *socket,
                    text,
                    held: false,
                });
                Ok(())
            }
            Some(Seat::Away { held, .. }) => {
                self.stats.subtract(held.stats());
                let outcome = held.push(text, moment.left, moment.now, moment.config);
                self.stats.add(held.stats());
                outcome
            }
            Some(Seat::Reserved { .. }) | None => Err(ForwardError::UnknownRecipient),
        }
    }

    /// Whether `sender` may send one more message of the handshake.
    fn take_key(&mut self, sender: &ClientId, moment: &Moment<'_>) -> bool {
        let member = self.members.get_mut(sender);
        member.is_some_and(|member| member.keys.take(moment.config.key_rate, moment.now))
    }

    /// What `client` may still send of the handshake, as it had the seat before or has it now.
    fn keys_of(&mut self, client: &ClientId, now: Instant) -> Bucket {
        let spent = self.spent.remove(client);
        let seated = self.members.get(client).map(|member| member.keys);
        seated.or(spent).unwrap_or_else(|| Bucket::new(now))
    }

    /// Remembers what a member who is gone had spent, until it has it back anyway.
    fn remember(&mut self, client: ClientId, keys: Bucket, now: Instant) {
        self.spent.retain(|_, spent| !spent.is_full(now));
        if !keys.is_full(now) && self.spent.len() < limits::REMEMBERED_MEMBERS {
            self.spent.insert(client, keys);
        }
    }

    /// Notes a sign of life of a member.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.last_sign = self.last_sign.max(now);
    }

    /// Frees the seat of `client` for good.
    pub(crate) fn leave(
        &mut self,
        client: &ClientId,
        now: Instant,
        outputs: &mut VecDeque<Output>,
    ) {
        self.touch(now);
        self.remove(client, now, outputs);
    }

    /// Starts the grace time of `client`.
    pub(crate) fn drop_out(&mut self, client: &ClientId, now: Instant, config: &RoomConfig) {
        let Some(member) = self.take(client) else {
            return;
        };
        let seat = Seat::Away {
            until: now + config.grace,
            since: self.next_event(),
            held: Held::default(),
        };
        self.put(client.clone(), Member { seat, ..member });
    }

    /// Lets go of the seats whose time is up.
    pub(crate) fn handle_timeout(&mut self, now: Instant, outputs: &mut VecDeque<Output>) {
        let due = |member: &Member| member.seat.deadline().is_some_and(|at| at <= now);
        let late: Vec<_> = self
            .members
            .iter()
            .filter(|(_, m)| due(m))
            .map(|(id, _)| id.clone())
            .collect();
        for client in late {
            self.remove(&client, now, outputs);
        }
    }

    /// When something here is due next.
    pub(crate) fn deadline(&self, config: &RoomConfig) -> Instant {
        let seats = self
            .members
            .values()
            .filter_map(|member| member.seat.deadline());
        seats
            .chain([self.expires(config)])
            .min()
            .expect("a room always expires")
    }

    /// When the room is dropped unless someone shows a sign of life.
    pub(crate) fn expires(&self, config: &RoomConfig) -> Instant {
        self.last_sign + config.expiry
    }

    pub(crate) fn capacity(&self) -> u16 {
        self.capacity
    }

    pub(crate) fn stats(&self) -> Stats {
        self.stats
    }

    pub(crate) fn contains(&self, client: &ClientId) -> bool {
        self.members.contains_key(client)
    }

    /// The sockets of all who are connected, in the order of their ids.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = SocketId> {
        self.members
            .values()
            .filter_map(|member| member.seat.socket())
    }

    fn is_full(&self) -> bool {
        self.members.len() >= usize::from(self.capacity)
    }

    /// Whether `client` may sit down with this proof.
    fn check_seat(&self, client: &ClientId, proof: Proof) -> Result<(), InitError> {
        let Some(member) = self.members.get(client) else {
            return match proof {
                Proof::Valid(_) if !self.is_full() => Ok(()),
                Proof::Valid(_) | Proof::Expired(_) | Proof::Forged | Proof::None => {
                    Err(InitError::RoomNotFound)
                }
            };
        };
        match (&member.seat, proof) {
            (Seat::Reserved { .. }, _) => Ok(()),
            (Seat::Connected { .. } | Seat::Away { .. }, Proof::None) => {
                Err(InitError::ClientIdTaken)
            }
            (
                Seat::Connected { .. } | Seat::Away { .. },
                Proof::Valid(claim) | Proof::Expired(claim),
            ) if claim.seating == member.seating => Ok(()),
            (Seat::Connected { .. } | Seat::Away { .. }, _) => Err(InitError::ResumeRejected),
        }
    }

    /// Tells those who do not know that `client` is here. `before` is where it was until now.
    fn announce(&self, client: &ClientId, before: Option<&Seat>, outputs: &mut VecDeque<Output>) {
        let knows = |peer: &Member| match before {
            Some(Seat::Connected { .. }) => true,
            Some(Seat::Away { since, .. }) => peer.listed < *since,
            Some(Seat::Reserved { .. }) | None => false,
        };
        let strangers = self
            .connected_beside(client)
            .filter(|(_, peer)| !knows(peer));
        tell(
            strangers,
            || ServerMessage::PeerJoined {
                client_id: client.clone(),
            },
            outputs,
        );
    }

    /// Takes `client` out and tells those who know it.
    fn remove(&mut self, client: &ClientId, now: Instant, outputs: &mut VecDeque<Output>) {
        let Some(member) = self.take(client) else {
            return;
        };
        self.remember(client.clone(), member.keys, now);
        let knows = |peer: &Member| match &member.seat {
            Seat::Connected { .. } => true,
            Seat::Away { since, .. } => peer.listed < *since,
            Seat::Reserved { .. } => false,
        };
        let friends = self
            .connected_beside(client)
            .filter(|(_, peer)| knows(peer));
        tell(
            friends,
            || ServerMessage::PeerLeft {
                client_id: client.clone(),
            },
            outputs,
        );
    }

    fn connected_beside<'a>(
        &'a self,
        client: &'a ClientId,
    ) -> impl Iterator<Item = (&'a ClientId, &'a Member)> {
        let others = self.members.iter().filter(move |(id, _)| *id != client);
        others.filter(|(_, member)| member.seat.socket().is_some())
    }

    fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    fn put(&mut self, client: ClientId, member: Member) {
        self.stats.add(member.seat.stats());
        if let Some(before) = self.members.insert(client, member) {
            self.stats.subtract(before.seat.stats());
        }
    }

    fn take(&mut self, client: &ClientId) -> Option<Member> {
        let member = self.members.remove(client)?;
        self.stats.subtract(member.seat.stats());
        Some(member)
    }
}

#[derive(Debug)]
struct Member {
    /// Which taking of the seat this is; the resume token names it.
    seating: u64,
    /// When it was last told who is here, in [`Room::events`].
    listed: u64,
    /// What it may still send of the handshake. Neither a fresh socket nor a fresh seat fills it
    /// faster.
    keys: Bucket,
    seat: Seat,
}

#[derive(Debug)]
enum Seat {
    /// Asked for over HTTP; `init` has yet to come.
    Reserved { lapses: Instant },
    /// Spoken for by a socket.
    Connected { socket: SocketId },
    /// Dropped, and expected back.
    Away {
        until: Instant,
        /// When it dropped, in [`Room::events`]: whoever was listed later has not heard of it.
        since: u64,
        held: Held,
    },
}

impl Seat {
    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Reserved { lapses } => Some(*lapses),
            Self::Connected { .. } => None,
            Self::Away { until, .. } => Some(*until),
        }
    }

    fn socket(&self) -> Option<SocketId> {
        match self {
            Self::Connected { socket } => Some(*socket),
            Self::Reserved { .. } | Self::Away { .. } => None,
        }
    }

    fn stats(&self) -> Stats {
        match self {
            Self::Reserved { .. } => Stats {
                reserved: 1,
                ..Stats::default()
            },
            Self::Connected { .. } => Stats {
                connected: 1,
                ..Stats::default()
            },
            Self::Away { held, .. } => Stats {
                away: 1,
                ..held.stats()
            },
        }
    }
}

/// Which taking of the seat an `init` is: that of a seat still held, or that of the token, which
/// so stays good when the answer is lost, or a `new` one.
fn seating_of(before: Option<&Member>, proof: Proof, new: u64) -> u64 {
    match (before, proof) {
        (
            Some(Member {
                seat: Seat::Connected { .. } | Seat::Away { .. },
                seating,
                ..
            }),
            _,
        ) => *seating,
        (_, Proof::Valid(claim) | Proof::Expired(claim)) => claim.seating,
        (_, Proof::None | Proof::Forged) => new,
    }
}

/// Sends the same message to each of `members`, encoded once and only if there is anyone.
fn tell<'a>(
    members: impl Iterator<Item = (&'a ClientId, &'a Member)>,
    message: impl FnOnce() -> ServerMessage,
    outputs: &mut VecDeque<Output>,
) {
    let mut sockets = members
        .filter_map(|(_, member)| member.seat.socket())
        .peekable();
    if sockets.peek().is_none() {
        return;
    }
    let text = Text::from(&message());
    outputs.extend(sockets.map(|socket| Output::Send {
        socket,
        text: text.clone(),
        held: false,
    }));
}
