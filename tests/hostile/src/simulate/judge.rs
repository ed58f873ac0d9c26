//! What must hold, whatever the server does.

use std::collections::BTreeMap;

use snug_protocol::{Body, ClientId, TransferId};
use snug_session::{Event, LinkStatus, Path, Refusal, sim::Network};

/// What became of a room under attack.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Links said to be verified that end at the member they name.
    pub verified: usize,
    /// Links said to be verified that do not. There must be none.
    pub false_links: Vec<String>,
    /// Links verified although the attack separates everybody. There must be none.
    pub met_anyway: Vec<String>,
    /// Members who let more guesses be tested than they may. There must be none.
    pub overspent: Vec<String>,
    /// What members took for another member's and was not. There must be nothing.
    pub accepted: Vec<String>,
    /// Members who do not meet and were not told so. There must be none.
    pub unexplained: Vec<String>,
    /// Members who did not find each other once the server was honest, though they could have.
    /// There must be none.
    pub stranded: Vec<String>,
    /// The most wrong words, or proofs that nobody answered, that a member has counted itself or
    /// heard of.
    pub guesses: u32,
}

impl Outcome {
    /// Whether something happened that must not.
    pub fn is_breach(&self) -> bool {
        let lists = [
            &self.false_links,
            &self.met_anyway,
            &self.overspent,
            &self.accepted,
            &self.unexplained,
            &self.stranded,
        ];
        lists.iter().any(|list| !list.is_empty())
    }
}

/// Looks at a room from outside.
pub(super) struct Judge<'a> {
    pub(super) net: &'a Network,
    pub(super) said: &'a [(ClientId, String)],
    pub(super) offered: &'a BTreeMap<TransferId, Vec<u8>>,
    /// How many events each member had told when the attack began; none for later members.
    pub(super) struck: &'a [usize],
    /// How many when things calmed down.
    pub(super) calm: &'a [usize],
    /// Whether connections made since the attack began end at somebody else.
    pub(super) intercepted: bool,
}

