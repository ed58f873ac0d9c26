//! The server's side of the simulation: the real room machine behind sockets that break.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rand::RngExt;
use snug_protocol::{ClientId, ClientMessage, ErrorCode, ForwardKind, RoomId, ServerMessage};
use snug_server::{Output as RoomOutput, Registry, ResumeKey, SocketId, config::RoomConfig};

use super::{Happening, Network};
use crate::{Input, SignalingError, SignalingInput, SignalingOutput, Time};

/// The rooms, and the sockets to their members.
#[derive(Debug)]
pub(super) struct Server {
    registry: Registry,
    key: [u8; 32],
    up: bool,
    passes_relayed: bool,
    origin: Instant,
    sockets: BTreeMap<SocketId, Socket>,
    count: u64,
}

#[derive(Debug)]
struct Socket {
    node: usize,
    /// Whether the member still uses it; the server may not know better yet.
    open: bool,
    /// When the last message each way arrives: a socket keeps its order.
    last_up: Time,
    last_down: Time,
}

/// An HTTP call under way.
#[derive(Debug)]
pub(super) enum Call {
    CreateRoom { capacity: Option<u16> },
    JoinRoom { room: RoomId, client: ClientId },
    OpenSocket,
}

impl Server {
    pub(super) fn new(key: [u8; 32]) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "an origin; only differences count"
        )]
        let origin = Instant::now();
        let (sockets, registry) = (BTreeMap::new(), new_registry(key, 0));
        Self {
            registry,
            key,
            up: true,
            passes_relayed: true,
            origin,
            sockets,
            count: 0,
        }
    }

    pub(super) fn stop(&mut self) {
        self.up = false;
        self.count += 1;
        self.registry = new_registry(self.key, self.count);
    }

    pub(super) fn set_passes_relayed(&mut self, passes: bool) {
        self.passes_relayed = passes;
    }

    pub(super) fn start(&mut self) {
        self.up = true;
    }

    pub(super) fn lose(&mut self, socket: SocketId, now: Time) {
        self.sockets.remove(&socket);
        let now = self.instant(now);
        self.registry.disconnect(socket, now);
    }

    fn instant(&self, now: Time) -> Instant {
        self.origin + now.since_origin()
    }
}

fn new_registry(key: [u8; 32], generation: u64) -> Registry {
    let mut seed = key;
    seed[..8].copy_from_slice(&generation.to_be_bytes());
    Registry::new(RoomConfig::default(), ResumeKey::from_bytes(key), seed)
}

impl Network {
    pub(super) fn on_signaling(&mut self, node: usize, output: SignalingOutput) {
        match output {
            SignalingOutput::CreateRoom { capacity } => {
                self.call(node, Call::CreateRoom { capacity });
            }
            SignalingOutput::JoinRoom { room, client } => {
                self.call(node, Call::JoinRoom { room, client });
            }
            SignalingOutput::OpenSocket => self.call(node, Call::OpenSocket),
            SignalingOutput::Send(message) => self.send_up(node, message),
            SignalingOutput::Close => self.close_socket(node),
        }
    }

    fn call(&mut self, node: usize, call: Call) {
        let latency = self.latency();
        self.schedule(latency, Happening::Call { node, call });
    }

    pub(super) fn on_call(&mut self, node: usize, call: Call) {
        let answer = if self.server.up && !self.server_cuts.contains(&node) {
            self.answer(node, call)
        } else {
            let error = SignalingError::Unreachable("the server does not answer".into());
            SignalingInput::Failed(error)
        };
        let latency = self.latency();
        let input = Input::Signaling(answer);
        self.schedule(latency, Happening::Input { node, input });
    }

    fn answer(&mut self, node: usize, call: Call) -> SignalingInput {
        let now = self.server.instant(self.now);
        match call {
            Call::CreateRoom { capacity } => {
                match self.server.registry.create_room(capacity, now) {
                    Ok(room) => SignalingInput::RoomCreated { room },
                    Err(error) => refused(error.code(), &error),
                }
            }
            Call::JoinRoom { room, client } => {
                match self.server.registry.join_room(room, client, now) {
                    Ok(_) => SignalingInput::RoomJoined,
                    Err(error) => refused(error.code(), &error),
                }
            }
            Call::OpenSocket => {
                self.server.count += 1;
                let id = SocketId(self.server.count);
                let (last_up, last_down) = (self.now, self.now);
                let socket = Socket {
                    node,
                    open: true,
                    last_up,
                    last_down,
                };
                self.server.sockets.insert(id, socket);
                SignalingInput::SocketOpened
            }
        }
    }

    fn send_up(&mut self, node: usize, message: ClientMessage) {
        let latency = self.latency();
        let at = self.now + latency;
        let Some((id, socket)) = self.socket_of(node) else {
            return;
        };
        socket.last_up = socket.last_up.max(at);
        let at = socket.last_up;
        self.schedule_at(
            at,
            Happening::AtServer {
                socket: id,
                message,
            },
        );
    }

