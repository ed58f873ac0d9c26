//! All rooms of one server as a state machine: no sockets, tasks, locks or clock.
//!
//! Every input is followed by [`Registry::poll_output`] until `None`; [`Registry::poll_timeout`]
//! says when to come back with [`Registry::handle_timeout`]. The same inputs at the same times
//! with the same seed give the same outputs.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ResumeToken, RoomId, ServerMessage, limits::MIN_CAPACITY};

use crate::{
    config::RoomConfig,
    error::{CreateError, ForwardError, InitError, JoinError},
    relay::{Envelope, Text},
    resume::{Claim, ResumeKey},
    room::{Admission, Moment, Proof, Room},
};

/// The rooms and everyone in them.
#[derive(Debug)]
pub struct Registry {
    config: RoomConfig,
    key: ResumeKey,
    rng: ChaCha12Rng,
    rooms: HashMap<RoomId, Room>,
    /// Who speaks on which socket. Never iterated, so its order does not matter.
    sockets: HashMap<SocketId, (RoomId, ClientId)>,
    /// When to look at which room; exactly one entry for each.
    timers: BTreeSet<(Instant, RoomId)>,
    outputs: VecDeque<Output>,
    stats: Stats,
}

/// A WebSocket, numbered by whoever owns it. Numbers are not used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// What the rooms want done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send a text frame.
    Send {
        /// Where to.
        socket: SocketId,
        /// What; [`Text::decode`] reads it.
        text: Text,
        /// It waited here while its receiver was away, within a budget of its own, and does not
        /// count against the socket's queue.
        held: bool,
    },
    /// Close a socket. It has been forgotten: [`Registry::disconnect`] is not expected, and does
    /// no harm.
    Close {
        /// Which.
        socket: SocketId,
        /// Why.
        reason: CloseReason,
    },
}

/// Why the rooms close a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Its member left.
    Left,
    /// Its member came back on another socket.
    Replaced,
    /// Its room expired: nobody in it has shown a sign of life.
    Expired,
}

/// How much there is of everything: numbers only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rooms.
    pub rooms: usize,
    /// Members with a socket.
    pub connected: usize,
    /// Seats that wait for their `init`.
    pub reserved: usize,
    /// Members in their grace time.
    pub away: usize,
    /// Messages that wait for members who are away.
    pub held_messages: usize,
    /// Bytes of those messages.
    pub held_bytes: usize,
}

impl Registry {
    /// Makes a registry without rooms. `seed` decides the ids of its rooms, so it must be secret
    /// wherever that matters.
    pub fn new(config: RoomConfig, key: ResumeKey, seed: [u8; 32]) -> Self {
        Self {
            config,
            key,
            rng: ChaCha12Rng::from_seed(seed),
            rooms: HashMap::new(),
            sockets: HashMap::new(),
            timers: BTreeSet::new(),
            outputs: VecDeque::new(),
            stats: Stats::default(),
        }
    }

    /// Opens a room of `capacity` seats, or of the configured number.
    pub fn create_room(
        &mut self,
        capacity: Option<u16>,
        now: Instant,
    ) -> Result<RoomId, CreateError> {
        self.handle_timeout(now);
        let capacity = capacity.unwrap_or(self.config.default_capacity);
        let max = self.config.max_capacity;
        if !(MIN_CAPACITY..=max).contains(&capacity) {
            return Err(CreateError::InvalidCapacity { capacity, max });
        }
        if self.is_full() {
            return Err(CreateError::ServerFull);
        }
        let room = self.unused_id();
        self.open(room, capacity, now);
        Ok(room)
    }

    /// Keeps a seat in `room` for `client` and names the members connected now.
    ///
    /// The seat lapses unless `init` follows. Asking again before that starts its time anew.
    pub fn join_room(
        &mut self,
        room: RoomId,
        client: ClientId,
        now: Instant,
    ) -> Result<Vec<ClientId>, JoinError> {
        self.handle_timeout(now);
        let config = &self.config;
        let joined = update(&mut self.rooms, &mut self.stats, room, |room| {
            room.reserve(client, now, config)
        })
        .ok_or(JoinError::RoomNotFound)?;
        self.reschedule(room);
        joined
    }

