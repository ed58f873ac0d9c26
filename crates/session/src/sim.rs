//! A room on a simulated network: sessions, the server's own room machine, and everything that
//! can go wrong between them, on a virtual clock. The same seed gives the same run.
//!
//! Connections to the server lose what is in flight when they break. Links between peers are
//! reliable: what is sent into a cut arrives after it, unless the link was given up meanwhile.

mod adversary;
mod files;
mod links;
mod misfortunes;
mod node;
mod server;
mod store;
mod traffic;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{Body, ClientId, ClientMessage, MessageId, Profile, RoomId, Secret, Words};
use snug_server::SocketId;

pub use self::{adversary::Adversary, node::Node, store::Store};
use self::{links::Links, server::Server, traffic::Traffic};
use crate::{
    Command, Config, Event, Input, Intent, LinkId, LinkInput, LinkStatus, Output, Path,
    RelayBudget, SignalingInput, Time,
};

/// The world: members by number, in the order of their coming, a server and the ways between.
#[derive(Debug)]
pub struct Network {
    now: Time,
    rng: ChaCha12Rng,
    nodes: Vec<Node>,
    server: Server,
    links: Links,
    room: Option<RoomId>,
    secret: Secret,
    relay_only: bool,
    traffic: Traffic,
    adversary: Option<Box<dyn Adversary>>,
    capacity: Option<u16>,
    latency: RangeInclusive<u64>,
    /// The chance that a packet is lost.
    loss: f64,
    /// Pairs of members with no path between them.
    cuts: BTreeSet<(usize, usize)>,
    /// Members with no path to the server.
    server_cuts: BTreeSet<usize>,
    agenda: BTreeMap<(Time, u64), Happening>,
    count: u64,
    /// Things that happened since time last moved on.
    steps: u32,
}

/// Something that is going to happen.
#[derive(Debug)]
enum Happening {
    /// A session hears something.
    Input { node: usize, input: Input },
    /// A message of a member reaches the server.
    AtServer {
        socket: SocketId,
        message: ClientMessage,
    },
    /// A message of the server reaches a member.
    FromServer {
        socket: SocketId,
        input: SignalingInput,
    },
    /// A call reaches the server.
    Call { node: usize, call: server::Call },
    /// The server notices that a socket is dead.
    SocketLost { socket: SocketId },
    /// A frame reaches the other end of a link.
    Frame {
        node: usize,
        link: LinkId,
        input: LinkInput,
        /// Whether the network made it out of one that comes as well.
        copy: bool,
    },
    /// A member's transport looks whether packets still come.
    Watch {
        node: usize,
        link: LinkId,
        verdict: LinkInput,
    },
    /// The server comes up again.
    ServerUp,
}

impl Network {
    /// An empty room, and latencies of 5 to 50 ms.
    ///
    /// The seed is printed, so that a test that fails says how to see it again.
    pub fn new(seed: u64) -> Self {
        tracing::info!(seed, "simulated network");
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let server = Server::new(rng.random());
        let secret = Secret::Words(Words::from_entropy(rng.random()));
        Self {
            now: Time::ZERO,
            rng,
            nodes: Vec::new(),
            server,
            links: Links::default(),
            room: None,
            secret,
            relay_only: false,
            traffic: Traffic::default(),
            adversary: None,
            capacity: None,
            latency: 5_000..=50_000,
            loss: 0.0,
            cuts: BTreeSet::new(),
            server_cuts: BTreeSet::new(),
            agenda: BTreeMap::new(),
            count: 0,
            steps: 0,
        }
    }

    /// Sets the one-way latency, in microseconds.
    pub fn set_latency(&mut self, micros: RangeInclusive<u64>) {
        self.latency = micros;
    }

    /// Sets the chance that a packet is lost and sent again a second later, as SCTP does (RFC 9260
    /// §6.3.1). What is ordered waits for it; `bulk` overtakes it.
    pub fn set_loss(&mut self, loss: f64) {
        self.loss = loss;
    }

    /// Sets the words that members come with from now on; at first there are some.
    pub fn set_secret(&mut self, secret: Secret) {
        self.secret = secret;
    }

    /// The words that members come with.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Lets members who come from now on hide their addresses. Their links never come up.
    pub fn set_relay_only(&mut self, relay_only: bool) {
        self.relay_only = relay_only;
    }

