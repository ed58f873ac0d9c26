//! The way to a peer through the server, or over a radio, for two who cannot connect: sealed,
//! acknowledged, and within a budget, so as not to be taken for a flood.
//!
//! Frames travel in numbered segments. The server keeps their order but may lose them with a
//! socket, so what is not acknowledged is sent again, all of it from the first gap (go-back-N).
//! Each side counts its segments from 1 in an epoch of its own; a new epoch starts everything over.

mod circuit;

use std::time::Duration;

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{Hello, RelaySegment};

pub(super) use self::circuit::Heard;
use self::circuit::{Circuit, Kinship};
use super::{direct::Misbehaviour, pair::Pair};
use crate::{
    LinkId, LinkOutput, Time,
    limits::{RELAY_LINGER, RELAY_RETRY},
    mesh::{Context, Report},
};

/// The relayed path to one peer, open or not.
#[derive(Debug)]
pub(super) struct Relay {
    circuit: Option<Box<Circuit>>,
    /// When to open it, should nothing better have come up.
    open_at: Option<Time>,
    /// When to close it, as something better has.
    close_at: Option<Time>,
}

impl Relay {
    /// Opens before long, unless a direct connection comes up.
    pub(super) fn new<R>(cx: &Context<'_, R>) -> Self {
        let hurry = cx.credentials.relay_only;
        let patience = if hurry {
            Duration::ZERO
        } else {
            cx.pacer.budget().patience
        };
        Self {
            circuit: None,
            open_at: Some(cx.now + patience),
            close_at: None,
        }
    }

    pub(super) fn id(&self) -> Option<LinkId> {
        self.circuit.as_ref().map(|circuit| circuit.link())
    }

    /// The path that frames may go on, and the peer's greeting on it.
    pub(super) fn up(&self) -> Option<(LinkId, &Hello)> {
        self.circuit.as_ref()?.up()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let circuit = self.circuit.as_ref().and_then(|it| it.poll_timeout());
        [circuit, self.open_at, self.close_at]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn handle_timeout<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        let due = |at: Option<Time>| at.is_some_and(|at| cx.now >= at);
        if due(self.close_at) {
            self.close();
        }
        if due(self.open_at) {
            self.open(pair, cx);
        }
        let Some(circuit) = &mut self.circuit else {
            return;
        };
        if circuit.handle_timeout(pair, cx).is_err() {
            self.fail(cx.now);
        }
    }

    /// The server is back: what it had not passed on is lost.
    pub(super) fn on_server_back<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        if let Some(circuit) = &mut self.circuit {
            circuit.on_server_back(pair, cx);
        }
    }

    /// A direct connection is up: this path stays a while for what is on its way.
    pub(super) fn on_direct_up(&mut self, now: Time) {
        self.open_at = None;
        if self.circuit.is_some() {
            self.close_at.get_or_insert(now + RELAY_LINGER);
        }
    }

    /// The direct connection is gone.
    pub(super) fn on_direct_down(&mut self, now: Time) {
        self.close_at = None;
        if self.circuit.is_none() {
            self.open_at = Some(now);
        }
    }

    /// Sends a frame.
    pub(super) fn send<R: Rng>(
        &mut self,
        output: LinkOutput,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) {
        let Some(circuit) = &mut self.circuit else {
            return;
        };
        if circuit.send(output, pair, cx).is_err() {
            self.fail(cx.now);
        }
    }

    /// Takes a segment.
    ///
    /// # Errors
    /// [`Misbehaviour`] when a frame in it must not come, or not yet.
    pub(super) fn handle<R: Rng>(
        &mut self,
        segment: RelaySegment,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<Vec<Heard>, Misbehaviour> {
        let kinship = match &self.circuit {
            Some(circuit) => circuit.kinship(&segment),
            None if segment.seq == 1 => Kinship::Begins,
            None => Kinship::Stale,
        };
        match kinship {
            Kinship::Continues => {}
            Kinship::Answers => self.circuit.iter_mut().for_each(|it| it.forget_peer()),
            Kinship::Begins => {
                self.close();
                self.open(pair, cx);
            }
            Kinship::Stale => return Ok(Vec::new()),
        }
        let Some(circuit) = &mut self.circuit else {
            return Ok(Vec::new());
        };
        circuit.handle(segment, pair, cx)
    }

    /// Sends what is queued, as nothing follows.
    pub(super) fn flush<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        if let Some(circuit) = &mut self.circuit {
            circuit.flush(pair, cx);
        }
    }

    pub(super) fn close(&mut self) {
        self.circuit = None;
        self.close_at = None;
    }

    /// Closes, and opens anew later.
    pub(super) fn fail(&mut self, now: Time) {
        self.close();
        self.open_at = Some(now + RELAY_RETRY);
    }

    fn open<R: Rng>(&mut self, pair: &Pair<'_>, cx: &mut Context<'_, R>) {
        self.open_at = None;
        if self.circuit.is_some() {
            return;
        }
        let circuit = Circuit::new(cx);
        let (peer, link) = (pair.peer.clone(), circuit.link());
        self.circuit = Some(Box::new(circuit));
        cx.report(Report::Greet { peer, link });
    }
}

/// Bytes that a frame takes in a segment.
fn len(frame: &Bytes) -> usize {
    frame.len() + 8
}