impl Judge<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        let members = 0..self.net.members();
        let (mut outcome, mut verified) = (Outcome::default(), 0);
        for node in members {
            let (honest, lies) = self.links(node);
            verified += honest;
            outcome.false_links.extend(lies);
            outcome.accepted.extend(self.accepted(node));
            outcome.unexplained.extend(self.unexplained(node));
            outcome.guesses = outcome.guesses.max(self.guesses(node).0);
        }
        outcome.verified = verified;
        outcome
    }

    /// Links that were verified, ending where they should and elsewhere. Where a handshake was
    /// with the member of that name, both have the same check string.
    fn links(&self, node: usize) -> (usize, Vec<String>) {
        let me = self.net.node(node).client();
        let mut checks = BTreeMap::new();
        let (mut honest, mut lies) = (0, Vec::new());
        for event in self.net.node(node).events() {
            match event {
                Event::Check { peer, check } => {
                    checks.insert(peer, check);
                }
                Event::Link {
                    peer,
                    status: LinkStatus::Connected { path, verified },
                } => {
                    let direct = *path != Path::Relay && self.is_intercepted(node, peer);
                    if direct {
                        lies.push(format!("{me} is connected to somebody for {peer}"));
                    }
                    if !verified {
                        lies.push(format!("{me} lets {peer} in without words"));
                        continue;
                    }
                    let theirs = self.number(peer).zip(checks.get(peer).copied());
                    let shared = theirs.is_some_and(|(other, check)| {
                        self.net.node(other).saw(|event| match event {
                            Event::Check { peer, check: own } => peer == me && own == check,
                            _ => false,
                        })
                    });
                    if shared {
                        honest += 1;
                    } else {
                        lies.push(format!("{me} trusts {peer}"));
                    }
                }
                _ => {}
            }
        }
        (honest, lies)
    }

    /// Whether every connection that the two ever had ended at somebody in between.
    fn is_intercepted(&self, node: usize, peer: &ClientId) -> bool {
        let came_later = |number: usize| number >= self.struck.len();
        let peer_later = self.number(peer).is_none_or(came_later);
        self.intercepted && (came_later(node) || peer_later)
    }

    /// What a member took for another's that the other has not said.
    fn accepted(&self, node: usize) -> Vec<String> {
        let node = self.net.node(node);
        let mut wrong = Vec::new();
        for event in node.events() {
            let right = match event {
                Event::Message(message) => match &message.body {
                    Some(Body::Text { text }) => self
                        .said
                        .iter()
                        .any(|said| said.0 == message.id.author && said.1 == *text),
                    _ => false,
                },
                Event::Profile { peer, profile } => self
                    .number(peer)
                    .is_some_and(|number| profile.nickname == format!("peer {number}")),
                // Whoever has it passes it on once its owner is gone.
                Event::Offered { transfer, from, .. } => {
                    self.offered.contains_key(transfer) && self.number(from).is_some()
                }
                Event::Received { transfer, .. } => {
                    let bytes = self.offered.get(transfer).map(Vec::as_slice);
                    bytes.is_some() && node.store().received(*transfer) == bytes
                }
                Event::Edited { .. }
                | Event::Deleted { .. }
                | Event::Reacted { .. }
                | Event::Typing { .. } => false,
                Event::Receipt { peer, .. } => self.number(peer).is_some(),
                _ => true,
            };
            if !right {
                wrong.push(format!("{} took {event:?}", node.client()));
            }
        }
        wrong
    }

    /// Members whom this one does not meet, without a word about why.
    fn unexplained(&self, node: usize) -> Vec<String> {
        let silent = |other: &usize| {
            self.stays(*other)
                && *other != node
                && !self.is_linked(node, *other)
                && self.could_know(node, *other)
                && !self.has_explained(node, *other)
        };
        let others = (0..self.net.members()).filter(|_| self.stays(node));
        let others = others.filter(silent);
        let names = |other: usize| [node, other].map(|it| self.net.node(it).client().clone());
        others
            .map(|other| format!("{:?} {:?}", names(other), self.status(node, other)))
            .collect()
    }

    /// Pairs who could meet, now that the server is honest, and do not.
    pub(super) fn stranded(&self) -> Vec<String> {
        let members = self.net.members();
        let pairs = (0..members).flat_map(|a| (0..members).map(move |b| (a, b)));
        let stranded = pairs.filter(|(a, b)| {
            a != b
                && [a, b].iter().all(|it| self.stays(**it))
                && !self.is_linked(*a, *b)
                && !self.is_refused(*a, *b)
                && !self.is_refused(*b, *a)
        });
        stranded
            .map(|(a, b)| {
                let (a, b) = (a, b);
                let names = [a, b].map(|it| self.net.node(it).client().clone());
                format!("{names:?} {:?} {:?}", self.status(a, b), self.status(b, a))
            })
            .collect()
    }

    /// Whether a member has got news of the other: from the server, or from somebody it knows.
    fn could_know(&self, node: usize, other: usize) -> bool {
        let mut third = 0..self.net.members();
        self.status(node, other).is_some()
            || third
                .any(|it| self.stays(it) && self.is_linked(node, it) && self.is_linked(it, other))
    }

    /// Whether a person who looks sees that something keeps the other away, and what.
    fn has_explained(&self, node: usize, other: usize) -> bool {
        let explains = |status: LinkStatus| {
            matches!(
                status,
                LinkStatus::Refused(_) | LinkStatus::Failed | LinkStatus::Reconnecting
            )
        };
        let events = self.net.node(node).events();
        let since = |marks: &[usize]| &events[marks.get(node).copied().unwrap_or(0)..];
        let other_id = self.net.node(other).client();
        let lately = since(self.calm).iter().any(|event| match event {
            Event::Link { peer, status } => peer == other_id && explains(*status),
            Event::Split { peers } => peers.contains(other_id),
            _ => false,
        });
        let once = since(self.struck).iter().any(|event| match event {
            Event::Misbehaved { peer, .. } => peer == other_id,
            Event::Guesses { .. } => true,
            _ => false,
        });
        let split = events.iter().rev().find_map(|event| match event {
            Event::Split { peers } => Some(peers.contains(other_id)),
            _ => None,
        });
        lately || once || split == Some(true) || self.status(node, other).is_some_and(explains)
    }

    /// Whether a member has decided to have nothing to do with the other any more.
    fn is_refused(&self, node: usize, other: usize) -> bool {
        let refused = match self.status(node, other) {
            Some(LinkStatus::Refused(refusal)) => refusal != Refusal::Silent,
            _ => false,
        };
        refused || self.guesses(node).1
    }

    fn is_linked(&self, node: usize, other: usize) -> bool {
        let status = self.status(node, other);
        matches!(status, Some(LinkStatus::Connected { .. }))
    }

    fn status(&self, node: usize, other: usize) -> Option<LinkStatus> {
        let other = self.net.node(other).client();
        let mut peers = self.net.node(node).session().peers();
        peers.find_map(|(peer, status)| (peer == other).then_some(status))
    }

    fn stays(&self, node: usize) -> bool {
        self.net.node(node).ending().is_none()
    }

    fn guesses(&self, node: usize) -> (u32, bool) {
        let told = self.net.node(node).events().iter().rev();
        let mut told = told.filter_map(|event| match event {
            Event::Guesses { wrong, closed } => Some((*wrong, *closed)),
            _ => None,
        });
        told.next().unwrap_or_default()
    }

    fn number(&self, client: &ClientId) -> Option<usize> {
        (0..self.net.members()).find(|number| self.net.node(*number).client() == client)
    }
}