    /// Puts somebody into the server.
    pub fn set_adversary(&mut self, adversary: impl Adversary + 'static) {
        self.adversary = Some(Box::new(adversary));
    }

    /// Makes the server honest.
    pub fn unset_adversary(&mut self) {
        self.adversary = None;
    }

    /// Lets the server drop, from now on, whatever members who cannot connect send each other.
    pub fn drop_relayed(&mut self) {
        self.server.set_passes_relayed(false);
    }

    /// Lets the server pass that on again.
    pub fn pass_relayed(&mut self) {
        self.server.set_passes_relayed(true);
    }

    /// Puts somebody between the members: connections end at it from now on.
    pub fn intercept_links(&mut self) {
        self.links.set_intercepted(true);
    }

    /// Lets connections end where they should again. Those that there are stay as they are.
    pub fn release_links(&mut self) {
        self.links.set_intercepted(false);
    }

    /// Has a member live in a host that takes plain offers only, as a browser is.
    pub fn make_plain(&mut self, node: usize) {
        self.links.make_plain(node);
    }

    /// Sets the capacity of the room, before the first member comes.
    pub fn set_capacity(&mut self, capacity: u16) {
        self.capacity = Some(capacity);
    }

    /// A member comes: the first one opens the room, the others wait until it is open.
    pub fn join(&mut self) -> usize {
        if !self.nodes.is_empty() {
            self.run_until(Duration::from_mins(1), |net| net.room.is_some());
        }
        let intent = match self.room {
            Some(room) => Intent::Join(room),
            None => Intent::Create {
                capacity: self.capacity,
            },
        };
        self.enter(intent)
    }

    /// A member comes with an intent of its own.
    pub fn enter(&mut self, intent: Intent) -> usize {
        let number = self.nodes.len();
        // The order of ids decides who is polite: let it differ from the order of coming.
        let client = format!("{:04x}-{number}", self.rng.random::<u16>());
        let client: ClientId = client.parse().expect("hex and digits make an id");
        let profile = Profile {
            nickname: format!("peer {number}"),
            ..Profile::default()
        };
        let config = Config {
            client: client.clone(),
            intent,
            secret: self.secret.clone(),
            profile,
            relay_only: self.relay_only,
            relay: RelayBudget::SERVER,
            shares: self.traffic.shares,
        };
        if self.relay_only {
            self.links.hide(number);
        }
        self.nodes
            .push(Node::new(client, config, self.rng.random()));
        self.drain(number);
        number
    }

    /// Everyone comes, and all are linked to each other.
    ///
    /// # Panics
    /// When they are not within a simulated minute.
    pub fn full_room(&mut self, members: usize) -> Vec<usize> {
        let members: Vec<_> = (0..members).map(|_| self.join()).collect();
        let linked = self.run_until(Duration::from_mins(1), Self::is_fully_linked);
        assert!(linked, "the mesh did not form");
        members
    }

    /// Gives a member a command.
    pub fn command(&mut self, node: usize, command: Command) {
        self.input(node, Input::Command(command));
    }

    /// A member says something. Returns the name of the message.
    pub fn say(&mut self, node: usize, text: &str) -> MessageId {
        self.send(
            node,
            Body::Text {
                text: text.to_owned(),
            },
        )
    }

    /// A member says something that is more than text.
    pub fn send(&mut self, node: usize, body: Body) -> MessageId {
        let author = self.nodes[node].client().clone();
        let own = |net: &Self| {
            net.nodes[node]
                .session
                .entries()
                .filter(|e| e.author == author)
                .map(|e| e.seq)
                .max()
        };
        let sent_at = u64::try_from(self.now.since_origin().as_millis()).unwrap_or(u64::MAX);
        self.command(node, Command::Say { body, sent_at });
        let seq = own(self).expect("the body is valid");
        MessageId { author, seq }
    }

    /// A member.
    pub fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// How many members have come so far.
    pub fn members(&self) -> usize {
        self.nodes.len()
    }

    /// A member, to change what its storage does.
    pub fn node_mut(&mut self, node: usize) -> &mut Node {
        &mut self.nodes[node]
    }

    /// The room, once it is open.
    pub fn room(&self) -> Option<RoomId> {
        self.room
    }

    /// The time since the beginning.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Whether every two living members are connected.
    pub fn is_fully_linked(&self) -> bool {
        self.are_linked(|_| true)
    }

    /// Whether every two living members are connected without the server.
    pub fn is_directly_linked(&self) -> bool {
        self.are_linked(|path| path != Path::Relay)
    }

