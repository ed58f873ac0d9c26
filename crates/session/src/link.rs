//! The link to one peer: keys first, then the best path there is.
//!
//! ```text
//!   keying ──keys──► direct ──────────┐
//!                      (better)       ├──► frames
//!                    relay ───────────┘
//! ```
//!
//! Frames go out on the direct connection once it is bound to the keys and greeted, otherwise on
//! the relayed path through the server. They come in on either.

mod connection;
mod direct;
mod incoming;
mod introduction;
mod keying;
mod pair;
mod relay;

use std::time::Duration;

use rand::Rng;
use snug_protocol::{ClientId, ControlFrame, ForwardKind, Hello, RelaySegment};

use self::{
    direct::Direct,
    keying::{Keying, Secured},
    pair::Pair,
    relay::Relay,
};
use crate::{
    Event, LinkId, LinkInput, LinkOutput, LinkStatus, Path, Refusal, Time,
    handshake::Keys,
    limits::FAILURES_TOLD,
    mesh::{Context, Report},
};

/// One side of the link between two members.
#[derive(Debug)]
pub(crate) struct Link {
    peer: ClientId,
    /// Gives way in a collision: the one with the larger id.
    polite: bool,
    keying: Keying,
    paths: Option<Box<Paths>>,
    /// The path that frames go out on, as the rest of the session knows it.
    active: Option<LinkId>,
    /// Whether frames ever flowed: what comes next is then a return.
    proven: bool,
    /// Whether somebody in between was already told off for what it did to sealed messages.
    tampered: bool,
    told: Option<LinkStatus>,
}

/// What the keys are for.
#[derive(Debug)]
struct Paths {
    keys: Keys,
    direct: Direct,
    relay: Relay,
}

impl Link {
    /// A link that waits for the peer to begin and then begins itself.
    pub(crate) fn awaiting_hello(peer: ClientId, me: &ClientId, now: Time) -> Self {
        Self {
            polite: *me > peer,
            peer,
            keying: Keying::awaiting_hello(now),
            paths: None,
            active: None,
            proven: false,
            tampered: false,
            told: None,
        }
    }

    /// Takes up the keys of a peer who was here before.
    pub(crate) fn resume<R: Rng>(&mut self, keys: Keys, cx: &mut Context<'_, R>) {
        let initiated = false;
        self.keying.rest();
        self.on_secured(Secured { keys, initiated }, cx);
        self.settle(cx);
    }

    /// Gives up the keys, to take them up should the peer come back.
    pub(crate) fn into_keys(self) -> Option<Keys> {
        self.paths.map(|paths| paths.keys)
    }

    /// The path that frames go out on.
    pub(crate) const fn active(&self) -> Option<LinkId> {
        self.active
    }

    /// Whether frames reach the peer without the server.
    pub(crate) fn is_direct(&self) -> bool {
        let paths = self.paths.as_ref();
        paths.is_some_and(|paths| paths.direct.up().is_some())
    }

    /// Whether the peer may have something to say without the server. Its side of a connection is
    /// up a moment before ours, or after.
    pub(crate) fn may_speak(&self) -> bool {
        let paths = self.paths.as_ref();
        paths.is_some_and(|paths| paths.direct.is_open())
    }

    /// The connection and the relayed path, in whatever state.
    pub(crate) fn ids(&self) -> [Option<LinkId>; 2] {
        match &self.paths {
            Some(paths) => [paths.direct.id(), paths.relay.id()],
            None => [None, None],
        }
    }

    /// What came of asking the peer to let this member in, if it was anything but yes.
    pub(crate) fn turned_away(&self) -> Option<Refusal> {
        let shares_keys = self.paths.is_some();
        self.keying.turned_away().filter(|_| !shares_keys)
    }

    pub(crate) fn status(&self) -> LinkStatus {
        self.told.unwrap_or(LinkStatus::Connecting)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let keying = self.keying.poll_timeout();
        let paths = self.paths.iter().flat_map(|paths| {
            let both = [paths.direct.poll_timeout(), paths.relay.poll_timeout()];
            both.into_iter().flatten()
        });
        paths.chain(keying).min()
    }