    pub(super) fn deliver_up(&mut self, socket: SocketId, message: &ClientMessage) {
        let Some(from) = self.server.sockets.get(&socket) else {
            return;
        };
        if let Some(adversary) = &mut self.adversary {
            let from = self.nodes[from.node].client().clone();
            let sent = adversary.overhear(&from, message, &mut self.rng);
            self.send_instead(sent);
        }
        let now = self.server.instant(self.now);
        let registry = &mut self.server.registry;
        let refusal = match message.clone() {
            ClientMessage::Init {
                room_id,
                client_id,
                resume,
            } => {
                let unix = Duration::from_secs(1_700_000_000) + self.now.since_origin();
                registry
                    .init(socket, room_id, client_id, resume.as_ref(), now, unix)
                    .map_err(|error| (error.code(), error.to_string()))
            }
            ClientMessage::Forward(forward)
                if forward.kind == ForwardKind::Relay && !self.server.passes_relayed =>
            {
                Ok(())
            }
            ClientMessage::Forward(forward) => registry
                .forward(socket, forward, now)
                .map_err(|error| (error.code(), error.to_string())),
            ClientMessage::Leave => {
                registry.leave(socket, now);
                Ok(())
            }
        };
        if let Err((code, message)) = refusal {
            self.send_down(socket, ServerMessage::Error { message, code });
        }
        self.drain_server();
    }

    pub(super) fn drain_server(&mut self) {
        while let Some(output) = self.server.registry.poll_output() {
            match output {
                RoomOutput::Send { socket, text, .. } => {
                    let message = text.decode().expect("the server speaks the protocol");
                    self.send_down(socket, message);
                }
                RoomOutput::Close { socket, .. } => {
                    self.down(socket, closed());
                    if let Some(socket) = self.server.sockets.get_mut(&socket) {
                        socket.open = false;
                    }
                }
            }
        }
    }

    fn send_down(&mut self, socket: SocketId, message: ServerMessage) {
        let (Some(adversary), Some(to)) = (&mut self.adversary, self.server.sockets.get(&socket))
        else {
            return self.down(socket, SignalingInput::Message(message));
        };
        let to = self.nodes[to.node].client().clone();
        let sent = adversary.pass(&to, message, &mut self.rng);
        self.send_instead(sent);
    }

    /// Sends what somebody in the server made up.
    fn send_instead(&mut self, sent: Vec<(ClientId, ServerMessage)>) {
        for (to, message) in sent {
            let node = self.nodes.iter().position(|node| *node.client() == to);
            let socket = node.and_then(|node| Some(self.socket_of(node)?.0));
            if let Some(socket) = socket {
                self.down(socket, SignalingInput::Message(message));
            }
        }
    }

    fn down(&mut self, id: SocketId, input: SignalingInput) {
        let latency = self.latency();
        let at = self.now + latency;
        let Some(socket) = self.server.sockets.get_mut(&id) else {
            return;
        };
        socket.last_down = socket.last_down.max(at);
        let at = socket.last_down;
        self.schedule_at(at, Happening::FromServer { socket: id, input });
    }

    /// A message reaches its member, if the socket still stands by then.
    pub(super) fn deliver_down(&mut self, id: SocketId, input: SignalingInput) {
        let Some(socket) = self.server.sockets.get(&id) else {
            return;
        };
        let node = socket.node;
        let current = self.socket_of(node).map(|(current, _)| current);
        let last_word = matches!(input, SignalingInput::Failed(_)) && current.is_none();
        if (current == Some(id) || last_word) && !self.server_cuts.contains(&node) {
            self.input(node, Input::Signaling(input));
        }
    }

    /// The socket breaks: each side notices in its own time.
    pub(super) fn break_socket(&mut self, node: usize) {
        let Some((id, socket)) = self.socket_of(node) else {
            return;
        };
        socket.open = false;
        let there = Duration::from_millis(self.rng.random_range(0..33_000));
        self.schedule(there, Happening::SocketLost { socket: id });
        let here = Duration::from_millis(self.rng.random_range(10..5_000));
        let input = Input::Signaling(closed());
        self.schedule(here, Happening::Input { node, input });
    }

    fn close_socket(&mut self, node: usize) {
        let latency = self.latency();
        let at = self.now + latency;
        let Some((id, socket)) = self.socket_of(node) else {
            return;
        };
        socket.open = false;
        let at = socket.last_up.max(at);
        self.schedule_at(at, Happening::SocketLost { socket: id });
    }

    fn socket_of(&mut self, node: usize) -> Option<(SocketId, &mut Socket)> {
        let mut sockets = self.server.sockets.iter_mut().rev();
        let (id, socket) = sockets.find(|(_, socket)| socket.node == node && socket.open)?;
        Some((*id, socket))
    }
}

fn refused(code: ErrorCode, error: &impl ToString) -> SignalingInput {
    SignalingInput::Failed(SignalingError::Refused {
        code,
        message: error.to_string(),
    })
}

fn closed() -> SignalingInput {
    SignalingInput::Failed(SignalingError::Closed("the socket broke".into()))
}
