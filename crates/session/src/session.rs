//! The public machine: takes each input to the part that it concerns, and what one part finds out
//! to the others.

mod frames;

use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    Body, ClientId, ControlFrame, Entry, Hash, IdentityKey, Profile, RoomId, limits::NICKNAME_BYTES,
};

use crate::{
    Command, CommandError, Config, EndReason, Event, Input, Intent, LinkId, LinkInput, LinkStatus,
    Message, Output, Refusal, ServerStatus, SignalingInput, Time,
    chat::Chat,
    credentials::Credentials,
    guard::Guard,
    handshake::{Check, Identity, Password, Secrets},
    limits::UNSAID_ENTRIES,
    mesh::{Context, Mesh, Report as MeshReport},
    outbox::Outbox,
    pacer::Pacer,
    roster::{Acquaintance, Impostor, Roster},
    signaling::{Report as SignalingReport, Signaling},
    transfer::Transfers,
};

/// One participant of a room.
///
/// Every [`handle`](Self::handle) is followed by [`poll_output`](Self::poll_output) until `None`;
/// [`poll_timeout`](Self::poll_timeout) says when to come back with [`Input::Timeout`].
#[derive(Debug)]
pub struct Session {
    profile: Profile,
    signaling: Signaling,
    mesh: Mesh,
    chat: Chat,
    transfers: Transfers,
    credentials: Credentials,
    guard: Guard,
    roster: Roster,
    pacer: Pacer,
    /// What was said before the room had a name.
    unsaid: Vec<(Body, u64)>,
    rng: ChaCha12Rng,
    out: Outbox,
    ended: bool,
}

impl Session {
    /// Starts to take part. The first outputs are there at once.
    ///
    /// `seed` decides everything that is left to chance, secrets among it: the pauses between
    /// tries, the numbers of connections, the keys. Whoever knows it can impersonate this member,
    /// so it has to come from the system's randomness, but in tests.
    pub fn new(config: Config, seed: [u8; 32]) -> Self {
        let mut out = Outbox::default();
        let Config {
            client,
            intent,
            secret,
            profile,
            relay_only,
            relay,
            shares,
        } = config;
        let mut secrets = Secrets::new(seed);
        let rng = ChaCha12Rng::from_seed(*secrets.draw());
        let identity = Identity::generate(&mut secrets);
        let opens_room = matches!(intent, Intent::Create { .. });
        Self {
            profile,
            signaling: Signaling::new(client.clone(), intent, &mut out),
            mesh: Mesh::new(client.clone()),
            guard: Guard::new(!secret.is_open(), opens_room),
            roster: Roster::new(client.clone(), identity.key()),
            transfers: Transfers::new(client.clone(), shares),
            chat: Chat::new(client),
            credentials: Credentials {
                identity,
                password: Password::new(&secret.password()),
                secrets,
                relay_only,
            },
            pacer: Pacer::new(relay),
            unsaid: Vec::new(),
            rng,
            out,
            ended: false,
        }
    }

    /// Takes one input. After [`Event::Ended`] inputs are ignored.
    pub fn handle(&mut self, input: Input, now: Time) {
        if self.ended {
            return;
        }
        match input {
            Input::Command(command) => self.on_command(command, now),
            Input::Signaling(input) => self.on_signaling(input, now),
            Input::Link(link, input) => self.on_link(link, input, now),
            Input::Store(input) => self.transfers.on_store(input, now, &mut self.out),
            Input::Timeout => {}
        }
        self.run_timeouts(now);
        self.relay(now);
    }

