//! An honest session, and somebody at the other end of its link who is not.

use std::time::Duration;

use snug_protocol::{
    Body, ClientId, ClientMessage, ControlFrame, Entry, FileName, Fingerprint, Forward,
    ForwardKind, Hash, Heads, Hello, KeyMessage, Manifest, Offer, Payload, Profile, ResumeToken,
    RoomId, Secret, ServerMessage, Signature, TransferId, Words, key::KeyHello,
    negotiation::Description,
};
use snug_session::{
    Command, Config, Event, Fingerprints, Input, Intent, LinkId, LinkInput, LinkOutput, LinkStatus,
    Output, RelayBudget, Selection, Session, SignalingInput, SignalingOutput, StoreInput, Time,
    handshake::{Identity, Initiator, Keys, Parties, Password, Secrets},
};

/// An honest session, `honest`, and Mallory, who knows the words, at the other end of its link.
pub(crate) struct Victim {
    pub(crate) session: Session,
    pub(crate) link: LinkId,
    pub(crate) now: Time,
    pub(crate) identity: Identity,
    /// Mallory's.
    pub(crate) keys: Option<Keys>,
    /// What the person was told of the link to Mallory.
    told: Vec<LinkStatus>,
    /// Whether the person was shown a check string for Mallory.
    checked: bool,
}

impl Victim {
    /// In the room, alone.
    pub(crate) fn alone() -> Self {
        Self::seeded(7)
    }

    /// Alone, with another identity and other secrets.
    pub(crate) fn seeded(seed: u8) -> Self {
        let intent = Intent::Join(room());
        let config = Config {
            client: me(),
            intent,
            secret: words(),
            profile: Profile::default(),
            relay_only: false,
            relay: RelayBudget::SERVER,
            shares: true,
        };
        let (session, now) = (
            Session::new(config, [seed; 32]),
            Time::new(Duration::from_secs(1)),
        );
        let mut victim = Self {
            session,
            link: LinkId(0),
            now,
            identity: Identity::generate(&mut Secrets::new([1; 32])),
            keys: None,
            told: Vec::new(),
            checked: false,
        };
        victim.input(Input::Signaling(SignalingInput::RoomJoined));
        victim.input(Input::Signaling(SignalingInput::SocketOpened));
        let resume = ResumeToken::new("token").expect("a short one");
        let init = ServerMessage::InitSuccess {
            peers: Vec::new(),
            resume,
            grace_seconds: 30,
        };
        victim.input(Input::Signaling(SignalingInput::Message(init)));
        victim
    }

    /// Mallory has come and said nothing, so that the victim has said hello.
    pub(crate) fn asking() -> (Self, KeyHello) {
        let mut victim = Self::alone();
        let joined = ServerMessage::PeerJoined {
            client_id: mallory(),
        };
        victim.input(Input::Signaling(SignalingInput::Message(joined)));
        let outputs = victim.let_pass(Duration::from_secs(10));
        match key_message(&outputs) {
            Some(KeyMessage::Hello(hello)) => (victim, hello),
            other => panic!("{other:?}"),
        }
    }

    /// Mallory has done the handshake.
    pub(crate) fn met() -> Self {
        let mut victim = Self::alone();
        victim.meet();
        victim
    }

