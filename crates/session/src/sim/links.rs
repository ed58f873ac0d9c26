//! Links between simulated members: negotiation by made-up descriptions, reliable channels, paths
//! that can be cut.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rand::RngExt;
use snug_protocol::{Fingerprint, negotiation::Candidate};

use super::{Happening, Network};
use crate::{Fingerprints, Input, LinkId, LinkInput, LinkOutput, Time};

/// How long a transport waits for packets before it says so.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(3);

/// How long it waits before it gives up.
const FAILED_AFTER: Duration = Duration::from_secs(9);

/// Bytes that a link takes on `bulk` at once.
const BULK_CREDIT: usize = 256 * 1024;

type End = (usize, LinkId);

/// Every end of every link.
#[derive(Debug, Default)]
pub(super) struct Links {
    ends: BTreeMap<End, Endpoint>,
    negotiations: u64,
    /// Whether every connection ends at somebody in between.
    intercepted: bool,
    /// Members without addresses to connect to.
    hidden: BTreeSet<usize>,
    /// Members whose hosts take plain offers only.
    plain: BTreeSet<usize>,
    /// Ends that offered no more than any host takes.
    modest: BTreeSet<End>,
}

#[derive(Debug, Default)]
struct Endpoint {
    remote: Option<End>,
    candidates: usize,
    open: bool,
    /// When this side knows that it is open.
    up_at: Time,
    /// Whether the person was told that packets stopped.
    interrupted: bool,
    /// Whether the addresses negotiated are gone.
    stale: bool,
    /// What was sent into a cut.
    held: Vec<LinkInput>,
    last_control: Time,
}

impl Links {
    /// Marks a member's links as leading nowhere. Returns their other ends.
    pub(super) fn make_stale(&mut self, node: usize) -> Vec<End> {
        let ends = self
            .ends
            .iter_mut()
            .filter(|((of, _), end)| *of == node && end.open);
        let remotes = ends.map(|(_, end)| {
            end.stale = true;
            end.remote
        });
        remotes.flatten().collect()
    }

    /// What the stack of one end knows of the certificates: each connection has its own.
    fn fingerprints(&self, end: End) -> Fingerprints {
        let remote = self.ends.get(&end).and_then(|endpoint| endpoint.remote);
        let remote = remote.filter(|_| !self.intercepted);
        Fingerprints {
            local: certificate(end),
            remote: remote.map_or(Fingerprint([0; 32]), certificate),
        }
    }

    pub(super) fn set_intercepted(&mut self, intercepted: bool) {
        self.intercepted = intercepted;
    }

    pub(super) fn hide(&mut self, node: usize) {
        self.hidden.insert(node);
    }

    pub(super) fn make_plain(&mut self, node: usize) {
        self.plain.insert(node);
    }

    /// Whether an offer of this end was more than its peer can take.
    fn is_beyond(&self, end: End) -> bool {
        let answerer = self.ends.get(&end).and_then(|offerer| offerer.remote);
        let is_plain = answerer.is_some_and(|(node, _)| self.plain.contains(&node));
        is_plain && !self.modest.contains(&end)
    }

    fn between(&self, a: usize, b: usize) -> Vec<(End, End)> {
        let pairs = self
            .ends
            .iter()
            .filter_map(|(end, endpoint)| Some((*end, endpoint.remote?)));
        pairs
            .filter(|(end, remote)| end.0 == a && remote.0 == b)
            .collect()
    }
}

impl Network {
    pub(super) fn on_link(&mut self, node: usize, link: LinkId, output: LinkOutput) {
        let end = (node, link);
        match output {
            LinkOutput::Open => {
                self.links.ends.insert(end, Endpoint::default());
            }
            LinkOutput::CreateOffer { plain, .. } => {
                self.links.negotiations += 1;
                if plain {
                    self.links.modest.insert(end);
                }
                let sdp = describe("offer", end, self.links.negotiations);
                self.report(end, LinkInput::LocalOffer { sdp });
                self.report(end, LinkInput::LocalCandidate(candidate()));
            }
            LinkOutput::AcceptOffer { sdp, .. } => {
                self.set_remote(end, &sdp);
                let sdp = describe("answer", end, 0);
                self.report(end, LinkInput::LocalAnswer { sdp });
                self.report(end, LinkInput::LocalCandidate(candidate()));
                self.renew(end);
            }
            LinkOutput::AcceptAnswer { sdp } => {
                self.set_remote(end, &sdp);
                if self.links.is_beyond(end) {
                    return self.report(end, LinkInput::PeerIsPlain);
                }
                self.renew(end);
                self.try_open(end);
            }
            LinkOutput::AddCandidate(_) => {
                if let Some(endpoint) = self.links.ends.get_mut(&end) {
                    endpoint.candidates += 1;
                }
                self.try_open(end);
            }
            LinkOutput::SendControl(frame) => self.transmit(end, LinkInput::Control(frame)),
            LinkOutput::SendBulk(frame) => self.transmit(end, LinkInput::Bulk(frame)),
            LinkOutput::Close => self.close_link(end),
        }
    }