    fn are_linked(&self, by: impl Fn(Path) -> bool) -> bool {
        let stays = |node: &&Node| node.is_alive() && node.ending().is_none();
        let living: Vec<_> = self.nodes.iter().filter(stays).collect();
        living.iter().all(|node| {
            let connected =
                |status| matches!(status, LinkStatus::Connected { path, .. } if by(path));
            node.session
                .peers()
                .filter(|(_, status)| connected(*status))
                .count()
                == living.len() - 1
        })
    }

    /// Lets time pass.
    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.step_until(end) {}
        self.now = end;
    }

    /// Lets time pass until something holds. `false` if it never does within `limit`.
    pub fn run_until(&mut self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + limit;
        loop {
            if holds(self) {
                return true;
            }
            if !self.step_until(end) {
                return holds(self);
            }
        }
    }

    /// Lets the next thing happen, unless it lies after `end`.
    fn step_until(&mut self, end: Time) -> bool {
        let happening = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let timers = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.is_alive());
        let timer = timers
            .filter_map(|(number, node)| Some((node.session.poll_timeout()?, number)))
            .min();
        let next = happening.into_iter().chain(timer.map(|(at, _)| at)).min();
        let Some(next) = next.filter(|next| *next <= end) else {
            return false;
        };
        self.steps = if next > self.now { 0 } else { self.steps + 1 };
        assert!(
            self.steps < STEPS_AT_ONCE,
            "time stands still at {:?}: somebody never rests",
            self.now
        );
        self.now = self.now.max(next);
        match timer {
            Some((at, number)) if happening.is_none_or(|first| at <= first) => {
                self.input(number, Input::Timeout);
            }
            _ => {
                if let Some((_, happening)) = self.agenda.pop_first() {
                    self.happen(happening);
                }
            }
        }
        true
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Input { node, input } => self.input(node, input),
            Happening::AtServer { socket, message } => self.deliver_up(socket, &message),
            Happening::FromServer { socket, input } => self.deliver_down(socket, input),
            Happening::Call { node, call } => self.on_call(node, call),
            Happening::SocketLost { socket } => {
                self.server.lose(socket, self.now);
                self.drain_server();
            }
            Happening::Frame {
                node,
                link,
                input,
                copy,
            } => self.on_frame(node, link, input, copy),
            Happening::Watch {
                node,
                link,
                verdict,
            } => self.on_watch(node, link, verdict),
            Happening::ServerUp => self.server.start(),
        }
    }

    fn input(&mut self, node: usize, input: Input) {
        if self.nodes[node].is_alive() {
            self.nodes[node].session.handle(input, self.now);
            self.drain(node);
        }
    }

    fn drain(&mut self, node: usize) {
        while let Some(output) = self.nodes[node].session.poll_output() {
            match output {
                Output::Signaling(output) => self.on_signaling(node, output),
                Output::Link(link, output) => self.on_link(node, link, output),
                Output::Store(output) => {
                    self.on_written(node, &output);
                    if let Some(input) = self.nodes[node].store.handle(output) {
                        let input = Input::Store(input);
                        self.schedule(Duration::from_millis(1), Happening::Input { node, input });
                    }
                }
                Output::Event(event) => self.on_event(node, event),
            }
        }
    }

    fn on_event(&mut self, node: usize, event: Event) {
        if let Event::Joined { room, .. } = &event {
            self.room.get_or_insert(*room);
        }
        tracing::trace!(node, at = ?self.now.since_origin(), ?event);
        self.nodes[node].events.push(event);
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.count += 1;
        self.agenda
            .insert((self.now + after, self.count), happening);
    }

    fn schedule_at(&mut self, at: Time, happening: Happening) {
        self.schedule(at.since(self.now), happening);
    }

    /// One packet's way, lost and sent again as often as chance has it.
    fn latency(&mut self) -> Duration {
        let mut latency = Duration::from_micros(self.rng.random_range(self.latency.clone()));
        while self.rng.random_bool(self.loss) {
            latency += RETRANSMISSION_TIMEOUT;
        }
        latency
    }
}

/// The least that SCTP waits before it sends again.
const RETRANSMISSION_TIMEOUT: Duration = Duration::from_secs(1);

/// So much never happens at one moment, unless somebody's timer is always due.
const STEPS_AT_ONCE: u32 = 100_000;