    pub(crate) fn handle_timeout<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.keying.handle_timeout(&self.peer, cx);
        if let Some((direct, relay, mut pair)) = self.split() {
            direct.handle_timeout(&pair, cx);
            relay.handle_timeout(&mut pair, cx);
        }
        self.settle(cx);
    }

    /// There may be a place for one more handshake.
    pub(crate) fn on_place_free<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if self.paths.is_none() {
            self.keying.on_place_free(&self.peer, cx);
            self.settle(cx);
        }
    }

    /// The server is back: whatever was sent meanwhile is lost. Begins anew after `pause`.
    pub(crate) fn on_server_back<R: Rng>(
        &mut self,
        present: bool,
        pause: Duration,
        cx: &mut Context<'_, R>,
    ) {
        if let Some((direct, relay, mut pair)) = self.split() {
            direct.on_server_back(present, pause, cx);
            relay.on_server_back(&mut pair, cx);
        } else {
            self.keying.on_server_back(present, pause, &self.peer, cx);
        }
        self.settle(cx);
    }

    /// The server is out of reach.
    pub(crate) fn on_server_lost<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.settle(cx);
    }

    /// The peer entered the room anew: what was sent before is lost, and it will begin itself.
    pub(crate) fn on_peer_joined<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        match &mut self.paths {
            Some(paths) => paths.direct.on_peer_joined(cx),
            None => self.keying.on_peer_joined(&self.peer, cx),
        }
        self.settle(cx);
    }

    /// The peer is within reach. What was on its way when it was not is lost.
    pub(crate) fn on_peer_found<R: Rng>(&mut self, begins: bool, cx: &mut Context<'_, R>) {
        if begins || self.paths.is_some() {
            self.on_server_back(true, Duration::ZERO, cx);
        } else {
            self.on_peer_joined(cx);
        }
    }

    /// The machine's addresses changed.
    pub(crate) fn on_network_changed<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        match &mut self.paths {
            Some(paths) => paths.direct.on_network_changed(cx),
            None => self.keying.start(&self.peer, cx),
        }
        self.settle(cx);
    }

    /// The transport of the direct connection reports.
    pub(crate) fn handle<R: Rng>(&mut self, input: LinkInput, cx: &mut Context<'_, R>) {
        match input {
            LinkInput::Control(frame) => self.on_control(frame, cx),
            LinkInput::Bulk(frame) => self.on_bulk(frame, cx),
            input => {
                let Some((direct, _, mut pair)) = self.split() else {
                    return;
                };
                let verdict = direct.handle(input, &mut pair, cx);
                let held = direct.take_held();
                self.judge(verdict, cx);
                for frame in held {
                    self.on_control(frame, cx);
                }
            }
        }
        self.settle(cx);
    }

    /// Sends a frame on the relayed path.
    pub(crate) fn on_relayed<R: Rng>(&mut self, output: LinkOutput, cx: &mut Context<'_, R>) {
        if let Some((_, relay, mut pair)) = self.split() {
            relay.send(output, &mut pair, cx);
        }
        self.settle(cx);
    }

    /// Says goodbye and closes. On the path in use it is the last of all that is said there; by the
    /// server it arrives even if the other side of that path is not up yet, or breaks.
    pub(crate) fn leave<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let Some(link) = self.active {
            if link.is_relayed() {
                self.on_relayed(LinkOutput::SendControl(ControlFrame::Bye.encode()), cx);
                if let Some((_, relay, mut pair)) = self.split() {
                    relay.flush(&mut pair, cx);
                }
            } else {
                cx.out.control(link, &ControlFrame::Bye);
            }
        }
        if let Some((_, _, mut pair)) = self.split() {
            let farewell = RelaySegment::farewell().encode();
            pair.send_bytes(ForwardKind::Relay, &farewell, cx);
        }
        self.close(cx);
    }

    /// Closes without a word.
    pub(crate) fn close<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.keying.abandon(&self.peer, cx);
        if let Some(paths) = &mut self.paths {
            paths.direct.close(cx);
            paths.relay.close();
        }
        self.switch(None, cx);
    }

    /// Tells the peer off and starts over.
    pub(crate) fn on_misbehaviour<R: Rng>(&mut self, reason: String, cx: &mut Context<'_, R>) {
        self.judge(Err(reason), cx);
        self.settle(cx);
    }

    /// The peer is not the one who had the name before.
    pub(crate) fn on_impostor<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.close(cx);
        self.paths = None;
        self.keying.refuse(Refusal::Impostor);
        self.settle(cx);
    }

    /// What the peer did wrong costs it every path.
    fn judge<R: Rng>(&mut self, verdict: Result<(), String>, cx: &mut Context<'_, R>) {
        let Err(reason) = verdict else {
            return;
        };
        cx.out.event(Event::Misbehaved {
            peer: self.peer.clone(),
            reason,
        });
        if let Some(paths) = &mut self.paths {
            paths.direct.fail(cx);
            paths.relay.fail(cx.now);
        }
    }

    /// Chooses the path and says what has changed.
    fn settle<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if let Some(paths) = &mut self.paths {
            let direct = paths.direct.up().is_some();
            let was_direct = self.active.is_some_and(|link| !link.is_relayed());
            match (direct, was_direct) {
                (true, _) => paths.relay.on_direct_up(cx.now),
                (false, true) => paths.relay.on_direct_down(cx.now),
                (false, false) => {}
            }
            paths.direct.set_relayed(paths.relay.up().is_some());
        }
        let best = self.best();
        if best.map(|(link, _)| link) != self.active {
            let best = best.map(|(link, hello)| (link, Box::new(hello.clone())));
            self.switch(best, cx);
        }
        self.tell(cx);
    }

    fn best(&self) -> Option<(LinkId, &Hello)> {
        let paths = self.paths.as_ref()?;
        paths.direct.up().or_else(|| paths.relay.up())
    }

    fn switch<R: Rng>(&mut self, to: Option<(LinkId, Box<Hello>)>, cx: &mut Context<'_, R>) {
        let peer = self.peer.clone();
        if let Some(link) = self.active.take() {
            let peer = peer.clone();
            cx.report(Report::Down { peer, link });
        }
        if let Some((link, hello)) = to {
            self.active = Some(link);
            self.proven = true;
            cx.report(Report::Up { peer, link, hello });
        }
    }

    fn tell<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let status = self.status_now(cx.signaling.is_online());
        if self.told.replace(status) != Some(status) {
            cx.out.event(Event::Link {
                peer: self.peer.clone(),
                status,
            });
        }
    }

    fn status_now(&self, online: bool) -> LinkStatus {
        let Some(paths) = &self.paths else {
            return match self.keying.refusal() {
                Some(refusal) => LinkStatus::Refused(refusal),
                None if self.keying.is_running() => LinkStatus::Verifying,
                None => LinkStatus::Connecting,
            };
        };
        let verified = paths.keys.has_words();
        match self.active {
            Some(link) if link.is_relayed() && online => {
                let path = Path::Relay;
                LinkStatus::Connected { verified, path }
            }
            Some(link) if !link.is_relayed() && !paths.direct.is_interrupted() => {
                let path = paths.direct.path();
                LinkStatus::Connected { verified, path }
            }
            Some(_) => LinkStatus::Reconnecting,
            None => match paths.direct.refusal() {
                Some(refusal) => LinkStatus::Refused(refusal),
                None if paths.direct.failures() >= FAILURES_TOLD => LinkStatus::Failed,
                None if self.proven => LinkStatus::Reconnecting,
                None => LinkStatus::Connecting,
            },
        }
    }

    fn split(&mut self) -> Option<(&mut Direct, &mut Relay, Pair<'_>)> {
        let paths = self.paths.as_deref_mut()?;
        let pair = Pair {
            peer: &self.peer,
            keys: &mut paths.keys,
        };
        Some((&mut paths.direct, &mut paths.relay, pair))
    }
}
