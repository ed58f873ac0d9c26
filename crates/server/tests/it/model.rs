//! Random lives of one room, followed by a model that knows only what each socket was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use proptest::prelude::*;
use snug_protocol::{ClientId, ForwardKind, Payload, ResumeToken, RoomId, ServerMessage};
use snug_server::{ForwardError, Output, Registry, ResumeKey, SocketId, config::RoomConfig};

proptest! {
    #[test]
    fn everyone_knows_who_is_there_and_no_message_is_lost(
        steps in prop::collection::vec(step(), 1..200)
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Join(usize),
    Init(usize, Proof),
    Drop(usize),
    Vanish(usize),
    Leave(usize),
    Send(usize, usize),
    Wait(u64),
}

#[derive(Debug, Clone, Copy)]
enum Proof {
    None,
    Own,
    OfAnother,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..CLIENTS;
    let proof = prop_oneof![Just(Proof::None), Just(Proof::Own), Just(Proof::OfAnother)];
    prop_oneof![
        3 => who.clone().prop_map(Step::Join),
        5 => (who.clone(), proof).prop_map(|(who, proof)| Step::Init(who, proof)),
        2 => who.clone().prop_map(Step::Drop),
        1 => who.clone().prop_map(Step::Vanish),
        1 => who.clone().prop_map(Step::Leave),
        6 => (who.clone(), who).prop_map(|(from, to)| Step::Send(from, to)),
        3 => (1..40_u64).prop_map(Step::Wait),
    ]
}

struct World {
    registry: Registry,
    room: RoomId,
    now: Instant,
    sockets: u64,
    messages: u64,
    members: BTreeMap<ClientId, Member>,
    tokens: BTreeMap<ClientId, ResumeToken>,
    /// Who was heard by which socket, and what of the rest was heard.
    known: BTreeMap<SocketId, BTreeSet<ClientId>>,
    heard: BTreeMap<SocketId, Vec<u64>>,
}

/// A member as its own messages show it.
#[derive(Debug, Default)]
struct Member {
    socket: Option<SocketId>,
    /// Numbers of the messages that it must have heard on this socket.
    expected: Vec<u64>,
    /// The same for the time until it is back, and when that is over, if it is away.
    held: Option<(Instant, Vec<u64>)>,
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "any instant will do as the start"
    )]
    fn new() -> Self {
        let now = Instant::now();
        let config = RoomConfig {
            default_capacity: 3,
            ..RoomConfig::default()
        };
        let mut registry = Registry::new(config, ResumeKey::from_bytes([0; 32]), [0; 32]);
        let room = registry.create_room(None, now).unwrap();
        Self {
            registry,
            room,
            now,
            sockets: 0,
            messages: 0,
            members: BTreeMap::new(),
            tokens: BTreeMap::new(),
            known: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join(who) => drop(self.registry.join_room(self.room, client(who), self.now)),
            Step::Init(who, proof) => self.init(&client(who), proof),
            Step::Drop(who) => self.part(who, |registry, socket, now| {
                registry.disconnect(socket, now);
                Some(now + Duration::from_secs(30))
            }),
            Step::Vanish(who) => self.part(who, |registry, socket, now| {
                registry.vanish(socket, now);
                Some(now + Duration::from_secs(30))
            }),
            Step::Leave(who) => self.part(who, |registry, socket, now| {
                registry.leave(socket, now);
                None
            }),
            Step::Send(from, to) => self.send(&client(from), &client(to)),
            Step::Wait(seconds) => self.wait(Duration::from_secs(seconds)),
        }
        self.listen();
    }

    fn init(&mut self, who: &ClientId, proof: Proof) {
        let token = match proof {
            Proof::None => None,
            Proof::Own => self.tokens.get(who).cloned(),
            Proof::OfAnother => self
                .tokens
                .iter()
                .find(|(owner, _)| *owner != who)
                .map(|(_, token)| token.clone()),
        };
        self.sockets += 1;
        let socket = SocketId(self.sockets);
        let unix = Duration::from_secs(1_800_000_001);
        let seated = self.registry.init(
            socket,
            self.room,
            who.clone(),
            token.as_ref(),
            self.now,
            unix,
        );
        if seated.is_ok() {
            let member = self.members.entry(who.clone()).or_default();
            member.socket = Some(socket);
            member.expected = member.held.take().map(|(_, held)| held).unwrap_or_default();
        }
    }

    fn part(&mut self, who: usize, how: fn(&mut Registry, SocketId, Instant) -> Option<Instant>) {
        let Some(member) = self.members.get_mut(&client(who)) else {
            return;
        };
        let Some(socket) = member.socket.take() else {
            return;
        };
        let until = how(&mut self.registry, socket, self.now);
        member.held = until.map(|until| (until, Vec::new()));
    }

    fn send(&mut self, from: &ClientId, to: &ClientId) {
        let Some(socket) = self.members.get(from).and_then(|member| member.socket) else {
            return;
        };
        self.messages += 1;
        let forward = snug_protocol::Forward {
            kind: ForwardKind::Relay,
            from: from.clone(),
            to: to.clone(),
            payload: Payload::encode(&self.messages),
        };
        let sent = self.registry.forward(socket, forward, self.now);
        let receiver = self.members.get_mut(to).filter(|_| from != to);
        let place = receiver.and_then(|member| match (member.socket, &mut member.held) {
            (Some(_), _) => Some(&mut member.expected),
            (None, held) => held.as_mut().map(|(_, held)| held),
        });
        match place {
            Some(place) => {
                assert_eq!(sent, Ok(()));
                place.push(self.messages);
            }
            None => assert_eq!(sent, Err(ForwardError::UnknownRecipient)),
        }
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.registry.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.registry.handle_timeout(self.now);
            self.listen();
        }
        self.now = end;
        // Whoever has a socket is alive.
        for socket in self.members.values().filter_map(|member| member.socket) {
            self.registry.touch(socket, self.now);
        }
        for member in self.members.values_mut() {
            member.held = member.held.take().filter(|(until, _)| *until > end);
        }
    }

    fn listen(&mut self) {
        while let Some(output) = self.registry.poll_output() {
            match output {
                Output::Send { socket, text, .. } => self.hear(socket, text.decode().unwrap()),
                Output::Close { socket, .. } => {
                    self.known.remove(&socket);
                    let current = |member: &Member| member.socket == Some(socket);
                    assert!(
                        !self.members.values().any(current),
                        "a member lost its socket"
                    );
                }
            }
        }
    }

    fn hear(&mut self, socket: SocketId, message: ServerMessage) {
        match message {
            ServerMessage::InitSuccess { peers, resume, .. } => {
                let owner = self
                    .members
                    .iter()
                    .find(|(_, member)| member.socket == Some(socket));
                self.tokens.insert(owner.unwrap().0.clone(), resume);
                self.known.insert(socket, peers.into_iter().collect());
            }
            ServerMessage::PeerJoined { client_id } => {
                assert!(
                    self.known.get_mut(&socket).unwrap().insert(client_id),
                    "joined twice"
                );
            }
            ServerMessage::PeerLeft { client_id } => {
                assert!(
                    self.known.get_mut(&socket).unwrap().remove(&client_id),
                    "left twice"
                );
                if let Some(member) = self.members.get_mut(&client_id) {
                    member.held = None;
                }
            }
            ServerMessage::Forward(forward) => {
                self.heard
                    .entry(socket)
                    .or_default()
                    .push(forward.payload.decode().unwrap());
            }
            other => panic!("{other:?}"),
        }
    }

    fn check(&self) {
        let connected: BTreeMap<_, _> = self
            .members
            .iter()
            .filter_map(|(id, member)| Some((id, member.socket?)))
            .collect();
        let stats = self.registry.stats();
        assert_eq!(stats.connected, connected.len());
        assert!(stats.connected + stats.away + stats.reserved <= 3 * stats.rooms);
        for (id, socket) in &connected {
            let known = &self.known[socket];
            let mut others = connected.keys().filter(|other| *other != id);
            assert!(
                others.all(|other| known.contains(*other)),
                "{id:?} has not heard of someone"
            );
            let here = |other: &ClientId| {
                let member = &self.members[other];
                member.socket.is_some() || member.held.is_some()
            };
            assert!(
                known.iter().all(here),
                "{id:?} believes that someone is here"
            );
            let heard = self.heard.get(socket).map_or(&[][..], Vec::as_slice);
            assert_eq!(
                heard, self.members[*id].expected,
                "{id:?} heard something else"
            );
        }
    }
}

fn client(number: usize) -> ClientId {
    format!("client-{number}").parse().unwrap()
}

/// One more than the room has seats.
const CLIENTS: usize = 4;