    /// Mallory does the handshake. Gives what came of its proof.
    pub(crate) fn meet(&mut self) -> Vec<Output> {
        let mut secrets = Secrets::new([2; 32]);
        let password = Password::new(&words().password());
        let parties = Parties {
            room: room(),
            me: mallory(),
            peer: me(),
        };
        let (initiator, hello) = Initiator::start(parties, &self.identity, &password, &mut secrets);
        let outputs = self.forward(ForwardKind::Key, hello.encode());
        let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
            panic!("a hello is answered with a share: {outputs:?}");
        };
        let (awaiting, proof) = initiator
            .on_share(&share, &mut secrets)
            .expect("an honest share");
        let outputs = self.forward(ForwardKind::Key, proof.encode());
        let Some(KeyMessage::Confirm(confirm)) = key_message(&outputs) else {
            panic!("a proof is answered with a confirmation: {outputs:?}");
        };
        self.keys = Some(awaiting.on_confirm(&confirm).expect("an honest tag"));
        outputs
    }

    /// Mallory's offer is answered.
    pub(crate) fn connecting() -> Self {
        let mut victim = Self::met();
        let offer = Description {
            attempt: 7,
            sdp: "v=0".into(),
        };
        let outputs = victim.sealed(ForwardKind::Offer, &Payload::encode(&offer));
        let opened = outputs.iter().find_map(|output| match output {
            Output::Link(link, LinkOutput::Open) => Some(*link),
            _ => None,
        });
        victim.link = opened.expect("an offer is answered");
        victim.link(LinkInput::LocalAnswer { sdp: "v=0".into() });
        victim
    }

    /// The channels to Mallory are open; nothing was said on them.
    pub(crate) fn open() -> Self {
        let mut victim = Self::connecting();
        victim.link(opened());
        victim
    }

    /// Mallory has proven that the connection ends at it; nobody has greeted.
    pub(crate) fn opened() -> Self {
        let mut victim = Self::open();
        victim.control(&victim.binding());
        victim
    }

    /// Both have greeted.
    pub(crate) fn linked() -> Self {
        let mut victim = Self::opened();
        victim.link(hello());
        victim.control(&ControlFrame::Welcome);
        victim
    }

    pub(crate) fn input(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(input, self.now);
        let outputs: Vec<_> = std::iter::from_fn(|| self.session.poll_output()).collect();
        for output in &outputs {
            match output {
                Output::Event(Event::Link { peer, status }) if *peer == mallory() => {
                    self.told.push(*status);
                }
                Output::Event(Event::Check { peer, .. }) => self.checked |= *peer == mallory(),
                _ => {}
            }
        }
        outputs
    }

    pub(crate) fn link(&mut self, input: LinkInput) -> Vec<Output> {
        self.input(Input::Link(self.link, input))
    }

    /// Mallory's frame, whose entries it signs unless they are signed.
    pub(crate) fn control(&mut self, frame: &ControlFrame) -> Vec<Output> {
        self.now = self.now + Duration::from_millis(1);
        let frame = match frame.clone() {
            ControlFrame::Entry(entry) if entry.signature == unsigned() => {
                ControlFrame::Entry(self.sign(entry))
            }
            frame => frame,
        };
        self.link(LinkInput::Control(frame.encode()))
    }

    pub(crate) fn sign(&self, entry: Entry) -> Entry {
        let signature = self.identity.sign(room(), &entry.hash());
        Entry { signature, ..entry }
    }

    /// What Mallory says first on a connection.
    pub(crate) fn binding(&self) -> ControlFrame {
        let (local, remote) = (Fingerprint([2; 32]), Fingerprint([1; 32]));
        let keys = self.keys.as_ref().expect("the handshake is done");
        let mac = keys.bind(7, &Fingerprints { local, remote });
        ControlFrame::Binding { mac }
    }

    /// Seals something and sends it by the server.
    pub(crate) fn sealed(&mut self, kind: ForwardKind, payload: &Payload) -> Vec<Output> {
        let keys = self.keys.as_mut().expect("the handshake is done");
        let sealed = keys.seal(kind, payload.json().as_bytes());
        self.forward(kind, sealed.expect("it is short").encode())
    }

    pub(crate) fn command(&mut self, command: Command) -> Vec<Output> {
        self.input(Input::Command(command))
    }

    pub(crate) fn forward(&mut self, kind: ForwardKind, payload: Payload) -> Vec<Output> {
        let forward = Forward {
            kind,
            from: mallory(),
            to: me(),
            payload,
        };
        let message = ServerMessage::Forward(forward);
        self.input(Input::Signaling(SignalingInput::Message(message)))
    }

    /// Mallory, or somebody in between, says something of the handshake.
    pub(crate) fn hears(&mut self, message: &KeyMessage) -> Vec<Output> {
        self.forward_from(&mallory(), &message.encode())
    }

    /// Somebody says something of the handshake.
    pub(crate) fn forward_from(&mut self, from: &ClientId, payload: &Payload) -> Vec<Output> {
        let forward = Forward {
            kind: ForwardKind::Key,
            from: from.clone(),
            to: me(),
            payload: payload.clone(),
        };
        let message = ServerMessage::Forward(forward);
        self.input(Input::Signaling(SignalingInput::Message(message)))
    }

    /// The server says that somebody is gone.
    pub(crate) fn leaves(&mut self, client: &ClientId) {
        let client_id = client.clone();
        let left = ServerMessage::PeerLeft { client_id };
        self.input(Input::Signaling(SignalingInput::Message(left)));
    }

    /// How the link to Mallory is.
    pub(crate) fn status(&self) -> Option<LinkStatus> {
        let mut peers = self.session.peers();
        peers.find_map(|(peer, status)| (*peer == mallory()).then_some(status))
    }

    /// Whether the person was ever told that of the link to Mallory.
    pub(crate) fn was_told(&self, status: LinkStatus) -> bool {
        self.told.contains(&status)
    }

    /// Whether the handshake with Mallory is done.
    pub(crate) fn shares_keys(&self) -> bool {
        self.checked
    }

    pub(crate) fn let_pass(&mut self, time: Duration) -> Vec<Output> {
        let end = self.now + time;
        let mut outputs = Vec::new();
        while let Some(next) = self.session.poll_timeout().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            outputs.extend(self.input(Input::Timeout));
        }
        self.now = end;
        outputs
    }

    pub(crate) fn pass_time(&mut self) -> Vec<Output> {
        let next = self
            .session
            .poll_timeout()
            .unwrap_or(self.now + Duration::from_mins(1));
        self.now = self.now.max(next);
        self.input(Input::Timeout)
    }

    pub(crate) fn offered(&mut self, pieces: u64) -> TransferId {
        let offer = offer(pieces, "file");
        let transfer = offer.transfer();
        self.control(&ControlFrame::Offer(offer));
        transfer
    }

    pub(crate) fn accept(&mut self, transfer: TransferId, pieces: u64) {
        let selection = Selection::All;
        self.command(Command::Accept {
            transfer,
            selection,
        });
        self.input(Input::Store(StoreInput::SinkOpened {
            transfer,
            have: Vec::new(),
            hashes: None,
        }));
        let hashes = hashes(pieces);
        self.control(&ControlFrame::Hashes {
            transfer,
            first: 0,
            hashes,
        });
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self
            .session
            .messages()
            .filter_map(|message| match message.body {
                Some(Body::Text { text }) => Some(text),
                _ => None,
            });
        texts.collect()
    }
}