    /// Seats `client` in `room` and lets it speak on `socket`.
    ///
    /// It needs a seat kept by [`join_room`](Self::join_room), or the token of an earlier `init`.
    /// `unix` is the wall clock, which decides only how long a token outlives its room.
    pub fn init(
        &mut self,
        socket: SocketId,
        room: RoomId,
        client: ClientId,
        resume: Option<&ResumeToken>,
        now: Instant,
        unix: Duration,
    ) -> Result<(), InitError> {
        self.handle_timeout(now);
        if self.sockets.contains_key(&socket) {
            return Err(InitError::AlreadyInitialized);
        }
        let proof = self.examine(room, &client, resume, unix);
        self.ensure_room(room, proof, now)?;
        let seating = self.rng.next_u64();
        let mut moment = Moment {
            now,
            config: &self.config,
            left: left_to_hold(&self.config, self.stats),
            outputs: &mut self.outputs,
        };
        let admission = update(&mut self.rooms, &mut self.stats, room, |room| {
            room.admit(socket, &client, proof, seating, &mut moment)
        })
        .ok_or(InitError::RoomNotFound)??;
        self.welcome(socket, room, &client, admission, unix);
        self.sockets.insert(socket, (room, client));
        Ok(())
    }

    /// Passes a message from the member on `socket` to another member of its room.
    pub fn forward(
        &mut self,
        socket: SocketId,
        envelope: impl Into<Envelope>,
        now: Instant,
    ) -> Result<(), ForwardError> {
        self.handle_timeout(now);
        let (room, sender) = self
            .sockets
            .get(&socket)
            .ok_or(ForwardError::NotInitialized)?;
        let mut moment = Moment {
            now,
            config: &self.config,
            left: left_to_hold(&self.config, self.stats),
            outputs: &mut self.outputs,
        };
        update(&mut self.rooms, &mut self.stats, *room, |room| {
            room.forward(sender, envelope.into(), &mut moment)
        })
        .ok_or(ForwardError::NotInitialized)?
    }

    /// Notes a sign of life on `socket`: a pong, or any message.
    pub fn touch(&mut self, socket: SocketId, now: Instant) {
        self.handle_timeout(now);
        let Some((room, _)) = self.sockets.get(&socket) else {
            return;
        };
        if let Some(room) = self.rooms.get_mut(room) {
            room.touch(now);
        }
    }

    /// Takes the member on `socket` out of its room for good, and closes the socket.
    pub fn leave(&mut self, socket: SocketId, now: Instant) {
        self.handle_timeout(now);
        if let Some((room, client)) = self.sockets.remove(&socket) {
            let outputs = &mut self.outputs;
            update(&mut self.rooms, &mut self.stats, room, |room| {
                room.leave(&client, now, outputs);
            });
        }
        self.outputs.push_back(Output::Close {
            socket,
            reason: CloseReason::Left,
        });
    }

    /// Notes that the peer ended `socket`, which is its last sign of life; its grace time starts.
    pub fn disconnect(&mut self, socket: SocketId, now: Instant) {
        self.touch(socket, now);
        self.vanish(socket, now);
    }

    /// Notes that `socket` was given up because its peer fell silent: its grace time starts, but
    /// this is no sign of life.
    pub fn vanish(&mut self, socket: SocketId, now: Instant) {
        self.handle_timeout(now);
        let Some((room, client)) = self.sockets.remove(&socket) else {
            return;
        };
        let config = &self.config;
        update(&mut self.rooms, &mut self.stats, room, |room| {
            room.drop_out(&client, now, config);
        });
        self.reschedule(room);
    }

    /// Whether `client` has a seat in `room`, kept, taken or in its grace time.
    pub fn is_seated(&mut self, room: RoomId, client: &ClientId, now: Instant) -> bool {
        self.handle_timeout(now);
        self.rooms
            .get(&room)
            .is_some_and(|room| room.contains(client))
    }