    /// Gives the next thing to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop()
    }

    /// When to come back at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        if self.ended {
            return None;
        }
        let parts = [
            self.signaling.poll_timeout(),
            self.mesh.poll_timeout(),
            self.roster.poll_timeout(),
            self.chat.poll_timeout(),
            self.transfers.poll_timeout(),
        ];
        parts.into_iter().flatten().min()
    }

    /// The other members, and how the links to them are.
    pub fn peers(&self) -> impl Iterator<Item = (&ClientId, LinkStatus)> {
        self.mesh.statuses()
    }

    /// Everything said, in the order that all members share.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.chat.entries()
    }

    /// The messages as they stand, in that order.
    pub fn messages(&self) -> impl Iterator<Item = Message> {
        self.chat.messages()
    }

    fn on_command(&mut self, command: Command, now: Time) {
        if let Err(reason) = self.carry_out(command, now) {
            self.out.event(Event::Refused { reason });
        }
    }

    fn carry_out(&mut self, command: Command, now: Time) -> Result<(), CommandError> {
        match command {
            Command::Say { body, sent_at } => self.say(body, sent_at, now),
            Command::SetProfile(profile) => self.set_profile(profile),
            Command::Typing { on } => {
                self.chat.type_(on, now, &mut self.out);
                Ok(())
            }
            Command::MarkRead => {
                self.chat.mark_read(now);
                Ok(())
            }
            Command::Offer(source) => self.transfers.offer(source, now, &mut self.out),
            Command::Accept {
                transfer,
                selection,
            } => self
                .transfers
                .accept(transfer, selection, now, &mut self.out),
            Command::Pause { transfer } => {
                self.transfers
                    .set_paused(transfer, true, now, &mut self.out)
            }
            Command::Resume { transfer } => {
                self.transfers
                    .set_paused(transfer, false, now, &mut self.out)
            }
            Command::Prioritize { transfer, bytes } => {
                self.transfers
                    .prioritize(transfer, &bytes, now, &mut self.out)
            }
            Command::Decline { transfer } => self.transfers.decline(transfer, now, &mut self.out),
            Command::Cancel { transfer } => self.transfers.cancel(transfer, now, &mut self.out),
            Command::NetworkChanged => {
                self.signaling.reconnect(&mut self.out);
                self.in_mesh(now, Mesh::on_network_changed);
                Ok(())
            }
            Command::Leave => {
                self.leave(now);
                Ok(())
            }
        }
    }

    fn say(&mut self, body: Body, sent_at: u64, now: Time) -> Result<(), CommandError> {
        let Some(room) = self.signaling.room() else {
            return self.keep(body, sent_at);
        };
        let identity = &self.credentials.identity;
        let sign = |hash: &Hash| identity.sign(room, hash);
        self.chat.say(body, sent_at, sign, now, &mut self.out)
    }

    /// Keeps what is said before the room has a name, by which it is signed.
    fn keep(&mut self, body: Body, sent_at: u64) -> Result<(), CommandError> {
        if self.unsaid.len() >= UNSAID_ENTRIES {
            return Err(CommandError::NoRoom);
        }
        self.unsaid.push((body, sent_at));
        Ok(())
    }

    fn set_profile(&mut self, profile: Profile) -> Result<(), CommandError> {
        if profile.nickname.len() > NICKNAME_BYTES {
            return Err(CommandError::NicknameTooLong);
        }
        let frame = ControlFrame::Profile(profile.clone());
        for (_, link) in self.mesh.reach() {
            self.out.control(link, &frame);
        }
        self.profile = profile;
        Ok(())
    }

    fn leave(&mut self, now: Time) {
        self.in_mesh(now, Mesh::leave);
        self.signaling.leave(&mut self.out);
        self.end(EndReason::Left);
    }

    fn end(&mut self, reason: EndReason) {
        if !std::mem::replace(&mut self.ended, true) {
            self.transfers.close(&mut self.out);
            self.signaling.end(&mut self.out);
            self.out.event(Event::Ended(reason));
        }
    }

    fn on_signaling(&mut self, input: SignalingInput, now: Time) {
        let report = self
            .signaling
            .handle(input, now, &mut self.rng, &mut self.out);
        if let Some(report) = report {
            self.on_signaling_report(report, now);
        }
    }

    fn on_signaling_report(&mut self, report: SignalingReport, now: Time) {
        match report {
            SignalingReport::Online { peers, first } => self.on_online(&peers, first, now),
            SignalingReport::Offline {
                reason,
                retry_in,
                room_gone,
            } => {
                if room_gone && self.mesh.reach().next().is_none() {
                    return self.end(EndReason::RoomNotFound);
                }
                self.chat.on_offline();
                self.in_mesh(now, Mesh::on_offline);
                self.out
                    .event(Event::Server(ServerStatus::Offline { reason, retry_in }));
            }
            SignalingReport::PeerJoined(peer) => {
                self.in_mesh(now, |mesh, cx| mesh.on_peer_joined(&peer, cx));
            }
            SignalingReport::PeerFound { peer, begins } => {
                self.in_mesh(now, |mesh, cx| mesh.on_peer_found(&peer, begins, cx));
            }
            SignalingReport::PeerLeft(peer) => {
                self.in_mesh(now, |mesh, cx| mesh.on_peer_left(&peer, cx));
            }
            SignalingReport::Forward(forward) => {
                self.in_mesh(now, |mesh, cx| mesh.on_forward(&forward, cx));
            }
            SignalingReport::Ended(reason) => self.end(reason),
        }
    }

    fn on_online(&mut self, peers: &[ClientId], first: Option<RoomId>, now: Time) {
        if let Some(room) = first {
            self.out.event(Event::Joined {
                room,
                peers: peers.to_vec(),
            });
        }
        self.out.event(Event::Server(ServerStatus::Online));
        self.in_mesh(now, |mesh, cx| mesh.on_online(peers, cx));
        self.chat.on_online();
        for (body, sent_at) in std::mem::take(&mut self.unsaid) {
            self.on_command(Command::Say { body, sent_at }, now);
        }
    }

    fn on_link(&mut self, link: LinkId, input: LinkInput, now: Time) {
        self.in_mesh(now, |mesh, cx| mesh.on_link(link, input, cx));
    }

    /// Lets the mesh act, then tells the others what it found out.
    fn in_mesh(&mut self, now: Time, act: impl FnOnce(&mut Mesh, &mut Context<'_, ChaCha12Rng>)) {
        let mut reports = Vec::new();
        let mut cx = Context {
            now,
            rng: &mut self.rng,
            signaling: &self.signaling,
            credentials: &mut self.credentials,
            guard: &mut self.guard,
            pacer: &mut self.pacer,
            out: &mut self.out,
            reports: &mut reports,
            next_link: 0,
        };
        act(&mut self.mesh, &mut cx);
        while cx.guard.take_freed() {
            self.mesh.on_place_free(&mut cx);
        }
        for report in reports {
            self.on_mesh_report(report, now);
        }
    }

    fn on_mesh_report(&mut self, report: MeshReport, now: Time) {
        let out = &mut self.out;
        match report {
            MeshReport::Arrived { peer } => self.chat.on_arrived(&peer),
            MeshReport::Departed { peer, goodbye } => {
                // Of whom only the server has told, nobody waits to come back.
                let returns = !goodbye && self.roster.has_ever_met(&peer);
                self.chat.on_departed(&peer, returns);
                self.transfers.on_departed(&peer, now, out);
                self.roster.on_departed(&peer);
                self.on_roster_changed(now);
                self.on_turned_away(now);
            }
            MeshReport::Farewell { peer } => {
                self.in_mesh(now, |mesh, cx| mesh.on_farewell(&peer, cx));
            }
            MeshReport::Met { peer, key, check } => self.on_met(&peer, key, check, now),
            MeshReport::Guessed => self.on_guessed(),
            MeshReport::KeptOut(refusal) => self.on_kept_out(refusal, now),
            MeshReport::TurnedAway => self.on_turned_away(now),
            MeshReport::Greet { peer, link } => {
                let hello = self.chat.hello(&peer, &self.profile);
                out.control(link, &ControlFrame::Hello(hello));
            }
            MeshReport::Up {
                peer,
                link,
                mut hello,
            } => {
                out.control(link, &ControlFrame::Roster(self.roster.frame()));
                if self.guard.spent() > 0 {
                    let wrong = self.guard.spent();
                    out.control(link, &ControlFrame::Guesses { wrong });
                }
                let profile = hello.profile.clone();
                out.event(Event::Profile {
                    peer: peer.clone(),
                    profile,
                });
                self.roster.retain_known(&mut hello.heads);
                self.chat.on_up(&peer, link, &hello, now, out);
                self.transfers.on_up(&peer, link, now, out);
            }
            MeshReport::Down { peer, link } => {
                self.chat.on_down(&peer, out);
                self.transfers.on_down(&peer, link, now, out);
            }
            MeshReport::Frame { peer, frame } => self.on_frame(&peer, *frame, now),
            MeshReport::Bulk { peer, frame } => {
                if let Err(error) = self.transfers.on_bulk(&peer, &frame, now, out) {
                    self.on_misbehaviour(&peer, error.to_string(), now);
                }
            }
            MeshReport::Credit { link, bytes } => self.transfers.on_credit(link, bytes, out),
            MeshReport::Closed { link } => self.transfers.forget_link(link),
        }
    }

    fn on_kept_out(&mut self, refusal: Refusal, now: Time) {
        self.in_mesh(now, Mesh::leave);
        self.signaling.leave(&mut self.out);
        self.end(EndReason::KeptOut(refusal));
    }

    /// Nobody vouches for a refusal. But when all have refused, there is nothing to wait for.
    fn on_turned_away(&mut self, now: Time) {
        let inside = self.guard.is_accepted() || self.ended;
        if let Some(refusal) = self.mesh.turned_away().filter(|_| !inside) {
            self.on_kept_out(refusal, now);
        }
    }

    /// Keys are shared with a member.
    fn on_met(&mut self, peer: &ClientId, key: IdentityKey, check: Check, now: Time) {
        match self.roster.meet(peer, key, &mut self.out) {
            Ok(Acquaintance::Old) => {}
            Ok(Acquaintance::New) => self.review_words(peer),
            Err(Impostor) => return self.in_mesh(now, |mesh, cx| mesh.on_impostor(peer, cx)),
        }
        let peer = peer.clone();
        self.out.event(Event::Check { peer, check });
        self.on_roster_changed(now);
    }

    /// Somebody is met of whom only others had told: what came in its name before may not be its own.
    fn review_words(&mut self, peer: &ClientId) {
        let room = self.signaling.room();
        let is_genuine = |entry: &Entry| self.roster.verify(room, entry).is_ok();
        self.chat.on_met(peer, is_genuine, &mut self.out);
    }

    /// Whom this member has met is told to all.
    fn on_roster_changed(&mut self, now: Time) {
        let frame = ControlFrame::Roster(self.roster.frame());
        for (_, link) in self.mesh.reach() {
            self.out.control(link, &frame);
        }
        self.roster.review(now, &mut self.out);
    }

    /// Wrong words were tried here: everyone is told, and counts them.
    fn on_guessed(&mut self) {
        let wrong = self.guard.spent();
        for (_, link) in self.mesh.reach() {
            self.out.control(link, &ControlFrame::Guesses { wrong });
        }
        self.tell_guesses();
    }

    fn tell_guesses(&mut self) {
        self.out.event(Event::Guesses {
            wrong: self.guard.wrong(),
            closed: self.guard.is_closed(),
        });
    }

    /// Seals and sends what goes through the server.
    fn relay(&mut self, now: Time) {
        while let Some((link, output)) = self.out.pop_relayed() {
            self.in_mesh(now, |mesh, cx| mesh.on_relayed(link, output, cx));
        }
    }

    fn on_misbehaviour(&mut self, peer: &ClientId, reason: String, now: Time) {
        self.in_mesh(now, |mesh, cx| mesh.on_misbehaviour(peer, reason, cx));
    }

    fn run_timeouts(&mut self, now: Time) {
        let due = |at: Option<Time>| at.is_some_and(|at| now >= at);
        if due(self.signaling.poll_timeout()) {
            let report = self
                .signaling
                .handle_timeout(now, &mut self.rng, &mut self.out);
            if let Some(report) = report {
                self.on_signaling_report(report, now);
            }
        }
        if due(self.mesh.poll_timeout()) {
            self.in_mesh(now, Mesh::handle_timeout);
        }
        if due(self.roster.poll_timeout()) {
            self.roster.review(now, &mut self.out);
        }
        if due(self.chat.poll_timeout()) {
            self.chat.handle_timeout(now, &mut self.out);
        }
        if due(self.transfers.poll_timeout()) {
            self.transfers.handle_timeout(now, &mut self.out);
        }
    }
}
