//! Members with right and wrong words, and servers that look on.

use std::{cell::RefCell, rc::Rc, time::Duration};

use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ForwardKind, KeyMessage, Secret, ServerMessage, Words};
use snug_session::{
    EndReason, Event, LinkStatus,
    sim::{Adversary, Network},
};

/// A member comes with other words than the room's.
pub(crate) fn mistyped(net: &mut Network, guess: u8) -> usize {
    net.set_secret(words(guess));
    net.join()
}

/// From now on members come with the words of the room again.
pub(crate) fn right_words(net: &mut Network, seed: u64) {
    let secret = Network::new(seed).secret().clone();
    net.set_secret(secret);
}

pub(crate) fn words(n: u8) -> Secret {
    Secret::Words(Words::from_entropy([n; 16]))
}

pub(crate) fn ending(net: &Network, node: usize) -> Option<&EndReason> {
    net.node(node).ending()
}

/// A number below `below` that the seed decides.
pub(crate) fn few(seed: u64, below: u64) -> usize {
    usize::try_from(seed % below).expect("it is small")
}

/// What a member was told last of guesses.
pub(crate) fn guesses(net: &Network, node: usize) -> Option<(u32, bool)> {
    let events = net.node(node).events().iter().rev();
    events.into_iter().find_map(|event| match event {
        Event::Guesses { wrong, closed } => Some((*wrong, *closed)),
        _ => None,
    })
}

pub(crate) fn ever_connected(net: &Network, of: usize, to: usize) -> bool {
    let to = net.node(to).client();
    net.node(of).saw(|event| match event {
        Event::Link { peer, status } => peer == to && is_open(*status),
        _ => false,
    })
}

pub(crate) fn is_open(status: LinkStatus) -> bool {
    matches!(status, LinkStatus::Connected { .. })
}

/// Whether those who have not been sent away hear each other.
pub(crate) fn everyone_talks(net: &mut Network) -> bool {
    let stays = |member: &usize| net.node(*member).ending().is_none();
    let members: Vec<_> = (0..net.members()).filter(stays).collect();
    hear_each_other(net, &members)
}

pub(crate) fn hear_each_other(net: &mut Network, members: &[usize]) -> bool {
    let text = format!("at {:?}", net.now());
    net.say(members[0], &text);
    net.run_for(Duration::from_secs(5));
    let heard = |member: &usize| net.node(*member).texts().contains(&text);
    members.iter().all(heard)
}

/// Whether so many members are linked to each other, whoever else there seems to be.
pub(crate) fn pairs(net: &Network, members: usize) -> bool {
    (0..members).all(|member| {
        let open = net.node(member).session().peers();
        open.filter(|(_, status)| is_open(*status)).count() == members - 1
    })
}

/// A message of the handshake, as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) from: ClientId,
    pub(crate) to: ClientId,
    message: KeyMessage,
}

impl Said {
    pub(crate) fn is_proof(&self) -> bool {
        matches!(self.message, KeyMessage::Proof(_))
    }

    pub(crate) fn is_confirm(&self) -> bool {
        matches!(self.message, KeyMessage::Confirm(_))
    }
}

pub(crate) type Heard = Rc<RefCell<Vec<Said>>>;

/// A server that keeps a record, and drops some messages of the handshake.
#[derive(Debug)]
struct Record {
    heard: Heard,
    drops: fn(&KeyMessage) -> bool,
}

pub(crate) fn watch(net: &mut Network) -> Heard {
    watch_and_drop(net, |_| false)
}

pub(crate) fn watch_and_drop(net: &mut Network, drops: fn(&KeyMessage) -> bool) -> Heard {
    let heard = Heard::default();
    net.set_adversary(Record {
        heard: Rc::clone(&heard),
        drops,
    });
    heard
}

/// The proofs that a member has revealed, each once.
pub(crate) fn proofs_of(heard: &Heard, net: &Network, node: usize) -> Vec<KeyMessage> {
    let id = net.node(node).client();
    let mut proofs: Vec<KeyMessage> = Vec::new();
    for said in heard.borrow().iter() {
        if said.from == *id && said.is_proof() && !proofs.contains(&said.message) {
            proofs.push(said.message.clone());
        }
    }
    proofs
}

impl Adversary for Record {
    fn pass(
        &mut self,
        to: &ClientId,
        message: ServerMessage,
        _: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        if let Some((from, said)) = key_message(&message) {
            if (self.drops)(&said) {
                return Vec::new();
            }
            self.heard.borrow_mut().push(Said {
                from,
                to: to.clone(),
                message: said,
            });
        }
        vec![(to.clone(), message)]
    }
}

/// A server that shows newcomers a single member.
#[derive(Debug)]
pub(crate) struct ShowOne(pub(crate) ClientId);

impl Adversary for ShowOne {
    fn pass(
        &mut self,
        to: &ClientId,
        mut message: ServerMessage,
        _: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        if let ServerMessage::InitSuccess { peers, .. } = &mut message {
            peers.retain(|peer| *peer == self.0);
        }
        vec![(to.clone(), message)]
    }
}

fn key_message(message: &ServerMessage) -> Option<(ClientId, KeyMessage)> {
    match message {
        ServerMessage::Forward(forward) if forward.kind == ForwardKind::Key => {
            let message = KeyMessage::decode(&forward.payload).ok()?;
            Some((forward.from.clone(), message))
        }
        _ => None,
    }
}