    /// Lets go of every seat and room whose time is up.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, room)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            self.visit(room, now);
        }
    }

    /// What is to be done next.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). It may turn out that nothing is due
    /// yet.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// How much there is of everything.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    fn is_full(&self) -> bool {
        self.rooms.len() >= self.config.max_rooms
    }

    fn unused_id(&mut self) -> RoomId {
        loop {
            let room = RoomId::from_random(self.rng.next_u32());
            if !self.rooms.contains_key(&room) {
                return room;
            }
        }
    }

    fn open(&mut self, id: RoomId, capacity: u16, now: Instant) {
        let room = Room::new(capacity, now, &self.config);
        self.timers.insert((room.scheduled, id));
        self.stats.add(room.stats());
        self.rooms.insert(id, room);
    }

    /// Rebuilds a room that a restart lost, for a member who can prove that it was there.
    fn ensure_room(&mut self, room: RoomId, proof: Proof, now: Instant) -> Result<(), InitError> {
        if self.rooms.contains_key(&room) {
            return Ok(());
        }
        let Proof::Valid(claim) = proof else {
            return Err(InitError::RoomNotFound);
        };
        if self.is_full() {
            return Err(InitError::ServerFull);
        }
        let capacity = claim.capacity.clamp(MIN_CAPACITY, self.config.max_capacity);
        self.open(room, capacity, now);
        Ok(())
    }

    fn examine(
        &self,
        room: RoomId,
        client: &ClientId,
        resume: Option<&ResumeToken>,
        unix: Duration,
    ) -> Proof {
        let Some(token) = resume else {
            return Proof::None;
        };
        match self.key.open(room, client, token) {
            Some(claim) if claim.expires > unix => Proof::Valid(claim),
            Some(claim) => Proof::Expired(claim),
            None => Proof::Forged,
        }
    }

    /// Tells a member that it is seated, then what it missed, and closes the socket it had.
    fn welcome(
        &mut self,
        socket: SocketId,
        room: RoomId,
        client: &ClientId,
        admission: Admission,
        unix: Duration,
    ) {
        let Admission {
            replaced,
            seating,
            peers,
            held,
        } = admission;
        let claim = Claim {
            capacity: self.rooms.get(&room).map_or(MIN_CAPACITY, Room::capacity),
            expires: unix + self.config.token_life,
            seating,
        };
        let success = ServerMessage::InitSuccess {
            peers,
            resume: self.key.issue(room, client, claim),
            grace_seconds: u32::try_from(self.config.grace.as_secs()).unwrap_or(u32::MAX),
        };
        self.outputs.push_back(Output::Send {
            socket,
            text: Text::from(&success),
            held: false,
        });
        let held = held.into_iter().map(|text| Output::Send {
            socket,
            text,
            held: true,
        });
        self.outputs.extend(held);
        if let Some(socket) = replaced {
            self.sockets.remove(&socket);
            self.outputs.push_back(Output::Close {
                socket,
                reason: CloseReason::Replaced,
            });
        }
    }

    /// Does what is due in a room whose timer was just taken out.
    fn visit(&mut self, id: RoomId, now: Instant) {
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        if room.expires(&self.config) <= now {
            return self.expire(id);
        }
        let outputs = &mut self.outputs;
        update(&mut self.rooms, &mut self.stats, id, |room| {
            room.handle_timeout(now, outputs);
        });
        if let Some(room) = self.rooms.get_mut(&id) {
            room.scheduled = room.deadline(&self.config);
            self.timers.insert((room.scheduled, id));
        }
    }

    fn expire(&mut self, id: RoomId) {
        let Some(room) = self.rooms.remove(&id) else {
            return;
        };
        self.stats.subtract(room.stats());
        for socket in room.sockets() {
            self.sockets.remove(&socket);
            self.outputs.push_back(Output::Close {
                socket,
                reason: CloseReason::Expired,
            });
        }
    }

    /// Moves the room's timer forward if something is due earlier than it was. A timer that is
    /// early does no harm, so a sign of life, the most frequent input, moves none.
    fn reschedule(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        let deadline = room.deadline(&self.config);
        if deadline < room.scheduled {
            self.timers.remove(&(room.scheduled, id));
            room.scheduled = deadline;
            self.timers.insert((deadline, id));
        }
    }
}

impl Stats {
    pub(crate) fn add(&mut self, other: Self) {
        self.rooms += other.rooms;
        self.connected += other.connected;
        self.reserved += other.reserved;
        self.away += other.away;
        self.held_messages += other.held_messages;
        self.held_bytes += other.held_bytes;
    }

    pub(crate) fn subtract(&mut self, other: Self) {
        self.rooms -= other.rooms;
        self.connected -= other.connected;
        self.reserved -= other.reserved;
        self.away -= other.away;
        self.held_messages -= other.held_messages;
        self.held_bytes -= other.held_bytes;
    }
}

/// Bytes that may still wait for members who are away.
fn left_to_hold(config: &RoomConfig, totals: Stats) -> usize {
    config.held_bytes_in_all.saturating_sub(totals.held_bytes)
}

/// Changes one room and keeps the totals true.
fn update<R>(
    rooms: &mut HashMap<RoomId, Room>,
    totals: &mut Stats,
    id: RoomId,
    change: impl FnOnce(&mut Room) -> R,
) -> Option<R> {
    let room = rooms.get_mut(&id)?;
    totals.subtract(room.stats());
    let result = change(room);
    totals.add(room.stats());
    Some(result)
}