    pub(super) fn on_frame(&mut self, node: usize, link: LinkId, input: LinkInput, copy: bool) {
        let end = (node, link);
        let Some(remote) = self
            .links
            .ends
            .get(&end)
            .and_then(|endpoint| endpoint.remote)
        else {
            return;
        };
        if self.is_blocked(end, remote) {
            if let Some(sender) = self.links.ends.get_mut(&remote)
                && !copy
            {
                sender.held.push(input);
            }
            return;
        }
        let early = self
            .links
            .ends
            .get(&end)
            .is_some_and(|endpoint| self.now < endpoint.up_at);
        if early && self.rng.random() {
            // As some stacks do.
            return;
        }
        if let LinkInput::Bulk(frame) = &input
            && !copy
        {
            self.report(remote, LinkInput::BulkCredit(frame.len()));
            self.on_bulk_arrived(node, frame);
        }
        self.input(node, Input::Link(link, input));
        self.on_bulk_heard();
    }

    /// The path between two members is there again.
    pub(super) fn on_path_back(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            for (end, _) in self.links.between(from, to) {
                self.revive(end);
                self.try_open(end);
            }
        }
    }

    /// Transports notice before long that packets stopped.
    pub(super) fn watch_cut(&mut self, a: usize, b: usize) {
        let ends = [self.links.between(a, b), self.links.between(b, a)].concat();
        for ((node, link), _) in ends {
            let interrupted = LinkInput::Interrupted;
            let watch = Happening::Watch {
                node,
                link,
                verdict: interrupted,
            };
            self.schedule(INTERRUPTED_AFTER, watch);
            let failed = LinkInput::Failed("no packets".into());
            self.schedule(
                FAILED_AFTER,
                Happening::Watch {
                    node,
                    link,
                    verdict: failed,
                },
            );
        }
    }

    pub(super) fn on_watch(&mut self, node: usize, link: LinkId, verdict: LinkInput) {
        let end = (node, link);
        let Some(endpoint) = self.links.ends.get(&end) else {
            return;
        };
        let Some(remote) = endpoint.remote else {
            return;
        };
        let gone = !self.links.ends.contains_key(&remote);
        if !endpoint.open || !(gone || self.is_blocked(end, remote)) {
            return;
        }
        if let Some(endpoint) = self.links.ends.get_mut(&end) {
            endpoint.interrupted = true;
        }
        self.input(node, Input::Link(link, verdict));
    }

    /// A link's own report, a moment later.
    fn report(&mut self, (node, link): End, input: LinkInput) {
        let input = Input::Link(link, input);
        self.schedule(Duration::from_micros(100), Happening::Input { node, input });
    }

    fn set_remote(&mut self, end: End, sdp: &str) {
        let remote = parse(sdp);
        if let Some(endpoint) = self.links.ends.get_mut(&end) {
            endpoint.remote = remote;
        }
    }

    /// ICE restarted: the addresses are good again.
    fn renew(&mut self, end: End) {
        if let Some(endpoint) = self.links.ends.get_mut(&end) {
            endpoint.stale = false;
        }
        self.revive(end);
        let remote = self
            .links
            .ends
            .get(&end)
            .and_then(|endpoint| endpoint.remote);
        if let Some(remote) = remote {
            self.revive(remote);
        }
    }

    /// Sends what was held, if the path is free again.
    fn revive(&mut self, end: End) {
        let Some(endpoint) = self.links.ends.get(&end) else {
            return;
        };
        let Some(remote) = endpoint.remote.filter(|_| endpoint.open) else {
            return;
        };
        if self.is_blocked(end, remote) {
            return;
        }
        let Some(endpoint) = self.links.ends.get_mut(&end) else {
            return;
        };
        let held = std::mem::take(&mut endpoint.held);
        if std::mem::take(&mut endpoint.interrupted) {
            self.report(end, LinkInput::Resumed);
        }
        for frame in held {
            self.transmit(end, frame);
        }
    }

    fn try_open(&mut self, end: End) {
        let Some(remote) = self
            .links
            .ends
            .get(&end)
            .and_then(|endpoint| endpoint.remote)
        else {
            return;
        };
        let ready = |at: End, other: End| {
            let endpoint = self.links.ends.get(&at);
            endpoint.is_some_and(|e| e.remote == Some(other) && e.candidates > 0 && !e.open)
        };
        if !ready(end, remote) || !ready(remote, end) || self.is_blocked(end, remote) {
            return;
        }
        // Each side learns of it in its own time, and may speak before the other knows.
        for (node, link) in [end, remote] {
            let latency = self.latency();
            if let Some(endpoint) = self.links.ends.get_mut(&(node, link)) {
                endpoint.open = true;
                endpoint.last_control = self.now;
                endpoint.up_at = self.now + latency;
            }
            let fingerprints = self.links.fingerprints((node, link));
            let opened = LinkInput::Opened { fingerprints };
            for input in [opened, LinkInput::BulkCredit(BULK_CREDIT)] {
                let input = Input::Link(link, input);
                self.schedule(latency, Happening::Input { node, input });
            }
        }
    }

    fn transmit(&mut self, end: End, input: LinkInput) {
        let latency = self.latency();
        let now = match &input {
            LinkInput::Bulk(frame) => self.departure(end.0, frame),
            _ => self.now,
        };
        let Some(endpoint) = self.links.ends.get_mut(&end) else {
            return;
        };
        let Some(remote) = endpoint.remote.filter(|_| endpoint.open) else {
            return;
        };
        let at = match input {
            // Ordered.
            LinkInput::Control(_) => {
                endpoint.last_control = endpoint.last_control.max(now + latency);
                endpoint.last_control
            }
            // In whatever order.
            _ => now + latency,
        };
        if self.is_blocked(end, remote) {
            if let Some(endpoint) = self.links.ends.get_mut(&end) {
                endpoint.held.push(input);
            }
            return;
        }
        let (node, link) = remote;
        let LinkInput::Bulk(frame) = input else {
            let copy = false;
            let happening = Happening::Frame {
                node,
                link,
                input,
                copy,
            };
            return self.schedule_at(at, happening);
        };
        let copies = self.copies();
        for number in 0..copies {
            let input = LinkInput::Bulk(self.weather(end.0, node, frame.clone()));
            let copy = number > 0;
            let happening = Happening::Frame {
                node,
                link,
                input,
                copy,
            };
            self.schedule_at(at, happening);
        }
        if copies == 0 {
            let (node, link) = end;
            let input = Input::Link(link, LinkInput::BulkCredit(frame.len()));
            self.schedule_at(at, Happening::Input { node, input });
        }
    }

    fn close_link(&mut self, end: End) {
        let Some(endpoint) = self.links.ends.remove(&end) else {
            return;
        };
        let Some(remote) = endpoint.remote else {
            return;
        };
        let points_back = self
            .links
            .ends
            .get(&remote)
            .is_some_and(|other| other.remote == Some(end));
        if !points_back {
            return;
        }
        let verdict = LinkInput::Failed("closed by the peer".into());
        let (node, link) = remote;
        // After the last frame, or once the silence is noticed.
        let after = if self.is_blocked(end, remote) {
            FAILED_AFTER
        } else {
            endpoint.last_control.since(self.now) + Duration::from_millis(60)
        };
        self.schedule(
            after,
            Happening::Watch {
                node,
                link,
                verdict,
            },
        );
    }

    fn is_blocked(&self, a: End, b: End) -> bool {
        let stale = |end: End| {
            self.links
                .ends
                .get(&end)
                .is_some_and(|endpoint| endpoint.stale)
        };
        let hidden = |end: End| self.links.hidden.contains(&end.0);
        self.is_cut(a.0, b.0) || stale(a) || stale(b) || hidden(a) || hidden(b)
    }
}

fn describe(kind: &str, (node, link): End, number: u64) -> String {
    format!("{kind} {node} {} {number}", link.0)
}

fn parse(sdp: &str) -> Option<End> {
    let mut words = sdp.split(' ').skip(1);
    let node = words.next()?.parse().ok()?;
    Some((node, LinkId(words.next()?.parse().ok()?)))
}

fn certificate((node, link): End) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(node as u64).to_be_bytes());
    bytes[8..16].copy_from_slice(&link.0.to_be_bytes());
    Fingerprint(bytes)
}

fn candidate() -> Candidate {
    Candidate {
        candidate: "candidate:simulated".into(),
        sdp_mid: None,
        sdp_mline_index: None,
    }
}