pub(crate) fn me() -> ClientId {
    "honest".parse().expect("an id")
}

pub(crate) fn mallory() -> ClientId {
    "mallory".parse().expect("an id")
}

pub(crate) fn opened() -> LinkInput {
    let (local, remote) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
    LinkInput::Opened {
        fingerprints: Fingerprints { local, remote },
    }
}

pub(crate) fn hello() -> LinkInput {
    let hello = Hello {
        version: 1,
        profile: Profile::default(),
        starts: Heads(vec![(mallory(), 1)]),
        heads: Heads::default(),
        lamport: 0,
        delivered: 0,
        read: 0,
    };
    LinkInput::Control(ControlFrame::Hello(hello).encode())
}

pub(crate) fn mallorys(seq: u64, text: &str) -> Entry {
    let (author, body) = (mallory(), Body::Text { text: text.into() });
    Entry {
        author,
        seq,
        previous: Hash::ZERO,
        lamport: seq,
        sent_at: 0,
        body,
        signature: unsigned(),
    }
}

pub(crate) fn unsigned() -> Signature {
    Signature::new([0; 64])
}

pub(crate) fn room() -> RoomId {
    "K7Q4X9".parse().expect("a room")
}

pub(crate) fn words() -> Secret {
    Secret::Words(Words::from_entropy([5; 16]))
}

/// What the victim says in the handshake.
pub(crate) fn key_message(outputs: &[Output]) -> Option<KeyMessage> {
    outputs.iter().find_map(|output| match output {
        Output::Signaling(SignalingOutput::Send(ClientMessage::Forward(forward)))
            if forward.kind == ForwardKind::Key =>
        {
            KeyMessage::decode(&forward.payload).ok()
        }
        _ => None,
    })
}

pub(crate) fn hashes(pieces: u64) -> Vec<Hash> {
    (0..pieces)
        .map(|piece| Hash::of(&piece.to_be_bytes()))
        .collect()
}

pub(crate) fn offer(pieces: u64, name: &str) -> Offer {
    let manifest = Manifest::from_hashes(pieces * 1024 * 1024, &hashes(pieces)).expect("small");
    let name = FileName::sanitize(name);
    Offer::of_file(name, manifest)
}

pub(crate) fn frames(outputs: &[Output]) -> impl Iterator<Item = ControlFrame> {
    outputs.iter().filter_map(|output| match output {
        Output::Link(_, LinkOutput::SendControl(frame)) => ControlFrame::decode(frame).ok(),
        _ => None,
    })
}

pub(crate) fn blames(outputs: &[Output]) -> bool {
    outputs
        .iter()
        .any(|output| matches!(output, Output::Event(Event::Misbehaved { .. })))
}

pub(crate) fn blames_and_closes(outputs: &[Output]) -> bool {
    let closes = |output: &Output| matches!(output, Output::Link(_, LinkOutput::Close));
    blames(outputs) && outputs.iter().any(closes)
}
