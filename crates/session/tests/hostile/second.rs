//! Another member beside Mallory, with a link of its own.

use std::time::Duration;

use snug_protocol::{
    ClientId, ControlFrame, Fingerprint, Forward, ForwardKind, Heads, Hello, KeyMessage, Payload,
    Profile, ServerMessage, negotiation::Description,
};
use snug_session::{
    Fingerprints, Input, LinkId, LinkInput, LinkOutput, Output, SignalingInput,
    handshake::{Identity, Initiator, Keys, Parties, Password, Secrets},
};

use crate::victim::{Victim, key_message, me, room, words};

/// A member who knows the words and is linked to the victim.
pub(crate) struct Second {
    name: ClientId,
    link: LinkId,
}

impl Second {
    /// Comes, does the handshake, and greets.
    pub(crate) fn linked(victim: &mut Victim, name: &str) -> Self {
        let name: ClientId = name.parse().expect("an id");
        let mut keys = meet(victim, &name);
        let offer = Payload::encode(&Description {
            attempt: 7,
            sdp: "v=0".into(),
        });
        let sealed = keys.seal(ForwardKind::Offer, offer.json().as_bytes());
        let sealed = sealed.expect("it is short").encode();
        let outputs = forward(victim, &name, ForwardKind::Offer, sealed);
        let opened = outputs.iter().find_map(|output| match output {
            Output::Link(link, LinkOutput::Open) => Some(*link),
            _ => None,
        });
        let link = opened.expect("an offer is answered");
        let second = Self { name, link };
        second.link(victim, LinkInput::LocalAnswer { sdp: "v=0".into() });
        let (local, remote) = (Fingerprint([1; 32]), Fingerprint([3; 32]));
        let fingerprints = Fingerprints { local, remote };
        second.link(victim, LinkInput::Opened { fingerprints });
        let mac = keys.bind(
            7,
            &Fingerprints {
                local: remote,
                remote: local,
            },
        );
        second.control(victim, &ControlFrame::Binding { mac });
        let hello = Hello {
            version: 1,
            profile: Profile::default(),
            starts: Heads(vec![(second.name.clone(), 1)]),
            heads: Heads::default(),
            lamport: 0,
            delivered: 0,
            read: 0,
        };
        second.control(victim, &ControlFrame::Hello(hello));
        second.control(victim, &ControlFrame::Welcome);
        second
    }

    pub(crate) fn control(&self, victim: &mut Victim, frame: &ControlFrame) -> Vec<Output> {
        victim.now = victim.now + Duration::from_millis(1);
        self.link(victim, LinkInput::Control(frame.encode()))
    }

    /// What of it was said to this one.
    pub(crate) fn hears(&self, outputs: &[Output]) -> Vec<ControlFrame> {
        heard_on(self.link, outputs)
    }

    fn link(&self, victim: &mut Victim, input: LinkInput) -> Vec<Output> {
        victim.input(Input::Link(self.link, input))
    }
}

/// What was said on a link.
pub(crate) fn heard_on(link: LinkId, outputs: &[Output]) -> Vec<ControlFrame> {
    let frames = outputs.iter().filter_map(|output| match output {
        Output::Link(on, LinkOutput::SendControl(frame)) if *on == link => {
            ControlFrame::decode(frame).ok()
        }
        _ => None,
    });
    frames.collect()
}

fn meet(victim: &mut Victim, name: &ClientId) -> Keys {
    let identity = Identity::generate(&mut Secrets::new([20; 32]));
    let mut secrets = Secrets::new([21; 32]);
    let password = Password::new(&words().password());
    let parties = Parties {
        room: room(),
        me: name.clone(),
        peer: me(),
    };
    let (initiator, hello) = Initiator::start(parties, &identity, &password, &mut secrets);
    let outputs = forward(victim, name, ForwardKind::Key, hello.encode());
    let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
        panic!("a hello is answered with a share: {outputs:?}");
    };
    let (awaiting, proof) = initiator
        .on_share(&share, &mut secrets)
        .expect("an honest share");
    let outputs = forward(victim, name, ForwardKind::Key, proof.encode());
    let Some(KeyMessage::Confirm(confirm)) = key_message(&outputs) else {
        panic!("a proof is answered with a confirmation: {outputs:?}");
    };
    awaiting.on_confirm(&confirm).expect("an honest tag")
}

fn forward(
    victim: &mut Victim,
    from: &ClientId,
    kind: ForwardKind,
    payload: Payload,
) -> Vec<Output> {
    let forward = Forward {
        kind,
        from: from.clone(),
        to: me(),
        payload,
    };
    let message = ServerMessage::Forward(forward);
    victim.input(Input::Signaling(SignalingInput::Message(message)))
}
