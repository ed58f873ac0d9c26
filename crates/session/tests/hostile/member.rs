//! An honest member beside Mallory, with a link of its own to the victim.

use std::time::Duration;

use snug_protocol::{
    Body, ClientId, ControlFrame, Entry, Fingerprint, Forward, ForwardKind, Hash, Heads, Hello,
    IdentityKey, KeyMessage, Payload, Profile, ServerMessage, negotiation::Description,
};
use snug_session::{
    Fingerprints, Input, LinkId, LinkInput, LinkOutput, Output, SignalingInput,
    handshake::{Identity, Keys, Secrets},
};

use crate::{
    stranger::Stranger,
    victim::{Victim, key_message, me, room, unsigned, words},
};

pub(crate) struct Member {
    pub(crate) name: ClientId,
    pub(crate) link: LinkId,
    /// What came of its coming.
    pub(crate) arrival: Vec<Output>,
    identity: Identity,
    /// The hash of its last entry, and how many there are.
    last: (Hash, u64),
}

impl Member {
    /// Somebody whom the victim has not met.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.parse().expect("an id"),
            link: LinkId(0),
            arrival: Vec::new(),
            identity: Identity::generate(&mut Secrets::new([3; 32])),
            last: (Hash::ZERO, 0),
        }
    }

    /// Both have greeted.
    pub(crate) fn linked(victim: &mut Victim, name: &str) -> Self {
        Self::named(name).link_to(victim)
    }

    /// It does the handshake and connects.
    pub(crate) fn link_to(mut self, victim: &mut Victim) -> Self {
        let mut keys = self.shake(victim);
        self.connect(victim, &mut keys);
        let (local, remote) = fingerprints();
        let mac = keys.bind(7, &Fingerprints { local, remote });
        let hello = ControlFrame::Hello(self.hello());
        for frame in [ControlFrame::Binding { mac }, hello, ControlFrame::Welcome] {
            let outputs = self.control(victim, &frame);
            self.arrival.extend(outputs);
        }
        self
    }

    pub(crate) fn key(&self) -> IdentityKey {
        self.identity.key()
    }

    pub(crate) fn control(&self, victim: &mut Victim, frame: &ControlFrame) -> Vec<Output> {
        victim.now = victim.now + Duration::from_millis(1);
        victim.input(Input::Link(self.link, LinkInput::Control(frame.encode())))
    }

    /// The next thing that it says, at a Lamport time.
    pub(crate) fn write(&mut self, body: Body, lamport: u64) -> Entry {
        let (previous, count) = self.last;
        let mut entry = Entry {
            author: self.name.clone(),
            seq: count + 1,
            previous,
            lamport,
            sent_at: 0,
            body,
            signature: unsigned(),
        };
        entry.signature = self.identity.sign(room(), &entry.hash());
        self.last = (entry.hash(), entry.seq);
        entry
    }

    /// Says something to the victim.
    pub(crate) fn say(&mut self, victim: &mut Victim, text: &str, lamport: u64) -> Vec<Output> {
        let entry = self.write(Body::Text { text: text.into() }, lamport);
        self.control(victim, &ControlFrame::Entry(entry))
    }

    /// What the victim sends to it.
    pub(crate) fn hears(&self, outputs: &[Output]) -> Vec<ControlFrame> {
        let frames = outputs.iter().filter_map(|output| match output {
            Output::Link(link, LinkOutput::SendControl(frame)) if *link == self.link => {
                ControlFrame::decode(frame).ok()
            }
            _ => None,
        });
        frames.collect()
    }

    fn hello(&self) -> Hello {
        Hello {
            version: ControlFrame::VERSION,
            profile: Profile::default(),
            starts: Heads(vec![(self.name.clone(), 1)]),
            heads: Heads::default(),
            lamport: 0,
            delivered: 0,
            read: 0,
        }
    }

    fn shake(&mut self, victim: &mut Victim) -> Keys {
        let mut stranger = Stranger::named(self.name.clone(), &words(), room());
        stranger.identity = self.identity.clone();
        let (initiator, hello) = stranger.hello();
        let outputs = victim.forward_from(&self.name, &KeyMessage::Hello(hello).encode());
        let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
            panic!("{outputs:?}");
        };
        let (awaiting, proof) = stranger.proof(initiator, &share);
        let outputs = victim.forward_from(&self.name, &KeyMessage::Proof(proof).encode());
        let Some(KeyMessage::Confirm(confirm)) = key_message(&outputs) else {
            panic!("{outputs:?}");
        };
        self.arrival.extend(outputs);
        awaiting.on_confirm(&confirm).expect("an honest tag")
    }

    fn connect(&mut self, victim: &mut Victim, keys: &mut Keys) {
        let sdp = String::from("v=0");
        let offer = Payload::encode(&Description {
            attempt: 7,
            sdp: sdp.clone(),
        });
        let sealed = keys.seal(ForwardKind::Offer, offer.json().as_bytes());
        let forward = Forward {
            kind: ForwardKind::Offer,
            from: self.name.clone(),
            to: me(),
            payload: sealed.expect("it is short").encode(),
        };
        let message = ServerMessage::Forward(forward);
        let outputs = victim.input(Input::Signaling(SignalingInput::Message(message)));
        let opened = outputs.iter().find_map(|output| match output {
            Output::Link(link, LinkOutput::Open) => Some(*link),
            _ => None,
        });
        self.link = opened.expect("an offer is answered");
        victim.input(Input::Link(self.link, LinkInput::LocalAnswer { sdp }));
        let (remote, local) = fingerprints();
        let fingerprints = Fingerprints { local, remote };
        let opened = LinkInput::Opened { fingerprints };
        let outputs = victim.input(Input::Link(self.link, opened));
        self.arrival.extend(outputs);
    }
}

/// The member's, and the victim's.
fn fingerprints() -> (Fingerprint, Fingerprint) {
    (Fingerprint([3; 32]), Fingerprint([1; 32]))
}
